import { describe, expect, test } from '@jest/globals';
import { syncConfig } from '../../../shared/contracts/sync-config.ts';

const CONFIG = {
  localTables: { contacts: { keyField: 'id', tenant: 'acme' } },
  mappings: {
    contact: {
      localTable: 'contacts',
      sfObject: 'Contact',
      fieldMap: { email: 'Email', phone: { field: 'Phone' } },
      externalIdField: 'Sync_Key__c',
      schedule: { everyMinutes: 5 },
    },
  },
};

describe('the shape of a sync config', () => {
  test('has a default for everything that may be left out', () => {
    expect(syncConfig.parse(CONFIG).mappings.contact).toEqual({
      ...CONFIG.mappings.contact,
      fieldMap: { email: { field: 'Email' }, phone: { field: 'Phone' } },
      direction: 'both',
      onDrift: 'stop',
      requirePlan: false,
      conflictPolicy: 'last-write-wins',
      deletePolicy: 'ignore',
      duplicateRules: 'respect',
      bulkThreshold: 2000,
    });
  });

  test('reads the same again once it is read, as it travels in a bundle', () => {
    const read = syncConfig.parse(CONFIG);

    expect(syncConfig.parse(JSON.parse(JSON.stringify(read)))).toEqual(read);
  });

  test.each([
    ['an unknown section', { ...CONFIG, tables: {} }],
    ['an unknown option', { ...CONFIG, mappings: { contact: { ...CONFIG.mappings.contact, soql: 'x' } } }],
    [
      'a name with a dot, which separates it from its connection',
      { ...CONFIG, mappings: { 'a.b': CONFIG.mappings.contact } },
    ],
    [
      'a tenant that could pass for another key',
      { ...CONFIG, localTables: { contacts: { keyField: 'id', tenant: 'state#x' } } },
    ],
  ])('refuses %s', (_what, config) => {
    expect(syncConfig.safeParse(config).success).toBe(false);
  });
});
