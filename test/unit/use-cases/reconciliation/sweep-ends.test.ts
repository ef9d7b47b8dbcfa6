import { describe, expect, test } from '@jest/globals';
import { must } from '../../../../shared/sync/assert.ts';
import type { RecordSelection } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import { selectionAfter } from '../../../../shared/use-cases/reconciliation/full-sweep/compare-records.ts';
import type { OpenMapping } from '../../../../shared/use-cases/reconciliation/open-mapping.ts';
import { sweepSelection } from '../../../../shared/use-cases/reconciliation/pass.ts';
import { readLinked, readUnlinked } from '../../../../shared/use-cases/reconciliation/records/read-remote.ts';
import { sweep } from '../../../../shared/use-cases/reconciliation/sweep.ts';
import { aMapping } from '../../../builders/sync.ts';
import { aConfig, aStack, MAPPING_ID, type StackOptions } from './schedules/a-stack.ts';

const MINUTE_MS = 60_000;
const HINT = { kind: 'sweep', mappingId: MAPPING_ID } as const;

/** A stack of which nothing happens but what a test sweeps. */
async function aStackToSweep(options: StackOptions = {}) {
  const stack = aStack(options);
  await stack.tick();
  stack.hints.take(100);
  const swept = async (change: Partial<typeof stack.ports> = {}, runId = 'run') =>
    sweep({ ...stack.ports, ...change }, await stack.opened(), { ...HINT, runId });
  const stored = () => must(stack.mappingStates.states.get(MAPPING_ID), 'a state');
  const started = () => stack.executions.started.map(({ kind, bulkJobId }) => ({ kind, bulkJobId }));
  return { ...stack, swept, stored, started };
}

describe('the end of a pass', () => {
  test('that was the first compares what is only local, by the name of pass, revision and epoch', async () => {
    const { swept, started, mappingStates } = await aStackToSweep();

    expect(await swept()).toMatchObject({ kind: 'done' });
    expect(started()).toEqual([{ kind: 'push', bulkJobId: 'run-1-0' }]);
    await swept();
    expect(started()).toHaveLength(1);
    await mappingStates.forgetPasses(MAPPING_ID);
    await swept();

    expect(started().slice(1)).toEqual([{ kind: 'push', bulkJobId: 'run-1-1' }]);
  });

  test('compares it too where changes went nowhere for a while, once, by the name of that while', async () => {
    const { swept, started, stored, clock, mappingStates } = await aStackToSweep();
    await swept();
    const since = clock.now();
    await mappingStates.setPushDue(MAPPING_ID, since);

    await swept();
    await swept();

    expect(started().slice(1)).toEqual([{ kind: 'push', bulkJobId: `run-1-0-${Date.parse(since)}` }]);
    expect(stored()).not.toHaveProperty('pushDueSince');
  });

  test('compares nothing of a mapping whose items go nowhere', async () => {
    const { swept, started, stored, clock, mappingStates } = await aStackToSweep({
      config: aConfig({ contact: { direction: 'from-salesforce' } }),
    });
    await mappingStates.ensure(
      { mappingId: MAPPING_ID, connectionId: 'c1', orgId: 'acme', name: 'contact' },
      clock.now(),
    );
    await mappingStates.setPushDue(MAPPING_ID, clock.now());

    await swept();

    expect(started()).toEqual([]);
    expect(stored()).not.toHaveProperty('pushDueSince');
  });

  test.each([
    ['within the deployment', 5 * MINUTE_MS - 1, undefined, 0],
    ['when the deployment is over', 5 * MINUTE_MS, undefined, 1],
    ['when it is over, and the last pass ended within it', 6 * MINUTE_MS, 5 * MINUTE_MS - 1, 1],
    ['when it is over, and a pass has ended since', 6 * MINUTE_MS, 5 * MINUTE_MS, 0],
  ])(
    'after a deployment of other fields compares them once, of changes that old code passed over: %s',
    async (_when, afterMs, lastRunMs, pushes) => {
      const { swept, started, stored, clock } = await aStackToSweep();
      await swept();
      const before = started().length;
      const atMs = clock.nowMs();
      const { lastRunAt: _, ...state } = stored();
      Object.assign(stored(), {
        ...state,
        lastRunAt: undefined,
        replaced: { template: 'old', at: clock.now() },
      });
      if (lastRunMs !== undefined) stored().lastRunAt = new Date(atMs + lastRunMs).toISOString();
      clock.advance(afterMs);

      await swept({}, 'later');

      expect(started().length - before).toBe(pushes);
    },
  );

  test('after a deployment that changed no field compares nothing', async () => {
    const { swept, started, stored, clock } = await aStackToSweep();
    await swept();
    const before = started().length;
    const { revision } = stored();
    stored().revision = { ...must(revision, 'a revision'), revision: 2, fieldsRevision: 1 };
    stored().replaced = { template: 'old', at: clock.now() };
    clock.advance(10 * MINUTE_MS);

    await swept({}, 'later');

    expect(started()).toHaveLength(before);
  });

  test('moves nothing where the mapping has moved meanwhile, after a page or at its end', async () => {
    const { swept, org, mappingStates, stored } = await aStackToSweep({ pageRows: 2 });
    for (let n = 0; n < 5; n += 1) org.insert({ LastName: `L${n}` });
    org.advance(MINUTE_MS);
    const lost = async () => false;

    expect(
      await swept({ mappingStates: Object.assign(Object.create(mappingStates), { advancePass: lost }) }),
    ).toMatchObject({ kind: 'taken-over', counts: { read: 2 } });
    expect(stored()).not.toHaveProperty('pass');
    expect(
      await swept({
        mappingStates: Object.assign(Object.create(mappingStates), { advancePass: lost }),
        remainingMs: () => 0,
      }),
    ).toMatchObject({ kind: 'taken-over' });
    expect(
      await swept({ mappingStates: Object.assign(Object.create(mappingStates), { finishPass: lost }) }),
    ).toMatchObject({ kind: 'taken-over', counts: { read: 5 } });
    expect(stored()).not.toHaveProperty('watermark');
  });
});

