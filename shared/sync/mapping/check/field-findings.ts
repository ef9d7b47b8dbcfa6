import type { Direction, MappingTemplate } from '../../../contracts/sync-config.ts';
import type { CheckedField, CheckedObject } from '../../model/schema.ts';
import { narrower } from '../resolve.ts';
import { fieldOf } from './field-of.ts';
import type { Finding } from './finding.ts';
import { unseenField } from './unseen.ts';

/** One entry of the field map, with the field that it found. */
export interface Entry {
  readonly attribute: string;
  readonly where: string;
  readonly sfField: string;
  /** With its options, as the template has them. */
  readonly mapped: MappingTemplate['fieldMap'][string];
  /** The field's own, as far as the mapping goes that way. */
  readonly direction: Direction;
  readonly found: CheckedField | undefined;
}

/** The entries of a template's field map. @param path - of the mapping in the config */
export const entriesOf = (template: MappingTemplate, path: string, sObject: CheckedObject): Entry[] =>
  Object.entries(template.fieldMap).map(([attribute, mapped]) => ({
    attribute,
    where: `${path}.fieldMap.${attribute}`,
    sfField: mapped.field,
    mapped,
    direction: narrower(template.direction, mapped.direction),
    found: fieldOf(sObject, mapped.field),
  }));

/** What is wrong with one mapped field, and what is worth knowing of it. */
export const fieldFindings = (
  entry: Entry,
  sObject: CheckedObject,
  { externalIdField }: Pick<MappingTemplate, 'externalIdField'>,
): Finding[] => {
  const { attribute, where, sfField, found } = entry;
  const about = { where, attribute };
  if (sfField === externalIdField) {
    const says = `${sfField} is the mapping's external id field, which holds the item's key. Leave it out.`;
    return [{ ...about, code: 'FIELD_RESERVED', weight: 'stops', says }];
  }
  if (sfField === 'Id') {
    const says = 'Id cannot be synced. Use localIdField to receive it.';
    return [{ ...about, code: 'FIELD_RESERVED', weight: 'stops', says }];
  }
  if (found === undefined)
    return [{ ...about, code: 'FIELD_NOT_SEEN', weight: 'field', says: unseenField(sfField, sObject) }];
  const name = `${sObject.name}.${found.name}`;
  if (found.type === 'unsupported') {
    const says = `${name} is of a type that is not supported. Allowed: text, numbers, booleans, dates.`;
    return [{ ...about, code: 'FIELD_TYPE_UNSUPPORTED', weight: 'field', says }];
  }
  return [...maskedFindings(entry, found, name), ...writeFindings(entry, found, name)];
};

/** A mask that came in would overwrite the item's own value. */
const maskedFindings = (
  { attribute, where, direction }: Entry,
  found: CheckedField,
  name: string,
): Finding[] => {
  if (found.masked !== true || direction === 'to-salesforce') return [];
  const says =
    `${name} is encrypted, and a user without the right to see it reads a mask in its place. Allowed: direction ` +
    "'to-salesforce', or a field that is not encrypted in this way.";
  return [{ code: 'FIELD_MASKED', weight: 'field', where, attribute, says }];
};

const writeFindings = (
  { attribute, where, direction, mapped }: Entry,
  found: CheckedField,
  name: string,
): Finding[] => {
  if (direction === 'from-salesforce') return [];
  const { createOnly, updateOnly } = mapped;
  const lacks = [
    ...(found.createable || updateOnly ? [] : ['createable']),
    ...(found.updateable || createOnly || isCreateOnly(found) ? [] : ['updateable']),
  ].join(' and not ');
  if (lacks !== '') {
    const says =
      `${name} is not ${lacks} for the connected user. Allowed: direction 'from-salesforce', ` +
      `${insteadOf(found)}or a field that the user may edit.`;
    return [{ code: 'FIELD_NOT_WRITABLE', weight: 'field', where, attribute, says }];
  }
  if (!found.isRestricted) return [];
  const says = `${name} takes ${valuesIn(activeValues(found, mapped.as))} and nothing else: a record with another value is refused.`;
  return [{ code: 'FIELD_RESTRICTED', weight: 'notice', where, attribute, says }];
};

/** What a field that can be written at one time only is allowed as. */
const insteadOf = ({ createable, updateable }: CheckedField): string => {
  if (createable) return 'createOnly: true, ';
  return updateable ? 'updateOnly: true, ' : '';
};

/** Such as the master of a detail that may not be given to another one. */
export const isCreateOnly = ({ createable, updateable, referenceTo }: CheckedField): boolean =>
  referenceTo !== undefined && createable && !updateable;

/** Whether a new record gets what the item has there. */
export const isSentOnCreation = ({ direction, mapped }: Entry): boolean =>
  direction !== 'from-salesforce' && !mapped.updateOnly;

/** As an item writes them. */
const activeValues = ({ picklist = [] }: CheckedField, as: Entry['mapped']['as']): string[] =>
  picklist.filter(({ isActive }) => isActive).map(({ value, label }) => (as === 'label' ? label : value));

const MOST_VALUES = 12;

const valuesIn = (values: readonly string[]): string => {
  if (values.length === 0) return 'no value';
  const shown = values.slice(0, MOST_VALUES).map((value) => JSON.stringify(value));
  const more = values.length > MOST_VALUES ? ` and ${values.length - MOST_VALUES} more` : '';
  return `${shown.join(', ')}${more}`;
};
