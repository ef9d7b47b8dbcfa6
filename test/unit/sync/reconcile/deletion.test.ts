import { describe, expect, test } from '@jest/globals';
import type { DeletePolicy } from '../../../../shared/contracts/sync-config.ts';
import type { FieldMapping } from '../../../../shared/sync/model/mapping.ts';
import type { Looked } from '../../../../shared/sync/reconcile/looked.ts';
import { NOTHING, type Plan, REASONS } from '../../../../shared/sync/reconcile/plan.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

const policies = (policy: DeletePolicy) => ({ fromSalesforce: policy, toSalesforce: policy });
const mappingOf = (change: Partial<FieldMapping> = {}, policy: DeletePolicy = 'propagate') =>
  aMapping({
    deletePolicy: policies(policy),
    fields: ['firstName', 'lastName', 'email'].map((localField) => aField({ localField, ...change })),
  });

const AT = (second: number) => `2024-01-01T00:02:${String(second).padStart(2, '0')}.000Z`;
const EDITED = { firstName: 'Anna' };

/** The item is gone, and somebody deleted it at second 30. */
const itemGone = (change: Partial<Looked> = {}): Looked => ({
  mapping: mappingOf(),
  link: aLink(),
  local: 'missing',
  isLocalDeleted: true,
  localChangedAtSfClock: AT(30),
  remote: aRemoteRecord(),
  ...change,
});

/** The record is in the bin since second 30. */
const recordGone = (change: Partial<Looked> = {}): Looked => ({
  mapping: mappingOf(),
  link: aLink(),
  local: aLocalItem(),
  remote: aRemoteRecord({ isDeleted: true, systemModstamp: AT(30) }),
  ...change,
});

const kindOf = (looked: Looked): Plan['kind'] => reconcile(looked).kind;

describe('a field that is sent with the creation alone', () => {
  test('differs for ever, and outlives no deletion', () => {
    const mapping = mappingOf({ sentAt: 'create' });
    const local = aLocalItem({ values: { ...aLocalItem().values, ...EDITED } });

    expect(kindOf(recordGone({ mapping, local }))).toBe('delete-local');
    const remote = aRemoteRecord({ values: { ...aRemoteRecord().values, ...EDITED } });
    expect(kindOf(itemGone({ mapping, remote }))).toBe('delete-remote');
  });
});

describe('a formula', () => {
  const mapping = mappingOf({ direction: 'from-salesforce', isComputed: true });
  const remote = aRemoteRecord({ values: { ...aRemoteRecord().values, ...EDITED } });

  test('that has another value by now is nobody’s edit, and outlives no deletion', () => {
    expect(reconcile(itemGone({ mapping, remote }))).toEqual({ kind: 'delete-remote', conflicts: [] });
    const settable = mappingOf({ direction: 'from-salesforce' });
    expect(reconcile(itemGone({ mapping: settable, remote }))).toMatchObject({
      conflicts: [{ field: 'firstName' }],
    });
  });

  test('does not bring an item back whose record was to be deleted, and may have been', () => {
    const link = aLink({ state: 'deleting', sfModstamp: remote.systemModstamp });
    expect(kindOf(itemGone({ mapping, remote, link }))).toBe('delete-remote');
  });
});

test('what waits for a person outlives a deletion until the person has decided, also where the sides never agreed', () => {
  const mapping = mappingOf({ conflictPolicy: 'manual' });
  const held = [{ field: 'firstName', local: 'Ann', remote: 'Anna', since: AT(1), version: 1 }];
  const link = aLink({ base: {}, held });

  for (const looked of [recordGone({ mapping, link }), itemGone({ mapping, link })])
    expect(reconcile(looked)).toEqual({ kind: 'nothing', reason: NOTHING.deletionDisputed });
});

