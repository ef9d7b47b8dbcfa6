import { defineSyncConfig, type SyncConfigInput } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

/** The tenant whose mappings no other has. */
export const CHECKS_TENANT = 'checks';

type MappingInput = SyncConfigInput['mappings'][string];

const changed = (
  name: string,
  change: (mapping: MappingInput) => MappingInput,
): SyncConfigInput['mappings'] => {
  const mapping = project.mappings[name];
  if (!mapping) throw new Error(`the project has no mapping ${name}`);
  return { [name]: change(mapping) };
};

/**
 * The project's own config, with a field whose conflicts are left to a person, with deletions carried over, and with
 * mappings of one tenant alone.
 */
export default defineSyncConfig({
  localTables: {
    ...project.localTables,
    staff: { keyField: 'staffId', tenant: CHECKS_TENANT },
    people: { keyField: 'personId', tenant: CHECKS_TENANT },
  },
  mappings: {
    ...project.mappings,
    ...changed('account', ({ fieldMap, ...mapping }) => ({
      ...mapping,
      fieldMap: { ...fieldMap, industry: { field: 'Industry', conflictPolicy: 'manual' } },
    })),
    ...changed('contact', (mapping) => ({ ...mapping, deletePolicy: 'propagate' })),
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
