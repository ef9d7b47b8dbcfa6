import { describe, expect, test } from '@jest/globals';
import {
  CONFLICT_POLICIES,
  type ConflictPolicy,
  type Direction,
} from '../../../../shared/contracts/sync-config.ts';
import type { Link } from '../../../../shared/sync/model/link.ts';
import type { Mapping } from '../../../../shared/sync/model/mapping.ts';
import type { Looked } from '../../../../shared/sync/reconcile/looked.ts';
import { NOTHING, REASONS } from '../../../../shared/sync/reconcile/plan.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { ANN, aField, aLink, aLocalItem, aMapping, aRemoteRecord, SF_ID } from '../../../builders/sync.ts';

const withPolicy = (conflictPolicy: ConflictPolicy, direction: Direction = 'both'): Mapping =>
  aMapping({
    fields: ['firstName', 'lastName', 'email'].map((localField) =>
      aField({ localField, conflictPolicy, direction }),
    ),
  });

describe('field by field', () => {
  test('writes nothing and stores nothing when all three sides agree', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink(),
      local: aLocalItem(),
      remote: aRemoteRecord(),
    });

    expect(plan).toEqual({ kind: 'in-step' });
  });

  test('stores a newer stamp where all three sides agree, so that who holds the record of before loses the race', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink(),
      local: aLocalItem(),
      remote: aRemoteRecord({ systemModstamp: '2024-01-01T00:02:00.000Z' }),
    });

    expect(plan).toMatchObject({ kind: 'in-step', nextBase: ANN });
  });

  test('takes a Salesforce edit, and only the field that changed', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink(),
      local: aLocalItem(),
      remote: aRemoteRecord({ values: { email: 'new@example.com' } }),
    });

    expect(plan).toMatchObject({ kind: 'write', remoteWrites: {}, conflicts: [] });
    expect(plan).toHaveProperty('localWrites', { email: 'new@example.com' });
    expect(plan).toHaveProperty('nextBase', { ...ANN, email: 'new@example.com' });
  });

  test('takes a local edit, and only the field that changed', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink(),
      local: aLocalItem({ values: { lastName: 'Ray' } }),
      remote: aRemoteRecord(),
    });

    expect(plan).toHaveProperty('localWrites', {});
    expect(plan).toHaveProperty('remoteWrites', { lastName: 'Ray' });
    expect(plan).toHaveProperty('nextBase', { ...ANN, lastName: 'Ray' });
    expect(plan).toHaveProperty('baseBeforeRemote', ANN);
  });

  test('carries the clearing of a field across as a null', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink(),
      local: aLocalItem({ values: { firstName: null } }),
      remote: aRemoteRecord({ values: { email: null } }),
    });

    expect(plan).toHaveProperty('remoteWrites', { firstName: null });
    expect(plan).toHaveProperty('localWrites', { email: null });
  });

  test('keeps edits of different fields on both sides', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink(),
      local: aLocalItem({ values: { lastName: 'Ray' } }),
      remote: aRemoteRecord({ values: { email: 'new@example.com' } }),
    });

    expect(plan).toMatchObject({
      kind: 'write',
      localWrites: { email: 'new@example.com' },
      remoteWrites: { lastName: 'Ray' },
      nextBase: { firstName: 'Ann', lastName: 'Ray', email: 'new@example.com' },
      baseBeforeRemote: { firstName: 'Ann', lastName: 'Lee', email: 'new@example.com' },
      conflicts: [],
    });
  });

  test('agrees without a write when both sides made the same edit, and learns it as base', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink(),
      local: aLocalItem({ values: { lastName: 'Ray' } }),
      remote: aRemoteRecord({ values: { lastName: 'Ray' } }),
    });

    expect(plan).toEqual({ kind: 'in-step', nextBase: { ...ANN, lastName: 'Ray' }, adjusted: {}, held: [] });
  });

  test('treats an absent boolean as false, which is all that Salesforce can say', () => {
    const mapping = aMapping({ fields: [aField({ localField: 'isVip', type: 'boolean' })] });

    const plan = reconcile({
      mapping,
      link: aLink({ base: { isVip: false } }),
      local: aLocalItem({ values: { isVip: null } }),
      remote: aRemoteRecord({ values: { isVip: false } }),
    });

    expect(plan).toEqual({ kind: 'in-step' });
  });

  test('handles attributes named like the members of every object', () => {
    const names = ['constructor', '__proto__', 'hasOwnProperty'];
    const values = (text: string) => Object.fromEntries(names.map((name) => [name, text]));
    const mapping = aMapping({ fields: names.map((localField) => aField({ localField })) });
    const local = { ...aLocalItem(), values: values('new') };
    const remote = { ...aRemoteRecord(), values: values('old') };

    const plan = reconcile({ mapping, link: aLink({ base: values('old') }), local, remote });

    expect(plan).toMatchObject({ kind: 'write', conflicts: [] });
    expect(Object.entries(plan.kind === 'write' ? plan.remoteWrites : {})).toEqual(
      names.map((name) => [name, 'new']),
    );
  });
});

