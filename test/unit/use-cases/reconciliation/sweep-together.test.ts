import { describe, expect, test } from '@jest/globals';
import { Throttled, UnreadableItem } from '../../../../shared/aws/errors.ts';
import type { Hint, SweepHint } from '../../../../shared/contracts/hints.ts';
import { SyncError } from '../../../../shared/contracts/next.ts';
import { syncConfig } from '../../../../shared/contracts/sync-config.ts';
import { isoOf } from '../../../../shared/contracts/time.ts';
import { DEFAULT_SHARE } from '../../../../shared/sync/allowance/admit.ts';
import { callsOfDay, HOUR_MS } from '../../../../shared/sync/allowance/ledger.ts';
import { CEILINGS } from '../../../../shared/sync/allowance/work-class.ts';
import { must } from '../../../../shared/sync/assert.ts';
import type { SalesforceOrg } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import {
  type HandleHintsPorts,
  handleHints,
} from '../../../../shared/use-cases/reconciliation/handle-hints.ts';
import { sweepTogether } from '../../../../shared/use-cases/reconciliation/sweep-together.ts';
import { aStoredConnection } from '../../../builders/a-connection.ts';
import { InMemoryOrgSlots } from '../../../in-memory/org-slots.ts';
import type { InMemoryOrg } from '../../../in-memory/salesforce-org/in-memory-org.ts';
import { manualTimers } from '../../../in-memory/timers.ts';
import { aWorld, TENANT } from '../../../simulation/world.ts';

const NAMES = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7'];
const sweepOf = (name: string) => ({ mappingId: `c1.${name}`, runId: `run-${name}` });
const single = (name: string): Hint => ({ kind: 'sweep', ...sweepOf(name) });
const plural = (...names: string[]): Hint => ({ kind: 'sweeps', sweeps: names.map(sweepOf) });

/** A connection with seven mappings, each of the contacts whose title is its name; the first pass of each is over. */
async function aConnection() {
  const world = aWorld();
  const { clock, mappingStates, org, tables, ports: worldPorts } = world;
  const config = syncConfig.parse({
    localTables: Object.fromEntries(NAMES.map((name) => [name, { keyField: 'id', tenant: TENANT }])),
    mappings: Object.fromEntries(
      NAMES.map((name) => [
        name,
        {
          localTable: name,
          sfObject: 'Contact',
          filter: `Title = '${name}'`,
          fieldMap: { lastName: 'LastName' },
          externalIdField: 'External_Id__c',
          schedule: { everyMinutes: 5 },
        },
      ]),
    ),
  });
  for (const name of NAMES)
    await mappingStates.ensure(
      { mappingId: `c1.${name}`, connectionId: 'c1', orgId: TENANT, name },
      clock.now(),
    );
  const slots = new InMemoryOrgSlots();
  const ports: HandleHintsPorts = {
    ...worldPorts,
    config,
    slots,
    timers: manualTimers(),
  };
  const batch = (hints: readonly Hint[], change: Partial<HandleHintsPorts> = {}, receives = 1) =>
    handleHints(
      { ...ports, ...change },
      hints.map((hint) => ({ hint, receives })),
    );
  for (const name of NAMES) await batch([single(name)]);
  clock.advance(3_600_000);
  org.calls.length = 0;
  return {
    ...world,
    batch,
    ports,
    slots,
    /** Uses the budget up but for so many calls of schedules. */
    leave: async (calls: number) => {
      const { ledger } = await slots.allowance('c1');
      const max = must(org.usage().max, 'an org that was called');
      const ceiling = Math.floor(max * 0.95 * DEFAULT_SHARE * CEILINGS.schedules);
      const hints = ceiling - callsOfDay(ledger, clock.nowMs(), 'at-most') - calls;
      const usage = { max, others: 0, atMs: clock.nowMs() };
      await slots.count('c1', { at: clock.now(), calls: { hints }, usage });
    },
    /** The mappings whose last pass ended now. */
    swept: () => NAMES.filter((name) => mappingStates.states.get(`c1.${name}`)?.lastRunAt === clock.now()),
    lastNameOf: (name: string) => tables.keys(name).map((key) => tables.get(name, key)?.lastName),
    stateOf: (name: string) => mappingStates.states.get(`c1.${name}`),
  };
}

