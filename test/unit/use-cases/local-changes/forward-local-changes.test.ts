import { describe, expect, test } from '@jest/globals';
import { imageOf } from '../../../../shared/sync/mapping/item-image.ts';
import { forwardLocalChanges } from '../../../../shared/use-cases/local-changes/forward-local-changes.ts';
import type { LocalChange } from '../../../../shared/use-cases/local-changes/local-change.ts';
import { aStoredConnection } from '../../../builders/a-connection.ts';
import { aSyncConfig, CONTACTS } from '../../../builders/a-sync-config.ts';
import { InMemoryConnections } from '../../../in-memory/connections.ts';
import { InMemoryHintQueue } from '../../../in-memory/hint-queue.ts';
import { InMemoryJournal } from '../../../in-memory/journal.ts';

const AT = '2026-01-01T00:00:07.000Z';

/** A person's item as a stream has it. */
const anItem = (change: Record<string, unknown> = {}) => ({
  id: { S: 'ann' },
  tenant: { S: 'acme' },
  firstName: { S: 'Ann' },
  ...change,
});

/** What is mapped of it. */
const imageIn = (item: Record<string, unknown>, fields = ['firstName', 'email']) => imageOf(fields, item);

const aChange = (change: Partial<LocalChange> = {}): LocalChange => ({
  localTable: 'people',
  before: anItem(),
  after: anItem({ firstName: { S: 'Anna' } }),
  isExpiry: false,
  changedAt: AT,
  ...change,
});

const aStream = (mappings: Parameters<typeof aSyncConfig>[0] = {}) => {
  const connections = new InMemoryConnections();
  const connect = (connectionId: string, orgId: string, status: 'active' | 'paused' | 'revoked' = 'active') =>
    connections.stored.set(
      connectionId,
      aStoredConnection({ connectionId, orgId, status, sfOrgId: `00D${connectionId}` }),
    );
  connect('c1', 'acme');
  let listings = 0;
  const counted = {
    idsOfTenant: (orgId: string) => {
      listings += 1;
      return connections.idsOfTenant(orgId);
    },
  };
  const hints = new InMemoryHintQueue();
  const journal = new InMemoryJournal();
  const ports = {
    config: aSyncConfig(mappings),
    connections: counted,
    hints,
    journal,
  };
  const keys = () =>
    hints.sent.map((hint) => [
      'mappingId' in hint && hint.mappingId,
      hint.kind === 'local-keys' ? hint.keys.map(({ key }) => key) : [],
    ]);
  return { ports, connect, hints, journal, keys, listings: () => listings };
};

const EVERY_KIND: [string, Partial<LocalChange>][] = [
  ['an edit', {}],
  ['a new item', { before: undefined }],
  ['a deleted item', { after: undefined }],
  ['a cleared field', { after: anItem({ firstName: undefined }) }],
];

