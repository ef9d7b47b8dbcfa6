import { defineSyncConfig } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

/** The project's own config; on accounts a field of each kind, and one whose conflicts are left to a person. */
export default defineSyncConfig({
  ...project,
  mappings: {
    ...project.mappings,
    account: {
      localTable: 'accounts',
      sfObject: 'Account',
      fieldMap: {
        ...project.mappings.account?.fieldMap,
        industry: { field: 'Industry', conflictPolicy: 'manual' },
        ledgerNumber: 'Ledger_Number__c',
        regions: { field: 'Regions__c', as: 'list' },
        tier: { field: 'Tier__c', as: 'label' },
        kind: { field: 'RecordTypeId', as: 'developerName' },
        origin: { field: 'Origin__c', createOnly: true },
        'billing.city': 'BillingCity',
        'billing.country': 'BillingCountry',
      },
      externalIdField: 'Sync_Key__c',
      localIdField: 'salesforceId',
      recordType: 'Partner_Account',
      onCreate: { AccountSource: 'Web' },
      defaults: { source: 'salesforce' },
      localFilter: { attribute: 'isDraft', exists: false },
      schedule: { everyMinutes: 5 },
    },
  },
});
