import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { SalesforceClient } from '../../../shared/salesforce-client/client.ts';
import { reference } from '../../../shared/salesforce-client/resources/composite/step.ts';
import { soql } from '../../../shared/salesforce-client/soql/soql.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { rejection } from '../../unit/salesforce-client/fakes.ts';
import { aClientAndItsOrg } from './a-client-and-its-org.ts';

interface Contact {
  readonly Id: string;
  readonly LastName: string;
  readonly Email: string | null;
  readonly Sync_Key__c: string | null;
  readonly Account: { readonly Name: string } | null;
}

let simulated: SimulatedOrg;
let client: SalesforceClient;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ simulated, client, close } = await aClientAndItsOrg({ accounts: 5, contacts: 450 }));
});
beforeEach(() => simulated.org.faults.clear());
afterAll(() => close());

const idOf = (outcome: { readonly kind: string }): string => ('id' in outcome ? String(outcome.id) : '');

describe('querying the simulated org', () => {
  test('gives every record once, in pages of any size', async () => {
    const query = soql`SELECT Id, LastName, Account.Name FROM Contact`;
    const total = await client.count(soql`SELECT COUNT() FROM Contact`);

    const seen = new Set<string>();
    for await (const contact of client.query<Contact>(query, { batchSize: 200 })) seen.add(contact.Id);
    const pages: number[] = [];
    for await (const { records } of client.query<Contact>(query, { batchSize: 200 }).pages())
      pages.push(records.length);

    expect(seen.size).toBe(total);
    expect(pages.reduce((a, b) => a + b, 0)).toBe(total);
    expect(await client.query(query).all()).toHaveLength(total);
  });

  test('goes on when the session ends in the middle of paging', async () => {
    const pages = client.query(soql`SELECT Id FROM Contact`, { batchSize: 200 }).pages();
    await pages.next();
    simulated.org.expireAccessTokens();

    expect((await pages.next()).value).toMatchObject({ records: expect.any(Array) });
    await pages.return();
  });

  test('follows the children of a record that did not fit onto its page', async () => {
    const parent = simulated.org.insert('Account', { Name: 'Of many' });
    for (let index = 0; index < 450; index += 1)
      simulated.org.insert('Contact', { LastName: `Child ${index}`, AccountId: parent });
    interface Family {
      readonly Contacts: {
        readonly records: readonly Contact[];
        readonly totalSize: number;
        readonly nextRecordsUrl?: string;
      } | null;
    }
    const query = soql`SELECT Id, (SELECT Id, LastName FROM Contacts) FROM Account WHERE Name = ${'Of many'}`;

    const account = await client.query<Family>(query, { batchSize: 200 }).first();
    const { records = [], totalSize, nextRecordsUrl = '' } = account?.Contacts ?? {};
    const rest = await client.queryMore<Contact>(nextRecordsUrl, { batchSize: 200 }).all();

    const names = [...records, ...rest].map(({ LastName }) => LastName);
    expect([totalSize, records.length]).toEqual([450, 200]);
    expect(new Set(names)).toEqual(new Set(Array.from({ length: 450 }, (_, index) => `Child ${index}`)));
    await client.deleteRecord('Account', parent);
  });

  test('sends what no request line holds through a composite call', async () => {
    const names = Array.from({ length: 900 }, (_, index) => `no such name é ${index}`);
    const before = client.usage().calls;

    expect(await client.query(soql`SELECT Id FROM Contact WHERE LastName IN ${names}`).all()).toEqual([]);
    expect(client.usage().calls).toBe(before + 1);
  });
});

