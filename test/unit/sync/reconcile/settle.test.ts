import { describe, expect, test } from '@jest/globals';
import { InvariantError } from '../../../../shared/sync/assert.ts';
import type { WritePlan } from '../../../../shared/sync/reconcile/plan.ts';
import {
  afterLocalCommit,
  afterLocalCreate,
  agree,
  announce,
  announceCreate,
  markLocalDeleted,
  markRemoteDeleted,
  settleRefused,
  settleWritten,
} from '../../../../shared/sync/reconcile/settle.ts';
import { ANN, aField, aLink, aMapping, aRemoteRecord, LOCAL_KEY, SF_ID } from '../../../builders/sync.ts';

const mapping = aMapping();
const LEASE = { owner: 'me', until: 1000 };
const READ_AT = '2024-01-01T00:02:00.000Z';

const aPlan = (change: Partial<WritePlan> = {}): WritePlan => ({
  kind: 'write',
  localWrites: {},
  remoteWrites: {},
  nextBase: ANN,
  baseBeforeRemote: ANN,
  adjusted: {},
  held: [],
  conflicts: [],
  ...change,
});

const aPair = (change = {}) => ({
  mapping,
  localKey: LOCAL_KEY,
  link: aLink(),
  remote: aRemoteRecord(),
  ...change,
});

test('a pull moves the base and ends whatever was open', () => {
  const link = aLink({ pending: { email: 'x' }, lease: LEASE, adjusted: { email: 'X' } });

  const next = afterLocalCommit(aPair({ link }), aPlan({ nextBase: { ...ANN, email: 'y' } }));

  expect(next).toEqual({
    mappingId: mapping.mappingId,
    localKey: LOCAL_KEY,
    state: 'linked',
    revision: 1,
    sfId: SF_ID,
    base: { ...ANN, email: 'y' },
    sfModstamp: '2024-01-01T00:01:00.000Z',
    sfReadAt: '2024-01-01T00:01:05.000Z',
  });
});

test('what the link knows of the record never becomes older', () => {
  const link = aLink({
    sfModstamp: '2025-01-01T00:00:00.000Z',
    sfReadAt: '2025-01-01T00:00:00.000Z',
    localChangedAt: '2025-01-01T00:00:00.000Z',
  });

  const next = afterLocalCommit(aPair({ link, localChangedAt: '2024-01-01T00:00:00.000Z' }), aPlan());

  expect(next).toMatchObject({
    sfModstamp: '2025-01-01T00:00:00.000Z',
    sfReadAt: '2025-01-01T00:00:00.000Z',
    localChangedAt: '2025-01-01T00:00:00.000Z',
  });
});

test('what was known of another record is forgotten', () => {
  const link = aLink({ state: 'remote-deleted', sfModstamp: '2025-01-01T00:00:00.000Z' });
  const remote = aRemoteRecord({ sfId: '003000000000002AAA' });

  expect(afterLocalCommit(aPair({ link, remote }), aPlan())).toMatchObject({
    sfId: '003000000000002AAA',
    sfModstamp: '2024-01-01T00:01:00.000Z',
  });
});

describe('an announced write', () => {
  const plan = aPlan({
    remoteWrites: { email: 'new' },
    nextBase: { ...ANN, email: 'new', lastName: 'Ray' },
    baseBeforeRemote: { ...ANN, lastName: 'Ray' },
  });
  const announced = { ...announce(aPair(), plan, LEASE), version: 2 };

  test('stands in the link with its lease, and the base does not claim it', () => {
    expect(announced).toMatchObject({
      pending: { email: 'new' },
      lease: LEASE,
      base: { ...ANN, lastName: 'Ray' },
    });
  });

  test('moves the base of the written fields once it arrived, and is over', () => {
    const after = aRemoteRecord({ values: { email: 'new' }, systemModstamp: '2024-01-01T00:01:59.000Z' });

    const next = settleWritten(mapping, announced, { email: 'new' }, { sfId: SF_ID, readAt: READ_AT, after });

    expect(next).toEqual({
      mappingId: mapping.mappingId,
      localKey: LOCAL_KEY,
      revision: 1,
      sfId: SF_ID,
      state: 'linked',
      base: plan.nextBase,
      sfModstamp: '2024-01-01T00:01:59.000Z',
      sfReadAt: READ_AT,
    });
  });

  test('keeps in mind what Salesforce made of it', () => {
    const after = aRemoteRecord({ values: { email: 'NEW', firstName: 'Edited meanwhile' } });

    const next = settleWritten(mapping, announced, { email: 'new' }, { sfId: SF_ID, readAt: READ_AT, after });

    expect(next.adjusted).toEqual({ email: 'NEW' });
    expect(next.base).toEqual(plan.nextBase);
  });

  test('is over without a trace in the base when Salesforce refused it', () => {
    const { version, pending, lease, ...before } = announced;

    expect(settleRefused(announced)).toEqual(before);
  });

  test('settles without the row read back', () => {
    const next = settleWritten(mapping, announced, { email: 'new' }, { sfId: SF_ID, readAt: READ_AT });

    expect(next).toMatchObject({ base: plan.nextBase, sfModstamp: '2024-01-01T00:01:00.000Z' });
    expect(next.pending).toBeUndefined();
  });

  test('takes no answer about another record', () => {
    const other = '003000000000002AAA';

    expect(() => settleWritten(mapping, announced, {}, { sfId: other, readAt: READ_AT })).toThrow(
      InvariantError,
    );
  });
});

