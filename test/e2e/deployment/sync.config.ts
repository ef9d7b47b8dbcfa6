import { defineSyncConfig, type SyncConfigInput } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

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

/** The project's own config, with one field whose conflicts are left to a person. */
export default defineSyncConfig({
  ...project,
  mappings: { ...project.mappings, account: leftToPerson(project.mappings.account, 'industry', 'Industry') },
});
