import { defineSyncConfig, type SyncConfigInput } from '../../../shared/contracts/sync-config.ts';
import project from '../../../sync.config.ts';

const deletingBothWays = (
  mapping: SyncConfigInput['mappings'][string] | undefined,
): SyncConfigInput['mappings'][string] => {
  if (!mapping) throw new Error('the project has this mapping');
  return { ...mapping, deletePolicy: 'propagate' };
};

/** The project's own config, whose deletions of contacts are carried over. */
export default defineSyncConfig({
  ...project,
  mappings: { ...project.mappings, contact: deletingBothWays(project.mappings.contact) },
});