describe('conflicts', () => {
  const bothEdited = (mapping: Mapping, localChangedAtSfClock?: string, more: Partial<Looked> = {}) =>
    reconcile({
      mapping,
      link: aLink(),
      local: aLocalItem({ values: { lastName: 'Local' } }),
      remote: aRemoteRecord({
        values: { lastName: 'Remote' },
        lastModifiedDate: '2024-01-01T00:01:00.000Z',
      }),
      localChangedAtSfClock,
      ...more,
    });

  const localWins = { localWrites: {}, remoteWrites: { lastName: 'Local' } };
  const salesforceWins = { localWrites: { lastName: 'Remote' }, remoteWrites: {} };

  test.each([
    [
      'the later local edit',
      'last-write-wins',
      '2024-01-01T00:01:01.000Z',
      localWins,
      'local',
      REASONS.localLater,
    ],
    [
      'the later Salesforce edit',
      'last-write-wins',
      '2024-01-01T00:00:59.999Z',
      salesforceWins,
      'salesforce',
      REASONS.salesforceLater,
    ],
    [
      'Salesforce within one second',
      'last-write-wins',
      '2024-01-01T00:01:00.999Z',
      salesforceWins,
      'salesforce',
      REASONS.tie,
    ],
    [
      'Salesforce when the local time is unknown',
      'last-write-wins',
      undefined,
      salesforceWins,
      'salesforce',
      REASONS.localTimeUnknown,
    ],
    [
      'Salesforce by policy, however late the local edit',
      'salesforce-wins',
      '2025-01-01T00:00:00.000Z',
      salesforceWins,
      'salesforce',
      REASONS.salesforceWins,
    ],
    [
      'the local side by policy, however early',
      'local-wins',
      undefined,
      localWins,
      'local',
      REASONS.localWins,
    ],
  ] as const)('gives a field that both edited to %s', (_, policy, at, writes, winner, reason) => {
    const plan = bothEdited(withPolicy(policy), at);

    expect(plan).toMatchObject({
      kind: 'write',
      ...writes,
      conflicts: [
        { field: 'lastName', base: 'Lee', local: 'Local', remote: 'Remote', policy, winner, reason },
      ],
    });
  });

  test.each([
    ['an earlier time', '2024-01-01T00:00:59.999Z', 'salesforce', REASONS.localTimeUnknown],
    ['the same second', '2024-01-01T00:01:00.999Z', 'salesforce', REASONS.localTimeUnknown],
    ['a later time', '2024-01-01T00:01:01.000Z', 'local', REASONS.localLater],
  ] as const)('knows of an item that has changed once more since %s only that', (_, at, winner, reason) => {
    const plan = bothEdited(withPolicy('last-write-wins'), at, { hasChangedSince: true });

    expect(plan).toMatchObject({ conflicts: [{ winner, reason }] });
  });

  test('holds a manual conflict: neither side is touched and the base stays', () => {
    const plan = bothEdited(withPolicy('manual'));

    expect(plan).toMatchObject({
      kind: 'write',
      localWrites: {},
      remoteWrites: {},
      nextBase: ANN,
      conflicts: [],
      held: [{ field: 'lastName', local: 'Local', remote: 'Remote', version: 2 }],
    });
  });

  test('a manual conflict does not hold up the other fields', () => {
    const plan = reconcile({
      mapping: withPolicy('manual'),
      link: aLink(),
      local: aLocalItem({ values: { lastName: 'Local', firstName: 'Anna' } }),
      remote: aRemoteRecord({ values: { lastName: 'Remote', email: 'new@example.com' } }),
    });

    expect(plan).toMatchObject({
      localWrites: { email: 'new@example.com' },
      remoteWrites: { firstName: 'Anna' },
      nextBase: { firstName: 'Anna', lastName: 'Lee', email: 'new@example.com' },
    });
  });

  test('decides each field by its own policy', () => {
    const mapping = aMapping({
      fields: [
        aField({ localField: 'firstName', conflictPolicy: 'local-wins' }),
        aField({ localField: 'lastName', conflictPolicy: 'salesforce-wins' }),
      ],
    });

    const plan = reconcile({
      mapping,
      link: aLink(),
      local: aLocalItem({ values: { firstName: 'L1', lastName: 'L2' } }),
      remote: aRemoteRecord({ values: { firstName: 'R1', lastName: 'R2' } }),
    });

    expect(plan).toMatchObject({ localWrites: { lastName: 'R2' }, remoteWrites: { firstName: 'L1' } });
  });
});

