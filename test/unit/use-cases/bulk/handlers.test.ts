import { describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import type { CleanupPorts } from '../../../../functions/bulk-cleanup/composition.ts';
import { makeHandler as makeCleanup } from '../../../../functions/bulk-cleanup/make-handler.ts';
import { makeHandler as makeStep } from '../../../../functions/bulk-step/make-handler.ts';
import { attempt } from '../../../../shared/aws/errors.ts';
import { aStoredConnection } from '../../../builders/a-connection.ts';
import { InMemoryAppSecrets } from '../../../in-memory/app-secrets.ts';
import { InMemoryAuthorizationServer } from '../../../in-memory/authorization-server.ts';
import { InMemoryConnections } from '../../../in-memory/connections.ts';
import { InMemoryTokenVault } from '../../../in-memory/token-vault.ts';
import { aWorld, MAPPING_ID, type World } from './world.ts';

const context = { getRemainingTimeInMillis: () => 120_000 } as Context;
const state = { bulkJobId: 'load1', mappingId: MAPPING_ID };

const ENDED = {
  'detail-type': 'Step Functions Execution Status Change',
  detail: { name: 'load-load1', status: 'FAILED', input: JSON.stringify(state) },
};
const WEEK_MS = 7 * 24 * 3_600_000;

/** Tokens of a connection that Salesforce answers for; what the refresh itself does is told in `keep-tokens.test.ts`. */
const cleanupPorts = (world: World): CleanupPorts => ({
  jobs: world.ports,
  tokens: {
    connections: new InMemoryConnections(),
    vault: new InMemoryTokenVault(),
    oauth: new InMemoryAuthorizationServer(world.clock),
    secrets: new InMemoryAppSecrets(),
    events: world.events,
    clock: world.clock,
    ids: world.ids,
    isTrustedInstance: () => true,
  },
});

const aLog = () => {
  const lines: unknown[] = [];
  const note = (...line: unknown[]): void => {
    lines.push(line);
  };
  return {
    lines,
    log: { debug: note, info: note, warn: note, error: note, appendKeys: note, resetKeys: note },
  };
};

describe('the functions', () => {
  test('do the step that the state machine names', async () => {
    const world = await aWorld();
    const { log, lines } = aLog();

    const next = await makeStep(world.ports, log)({ step: 'submit-load', state }, context);

    expect(next).toMatchObject({ ...state, outcome: 'submitted', waitSeconds: 3 });
    expect(JSON.stringify(lines)).toContain('"outcome":"submitted"');
  });

  test('refuse a step that nobody knows', async () => {
    const world = await aWorld();

    await expect(makeStep(world.ports, aLog().log)({ step: 'explode', state }, context)).rejects.toThrow();
  });

  test('fail with a code, and without the text of the error', async () => {
    const world = await aWorld();
    world.org.failNext('submitQuery', 'unavailable');

    const failing = makeStep(world.ports, aLog().log)({ step: 'submit-load', state }, context);

    await expect(failing).rejects.toThrow('SalesforceApiError (SERVER_UNAVAILABLE): the log says more.');
  });

  test.each([
    ['TransactionInProgressException', 400],
    ['RequestTimeout', 400],
    ['Throttling', 400],
    ['KmsThrottlingException', 400],
    ['ExecutionLimitExceeded', 400],
  ])(
    'give no load up for one %s of AWS: the state machine waits, or repeats the step',
    async (name, httpStatusCode) => {
      const world = await aWorld();
      await world.step('submit-load', state);
      const hiccup = Object.assign(new Error('x'), { name, $metadata: { httpStatusCode } });
      world.bulkJobs.get = () => attempt('reading a bulk job', () => Promise.reject(hiccup));

      await expect(world.step('poll', state)).resolves.toMatchObject({ outcome: 'running' });
      await expect(world.step('fetch-page', state)).resolves.toMatchObject({ outcome: 'running' });
      await expect(world.step('finish-load', state)).rejects.toMatchObject({ next: { do: 'retry' } });
    },
  );

  test('abort what an ended execution left behind, by its name', async () => {
    const world = await aWorld();
    world.org.runs.pollsToEnd = 9;
    await world.step('submit-load', state);

    await makeCleanup(cleanupPorts(world), aLog().log)(
      {
        'detail-type': 'Step Functions Execution Status Change',
        detail: { name: 'load-load1', status: 'TIMED_OUT', input: JSON.stringify(state) },
      },
      context,
    );

    expect(world.bulkJobs.jobs.get('load1')?.state).toBe('Aborted');
  });

  test.each([[JSON.stringify(state)], [null], ['{']])(
    'free the mapping of an unknown job where the input %s names it',
    async (input) => {
      const world = await aWorld();
      await world.mappingStates.setBulkJob(MAPPING_ID, 'load1');

      await makeCleanup(cleanupPorts(world), aLog().log)(
        {
          'detail-type': 'Step Functions Execution Status Change',
          detail: { name: 'load-load1', status: 'FAILED', input },
        },
        context,
      );

      const isNamed = input?.includes(MAPPING_ID);
      expect((await world.mappingStates.get(MAPPING_ID))?.bulkJobId).toBe(isNamed ? undefined : 'load1');
    },
  );

  test('look at all jobs when the schedule calls', async () => {
    const world = await aWorld();
    world.org.runs.pollsToEnd = 9;
    await world.step('submit-load', state);
    world.clock.advance(2 * 3_600_000);

    await makeCleanup(cleanupPorts(world), aLog().log)({}, context);

    expect(world.bulkJobs.jobs.get('load1')?.state).toBe('Aborted');
  });

  test.each([
    ['{}', {}, 1],
    ['an execution that ended', ENDED, 0],
  ])('keep idle tokens alive when the schedule calls, and only then: %s', async (_, event, requests) => {
    const world = await aWorld();
    const ports = cleanupPorts(world);
    const oauth = new InMemoryAuthorizationServer(world.clock);
    const { vault } = ports.tokens;
    const connections = new InMemoryConnections();
    const { orgId, sfOrgId, ...paused } = aStoredConnection({ status: 'paused' });
    const sealedTokens = await vault.seal(oauth.current, { orgId, sfOrgId });
    connections.stored.set(paused.connectionId, { ...paused, orgId, sfOrgId, sealedTokens });
    world.clock.advance(WEEK_MS);

    const { log, lines } = aLog();
    await makeCleanup({ ...ports, tokens: { ...ports.tokens, connections, oauth } }, log)(event, context);

    expect(oauth.requests).toBe(requests);
    expect(JSON.stringify(lines).includes('"keptTokens":1')).toBe(requests === 1);
    expect(JSON.stringify(lines)).not.toContain(oauth.current.accessToken);
  });
});
