import { describe, expect, test } from '@jest/globals';
import type { Hint } from '../../../../shared/contracts/hints.ts';
import { LINK_LEASE_MS, TURN_MS } from '../../../../shared/contracts/lifetimes.ts';
import { SyncError } from '../../../../shared/contracts/next.ts';
import type { SalesforceOrg } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import {
  type HandleHintsPorts,
  type HintAnswer,
  handleHints,
} from '../../../../shared/use-cases/reconciliation/handle-hints.ts';
import { aStoredConnection } from '../../../builders/a-connection.ts';
import { InMemoryOrgSlots } from '../../../in-memory/org-slots.ts';
import { InMemoryOrg } from '../../../in-memory/salesforce-org/in-memory-org.ts';
import { manualTimers } from '../../../in-memory/timers.ts';
import { aWorld } from '../../../simulation/world.ts';

/** A loaded world of some contacts, whose hints come in batches. */
async function aBatchWorld(contacts = 1) {
  const world = aWorld();
  for (let n = 0; n < contacts; n += 1) world.org.insert({ LastName: `Lee ${n}` });
  await world.sweep();
  world.clock.advance(60_000);
  world.org.calls.length = 0;
  const slots = new InMemoryOrgSlots();
  const timers = manualTimers();
  const ports: HandleHintsPorts = { ...world.ports, slots, timers };
  const batch = (hints: readonly Hint[], change: Partial<HandleHintsPorts> = {}, receives = 1) =>
    handleHints(
      { ...ports, ...change },
      hints.map((hint) => ({ hint, receives })),
    );
  return { ...world, keys: world.tables.keys('contacts'), slots, timers, ports, batch };
}

const kinds = (answers: readonly HintAnswer[]) => answers.map(({ kind }) => kind);

/** A promise and what settles it. */
function aMoment() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { come: promise, happen: resolve };
}
const turnOfEvents = () => new Promise((resolve) => setImmediate(resolve));

describe('gathering', () => {
  test('ten hints of one key each of one mapping cost two calls', async () => {
    const { batch, keys, org, putItem, localHint } = await aBatchWorld(10);
    for (const key of keys) putItem(key, { title: 'new' });

    const answers = await batch(keys.map((key) => localHint(key)));

    expect(org.calls).toEqual(['select', 'update']);
    expect(org.alive().map(({ fields }) => fields.Title)).toEqual(keys.map(() => 'new'));
    expect(kinds(answers)).toEqual(keys.map(() => 'done'));
    expect(answers.reduce((sum, one) => sum + (one.kind === 'done' ? one.counts.calls : 0), 0)).toBe(2);
  });

  test('an edit on each side of one mapping is one look', async () => {
    const { batch, keys, org, putItem, localHint, remoteHint, item } = await aBatchWorld(2);
    const [here = '', there = ''] = keys;
    const sfId = org.withKey(there)?.Id ?? org.alive()[1]?.Id ?? '';
    putItem(here, { title: 'here' });
    org.edit(sfId, { Title: 'there' });

    expect(kinds(await batch([localHint(here), remoteHint(sfId)]))).toEqual(['done', 'done']);

    expect(
      org
        .alive()
        .map(({ fields }) => fields.Title)
        .sort(),
    ).toEqual(['here', 'there']);
    expect(item(there)?.title ?? item(here)?.title).toBeDefined();
    expect(org.calls.filter((call) => call === 'update')).toHaveLength(1);
  });

  test('a hint comes back whose key another worker holds, and the others of its look are done', async () => {
    const { batch, keys, putItem, localHint, syncStore, clock } = await aBatchWorld(3);
    const [held = ''] = keys;
    const link = syncStore.storedLinks.get(`c1.contact#${held}`);
    if (!link) throw new Error('no link');
    const lease = { owner: 'other', until: clock.nowMs() + LINK_LEASE_MS };
    syncStore.storedLinks.set(`c1.contact#${held}`, { ...link, lease });
    for (const key of keys) putItem(key, { title: 'new' });

    expect(await batch(keys.map((key) => localHint(key)))).toMatchObject([
      { kind: 'again', reason: 'LEASE_HELD', afterMs: 5_000 },
      { kind: 'done', counts: { updatedInSalesforce: 2 } },
      { kind: 'done', counts: { updatedInSalesforce: 0 } },
    ]);
  });

  test('a key that meets a bug takes no other hint with it', async () => {
    const { batch, keys, org, putItem, localHint, syncStore } = await aBatchWorld(3);
    for (const key of keys) putItem(key, { title: 'new' });
    const items = syncStore.items.bind(syncStore);
    syncStore.items = async (mapping, wanted) => {
      if (keys[1] !== undefined && wanted.includes(keys[1])) throw new TypeError('a bug');
      return items(mapping, wanted);
    };

    const answers = await batch(keys.map((key) => localHint(key)));

    expect(kinds(answers)).toEqual(['done', 'failed', 'done']);
    expect(org.alive().filter(({ fields }) => fields.Title === 'new')).toHaveLength(2);
  });
});