describe('fields that go one way', () => {
  const edited = (direction: Direction, local: string | null, remote: string | null, base = ANN) =>
    reconcile({
      mapping: withPolicy('local-wins', direction),
      link: aLink({ base }),
      local: aLocalItem({ values: { email: local } }),
      remote: aRemoteRecord({ values: { email: remote } }),
    });

  test('puts back a local edit of a field that comes from Salesforce, and says so', () => {
    expect(edited('from-salesforce', 'mine@example.com', 'ann@example.com')).toMatchObject({
      localWrites: { email: 'ann@example.com' },
      remoteWrites: {},
      conflicts: [{ policy: 'direction', winner: 'salesforce', reason: REASONS.fromSalesforceOnly }],
    });
  });

  test('puts back a Salesforce edit of a field that goes to Salesforce, and says so', () => {
    expect(edited('to-salesforce', 'ann@example.com', 'theirs@example.com')).toMatchObject({
      localWrites: {},
      remoteWrites: { email: 'ann@example.com' },
      conflicts: [{ policy: 'direction', winner: 'local', reason: REASONS.toSalesforceOnly }],
    });
  });

  test.each([
    ['from-salesforce', { localWrites: { email: null }, remoteWrites: {} }],
    ['to-salesforce', { localWrites: {}, remoteWrites: { email: null } }],
  ] as const)('clears the other side when the source of a %s field was cleared', (direction, writes) => {
    const [local, remote] =
      direction === 'to-salesforce' ? [null, 'ann@example.com'] : ['ann@example.com', null];

    expect(edited(direction, local, remote)).toMatchObject({ ...writes, conflicts: [] });
  });

  test.each([
    ['from-salesforce', 'ann@example.com', null],
    ['to-salesforce', null, 'ann@example.com'],
  ] as const)(
    'an empty source of a %s field wipes nothing at a first meeting',
    (direction, local, remote) => {
      const base = { firstName: 'Ann', lastName: 'Lee' };

      expect(edited(direction, local, remote, base)).toEqual({ kind: 'in-step' });
    },
  );

  test.each([
    ['from-salesforce', 'localWrites', 'theirs@example.com', 'salesforce'],
    ['to-salesforce', 'remoteWrites', 'mine@example.com', 'local'],
  ] as const)(
    'at a first meeting the source of a %s field wins, and a value that it overwrites is recorded',
    (direction, writes, value, winner) => {
      const base = { firstName: 'Ann', lastName: 'Lee' };

      expect(edited(direction, 'mine@example.com', 'theirs@example.com', base)).toMatchObject({
        [writes]: { email: value },
        conflicts: [{ base: undefined, policy: 'direction', winner }],
      });
      const [local, remote] = direction === 'to-salesforce' ? [value, null] : [null, value];
      expect(edited(direction, local, remote, base)).toMatchObject({
        [writes]: { email: value },
        conflicts: [],
      });
    },
  );

  test('does not put back what Salesforce itself made of our write', () => {
    const plan = reconcile({
      mapping: withPolicy('last-write-wins', 'to-salesforce'),
      link: aLink({ adjusted: { email: 'ANN@EXAMPLE.COM' } }),
      local: aLocalItem(),
      remote: aRemoteRecord({ values: { email: 'ANN@EXAMPLE.COM' } }),
    });

    expect(plan).toEqual({ kind: 'in-step' });
  });

  test('still sends the next local edit of a field that Salesforce adjusted, without a conflict', () => {
    const plan = reconcile({
      mapping: withPolicy('salesforce-wins', 'to-salesforce'),
      link: aLink({ adjusted: { email: 'ANN@EXAMPLE.COM' } }),
      local: aLocalItem({ values: { email: 'new@example.com' } }),
      remote: aRemoteRecord({ values: { email: 'ANN@EXAMPLE.COM' } }),
    });

    expect(plan).toMatchObject({ remoteWrites: { email: 'new@example.com' }, conflicts: [], adjusted: {} });
  });
});

