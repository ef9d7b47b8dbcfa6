import { defineSyncConfig } from '../../../shared/contracts/sync-config.ts';
import config from '../../../sync.config.ts';

const { account, contact } = config.mappings;
if (!account || !contact) throw new Error('the sync config maps accounts and contacts');

/** The project's own config, and a formula over the contact's account, whose value changes without a stamp. */
export default defineSyncConfig({
  ...config,
  mappings: {
    account,
    contact: {
      ...contact,
      fieldMap: {
        ...contact.fieldMap,
        industry: { field: 'Account_Industry__c', direction: 'from-salesforce' },
      },
    },
  },
});
