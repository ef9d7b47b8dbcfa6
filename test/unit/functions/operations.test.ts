import { describe, expect, test } from '@jest/globals';
import { makeHandler } from '../../../functions/operations/make-handler.ts';
import { aStoredConnection, CONNECTION_ID as ID } from '../../builders/a-connection.ts';
import { InMemoryBulkExecutions } from '../../in-memory/bulk-jobs.ts';
import { InMemoryCertificateSigner } from '../../in-memory/certificate-signer.ts';
import { InMemoryFullSweeps } from '../../in-memory/full-sweeps.ts';
import { InMemoryGuardStates } from '../../in-memory/guard-states.ts';
import { InMemoryHintQueue } from '../../in-memory/hint-queue.ts';
import { InMemoryJournal } from '../../in-memory/journal.ts';
import { InMemoryLinkLists } from '../../in-memory/link-lists.ts';
import { InMemoryOpenConflicts } from '../../in-memory/open-conflicts.ts';
import { InMemoryOrgSlots } from '../../in-memory/org-slots.ts';
import { InMemoryParkedKeys } from '../../in-memory/parked-keys.ts';
import { InMemoryPlans } from '../../in-memory/plans.ts';
import { InMemoryProofs } from '../../in-memory/proofs.ts';
import { InMemoryStaging } from '../../in-memory/staging.ts';
import { InMemorySyncStore } from '../../in-memory/sync-store.ts';
import { anAuthorization } from '../use-cases/connections/an-authorization.ts';
import { aContext } from './a-context.ts';
import { aLog } from './a-log.ts';

const anOperator = async () => {
  const { ports, clock } = anAuthorization();
  const pair = { accessToken: 'a', refreshToken: 'r' };
  const sealedTokens = await ports.vault.seal(pair, { orgId: 'acme', sfOrgId: '00D000000000001EAA' });
  ports.connections.stored.set(ID, aStoredConnection({ sealedTokens }));
  const mapping = { mappingId: `${ID}.contacts`, connectionId: ID, orgId: 'acme', name: 'contacts' };
  await ports.mappingStates.ensure(mapping, '2026-01-01T00:00:00.000Z');
  const parkedKeys = new InMemoryParkedKeys(clock);
  const fullSweeps = new InMemoryFullSweeps();
  const syncStore = new InMemorySyncStore();
  const log = aLog();
  const handler = makeHandler(
    {
      ...ports,
      syncStore,
      overlays: syncStore.overlays,
      openConflicts: new InMemoryOpenConflicts(syncStore),
      history: syncStore.history,
      hints: new InMemoryHintQueue(),
      bulkExecutions: new InMemoryBulkExecutions(),
      journal: new InMemoryJournal(),
      fullSweeps,
      plans: new InMemoryPlans(),
      staging: new InMemoryStaging(),
      proofs: new InMemoryProofs(),
      signer: new InMemoryCertificateSigner(),
      parkedKeys,
      guardStates: new InMemoryGuardStates(),
      linkLists: new InMemoryLinkLists(syncStore),
      slots: new InMemoryOrgSlots(),
      revoker: { revoke: async () => undefined },
    },
    log,
  );
  return { log, ports, parkedKeys, ask: async (event: unknown) => handler(event, aContext()) };
};