test('a creation is announced without an id, and becomes a link with the answer', () => {
  const plan = {
    kind: 'create-remote' as const,
    values: { firstName: 'Ann' },
    nextBase: { firstName: 'Ann', email: null },
    baseBeforeRemote: { email: null },
  };
  const tombstone = aLink({ state: 'local-deleted' });
  const announced = announceCreate(aPair({ link: tombstone, remote: undefined }), plan, LEASE, READ_AT);

  const next = settleWritten(mapping, { ...announced, version: 1 }, plan.values, {
    sfId: SF_ID,
    readAt: READ_AT,
  });

  expect(announced).toEqual({
    mappingId: mapping.mappingId,
    localKey: LOCAL_KEY,
    state: 'creating',
    revision: 1,
    sfReadAt: READ_AT,
    base: { email: null },
    pending: { firstName: 'Ann' },
    lease: LEASE,
  });
  expect(next).toEqual({
    mappingId: mapping.mappingId,
    localKey: LOCAL_KEY,
    state: 'linked',
    revision: 1,
    sfId: SF_ID,
    base: plan.nextBase,
    sfReadAt: READ_AT,
  });
});

test('an item made from a record is linked at once', () => {
  const plan = { kind: 'create-local' as const, values: ANN, nextBase: ANN };

  expect(afterLocalCreate(aPair({ link: undefined }), plan)).toMatchObject({ state: 'linked', base: ANN });
});

test('a tombstone keeps the base and has nothing open', () => {
  const link = aLink({ pending: { email: 'x' }, lease: LEASE });

  const local = markLocalDeleted(aPair({ link }));
  const remote = markRemoteDeleted(aPair({ link, remote: undefined }));

  expect(local).toMatchObject({ state: 'local-deleted', base: ANN, sfId: SF_ID });
  expect(remote).toMatchObject({ state: 'remote-deleted', base: ANN, sfId: SF_ID });
  expect([local.pending, local.lease, remote.pending, remote.lease]).toEqual(Array(4).fill(undefined));
});

test('remote writes cannot pass unannounced, nor an announcement without one', () => {
  const plan = aPlan({ remoteWrites: { email: 'x' } });

  expect(() => afterLocalCommit(aPair(), plan)).toThrow(InvariantError);
  expect(() => announce(aPair(), aPlan(), LEASE)).toThrow(InvariantError);
});

test('a link of another item is refused', () => {
  expect(() => afterLocalCommit(aPair({ localKey: 'other' }), aPlan())).toThrow(InvariantError);
});

test('an absent boolean that Salesforce reads back as false was not adjusted', () => {
  const booleans = aMapping({ fields: [aField({ localField: 'isVip', type: 'boolean' })] });
  const after = { ...aRemoteRecord(), values: { isVip: false } };
  const link = aLink({ pending: { isVip: null } });

  const next = settleWritten(booleans, link, { isVip: null }, { sfId: SF_ID, readAt: READ_AT, after });

  expect(next.adjusted).toBeUndefined();
});

test('what the sides agree upon is stored with what Salesforce made of our write, and nothing else is an agreement', () => {
  const adjusted = { email: 'X' };

  expect(agree(aPair(), { kind: 'in-step', nextBase: ANN, adjusted })).toMatchObject({ base: ANN, adjusted });
  expect(agree(aPair(), { kind: 'in-step', nextBase: ANN })).not.toHaveProperty('adjusted');
  expect(() => agree(aPair(), { kind: 'in-step' })).toThrow('nothing to store');
});

