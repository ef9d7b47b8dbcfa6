import { describe, expect, test } from '@jest/globals';
import type { GuardState } from '../../../../../shared/sync/guard/guard.ts';
import type { ParkedKey } from '../../../../../shared/sync/reconcile/parking.ts';
import type { Plan } from '../../../../../shared/sync/reconcile/plan.ts';
import {
  admitClears,
  withHeldClears,
} from '../../../../../shared/use-cases/reconciliation/records/admit-clears.ts';
import type { Planned } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import { recordWaits, waitingOf } from '../../../../../shared/use-cases/reconciliation/records/waiting.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject, aWrite } from '../../../../builders/a-subject.ts';
import {
  ANN,
  aField,
  aLink,
  aLocalItem,
  aMapping,
  aRemoteRecord,
  LOCAL_KEY,
} from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';
import { InMemoryGuardStates } from '../../../../in-memory/guard-states.ts';

const NOW = '2026-01-02T00:00:00.000Z';
const BEFORE = '2026-01-01T00:00:00.000Z';

const fields = [
  aField({ localField: 'firstName' }),
  aField({ localField: 'lastName', direction: 'from-salesforce' }),
  aField({ localField: 'email' }),
];
const mapping = aMapping({ fields });

/** A guard for each name, and none closed unless told; `most` of each field may go in a day. */
function aPass(most: number, closed: Readonly<Record<string, Partial<GuardState>>> = {}) {
  const guardStates = new InMemoryGuardStates();
  for (const [what, state] of Object.entries(closed))
    guardStates.states.set(`${mapping.mappingId}#clears:${what}`, {
      hours: {},
      held: 1,
      version: 1,
      ...state,
    });
  const ports = {
    guardStates,
    clock: manualClock(NOW),
    deletionLimits: { most, share: 1, least: most },
    linkLists: { countLiving: async () => 0 },
  };
  return { pass: { ports, open: { mapping }, owner: 'w' } as unknown as Pass, guardStates };
}

const REFUSED = { decisions: [{ kind: 'refused', before: NOW }] } as const;
const CLOSED = { closedSince: BEFORE } as const;

const waits = (cleared?: ParkedKey['cleared'], kind: ParkedKey['kind'] = 'local'): ParkedKey => ({
  mappingId: mapping.mappingId,
  kind,
  key: LOCAL_KEY,
  rounds: 0,
  version: 1,
  ...(cleared && { cleared }),
});

const planned = (plan: Plan, change: Partial<Subject> = {}): Planned => {
  const subject = aSubject(change);
  const remote = typeof subject.remote === 'string' ? undefined : subject.remote;
  const { localKey, link } = subject;
  return {
    subject,
    plan,
    pair: { mapping, localKey, link, remote, localChangedAt: undefined, localWrittenAt: NOW },
    localChangedAtSfClock: undefined,
  };
};

/** Salesforce lost these, and the item is to lose them too. */
const clearsItem = (...names: string[]) => {
  const empty = Object.fromEntries(names.map((name) => [name, null]));
  return aWrite({ localWrites: empty, nextBase: { ...ANN, ...empty } });
};
const clearsRecord = (...names: string[]) => {
  const empty = Object.fromEntries(names.map((name) => [name, null]));
  return aWrite({ remoteWrites: empty, nextBase: { ...ANN, ...empty }, baseBeforeRemote: ANN });
};

describe('a look', () => {
  test('that clears nothing asks no guard, and goes as it was planned', async () => {
    const { pass, guardStates } = aPass(0);
    const all = [
      planned(aWrite({ localWrites: { email: 'x' } })),
      planned(aWrite({ localWrites: { email: null } }), {
        local: aLocalItem({ values: { email: null } }),
      }),
      planned({ kind: 'in-step' }),
      planned({ kind: 'create-local', values: { email: null }, nextBase: {} }, { local: 'missing' }),
    ];

    const admitted = await admitClears(pass, all);

    expect(admitted.planned).toBe(all);
    expect(admitted.waiting).toEqual([]);
    expect(guardStates.states.size).toBe(0);
  });

  test('whose clears all may go changes nothing of them, and each field and side is counted by itself', async () => {
    const { pass, guardStates } = aPass(1);
    const all = [planned(clearsItem('email')), planned(clearsRecord('email'))];

    const admitted = await admitClears(pass, all);

    expect(admitted.planned).toEqual(all);
    expect(admitted.planned[0]).toBe(all[0]);
    expect(admitted.waiting).toEqual([]);
    expect([...guardStates.states.keys()]).toEqual([
      `${mapping.mappingId}#clears:local:email`,
      `${mapping.mappingId}#clears:salesforce:email`,
    ]);
  });

  test('leaves a field that is held, and writes the others of the record', async () => {
    const { pass } = aPass(0);
    const plan = clearsItem('email');
    const one = planned({ ...plan, localWrites: { ...plan.localWrites, firstName: 'Bea' } });

    const admitted = await admitClears(pass, [one]);

    expect(admitted.planned[0]?.plan).toMatchObject({
      kind: 'write',
      localWrites: { firstName: 'Bea' },
      nextBase: { email: ANN.email },
    });
    expect(admitted.planned[0]?.pair.localWrittenAt).toBe(NOW);
    expect(admitted.waiting).toMatchObject([
      { kind: 'local', reason: 'MANY_FIELDS_CLEARED', cleared: ['local:email'] },
    ]);
    expect(admitted.waiting[0]).not.toHaveProperty('waitMs');
  });

  test('that is left without anything to write to the item says no time at which it wrote', async () => {
    const { pass } = aPass(0);

    const { planned: left } = await admitClears(pass, [planned(clearsItem('email'))]);

    expect(left[0]?.plan.kind).toBe('in-step');
    expect(left[0]?.pair).not.toHaveProperty('localWrittenAt');
  });
});