describe('a local change', () => {
  test.each(EVERY_KIND)('that is %s becomes a hint with its time', async (_what, change) => {
    const { ports, hints } = aStream();

    const forwarded = await forwardLocalChanges(ports, [aChange(change)]);

    expect(hints.sent).toEqual([
      {
        kind: 'local-keys',
        mappingId: 'c1.contacts',
        keys: [
          {
            key: 'ann',
            changedAt: AT,
            ...(!('after' in change && change.after === undefined) && {
              image: imageIn(aChange(change).after ?? {}),
            }),
            ...(change.after === undefined && 'after' in change && { isDeleted: true }),
            ...(change.before === undefined &&
              'before' in change && { made: { at: AT, without: ['email'] } }),
          },
        ],
        cause: { by: 'stream' },
      },
    ]);
    expect(forwarded).toEqual({ changes: 1, hinted: 1, ignored: 0, unassigned: 0, unstorable: 0 });
  });

  test.each([
    ['nothing, not even the map', undefined, ['email']],
    ['an empty map', { M: {} }, ['email']],
    ['no value', { M: { home: { NULL: true } } }, ['email']],
    ['blank text', { M: { home: { S: ' ' } } }, ['email']],
    ['an empty list', { M: { home: { L: [] } } }, ['email']],
    ['a value', { M: { home: { S: 'a' } } }, []],
    ['a value of another type', { M: { home: { N: '0' } } }, []],
  ])('of a new item with %s at a path says what it was made without', async (_what, email, without) => {
    const nested = { ...CONTACTS, fieldMap: { firstName: 'FirstName', 'email.home': 'Email' } };
    const { ports, hints } = aStream({ contacts: nested });

    await forwardLocalChanges(ports, [aChange({ before: undefined, after: anItem({ email }) })]);

    const made = { at: AT, without: without.map(() => 'email.home') };
    const [hint] = hints.sent;
    const image = imageIn(anItem({ email }), ['firstName', 'email.home']);
    expect(hint?.kind === 'local-keys' && hint.keys).toEqual([
      { key: 'ann', changedAt: AT, image, ...(without.length > 0 && { made }) },
    ]);
  });

  test('tells of an item that was made and changed since what it never had', async () => {
    const { ports, hints } = aStream();
    const bare = anItem({ firstName: undefined });
    const later = '2026-01-01T00:00:08.000Z';
    const batch = [
      aChange({ before: undefined, after: bare }),
      aChange({ before: bare, after: anItem(), changedAt: later }),
      aChange({ before: anItem(), after: bare, changedAt: later }),
    ];

    await forwardLocalChanges(ports, batch);
    await forwardLocalChanges(ports, [...batch, aChange({ before: bare, after: undefined })]);

    const keys = hints.sent.map((hint) => hint.kind === 'local-keys' && hint.keys);
    expect(keys).toEqual([
      [{ key: 'ann', changedAt: later, image: imageIn(bare), made: { at: AT, without: ['email'] } }],
      [{ key: 'ann', changedAt: AT, isDeleted: true }],
    ]);
  });

  test.each([
    ['of an attribute that is not mapped', { after: anItem({ note: { S: 'x' } }) }],
    [
      'that only moves the parts of a map',
      {
        before: anItem({ email: { M: { a: { S: '1' }, b: { S: '2' } } } }),
        after: anItem({ email: { M: { b: { S: '2' }, a: { S: '1' } } } }),
      },
    ],
    ['that DynamoDB made by expiry', { after: undefined, isExpiry: true }],
    ['of an item without a key', { before: undefined, after: { tenant: { S: 'acme' } } }],
    ['of a table that only comes in', { localTable: 'companies', after: anItem({ name: { S: 'x' } }) }],
  ] as [string, Partial<LocalChange>][])('%s costs nothing', async (_what, change) => {
    const { ports, hints, journal, listings } = aStream();

    expect(await forwardLocalChanges(ports, [aChange(change)])).toMatchObject({ ignored: 1, hinted: 0 });

    expect(hints.sent).toEqual([]);
    expect(listings()).toBe(0);
    expect(journal.storedRejections.size).toBe(0);
  });

  describe('of a table whose items expire in another region', () => {
    const expiring = () => {
      const { ports, keys } = aStream();
      const { people } = ports.config.localTables;
      if (!people) throw new Error('no such table');
      const localTables = { ...ports.config.localTables, people: { ...people, ttlAttribute: 'gone' } };
      return { ports: { ...ports, config: { ...ports.config, localTables } }, keys };
    };
    const seconds = Date.parse(AT) / 1000;

    test.each([
      ['in the second in which its time comes', seconds],
      ['two days after that', seconds - 2 * 86_400],
    ])('is an expiry %s', async (_, gone) => {
      const { ports, keys } = expiring();
      const before = anItem({ gone: { N: String(gone) } });

      expect(await forwardLocalChanges(ports, [aChange({ before, after: undefined })])).toMatchObject({
        ignored: 1,
      });
      expect(keys()).toEqual([]);
    });

    test.each([
      ['before its time', { N: String(seconds + 1) }],
      ['without one', undefined],
      ['with an empty one', { N: '' }],
      ['with one that is no number', { S: String(seconds) }],
    ])('is somebody’s deletion %s', async (_, gone) => {
      const { ports, keys } = expiring();

      await forwardLocalChanges(ports, [aChange({ before: anItem({ gone }), after: undefined })]);

      expect(keys()).toEqual([['c1.contacts', ['ann']]]);
    });

    test('is an edit where the item is still there, whatever its time', async () => {
      const { ports, keys } = expiring();
      const gone = { N: String(seconds - 1) };
      const after = anItem({ gone, firstName: { S: 'Anna' } });

      await forwardLocalChanges(ports, [aChange({ before: anItem({ gone }), after })]);

      expect(keys()).toEqual([['c1.contacts', ['ann']]]);
    });
  });

  test('reaches every connection of the tenant and every mapping of the table, but no other tenant', async () => {
    const { ports, connect, keys } = aStream({ leads: { ...CONTACTS, sfObject: 'Lead' } });
    connect('c2', 'acme', 'paused');
    connect('c3', 'acme', 'revoked');
    connect('c4', 'other');

    await forwardLocalChanges(ports, [aChange()]);

    expect(keys()).toEqual([
      ['c1.contacts', ['ann']],
      ['c1.leads', ['ann']],
      ['c2.contacts', ['ann']],
      ['c2.leads', ['ann']],
    ]);
  });

  test('of the tenant is looked at for both', async () => {
    const { ports, connect, keys } = aStream();
    connect('c4', 'other');

    await forwardLocalChanges(ports, [aChange({ after: anItem({ tenant: { S: 'other' } }) })]);

    expect(keys()).toEqual([
      ['c1.contacts', ['ann']],
      ['c4.contacts', ['ann']],
    ]);
  });

  test('that follows another of the same key is one key with the later time', async () => {
    const { ports, hints } = aStream();
    const later = '2026-01-01T00:00:09.000Z';

    await forwardLocalChanges(ports, [aChange(), aChange({ changedAt: later })]);

    expect(hints.sent).toMatchObject([{ keys: [{ key: 'ann', changedAt: later }] }]);
  });

  test('soon after another still becomes a hint of its own', async () => {
    const { ports, hints } = aStream();

    await forwardLocalChanges(ports, [aChange()]);
    await forwardLocalChanges(ports, [aChange()]);

    expect(hints.sent).toHaveLength(2);
  });

  test('among two hundred of one table and tenant is a key of one hint', async () => {
    const { ports, hints } = aStream();
    const changes = Array.from({ length: 200 }, (_, n) =>
      aChange({ before: undefined, after: anItem({ id: { S: `person-${n}` } }) }),
    );

    await forwardLocalChanges(ports, changes);

    expect(hints.sent.map((hint) => hint.kind === 'local-keys' && hint.keys.length)).toEqual([200]);
  });

  test('among more than a hint holds comes in several hints', async () => {
    const { ports, hints } = aStream();
    const changes = Array.from({ length: 450 }, (_, n) =>
      aChange({ before: undefined, after: anItem({ id: { S: `p${n}` } }) }),
    );

    await forwardLocalChanges(ports, changes);

    const sizes = hints.sent.map((hint) => (hint.kind === 'local-keys' ? hint.keys.length : 0));
    expect(sizes).toEqual([200, 200, 50]);
  });

  test('fails its whole batch when the queue does not take it', async () => {
    const { ports } = aStream();
    const send = () => Promise.reject(new Error('the queue is away'));

    await expect(forwardLocalChanges({ ...ports, hints: { send } }, [aChange()])).rejects.toThrow('away');
  });
});