describe('an item that somebody deleted', () => {
  test('takes its record with it, where the mapping says so', () => {
    expect(reconcile(itemGone())).toEqual({ kind: 'delete-remote', conflicts: [] });
    expect(kindOf(itemGone({ mapping: mappingOf({}, 'ignore') }))).toBe('local-deleted');
  });

  test('takes nothing with it without the word of the stream', () => {
    const plan = reconcile(itemGone({ isLocalDeleted: false }));
    expect(plan).toEqual({ kind: 'nothing', reason: NOTHING.itemVanished });
  });

  test('waits for a record that Salesforce does not give: hidden is not gone', () => {
    const plan = reconcile(itemGone({ remote: 'unseen' }));
    expect(plan).toEqual({ kind: 'nothing', reason: NOTHING.recordUnseen });
  });

  test('and whose record was deleted too leaves a tombstone', () => {
    const remote = aRemoteRecord({ isDeleted: true, systemModstamp: AT(30) });
    expect(kindOf(itemGone({ remote }))).toBe('both-deleted');
  });

  test('leaves a record alone that it was never a pair with', () => {
    const remote = aRemoteRecord({ sfId: '003000000000009AAA' });
    expect(reconcile(itemGone({ remote }))).toEqual({ kind: 'nothing', reason: NOTHING.otherRecord });
  });

  test('whose record is our own creation of unknown outcome takes it with it', () => {
    const { sfId: _, ...link } = aLink({ state: 'creating', base: {}, pending: aRemoteRecord().values });
    expect(kindOf(itemGone({ link }))).toBe('delete-remote');
    expect(kindOf(itemGone({ link, remote: 'missing' }))).toBe('local-deleted');
  });

  test.each([
    ['is what Salesforce made of our own write', { adjusted: EDITED }],
    ['was announced by us', { pending: EDITED }],
  ])('is no conflict with a value that %s', (_what, change) => {
    const remote = aRemoteRecord({ values: EDITED });
    expect(reconcile(itemGone({ link: aLink(change), remote }))).toMatchObject({
      kind: 'delete-remote',
      conflicts: [],
    });
  });
});

describe('a record that was deleted', () => {
  test('takes its item with it, where the mapping says so', () => {
    expect(reconcile(recordGone())).toEqual({ kind: 'delete-local', conflicts: [] });
    expect(kindOf(recordGone({ mapping: mappingOf({}, 'ignore') }))).toBe('remote-deleted');
  });

  test('is not one that is only not given', () => {
    expect(reconcile(recordGone({ remote: 'unseen' }))).toEqual({
      kind: 'nothing',
      reason: NOTHING.recordUnseen,
    });
  });

  test('had arrived in what it holds: our write of lost answer is no edit any more', () => {
    const local = aLocalItem({ values: EDITED });
    const remote = aRemoteRecord({ values: EDITED, isDeleted: true, systemModstamp: AT(30) });
    expect(reconcile(recordGone({ local, remote }))).toEqual({ kind: 'delete-local', conflicts: [] });
  });

  test('is the one that we announced, where it was deleted after that', () => {
    const values = aRemoteRecord().values;
    const { sfId: _, ...link } = aLink({ state: 'creating', base: {}, pending: values });
    expect(kindOf(recordGone({ link }))).toBe('delete-local');
  });
});