test.each([
  ['local', {}, { isLocal: true, isRemote: true }],
  ['local', { isLocal: false }, { isLocal: false, isRemote: true }],
  ['salesforce', {}, { isLocal: true, isRemote: false }],
  ['salesforce', { isLocal: false }, { isLocal: true, isRemote: false }],
  ['salesforce', { isLocal: false, isRemote: true }, { isLocal: true, isRemote: true }],
  ['both', { isLocal: false }, { isLocal: true, isRemote: true }],
] as const)('what is held on %s by a look that %j called for waits for %j', async (loses, asked, sides) => {
  const { pass } = aPass(0);
  const plan = {
    local: clearsItem('email'),
    salesforce: clearsRecord('email'),
    both: { ...clearsItem('email'), remoteWrites: { firstName: null } },
  }[loses];

  const { waiting } = await admitClears(pass, [planned(plan, { asked: { key: LOCAL_KEY, ...asked } })]);

  expect(waiting.map((one) => one.asked)).toEqual([{ key: LOCAL_KEY, ...sides }]);
});

describe('where others ask at the same moment, again and again', () => {
  const contend = ({ guardStates }: ReturnType<typeof aPass>, what: string) => {
    const { put } = guardStates;
    guardStates.put = async (guarded, ...rest) =>
      guarded.what !== `clears:${what}` && put.call(guardStates, guarded, ...rest);
  };

  test('the field waits some seconds, for nobody in particular', async () => {
    const stack = aPass(1);
    contend(stack, 'local:email');

    const { waiting, planned: left } = await admitClears(stack.pass, [planned(clearsItem('email'))]);

    expect(left[0]?.plan.kind).toBe('in-step');
    expect(waiting).toMatchObject([{ reason: 'CONTENDED', waitMs: 5_000 }]);
    for (const name of ['cleared', 'rejection']) expect(waiting[0]).not.toHaveProperty(name);
  });

  test('and another field is held, a person is told of that one alone, and the key is looked at again soon', async () => {
    const stack = aPass(0);
    contend(stack, 'local:email');

    const { waiting } = await admitClears(stack.pass, [planned(clearsItem('email', 'firstName'))]);

    expect(waiting).toMatchObject([
      {
        reason: 'MANY_FIELDS_CLEARED',
        waitMs: 5_000,
        cleared: ['local:firstName'],
        rejection: { fields: ['firstName'] },
      },
    ]);
  });
});

