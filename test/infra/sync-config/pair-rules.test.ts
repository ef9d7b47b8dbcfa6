import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { parseSyncConfig, SyncConfigError } from '../../../infra/sync-config/check-sync-config.ts';
import { aSyncStack } from '../synthesis.ts';

const base = { externalIdField: 'Sync_Key__c', schedule: { everyMinutes: 5 } };
const aConfig = (contact: object = {}, tables: Record<string, object> = {}) => ({
  localTables: {
    accounts: { keyField: 'id', tenantField: 'tenantId', ...tables.accounts },
    contacts: { keyField: 'id', tenantField: 'tenantId', ...tables.contacts },
  },
  mappings: {
    account: { ...base, localTable: 'accounts', sfObject: 'Account', fieldMap: { name: 'Name' } },
    contact: {
      ...base,
      localTable: 'contacts',
      sfObject: 'Contact',
      fieldMap: { email: 'Email', account: { field: 'AccountId', reference: 'account' } },
      localIdField: 'salesforceId',
      ...contact,
    },
  },
});
const INDEXED = { contacts: { matchIndexes: { email: 'byEmail', salesforceId: 'bySalesforceId' } } };

const problemsOf = (config: unknown): string[] => {
  try {
    parseSyncConfig(config);
    return [];
  } catch (error) {
    if (!(error instanceof SyncConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
};

describe('references and matchers of a config', () => {
  test.each([
    ['a reference', aConfig({}, INDEXED)],
    [
      'a lookup to several objects',
      aConfig({ fieldMap: { who: { field: 'WhoId', reference: { Account: 'account' } } } }, INDEXED),
    ],
    [
      'a lookup to several mappings of one object',
      aConfig({
        match: ['externalId'],
        fieldMap: { who: { field: 'AccountId', reference: ['account', 'contact'] } },
      }),
    ],
    ['a place for ids that no item has beforehand', aConfig({ match: ['externalId'] })],
    ['a place for ids without an index, to Salesforce alone', aConfig({ direction: 'to-salesforce' })],
    ['matchers with their indexes', aConfig({ match: ['salesforceId', { fields: ['email'] }] }, INDEXED)],
    [
      'a matcher without an index, to Salesforce alone',
      aConfig({ match: [{ fields: ['email'] }], direction: 'to-salesforce' }),
    ],
    [
      'a table of the same tenant',
      aConfig(
        {},
        {
          accounts: { tenant: 'acme', tenantField: undefined },
          contacts: { ...INDEXED.contacts, tenant: 'acme', tenantField: undefined },
        },
      ),
    ],
  ])('may have %s', (_name, config) => {
    expect(problemsOf(JSON.parse(JSON.stringify(config)))).toEqual([]);
  });

  test.each([
    [
      'an unknown mapping',
      aConfig({ fieldMap: { a: { field: 'AccountId', reference: 'acount' } } }),
      'no mapping has the name "acount"',
    ],
    [
      'a mapping of another tenant',
      aConfig({}, { accounts: { tenant: 'acme', tenantField: undefined } }),
      'belongs to the tenant "acme" alone',
    ],
    [
      'no mapping at all',
      aConfig({ fieldMap: { a: { field: 'WhoId', reference: {} } } }),
      'names no mapping',
    ],
    [
      'a list of no mapping',
      aConfig({ fieldMap: { a: { field: 'WhoId', reference: [] } } }),
      'names no mapping',
    ],
    [
      'a mapping twice in a list',
      aConfig({ fieldMap: { a: { field: 'WhoId', reference: ['account', 'account'] } } }),
      '"account" stands in the list twice',
    ],
    [
      'an unknown mapping in a list',
      aConfig({ fieldMap: { a: { field: 'WhoId', reference: ['account', 'acount'] } } }),
      'no mapping has the name "acount"',
    ],
    [
      'a mapping of another object',
      aConfig({ fieldMap: { a: { field: 'WhoId', reference: { Lead: 'account' } } } }),
      '"account" is a mapping of Account',
    ],
    [
      'a number as reference',
      aConfig({ fieldMap: { a: { field: 'WhoId', reference: 5 } } }),
      "use a mapping's name, a list of names, or one for each object",
    ],
    [
      'a matcher by an attribute that is not mapped',
      aConfig({ match: [{ fields: ['phone'] }] }, INDEXED),
      '"phone" is not in fieldMap',
    ],
    [
      'a matcher by a reference',
      aConfig({ match: [{ fields: ['account'] }] }, INDEXED),
      '"account" is a reference',
    ],
    [
      'a matcher by an id that is nowhere',
      aConfig({ match: ['salesforceId'], localIdField: undefined }, INDEXED),
      'needs localIdField',
    ],
    [
      'a matcher by a key that records do not have',
      aConfig({ match: ['externalId'], externalIdField: undefined, direction: 'from-salesforce' }),
      'needs externalIdField',
    ],
    [
      'a matcher by an attribute that is written in a form of its own',
      aConfig(
        { match: [{ fields: ['email'] }], fieldMap: { email: { field: 'Salutation', as: 'label' } } },
        INDEXED,
      ),
      '"email" is written in a form of its own (as)',
    ],
    ['a matcher twice', aConfig({ match: ['externalId', 'externalId'] }), 'name it once'],
    [
      'a reference whose conflicts are left to a person',
      aConfig({ conflictPolicy: 'manual' }),
      'a reference cannot be left to a person',
    ],
    ['an unknown matcher', aConfig({ match: ['email'] }), '"email" is not allowed'],
    [
      'a matcher without an index',
      aConfig({ match: [{ fields: ['email'] }] }),
      'give the table an index by "email" in matchIndexes',
    ],
    [
      'a place for ids without an index',
      aConfig(),
      'mappings.contact.localIdField: a record that comes in could not find the item that holds its id, and would get another one: ' +
        'give localTables.contacts the index matchIndexes: { "salesforceId": "bySalesforceId" }, or say match: ["externalId"] ' +
        'if no item holds an id before it is synced',
    ],
    [
      'a place for ids without an index, where there are no keys',
      aConfig({ externalIdField: undefined, direction: 'from-salesforce' }),
      'give localTables.contacts the index matchIndexes: { "salesforceId": "bySalesforceId" }, or leave it out',
    ],
    [
      'an index of the key',
      aConfig({}, { contacts: { matchIndexes: { id: 'byKey' } } }),
      "is the table's keyField or tenantField",
    ],
  ])('may not have %s', (_name, config, sentence) => {
    expect(problemsOf(JSON.parse(JSON.stringify(config))).join('\n')).toContain(sentence);
  });
});

describe('the tables of a config with matchers', () => {
  const template = Template.fromStack(
    aSyncStack({ config: parseSyncConfig(aConfig({ match: [{ fields: ['email'] }] }, INDEXED)) }),
  );

  test('have an index by value and tenant, which worker and bulk steps may query', () => {
    const tables = Object.values(template.findResources('AWS::DynamoDB::GlobalTable'));
    const indexes = tables.flatMap(({ Properties }) => Properties.GlobalSecondaryIndexes ?? []);
    expect(indexes.find(({ IndexName }) => IndexName === 'byEmail')?.KeySchema).toEqual([
      { AttributeName: 'email', KeyType: 'HASH' },
      { AttributeName: 'tenantId', KeyType: 'RANGE' },
    ]);
    const grants = JSON.stringify(template.findResources('AWS::IAM::Policy')).match(/index\/byEmail/g);
    expect(grants?.length).toBeGreaterThanOrEqual(2);
  });
});
