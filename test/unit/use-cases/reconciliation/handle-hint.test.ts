import { describe, expect, test } from '@jest/globals';
import { LINK_LEASE_MS } from '../../../../shared/contracts/lifetimes.ts';
import { type Next, SyncError } from '../../../../shared/contracts/next.ts';
import { must } from '../../../../shared/sync/assert.ts';
import type { SalesforceOrg } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import { lookOf } from '../../../../shared/use-cases/reconciliation/look.ts';
import { waitsForMasters } from '../../../../shared/use-cases/reconciliation/masters-first.ts';
import { park } from '../../../../shared/use-cases/reconciliation/park.ts';
import { loadedWorld, MAPPING_ID } from '../../../simulation/world.ts';
import { aConfig, aSettledStack } from './schedules/a-stack.ts';

const MINUTE_MS = 60_000;
const SWEEP = { kind: 'sweep', mappingId: MAPPING_ID, runId: 'r' } as const;
const FULL_SWEEP = { kind: 'full-sweep', mappingId: MAPPING_ID, sweepId: 'f', isAsked: true } as const;
const failing = (next: Next) => new SyncError('Failing', 'SOME_CODE', 'says nothing', next);

/** A loaded world, of which tests ask what became of one hint, and what waits. */
async function aHintWorld() {
  const world = await loadedWorld();
  world.clock.advance(MINUTE_MS);
  const later = (ms: number) => new Date(world.clock.nowMs() + ms).toISOString();
  const state = async () => must(await world.mappingStates.get(MAPPING_ID), 'a state');
  const waiting = () => [...world.parkedKeys.parked.values()];
  const runs = async () =>
    (await world.journal.runs(MAPPING_ID, 99)).filter(({ runId }) => runId !== 'run-1');
  /** The hint, met by an error before anything is done. */
  const meeting = (hint: Parameters<typeof world.handle>[0], error: unknown) =>
    world.handle(hint, { orgs: { open: () => Promise.reject(error) } });
  return { ...world, later, state, waiting, runs, meeting };
}

describe('a hint', () => {
  test('asks for a look at its keys, with what the stream told of them and nothing else', () => {
    const about = { kind: 'local-keys', mappingId: MAPPING_ID } as const;
    const at = '2026-01-01T00:00:00.000Z';
    const told = { changedAt: at, isDeleted: true as const, made: { at, without: ['email'] } };

    expect(lookOf({ ...about, keys: [{ key: 'a' }, { key: 'b', ...told }] })).toStrictEqual({
      kind: 'keys',
      mappingId: MAPPING_ID,
      localKeys: [{ key: 'a' }, { key: 'b', ...told }],
      sfIds: [],
    });
    expect(lookOf({ kind: 'remote-ids', mappingId: MAPPING_ID, sfIds: ['003'] })).toStrictEqual({
      kind: 'keys',
      mappingId: MAPPING_ID,
      localKeys: [],
      sfIds: ['003'],
    });
    for (const pass of [SWEEP, FULL_SWEEP]) expect(lookOf(pass)).toBe(pass);
  });
});

describe('a sweep whose connection has too little left for all that is asked for', () => {
  test.each([
    [3, 15 * MINUTE_MS],
    // Each mapping is asked after once a day, however little is left.
    [1_440, 1_440 * MINUTE_MS],
  ])('%d times too little, has the next one wait', async (factor, ms) => {
    const { handle, state, later } = await aHintWorld();

    await handle(SWEEP, { stretch: () => factor });

    expect((await state()).nextRunAt).toBe(later(ms));
  });
});

