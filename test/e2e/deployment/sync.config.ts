import { defineSyncConfig } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

/** The tenant whose mappings no other has. */
export const CHECKS_TENANT = 'checks';

/** The project's own config, and mappings of one tenant for what that has not. */
export default defineSyncConfig({
  localTables: {
    ...project.localTables,
    staff: { keyField: 'staffId', tenant: CHECKS_TENANT },
    people: { keyField: 'personId', tenant: CHECKS_TENANT },
  },
  mappings: {
    ...project.mappings,
    staff: {
      localTable: 'staff',
      sfObject: 'User',
      fieldMap: { username: 'Username', isActive: 'IsActive' },
      direction: 'from-salesforce',
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
  },
});
