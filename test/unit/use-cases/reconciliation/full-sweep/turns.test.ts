import { describe, expect, test } from '@jest/globals';
import { must } from '../../../../../shared/sync/assert.ts';
import type { FullSweep } from '../../../../../shared/use-cases/ports/full-sweeps.ts';
import { Found } from '../../../../../shared/use-cases/reconciliation/full-sweep/compare.ts';
import {
  failFullSweep,
  fullSweep,
} from '../../../../../shared/use-cases/reconciliation/full-sweep/full-sweep.ts';
import { InMemoryHintQueue } from '../../../../in-memory/hint-queue.ts';
import { MAPPING_ID } from '../schedules/a-stack.ts';
import { aSweptStack, withFormula } from './a-swept-stack.ts';

const DAY_MS = 24 * 3_600_000;
const hintOf = (sweepId: string, isAsked?: true) =>
  ({ kind: 'full-sweep', mappingId: MAPPING_ID, sweepId, ...(isAsked && { isAsked }) }) as const;

/** One turn of a full sweep at a time, beside others of the same connection. */
async function aTurn(options: Parameters<typeof aSweptStack>[0] = {}) {
  const stack = await aSweptStack(options);
  stack.org.calls.length = 0;
  const later = (ms: number) => new Date(stack.clock.nowMs() + ms).toISOString();
  /** A sweep of another mapping that is under way, unless told otherwise. */
  const another = (mappingId: string, change: Partial<FullSweep> = {}) => {
    const at = stack.clock.now();
    const about = {
      sweepId: `of ${mappingId}`,
      revision: 1,
      startedAt: at,
      movedAt: at,
      calls: 3,
      version: 1,
    };
    stack.fullSweeps.sweeps.set(mappingId, {
      ...about,
      mappingId,
      place: { phase: 'records' },
      counts: {},
      ...change,
    });
  };
  const turn = async (hint = hintOf('ours', true), change: Partial<typeof stack.ports> = {}) =>
    fullSweep({ ...stack.ports, ...change }, await stack.opened(), hint);
  const own = async () => must(await stack.fullSweeps.get(MAPPING_ID), 'a full sweep');
  const sent = () => stack.hints.take(100).filter(({ kind }) => kind === 'full-sweep');
  return { ...stack, later, another, turn, own, sent };
}