describe('an error that keys meet', () => {
  test.each<[string, Next, number]>([
    ['to try again', { do: 'retry', afterMs: 1_234 }, 1_234],
    ['of a stale token', { do: 'refresh' }, 5_000],
    ['of unknown outcome', { do: 'reread' }, 5_000],
    ['of a query that has expired', { do: 'restart' }, 5_000],
  ])('%s brings them back in moments', async (_which, next, afterMs) => {
    const { meeting, localHint, key, waiting } = await aHintWorld();

    expect(await meeting(localHint(key), failing(next))).toEqual({
      kind: 'again',
      afterMs,
      reason: 'SOME_CODE',
    });
    expect(waiting()).toEqual([]);
  });

  test.each<[string, Next, number]>([
    ['that ends by itself at a time', { do: 'wait', until: '2026-01-01T05:00:00.000Z' }, Number.NaN],
    ['that wants a person', { do: 'reauthorize' }, 15 * MINUTE_MS],
    ['of another schema', { do: 'recheck' }, MINUTE_MS],
  ])('%s has the keys of both sides wait outside the queue until then', async (_which, next, ms) => {
    const { meeting, localHint, remoteHint, key, sfId, waiting, later, state, clock } = await aHintWorld();
    const waitUntil = next.do === 'wait' ? next.until : later(ms);

    for (const hint of [localHint(key), remoteHint(sfId)])
      expect(await meeting(hint, failing(next))).toEqual({ kind: 'set-aside', reason: 'SOME_CODE' });

    expect(waiting()).toMatchObject([
      { kind: 'local', key, waitUntil, local: { reason: 'SOME_CODE', changedAt: clock.now() } },
      { kind: 'record', key: sfId, waitUntil, remote: { reason: 'SOME_CODE' } },
    ]);
    expect((await state()).checkedAt === undefined).toBe(next.do === 'recheck');
  });

  test('that repeating does not help is for whoever counts dead messages', async () => {
    const { meeting, localHint, key, waiting } = await aHintWorld();
    const stop = failing({ do: 'stop' });

    await expect(meeting(localHint(key), stop)).rejects.toBe(stop);
    expect(waiting()).toEqual([]);
  });
});

