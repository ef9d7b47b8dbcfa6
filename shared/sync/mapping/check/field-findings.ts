import type { Direction, MappingTemplate } from '../../../contracts/sync-config.ts';
import { narrower } from '../resolve.ts';
import { type CheckedField, type CheckedObject, fieldOf } from './checked-object.ts';
import type { Finding } from './finding.ts';
import { unseenField } from './unseen.ts';

/** One entry of the field map, with the field that it found. */
export interface Entry {
  readonly attribute: string;
  readonly where: string;
  readonly sfField: string;
  readonly direction: Direction;
  readonly found: CheckedField | undefined;
}

/** The entries of a template's field map. @param path - of the mapping in the config */
export const entriesOf = (template: MappingTemplate, path: string, sObject: CheckedObject): Entry[] =>
  Object.entries(template.fieldMap).map(([attribute, { field, direction }]) => ({
    attribute,
    where: `${path}.fieldMap.${attribute}`,
    sfField: field,
    direction: narrower(template.direction, direction),
    found: fieldOf(sObject, field),
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
  { attribute, where, direction }: Entry,
  found: CheckedField,
  name: string,
): Finding[] => {
  if (direction === 'from-salesforce') return [];
  const lacks = [
    ...(found.createable ? [] : ['createable']),
    ...(found.updateable ? [] : ['updateable']),
  ].join(' and not ');
  if (lacks !== '') {
    const says =
      `${name} is not ${lacks} for the connected user. Allowed: direction 'from-salesforce', or a field that the user ` +
      'may edit.';
    return [{ code: 'FIELD_NOT_WRITABLE', weight: 'field', where, attribute, says }];
  }
  if (found.restrictedTo === undefined) return [];
  const says = `${name} takes ${valuesIn(found.restrictedTo)} and nothing else: a record with another value is refused.`;
  return [{ code: 'FIELD_RESTRICTED', weight: 'notice', where, attribute, says }];
};

const MOST_VALUES = 12;

const valuesIn = (values: readonly string[]): string => {
  if (values.length === 0) return 'no value';
  const shown = values.slice(0, MOST_VALUES).map((value) => JSON.stringify(value));
  const more = values.length > MOST_VALUES ? ` and ${values.length - MOST_VALUES} more` : '';
  return `${shown.join(', ')}${more}`;
};