describe('the turn of a full sweep', () => {
  test('ends with a run that says what it read and cost, and gives the next of its connection its own', async () => {
    const { turn, another, later, sent, journal, clock } = await aTurn();
    another('c1.second', { startedAt: later(2_000) });
    another('c1.first', { startedAt: later(1_000) });
    another('c1.third', { startedAt: later(3_000) });
    another('c1.ended', { endedAt: clock.now(), outcome: 'done' });
    another('c2.contact');
    const at = clock.now();

    expect(await turn()).toEqual({ kind: 'done', calls: 1, read: 3 });

    expect(sent()).toEqual([{ kind: 'full-sweep', mappingId: 'c1.first', sweepId: 'of c1.first' }]);
    const [run] = (await journal.runs(MAPPING_ID, 9)).filter(({ cause }) => cause === 'full-sweep');
    expect(run).toMatchObject({ runId: 'ours', startedAt: at, endedAt: at, counts: { read: 1, calls: 1 } });
    expect(run?.counts.unchanged).toBe(0);
  });

  test.each([
    ['that began before it', 'c1.zzz', -1, 0, true],
    ['that began with it and comes first by name', 'c1.aaa', 0, 0, true],
    ['that began with it and comes later by name', 'c1.zzz', 0, 0, false],
    ['that began after it', 'c1.aaa', 1, 0, false],
    ['that moved within two minutes', 'c1.zzz', -600_000, -119_999, true],
    ['that has not moved for two minutes', 'c1.zzz', -600_000, -120_000, false],
    ['of another connection', 'c2.contact', -1, 0, false],
  ])('waits for a sweep %s, or not', async (_which, mappingId, startedMs, movedMs, waits) => {
    const { turn, another, later, own, org, state } = await aTurn();
    another(mappingId, { startedAt: later(startedMs), movedAt: later(movedMs) });

    const outcome = await turn();

    expect(outcome.kind).toBe(waits ? 'set-aside' : 'done');
    if (!waits) return;
    expect(outcome).toEqual({ kind: 'set-aside', reason: 'FULL_SWEEP_WAITS' });
    expect(org.calls).toEqual([]);
    expect((await own()).place).toEqual({ phase: 'records' });
    expect((await state()).fullSweepAt).toBe(later(5 * 60_000));
  });

  test('is none for a message that comes late, of a sweep that has ended', async () => {
    const { turn, own, org, sent } = await aTurn();
    await turn();
    const before = await own();
    org.calls.length = 0;
    sent();

    expect(await turn()).toEqual({ kind: 'done', calls: 0, read: 0 });

    expect(org.calls).toEqual([]);
    expect(sent()).toEqual([]);
    expect(await own()).toEqual(before);
  });

  test('is for whoever began first, and for whoever moved first', async () => {
    const { turn, fullSweeps, org } = await aTurn();
    const begin = fullSweeps.begin.bind(fullSweeps);
    fullSweeps.begin = async () => undefined;
    expect(await turn()).toEqual({ kind: 'set-aside', reason: 'PASS_TAKEN_OVER' });
    expect(org.calls).toEqual([]);

    fullSweeps.begin = begin;
    fullSweeps.move = async () => undefined;
    expect(await turn()).toEqual({ kind: 'set-aside', reason: 'PASS_TAKEN_OVER' });
  });

  test('of a sweep that belongs to an earlier revision ends it, for good, and gives the next its own', async () => {
    const { turn, another, own, sent, state, later } = await aTurn({
      config: withFormula({ fullSweep: { everyDays: 2 } }),
    });
    another(MAPPING_ID, { revision: 99, counts: { records: 5 }, place: { phase: 'links', bucket: 3 } });
    another('c1.next', { startedAt: later(1_000) });

    expect(await turn()).toEqual({ kind: 'set-aside', reason: 'MAPPING_CHANGED' });

    expect(await own()).toMatchObject({
      outcome: 'MAPPING_CHANGED',
      endedAt: later(0),
      movedAt: later(0),
      counts: { records: 5 },
      calls: 3,
      place: { phase: 'links', bucket: 3 },
    });
    expect((await state()).fullSweepAt).toBe(later(2 * DAY_MS));
    expect(sent()).toMatchObject([{ mappingId: 'c1.next' }]);
  });

  test('that nobody asked for is none where the config wants no full sweeps any more', async () => {
    const { turn, mappingStates, state, fullSweeps, later } = await aTurn();
    await mappingStates.setFullSweepAt(MAPPING_ID, later(0));

    expect(await turn(hintOf('scheduled'))).toEqual({ kind: 'done', calls: 0, read: 0 });

    expect(await state()).not.toHaveProperty('fullSweepAt');
    expect(await fullSweeps.get(MAPPING_ID)).toBeUndefined();
  });

  test('leaves behind when the next one is due, and meanwhile when it counts as lost', async () => {
    const { turn, mappingStates, later } = await aTurn({
      config: withFormula({ fullSweep: { everyDays: 3 } }),
    });
    const set: unknown[] = [];
    const setFullSweepAt: typeof mappingStates.setFullSweepAt = async (_mappingId, at) => void set.push(at);

    await turn(hintOf('scheduled'), {
      mappingStates: Object.assign(Object.create(mappingStates), { setFullSweepAt }),
    });

    expect(set).toEqual([expect.any(String), later(3 * DAY_MS)]);
    expect(Date.parse(String(set[0]))).toBeGreaterThan(Date.parse(later(5 * 60_000)));
    expect(Date.parse(String(set[0]))).toBeLessThanOrEqual(Date.parse(later(3_600_000)));
  });

  test('goes on by a hint to itself where there is no time for another page, and counts on', async () => {
    const { turn, own, sent } = await aTurn();
    const outcomes: unknown[] = [];
    let hint = hintOf('ours', true);
    for (let n = 0; n < 30 && (n === 0 || hint); n += 1) {
      outcomes.push(await turn(hint, { remainingMs: () => 0 }));
      [hint] = sent() as [typeof hint];
    }

    expect(outcomes.at(0)).toEqual({ kind: 'continue', calls: 1, read: 1 });
    // The last step sums up what the steps before it have read.
    expect(outcomes.at(-1)).toEqual({ kind: 'done', calls: 0, read: 0 });
    expect(outcomes.slice(1, -1)).toEqual(
      outcomes.slice(1, -1).map(() => ({ kind: 'continue', calls: 0, read: expect.any(Number) })),
    );
    expect(await own()).toMatchObject({ calls: 1, counts: { records: 1, links: 1, items: 1 } });
  });

  test('reads the items of the tenant page by page', async () => {
    const { turn, own, syncStore, putItem, loseStream, clock } = await aTurn();
    for (const key of ['a', 'b', 'c']) putItem(key, { lastName: key });
    loseStream();
    const asked: unknown[] = [];
    const localKeysPage: typeof syncStore.localKeysPage = async (mapping, after) => {
      asked.push(after);
      const { keys } = await syncStore.localKeysPage(mapping, after);
      const page = keys.slice(0, 2);
      const [last] = page.slice(-1);
      return keys.length > page.length && last !== undefined ? { keys: page, next: last } : { keys: page };
    };
    const paged = {
      links: syncStore.links.bind(syncStore),
      localKeysOf: syncStore.localKeysOf.bind(syncStore),
      // One was deleted since the table was listed.
      items: async (...[mapping, keys]: Parameters<typeof syncStore.items>) =>
        syncStore.items(
          mapping,
          keys.filter((key) => key !== 'a'),
        ),
      localKeysPage,
    } as unknown as typeof syncStore;

    for (let n = 0; n < 9 && (n === 0 || (await own()).endedAt === undefined); n += 1) {
      const { kind } = await turn(hintOf('ours', true), { syncStore: paged });
      // What it found is looked at again a minute later.
      if (kind === 'set-aside') clock.advance(60_000);
    }

    expect(asked).toEqual([undefined, 'b']);
    expect(await own()).toMatchObject({ outcome: 'done', counts: { items: 4, 'unlinked-item': 2 } });
  });
});

