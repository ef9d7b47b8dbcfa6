import { describe, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { type RawItem, toItem } from '../../../shared/aws/attribute-values.ts';
import { bulkJobItems } from '../../../shared/aws/bulk/bulk-job-items.ts';
import {
  connectionItems,
  connectionPointers,
  listedConnections,
  pendingAuthorizations,
} from '../../../shared/aws/connections/connection-items.ts';
import { NewerData, OlderData } from '../../../shared/aws/errors.ts';
import {
  conflictItem,
  conflictOf,
  rejectionItems,
  runOf,
} from '../../../shared/aws/reconciliation/journal-items.ts';
import { linkItems, pointerItems, putLink } from '../../../shared/aws/reconciliation/link-items.ts';
import { mappingStateItems } from '../../../shared/aws/reconciliation/mapping-state-items.ts';
import { parkedKeyItems } from '../../../shared/aws/reconciliation/parked-key-items.ts';
import { type StoredItems, storedItems } from '../../../shared/aws/stored-items.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import { NO_COUNTS } from '../../../shared/use-cases/ports/counts.ts';
import type { Conflict } from '../../../shared/use-cases/ports/journal.ts';
import { aStoredConnection } from '../../builders/a-connection.ts';
import { aLink } from '../../builders/sync.ts';

const at = '2026-01-01T00:00:00.000Z';
const secret = 's3cret';

const aConflict: Conflict = {
  ...{ mappingId: 'c.contact', localKey: 'a', sfId: '003', field: 'name', at },
  ...{ base: 'x', local: 1.5, remote: null, policy: 'manual', reason: 'policy', linkVersion: 2 },
  winner: 'nobody',
};

/** One full item of each kind, as it is stored, and how it is read. */
const kinds: readonly (readonly [string, (item: RawItem) => object, RawItem])[] = (() => {
  const kind = <T extends object>(name: string, items: StoredItems<T>, values: T) =>
    [name, items.fromItem, items.toItem(values)] as const;
  return [
    kind(
      'links',
      linkItems,
      aLink({
        pending: { email: null },
        adjusted: { size: 1 },
        localChangedAt: at,
        lease: { owner: 'worker', until: 1 },
      }),
    ),
    kind('pointers', pointerItems, { sfId: '003', localKey: 'a' }),
    kind('mapping states', mappingStateItems, {
      ...{ mappingId: 'c.contact', connectionId: 'c', orgId: 't', name: 'contact', status: 'active' },
      ...{ watermark: at, followedUntil: at, bulkJobId: 'b', pushDueSince: at, problems: ['p'] },
      ...{ fieldTypes: { Name: 'text' }, checkedAt: at, checkedTemplate: 'd', nextRunAt: at, lastRunAt: at },
      ...{ epoch: 1, isRetired: true, replaced: { template: 'e', at } },
      pass: { passId: 'p', startedAt: at, since: at, cursor: { modstamp: at, sfId: '003' } },
      trouble: { code: 'X', since: at, at, count: 1 },
      revision: {
        ...{ revision: 2, fieldsRevision: 1, template: 'd' },
        fields: { name: { sfField: 'Name', type: 'text', since: 1 } },
      },
      identity: { localTable: 'contacts', sfObject: 'Contact', externalIdField: 'Key__c' },
    }),
    kind('waiting keys', parkedKeyItems, {
      ...{ mappingId: 'c.contact', kind: 'local', key: 'a', waitUntil: at, rounds: 1, version: 2 },
      local: { since: at, reason: 'X', changedAt: at, isDeleted: true, made: { at, without: ['f'] } },
      remote: { since: at, reason: 'X' },
    }),
    kind('bulk jobs', bulkJobItems, {
      ...{ bulkJobId: 'b', mappingId: 'c.contact', connectionId: 'c', kind: 'query', state: 'Open' },
      ...{ jobId: '750', sObject: 'Contact', operation: 'query', startedAt: at, deadlineAt: at },
      ...{ jobCreatedAt: at, updatedAt: at },
    }),
    kind('rejections', rejectionItems, {
      ...{ mappingId: 'c.contact', by: 'salesforce', key: 'a', code: 'X', message: 'm', fields: ['f'], at },
    }),
    ['conflicts', conflictOf, conflictItem(aConflict)],
    kind(
      'connections',
      connectionItems,
      aStoredConnection({ apiUsage: { used: 1, max: 2 }, refreshLease: { owner: 'x', until: 1 } }),
    ),
    kind('listed connections', listedConnections, aStoredConnection()),
    kind('connection ids', connectionPointers, { tenant: 't', org: '00D' }),
    kind('pending authorizations', pendingAuthorizations, {
      pending: {
        stateHash: 's',
        browserHash: 'b',
        orgId: 't',
        loginUrl: 'https://l.test',
        begunAt: '',
        expiresAtMs: 1,
      },
    }),
  ];
})();

/** Their layout changed before anybody had stored anything, so earlier items are not read at all. */
const BEGUN_ANEW: readonly string[] = ['links', 'mapping states'];

/** The versions that are read, of kinds whose first is not the only one. */
const NEWEST: Readonly<Record<string, number>> = { links: 4, 'mapping states': 3 };

describe.each(kinds)('%s', (kind, fromItem, item) => {
  const isAnew = BEGUN_ANEW.includes(kind);
  const version = NEWEST[kind] ?? 1;
  const isHidden = (name: string) => kind === 'listed connections' && name === 'sealedTokens';

  test('are stored with the version of their schema', () => {
    expect(item.v).toEqual({ N: String(version) });
  });

  test(`of the first deployments, which stored no version, are ${isAnew ? 'refused' : 'read as they were'}`, () => {
    const { v: _version, ...earlier } = item;

    if (!isAnew) {
      expect(fromItem(earlier)).toEqual(fromItem(item));
      return;
    }
    expect(() => fromItem(earlier)).toThrow(
      expect.objectContaining({
        name: 'OlderData',
        code: 'STORED_BY_EARLIER_VERSION',
        next: { do: 'stop' },
        message: expect.stringContaining(`${kind}: an item has schema version 1, and this code reads`),
      }),
    );
  });

  test('lose nothing but the version, keys and what else is not of the schema', () => {
    const { v: _version, ...attributes } = item;
    const beside = toItem({ pk: 'a', sk: 'b', listKey: 'c', listSort: 'd', expiresAt: 1 });

    const read = fromItem({ ...item, ...beside });

    expect(Object.keys(read).sort()).toEqual(
      Object.keys(attributes)
        .filter((name) => !isHidden(name))
        .sort(),
    );
  });

  test('of a newer deployment are refused', () => {
    expect(() => fromItem({ ...item, v: { N: String(version + 1) } })).toThrow(
      expect.objectContaining({
        name: 'NewerData',
        code: 'STORED_BY_LATER_VERSION',
        message: expect.stringContaining('The deployed code is older than the data'),
      }),
    );
  });

  test.each(Object.keys(item).filter((name) => name !== 'v' && !isHidden(name)))(
    'with an attribute %s of another type are refused by its name alone',
    (name) => {
      const broken = { ...item, [name]: { L: [{ S: secret }, { BOOL: true }] } };

      expect(() => fromItem(broken)).toThrow(
        expect.objectContaining({
          name: 'UnreadableItem',
          next: { do: 'stop' },
          message: expect.stringContaining(`"${name}"`),
        }),
      );
      expect(() => fromItem(broken)).not.toThrow(secret);
    },
  );
});

test('work on what a newer deployment wrote leaves the queue for five minutes', () => {
  const { next } = new NewerData('links', 2, 1, Date.parse(at));

  expect(next).toEqual({ do: 'wait', until: '2026-01-01T00:05:00.000Z' });
});

test('a schema that has moved on reads what earlier ones wrote', () => {
  const people = storedItems('people', z.object({ name: z._default(z.string(), 'nobody') }), 2);

  expect(people.toItem({ name: 'Ann' })).toEqual({ name: { S: 'Ann' }, v: { N: '2' } });
  expect([{ N: '1' }, { N: '2' }].map((v) => people.fromItem({ v }))).toEqual([
    { name: 'nobody' },
    { name: 'nobody' },
  ]);
  expect(() => people.fromItem({ v: { N: '3' } })).toThrow('has schema version 3');
});

test('a schema that was begun anew reads nothing of before', () => {
  const people = storedItems('people', z.object({ name: z.string() }), 3, 2);
  const ann = { name: { S: 'Ann' } };

  expect([{ N: '2' }, { N: '3' }].map((v) => people.fromItem({ ...ann, v }))).toHaveLength(2);
  for (const earlier of [ann, { ...ann, v: { N: '1' } }]) {
    expect(() => people.fromItem(earlier)).toThrow(OlderData);
  }
  expect(() => people.fromItem({ v: { N: '4' } })).toThrow(NewerData);
});

test.each([{ S: '1' }, { N: '0' }, { N: '1.5' }])('a version %j is none', (v) => {
  expect(() => pointerItems.fromItem({ v })).toThrow('the attribute "v"');
});

test('a conflict of a first meeting has no base', () => {
  const { base: _, ...rest } = aConflict;

  expect(conflictOf(conflictItem({ ...rest, base: undefined }))).toEqual({ ...rest, base: undefined });
});

test('a run of before a count was introduced has none of it', () => {
  const run = {
    ...{ mappingId: 'c.contact', runId: 'r', cause: 'hint', startedAt: at },
    ...{ 'count:read': 7, 'count:calls': 2, v: 1 },
  };

  expect(runOf(toItem(run))).toEqual({
    mappingId: 'c.contact',
    runId: 'r',
    cause: 'hint',
    startedAt: at,
    counts: { ...NO_COUNTS, read: 7, calls: 2 },
  });
  expect(() => runOf(toItem({ ...run, v: 2 }))).toThrow('deployed code is older');
});

describe('a link', () => {
  const versionOf = (state: Link['state'], change: Partial<Link> = {}) => {
    const { version: _, ...link } = aLink({ state, ...change });
    return putLink('state', link, 1).Put?.Item?.v?.N;
  };

  test('that earlier code reads as well is stored as that wrote it', () => {
    const states = ['creating', 'linked', 'local-deleted', 'remote-deleted'] as const;
    expect(states.map((state) => versionOf(state))).toEqual(['2', '2', '2', '2']);
  });

  test('whose deletion is carried over waits for code that knows of that', () => {
    expect([versionOf('deleting'), versionOf('both-deleted')]).toEqual(['3', '3']);
    expect(versionOf('local-deleted', { marked: 'record' })).toBe('4');
  });
});
