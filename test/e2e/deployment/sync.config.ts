import { defineSyncConfig, type SyncConfigInput } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

type Template = SyncConfigInput['mappings'][string];

const leftToPerson = (mapping: Template, attribute: string, field: string): Template => ({
  ...mapping,
  fieldMap: { ...mapping.fieldMap, [attribute]: { field, conflictPolicy: 'manual' } },
});

const { account, contact } = project.mappings;
if (!account || !contact) throw new Error('the project has these mappings');

/**
 * The project's own config, with one field whose conflicts are left to a person, and with contacts whose deletions are
 * carried over, that refer to their accounts, that are matched by id and e-mail, and that have a
 * formula over their account, whose value changes without a stamp.
 */
export default defineSyncConfig({
  localTables: {
    ...project.localTables,
    contacts: {
      keyField: 'contactId',
      tenantField: 'tenantId',
      matchIndexes: { salesforceId: 'bySalesforceId', email: 'byEmail' },
    },
  },
  mappings: {
    account: leftToPerson(account, 'industry', 'Industry'),
    contact: {
      ...contact,
      deletePolicy: 'propagate',
      fieldMap: {
        ...contact.fieldMap,
        accountId: { field: 'AccountId', reference: 'account' },
        industry: { field: 'Account_Industry__c', direction: 'from-salesforce' },
      },
      match: ['salesforceId', 'externalId', { fields: ['email'] }],
    },
  },
});