describe('sweeps of one connection', () => {
  test('that find nothing cost one call for five mappings, and each moves its watermark', async () => {
    const { batch, org, swept } = await aConnection();

    const [answer] = await batch([plural('m1', 'm2', 'm3', 'm4', 'm5')]);

    expect(answer).toMatchObject({
      kind: 'parts',
      parts: NAMES.slice(0, 5).map(() => ({ answer: { kind: 'done' } })),
    });
    expect(answer).not.toHaveProperty('afterMs');
    expect(org.calls).toEqual(['selectTogether']);
    expect(swept()).toEqual(NAMES.slice(0, 5));
  });

  test('of several messages are gathered, a mapping that is named twice is swept once, and a lone one is one query', async () => {
    const { batch, org, swept } = await aConnection();

    await batch([plural('m1', 'm2'), single('m3'), plural('m4', 'm5'), single('m1'), single('m6')]);

    expect(org.calls).toEqual(['selectTogether', 'select']);
    expect(swept()).toEqual(NAMES.slice(0, 6));
  });

  test('bring each its own changes, and each has its own run; the call counts once', async () => {
    const { batch, org, lastNameOf, journal } = await aConnection();
    org.insert({ LastName: 'One', Title: 'm1' });
    org.insert({ LastName: 'Two', Title: 'm2' });

    const [answer] = await batch([plural('m1', 'm2')]);

    expect([lastNameOf('m1'), lastNameOf('m2')]).toEqual([['One'], ['Two']]);
    expect(await journal.runs('c1.m2', 9)).toMatchObject([{ runId: 'run-m2', cause: 'schedule' }]);
    const calls =
      answer?.kind === 'parts' &&
      answer.parts.map(({ answer: one }) => one.kind === 'done' && one.counts.calls);
    // One for both, then each asks whether the records that it has no link of meet its filter.
    expect(calls).toEqual([2, 1]);
    expect(org.calls).toEqual(['selectTogether', 'select', 'select']);
  });

  test('go on page by page where one page is not all', async () => {
    const { batch, org, lastNameOf, swept } = await aConnection();
    for (let n = 0; n < 60; n += 1) org.insert({ LastName: `L${n}`, Title: 'm1' });

    await batch([plural('m1', 'm2')]);

    expect(lastNameOf('m1')).toHaveLength(60);
    expect(swept()).toEqual(['m1', 'm2']);
  });

  test('go alone where they go on with a pass, and where they begin the first', async () => {
    const { batch, org, clock, swept, stateOf } = await aConnection();
    const going = stateOf('m1');
    const first = stateOf('m2');
    if (!going || !first) throw new Error('no state');
    going.pass = {
      passId: 'p',
      startedAt: clock.now(),
      cursor: { modstamp: clock.now(), sfId: '003000000000001AAA' },
    };
    delete first.watermark;

    await batch([plural('m1', 'm2', 'm3', 'm4')]);

    // After what has a deadline.
    expect(org.calls).toEqual(['selectTogether', 'select', 'count', 'select']);
    expect(swept()).toEqual(['m1', 'm2', 'm3', 'm4']);
  });

  test('use what is left of the budget the earliest deadline first, but what somebody asked for before all', async () => {
    const { batch, org, clock, leave, swept, stateOf } = await aConnection();
    const agesMinutes = [1, 9, 2, 8, 3, 7, 4];
    for (const [index, minutes] of agesMinutes.entries())
      must(stateOf(`m${index + 1}`), 'a state').watermark = isoOf(clock.nowMs() - minutes * 60_000);
    const asked: Hint = { ...sweepOf('m1'), kind: 'sweep', isAsked: true };
    await leave(1);

    const answers = await batch([plural('m2', 'm3', 'm4', 'm5', 'm6'), single('m7'), asked]);

    expect(org.calls).toEqual(['selectTogether']);
    expect(swept()).toEqual(['m1', 'm2', 'm4', 'm6', 'm7']);
    expect(answers[0]).toMatchObject({ parts: [{}, { answer: { reason: 'BUDGET_SPENT' } }, {}, {}, {}] });
  });

  test('that wait for the budget all come back when there may be room, however often they did', async () => {
    const { batch, clock, leave, stateOf } = await aConnection();
    await leave(0);
    clock.advance(20 * 60_000);
    for (let n = 0; n < 8; n += 1) await batch([single('m1')]);
    await batch([single('m2')]);

    const hour = isoOf((Math.floor(clock.nowMs() / HOUR_MS) + 1) * HOUR_MS);
    expect(stateOf('m1')).toMatchObject({ nextRunAt: hour, trouble: { code: 'BUDGET_SPENT', count: 8 } });
    expect(stateOf('m2')).toMatchObject({ nextRunAt: hour, trouble: { count: 1 } });
  });

  test('that are closed are set aside, and take no other with them', async () => {
    const { batch, swept, stateOf, clock } = await aConnection();
    const state = stateOf('m2');
    if (!state) throw new Error('no state');
    state.status = 'invalid';
    state.checkedAt = clock.now();

    const [answer] = await batch([plural('m1', 'm2', 'm3')]);

    expect(answer).toMatchObject({
      parts: [
        { answer: { kind: 'done' } },
        { answer: { kind: 'set-aside', reason: 'MAPPING_INVALID' } },
        { answer: { kind: 'done' } },
      ],
    });
    expect(swept()).toEqual(['m1', 'm3']);
  });
});