describe('an operation', () => {
  test.each([
    [
      { action: 'issue-ticket', orgId: 'acme' },
      { authorizeUrl: expect.stringContaining('/oauth/authorize?ticket=') },
    ],
    [{ action: 'connections', orgId: 'acme' }, { connections: [{ connectionId: ID }] }],
    [{ action: 'mappings', connectionId: ID }, { mappings: [{ name: 'contacts', status: 'loading' }] }],
    [
      { action: 'allowance', connectionId: ID },
      { used: { all: 0 }, stopped: [], forecast: { notKnown: expect.stringContaining('check-now') } },
    ],
    [
      {
        action: 'forecast',
        connectionId: ID,
        add: [{ schedule: { everyMinutes: 1 }, freshness: '15m', formulas: { everyMinutes: 15 } }],
        changedKeysPerDay: 250,
      },
      {
        hintsPerDay: 4,
        hintsPerDayAtMost: 500,
        fullSweepsPerDayAtLeast: 96,
        notKnown: expect.stringContaining('check-now'),
      },
    ],
    [
      {
        action: 'forecast',
        connectionId: ID,
        add: [{ schedule: { everyMinutes: 60 }, freshness: '1m' }],
      },
      { error: { code: 'INVALID_INPUT' } },
    ],
    [{ action: 'pause', connectionId: ID }, { status: 'paused' }],
    [{ action: 'resume', connectionId: ID }, { status: 'active' }],
    [
      { action: 'disconnect', connectionId: ID },
      { status: 'revoked', atSalesforce: 'revoked' },
    ],
    [
      { action: 'outbound-message-url', connectionId: ID },
      { url: expect.stringContaining(`/${ID}/secret-1`) },
    ],
    [{ action: 'run-now', mappingId: `${ID}.contacts` }, { runId: 'ticket-1' }],
    [{ action: 'push-now', mappingId: `${ID}.contacts` }, { bulkJobId: 'ticket-1' }],
    [
      { action: 'plan', mappingId: `${ID}.contacts` },
      { planId: 'ticket-1', isUnderWay: false },
    ],
    [
      { action: 'plan', mappingId: `${ID}.contacts`, whatIf: { conflictPolicy: 'whoever' } },
      { error: { code: 'INVALID_INPUT' } },
    ],
    [{ action: 'plan-status', mappingId: `${ID}.contacts` }, {}],
    [
      { action: 'plan-page', mappingId: `${ID}.contacts`, planId: 'one' },
      { error: { code: 'UNKNOWN_PLAN' } },
    ],
    [
      { action: 'apply-plan', mappingId: `${ID}.contacts`, planId: 'one', hash: 'short' },
      { error: { code: 'INVALID_INPUT' } },
    ],
    [
      { action: 'apply-plan', mappingId: `${ID}.contacts`, planId: 'one', hash: '0'.repeat(64) },
      { error: { code: 'UNKNOWN_PLAN' } },
    ],
    [
      { action: 'plan-leftovers', mappingId: `${ID}.contacts`, planId: 'one' },
      { error: { code: 'UNKNOWN_PLAN' } },
    ],
    [{ action: 'conflicts', mappingId: `${ID}.contacts` }, { conflicts: [] }],
    [{ action: 'open-conflicts', mappingId: `${ID}.contacts` }, { conflicts: [] }],
    [
      { action: 'why', mappingId: `${ID}.contacts`, key: 'ann' },
      { state: 'not-linked', answers: [], now: { waiting: [], held: [], rejected: [] } },
    ],
    [{ action: 'why', mappingId: `${ID}.contacts` }, { error: { code: 'INVALID_INPUT' } }],
    [
      { action: 'open-conflicts', mappingId: `${ID}.contacts`, after: 'nowhere' },
      { error: { code: 'INVALID_INPUT' } },
    ],
    [
      {
        ...{ action: 'resolve-conflict', mappingId: `${ID}.contacts`, key: 'a', field: 'lastName' },
        ...{ version: 1, take: 'local' },
      },
      { error: { code: 'NOT_LEFT_TO_PERSON' } },
    ],
    [
      { action: 'resolve-conflicts', mappingId: `${ID}.contacts`, take: 'salesforce' },
      { decided: 0, passedOver: 0 },
    ],
    [
      { action: 'resolve-conflicts', mappingId: `${ID}.nothing`, take: 'salesforce' },
      { error: { code: 'UNKNOWN_MAPPING' } },
    ],
    [{ action: 'rejections', mappingId: 'unassigned.contacts', limit: 200 }, { rejections: [] }],
    [{ action: 'runs', mappingId: `${ID}.contacts` }, { runs: [] }],
    [{ action: 'waiting', mappingId: `${ID}.contacts` }, { waiting: [] }],
    [
      { action: 'full-sweep', mappingId: `${ID}.contacts` },
      { sweepId: 'ticket-1', isUnderWay: false },
    ],
    [{ action: 'full-sweep-status', mappingId: `${ID}.contacts` }, {}],
    [{ action: 'full-sweep-findings', mappingId: `${ID}.contacts`, kind: 'item-vanished' }, { findings: [] }],
    [{ action: 'tombstones', mappingId: `${ID}.contacts` }, { tombstones: [] }],
    [
      { action: 'held-deletions', mappingId: `${ID}.contacts` },
      { version: 0, count: 0, held: [] },
    ],
    [{ action: 'held-clears', mappingId: `${ID}.contacts` }, { clears: [] }],
    [
      { action: 'release-clears', mappingId: `${ID}.contacts`, side: 'local', field: 'title', version: 1 },
      { error: { code: 'NOTHING_HELD' } },
    ],
    [
      {
        action: 'refuse-clears',
        mappingId: `${ID}.contacts`,
        side: 'salesforce',
        field: 'title',
        version: 1,
      },
      { error: { code: 'NOTHING_HELD' } },
    ],
    [{ action: 'treat-as-deleted', mappingId: `${ID}.contacts`, keys: ['a', 'b'] }, { sent: 2 }],
    [
      { action: 'release-tombstone', mappingId: `${ID}.contacts`, key: 'a' },
      { error: { code: 'NO_TOMBSTONE' } },
    ],
    [
      { action: 'release-deletions', mappingId: `${ID}.contacts`, version: 1 },
      { error: { code: 'NOTHING_HELD' } },
    ],
    [
      { action: 'refuse-deletions', mappingId: `${ID}.contacts`, version: 1 },
      { error: { code: 'NOTHING_HELD' } },
    ],
  ])('%j is answered', async (event, answer) => {
    expect(await (await anOperator()).ask(event)).toMatchObject(answer);
  });

  test('shows which keys of a mapping wait, on which side, since when and why, and no more than were asked for', async () => {
    const { ask, parkedKeys } = await anOperator();
    const aKey = { mappingId: `${ID}.contacts`, kind: 'local', key: 'a' } as const;
    const since = '2026-01-01T00:00:00.000Z';
    await parkedKeys.park([
      { ...aKey, side: 'local', reason: 'INVALID_ATTRIBUTE', changedAt: since, image: 'aa.1' },
      { ...aKey, side: 'remote', reason: 'LEASE_HELD', waitUntil: '2026-01-01T00:05:00.000Z' },
      { ...aKey, key: 'b', side: 'local', reason: 'LEASE_HELD' },
      { ...aKey, mappingId: `${ID}.accounts`, side: 'local', reason: 'LEASE_HELD' },
    ]);

    expect(await ask({ action: 'waiting', mappingId: `${ID}.contacts`, limit: 1 })).toEqual({
      waiting: [
        {
          ...aKey,
          local: { since, reason: 'INVALID_ATTRIBUTE', changedAt: since },
          remote: { since, reason: 'LEASE_HELD' },
          waitUntil: '2026-01-01T00:05:00.000Z',
          rounds: 0,
          version: 2,
        },
      ],
    });
    expect(await ask({ action: 'waiting', mappingId: `${ID}.contacts` })).toMatchObject({
      waiting: [{ key: 'a' }, { key: 'b' }],
    });
  });

  test.each([
    [null, 'The input must be of type object.'],
    ['issue-ticket', 'The input must be of type object.'],
    [{}, 'action must be one of issue-ticket, connections,'],
    [{ action: 'drop-table' }, 'action must be one of issue-ticket, connections,'],
    [{ action: 'issue-ticket' }, 'orgId must be of type string.'],
    [{ action: 'issue-ticket', orgId: 'a#b' }, 'orgId must be 1 to 128 letters'],
    [{ action: 'issue-ticket', orgId: 'a', loginHost: 'evil.example' }, 'loginHost must be "production"'],
    [
      { action: 'issue-ticket', orgId: 'a', loginHost: 'a'.repeat(301) },
      'loginHost must not be above 300 characters.',
    ],
    [
      { action: 'open-conflicts', mappingId: `c.contact`, olderThan: 'yesterday' },
      'olderThan must be a time in ISO 8601 with its offset.',
    ],
    [{ action: 'resolve-conflicts', mappingId: 'c.contact' }, 'take '],
    [{ action: 'connections', orgId: 'a', all: true }, 'The input has keys that are not known: all.'],
    [{ action: 'pause', connectionId: 'c/../x' }, 'connectionId must be the id of a connection.'],
    [{ action: 'pause', connectionId: 'c9' }, 'There is no connection c9.'],
    [{ action: 'run-now', mappingId: 'contacts' }, 'mappingId must be the id of a mapping'],
    [{ action: 'runs', mappingId: `${ID}.contacts`, limit: 201 }, 'limit must not be above 200.'],
    [{ action: 'runs', mappingId: `${ID}.contacts`, limit: 0 }, 'limit must not be below 1.'],
    [{ action: 'full-sweep', mappingId: 'unassigned.contacts' }, 'There is no mapping unassigned.contacts.'],
    [{ action: 'full-sweep-findings', mappingId: `${ID}.contacts`, kind: 'x' }, 'kind '],
    [{ action: 'runs', mappingId: `${ID}.contacts`, limit: 'all' }, 'limit must be of type number.'],
  ])('%j is refused with what is wrong, and where', async (event, message) => {
    const answer = await (await anOperator()).ask(event);

    expect(answer).toEqual({
      error: { code: expect.any(String), message: expect.stringContaining(message) },
    });
  });

  test('that is refused wakes nobody', async () => {
    const { ask, log } = await anOperator();

    await ask({ action: 'pause', connectionId: 'c9' });
    await ask({ action: 'drop-table' });

    expect(log.lines.map((line) => line.slice(0, 7))).toEqual(['["info"', '["info"', '["info"']);
  });

  test('that fails unexpectedly tells nothing of how', async () => {
    const { ask, ports, log } = await anOperator();
    ports.connections.listOfTenant = () => Promise.reject(new Error('the item of ann@example.com'));

    const answer = await ask({ action: 'connections', orgId: 'acme' });

    expect(answer).toEqual({ error: { code: 'INTERNAL', message: expect.any(String) } });
    expect([JSON.stringify(answer), ...log.lines].join()).not.toContain('ann@');
  });

  test('logs whom it is about, and neither address nor ticket', async () => {
    const { ask, log } = await anOperator();

    const [ticket, address] = [
      await ask({ action: 'issue-ticket', orgId: 'acme' }),
      await ask({ action: 'outbound-message-url', connectionId: ID }),
    ];

    expect(log.lines).toEqual([
      '["info","Operation",{"action":"issue-ticket","orgId":"acme"}]',
      `["info","Operation",{"action":"outbound-message-url","connectionId":"${ID}"}]`,
    ]);
    expect(JSON.stringify([ticket, address])).toContain('secret-1');
  });
});
