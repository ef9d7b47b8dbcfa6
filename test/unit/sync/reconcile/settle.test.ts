import { describe, expect, test } from '@jest/globals';
import { InvariantError } from '../../../../shared/sync/assert.ts';
import type { WritePlan } from '../../../../shared/sync/reconcile/plan.ts';
import {
  afterLocalCommit,
  afterLocalCreate,
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