describe('an error that a pass meets', () => {
  test.each<[string, Next, number]>([
    ['of a query that has expired', { do: 'restart' }, MINUTE_MS],
    ['that ends soon', { do: 'wait', until: '2026-01-01T00:01:10.000Z' }, MINUTE_MS],
    ['that wants a person', { do: 'reauthorize' }, 15 * MINUTE_MS],
    ['that repeating does not help', { do: 'stop' }, MINUTE_MS],
  ])(
    '%s says what keeps the mapping from ending one, and waits a minute at least',
    async (_which, next, ms) => {
      const { meeting, state, later, waiting, clock } = await aHintWorld();

      expect(await meeting(SWEEP, failing(next))).toEqual({ kind: 'set-aside', reason: 'SOME_CODE' });

      expect(await state()).toMatchObject({
        trouble: { code: 'SOME_CODE', count: 1, at: clock.now() },
        nextRunAt: later(ms),
      });
      expect(waiting()).toEqual([]);
    },
  );

  test('again and again has it wait twice as long each time, up to an hour', async () => {
    const { ports, state, clock } = await aHintWorld();
    const minutes: number[] = [];

    for (let n = 0; n < 8; n += 1) {
      await park(ports, SWEEP, clock.nowMs(), 'SOME_CODE');
      minutes.push((Date.parse((await state()).nextRunAt) - clock.nowMs()) / MINUTE_MS);
    }

    expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  test('of everything has it go on where it is, a minute later at the soonest', async () => {
    const { meeting, state, later } = await aHintWorld();
    expect(await meeting(FULL_SWEEP, failing({ do: 'restart' }))).toEqual({
      kind: 'set-aside',
      reason: 'SOME_CODE',
    });
    expect(await state()).toMatchObject({ fullSweepAt: later(MINUTE_MS) });

    await meeting(FULL_SWEEP, failing({ do: 'reauthorize' }));

    expect(await state()).toMatchObject({ fullSweepAt: later(15 * MINUTE_MS) });
    expect(await state()).not.toHaveProperty('trouble');
  });

  test('of everything, and that repeating does not help, ends it: the next one comes when it is due', async () => {
    const { ports, handle, state, later } = await aHintWorld();
    const contact = must(ports.config.mappings.contact, 'a template');
    const config = { ...ports.config, mappings: { contact: { ...contact, fullSweep: { everyDays: 2 } } } };
    const open = () => Promise.reject(failing({ do: 'stop' }));

    expect(await handle(FULL_SWEEP, { config, orgs: { open } })).toEqual({
      kind: 'set-aside',
      reason: 'SOME_CODE',
    });

    expect((await state()).fullSweepAt).toBe(later(2 * 24 * 60 * MINUTE_MS));
  });

  test.each([SWEEP, FULL_SWEEP])(
    'and that nobody expected is no trouble of the mapping: %j',
    async (pass) => {
      const { meeting, state } = await aHintWorld();
      const bug = new TypeError('a bug');

      await expect(meeting(pass, bug)).rejects.toBe(bug);

      expect(await state()).not.toHaveProperty('trouble');
    },
  );
});

describe('a hint of a mapping on which there is no work now', () => {
  test.each([
    ['MAPPING_INVALID', 15 * MINUTE_MS],
    ['MAPPING_CHANGED', MINUTE_MS],
    ['CONNECTION_NOT_ACTIVE', 15 * MINUTE_MS],
    ['UNKNOWN_MAPPING', undefined],
    ['UNKNOWN_CONNECTION', undefined],
  ])('%s waits as long as that lasts as a rule, or is dropped', async (reason, ms) => {
    const { handle, localHint, key, waiting, later, clock, mappingStates, connections } = await aHintWorld();
    const stored = must(mappingStates.states.get(MAPPING_ID), 'a state');
    if (reason === 'MAPPING_INVALID') Object.assign(stored, { status: 'invalid', checkedAt: clock.now() });
    if (reason === 'MAPPING_CHANGED')
      stored.replaced = { template: must(stored.revision, 'a revision').template, at: clock.now() };
    if (reason === 'CONNECTION_NOT_ACTIVE') await connections.setStatus('c1', 'paused', clock.now());
    if (reason === 'UNKNOWN_CONNECTION') connections.stored.clear();
    const hint =
      reason === 'UNKNOWN_MAPPING'
        ? { kind: 'local-keys' as const, mappingId: 'c1.other', keys: [{ key }] }
        : localHint(key);

    expect(await handle(hint)).toEqual({ kind: 'set-aside', reason });

    expect(waiting().map(({ waitUntil }) => waitUntil)).toEqual(ms === undefined ? [] : [later(ms)]);
  });
});

describe('the runs that a person reads', () => {
  test('name a sweep that read something, and one that somebody asked for whatever it read', async () => {
    const { handle, runs, clock, org } = await aHintWorld();
    clock.advance(60 * MINUTE_MS);
    await handle({ ...SWEEP, runId: 'run-1' });
    clock.advance(60 * MINUTE_MS);
    await handle(SWEEP);
    expect(await runs()).toEqual([]);

    await handle({ ...SWEEP, runId: 'asked', isAsked: true });
    clock.advance(1_000);
    org.insert({ LastName: 'New' });
    const startedAt = clock.now();
    await handle({ ...SWEEP, runId: 'found' });

    expect(await runs()).toMatchObject([
      {
        runId: 'found',
        cause: 'schedule',
        startedAt,
        endedAt: startedAt,
        counts: { read: 1, createdLocally: 1 },
      },
      { runId: 'asked', cause: 'schedule', counts: { read: 0, calls: 1 } },
    ]);
  });

  test('name a look that called Salesforce, or refused a key, and no echo', async () => {
    const { handle, runs, localHint, putItem, key, clock } = await aHintWorld();
    await handle(localHint(key));
    expect(await runs()).toEqual([]);

    putItem('bad', { title: ['a', 'list'] });
    await handle(localHint('bad'));
    expect(await runs()).toMatchObject([{ cause: 'hint', counts: { calls: 0, rejections: 1 } }]);
    clock.advance(1_000);
    putItem(key, { title: 'CTO' });
    await handle(localHint(key));

    expect(await runs()).toMatchObject([{ cause: 'hint', counts: { calls: 2, updatedInSalesforce: 1 } }, {}]);
  });

  test('are not of a pass that somebody else carries on, which is left to them', async () => {
    const { handle, runs, org, state, mappingStates } = await aHintWorld();
    org.insert({ LastName: 'New' });
    const before = await state();
    const finishPass = async () => false;

    expect(
      await handle(SWEEP, { mappingStates: Object.assign(Object.create(mappingStates), { finishPass }) }),
    ).toEqual({ kind: 'set-aside', reason: 'PASS_TAKEN_OVER' });

    expect(await runs()).toEqual([]);
    expect((await state()).watermark).toBe(before.watermark);
  });

  test('are of a pass that somebody asked for, once another that took it over has ended', async () => {
    const { handle, runs, org, mappingStates } = await aHintWorld();
    org.insert({ LastName: 'New' });
    const asked = { ...SWEEP, isAsked: true as const };
    const finishPass = async () => false;

    expect(
      await handle(asked, { mappingStates: Object.assign(Object.create(mappingStates), { finishPass }) }),
    ).toEqual({ kind: 'again', afterMs: 5_000, reason: 'PASS_TAKEN_OVER' });
    expect(await runs()).toEqual([]);

    expect(await handle(asked)).toMatchObject({ kind: 'done' });
    expect(await runs()).toMatchObject([{ runId: asked.runId }]);
  });
});

test('a full sweep says what became of it, and what it read and called', async () => {
  const { handle, mappingStates, org } = await aHintWorld();
  const calls = org.calls.length;
  // Its one pair has changed minutes ago, so that it is looked at once more before anything is said of it.
  expect(await handle(FULL_SWEEP)).toMatchObject({
    kind: 'done',
    counts: { read: 3, calls: 2, unchanged: 0 },
  });
  expect(org.calls).toHaveLength(calls + 2);

  await mappingStates.forgetPasses(MAPPING_ID);

  expect(await handle({ ...FULL_SWEEP, sweepId: 'g' })).toEqual({
    kind: 'set-aside',
    reason: 'FULL_SWEEP_WAITS',
  });
});

test('of keys that are held, those of functions come back with their message, and those of bulk jobs wait', async () => {
  const { handle, localHint, putItem, syncStore, clock, waiting, link } = await aHintWorld();
  for (const key of ['a', 'b', 'c']) putItem(key, { lastName: key });
  await handle(localHint('a', 'b', 'c'));
  const hold = (key: string, ms: number) =>
    syncStore.storedLinks.set(`${MAPPING_ID}#${key}`, {
      ...must(link(key), 'a link'),
      lease: { owner: 'another', until: clock.nowMs() + ms },
    });
  hold('a', LINK_LEASE_MS);
  hold('b', LINK_LEASE_MS + 1);
  hold('c', 1_000);
  for (const key of ['a', 'b', 'c']) putItem(key, { title: 'CTO' });

  expect(await handle(localHint('a', 'b', 'c'))).toMatchObject({
    kind: 'again',
    afterMs: 5_000,
    rest: { heldKeys: ['a', 'c'] },
  });
  expect(waiting()).toMatchObject([{ key: 'b', local: { reason: 'LEASE_HELD' } }]);
  hold('a', 0);

  expect(await handle(localHint('a', 'c'))).toMatchObject({
    afterMs: 1_000,
    rest: { heldKeys: ['c'], counts: { updatedInSalesforce: 1 } },
  });
});

describe('what is left of the allowance', () => {
  test('is stored when it first is known, and then with each twentieth of a percent', async () => {
    const { handle, connections, org, clock, localHint, key } = await aHintWorld();
    const { apiUsage: _, ...before } = must(connections.stored.get('c1'), 'a connection');
    connections.stored.set('c1', before);
    const usedAfter = async (usage: { used?: number; max?: number }): Promise<unknown> => {
      const told: SalesforceOrg = Object.assign(Object.create(org), {
        usage: () => ({ calls: 0, ...usage }),
        clockSkewMs: () => 0,
      });
      await handle(localHint(key), { orgs: { open: async () => told } });
      return connections.stored.get('c1')?.apiUsage;
    };

    expect(await usedAfter({})).toBeUndefined();
    expect(await usedAfter({ used: 100 })).toBeUndefined();
    expect(await usedAfter({ max: 10_000 })).toBeUndefined();
    expect(await usedAfter({ used: 100, max: 10_000 })).toMatchObject({ used: 100, max: 10_000 });
    clock.advance(MINUTE_MS);
    expect(await usedAfter({ used: 104, max: 10_000 })).toMatchObject({ used: 100 });
    expect(await usedAfter({ used: 105, max: 10_000 })).toMatchObject({ used: 105 });
    expect(await usedAfter({ used: 3, max: 10_000 })).toMatchObject({ used: 3 });
  });
});

describe('the first pass of a mapping whose lookups lead to another one', () => {
  async function aChild() {
    const fieldMap = { lastName: 'LastName', account: { field: 'AccountId', reference: 'account' } };
    const account = { sfObject: 'Account', fieldMap: { name: 'Name' } };
    const config = aConfig({ contact: { fieldMap }, account });
    const stack = await aSettledStack({ config });
    await stack.mappingStates.forgetPasses(MAPPING_ID);
    stack.org.calls.length = 0;
    const master = must(stack.mappingStates.states.get('c1.account'), 'a state');
    const waits = async () => waitsForMasters(stack.ports, await stack.opened());
    return { ...stack, master, waits };
  }

  test('waits for that one’s, a minute at a time', async () => {
    const { master, work, hints, state, org, clock, sweepHint } = await aChild();
    Object.assign(master, { status: 'loading', watermark: undefined });
    await hints.send([sweepHint('first')]);

    await work();

    expect(org.calls).toEqual([]);
    expect((await state()).nextRunAt).toBe(new Date(clock.nowMs() + MINUTE_MS).toISOString());
    expect(await state()).not.toHaveProperty('trouble');
  });

  test('is due when that one’s is over, at once', async () => {
    const { master, work, hints, state, clock, sweepHint } = await aChild();
    Object.assign(master, { status: 'loading', watermark: undefined });
    await hints.send([sweepHint('first')]);
    await work();
    clock.advance(1_000);
    expect((await state()).nextRunAt > clock.now()).toBe(true);
    await hints.send([{ kind: 'sweep', mappingId: master.mappingId, runId: 'of the master' }]);

    await work();

    expect(master).toMatchObject({ status: 'active' });
    expect((await state()).nextRunAt <= clock.now()).toBe(true);
  });

  test.each([
    ['it has begun', { pass: { passId: 'p', startedAt: 'x', cursor: { modstamp: 'x', sfId: '003' } } }],
    ['it is over', { watermark: '2026-01-01T00:00:00.000Z', status: 'active' }],
    ['a job loads it', { bulkJobId: 'job' }],
    ['something else keeps it', { trouble: { code: 'X', since: 'x', at: 'x', count: 3 } }],
  ])('is left to its own time where %s', async (_why, change) => {
    const { master, work, hints, state, mappingStates } = await aChild();
    Object.assign(master, { status: 'loading', watermark: undefined });
    const own = must(mappingStates.states.get(MAPPING_ID), 'a state');
    Object.assign(own, { status: 'loading', watermark: undefined, ...change });
    own.nextRunAt = '2030-01-01T00:00:00.000Z';
    await hints.send([{ kind: 'sweep', mappingId: master.mappingId, runId: 'of the master' }]);

    await work();

    expect(master).toMatchObject({ status: 'active' });
    expect((await state()).nextRunAt).toBe('2030-01-01T00:00:00.000Z');
  });

  test('does not wait once that is over, or comes to nothing, or is wanted no more; nor does a later pass', async () => {
    const { master, waits, mappingStates, clock } = await aChild();
    const isWaiting = async (change: object): Promise<boolean> => {
      Object.assign(master, {
        status: 'loading',
        watermark: undefined,
        trouble: undefined,
        isRetired: undefined,
      });
      Object.assign(master, change);
      return waits();
    };
    const trouble = { code: 'X', since: clock.now(), at: clock.now(), count: 1 };

    expect(await isWaiting({})).toBe(true);
    expect(await isWaiting({ isRetired: false })).toBe(true);
    expect(await isWaiting({ status: 'active' })).toBe(false);
    expect(await isWaiting({ watermark: clock.now() })).toBe(false);
    expect(await isWaiting({ trouble })).toBe(false);
    expect(await isWaiting({ isRetired: true })).toBe(false);
    const own = must(mappingStates.states.get(MAPPING_ID), 'a state');
    own.watermark = clock.now();
    expect(await isWaiting({})).toBe(false);
    delete own.watermark;
    own.pass = { passId: 'p', startedAt: clock.now(), cursor: { modstamp: clock.now(), sfId: '003' } };
    expect(await isWaiting({})).toBe(false);
    delete own.pass;
    mappingStates.states.delete('c1.account');
    expect(await waits()).toBe(false);
  });
});
