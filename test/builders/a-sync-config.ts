import { type SyncConfigInput, syncConfig } from '../../shared/contracts/sync-config.ts';

const contacts: SyncConfigInput['mappings'][string] = {
  localTable: 'people',
  sfObject: 'Contact',
  fieldMap: { firstName: 'FirstName', email: 'Email' },
  externalIdField: 'Sync_Key__c',
  schedule: { everyMinutes: 15 },
};

/** People who are contacts both ways, and companies that only come in; items name their tenant in `tenant`. */
export const aSyncConfig = (mappings: SyncConfigInput['mappings'] = {}) =>
  syncConfig.parse({
    localTables: {
      people: { keyField: 'id', tenantField: 'tenant' },
      companies: { keyField: 'id', tenant: 'acme' },
    },
    mappings: {
      contacts,
      accounts: {
        ...contacts,
        localTable: 'companies',
        sfObject: 'Account',
        fieldMap: { name: 'Name' },
        direction: 'from-salesforce',
      },
      ...mappings,
    },
  });

/** The template of contacts, for a test that wants another like it. */
export const CONTACTS = contacts;