describe('connections of one batch', () => {
  /** Two connections; the calls of the first one's org end when told. */
  async function aSlowOne() {
    const world = await aBatchWorld(1);
    const { ports, clock, mappingStates, connections, tables, org } = world;
    const slow = aMoment();
    const fast = new InMemoryOrg(clock);
    connections.stored.set('c2', aStoredConnection({ connectionId: 'c2', sfOrgId: '00D2', orgId: 'beta' }));
    mappingStates.states.set('c2.contact', {
      mappingId: 'c2.contact',
      connectionId: 'c2',
      orgId: 'beta',
      name: 'contact',
      status: 'loading',
      epoch: 0,
      nextRunAt: clock.now(),
    });
    const held = after(org, () => slow.come);
    const orgs = { open: async (connectionId: string) => (connectionId === 'c1' ? held : fast) };
    tables.put('contacts', 'bob', { id: 'bob', tenantId: 'beta', lastName: 'Bob' });
    const bob: Hint = { kind: 'local-keys', mappingId: 'c2.contact', keys: [{ key: 'bob' }] };
    return { ...world, ports: { ...ports, orgs }, slow, fast, bob };
  }

  test('go on side by side: one org that does not answer holds up no other', async () => {
    const { batch, ports, slow, fast, bob, keys, putItem, localHint } = await aSlowOne();
    putItem(keys[0] ?? '', { title: 'new' });

    const answers = batch([localHint(keys[0] ?? ''), bob], ports);
    await turnOfEvents();
    expect(fast.withKey('bob')?.fields.LastName).toBe('Bob');
    slow.happen();

    expect(kinds(await answers)).toEqual(['done', 'done']);
  });

  test('are begun nothing more for when their time is over, and what is late comes back', async () => {
    const { batch, ports, slow, clock, org, bob, keys, putItem, localHint } = await aSlowOne();
    putItem(keys[0] ?? '', { title: 'new' });
    const sweep: Hint = { kind: 'sweep', mappingId: 'c1.contact', runId: 'r' };

    const answers = batch([localHint(keys[0] ?? ''), sweep, bob], ports);
    await turnOfEvents();
    clock.advance(TURN_MS);
    slow.happen();

    expect(await answers).toMatchObject([
      { kind: 'done' },
      { kind: 'again', reason: 'OUT_OF_TIME' },
      { kind: 'done' },
    ]);
    expect(org.calls).toEqual(['select', 'update']);
  });

  test('make no call that the function might not live to commit', async () => {
    const { batch, org, keys, putItem, localHint, slots } = await aBatchWorld(1);
    putItem(keys[0] ?? '', { title: 'new' });
    let leftMs = 60_000;
    org.after = () => {
      leftMs = 10_000;
    };

    const answers = await batch([localHint(keys[0] ?? '')], { remainingMs: () => leftMs });

    expect(answers).toMatchObject([{ kind: 'again', reason: 'OUT_OF_TIME' }]);
    expect(org.calls).toEqual(['select']);
    expect(slots.held('c1')).toBe(0);
  });
});