describe('a pass whose time is up', () => {
  test('ends after two hundred rows of a page, and goes on after them', async () => {
    const { swept, org, tables } = await aStackToSweep({ pageRows: 500 });
    for (let n = 0; n < 450; n += 1) org.insert({ LastName: `L${n}` });
    org.advance(MINUTE_MS);
    const remainingMs = () => 0;

    expect(await swept({ remainingMs })).toMatchObject({ kind: 'continue', counts: { read: 200 } });
    expect(await swept({ remainingMs })).toMatchObject({ kind: 'continue', counts: { read: 200 } });
    expect(await swept({ remainingMs })).toMatchObject({ kind: 'done', counts: { read: 50 } });

    expect(tables.keys('contacts')).toHaveLength(450);
  });

  test('goes on as long as there is time for another page, and not a moment less', async () => {
    const { swept, org } = await aStackToSweep({ pageRows: 2 });
    for (let n = 0; n < 5; n += 1) org.insert({ LastName: `L${n}` });
    org.advance(MINUTE_MS);

    expect(await swept({ remainingMs: () => 4_999 })).toMatchObject({
      kind: 'continue',
      counts: { read: 2 },
    });
    expect(await swept({ remainingMs: () => 5_000 })).toMatchObject({ kind: 'done', counts: { read: 3 } });
  });
});

