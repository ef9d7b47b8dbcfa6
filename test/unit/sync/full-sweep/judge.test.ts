import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { judgeLink, judgeRecord } from '../../../../shared/sync/full-sweep/judge.ts';
import type { Link } from '../../../../shared/sync/model/link.ts';
import type { Mapping } from '../../../../shared/sync/model/mapping.ts';
import { equalsBase } from '../../../../shared/sync/reconcile/snapshot.ts';
import { ANN, aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

const NOW = Date.parse('2024-01-02T00:00:00.000Z');
const mapping = aMapping();
const changed = { values: { ...ANN, email: 'other@example.com' } };

describe('a row', () => {
  const judged = (link: Partial<Link>, row: Parameters<typeof aRemoteRecord>[0] = {}, of = mapping) =>
    judgeRecord(aLink(link), aRemoteRecord(row), of, NOW);

  test.each<[string, Partial<Link>, Parameters<typeof aRemoteRecord>[0], string]>([
    ['equals base', {}, {}, 'in-step'],
    [
      'differs and has a later stamp',
      {},
      { ...changed, systemModstamp: '2024-01-01T00:02:00.000Z' },
      'missed-in-salesforce',
    ],
    ['differs and has the stamp of then', {}, changed, 'moved-without-stamp'],
    [
      'differs and has an earlier stamp, read after the link',
      { sfModstamp: '2024-01-01T00:01:30.000Z' },
      changed,
      'moved-without-stamp',
    ],
    [
      'is older than the link',
      { sfModstamp: '2024-01-01T00:01:30.000Z', sfReadAt: '2024-01-01T00:02:00.000Z' },
      changed,
      'in-step',
    ],
    ['is deleted', {}, { isDeleted: true }, 'missed-deletion'],
    ['is deleted, as the link knows', { state: 'remote-deleted' }, { isDeleted: true }, 'tombstone'],
    ['lives again', { state: 'remote-deleted' }, {}, 'missed-in-salesforce'],
    ['is of an item that was deleted', { state: 'local-deleted' }, changed, 'tombstone'],
    ['has an announcement that nobody settles', { pending: { email: 'x' } }, {}, 'unfinished'],
    ['is deleted, as both sides are', { state: 'both-deleted' }, { isDeleted: true }, 'tombstone'],
    ['returns', { state: 'both-deleted' }, {}, 'missed-in-salesforce'],
    ['is about to be deleted', { state: 'deleting' }, {}, 'skip'],
    ['is found though its creation was never settled', { state: 'creating' }, {}, 'unfinished'],
    ['is being written', { lease: { owner: 'a', until: NOW + 1 } }, changed, 'skip'],
    ['was being written', { lease: { owner: 'a', until: NOW }, pending: {} }, changed, 'unfinished'],
    ['is for later code to judge', { revision: 2 }, changed, 'skip'],
  ])('that %s', (_, link, row, verdict) => {
    expect(judged(link, row)).toBe(verdict);
  });

  test('says nothing in a field that the sides never agreed on and that a look leaves as it is', () => {
    const fields = [
      ...mapping.fields,
      aField({ localField: 'out', direction: 'to-salesforce' }),
      aField({ localField: 'in', direction: 'from-salesforce' }),
    ];
    const of = { ...mapping, fields };

    expect(judged({}, { values: { ...ANN, out: 'theirs', in: null } }, of)).toBe('in-step');
    expect(judged({}, { values: { ...ANN, out: null, in: 'theirs' } }, of)).toBe('moved-without-stamp');
  });

  test('says nothing with what Salesforce made of a value that only goes there', () => {
    const of: Mapping = { ...mapping, fields: [aField({ localField: 'email', direction: 'to-salesforce' })] };
    const adjusted = { email: 'other@example.com' };

    expect(judged({ adjusted }, changed, of)).toBe('in-step');
    expect(judged({ adjusted: { email: 'third@example.com' } }, changed, of)).toBe('moved-without-stamp');
  });

  test('says nothing where a person is to decide, unless the value is another than the one that is held', () => {
    const fields = [aField({ localField: 'email', conflictPolicy: 'manual' })];
    const of: Mapping = { ...mapping, fields };
    const values = { local: 'ours@example.com', remote: 'other@example.com' };
    const held = [{ field: 'email', ...values, since: '2024-01-01T00:00:00.000Z', version: 1 }];

    expect(judged({ held }, changed, of)).toBe('in-step');
    expect(judged({ held }, {}, of)).toBe('moved-without-stamp');
    const item = aLocalItem({ values: { ...ANN, email: values.local } });
    expect(judgeLink(aLink({ held }), item, of, NOW)).toBe('in-step');
    const decided = [
      { ...held[0], resolution: { take: 'local', at: '2024-01-01T00:00:00.000Z' } },
    ] as Link['held'];
    expect(judgeLink(aLink({ held: decided ?? [] }), item, of, NOW)).toBe('missed-locally');
  });

  test('says something of a field that is held from the first meeting on', () => {
    const { email: _, ...base } = ANN;
    const fields = [aField({ localField: 'email', conflictPolicy: 'manual' })];
    const values = { local: 'ours@example.com', remote: 'theirs@example.com' };
    const held = [{ field: 'email', ...values, since: '2024-01-01T00:00:00.000Z', version: 1 }];
    const cleared = { values: { ...ANN, email: null } };

    expect(judged({ base }, cleared, { ...mapping, fields })).toBe('in-step');
    expect(judged({ base, held }, cleared, { ...mapping, fields })).toBe('moved-without-stamp');
  });

  test('says nothing with a parent that nobody has linked', () => {
    const reference = { targets: [{ mappingId: 'conn1.account', prefix: '' }], isCyclic: false };
    const fields = [aField({ localField: 'email', reference })];
    const of: Mapping = { ...mapping, fields };

    expect(judged({}, { values: { ...ANN, email: ' 001000000000001AAA' } }, of)).toBe('in-step');
    expect(judged({}, { values: { ...ANN, email: 'acme' } }, of)).toBe('moved-without-stamp');
  });

  test('is never found where an ordinary sweep would take it for nothing new', () => {
    const value = fc.option(fc.constantFrom('a', 'b', ''), { nil: null });
    const values = fc.record({ firstName: value, lastName: value, email: value });
    fc.assert(
      fc.property(values, values, (base, now) => {
        const link = aLink({ base });
        const row = aRemoteRecord({ values: now });
        if (equalsBase(link, row, mapping)) expect(judgeRecord(link, row, mapping, NOW)).toBe('in-step');
        else expect(judgeRecord(link, row, mapping, NOW)).toBe('moved-without-stamp');
      }),
    );
  });
});

describe('a link', () => {
  test.each<[string, Partial<Link>, Parameters<typeof judgeLink>[1], string]>([
    ['whose item equals base', {}, aLocalItem(), 'in-step'],
    ['whose item differs', {}, aLocalItem(changed), 'missed-locally'],
    ['whose item cannot be used', {}, 'unusable', 'missed-locally'],
    ['without an item', {}, 'missing', 'item-vanished'],
    ['without an item, being written', { lease: { owner: 'a', until: NOW + 1 } }, 'missing', 'skip'],
    ['of later code', { revision: 2 }, 'missing', 'skip'],
    ['whose creation nobody settles', { state: 'creating' }, aLocalItem(), 'unfinished'],
    ['whose deletion nobody settles', { state: 'deleting' }, 'missing', 'unfinished'],
    ['with a write that nobody settles', { pending: { email: 'x' } }, aLocalItem(), 'unfinished'],
    [
      'of a deleted record whose item cannot be used',
      { state: 'remote-deleted' },
      'unusable',
      'missed-locally',
    ],
    ['of a pair that is gone', { state: 'both-deleted' }, 'missing', 'tombstone'],
    ['of a pair whose item returns', { state: 'both-deleted' }, aLocalItem(), 'missed-locally'],
    ['of a deleted item', { state: 'local-deleted' }, 'missing', 'tombstone'],
    ['of a deleted item that is there again', { state: 'local-deleted' }, aLocalItem(), 'missed-locally'],
    ['of a deleted record', { state: 'remote-deleted' }, aLocalItem(), 'tombstone'],
    [
      'of a deleted record whose item was edited',
      { state: 'remote-deleted' },
      aLocalItem(changed),
      'missed-locally',
    ],
    ['of a deleted record without an item', { state: 'remote-deleted' }, 'missing', 'tombstone'],
  ])('%s', (_, link, item, verdict) => {
    expect(judgeLink(aLink(link), item, mapping, NOW)).toBe(verdict);
  });
});