describe('the work of a sweep', () => {
  const asked = (name: string): SweepHint => ({ kind: 'sweep', ...sweepOf(name), isAsked: true });
  const due = (name: string): SweepHint => ({ kind: 'sweep', ...sweepOf(name) });
  const classesOf = async (hints: readonly SweepHint[], first?: string) => {
    const { ports, stateOf } = await aConnection();
    const state = first === undefined ? undefined : stateOf(first);
    if (state) delete state.watermark;
    const classes: string[] = [];
    await sweepTogether({ ...ports, beginWork: (one) => classes.push(one) }, hints);
    return classes;
  };

  test('is that of schedules, or of persons where one of those that share a call asked for it', async () => {
    expect(await classesOf([due('m1')])).toEqual(['schedules', 'schedules']);
    expect(await classesOf([asked('m1')])).toEqual(['interactive', 'interactive']);
    expect(await classesOf([due('m1'), asked('m2')])).toEqual(['schedules', 'interactive', 'interactive']);
    expect(await classesOf([due('m1'), due('m2')])).toEqual(['schedules', 'schedules', 'schedules']);
  });

  test('is a load where it passes over everything, unless a person waits for that', async () => {
    expect(await classesOf([due('m1')], 'm1')).toEqual(['schedules', 'loads']);
    expect(await classesOf([asked('m1')], 'm1')).toEqual(['interactive']);
  });

  test('reads the states together where there are several, and a lone one by itself', async () => {
    const { ports } = await aConnection();
    const { mappingStates } = ports;
    let lists = 0;
    const counted = Object.assign(Object.create(mappingStates), {
      listOfConnection: (connectionId: string) => {
        lists += 1;
        return mappingStates.listOfConnection(connectionId);
      },
    });
    const stack = { ...ports, mappingStates: counted, beginWork: () => undefined };

    await sweepTogether(stack, []);
    await sweepTogether(stack, [due('m1')]);
    expect(lists).toBe(0);
    await sweepTogether(stack, [due('m1'), due('m2')]);
    expect(lists).toBe(1);
  });
});

