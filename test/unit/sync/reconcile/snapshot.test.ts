import { describe, expect, test } from '@jest/globals';
import { needsRemoteLook } from '../../../../shared/sync/reconcile/local-changes.ts';
import { judgeSnapshot } from '../../../../shared/sync/reconcile/snapshot.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord, SF_ID } from '../../../builders/sync.ts';

const mapping = aMapping();
const changed = { email: 'new@example.com' };

describe('a row that was read some time ago', () => {
  test('is no work where it equals the base, however old', () => {
    const row = aRemoteRecord({
      systemModstamp: '2020-01-01T00:00:00.000Z',
      readAt: '2020-01-01T00:00:00.000Z',
    });

    expect(judgeSnapshot(aLink(), row, mapping)).toBe('in-step');
  });

  test('is stale where it is no newer than our last look and the link knows a newer state', () => {
    const row = aRemoteRecord({
      values: changed,
      systemModstamp: '2023-12-31T23:59:59.000Z',
      readAt: '2024-01-01T00:00:05.000Z',
    });

    expect(judgeSnapshot(aLink(), row, mapping)).toBe('stale');
  });

  test('is used where it was read after our last look, though its stamp is older than the one we know', () => {
    const row = aRemoteRecord({ values: changed, systemModstamp: '2023-12-31T23:59:59.000Z' });

    expect(judgeSnapshot(aLink(), row, mapping)).toBe('use');
  });

  test('is used where it was read after our last read or write', () => {
    expect(judgeSnapshot(aLink(), aRemoteRecord({ values: changed }), mapping)).toBe('use');
  });

  test.each(['2024-01-01T00:00:05.000Z', '2024-01-01T00:00:04.000Z'])(
    'is read again where it was read at %s and our last read or write came at second 5',
    (readAt) => {
      const row = aRemoteRecord({ values: changed, readAt });

      expect(judgeSnapshot(aLink(), row, mapping)).toBe('reread');
    },
  );

  test('is used for a record that nothing is known of', () => {
    expect(judgeSnapshot(undefined, aRemoteRecord(), mapping)).toBe('use');
  });

  test('of another record than the link has is not judged by the times of that', () => {
    const row = aRemoteRecord({
      sfId: '003000000000002AAA',
      systemModstamp: '2020-01-01T00:00:00.000Z',
      readAt: '2020-01-01T00:00:00.000Z',
    });

    expect(judgeSnapshot(aLink(), row, mapping)).toBe('use');
  });

  test('is never in step nor stale while a write is open', () => {
    const link = aLink({ pending: changed });
    const old = '2020-01-01T00:00:00.000Z';

    expect(judgeSnapshot(link, aRemoteRecord(), mapping)).toBe('use');
    expect(judgeSnapshot(link, aRemoteRecord({ systemModstamp: old, readAt: old }), mapping)).toBe('reread');
  });

  test('is not in step where the record is deleted, or comes back to a tombstone', () => {
    expect(judgeSnapshot(aLink(), aRemoteRecord({ isDeleted: true }), mapping)).toBe('use');
    expect(judgeSnapshot(aLink({ state: 'remote-deleted' }), aRemoteRecord(), mapping)).toBe('use');
  });

  test('is used for a creation whose record has no id yet, once it was read after the announcement', () => {
    const { sfId, pending, ...creating } = aLink({ state: 'creating' });

    expect(judgeSnapshot(creating, aRemoteRecord(), mapping)).toBe('use');
    expect(judgeSnapshot(creating, aRemoteRecord({ readAt: '2024-01-01T00:00:05.000Z' }), mapping)).toBe(
      'reread',
    );
  });

  test('is used where nobody knows when the record was read last', () => {
    const { sfReadAt, ...link } = aLink();

    expect(judgeSnapshot(link, aRemoteRecord({ values: changed }), mapping)).toBe('use');
  });

  test('is not in step with another value than Salesforce made of our write', () => {
    const oneWay = aMapping({ fields: [aField({ localField: 'email', direction: 'to-salesforce' })] });
    const row = aRemoteRecord({ values: { email: 'third@example.com' } });

    expect(judgeSnapshot(aLink({ adjusted: changed }), row, oneWay)).toBe('use');
  });

  test('is not in step where a field has no base yet', () => {
    expect(judgeSnapshot(aLink({ base: { firstName: 'Ann' } }), aRemoteRecord(), mapping)).toBe('use');
  });

  test('is in step with what Salesforce made of our write, where the field only goes there', () => {
    const link = aLink({ adjusted: changed });
    const oneWay = aMapping({ fields: [aField({ localField: 'email', direction: 'to-salesforce' })] });
    const row = aRemoteRecord({ values: changed });

    expect(judgeSnapshot(link, row, oneWay)).toBe('in-step');
    expect(judgeSnapshot(link, row, mapping)).toBe('use');
  });
});

describe('a hint from the local side', () => {
  test('needs no look at Salesforce where the item is as last agreed', () => {
    expect(needsRemoteLook(aLink(), aLocalItem(), mapping)).toBe(false);
  });

  test.each([
    ['a field was edited', aLink(), aLocalItem({ values: changed }), {}],
    ['a write is open', aLink({ pending: changed }), aLocalItem(), {}],
    ['the record had been deleted', aLink({ state: 'remote-deleted' }), aLocalItem(), {}],
    ['the item was made anew', aLink({ state: 'local-deleted' }), aLocalItem(), {}],
    ['the item is new', undefined, aLocalItem(), {}],
    ['the Salesforce id was taken out of the item', aLink(), aLocalItem(), { localIdField: 'sfId' }],
    ['a field with a value has no base', aLink({ base: {} }), aLocalItem(), {}],
  ] as const)('needs one where %s', (_, link, item, change) => {
    expect(needsRemoteLook(link, item, aMapping(change))).toBe(true);
  });

  test('needs one where somebody deleted the item, and none where it is only not there', () => {
    expect(needsRemoteLook(aLink(), 'missing', mapping, true)).toBe(true);
    expect(needsRemoteLook(aLink(), 'missing', mapping)).toBe(false);
  });

  test('needs one where somebody deleted an item whose creation was announced', () => {
    expect(needsRemoteLook(aLink({ state: 'creating' }), 'missing', mapping, true)).toBe(true);
    expect(needsRemoteLook(aLink({ state: 'remote-deleted' }), 'missing', mapping, true)).toBe(false);
  });

  test('needs none for a value that Salesforce does not take and that it never agreed upon', () => {
    const oneWay = aMapping({ fields: [aField({ localField: 'email', direction: 'from-salesforce' })] });

    expect(needsRemoteLook(aLink({ base: {} }), aLocalItem(), oneWay)).toBe(false);
  });

  test.each([
    ['the item was deleted and that is known', aLink({ state: 'local-deleted' }), 'missing', {}],
    ['there is nothing at all', undefined, 'missing', {}],
    ['the mapping makes nothing in Salesforce', undefined, aLocalItem(), { direction: 'from-salesforce' }],
    ['the Salesforce id stands in the item', aLink(), aLocalItem({ sfId: SF_ID }), { localIdField: 'sfId' }],
    [
      'an empty field has no base',
      aLink({ base: { firstName: 'Ann', lastName: 'Lee' } }),
      aLocalItem({ values: { email: null } }),
      {},
    ],
  ] as const)('needs none where %s', (_, link, item, change) => {
    expect(needsRemoteLook(link, item, aMapping(change))).toBe(false);
  });
});