describe('what Salesforce made of our write, where a field goes both ways', () => {
  const link = aLink({ adjusted: { email: 'ANN@EXAMPLE.COM' } });
  const remote = aRemoteRecord({ values: { email: 'ANN@EXAMPLE.COM' } });

  test('comes back to the local side', () => {
    const plan = reconcile({ mapping: aMapping(), link, local: aLocalItem(), remote });

    expect(plan).toMatchObject({ localWrites: { email: 'ANN@EXAMPLE.COM' }, conflicts: [], adjusted: {} });
  });

  test('loses to a local edit under every policy, because nobody made it', () => {
    const plan = reconcile({
      mapping: withPolicy('salesforce-wins'),
      link,
      local: aLocalItem({ values: { email: 'new@example.com' } }),
      remote,
    });

    expect(plan).toMatchObject({ remoteWrites: { email: 'new@example.com' }, conflicts: [] });
  });
});

describe('a first meeting', () => {
  test('links two sides that agree without writing to either', () => {
    const plan = reconcile({ mapping: aMapping(), local: aLocalItem(), remote: aRemoteRecord() });

    expect(plan).toEqual({ kind: 'in-step', nextBase: ANN, adjusted: {}, held: [] });
  });

  test('decides fields that differ by the policy', () => {
    const plan = reconcile({
      mapping: aMapping(),
      local: aLocalItem({ values: { lastName: 'Local' } }),
      remote: aRemoteRecord({ values: { lastName: 'Remote' } }),
      localChangedAtSfClock: '2024-01-01T00:02:00.000Z',
    });

    expect(plan).toMatchObject({
      remoteWrites: { lastName: 'Local' },
      conflicts: [{ base: undefined, winner: 'local', reason: REASONS.localLater }],
    });
  });

  test('fills an empty field from the side that has a value, whatever the policy, and wipes neither', () => {
    const plan = reconcile({
      mapping: withPolicy('manual'),
      local: aLocalItem({ values: { email: null } }),
      remote: aRemoteRecord({ values: { firstName: null } }),
      localChangedAtSfClock: '2030-01-01T00:00:00.000Z',
    });

    expect(plan).toMatchObject({
      localWrites: { email: 'ann@example.com' },
      remoteWrites: { firstName: 'Ann' },
      conflicts: [],
    });
  });

  describe.each(CONFLICT_POLICIES)('a checkbox that nobody ticked (%s)', (conflictPolicy) => {
    const look = (local: boolean | null, remote: boolean, direction: Direction = 'both') =>
      reconcile({
        mapping: aMapping({
          fields: [aField({ localField: 'isVip', type: 'boolean', conflictPolicy, direction })],
        }),
        local: aLocalItem({ values: { isVip: local } }),
        remote: aRemoteRecord({ values: { isVip: remote } }),
      });

    test.each(['both', 'to-salesforce'] as const)('takes the item’s tick (%s)', (direction) => {
      expect(look(true, false, direction)).toMatchObject({
        remoteWrites: { isVip: true },
        localWrites: {},
        conflicts: [],
      });
    });

    test('is Salesforce’s word where it only comes from there', () => {
      expect(look(true, false, 'from-salesforce')).toMatchObject({ localWrites: { isVip: false } });
    });

    test('is in step with an item that has none, and a ticked one fills it', () => {
      expect(look(null, true)).toMatchObject({ localWrites: { isVip: true }, conflicts: [] });
      for (const local of [null, false]) expect(look(local, false)).toMatchObject({ kind: 'in-step' });
    });

    test('is another matter than an item’s false, which is a value', () => {
      const told = conflictPolicy === 'manual' ? 'held' : 'conflicts';
      expect(look(false, true)).toMatchObject({ [told]: [{ local: false, remote: true }] });
    });
  });

  test.each([
    ['both', { kind: 'write', localWrites: { email: ANN.email }, remoteWrites: {}, conflicts: [] }],
    ['from-salesforce', { kind: 'write', localWrites: { email: ANN.email }, remoteWrites: {} }],
    ['to-salesforce', { kind: 'in-step' }],
  ] as const)('what an item that was made again lacks clears no field that goes %s', (direction, plan) => {
    const looked = {
      mapping: withPolicy('local-wins', direction),
      link: aLink(),
      local: aLocalItem({ values: { ...ANN, email: null } }),
      remote: aRemoteRecord(),
    };
    expect(reconcile({ ...looked, madeWithout: ['email'] })).toMatchObject(plan);
  });

  test('what an item was made again with and lacks now was cleared', () => {
    const local = aLocalItem({ values: { ...ANN, email: null } });
    const looked = { mapping: aMapping(), link: aLink(), local, remote: aRemoteRecord() };
    expect(reconcile({ ...looked, madeWithout: ['firstName'] })).toMatchObject({
      ...{ kind: 'write', localWrites: {}, remoteWrites: { email: null }, conflicts: [] },
    });
  });

  test.each<[string, Partial<Link>, object]>([
    [
      'had been announced with its record was cleared since',
      {
        state: 'creating',
        base: { firstName: 'Ann' },
        pending: { lastName: 'Lee', email: 'ann@example.com' },
      },
      { kind: 'write', localWrites: {}, remoteWrites: { email: null }, conflicts: [] },
    ],
    [
      'was announced as empty was never there',
      { state: 'creating', base: { firstName: 'Ann' }, pending: { lastName: 'Lee', email: null } },
      { kind: 'write', localWrites: { email: ANN.email }, remoteWrites: {} },
    ],
    [
      'a pair that lives was written with may be of the item before',
      { pending: { email: 'ann@example.com' } },
      { kind: 'write', localWrites: { email: ANN.email }, remoteWrites: {} },
    ],
  ])('of what an item was made without, what %s', (_what, link, plan) => {
    const { sfId: _, ...announced } = aLink(link);
    const looked = {
      mapping: aMapping(),
      link: link.state === 'creating' ? announced : aLink(link),
      local: aLocalItem({ values: { ...ANN, email: null } }),
      remote: aRemoteRecord(),
    };
    expect(reconcile({ ...looked, madeWithout: ['email'] })).toMatchObject(plan);
  });

  test('what a record has in the place of what it was announced with is an edit of it, once its item is gone', () => {
    const { sfId: _, ...creating } = aLink({
      state: 'creating',
      base: { firstName: null },
      pending: { lastName: 'Lee', email: 'ann@example.com' },
    });
    const remote = aRemoteRecord({ values: { firstName: null, lastName: 'Ray' } });
    expect(reconcile({ mapping: aMapping(), link: creating, local: 'missing', remote })).toMatchObject({
      kind: 'in-step',
      nextBase: { firstName: null, lastName: 'Lee', email: 'ann@example.com' },
    });
  });

  test('what an item that was made again has counts as its edit, as before', () => {
    const local = aLocalItem({ values: { ...ANN, email: 'new@example.com' } });
    const looked = { mapping: aMapping(), link: aLink(), local, remote: aRemoteRecord() };
    expect(reconcile({ ...looked, madeWithout: ['email'] })).toMatchObject({
      ...{ kind: 'write', localWrites: {}, remoteWrites: { email: 'new@example.com' }, conflicts: [] },
    });
  });

  test('a field newly mapped meets for the first time while the others keep their base', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink({ base: { firstName: 'Ann', lastName: 'Lee' } }),
      local: aLocalItem({ values: { email: null, lastName: 'Ray' } }),
      remote: aRemoteRecord(),
    });

    expect(plan).toMatchObject({
      localWrites: { email: 'ann@example.com' },
      remoteWrites: { lastName: 'Ray' },
      conflicts: [],
    });
  });

  test('does not link a record whose external id is the key in other capitals', () => {
    const remote = aRemoteRecord({ externalId: 'CONTACT-1' });

    expect(reconcile({ mapping: aMapping(), local: aLocalItem(), remote })).toEqual({
      kind: 'nothing',
      reason: NOTHING.otherKey,
    });
  });
});