describe('the first pass of many records', () => {
  const MANY = { config: aConfig({ contact: { bulkThreshold: 3 } }) };
  const fill = (stack: Awaited<ReturnType<typeof aStackToSweep>>, count: number) => {
    for (let n = 0; n < count; n += 1) stack.org.insert({ LastName: `L${n}` });
  };

  test('is a bulk load from the threshold on, which is begun by one name until it has ended', async () => {
    const stack = await aStackToSweep(MANY);
    fill(stack, 3);

    expect(await stack.swept()).toEqual({ kind: 'bulk' });
    const [{ bulkJobId } = { bulkJobId: '' }] = stack.started();
    expect(stack.stored().bulkJobId).toBe(bulkJobId);
    stack.org.calls.length = 0;
    expect(await stack.swept()).toEqual({ kind: 'bulk' });
    expect(stack.org.calls).toEqual([]);
    await stack.bulkJobs.create({
      bulkJobId,
      mappingId: MAPPING_ID,
      connectionId: 'c1',
      kind: 'load',
      state: 'done',
      startedAt: stack.clock.now(),
      updatedAt: stack.clock.now(),
      deadlineAt: stack.clock.now(),
    } as never);

    expect(await stack.swept()).toEqual({ kind: 'bulk' });

    expect(stack.stored().bulkJobId).not.toBe(bulkJobId);
    expect(stack.started().map(({ kind }) => kind)).toEqual(['load', 'load']);
  });

  test('is one of rows below it, and where Salesforce has taken such a load for no bulk job', async () => {
    const stack = await aStackToSweep(MANY);
    fill(stack, 2);
    expect(await stack.swept()).toMatchObject({ kind: 'done', counts: { read: 2 } });

    const refused = await aStackToSweep(MANY);
    fill(refused, 5);
    const at = refused.clock.now();
    refused.stored().trouble = { code: 'BULK_REFUSED', since: at, at, count: 1 };

    expect(await refused.swept()).toMatchObject({ kind: 'done', counts: { read: 5 } });
    expect(refused.org.calls).not.toContain('count');
  });

  test('that is under way row by row, or is over, is not counted again', async () => {
    const stack = await aStackToSweep({ ...MANY, pageRows: 1 });
    fill(stack, 2);
    stack.org.advance(MINUTE_MS);
    await stack.swept({ remainingMs: () => 0 });
    fill(stack, 5);
    stack.org.calls.length = 0;

    await stack.swept();
    await stack.swept();

    expect(stack.org.calls).not.toContain('count');
  });
});

describe('a pass of what changed, of a mapping with a filter', () => {
  test('follows what is linked, asks again of what is not, and takes back what was told of what is deleted', async () => {
    const stack = await aStackToSweep({ config: aConfig({ contact: { filter: "Title = 'CEO'" } }) });
    const linked = stack.org.insert({ LastName: 'Linked', Title: 'CEO' });
    await stack.swept();
    stack.clock.advance(60 * MINUTE_MS);
    stack.org.edit(linked, { Title: 'CTO' });
    const meets = stack.org.insert({ LastName: 'Meets', Title: 'CEO' });
    const not = stack.org.insert({ LastName: 'Not', Title: 'CFO' });
    const gone = stack.org.insert({ LastName: 'Gone', Title: 'CEO' });
    stack.org.remove(gone);
    const about = { mappingId: MAPPING_ID, kind: 'record', side: 'remote', reason: 'KEY_TAKEN' } as const;
    for (const key of [gone, not]) await stack.parkedKeys.park([{ ...about, key }]);
    stack.org.calls.length = 0;

    expect(await stack.swept()).toMatchObject({ counts: { read: 4, createdLocally: 1, updatedLocally: 1 } });

    expect(stack.org.calls).toEqual(['select', 'select']);
    expect(stack.tables.keys('contacts')).toEqual([linked, meets].map((sfId) => `sf-c1-${sfId}`).sort());
    expect(stack.parked()).toEqual([]);
  });
});

test('records of an object that keeps its times elsewhere are asked for by those, however they are asked for', async () => {
  const tracking = { stamp: 'CreatedDate', modified: 'CreatedDate' } as never;
  const asked: RecordSelection[] = [];
  const openOf = (mapping: OpenMapping['mapping']) =>
    ({
      mapping,
      org: {
        select: async (selection: RecordSelection) => {
          asked.push(selection);
          return { records: [], readAt: '2026-01-01T00:00:00.000Z' };
        },
      },
    }) as unknown as OpenMapping;
  const mapping = aMapping({ tracking, filter: "Title = 'CEO'" });

  await readLinked(openOf(mapping), ['003']);
  await readUnlinked(openOf(mapping), ['003']);
  await readLinked(openOf(mapping), []);
  const after = '2026-01-01T00:00:00.000Z';
  asked.push(selectionAfter(mapping, undefined), sweepSelection(mapping, after));

  expect(asked.map((one) => ('tracking' in one ? one.tracking : undefined))).toEqual([
    tracking,
    tracking,
    tracking,
    tracking,
  ]);
  expect(asked.slice(0, 2)).toMatchObject([
    { where: { kind: 'ids', ids: ['003'] }, includeDeleted: true },
    { where: { kind: 'ids', ids: ['003'] }, includeDeleted: false, filter: "Title = 'CEO'" },
  ]);
  expect(asked[0]).not.toHaveProperty('filter');
  expect(sweepSelection(aMapping(), after)).not.toHaveProperty('tracking');
});
