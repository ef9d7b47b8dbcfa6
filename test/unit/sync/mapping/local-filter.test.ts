import { expect, test } from '@jest/globals';
import { parseSyncConfig } from '../../../../infra/sync-config/check-sync-config.ts';
import { ExactNumber } from '../../../../shared/contracts/exact-number.ts';
import type { LocalFilter } from '../../../../shared/contracts/sync-config.ts';
import { decodeLocal } from '../../../../shared/sync/mapping/decode.ts';
import { attributesOf, meets } from '../../../../shared/sync/mapping/local-filter.ts';
import { needsRemoteLook } from '../../../../shared/sync/reconcile/local-changes.ts';
import { NOTHING } from '../../../../shared/sync/reconcile/plan.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { aLink, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

const ITEM = { status: 'won', count: 3, isOpen: false, address: { city: 'Rome' }, gone: null, list: ['a'] };

test.each<[LocalFilter, boolean]>([
  [{ attribute: 'status', equals: 'won' }, true],
  [{ attribute: 'status', equals: 'Won' }, false],
  [{ attribute: 'count', equals: 3 }, true],
  [{ attribute: 'count', equals: '3' }, false],
  [{ attribute: 'isOpen', equals: false }, true],
  [{ attribute: 'missing', equals: false }, false],
  [{ attribute: 'status', in: ['lost', 'won'] }, true],
  [{ attribute: 'status', in: ['lost'] }, false],
  [{ attribute: 'status', exists: true }, true],
  [{ attribute: 'gone', exists: true }, false],
  [{ attribute: 'missing', exists: false }, true],
  [{ attribute: 'constructor', exists: false }, true],
  [{ attribute: 'address.city', equals: 'Rome' }, true],
  [{ attribute: 'address.street', exists: false }, true],
  [{ attribute: 'status.city', exists: false }, true],
  [{ attribute: 'list', exists: true }, true],
  [
    {
      all: [
        { attribute: 'status', equals: 'won' },
        { attribute: 'count', equals: 4 },
      ],
    },
    false,
  ],
  [
    {
      any: [
        { attribute: 'status', equals: 'won' },
        { attribute: 'count', equals: 4 },
      ],
    },
    true,
  ],
  [{ all: [{ any: [{ attribute: 'count', equals: 3 }] }, { attribute: 'gone', exists: false }] }, true],
])('%j: %s', (filter, expected) => {
  expect(meets(filter, ITEM)).toBe(expected);
});

test('a long number equals no other', () => {
  const item = { number: ExactNumber.of('123456789012345678') };
  expect(meets({ attribute: 'number', equals: 123456789012345680 }, item)).toBe(false);
});

test('names the attributes that it looks at', () => {
  const any: LocalFilter = {
    any: [{ attribute: 'a.b', exists: true }, { all: [{ attribute: 'c', equals: 1 }] }],
  };
  expect(attributesOf(any)).toEqual(['a', 'c']);
  expect(attributesOf(undefined)).toEqual([]);
});

const mapping = aMapping({ localFilter: { attribute: 'status', equals: 'won' } });
const item = (status: string) => {
  const read = decodeLocal(mapping, 'contact-1', { id: 'contact-1', firstName: 'Ann', status });
  if ('invalid' in read) throw new Error(read.invalid.join());
  return read;
};
const look = (status: string, change: Partial<Parameters<typeof reconcile>[0]> = {}) =>
  reconcile({ mapping, local: item(status), remote: 'missing', localChangedAtSfClock: undefined, ...change });

test('an item that does not meet it is not made in Salesforce, nor looked for there', () => {
  expect(look('lost')).toEqual({ kind: 'nothing', reason: NOTHING.filteredOut });
  expect(needsRemoteLook(undefined, item('lost'), mapping)).toBe(false);
  expect(look('won')).toMatchObject({ kind: 'create-remote' });
  expect(needsRemoteLook(undefined, item('won'), mapping)).toBe(true);
  const deleted = aLink({ state: 'local-deleted' });
  expect(look('lost', { link: deleted })).toEqual({ kind: 'nothing', reason: NOTHING.filteredOut });
});

test('a pair is followed, and a creation that was announced goes on, whether or not the item meets it', () => {
  const link = aLink({ base: { firstName: 'Bea', lastName: null, email: null } });
  const remote = aRemoteRecord({ values: { firstName: 'Bea', lastName: null, email: null } });
  expect(look('lost', { link, remote })).toMatchObject({ remoteWrites: { firstName: 'Ann' } });
  expect(needsRemoteLook(link, item('lost'), mapping)).toBe(true);
  expect(look('lost', { remote })).toMatchObject({ kind: 'write' });

  const creating = aLink({ state: 'creating', base: {}, pending: { firstName: 'Ann' } });
  const { sfId: _, ...announced } = creating;
  expect(look('lost', { link: announced })).toMatchObject({ kind: 'create-remote' });
});

test('the config takes what makes sense', () => {
  const config = (localFilter: unknown, direction = 'both') => ({
    localTables: { contacts: { keyField: 'id', tenant: 'acme' } },
    mappings: {
      contact: {
        localTable: 'contacts',
        sfObject: 'Contact',
        externalIdField: 'Key__c',
        schedule: { everyMinutes: 5 },
        fieldMap: { name: 'LastName' },
        direction,
        localFilter,
      },
    },
  });
  const one = { attribute: 'a', exists: true };
  expect(parseSyncConfig(config({ all: [one, { any: [one] }] })).mappings.contact?.localFilter).toBeDefined();
  for (const wrong of [
    {},
    { attribute: 'a' },
    { all: [] },
    { attribute: 'a', in: [] },
    { ...one, equals: 1 },
    'a',
  ]) {
    expect(() => parseSyncConfig(config(wrong))).toThrow('localFilter');
  }
  expect(() => parseSyncConfig(config(one, 'from-salesforce'))).toThrow('localFilter');
});
