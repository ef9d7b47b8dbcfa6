import { defineSyncConfig, type SyncConfigInput } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

type MappingInput = SyncConfigInput['mappings'][string];

const changed = (
  name: string,
  change: (mapping: MappingInput) => MappingInput,
): SyncConfigInput['mappings'] => {
  const mapping = project.mappings[name];
  if (!mapping) throw new Error(`the project has no mapping ${name}`);
  return { [name]: change(mapping) };
};

/** The project's own config, with a field whose conflicts are left to a person, deletions carried over, and a formula over the contact's account, whose value changes without a stamp. */
export default defineSyncConfig({
  ...project,
  mappings: {
    ...project.mappings,
    ...changed('account', ({ fieldMap, ...mapping }) => ({
      ...mapping,
      fieldMap: { ...fieldMap, industry: { field: 'Industry', conflictPolicy: 'manual' } },
    })),
    ...changed('contact', ({ fieldMap, ...mapping }) => ({
      ...mapping,
      deletePolicy: 'propagate',
      fieldMap: { ...fieldMap, industry: { field: 'Account_Industry__c', direction: 'from-salesforce' } },
    })),
  },
});