describe('an item without a tenant', () => {
  const nobodys: [string, Record<string, unknown>][] = [
    ['no attribute', { tenant: undefined }],
    ['an empty one', { tenant: { S: '' } }],
    ['a number', { tenant: { N: '7' } }],
    ['a name that parts keys', { tenant: { S: 'acme#1' } }],
    ['too long a name', { tenant: { S: 'a'.repeat(129) } }],
  ];
  test.each(nobodys)('(%s) is a rejection, never a guess', async (_what, change) => {
    const { ports, hints, journal } = aStream();

    const forwarded = await forwardLocalChanges(ports, [
      aChange({ before: undefined, after: anItem(change) }),
    ]);

    expect(forwarded).toMatchObject({ unassigned: 1, hinted: 0 });
    expect(hints.sent).toEqual([]);
    expect([...journal.storedRejections.values()]).toMatchObject([
      {
        mappingId: 'unassigned.contacts',
        by: 'local-rules',
        key: 'ann',
        code: 'NO_TENANT',
        fields: ['tenant'],
      },
    ]);
  });

  test('still concerns the tenant that it had', async () => {
    const { ports, keys } = aStream();

    await forwardLocalChanges(ports, [aChange({ after: anItem({ tenant: undefined }) })]);

    expect(keys()).toEqual([['c1.contacts', ['ann']]]);
  });

  test.each([
    ['names one', anItem()],
    ['is deleted', undefined],
  ])('is no rejection any more once it %s', async (_what, after) => {
    const { ports, journal } = aStream();
    const before = anItem({ tenant: undefined });
    await forwardLocalChanges(ports, [aChange({ before: undefined, after: before })]);

    await forwardLocalChanges(ports, [aChange({ before, after })]);

    expect(journal.storedRejections.size).toBe(0);
  });
});

