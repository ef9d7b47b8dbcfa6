import { defineSyncConfig } from '../../../shared/contracts/sync-config.ts';
import base from '../../../sync.config.ts';

const { account, contact } = base.mappings;
if (!account || !contact) throw new Error('the layer goes by the mappings of accounts and contacts');

/** The project's own, with contacts that refer to their accounts, and that are matched by id and e-mail. */
export default defineSyncConfig({
  localTables: {
    ...base.localTables,
    contacts: {
      keyField: 'contactId',
      tenantField: 'tenantId',
      matchIndexes: { salesforceId: 'bySalesforceId', email: 'byEmail' },
    },
  },
  mappings: {
    account,
    contact: {
      ...contact,
      fieldMap: { ...contact.fieldMap, accountId: { field: 'AccountId', reference: 'account' } },
      match: ['salesforceId', 'externalId', { fields: ['email'] }],
    },
  },
});