describe('creating', () => {
  test('makes an item of a record that only Salesforce has, without nulls', () => {
    const remote = aRemoteRecord({ values: { email: null } });

    const plan = reconcile({ mapping: aMapping({ localIdField: 'sfId' }), local: 'missing', remote });

    expect(plan).toEqual({
      kind: 'create-local',
      values: { firstName: 'Ann', lastName: 'Lee' },
      nextBase: { ...ANN, email: null },
      setLocalSfId: SF_ID,
    });
  });

  test('makes a record of an item that only the local side has, without nulls', () => {
    const local = aLocalItem({ values: { email: null } });

    const plan = reconcile({ mapping: aMapping(), local, remote: 'missing' });

    expect(plan).toEqual({
      kind: 'create-remote',
      values: { firstName: 'Ann', lastName: 'Lee' },
      nextBase: { ...ANN, email: null },
      baseBeforeRemote: { email: null },
    });
  });

  test('leaves out fields that do not go that way', () => {
    const mapping = aMapping({
      fields: [
        aField({ localField: 'firstName', direction: 'to-salesforce' }),
        aField({ localField: 'lastName', direction: 'from-salesforce' }),
      ],
    });

    expect(reconcile({ mapping, local: 'missing', remote: aRemoteRecord() })).toMatchObject({
      values: { lastName: 'Lee' },
      nextBase: { lastName: 'Lee' },
    });
    expect(reconcile({ mapping, local: aLocalItem(), remote: 'missing' })).toMatchObject({
      values: { firstName: 'Ann' },
      nextBase: { firstName: 'Ann' },
    });
  });

  test.each([
    ['from-salesforce', aLocalItem(), 'missing', NOTHING.notToSalesforce],
    ['to-salesforce', 'missing', aRemoteRecord(), NOTHING.notFromSalesforce],
    ['both', 'missing', 'missing', NOTHING.neitherSide],
    ['both', 'missing', aRemoteRecord({ isDeleted: true }), NOTHING.neitherSide],
  ] as const)('a mapping that goes %s creates nothing it may not', (direction, local, remote, reason) => {
    expect(reconcile({ mapping: aMapping({ direction }), local, remote })).toEqual({
      kind: 'nothing',
      reason,
    });
  });

  test('announces a creation again when Salesforce turns out not to have it', () => {
    const link = aLink({ state: 'creating', base: {}, pending: ANN });
    const { sfId, ...withoutId } = link;

    const plan = reconcile({ mapping: aMapping(), link: withoutId, local: aLocalItem(), remote: 'missing' });

    expect(plan).toMatchObject({ kind: 'create-remote', values: ANN });
  });

  test('links a record whose creation was announced and whose answer was lost', () => {
    const { sfId, ...link } = aLink({ state: 'creating', base: {}, pending: ANN });
    const local = aLocalItem({ values: { lastName: 'Ray' } });

    const plan = reconcile({ mapping: aMapping(), link, local, remote: aRemoteRecord() });

    expect(plan).toMatchObject({ kind: 'write', remoteWrites: { lastName: 'Ray' }, conflicts: [] });
  });

  test('puts the Salesforce id into the item that lacks it, and writes nothing else', () => {
    const mapping = aMapping({ localIdField: 'sfId' });

    const plan = reconcile({ mapping, link: aLink(), local: aLocalItem(), remote: aRemoteRecord() });

    expect(plan).toMatchObject({
      kind: 'write',
      localWrites: {},
      remoteWrites: {},
      conflicts: [],
      setLocalSfId: SF_ID,
    });
  });
});

