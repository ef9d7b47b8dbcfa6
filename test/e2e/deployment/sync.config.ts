import { defineSyncConfig } from '../../../shared/contracts/sync-config.ts';
import config from '../../../sync.config.ts';

/** The project's own config, and on accounts a field of each kind that a mapping can have. */
export default defineSyncConfig({
  ...config,
  mappings: {
    ...config.mappings,
    account: {
      localTable: 'accounts',
      sfObject: 'Account',
      fieldMap: {
        ...config.mappings.account?.fieldMap,
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
