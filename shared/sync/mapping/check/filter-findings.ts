import type { CheckedObject } from '../../model/schema.ts';
import { fieldInSoql } from './field-of.ts';
import { filterFields } from './filter-fields.ts';
import type { Finding } from './finding.ts';
import { unseenField } from './unseen.ts';

/**
 * What is wrong with the fields that a filter names. A filter cannot do without one of them, so the mapping stops. Of a
 * path to a parent only its first step is known here.
 */
export const filterFindings = (
  filter: string | undefined,
  where: string,
  sObject: CheckedObject,
): Finding[] =>
  filter === undefined ? [] : filterFields(filter).flatMap((path) => pathFindings(path, where, sObject));

const pathFindings = (path: string, where: string, sObject: CheckedObject): Finding[] => {
  const [first = '', ...rest] = path.split('.');
  // A query may put the object's own name in front.
  if (rest.length > 0 && first.toLowerCase() === sObject.name.toLowerCase())
    return pathFindings(rest.join('.'), where, sObject);
  return rest.length > 0 ? parentFindings(path, first, where, sObject) : ownFindings(path, where, sObject);
};

const ownFindings = (name: string, where: string, sObject: CheckedObject): Finding[] => {
  const field = fieldInSoql(sObject, name);
  if (field === undefined)
    return [{ code: 'FILTER_FIELD_NOT_SEEN', weight: 'stops', where, says: unseenField(name, sObject) }];
  if (field.filterable !== false) return [];
  const says =
    `${sObject.name}.${field.name} cannot be asked for in a condition: it is a long text, or encrypted. Leave it out of ` +
    'the filter, or compare another field.';
  return [{ code: 'FILTER_FIELD_UNUSABLE', weight: 'stops', where, says }];
};

const parentFindings = (path: string, first: string, where: string, sObject: CheckedObject): Finding[] => {
  const isKnown = sObject.fields.some(
    ({ relationshipName }) => relationshipName?.toLowerCase() === first.toLowerCase(),
  );
  if (!isKnown) {
    const says =
      `${sObject.name} has no relationship ${first} that the connected user can see. Put the lookup back, let the user ` +
      'read it, or change the filter.';
    return [{ code: 'FILTER_FIELD_NOT_SEEN', weight: 'stops', where, says }];
  }
  const says =
    `${path} is a field of a parent, which is not looked at here: if Salesforce does not know it, sweeps come to ` +
    'nothing, and the trouble of the mapping says INVALID_FIELD.';
  return [{ code: 'FILTER_PATH_UNCHECKED', weight: 'notice', where, says }];
};
