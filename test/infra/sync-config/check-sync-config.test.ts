import { describe, expect, test } from '@jest/globals';
import {
  checkPlaces,
  parseSyncConfig,
  SyncConfigError,
} from '../../../infra/sync-config/check-sync-config.ts';
import type { SyncConfigInput } from '../../../shared/contracts/sync-config.ts';
import demo from '../../../sync.config.ts';
import { aSyncStack } from '../synthesis.ts';

type Mapping = SyncConfigInput['mappings'][string];
type Table = SyncConfigInput['localTables'][string];

const TABLE: Table = {
  keyField: 'contactId',
  tenantField: 'tenantId',
  matchIndexes: { salesforceId: 'bySalesforceId' },
};
const MAPPING: Mapping = {
  localTable: 'contacts',
  sfObject: 'Contact',
  fieldMap: { lastName: 'LastName' },
  externalIdField: 'Sync_Key__c',
  localIdField: 'salesforceId',
  schedule: { everyMinutes: 5 },
};

/** A config that is right but for what is given; options may be of any shape. */
const aConfig = (mapping: Record<string, unknown> = {}, table: Record<string, unknown> = {}) => ({
  localTables: { contacts: { ...TABLE, ...table } },
  mappings: { contact: { ...MAPPING, ...mapping } },
});