describe('an announced write whose outcome is not known', () => {
  const link = aLink({ pending: { lastName: 'Ray' } });

  test('is done where Salesforce has its value', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link,
      local: aLocalItem({ values: { lastName: 'Ray' } }),
      remote: aRemoteRecord({ values: { lastName: 'Ray' } }),
    });

    expect(plan).toEqual({ kind: 'in-step', nextBase: { ...ANN, lastName: 'Ray' }, adjusted: {}, held: [] });
  });

  test('is made again where the record has not changed since', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link,
      local: aLocalItem({ values: { lastName: 'Ray' } }),
      remote: aRemoteRecord({ systemModstamp: link.sfModstamp ?? '' }),
    });

    expect(plan).toMatchObject({ remoteWrites: { lastName: 'Ray' }, conflicts: [] });
  });

  test.each(['last-write-wins', 'salesforce-wins', 'local-wins', 'manual'] as const)(
    'is made again where the record has changed and has the value of before, which may be an edit: under %s',
    (policy) => {
      const plan = reconcile({
        mapping: withPolicy(policy),
        link,
        local: aLocalItem({ values: { lastName: 'Ray' } }),
        remote: aRemoteRecord({ systemModstamp: '2024-01-01T00:02:00.000Z' }),
      });

      const lost = { field: 'lastName', remote: 'Lee', winner: 'local', reason: REASONS.outcomeUnknown };
      expect(plan).toMatchObject({ remoteWrites: { lastName: 'Ray' }, conflicts: [lost] });
    },
  );

  test('is not taken for a Salesforce edit when the item was edited once more', () => {
    const plan = reconcile({
      mapping: withPolicy('salesforce-wins'),
      link,
      local: aLocalItem({ values: { lastName: 'Roe' } }),
      remote: aRemoteRecord({ values: { lastName: 'Ray' } }),
    });

    expect(plan).toMatchObject({
      localWrites: {},
      remoteWrites: { lastName: 'Roe' },
      conflicts: [],
      baseBeforeRemote: { lastName: 'Ray' },
    });
  });

  test('does not meet the conflict again that it had decided', () => {
    const mapping = withPolicy('local-wins');
    const local = aLocalItem({ values: { lastName: 'Local' } });
    const remote = aRemoteRecord({ values: { lastName: 'Remote' } });
    const plan = reconcile({ mapping, link: aLink(), local, remote });
    if (plan.kind !== 'write') throw new Error('a conflict was to be decided');

    const announced = aLink({
      base: plan.baseBeforeRemote,
      pending: plan.remoteWrites,
      sfModstamp: remote.systemModstamp,
    });
    const again = reconcile({ mapping, link: announced, local, remote });

    expect(plan.conflicts).toHaveLength(1);
    expect(again).toMatchObject({ remoteWrites: { lastName: 'Local' }, conflicts: [] });
  });

  test('clears the announcement even where it changed nothing', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link,
      local: aLocalItem(),
      remote: aRemoteRecord(),
    });

    expect(plan).toEqual({ kind: 'in-step', nextBase: ANN, adjusted: {}, held: [] });
  });
});