test('sweeps that have no time left for the call they would share come back, and nothing is called', async () => {
  const { batch, org } = await aConnection();
  let asked = 0;
  const remainingMs = () => {
    asked += 1;
    return asked <= 4 ? 60_000 : 0;
  };

  const [answer] = await batch([plural('m1', 'm2', 'm3')], { remainingMs });

  expect(answer).toMatchObject({
    parts: [1, 2, 3].map(() => ({ answer: { reason: 'OUT_OF_TIME' } })),
  });
  expect(org.calls).toEqual([]);
});

describe('one that fails', () => {
  test('goes on with a hint of its own, and the message of the others is done', async () => {
    const { batch, org, hints, swept } = await aConnection();
    const orgs = { open: async () => failingSecond(org) };

    const [answer] = await batch([plural('m1', 'm2', 'm3')], { orgs });

    expect(answer).toMatchObject({
      parts: [
        { answer: { kind: 'done' } },
        { answer: { kind: 'again', reason: 'SERVER_UNAVAILABLE' } },
        { answer: { kind: 'done' } },
      ],
    });
    expect(answer).not.toHaveProperty('afterMs');
    expect(hints.take()).toEqual([single('m2')]);
    expect(swept()).toEqual(['m1', 'm3']);
  });

  test('keeps the message where its own hint is not sent', async () => {
    const { batch, org } = await aConnection();
    const orgs = { open: async () => failingSecond(org) };
    const hints = { send: () => Promise.reject(new Throttled('sending hints')) };

    expect(await batch([plural('m1', 'm2')], { orgs, hints })).toMatchObject([{ afterMs: 1_000 }]);
  });

  test('with all others brings the message back, later each time, and from the fifth receipt on each mapping waits', async () => {
    const { batch, org, hints, stateOf } = await aConnection();

    org.failNext('read', 'unavailable');
    expect(await batch([plural('m1', 'm2')], {}, 3)).toMatchObject([{ kind: 'parts', afterMs: 4_000 }]);
    expect(hints.take()).toEqual([]);
    org.failNext('read', 'unavailable');
    const [parked] = await batch([plural('m1', 'm2')], {}, 5);

    expect(parked).not.toHaveProperty('afterMs');
    expect([stateOf('m1')?.trouble, stateOf('m2')?.trouble]).toMatchObject([
      { code: 'SERVER_UNAVAILABLE', count: 1 },
      { code: 'SERVER_UNAVAILABLE', count: 1 },
    ]);
  });

  test('for a reason that nobody expected does so by itself', async () => {
    const { batch, ports, hints, swept } = await aConnection();
    const { mappingStates } = ports;
    const finishPass: typeof mappingStates.finishPass = async (basis, ...rest) => {
      if (basis.mappingId === 'c1.m1') throw new TypeError('a bug');
      return mappingStates.finishPass(basis, ...rest);
    };
    const broken = Object.assign(Object.create(mappingStates), { finishPass });

    const [answer] = await batch([plural('m1', 'm2')], { mappingStates: broken });

    expect(answer).toMatchObject({ parts: [{ answer: { kind: 'failed' } }, { answer: { kind: 'done' } }] });
    expect(hints.take()).toEqual([single('m1')]);
    expect(swept()).toEqual(['m2']);
  });

  test('the call for all of them, for a reason that nobody expected, leaves each a call of its own', async () => {
    const { batch, org, swept } = await aConnection();
    org.selectTogether = () => Promise.reject(new TypeError('a bug'));

    await batch([plural('m1', 'm2')]);

    expect(org.calls).toEqual(['select', 'select']);
    expect(swept()).toEqual(['m1', 'm2']);
  });

  test('because its state is damaged leaves the others their states', async () => {
    const { batch, ports, swept } = await aConnection();
    const { mappingStates } = ports;
    const damaged = new UnreadableItem('mapping states', 'status');
    const broken = Object.assign(Object.create(mappingStates), {
      listOfConnection: () => Promise.reject(damaged),
      get: (mappingId: string) =>
        mappingId === 'c1.m1' ? Promise.reject(damaged) : mappingStates.get(mappingId),
    });

    await batch([plural('m1', 'm2', 'm3')], { mappingStates: broken });

    expect(swept()).toEqual(['m2', 'm3']);
  });

  test('because the turn is over comes back, and nothing is called', async () => {
    const { batch, org, hints } = await aConnection();

    const [answer] = await batch([plural('m1', 'm2')], { remainingMs: () => 0 });

    expect(answer).toMatchObject({
      afterMs: 2_000,
      parts: [{ answer: { reason: 'OUT_OF_TIME' } }, { answer: { reason: 'OUT_OF_TIME' } }],
    });
    expect(org.calls).toEqual([]);
    expect(hints.take()).toEqual([]);
  });
});

