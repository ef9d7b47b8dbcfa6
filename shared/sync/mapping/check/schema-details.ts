import type { MappingTemplate } from '../../../contracts/sync-config.ts';
import type { CheckedField, CheckedObject, SchemaDetails } from '../../model/schema.ts';
import type { Entry } from './field-findings.ts';
import { fieldOf } from './field-of.ts';

/** Of a record that was merged, the one that stayed. Objects whose records people merge have it: account, contact, lead, case. */
export const MASTER_FIELD = 'MasterRecordId';

/** What the template's fields and names are in the org. */
export const detailsOf = (
  template: MappingTemplate,
  sObject: CheckedObject,
  entries: readonly Entry[],
): SchemaDetails => {
  const ofType = (type: CheckedField['type']): readonly string[] =>
    namesWhere(entries, (found) => found.type === type);
  const [options, rich, ids, times] = [ofType('options'), ofType('rich'), ofType('id'), ofType('time')];
  const computed = namesWhere(entries, isComputed);
  const needed = namesWhere(entries, isNeeded);
  const names = entries.flatMap(({ mapped, found }) => {
    const ofField = found && namesOf(mapped.as, found, sObject);
    return ofField === undefined ? [] : [[found?.name, ofField] as const];
  });
  const recordTypeId = recordTypeIdOf(template, sObject);
  return {
    ...(options.length > 0 && { options }),
    ...(rich.length > 0 && { rich }),
    ...(ids.length > 0 && { ids }),
    ...(times.length > 0 && { times }),
    ...(computed.length > 0 && { computed }),
    ...(needed.length > 0 && { needed }),
    ...(names.length > 0 && { names: Object.fromEntries(names) }),
    ...(recordTypeId !== undefined && { recordTypeId }),
    ...(fieldOf(sObject, MASTER_FIELD) !== undefined && { isMergeable: true as const }),
  };
};

const namesWhere = (
  entries: readonly Entry[],
  isSo: (found: CheckedField, mapped: Entry['mapped']) => boolean,
): string[] => entries.flatMap(({ mapped, found }) => (found && isSo(found, mapped) ? [found.name] : []));

/** Set by Salesforce itself, of which describe says nothing. */
const KEPT_BY_SALESFORCE: ReadonlySet<string> = new Set([
  'LastModifiedDate',
  'LastModifiedById',
  'SystemModstamp',
  'LastActivityDate',
  'LastViewedDate',
  'LastReferencedDate',
]);

/** More than what is calculated: these too are nobody's edit, though their changes stamp the record. */
const isComputed = ({ name, calculated, autoNumber }: CheckedField): boolean =>
  calculated === true || autoNumber === true || KEPT_BY_SALESFORCE.has(name);

/**
 * Whether a record that is made without the field could not be made, or would be another one: Salesforce puts a value of
 * its own there. What record type it has decides on much else.
 */
const isNeeded = ({ required, isDefaulted }: CheckedField, { as }: Entry['mapped']): boolean =>
  as === 'developerName' || (as === 'label' && (required === true || isDefaulted === true));

const namesOf = (
  as: Entry['mapped']['as'],
  { picklist = [] }: CheckedField,
  { recordTypes = [] }: CheckedObject,
): Readonly<Record<string, string>> | undefined => {
  switch (as) {
    case 'label': {
      // Of a label that an active value has too, the active one is meant.
      const inOrder = [...picklist].sort((a, b) => Number(b.isActive) - Number(a.isActive));
      return Object.fromEntries(inOrder.map(({ value, label }) => [value, label]));
    }
    case 'developerName':
      return Object.fromEntries(recordTypes.map(({ recordTypeId, name }) => [recordTypeId, name]));
    default:
      return undefined;
  }
};

/** The id of the record type that the template names, where the user may choose it. */
export const recordTypeIdOf = (
  { recordType }: Pick<MappingTemplate, 'recordType'>,
  { recordTypes = [] }: CheckedObject,
): string | undefined =>
  recordType === undefined
    ? undefined
    : recordTypes.find(({ name, isAvailable }) => name === recordType && isAvailable)?.recordTypeId;
