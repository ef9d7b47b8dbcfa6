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

/** With a formula over the contact's account, whose value changes without a stamp. */
const withFormula = (mapping: SyncConfigInput['mappings'][string] | undefined) => {
  if (!mapping) throw new Error('the project has this mapping');
  const industry = { field: 'Account_Industry__c', direction: 'from-salesforce' as const };
  return { ...mapping, fieldMap: { ...mapping.fieldMap, industry } };
};

/** The project's own config, with one field whose conflicts are left to a person, and with a formula. */
export default defineSyncConfig({
  ...project,
  mappings: {
    ...project.mappings,
    account: leftToPerson(project.mappings.account, 'industry', 'Industry'),
    contact: withFormula(project.mappings.contact),
  },
});