describe('single rows of the simulated org', () => {
  test.each([
    ...['plain', 'a/b', 'ü 日本', "it's 100%", 'x?y#z', 'a+b&c=d', 'a;b,c', '%2F%00', '../x', '...'],
    ...['back\\slash "quoted"', '😀', '@{x.id}', '<&>', '[1]{2}|^`', 'a:b@c', '~_!*()'],
  ])('are created, read, changed and deleted by the external id %s', async (key) => {
    const upsert = (LastName: string) => client.upsertRecord('Contact', 'Sync_Key__c', key, { LastName });

    expect(await rejection(client.upsertRecord('Contact', 'Nope__c', key, {}))).toMatchObject({
      code: 'NOT_FOUND',
    });
    const created = await upsert('First');
    expect(created).toMatchObject({ kind: 'written', created: true });
    expect(await upsert('Second')).toMatchObject({ kind: 'written', id: idOf(created), created: false });
    expect(
      await client.getRecordByExternalId<Contact>('Contact', 'Sync_Key__c', key, {
        fields: ['Id', 'LastName'],
      }),
    ).toMatchObject({ Id: idOf(created), LastName: 'Second' });
    expect(await client.deleteRecord('Contact', idOf(created))).toMatchObject({ kind: 'deleted' });
    expect(await client.getRecord('Contact', idOf(created))).toBeUndefined();
    expect(await client.deleteRecord('Contact', idOf(created))).toMatchObject({
      kind: 'refused',
      code: 'ENTITY_IS_DELETED',
    });
  });

  test('are changed only if nobody changed them meanwhile', async () => {
    const id = idOf(await client.createRecord<Contact>('Contact', { LastName: 'Mine' }));
    const read = await client.getRecord<{ LastModifiedDate: string }>('Contact', id);
    const ifUnmodifiedSince = read?.LastModifiedDate ?? '';
    simulated.org.clock.advance(5_000);
    simulated.org.update('Contact', id, { LastName: 'Theirs' });

    expect(await client.updateRecord('Contact', id, { LastName: 'Ours' }, { ifUnmodifiedSince })).toEqual({
      kind: 'modified',
    });
    expect(await client.getRecord('Contact', id)).toMatchObject({ LastName: 'Theirs' });
  });

  test('that are refused are values', async () => {
    expect(await client.createRecord('Contact', { FirstName: 'no last name' })).toMatchObject({
      kind: 'refused',
      code: 'REQUIRED_FIELD_MISSING',
      fields: ['LastName'],
    });
    expect(await rejection(client.createRecord('Nope__c', {}))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('many rows of the simulated org', () => {
  test('10,000 cost ten calls to create', async () => {
    const org = await aClientAndItsOrg();
    const records = Array.from({ length: 10_000 }, (_, index) => ({
      sObject: index % 2 === 0 ? 'Contact' : 'Account',
      values: index % 2 === 0 ? { LastName: `Many ${index}` } : { Name: `Many ${index}` },
    }));

    const outcomes = await org.client.createRecords(records);

    expect(outcomes.every((one) => one.kind === 'written' && one.created)).toBe(true);
    expect(org.client.usage().calls).toBe(10);
    expect(idOf(outcomes[0] ?? { kind: '' })).toMatch(/^003/);
    expect(idOf(outcomes[1] ?? { kind: '' })).toMatch(/^001/);
    const [row] = org.simulated.org.select(
      `SELECT Name FROM Account WHERE Id = '${idOf(outcomes[9_999] ?? { kind: '' })}'`,
    );
    expect(row?.Name).toBe('Many 9999');
    await org.close();
  });

  test('each has its own outcome, in the order of the input', async () => {
    const rows = Array.from({ length: 450 }, (_, index) => ({
      key: `many-${index % 440}`,
      values:
        index % 50 === 7 && index < 440
          ? { LastName: null }
          : { LastName: `M${index}`, Email: `m${index}@example.com` },
    }));

    const outcomes = await client.upsertRecords('Contact', 'Sync_Key__c', rows);

    expect(outcomes.map((one) => one.kind)).toEqual(
      rows.map(({ values }) => (values.LastName === null ? 'refused' : 'written')),
    );
    // The first ten keys came twice: created, then changed.
    expect(outcomes[441]).toMatchObject({
      kind: 'written',
      created: false,
      id: idOf(outcomes[1] ?? { kind: '' }),
    });
    const found = await client.getRecordByExternalId<Contact>('Contact', 'Sync_Key__c', 'many-1');
    expect(found?.LastName).toBe('M441');
  });

  test('are written except one whose value does not have the type of its field', async () => {
    const callsBefore = simulated.org.requests.entries().length;
    const outcomes = await client.createRecords(
      Array.from({ length: 1_001 }, (_, index) => ({
        sObject: 'Account',
        values: { Name: `Typed ${index}`, NumberOfEmployees: index === 777 ? 'many' : 5 },
      })),
    );

    expect(outcomes.flatMap(({ kind }, index) => (kind === 'written' ? [] : [[index, kind]]))).toEqual([
      [777, 'refused'],
    ]);
    expect(outcomes[777]).toMatchObject({ code: 'JSON_PARSER_ERROR' });
    expect(await client.count(soql`SELECT COUNT() FROM Account WHERE Name LIKE 'Typed %'`)).toBe(1_000);
    expect(simulated.org.requests.entries().length - callsBefore).toBeLessThanOrEqual(2 + 8 + 1);
  });

  test('keep their last values when their keys differ in white space alone, or are numbers', async () => {
    const keys = ['twin', ' twin', 'twin\t', 4_711, ' 4711 '];

    const outcomes = await client.upsertRecords(
      'Contact',
      'Sync_Key__c',
      keys.map((key, index) => ({ key, values: { LastName: `Twin ${index}` } })),
    );

    expect(outcomes.map((one) => one.kind === 'written' && one.created)).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
    for (const [key, LastName] of [
      ['twin', 'Twin 2'],
      ['4711', 'Twin 4'],
    ] as const)
      expect(await client.getRecordByExternalId('Contact', 'Sync_Key__c', key)).toMatchObject({ LastName });
  });

  test('text that a composite call would read as a reference arrives as it is', async () => {
    const records = Array.from({ length: 300 }, (_, index) => ({
      key: `reference-${index}`,
      values: { LastName: index % 100 === 0 ? '@{chunk0[0].id} @{nope}' : `R${index}` },
    }));

    const outcomes = await client.upsertRecords('Contact', 'Sync_Key__c', records);

    expect(outcomes.every((one) => one.kind === 'written')).toBe(true);
    const read = await client.retrieveRecords<Contact>('Contact', outcomes.map(idOf), ['LastName']);
    expect(read.map((one) => one?.LastName)).toEqual(records.map((one) => one.values.LastName));
  });

  test('are changed, read and deleted; a deleted one is read as undefined', async () => {
    const created = await client.createRecords(
      Array.from({ length: 250 }, (_, index) => ({ sObject: 'Contact', values: { LastName: `D${index}` } })),
    );
    const ids = created.map(idOf);

    await client.updateRecords(
      ids.map((id) => ({ sObject: 'Contact', id, values: { Email: 'all@example.com' } })),
    );
    const deleted = await client.deleteRecords(ids.filter((_, index) => index % 2 === 0));
    const read = await client.retrieveRecords<Contact>('Contact', ids, ['LastName', 'Email']);

    expect(deleted.every((one) => one.kind === 'deleted')).toBe(true);
    expect(read.map((one) => one?.LastName)).toEqual(
      ids.map((_, index) => (index % 2 === 0 ? undefined : `D${index}`)),
    );
    expect(read[1]).toMatchObject({ Email: 'all@example.com' });
    expect(
      (
        await client
          .queryAll(soql`SELECT Id FROM Contact WHERE IsDeleted = true AND Id IN ${ids.slice(0, 10)}`)
          .all()
      ).length,
    ).toBe(5);
  });

  test('with allOrNone one undoes its collection, and no other', async () => {
    const records = Array.from({ length: 400 }, (_, index) => ({
      sObject: 'Contact',
      values: index === 5 ? {} : { LastName: `AON${index}` },
    }));

    const outcomes = await client.createRecords(records, { allOrNone: true });

    expect(outcomes[5]).toMatchObject({ kind: 'refused', code: 'REQUIRED_FIELD_MISSING' });
    expect(outcomes[6]).toMatchObject({ kind: 'refused', code: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' });
    expect(outcomes.slice(200).every((one) => one.kind === 'written')).toBe(true);
  });

  test('a locked one passes by itself', async () => {
    simulated.org.faults.add({ kind: 'row', path: 'Locked one' });

    expect(
      await client.createRecords([
        { sObject: 'Contact', values: { LastName: 'Locked one' } },
        { sObject: 'Contact', values: { LastName: 'Fine' } },
      ]),
    ).toMatchObject([{ kind: 'refused', retryAfterMs: expect.any(Number) }, { kind: 'written' }]);
  });

  test('carry our name', async () => {
    await client.createRecords([{ sObject: 'Contact', values: { LastName: 'Named' } }]);

    expect(simulated.org.requests.entries().at(-1)?.client).toBe('salesforce-sync');
  });
});

describe('composite calls to the simulated org', () => {
  test.each([
    [false, ['done', 'refused', 'halted']],
    [true, ['halted', 'refused', 'halted']],
  ])(
    'distinguish the step whose reference is wrong from its victims (all or none: %s)',
    async (allOrNone, kinds) => {
      const step = (referenceId: string, type: string, body: object) =>
        ({ method: 'POST', path: `/sobjects/${type}`, referenceId, body }) as const;

      const outcomes = await client.composite(
        [
          step('parent', 'Account', { Name: `Parent ${allOrNone}` }),
          // The answer to a create has `id`; a query's has `Id`.
          step('child', 'Contact', { LastName: 'Child', AccountId: reference('parent', 'Id') }),
          step('below', 'Contact', { LastName: 'Below', ReportsToId: reference('child', 'id') }),
        ],
        { allOrNone },
      );

      expect(outcomes.map(({ kind }) => kind)).toEqual(kinds);
      expect(outcomes[1]).toMatchObject({
        error: { detail: expect.stringContaining('No value for parent.Id') },
      });
      expect(simulated.org.count(`SELECT Id FROM Account WHERE Name = 'Parent ${allOrNone}'`)).toBe(
        allOrNone ? 0 : 1,
      );
    },
  );

  test('use what earlier steps answered', async () => {
    const outcomes = await client.composite(
      [
        { method: 'POST', path: '/sobjects/Account', referenceId: 'account', body: { Name: 'Parent' } },
        {
          method: 'POST',
          path: '/sobjects/Contact',
          referenceId: 'contact',
          body: { LastName: 'Child', AccountId: reference('account', 'id') },
        },
        {
          method: 'GET',
          path: `/sobjects/Contact/${reference('contact', 'id')}?fields=AccountId`,
          referenceId: 'read',
        },
      ],
      { allOrNone: true },
    );

    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done']);
    const [account, , read] = outcomes;
    expect(read).toMatchObject({ body: { AccountId: (account as { body: { id: string } }).body.id } });
  });

  test('undo everything together', async () => {
    const outcomes = await client.composite(
      [
        { method: 'POST', path: '/sobjects/Account', referenceId: 'account', body: { Name: 'Undone' } },
        {
          method: 'POST',
          path: '/sobjects/Contact',
          referenceId: 'contact',
          body: { FirstName: 'no last name' },
        },
      ],
      { allOrNone: true },
    );

    expect(outcomes).toMatchObject([
      { kind: 'halted' },
      { kind: 'refused', error: { code: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] } },
    ]);
    expect(await client.count(soql`SELECT COUNT() FROM Account WHERE Name = 'Undone'`)).toBe(0);
  });
});

describe('the simulated org itself', () => {
  test('describes itself, once', async () => {
    const org = await client.describeGlobal();
    const contact = await client.describe('Contact');

    expect(org.sobjects.map(({ name }) => name)).toContain('Contact');
    expect(contact.fields.find(({ name }) => name === 'Sync_Key__c')).toMatchObject({
      externalId: true,
      unique: true,
    });
    expect(await client.describe('contact')).toBe(contact);
    expect(await client.recordTypeId('Contact', 'Master')).toBe('012000000000000AAA');
    expect(await rejection(client.recordTypeId('Contact', 'Nope'))).toMatchObject({
      message: expect.stringContaining('there are Master'),
    });
  });

  test('tells its limits, counts and versions', async () => {
    const limits = await client.limits();

    expect(limits.DailyApiRequests?.max).toBe(15_000);
    expect(limits['PermissionSets.CreateCustom']?.max).toBe(1_000);
    expect((await client.recordCounts(['Contact', 'Nope__c'])).Nope__c).toBe(0);
    expect((await client.versions()).map(({ version }) => version)).toContain('v59.0');
  });

  test('tells what changed and what was deleted', async () => {
    const id = idOf(await client.createRecord('Contact', { LastName: 'Changed' }));
    const gone = idOf(await client.createRecord('Contact', { LastName: 'Gone' }));
    await client.deleteRecord('Contact', gone);
    simulated.org.clock.advance(120_000);
    const end = new Date(simulated.org.clock.now());
    const window = { start: new Date(end.getTime() - 600_000), end };

    const updated = await client.getUpdated('Contact', window);
    const deleted = await client.getDeleted('Contact', window);

    expect(updated.ids).toContain(id);
    expect(updated.ids).not.toContain(gone);
    expect(deleted.records.map((one) => one.id)).toContain(gone);
    expect(deleted.isComplete).toBe(true);
    expect(Date.parse(updated.latestDateCovered)).toBeLessThanOrEqual(end.getTime());
  });
});
