import { afterEach, expect, jest, test } from '@jest/globals';

const load = () => {
  jest.resetModules();
  return require('../../../shared/runtime/sync-config.ts') as typeof import('../../../shared/runtime/sync-config.ts');
};

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'SYNC_CONFIG_JSON');
});

test('the bundled sync config is read once, with its defaults', () => {
  const mapping = {
    localTable: 'contacts',
    sfObject: 'Contact',
    fieldMap: { name: 'Name' },
    externalIdField: 'External_Id__c',
    schedule: { everyMinutes: 5 },
  };
  const config = {
    localTables: { contacts: { keyField: 'id', tenant: 't' } },
    mappings: { contact: mapping },
  };
  Object.assign(globalThis, { SYNC_CONFIG_JSON: JSON.stringify(config) });
  const { bundledSyncConfig } = load();

  expect(bundledSyncConfig().mappings.contact).toMatchObject({ bulkThreshold: 2000, direction: 'both' });
  expect(bundledSyncConfig()).toBe(bundledSyncConfig());
});

test('a bundle without a sync config says so', () => {
  expect(() => load().bundledSyncConfig()).toThrow('The bundle holds no sync config');
});