describe('a deletion against an edit', () => {
  const editedRecord = (second: number) => aRemoteRecord({ values: EDITED, lastModifiedDate: AT(second) });
  const editedItem = aLocalItem({ values: EDITED });

  test.each<[string, Looked, Plan['kind'], string]>([
    ['an earlier edit', itemGone({ remote: editedRecord(10) }), 'delete-remote', REASONS.deletionLater],
    ['a later edit', itemGone({ remote: editedRecord(50) }), 'create-local', REASONS.editLater],
    [
      'an edit of the same second',
      itemGone({ remote: editedRecord(30) }),
      'create-local',
      REASONS.deletionTie,
    ],
    [
      'an edit, at a time that nobody told',
      itemGone({ remote: editedRecord(10), localChangedAtSfClock: undefined }),
      'create-local',
      REASONS.deletionTimeUnknown,
    ],
  ])('of the item meets %s of the record', (_what, looked, kind, reason) => {
    const winner = kind === 'delete-remote' ? 'local' : 'salesforce';
    expect(reconcile(looked)).toMatchObject({
      kind,
      conflicts: [
        { field: 'firstName', base: 'Ann', local: null, remote: 'Anna', winner, reason, deleted: 'local' },
      ],
    });
  });

  test.each<[string, string | undefined, Plan['kind'], string, boolean]>([
    ['an earlier edit', AT(10), 'delete-local', REASONS.deletionLater, false],
    ['a later edit', AT(50), 'create-remote', REASONS.editLater, false],
    ['an edit of the same second', AT(30), 'create-remote', REASONS.deletionTie, false],
    ['an edit, at a time that nobody told', undefined, 'create-remote', REASONS.deletionTimeUnknown, false],
    ['one that came after an earlier edit', AT(10), 'create-remote', REASONS.deletionTimeUnknown, true],
    [
      'one that came after one of the same second',
      AT(30),
      'create-remote',
      REASONS.deletionTimeUnknown,
      true,
    ],
    ['one that came after a later edit', AT(50), 'create-remote', REASONS.editLater, true],
  ])('of the record meets %s of the item', (_what, localChangedAtSfClock, kind, reason, hasChangedSince) => {
    const winner = kind === 'delete-local' ? 'salesforce' : 'local';
    const looked = recordGone({
      local: editedItem,
      localChangedAtSfClock,
      hasChangedSince,
    });
    expect(reconcile(looked)).toMatchObject({
      kind,
      conflicts: [
        {
          field: 'firstName',
          base: 'Ann',
          local: 'Anna',
          remote: null,
          winner,
          reason,
          deleted: 'salesforce',
        },
      ],
    });
  });

  test.each<[FieldMapping['conflictPolicy'], Plan['kind'], Plan['kind']]>([
    ['salesforce-wins', 'create-local', 'delete-local'],
    ['local-wins', 'delete-remote', 'create-remote'],
    ['manual', 'nothing', 'nothing'],
  ])('goes by the policy %s', (conflictPolicy, ofItem, ofRecord) => {
    const mapping = mappingOf({ conflictPolicy });
    expect(kindOf(itemGone({ mapping, remote: editedRecord(10) }))).toBe(ofItem);
    expect(kindOf(recordGone({ mapping, local: editedItem, localChangedAtSfClock: AT(10) }))).toBe(ofRecord);
  });

  test('loses to one field that outlives it, and the journal says so of the others', () => {
    const mapping = aMapping({
      deletePolicy: policies('propagate'),
      fields: [
        aField({ localField: 'firstName', conflictPolicy: 'local-wins' }),
        aField({ localField: 'lastName', conflictPolicy: 'salesforce-wins' }),
      ],
    });
    const remote = aRemoteRecord({ values: { firstName: 'Anna', lastName: 'Li' } });
    expect(reconcile(itemGone({ mapping, remote }))).toMatchObject({
      kind: 'create-local',
      conflicts: [
        { field: 'firstName', winner: 'salesforce', reason: REASONS.otherFieldKeeps },
        { field: 'lastName', winner: 'salesforce', reason: REASONS.salesforceWins },
      ],
    });
  });

  test('is none where the field does not go that way, or nobody ever agreed on it', () => {
    const out = mappingOf({ direction: 'to-salesforce' });
    expect(reconcile(itemGone({ mapping: out, remote: editedRecord(50) }))).toMatchObject({ conflicts: [] });
    const link = aLink({ base: {} });
    expect(reconcile(itemGone({ link, remote: editedRecord(50) }))).toMatchObject({ conflicts: [] });
  });
});

describe('a deletion that was announced', () => {
  const link = aLink({ state: 'deleting' });

  test('and did not come is carried out, though nobody tells of it once more', () => {
    expect(kindOf(itemGone({ link, isLocalDeleted: false }))).toBe('delete-remote');
  });

  test('and came is settled', () => {
    const remote = aRemoteRecord({ isDeleted: true, systemModstamp: AT(30) });
    expect(kindOf(itemGone({ link, isLocalDeleted: false, remote }))).toBe('both-deleted');
  });

  test('and may have been undone brings the item back', () => {
    const remote = aRemoteRecord({ systemModstamp: AT(40) });
    expect(kindOf(itemGone({ link, remote }))).toBe('create-local');
  });

  test('is over where the item was made again', () => {
    expect(kindOf(itemGone({ link, local: aLocalItem() }))).toBe('in-step');
    const remote = aRemoteRecord({ isDeleted: true, systemModstamp: AT(30) });
    expect(kindOf(itemGone({ link, local: aLocalItem(), remote }))).toBe('create-remote');
  });
});

describe('a pair of which neither side is there', () => {
  const link = aLink({ state: 'both-deleted' });
  const gone = aRemoteRecord({ isDeleted: true, systemModstamp: AT(30) });

  test('stays so', () => {
    expect(reconcile(itemGone({ link, remote: gone }))).toEqual({
      kind: 'nothing',
      reason: NOTHING.bothGone,
    });
    expect(reconcile(itemGone({ link, remote: 'unseen' }))).toEqual({
      kind: 'nothing',
      reason: NOTHING.bothGone,
    });
  });

  test('comes back with its record, with the values that this has', () => {
    const plan = reconcile(itemGone({ link, remote: aRemoteRecord({ values: EDITED }) }));
    expect(plan).toMatchObject({ kind: 'create-local', values: EDITED });
  });

  test('comes back with its item, as a new record', () => {
    expect(kindOf(itemGone({ link, local: aLocalItem(), remote: gone }))).toBe('create-remote');
  });

  test('meets as if for the first time where both are there', () => {
    const remote = aRemoteRecord({ values: EDITED, lastModifiedDate: AT(50) });
    expect(reconcile(itemGone({ link, local: aLocalItem(), remote }))).toMatchObject({
      kind: 'write',
      conflicts: [{ field: 'firstName', base: undefined }],
    });
  });
});
