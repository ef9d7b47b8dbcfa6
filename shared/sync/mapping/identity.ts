import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { must } from '../assert.ts';
import type { Mapping } from '../model/mapping.ts';

/**
 * What makes a mapping the one that it is: its links pair items of this table with records of this object by this field,
 * or by no field.
 */
export type MappingIdentity = Pick<MappingTemplate, 'localTable' | 'sfObject' | 'externalIdField'>;

/** The identity of a mapping that is made from this template. */
export const identityOf = ({ localTable, sfObject, externalIdField }: MappingTemplate): MappingIdentity => ({
  localTable,
  sfObject,
  ...(externalIdField !== undefined && { externalIdField }),
});

/**
 * Why a template cannot take over the links that were made under its name: they would pair items with records that
 * they were never paired with. API names do not care about case.
 *
 * @param name - of the mapping in the sync config, for the paths in the problems
 * @param first - what the mapping was when it first fitted the org
 */
export const identityProblems = (
  template: MappingTemplate,
  name: string,
  first: MappingIdentity,
): readonly string[] => {
  const isSame: Readonly<Record<keyof MappingIdentity, boolean>> = {
    localTable: template.localTable === first.localTable,
    sfObject: template.sfObject.toLowerCase() === first.sfObject.toLowerCase(),
    externalIdField: template.externalIdField?.toLowerCase() === first.externalIdField?.toLowerCase(),
  };
  return (['localTable', 'sfObject', 'externalIdField'] as const)
    .filter((part) => !isSame[part])
    .map(
      (part) =>
        `mappings.${name}.${part}: was ${first[part] ?? 'not there'} and is now ${template[part] ?? 'not there'}, but the records that this ` +
        'mapping has linked stay what they are. Use a new mapping name, or put the old value back.',
    );
};

/** The field that holds the keys of items, of a mapping that writes to Salesforce: none does without one. */
export const keyFieldOf = ({ externalIdField }: Pick<Mapping, 'externalIdField'>): string =>
  must(externalIdField, 'only a mapping with an external id field looks for keys in Salesforce');
