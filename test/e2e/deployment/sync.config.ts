import { defineSyncConfig } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

/** The tenants that have mappings which no other has. */
export const CHECKS_TENANT = 'checks';
/** The tenant that has a mapping in rehearsal. */
export const REHEARSAL_TENANT = 'rehearsals';
export const WHOLE_TENANT = 'deletions';

const { account, contact } = project.mappings;
if (!account || !contact) throw new Error('the project has these mappings');

/**
 * The project's own config, with a field of each kind on accounts, one of which is left to a person, and which are saved
 * although a duplicate rule warns; with contacts whose
 * deletions are carried over, that refer to their accounts, that are matched by id and e-mail, and that have a formula
 * over their account, whose value changes without a stamp; and with mappings of one tenant alone: users and contacts of
 * another kind, opportunities, of which a deletion leaves a mark, and meters. Accounts and contacts keep values in
 * their history.
 */
export default defineSyncConfig({
  localTables: {
    ...project.localTables,
    contacts: {
      keyField: 'contactId',
      tenantField: 'tenantId',
      matchIndexes: { salesforceId: 'bySalesforceId', email: 'byEmail' },
    },
    staff: { keyField: 'staffId', tenant: CHECKS_TENANT },
    visitors: { keyField: 'visitorId', tenant: REHEARSAL_TENANT },
    people: { keyField: 'personId', tenant: CHECKS_TENANT },
    opportunities: { keyField: 'opportunityId', tenant: WHOLE_TENANT },
    meters: { keyField: 'meterId', tenant: WHOLE_TENANT },
  },
  mappings: {
    account: {
      ...account,
      fieldMap: {
        ...account.fieldMap,
        industry: { field: 'Industry', conflictPolicy: 'manual' },
        ledgerNumber: 'Ledger_Number__c',
        regions: { field: 'Regions__c', as: 'list' },
        tier: { field: 'Tier__c', as: 'label' },
        kind: { field: 'RecordTypeId', as: 'developerName' },
        origin: { field: 'Origin__c', createOnly: true },
        'billing.city': 'BillingCity',
        'billing.country': 'BillingCountry',
      },
      recordType: 'Partner_Account',
      onCreate: { AccountSource: 'Web' },
      defaults: { source: 'salesforce' },
      localFilter: { attribute: 'isDraft', exists: false },
      duplicateRules: 'allow',
      history: { days: 7, keep: 'values' },
    },
    contact: {
      ...contact,
      deletePolicy: 'propagate',
      fieldMap: {
        ...contact.fieldMap,
        accountId: { field: 'AccountId', reference: 'account' },
        industry: { field: 'Account_Industry__c', direction: 'from-salesforce' },
      },
      match: ['salesforceId', 'externalId', { fields: ['email'] }],
      history: { days: 7, keep: 'values' },
    },
    staff: {
      localTable: 'staff',
      sfObject: 'User',
      fieldMap: { username: 'Username', isActive: 'IsActive' },
      direction: 'from-salesforce',
      schedule: { everyMinutes: 5 },
    },
    visitor: {
      localTable: 'visitors',
      sfObject: 'Contact',
      fieldMap: { lastName: 'LastName', title: 'Title' },
      externalIdField: 'Sync_Key__c',
      rehearsal: true,
      schedule: { everyMinutes: 5 },
    },
    person: {
      localTable: 'people',
      sfObject: 'Contact',
      fieldMap: { lastName: 'LastName', title: 'Title', score: 'Score__c' },
      externalIdField: 'Sync_Key__c',
      onDrift: 'leave-out',
      schedule: { everyMinutes: 5 },
    },
    opportunity: {
      localTable: 'opportunities',
      sfObject: 'Opportunity',
      fieldMap: {
        name: 'Name',
        stage: 'StageName',
        closeDate: 'CloseDate',
        amount: 'Amount',
        kind: { field: 'RecordTypeId', as: 'developerName' },
        accountId: { field: 'AccountId', reference: 'account' },
      },
      deletePolicy: { fromSalesforce: { mark: 'deletedAt' }, toSalesforce: { mark: 'Deleted_In_App__c' } },
      externalIdField: 'Sync_Key__c',
      schedule: { everyMinutes: 5 },
    },
    meter: {
      localTable: 'meters',
      sfObject: 'Meter__c',
      fieldMap: {
        name: 'Name',
        reading: 'Reading__c',
        site: { field: 'Site__c', reference: 'account' },
      },
      direction: 'from-salesforce',
      schedule: { everyMinutes: 5 },
    },
  },
});