describe('a field that a person refused to clear', () => {
  const parked = [waits(undefined, 'record'), waits({ 'local:email': BEFORE, 'local:lastName': BEFORE })];
  const closed = { 'local:email': REFUSED, 'local:lastName': REFUSED };

  test('is taken back by its base alone: nothing is written, and what else was agreed stays', async () => {
    const { pass } = aPass(0, closed);
    const link = aLink({
      adjusted: { email: 'old@example.com', firstName: 'ANN' },
      pending: { firstName: 'Bea' },
    });
    const remote = aRemoteRecord({ values: { email: null, firstName: 'Bea' } });

    const {
      planned: [back],
      waiting,
    } = await admitClears(pass, [planned(clearsItem('email'), { link, remote, parked })]);

    expect(waiting).toEqual([]);
    expect(back).toMatchObject({ isTakenBack: true });
    expect(back?.plan).toMatchObject({
      kind: 'in-step',
      nextBase: { ...ANN, firstName: 'Bea', email: null },
    });
    expect(back?.plan).toHaveProperty('adjusted', { firstName: 'ANN' });
    expect(back?.pair).not.toHaveProperty('localWrittenAt');
  });

  test('and that knows of nothing that Salesforce made of it, is taken back as well', async () => {
    const { pass } = aPass(0, closed);

    const {
      planned: [back],
    } = await admitClears(pass, [planned(clearsItem('email'), { parked })]);

    expect(back?.plan).toHaveProperty('adjusted', {});
  });

  test('takes no field back beside it that cannot be sent', async () => {
    const { pass } = aPass(0, closed);

    const {
      planned: [back],
    } = await admitClears(pass, [planned(clearsItem('email', 'lastName'), { parked })]);

    expect(back?.plan).toMatchObject({ nextBase: { email: null, lastName: ANN.lastName } });
  });

  test('and that cannot be sent stays held, and is listed', async () => {
    const { pass } = aPass(0, closed);

    const {
      planned: [left],
      waiting,
    } = await admitClears(pass, [planned(clearsItem('lastName'), { parked })]);

    expect(left?.plan.kind).toBe('in-step');
    expect(left).not.toHaveProperty('isTakenBack');
    expect(waiting).toMatchObject([{ cleared: ['local:lastName'], rejection: { fields: ['lastName'] } }]);
  });

  test('and was released later is still refused, unless it could not be sent', async () => {
    const released = { kind: 'released', before: '2026-01-03T00:00:00.000Z' } as const;
    const both = { decisions: [...REFUSED.decisions, released] };
    const { pass } = aPass(0, { 'local:email': both, 'local:lastName': both });

    const { planned: results, waiting } = await admitClears(pass, [
      planned(clearsItem('email'), { parked }),
      planned(clearsItem('lastName'), { parked }),
    ]);

    expect(waiting).toEqual([]);
    expect(results[0]).toMatchObject({ isTakenBack: true });
    expect(results[1]?.plan).toMatchObject({ localWrites: { lastName: null } });
  });

  test('is nothing to one that was not held then, whatever else waits of its key', async () => {
    for (const others of [
      [waits()],
      [waits({ 'local:lastName': BEFORE })],
      [waits({ 'local:email': BEFORE }, 'record')],
    ]) {
      const { pass } = aPass(1, closed);

      const {
        planned: [one],
        waiting,
      } = await admitClears(pass, [planned(clearsItem('email'), { parked: others })]);

      expect(one?.plan).toMatchObject({ localWrites: { email: null } });
      expect(waiting).toEqual([]);
    }
  });
});

test('one that is held already stays held as long as the guard is closed, and is not counted once more', async () => {
  const { pass, guardStates } = aPass(5, { 'local:email': CLOSED });
  const before = structuredClone(guardStates.states);

  const { waiting } = await admitClears(pass, [
    planned(clearsItem('email'), { parked: [waits({ 'local:email': BEFORE })] }),
  ]);

  expect(waiting).toMatchObject([{ cleared: ['local:email'] }]);
  expect(guardStates.states).toEqual(before);
});

test('one that was held asks again where nobody has decided and the guard is open', async () => {
  const { pass } = aPass(5, { 'local:email': {} });

  const { waiting } = await admitClears(pass, [
    planned(clearsItem('email'), { parked: [waits({ 'local:email': BEFORE })] }),
  ]);

  expect(waiting).toEqual([]);
});

describe('a key that waits for something else', () => {
  const parked = [waits({ 'local:email': BEFORE, 'local:lastName': BEFORE })];
  const leased = (change: Partial<Subject> = {}) =>
    waitingOf(aSubject({ parked, ...change }), { reason: 'LEASE_HELD', waitMs: 1 });

  test('holds of its fields those that were held before and are still to be cleared', () => {
    const [one] = withHeldClears([leased()], [planned(clearsItem('email', 'firstName'), { parked })]);

    expect(one).toEqual({ ...leased(), cleared: ['local:email'] });
  });

  test('holds none where none is to be cleared any more', () => {
    const [one] = withHeldClears([leased()], [planned(aWrite(), { parked })]);

    expect(one).toEqual({ ...leased(), cleared: [] });
  });

  test('is left as it is where it held none, is a record, was not planned, or is told of by its guard', () => {
    const rejection = {
      by: 'local-rules',
      key: LOCAL_KEY,
      code: 'KEY_TAKEN',
      message: 'm',
      fields: [],
    } as const;
    const record = recordWaits(rejection, waits({ 'local:email': BEFORE }));
    const held = { ...leased(), cleared: ['local:firstName' as const] };
    const all = [planned(clearsItem('email'), { parked })];

    for (const one of [leased({ parked: [] }), leased({ parked: [waits()] }), record])
      expect(withHeldClears([one], all)).toEqual([one]);
    expect(withHeldClears([leased()], [])).toEqual([leased()]);
    expect(withHeldClears([leased(), held], all)).toEqual([leased(), held]);
  });
});
