import { defineSyncConfig, type SyncConfigInput } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

/** The tenant whose mappings no other has. */
export const CHECKS_TENANT = 'checks';

const leftToPerson = (
  mapping: SyncConfigInput['mappings'][string] | undefined,
  attribute: string,
  field: string,
): SyncConfigInput['mappings'][string] => {
  if (!mapping) throw new Error('the project has this mapping');
  return {
    ...mapping,
    fieldMap: { ...mapping.fieldMap, [attribute]: { field, conflictPolicy: 'manual' } },
  };
};

/** The project's own config, with one field whose conflicts are left to a person, and mappings of one tenant alone. */
export default defineSyncConfig({
  localTables: {
    ...project.localTables,
    staff: { keyField: 'staffId', tenant: CHECKS_TENANT },
    people: { keyField: 'personId', tenant: CHECKS_TENANT },
  },
  mappings: {
    ...project.mappings,
    account: leftToPerson(project.mappings.account, 'industry', 'Industry'),
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