const problemsOf = (config: unknown): string[] => {
  try {
    parseSyncConfig(config);
    return [];
  } catch (error) {
    if (!(error instanceof SyncConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
};

describe('a sync config that is right', () => {
  test('comes back with its defaults filled in', () => {
    expect(parseSyncConfig(aConfig()).mappings.contact).toMatchObject({
      direction: 'both',
      conflictPolicy: 'last-write-wins',
      deletePolicy: 'ignore',
      bulkThreshold: 2000,
    });
  });

  test('is the one in the root of the project', () => {
    expect(Object.keys(parseSyncConfig(demo).mappings)).toEqual(['account', 'contact']);
  });

  test('may be parsed again, as a bundle does', () => {
    const once = parseSyncConfig(aConfig());
    expect(parseSyncConfig(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  test.each<[string, Record<string, unknown>]>([
    [
      'a field from Salesforce alone',
      { fieldMap: { since: { field: 'CreatedDate', direction: 'from-salesforce' } } },
    ],
    [
      'no external id field where records only come in',
      { direction: 'from-salesforce', externalIdField: undefined },
    ],
    ['a freshness that its schedule can give', { schedule: { everyMinutes: 15 }, freshness: '15m' }],
    ['fields that are left out', { onDrift: 'leave-out' }],
    ['a mapping from Salesforce alone', { direction: 'from-salesforce', fieldMap: { since: 'CreatedDate' } }],
    [
      'a policy of its own for a field',
      { fieldMap: { a: { field: 'Title', conflictPolicy: 'local-wins' } } },
    ],
    [
      'a filter',
      { filter: "Account.Name LIKE 'O\\'B%' AND (Title = null OR CreatedDate > 2024-01-01T00:00:00Z)" },
    ],
  ])('may have %s', (_name, mapping) => {
    expect(problemsOf(aConfig(mapping))).toEqual([]);
  });
});

describe('a sync config that is wrong', () => {
  const TABLE_ARN = 'arn:aws:dynamodb:eu-central-1:111122223333:table/contacts';

  test.each<[string, unknown, string]>([
    [
      'does something else on drift',
      aConfig({ onDrift: 'ignore' }),
      'mappings.contact.onDrift: "ignore" is not allowed; use one of stop, leave-out',
    ],
    [
      'asks for a rehearsal and for plans',
      aConfig({ rehearsal: true, requirePlan: true }),
      'mappings.contact.requirePlan: does not go with "rehearsal": nothing is planned of a rehearsal; promote the mapping first, then put requirePlan in its place',
    ],
    [
      'asks to know more freshly than it sweeps',
      aConfig({ schedule: { everyMinutes: 60 }, freshness: '15m' }),
      'mappings.contact.freshness: "15m" is shorter than the schedule, which sweeps every 60 minutes; sweep more often, or ask for less',
    ],
    ['is no object', 7, '(the whole config): 7 is not allowed; give a value of type object'],
    ['has no mapping', { ...aConfig(), mappings: {} }, 'mappings: is empty; name at least one mapping'],
    [
      'has a name that is none',
      { ...aConfig(), mappings: { 'my contact': MAPPING } },
      'mappings["my contact"]: this name must be a letter followed by letters, digits, "_" or "-", 63 characters at most',
    ],
    [
      'misspells an option',
      aConfig({ sfobject: 'Contact' }),
      'mappings.contact.sfobject: there is no such option (did you mean "sfObject"?); allowed are localTable, sfObject, ' +
        'fieldMap, externalIdField, localIdField, match, direction, filter, conflictPolicy, onDrift, requirePlan, rehearsal, deletePolicy, duplicateRules, onCreate, recordType, localFilter, defaults, schedule, freshness, fullSweep, formulas, history, bulkThreshold',
    ],
    [
      'leaves an option out',
      aConfig({ externalIdField: undefined }),
      'mappings.contact.externalIdField: is missing; name a unique external id field, or give the mapping the direction "from-salesforce", for which none is needed',
    ],
    [
      'has a policy that is none',
      aConfig({ conflictPolicy: 'newest' }),
      'mappings.contact.conflictPolicy: "newest" is not allowed; use one of last-write-wins, salesforce-wins, local-wins, manual',
    ],
    [
      'has a direction that is none on a field',
      aConfig({ fieldMap: { email: { field: 'Email', direction: 'in' } } }),
      'mappings.contact.fieldMap.email.direction: "in" is not allowed; use one of both, from-salesforce, to-salesforce',
    ],
    [
      'maps to no name',
      aConfig({ fieldMap: { email: 3 } }),
      "mappings.contact.fieldMap.email: 3 is not allowed; use a Salesforce field's name, or { field: ... }",
    ],
    [
      'maps to what cannot be a field',
      aConfig({ fieldMap: { company: 'Account.Name' } }),
      'mappings.contact.fieldMap.company: "Account.Name" must be a Salesforce API name: a letter followed by letters, ' +
        'digits or "_", 80 characters at most',
    ],
    [
      'sweeps too often',
      aConfig({ schedule: { everyMinutes: 0 } }),
      'mappings.contact.schedule.everyMinutes: 0 is too small; the least is 1',
    ],
    [
      'counts in halves',
      aConfig({ bulkThreshold: 1.5 }),
      'mappings.contact.bulkThreshold: 1.5 is not allowed; give a whole number',
    ],
    [
      'names a table that is none',
      aConfig({ localTable: 'contact' }),
      'mappings.contact.localTable: no local table has the name "contact"; did you mean "contacts"? localTables: there are contacts',
    ],
    [
      'does not say whose an item is',
      aConfig({}, { tenantField: undefined }),
      'localTables.contacts: nothing says which tenant an item belongs to; give exactly one of tenantField (the attribute that names the tenant) and tenant (one for all)',
    ],
    [
      'says so twice',
      aConfig({}, { tenant: 'acme' }),
      'localTables.contacts: both are given; give exactly one of tenantField (the attribute that names the tenant) and tenant (one for all)',
    ],
    [
      'has a tenant that no link can name',
      aConfig({}, { tenantField: undefined, tenant: 'a#b' }),
      'localTables.contacts.tenant: "a#b" must be 1 to 128 letters, digits or any of "_", ".", "@", ":", "|", "-"',
    ],
    [
      'names the stream of another table',
      aConfig(
        {},
        { existing: { tableArn: TABLE_ARN, streamArn: `${TABLE_ARN}2/stream/x`, tenantIndex: 'by-tenant' } },
      ),
      'localTables.contacts.existing.streamArn: is not the stream of existing.tableArn',
    ],
    [
      'has a table of ours whose items would expire',
      aConfig({}, { ttlAttribute: 'gone' }),
      'localTables.contacts.ttlAttribute: is for an existing table: items of one that the stack makes never expire',
    ],
    [
      'takes the key for a time to live',
      aConfig(
        {},
        {
          existing: { tableArn: TABLE_ARN, streamArn: `${TABLE_ARN}/stream/x`, tenantIndex: 'by-tenant' },
          ttlAttribute: 'contactId',
        },
      ),
      'localTables.contacts.ttlAttribute: holds a time, so it cannot be keyField or tenantField too',
    ],
    [
      'has an index by tenant for one tenant alone',
      aConfig(
        {},
        {
          tenantField: undefined,
          tenant: 'acme',
          existing: { tableArn: TABLE_ARN, streamArn: `${TABLE_ARN}/stream/x`, tenantIndex: 'by-tenant' },
        },
      ),
      'localTables.contacts.existing.tenantIndex: is an index by tenantField, and the table has none; leave it out',
    ],
    [
      'is shared by tenants, and has no index by tenant',
      aConfig({}, { existing: { tableArn: TABLE_ARN, streamArn: `${TABLE_ARN}/stream/x` } }),
      'localTables.contacts.existing.tenantIndex: is missing: each mass push of each tenant would read the items of all; make an index with tenantField as its partition key, and name it here',
    ],
    [
      'has an index with a name that no index has',
      aConfig(
        {},
        { existing: { tableArn: TABLE_ARN, streamArn: `${TABLE_ARN}/stream/x`, tenantIndex: 'by tenant' } },
      ),
      'localTables.contacts.existing.tenantIndex: "by tenant" must be the name of an index: 3 to 255 letters, digits, "_", "." or "-"',
    ],
    [
      'takes the key for the tenant',
      aConfig({}, { keyField: 'tenantId' }),
      'localTables.contacts.tenantField: is the keyField too; items of one tenant need keys of their own, so name another attribute',
    ],
    [
      'names one table twice',
      {
        ...aConfig(),
        localTables: Object.fromEntries(
          ['contacts', 'people'].map((name) => [
            name,
            {
              ...TABLE,
              existing: { tableArn: TABLE_ARN, streamArn: `${TABLE_ARN}/stream/x`, tenantIndex: 'by-tenant' },
            },
          ]),
        ),
      },
      'localTables.people.existing.tableArn: is the table of localTables.contacts; name it once, and let both mappings use that',
    ],
    [
      'maps nothing',
      aConfig({ fieldMap: {} }),
      'mappings.contact.fieldMap: is empty; map at least one field',
    ],
    [
      'maps a field twice',
      aConfig({ fieldMap: { email: 'Email', mail: 'EMAIL' } }),
      'mappings.contact.fieldMap.mail: EMAIL is already mapped to email; map it once',
    ],
    [
      "maps the table's key",
      aConfig({ fieldMap: { contactId: 'Legacy_Id__c' } }),
      "mappings.contact.fieldMap.contactId: is the table's keyField; it goes to Salesforce as externalIdField without being mapped",
    ],
    [
      'maps the tenant',
      aConfig({ fieldMap: { tenantId: 'Tenant__c' } }),
      "mappings.contact.fieldMap.tenantId: is the table's tenantField, which says which tenant an item belongs to and is never synced",
    ],
    [
      'maps the external id',
      aConfig({ fieldMap: { key: 'sync_key__C' } }),
      'mappings.contact.fieldMap.key: sync_key__C is the externalIdField, which the sync itself fills; map another field',
    ],
    [
      "maps Salesforce's id",
      aConfig({ fieldMap: { sfId: 'Id' } }),
      'mappings.contact.fieldMap.sfId: Id cannot be mapped; name this attribute as localIdField instead',
    ],
    [
      'writes what Salesforce alone writes',
      aConfig({ fieldMap: { since: 'createddate' } }),
      "mappings.contact.fieldMap.since: createddate is written by Salesforce alone; use { field: 'createddate', direction: 'from-salesforce' }",
    ],
    [
      'widens the direction for a field',
      aConfig({ direction: 'from-salesforce', fieldMap: { email: { field: 'Email', direction: 'both' } } }),
      'mappings.contact.fieldMap.email.direction: "both" goes beyond the mapping\'s direction "from-salesforce"; widen that one, or leave this out',
    ],
    [
      'maps the local id field too',
      aConfig({ localIdField: 'lastName' }),
      'mappings.contact.localIdField: "lastName" is mapped in fieldMap too; it receives the Salesforce id alone',
    ],
    [
      'marks items in an attribute that has another use',
      aConfig({ fieldMap: { email: 'Email' }, deletePolicy: { fromSalesforce: { mark: 'email' } } }),
      'mappings.contact.deletePolicy.fromSalesforce.mark: "email" has another use; name an attribute of its own',
    ],
    [
      'marks items within a map',
      aConfig({ deletePolicy: { fromSalesforce: { mark: 'a.b' } } }),
      'mappings.contact.deletePolicy.fromSalesforce.mark: "a.b" has a dot; name an attribute of the item itself',
    ],
    [
      'marks records in a field that is mapped',
      aConfig({ fieldMap: { email: 'Email' }, deletePolicy: { toSalesforce: { mark: 'email' } } }),
      'mappings.contact.deletePolicy.toSalesforce.mark: email has another use; name a checkbox of its own',
    ],
    [
      'misspells the mark',
      aConfig({ deletePolicy: { toSalesforce: { field: 'Gone__c', mark: 'Gone__c' } } }),
      'mappings.contact.deletePolicy.toSalesforce.field: there is no such option; allowed are mark',
    ],
    [
      'marks a way that it does not have',
      aConfig({ direction: 'from-salesforce', deletePolicy: { toSalesforce: { mark: 'Gone__c' } } }),
      'mappings.contact.deletePolicy.toSalesforce: goes beyond the mapping\'s direction "from-salesforce"; widen that one, or leave this out',
    ],
    [
      'has a policy of deletions that is none',
      aConfig({ deletePolicy: 7 }),
      'mappings.contact.deletePolicy: 7 is not allowed; use ignore, propagate, or { fromSalesforce: ..., toSalesforce: ... }',
    ],
    [
      'carries deletions a way that it does not have',
      aConfig({ direction: 'from-salesforce', deletePolicy: { toSalesforce: 'propagate' } }),
      'mappings.contact.deletePolicy.toSalesforce: goes beyond the mapping\'s direction "from-salesforce"; widen that one, or leave this out',
    ],
    [
      'allows duplicates and writes nothing',
      aConfig({ direction: 'from-salesforce', duplicateRules: 'allow' }),
      'mappings.contact.duplicateRules: has no use with the direction "from-salesforce", which writes nothing to Salesforce; leave it out',
    ],
    [
      'refreshes formulas and takes nothing in',
      aConfig({ direction: 'to-salesforce', formulas: { everyMinutes: 60 } }),
      'mappings.contact.formulas: has no use with the direction "to-salesforce", which takes nothing in; leave it out',
    ],
    [
      'refreshes formulas more often than it is swept',
      aConfig({ schedule: { everyMinutes: 120 }, formulas: { everyMinutes: 60 } }),
      'mappings.contact.formulas.everyMinutes: is 60, and the mapping is swept every 120 minutes, with which formulas are refreshed; give at least 120, or a shorter schedule',
    ],
    [
      'has a word for duplicate rules that is none',
      aConfig({ duplicateRules: 'ignore' }),
      'mappings.contact.duplicateRules: "ignore" is not allowed; use one of respect, allow',
    ],
    [
      'would overwrite the key with the Salesforce id',
      aConfig({ localIdField: 'contactId' }),
      'mappings.contact.localIdField: "contactId" is the table\'s keyField or tenantField; name another attribute',
    ],
  ])('because it %s is told where and what is allowed', (_name, config, problem) => {
    expect(problemsOf(config)).toEqual([problem]);
  });

  test.each<[string, unknown, string]>([
    [
      'for a sort key',
      aConfig({}, { sortKey: 'date' }),
      'localTables.contacts.sortKey: tables with a sort key are not supported yet',
    ],
  ])('because it asks %s, which is not built yet, is refused', (_name, config, problem) => {
    expect(problemsOf(config)).toEqual([problem]);
  });

  test('is told everything at once, one a line, when the app is synthesised', () => {
    const config = {
      localTables: { contacts: TABLE },
      mappings: {
        contact: { ...MAPPING, localTable: 'contcts', fieldMap: {} },
        account: { ...MAPPING, filter: 'x = 1) OR (y = 2', schedule: { everyMinutes: 5000 } },
      },
    };
    const lines = (() => {
      try {
        aSyncStack({ config });
        return [];
      } catch (error) {
        return error instanceof Error ? error.message.split('\n') : [];
      }
    })();
    expect(lines[0]).toBe('The sync config has 3 problems:');
    expect(lines.slice(1).map((line) => line.split(': ')[0]?.trim())).toEqual([
      'mappings.account.schedule.everyMinutes',
      'mappings.contact.localTable',
      'mappings.contact.fieldMap',
    ]);
  });
});

describe('an existing table', () => {
  const arnOf = (region: string, account: string) => `arn:aws:dynamodb:${region}:${account}:table/contacts`;
  const configOf = (tableArn: string, keyArn?: string) =>
    parseSyncConfig(
      aConfig(
        {},
        {
          existing: {
            tableArn,
            streamArn: `${tableArn}/stream/x`,
            tenantIndex: 'by-tenant',
            ...(keyArn && { keyArn }),
          },
        },
      ),
    );
  const STACK = { region: 'eu-central-1', account: '111122223333' };

  test("lies in the stack's region and account, and its key in its region", () => {
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/0b1c';
    const table = arnOf('eu-west-1', '444455556666');

    const check = () => checkPlaces(configOf(table, key), STACK);

    expect(check).toThrow(SyncConfigError);
    expect(check).toThrow(
      'localTables.contacts.existing.tableArn: is in the region "eu-west-1" and the stack in "eu-central-1"; both must be the same',
    );
    expect(check).toThrow(
      'localTables.contacts.existing.tableArn: is in the account "444455556666" and the stack in "111122223333"',
    );
    expect(check).toThrow('localTables.contacts.existing.keyArn: is in the region "eu-west-1"');
    expect(() => checkPlaces(configOf(arnOf(STACK.region, STACK.account)), STACK)).not.toThrow();
  });

  test('is taken at its word where nobody knows yet where the stack will be', () => {
    const config = configOf(arnOf('eu-west-1', '444455556666'));

    expect(() => checkPlaces(config, { region: undefined, account: undefined })).not.toThrow();
  });

  test('elsewhere is refused by the construct', () => {
    const tableArn = arnOf('eu-west-1', '111122223333');
    const config = aConfig(
      {},
      { existing: { tableArn, streamArn: `${tableArn}/stream/x`, tenantIndex: 'by-tenant' } },
    );

    expect(() => aSyncStack({ config })).toThrow('is in the region "eu-west-1"');
  });
});
