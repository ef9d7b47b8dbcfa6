import { defineSyncConfig } from './shared/contracts/sync-config.ts';

/**
 * What to keep in step. Checked whenever the app is synthesised; docs tell what each option does.
 * The Salesforce side needs `Sync_Key__c` on both objects: a unique, case-sensitive external id field.
 */
export default defineSyncConfig({
  localTables: {
    accounts: {
      keyField: 'accountId',
      tenantField: 'tenantId',
      matchIndexes: { salesforceId: 'bySalesforceId' },
    },
    contacts: {
      keyField: 'contactId',
      tenantField: 'tenantId',
      matchIndexes: { salesforceId: 'bySalesforceId' },
    },
  },
  mappings: {
    account: {
      localTable: 'accounts',
      sfObject: 'Account',
      fieldMap: {
        name: 'Name',
        phone: 'Phone',
        website: 'Website',
        // Where both sides change it, a person decides.
        industry: { field: 'Industry', conflictPolicy: 'manual' },
      },
      externalIdField: 'Sync_Key__c',
      localIdField: 'salesforceId',
      schedule: { everyMinutes: 5 },
      // What an import has overwritten can be taken back for a month.
      history: { days: 30, keep: 'values' },
    },
    contact: {
      localTable: 'contacts',
      sfObject: 'Contact',
      fieldMap: {
        firstName: 'FirstName',
        lastName: 'LastName',
        email: 'Email',
        phone: 'Phone',
        title: 'Title',
        score: 'Score__c',
        lastSeen: 'Last_Seen__c',
        // The attribute holds the key of an account's item.
        accountId: { field: 'AccountId', reference: 'account' },
      },
      deletePolicy: 'propagate',
      externalIdField: 'Sync_Key__c',
      localIdField: 'salesforceId',
      schedule: { everyMinutes: 5 },
    },
  },
});
