import { describe, expect, test } from '@jest/globals';
import { Throttled } from '../../../../shared/aws/errors.ts';
import type { Hint } from '../../../../shared/contracts/hints.ts';
import { LINK_LEASE_MS, TURN_MS } from '../../../../shared/contracts/lifetimes.ts';
import { SyncError } from '../../../../shared/contracts/next.ts';
import { syncConfig } from '../../../../shared/contracts/sync-config.ts';
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

  test('a held key leaves the queue at the fifth receipt, for no longer than a dead holder keeps it', async () => {
    const { batch, keys, putItem, localHint, syncStore, clock, parkedKeys } = await aBatchWorld(1);
    const [held = ''] = keys;
    const link = syncStore.storedLinks.get(`c1.contact#${held}`);
    if (!link) throw new Error('no link');
    const until = clock.nowMs() + LINK_LEASE_MS;
    syncStore.storedLinks.set(`c1.contact#${held}`, { ...link, lease: { owner: 'other', until } });
    putItem(held, { title: 'new' });

    expect(await batch([localHint(held)], {}, 5)).toEqual([{ kind: 'set-aside', reason: 'LEASE_HELD' }]);
    expect([...parkedKeys.parked.values()]).toMatchObject([
      { key: held, waitUntil: new Date(until).toISOString() },
    ]);
  });

  test('an asked sweep that others take over each time is left to them, and its mapping is in no trouble', async () => {
    const { batch, org, ports } = await aBatchWorld(1);
    org.insert({ LastName: 'New' });
    const asked: Hint = { kind: 'sweep', mappingId: 'c1.contact', runId: 'asked', isAsked: true };
    const mappingStates = Object.assign(Object.create(ports.mappingStates), {
      finishPass: async () => false,
    });
    const answer = (receives: number) => batch([asked], { mappingStates }, receives);
    const reason = 'PASS_TAKEN_OVER';

    expect(await answer(4)).toEqual([{ kind: 'again', afterMs: 40_000, reason }]);
    expect(await answer(5)).toEqual([{ kind: 'set-aside', reason }]);

    expect(await ports.mappingStates.get('c1.contact')).not.toHaveProperty('trouble');
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
    dailyCalls: slowly(() => org.dailyCalls()),
    usage: () => org.usage(),
    clockSkewMs: () => org.clockSkewMs(),
  };
}

describe('what became of one look, told to each of its hints', () => {
  test('is counted once, of records too', async () => {
    const { batch, org, remoteHint } = await aBatchWorld(2);
    const hints = org.alive().map(({ Id }) => remoteHint(Id));
    for (const { Id } of org.alive()) org.edit(Id, { Title: 'CTO' });

    expect(await batch(hints)).toMatchObject([
      { kind: 'done', counts: { read: 2, updatedLocally: 2 } },
      { kind: 'done', counts: { read: 0, updatedLocally: 0 } },
    ]);
  });

  test('has those come back of whose keys any is held, or may be', async () => {
    const { batch, keys, putItem, org, localHint, remoteHint, syncStore, clock } = await aBatchWorld(3);
    const [held = '', free = '', other = ''] = keys;
    const id = `c1.contact#${held}`;
    const link = syncStore.storedLinks.get(id);
    if (!link?.sfId) throw new Error('no link');
    syncStore.storedLinks.set(id, { ...link, lease: { owner: 'other', until: clock.nowMs() + 2_000 } });
    org.edit(link.sfId, { Title: 'CTO' });
    for (const key of [free, other]) putItem(key, { title: 'new' });

    expect(
      await batch([localHint(free), localHint(held, other), remoteHint(link.sfId), localHint(other)]),
    ).toMatchObject([
      { kind: 'done', counts: { updatedInSalesforce: 2 } },
      { kind: 'again', reason: 'LEASE_HELD', afterMs: 2_000 },
      { kind: 'again', reason: 'LEASE_HELD', afterMs: 2_000 },
      { kind: 'done', counts: { updatedInSalesforce: 0 } },
    ]);
  });

  test('is that it failed, later each time up to a quarter of an hour, where nobody expected it', async () => {
    const { batch, keys, localHint, putItem, syncStore } = await aBatchWorld(1);
    const [key = ''] = keys;
    putItem(key, { title: 'new' });
    syncStore.items = () => Promise.reject(new TypeError('a bug'));
    const afterMs = async (receives: number) => (await batch([localHint(key)], {}, receives)).map(waitOf);

    expect([await afterMs(1), await afterMs(3), await afterMs(7)]).toEqual([[30_000], [120_000], [900_000]]);
  });

  test('is that it failed where its keys cannot be parked either', async () => {
    const { batch, keys, localHint, putItem, org, parkedKeys } = await aBatchWorld(1);
    putItem(keys[0] ?? '', { title: 'new' });
    org.failNext('write', 'unreached');
    parkedKeys.park = () => Promise.reject(new Throttled('parking keys'));

    expect(await batch([localHint(keys[0] ?? '')], {}, 5)).toMatchObject([
      { kind: 'failed', afterMs: 480_000, error: { name: 'Throttled' } },
    ]);
  });

  test('is told of what was done before something broke that all of a connection need', async () => {
    const { batch, keys, localHint, putItem, org } = await aBatchWorld(1);
    putItem(keys[0] ?? '', { title: 'new' });
    let left = 8;
    const remainingMs = () => {
      if (org.writes > 0 && --left < 6) throw new TypeError('a bug');
      return 100_000;
    };

    const answers = await batch(
      [localHint(keys[0] ?? ''), { kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }],
      { remainingMs },
      2,
    );

    expect(answers).toMatchObject([
      { kind: 'done' },
      { kind: 'failed', afterMs: 60_000, error: { message: 'a bug' } },
    ]);
  });

  test('is that nobody knows such a mapping, where its name is no name of one', async () => {
    const { batch } = await aBatchWorld(1);

    expect(await batch([{ kind: 'local-keys', mappingId: 'nonsense', keys: [{ key: 'a' }] }])).toEqual([
      { kind: 'set-aside', reason: 'UNKNOWN_MAPPING' },
    ]);
  });
});