describe('slots', () => {
  test('cost nothing where no call is made', async () => {
    const { batch, keys, localHint, slots } = await aBatchWorld(1);

    expect(kinds(await batch([localHint(keys[0] ?? '')]))).toEqual(['done']);

    expect(slots.taken).toEqual([]);
  });

  test('are taken once for all calls to an org, and given back', async () => {
    const { batch, keys, putItem, localHint, slots, org } = await aBatchWorld(2);
    for (const key of keys) putItem(key, { title: 'new' });

    await batch(keys.map((key) => localHint(key)));

    expect(org.calls.length).toBeGreaterThan(1);
    expect(slots.taken).toHaveLength(1);
    expect(slots.held('c1')).toBe(0);
  });

  test('are given back after a failure too', async () => {
    const { batch, keys, putItem, localHint, slots, org } = await aBatchWorld(1);
    putItem(keys[0] ?? '', { title: 'new' });
    org.failNext('write', 'unavailable');

    await batch([localHint(keys[0] ?? '')]);

    expect(slots.held('c1')).toBe(0);
  });

  test('that are all taken bring the hint back in seconds, and the third time its keys wait outside the queue', async () => {
    const { batch, keys, putItem, localHint, slots, org, clock, parkedKeys } = await aBatchWorld(1);
    putItem(keys[0] ?? '', { title: 'new' });
    const ask = { owner: 'w', now: clock.now(), until: '2027-01-01T00:00:00.000Z', trialUntil: clock.now() };
    await slots.take('c1', ask);
    await slots.take('c1', ask);
    const hint = localHint(keys[0] ?? '');

    expect(await batch([hint], {}, 1)).toMatchObject([
      { kind: 'again', afterMs: 3_000, reason: 'SLOTS_TAKEN' },
    ]);
    expect(await batch([hint], {}, 2)).toMatchObject([
      { kind: 'again', afterMs: 3_000, reason: 'SLOTS_TAKEN' },
    ]);
    expect(await batch([hint], {}, 3)).toEqual([{ kind: 'set-aside', reason: 'SLOTS_TAKEN' }]);

    expect(org.calls).toEqual([]);
    expect([...parkedKeys.parked.values()]).toMatchObject([
      { key: keys[0], local: { reason: 'SLOTS_TAKEN', changedAt: clock.now() } },
    ]);
  });
});