describe('an item whose key Salesforce cannot hold', () => {
  const LONG = 'k'.repeat(256);
  const added = (key: string) => aChange({ before: undefined, after: anItem({ id: { S: key } }) });

  test.each([
    ['too long', LONG, 'KEY_TOO_LONG'],
    ['ending in white space', 'ann ', 'KEY_NOT_STORABLE'],
    ['beginning with white space', '\u00a0ann', 'KEY_NOT_STORABLE'],
    ['of two lines', 'ann\nlee', 'KEY_NOT_STORABLE'],
    ['of half a character', 'ann\ud83d', 'KEY_NOT_STORABLE'],
  ])('(%s) is a rejection, and its neighbours go on', async (_what, key, code) => {
    const { ports, keys, journal } = aStream();

    const forwarded = await forwardLocalChanges(ports, [added('a'), added(key), added('b')]);

    expect(forwarded).toMatchObject({ hinted: 2, unstorable: 1 });
    expect(keys()).toEqual([['c1.contacts', ['a', 'b']]]);
    expect(await journal.rejections('c1.contacts', 10)).toMatchObject([
      { by: 'local-rules', key, code, message: expect.stringContaining('give the item a'), at: AT },
    ]);
  });

  test('is one at the limit that it still holds', async () => {
    const { ports, keys } = aStream();
    const longest = 'é'.repeat(255);

    await forwardLocalChanges(ports, [added(longest)]);

    expect(keys()).toEqual([['c1.contacts', [longest]]]);
  });

  test('is no rejection any more once it is deleted', async () => {
    const { ports, journal } = aStream();
    await forwardLocalChanges(ports, [added(LONG)]);

    await forwardLocalChanges(ports, [aChange({ before: anItem({ id: { S: LONG } }), after: undefined })]);

    expect(journal.storedRejections.size).toBe(0);
  });

  test('is a rejection of the tenant whose it is now alone', async () => {
    const { ports, connect, journal } = aStream();
    connect('c4', 'other');
    await forwardLocalChanges(ports, [added(LONG)]);
    const before = anItem({ id: { S: LONG } });

    await forwardLocalChanges(ports, [aChange({ before, after: { ...before, tenant: { S: 'other' } } })]);

    expect([...journal.storedRejections.values()].map(({ mappingId }) => mappingId)).toEqual(['c4.contacts']);
  });
});

describe("a tenant's connections", () => {
  test('are read once for each tenant and batch, and kept no longer', async () => {
    const { ports, listings } = aStream();
    const ofOther = anItem({ id: { S: 'bob' }, tenant: { S: 'other' } });
    const batch = [
      aChange(),
      aChange({ after: anItem({ email: { S: 'x' } }) }),
      aChange({ before: undefined, after: ofOther }),
    ];

    await forwardLocalChanges(ports, batch);
    expect(listings()).toBe(2);
    await forwardLocalChanges(ports, batch);
    expect(listings()).toBe(4);
  });

  test('include one that was made a moment before the edit', async () => {
    const { ports, connect, keys, hints } = aStream();
    await forwardLocalChanges(ports, [aChange()]);
    hints.sent.length = 0;
    connect('c2', 'acme');

    await forwardLocalChanges(ports, [aChange()]);

    expect(keys()).toEqual([
      ['c1.contacts', ['ann']],
      ['c2.contacts', ['ann']],
    ]);
  });

  test('are read for every tenant of a full batch', async () => {
    const { ports, connect, keys } = aStream();
    const tenants = Array.from({ length: 200 }, (_, n) => `tenant-${n}`);
    for (const tenant of tenants) connect(`c-${tenant}`, tenant);

    await forwardLocalChanges(
      ports,
      tenants.map((tenant) => aChange({ before: undefined, after: anItem({ tenant: { S: tenant } }) })),
    );

    expect(keys()).toHaveLength(200);
  });

  test('are asked for again where there were none', async () => {
    const { ports, connect, keys } = aStream();
    const after = anItem({ tenant: { S: 'new' } });

    await forwardLocalChanges(ports, [aChange({ before: undefined, after })]);
    connect('c9', 'new');
    await forwardLocalChanges(ports, [aChange({ before: undefined, after })]);

    expect(keys()).toEqual([['c9.contacts', ['ann']]]);
  });
});