test('what Salesforce made of a field is forgotten once the field is written again, and only then', () => {
  const link = aLink({ pending: { email: 'new' }, adjusted: { email: 'OLD', firstName: 'ANN' } });
  const after = aRemoteRecord({ values: { email: 'new' } });

  const next = settleWritten(mapping, link, { email: 'new' }, { sfId: SF_ID, readAt: READ_AT, after });

  expect(next.adjusted).toEqual({ firstName: 'ANN' });
});

test('a creation that is announced again keeps the time before which no record had the key', () => {
  const plan = { kind: 'create-remote' as const, values: ANN, nextBase: ANN, baseBeforeRemote: {} };
  const first = '2024-01-01T00:00:00.000Z';
  const again = (link: ReturnType<typeof aLink>) =>
    announceCreate(aPair({ link, remote: undefined }), plan, LEASE, READ_AT).sfReadAt;
  const { sfReadAt, ...untimed } = aLink({ state: 'creating' });

  expect(again(aLink({ state: 'creating', sfReadAt: first }))).toBe(first);
  expect(again(untimed)).toBe(READ_AT);
  expect(again(aLink({ state: 'remote-deleted', sfReadAt: first }))).toBe(READ_AT);
});

describe('a tombstone', () => {
  const newer = { systemModstamp: '2025-01-01T00:00:00.000Z', readAt: '2025-01-01T00:00:05.000Z' };

  test('remembers the look at its own record, and not that at another', () => {
    const seen = { sfModstamp: newer.systemModstamp, sfReadAt: newer.readAt };
    const own = aRemoteRecord({ ...newer, isDeleted: true });
    const other = aRemoteRecord({ ...newer, sfId: '003000000000002AAA' });

    expect(markRemoteDeleted(aPair({ remote: own }))).toMatchObject({ sfId: SF_ID, ...seen });
    expect(markRemoteDeleted(aPair({ remote: other }))).toMatchObject({
      sfId: SF_ID,
      sfModstamp: aLink().sfModstamp,
    });
  });

  test('learns the id of the record that was made of a creation', () => {
    const { sfId, ...creating } = aLink({ state: 'creating' });

    expect(markRemoteDeleted(aPair({ link: creating }))).toMatchObject({ sfId: SF_ID });
    expect(markRemoteDeleted(aPair({ link: creating, remote: undefined }))).not.toHaveProperty('sfId');
  });

  test('is made of a link alone', () => {
    expect(() => markLocalDeleted(aPair({ link: undefined }))).toThrow('only a link');
  });
});

test.each([
  [
    'the answer is about another record',
    () => settleWritten(mapping, aLink(), {}, { sfId: 'x', readAt: READ_AT }),
  ],
  [
    'the row read back is another record',
    () =>
      settleWritten(
        mapping,
        aLink(),
        {},
        {
          sfId: SF_ID,
          readAt: READ_AT,
          after: aRemoteRecord({ sfId: '003000000000002AAA' }),
        },
      ),
  ],
  ['a living pair has a record', () => afterLocalCommit(aPair({ remote: undefined }), aPlan())],
  ['the link is of another item', () => afterLocalCommit(aPair({ localKey: 'other' }), aPlan())],
  [
    'the link is of another mapping',
    () => afterLocalCommit(aPair({ mapping: aMapping({ mappingId: 'conn2.contact' }) }), aPlan()),
  ],
  [
    'remote writes must be announced',
    () => afterLocalCommit(aPair(), aPlan({ remoteWrites: { email: 'x' } })),
  ],
  ['there is no remote write to announce', () => announce(aPair(), aPlan(), LEASE)],
])('nothing is stored where %s', (message, attempt) => {
  expect(attempt).toThrow(message);
});

test('the newest change of the item counts as brought into step, and a write of ours as one', () => {
  const changed = { localChangedAt: '2024-01-01T00:03:00.000Z', localWrittenAt: '2024-01-01T00:04:00.000Z' };
  const written = { sfId: SF_ID, readAt: READ_AT, localChangedAt: changed.localChangedAt };

  expect(afterLocalCommit(aPair(changed), aPlan()).localChangedAt).toBe(changed.localWrittenAt);
  expect(settleWritten(mapping, aLink(), {}, written).localChangedAt).toBe(changed.localChangedAt);
  expect(afterLocalCommit(aPair(), aPlan())).not.toHaveProperty('localChangedAt');
});