/** The org, whose second of several queries fails. */
function failingSecond(org: InMemoryOrg): SalesforceOrg {
  const selectTogether: SalesforceOrg['selectTogether'] = async (selections) => {
    const outcomes = await org.selectTogether(selections);
    const error = new SyncError('Unavailable', 'SERVER_UNAVAILABLE', 'away', { do: 'retry', afterMs: 1_000 });
    return outcomes.map((one, index) => (index === 1 ? { kind: 'failed', error } : one));
  };
  return {
    describe: (...args) => org.describe(...args),
    count: (...args) => org.count(...args),
    select: (...args) => org.select(...args),
    selectTogether,
    nextPage: (...args) => org.nextPage(...args),
    update: (...args) => org.update(...args),
    upsert: (...args) => org.upsert(...args),
    deleteRecords: (...args) => org.deleteRecords(...args),
    bulk: org.bulk,
    dailyCalls: () => org.dailyCalls(),
    usage: () => org.usage(),
    clockSkewMs: () => org.clockSkewMs(),
  };
}

test('the shared call takes a slot at the org, which is given back; without one nothing is called', async () => {
  const { batch, org, slots, clock } = await aConnection();
  slots.taken.length = 0;

  await batch([plural('m1', 'm2')]);
  expect(slots.taken).toHaveLength(1);
  expect(slots.held('c1')).toBe(0);

  org.calls.length = 0;
  const until = '2027-01-01T00:00:00.000Z';
  for (let n = 0; n < 2; n += 1)
    await slots.take('c1', { owner: 'another', now: clock.now(), until, trialUntil: clock.now() });
  const [answer] = await batch([plural('m1', 'm2')]);
  expect(answer).toMatchObject({ afterMs: 3_000, parts: [{ answer: { reason: 'SLOTS_TAKEN' } }, {}] });
  expect(org.calls).toEqual([]);
});

test('what is left of the allowance is stored once for all work of a turn', async () => {
  const { batch, connections } = await aConnection();
  const { apiUsage: _, ...connection } = connections.stored.get('c1') ?? aStoredConnection();
  connections.stored.set('c1', connection);
  const recordUsage = connections.recordUsage.bind(connections);
  let stored = 0;
  connections.recordUsage = (...args) => {
    stored += 1;
    return recordUsage(...args);
  };

  await batch([plural('m1', 'm2', 'm3')]);

  expect(stored).toBe(1);
});

test('the connection is read once for all work of a turn, and the states of several mappings by one read', async () => {
  const { batch, ports } = await aConnection();
  const reads: string[] = [];
  const { connections, mappingStates } = ports;
  const counted = {
    connections: Object.assign(Object.create(connections), {
      get: (id: string) => {
        reads.push('connection');
        return connections.get(id);
      },
    }),
    mappingStates: Object.assign(Object.create(mappingStates), {
      get: (id: string) => {
        reads.push('state');
        return mappingStates.get(id);
      },
      listOfConnection: (id: string) => {
        reads.push('states');
        return mappingStates.listOfConnection(id);
      },
    }),
  };

  await batch([plural('m1', 'm2', 'm3', 'm4', 'm5')], counted);

  expect(reads).toEqual(['states', 'connection']);
});