test('a full sweep that is given up is listed by its code, and the next one comes when it is due, if any does', async () => {
  const { ports, own, another, state, later } = await aTurn();
  another(MAPPING_ID);

  await failFullSweep(ports, { mappingId: MAPPING_ID }, { fullSweepEveryDays: 2 }, 'MALFORMED_QUERY');
  expect(await own()).toMatchObject({ outcome: 'MALFORMED_QUERY', endedAt: later(0), calls: 3 });
  expect((await state()).fullSweepAt).toBe(later(2 * DAY_MS));
  await failFullSweep(ports, { mappingId: MAPPING_ID }, {}, 'LATER');

  expect(await state()).not.toHaveProperty('fullSweepAt');
  expect((await own()).outcome).toBe('MALFORMED_QUERY');
});

describe('what a step of a full sweep finds', () => {
  const about = { linkVersion: 1 };

  test('is hinted once: a record by its id, what is found locally or has no id by its key, and the rest not at all', async () => {
    const hints = new InMemoryHintQueue();
    const found = new Found();
    const pair = { ...about, localKey: 'ann', sfId: '003A' };
    found.add('missed-in-salesforce', pair);
    found.add('unreadable', pair);
    found.add('missed-locally', { ...pair, localKey: 'bob' });
    found.add('unlinked-item', { ...about, localKey: 'cyd' });
    found.add('unlinked-record', { ...about, sfId: '003B' });
    found.add('record-not-given', { ...about, localKey: 'dan', sfId: '003C' });
    found.count('records', 0);
    found.count('links', 2);

    expect(await found.hint(hints, { mappingId: MAPPING_ID, sweepId: 's1' })).toBe(4);

    const cause = { by: 'full-sweep', runId: 's1' };
    expect(hints.take()).toEqual([
      { kind: 'remote-ids', mappingId: MAPPING_ID, sfIds: ['003A', '003B'], cause },
      { kind: 'local-keys', mappingId: MAPPING_ID, keys: [{ key: 'bob' }, { key: 'cyd' }], cause },
    ]);
    expect(found.findings).toHaveLength(6);
    expect(found.counts).toEqual({
      'missed-in-salesforce': 1,
      unreadable: 1,
      'missed-locally': 1,
      'unlinked-item': 1,
      'unlinked-record': 1,
      'record-not-given': 1,
      links: 2,
    });
  });

  test('that needs no look sends nothing', async () => {
    const found = new Found();
    found.add('item-vanished', { ...about, localKey: 'ann', sfId: '003A' });
    const hints = { send: () => Promise.reject(new Error('there is nothing to send')) };

    expect(await found.hint(hints, { mappingId: MAPPING_ID, sweepId: 's1' })).toBe(0);
  });

  test('is listed a thousand times of each kind, and counted always', async () => {
    const { turn, own, another, fullSweeps, loseStream, putItem } = await aTurn();
    for (let n = 0; n < 12; n += 1) putItem(`p${n}`, { lastName: `P${n}` });
    loseStream();
    another(MAPPING_ID, {
      sweepId: 'ours',
      counts: { 'unlinked-item': 990 },
      place: { phase: 'items' },
    });

    await turn();

    expect((await own()).counts).toMatchObject({ 'unlinked-item': 1002 });
    expect(fullSweeps.found.get(JSON.stringify([MAPPING_ID, 'ours']))?.size).toBe(10);
  });
});

test('a full sweep of a mapping that only comes from Salesforce goes through no items', async () => {
  const { turn, own, putItem } = await aTurn({ config: withFormula({ direction: 'from-salesforce' }) });
  putItem('own', { lastName: 'Own' });

  await turn();

  expect((await own()).counts).toEqual({ records: 1, links: 1 });
});