describe('deletions', () => {
  const gone = aRemoteRecord({ isDeleted: true });
  const mapping = aMapping();

  test('makes a tombstone of a deleted item, and touches the record no more', () => {
    const deleted = reconcile({
      mapping,
      link: aLink(),
      local: 'missing',
      isLocalDeleted: true,
      remote: aRemoteRecord(),
    });
    const link = aLink({ state: 'local-deleted' });
    const again = reconcile({
      mapping,
      link,
      local: 'missing',
      remote: aRemoteRecord({ values: { email: 'x' } }),
    });

    expect(deleted).toEqual({ kind: 'local-deleted' });
    expect(again).toEqual({ kind: 'nothing', reason: NOTHING.localGone });
  });

  test.each([
    ['in the recycle bin', gone],
    ['purged', 'missing'],
  ] as const)('makes a tombstone of a record that is %s, and touches the item no more', (_, remote) => {
    const link = aLink({ state: 'remote-deleted' });
    const local = aLocalItem({ values: { lastName: 'Ray' } });

    expect(reconcile({ mapping, link: aLink(), local: aLocalItem(), remote })).toEqual({
      kind: 'remote-deleted',
    });
    expect(reconcile({ mapping, link, local, remote })).toEqual({
      kind: 'nothing',
      reason: NOTHING.remoteGone,
    });
  });

  test('merges a record that came back from the bin with what happened to its item meanwhile', () => {
    const plan = reconcile({
      mapping,
      link: aLink({ state: 'remote-deleted' }),
      local: aLocalItem({ values: { lastName: 'Ray' } }),
      remote: aRemoteRecord({ values: { email: 'new@example.com' } }),
    });

    expect(plan).toMatchObject({
      localWrites: { email: 'new@example.com' },
      remoteWrites: { lastName: 'Ray' },
      conflicts: [],
    });
  });

  test('relinks an undeleted record even where nothing changed', () => {
    const link = aLink({ state: 'remote-deleted' });

    expect(reconcile({ mapping, link, local: aLocalItem(), remote: aRemoteRecord() })).toMatchObject({
      kind: 'in-step',
      nextBase: ANN,
    });
  });

  test('an item made again meets its record for the first time: what it leaves out clears nothing', () => {
    const plan = reconcile({
      mapping,
      link: aLink({ state: 'local-deleted' }),
      local: aLocalItem({ values: { email: null } }),
      remote: aRemoteRecord(),
      localChangedAtSfClock: '2030-01-01T00:00:00.000Z',
    });

    expect(plan).toMatchObject({ localWrites: { email: 'ann@example.com' }, remoteWrites: {} });
  });

  test('an item made again after both were deleted becomes a new record', () => {
    const link = aLink({ state: 'local-deleted' });

    expect(reconcile({ mapping, link, local: aLocalItem(), remote: gone })).toMatchObject({
      kind: 'create-remote',
      values: ANN,
    });
  });

  test.each(['both-deleted', 'local-deleted', 'deleting'] as const)(
    'an item made again is a new record where Salesforce does not give that of before: %s',
    (state) => {
      const looked = { mapping, link: aLink({ state }), local: aLocalItem(), remote: 'unseen' } as const;
      expect(reconcile(looked)).toMatchObject({ kind: 'create-remote', values: ANN });
    },
  );

  test('a new record with the same external id takes over from a deleted one, as a first meeting', () => {
    const plan = reconcile({
      mapping,
      link: aLink({ state: 'remote-deleted' }),
      local: aLocalItem(),
      remote: aRemoteRecord({ sfId: '003000000000002AAA', values: { email: null } }),
    });

    expect(plan).toMatchObject({
      kind: 'write',
      localWrites: {},
      remoteWrites: { email: 'ann@example.com' },
    });
  });

  test('leaves a second record alone that claims the key of a living pair', () => {
    const remote = aRemoteRecord({ sfId: '003000000000002AAA', values: { email: 'x@example.com' } });

    expect(reconcile({ mapping, link: aLink(), local: aLocalItem(), remote })).toEqual({
      kind: 'nothing',
      reason: NOTHING.otherRecord,
    });
  });

  test('an item that was deleted before its creation was settled leaves a tombstone', () => {
    const { sfId, ...link } = aLink({ state: 'creating', base: {}, pending: ANN });

    for (const remote of [aRemoteRecord(), 'missing'] as const) {
      const looked = { mapping, link, local: 'missing', remote } as const;
      expect(reconcile({ ...looked, isLocalDeleted: true })).toEqual({ kind: 'local-deleted' });
    }
  });

  test('an item that expired before its creation was settled leaves a pair without it, or none', () => {
    const { sfId, ...link } = aLink({ state: 'creating', base: {}, pending: ANN });
    const looked = { mapping, link, local: 'missing' } as const;

    expect(reconcile({ ...looked, remote: 'missing' })).toEqual({ kind: 'local-deleted' });
    const remote = aRemoteRecord({ values: { ...ANN, email: 'else@example.com' } });
    const { email: _, ...arrived } = ANN;
    expect(reconcile({ ...looked, remote })).toMatchObject({ kind: 'in-step', nextBase: arrived });
    const others = aRemoteRecord({ externalId: 'else' });
    expect(reconcile({ ...looked, remote: others })).toEqual({
      kind: 'nothing',
      reason: NOTHING.itemVanished,
    });
  });

  test('an item that expired before its write was settled leaves what arrived as base', () => {
    const link = aLink({ pending: { firstName: 'Anna', email: 'new@example.com' } });
    const remote = aRemoteRecord({ values: { ...ANN, firstName: 'Anna' } });

    expect(reconcile({ mapping, link, local: 'missing', remote })).toMatchObject({
      kind: 'in-step',
      nextBase: { ...ANN, firstName: 'Anna' },
    });
    expect(reconcile({ mapping, link, local: 'missing', remote: 'unseen' })).toEqual({
      kind: 'nothing',
      reason: NOTHING.itemVanished,
    });
  });

  describe('of a record whose creation was announced', () => {
    const { sfId, ...link } = aLink({ state: 'creating', base: {}, pending: ANN });
    const local = aLocalItem();

    test('leave a tombstone: it had been made, and somebody decided against it', () => {
      const remote = aRemoteRecord({ isDeleted: true });

      expect(reconcile({ mapping, link, local, remote })).toEqual({ kind: 'remote-deleted' });
    });

    test('leave no pair where the item has expired meanwhile', () => {
      const remote = aRemoteRecord({ isDeleted: true });

      expect(reconcile({ mapping, link, local: 'missing', remote })).toEqual({ kind: 'local-deleted' });
    });

    test('do not count where they are older than the announcement', () => {
      const remote = aRemoteRecord({ isDeleted: true, systemModstamp: '2024-01-01T00:00:05.000Z' });

      expect(reconcile({ mapping, link, local, remote })).toMatchObject({ kind: 'create-remote' });
    });
  });

  test('are no conclusion from an item that is not there, nor from a record that Salesforce does not give', () => {
    const local = aLocalItem({ values: { email: 'new' } });

    expect(reconcile({ mapping, link: aLink(), local: 'missing', remote: aRemoteRecord() })).toEqual({
      kind: 'nothing',
      reason: NOTHING.itemVanished,
    });
    expect(reconcile({ mapping, link: aLink(), local, remote: 'unseen' })).toEqual({
      kind: 'nothing',
      reason: NOTHING.recordUnseen,
    });
  });
});