const waitOf = (answer: HintAnswer): number | undefined => ('afterMs' in answer ? answer.afterMs : undefined);

describe('the slots and the breaker of a connection', () => {
  /** Its breaker has tripped, and the time is up: the next call is the trial. */
  async function aTrial() {
    const world = await aBatchWorld(1);
    const { slots, clock, keys, putItem, localHint } = world;
    const ask = { owner: 'w', now: clock.now(), until: clock.now(), trialUntil: clock.now() };
    const tripped = await slots.take('c1', ask);
    if (tripped.kind === 'taken') await slots.trip(tripped.slot, clock.now());
    putItem(keys[0] ?? '', { title: 'new' });
    return { ...world, hint: localHint(keys[0] ?? '') };
  }

  test('are open to all once the trial was answered, and after a quick refusal too', async () => {
    for (const fault of [undefined, 'timed-out'] as const) {
      const { batch, hint, slots, org } = await aTrial();
      if (fault) org.failNext('read', fault);

      await batch([hint]);

      expect(slots.openUntil('c1')).toBeUndefined();
    }
  });

  test('do no harm where their store is away, and are no secret where they are wrong', async () => {
    const { batch, keys, putItem, localHint, slots } = await aBatchWorld(1);
    putItem(keys[0] ?? '', { title: 'new' });
    slots.release = () => Promise.reject(new Throttled('releasing a slot'));
    expect(kinds(await batch([localHint(keys[0] ?? '')]))).toEqual(['done']);

    putItem(keys[0] ?? '', { title: 'newer' });
    slots.release = () => Promise.reject(new TypeError('a bug'));
    await expect(batch([localHint(keys[0] ?? '')])).rejects.toThrow('a bug');
  });

  test('say how long whoever met silence in this turn has to wait', async () => {
    const { batch, keys, putItem, localHint, org, clock, timers, ports } = await aBatchWorld(1);
    putItem(keys[0] ?? '', { title: 'new' });
    const lost = aMoment();
    const silent = after(org, async () => {
      await lost.come;
      throw new SyncError('Lost', 'TIMEOUT', 'No answer came', { do: 'retry', afterMs: 10_000 });
    });

    const answers = batch(
      [localHint(keys[0] ?? ''), { kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }],
      {
        ...ports,
        orgs: { open: async () => silent },
      },
    );
    await turnOfEvents();
    clock.advance(5_000);
    await timers.fire();
    clock.advance(4_000);
    lost.happen();

    expect(await answers).toMatchObject([
      { kind: 'again', reason: 'TIMEOUT', afterMs: 10_000 },
      { kind: 'again', reason: 'ORG_SILENT', afterMs: 26_000 },
    ]);
  });
});

describe('looks of one connection', () => {
  test('begin with those of mappings that others refer to', async () => {
    const order: string[] = [];
    const { ports, clock, mappingStates } = await aBatchWorld(0);
    const template = (sfObject: string, fieldMap: object) => ({
      localTable: 'contacts',
      sfObject,
      externalIdField: 'External_Id__c',
      schedule: { everyMinutes: 5 },
      fieldMap,
    });
    const account = template('Account', { name: 'Name' });
    const contact = template('Contact', {
      lastName: 'LastName',
      account: { field: 'AccountId', reference: 'account' },
    });
    const config = syncConfig.parse({
      localTables: { contacts: { keyField: 'id', tenantField: 'tenantId' } },
      mappings: { contact, account },
    });
    for (const name of ['contact', 'account'])
      await mappingStates.ensure(
        { mappingId: `c1.${name}`, connectionId: 'c1', orgId: 'acme', name },
        clock.now(),
      );
    const { get } = mappingStates;
    mappingStates.get = (mappingId) => {
      order.push(mappingId);
      return get.call(mappingStates, mappingId);
    };
    const hintOf = (mappingId: string): Hint => ({ kind: 'local-keys', mappingId, keys: [{ key: 'a' }] });
    const received = ['c1.contact', 'nonsense', 'c1.account'].map((id) => ({
      hint: hintOf(id),
      receives: 1,
    }));

    await handleHints({ ...ports, config }, received);

    expect(order.indexOf('c1.account')).toBeLessThan(order.indexOf('c1.contact'));
  });
});