describe('an org that leaves a call unanswered', () => {
  /** Its first call ends when told. */
  async function aSilentOrg() {
    const world = await aBatchWorld(2);
    const answer = aMoment();
    const begun: number[] = [];
    let isLost = false;
    const silent = after(world.org, async () => {
      begun.push(world.clock.nowMs());
      if (begun.length > 1) return;
      await answer.come;
      if (isLost) throw new SyncError('Lost', 'TIMEOUT', 'No answer came', { do: 'retry', afterMs: 10_000 });
    });
    const lose = () => {
      isLost = true;
      answer.happen();
    };
    for (const key of world.keys) world.putItem(key, { title: 'new' });
    const [first = '', second = ''] = world.keys;
    const hints = [world.localHint(first), world.localHint(second)] as const;
    return {
      ...world,
      ports: { ...world.ports, orgs: { open: async () => silent } },
      hints,
      answer,
      lose,
      begun,
    };
  }

  test('is left alone by the others, while the call goes on', async () => {
    const { batch, ports, hints, answer, timers, org, clock, slots } = await aSilentOrg();

    const first = batch([hints[0]], ports);
    await turnOfEvents();
    clock.advance(5_000);
    await timers.fire();
    const others = await batch([hints[1]], ports);

    expect(others).toEqual([{ kind: 'again', afterMs: 30_000, reason: 'ORG_SILENT' }]);
    expect(org.calls).toEqual([]);
    answer.happen();
    expect(kinds(await first)).toEqual(['done']);
    expect(slots.openUntil('c1')).toBeUndefined();
    expect(kinds(await batch([hints[1]], ports))).toEqual(['done']);
  });

  test('is called no more in this turn after a time-out, and stays alone', async () => {
    const { batch, ports, hints, lose, timers, clock, slots, begun } = await aSilentOrg();

    const first = batch([hints[0], { kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }], ports);
    await turnOfEvents();
    clock.advance(5_000);
    await timers.fire();
    lose();

    expect(await first).toMatchObject([{ kind: 'again' }, { kind: 'again', reason: 'ORG_SILENT' }]);
    expect(begun).toHaveLength(1);
    expect(slots.openUntil('c1')).toBe('2026-01-01T00:01:35.000Z');
    expect(slots.held('c1')).toBe(0);
  });

  test('is not sent what waited behind the silent call', async () => {
    const { batch, ports, lose, begun, timers, clock, org, remoteHint } = await aSilentOrg();
    const linked = org.alive()[0]?.Id ?? '';
    const unlinked = org.insert({ LastName: 'New' });

    const first = batch([remoteHint(linked, unlinked)], ports);
    await turnOfEvents();
    clock.advance(5_000);
    await timers.fire();
    lose();

    expect(await first).toMatchObject([{ kind: 'again', reason: 'TIMEOUT' }]);
    expect(begun).toHaveLength(1);
  });

  test('is tried by one when its time is over; silence doubles the time, an answer ends it', async () => {
    const { batch, ports, hints, answer, timers, clock, slots, org } = await aSilentOrg();
    const hold = { owner: 'w', now: clock.now(), until: clock.now(), trialUntil: clock.now() };
    const tripped = await slots.take('c1', hold);
    if (tripped.kind === 'taken') await slots.trip(tripped.slot, clock.now());

    const trial = batch([hints[0]], ports);
    await turnOfEvents();
    expect(await batch([hints[1]], ports)).toMatchObject([{ kind: 'again', reason: 'ORG_SILENT' }]);
    clock.advance(5_000);
    await timers.fire();
    expect(await batch([hints[1]], ports)).toEqual([
      { kind: 'again', afterMs: 60_000, reason: 'ORG_SILENT' },
    ]);
    answer.happen();

    expect(kinds(await trial)).toEqual(['done']);
    expect(slots.openUntil('c1')).toBeUndefined();
    // Its second call was no trial any more.
    expect(slots.taken.map(({ kind }) => kind)).toEqual(['slot', 'trial', 'slot']);
    expect(kinds(await batch([hints[1]], ports))).toEqual(['done']);
    expect(org.calls).toEqual(['select', 'update', 'select', 'update']);
  });

  test('is one only while the call is under way', async () => {
    const { batch, ports, hints, answer, timers, slots } = await aSilentOrg();
    answer.happen();
    await batch([hints[0]], ports);

    await timers.fire();
    await timers.fire();

    expect(slots.openUntil('c1')).toBeUndefined();
  });

  test('is not silent while one of our calls is many of Salesforce’s', async () => {
    const { batch, ports, hints, answer, timers, clock, slots, org } = await aSilentOrg();

    const first = batch([hints[0]], ports);
    await turnOfEvents();
    await org.count({ sObject: 'Contact', fields: [], where: { kind: 'all' } });
    clock.advance(5_000);
    await timers.fire();
    expect(slots.openUntil('c1')).toBeUndefined();
    clock.advance(5_000);
    await timers.fire();
    expect(slots.openUntil('c1')).toBeDefined();

    answer.happen();
    await first;
  });

  test('parks the keys of a hint that was received the third time, until the org is tried again', async () => {
    const { batch, ports, hints, answer, timers, clock, parkedKeys } = await aSilentOrg();
    const first = batch([hints[0]], ports);
    await turnOfEvents();
    clock.advance(5_000);
    await timers.fire();

    expect(await batch([hints[1]], ports, 3)).toEqual([{ kind: 'set-aside', reason: 'ORG_SILENT' }]);

    expect([...parkedKeys.parked.values()]).toMatchObject([
      { local: { reason: 'ORG_SILENT' }, waitUntil: new Date(clock.nowMs() + 60_000).toISOString() },
    ]);
    answer.happen();
    await first;
  });
});

/** The org, each of whose calls waits for something first. */
function after(org: InMemoryOrg, wait: () => Promise<void>): SalesforceOrg {
  const slowly = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      await wait();
      return call(...args);
    };
  };
  return {
    describe: slowly((...args) => org.describe(...args)),
    count: slowly((...args) => org.count(...args)),
    select: slowly((...args) => org.select(...args)),
    selectTogether: slowly((...args) => org.selectTogether(...args)),
    nextPage: slowly((...args) => org.nextPage(...args)),
    update: slowly((...args) => org.update(...args)),
    upsert: slowly((...args) => org.upsert(...args)),
    deleteRecords: slowly((...args) => org.deleteRecords(...args)),
    bulk: org.bulk,
    usage: () => org.usage(),
    clockSkewMs: () => org.clockSkewMs(),
  };
}
