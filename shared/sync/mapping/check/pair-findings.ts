import { type MappingTemplate, namesIn, type SyncConfig } from '../../../contracts/sync-config.ts';
import type { CheckedField, CheckedObject } from '../../model/schema.ts';
import type { Entry } from './field-findings.ts';
import { fieldOf } from './field-of.ts';
import type { Finding } from './finding.ts';

/** Why a lookup cannot lead to the items of the mappings that the template names. */
export const referenceFindings = (
  { attribute, where, mapped: { reference }, found }: Entry,
  sObject: Pick<CheckedObject, 'name'>,
  templates: SyncConfig['mappings'],
): Finding[] => {
  if (reference === undefined || found === undefined) return [];
  const about = {
    code: 'REFERENCE_UNUSABLE',
    weight: 'field',
    where: `${where}.reference`,
    attribute,
  } as const;
  const { name, referenceTo = [] } = found;
  const field = `${sObject.name}.${name}`;
  if (referenceTo.length === 0) {
    return [{ ...about, says: `${field} is no lookup. Allowed: a field that holds the id of a record.` }];
  }
  if (typeof reference === 'string' && referenceTo.length > 1) {
    const says =
      `${field} may lead to ${referenceTo.join(', ')}. Allowed: a mapping for each, such as ` +
      `{ ${referenceTo[0]}: '${reference}' }.`;
    return [{ ...about, says }];
  }
  const targets: readonly (readonly [string | undefined, string])[] =
    typeof reference === 'string' || Array.isArray(reference)
      ? namesIn(reference).map((mapping) => [undefined, mapping])
      : Object.entries(reference);
  return targets.flatMap(([sfObject, mapping]) => {
    const target = (Object.hasOwn(templates, mapping) ? templates[mapping]?.sfObject : undefined) ?? sfObject;
    const isFound = referenceTo.some((one) => one.toLowerCase() === target?.toLowerCase());
    if (isFound || target === undefined) return [];
    const says =
      `${field} leads to ${referenceTo.join(', ')}, and the mapping ${mapping} is of ${target}. Allowed: a mapping of an ` +
      'object that the field leads to.';
    return [{ ...about, says }];
  });
};

const SEARCHABLE: ReadonlySet<CheckedField['type']> = new Set(['text', 'id', 'number']);

/** Why records cannot be looked for by these attributes. */
export const matchFindings = (
  { match = [], fieldMap }: MappingTemplate,
  path: string,
  sObject: CheckedObject,
): Finding[] =>
  match.flatMap((one, index) => {
    if (typeof one === 'string') return [];
    return one.fields.flatMap((attribute): Finding[] => {
      const mapped = Object.hasOwn(fieldMap, attribute) ? fieldMap[attribute] : undefined;
      const found = mapped && fieldOf(sObject, mapped.field);
      if (found === undefined) return [];
      if (found.filterable !== false && SEARCHABLE.has(found.type)) return [];
      const says =
        `${sObject.name}.${found.name} cannot be looked for. Allowed: attributes whose fields hold text or numbers that a ` +
        'query may ask for.';
      return [{ code: 'MATCH_UNUSABLE', weight: 'stops', where: `${path}.match.${index}`, says }];
    });
  });

/** A matcher without one of its fields would find others, and none at all would make every record twice. */
export const matchesWithout = (
  { match = [] }: Pick<MappingTemplate, 'match'>,
  path: string,
  leftOut: ReadonlySet<string>,
): Finding[] =>
  match.flatMap((one, index) => {
    if (typeof one === 'string') return [];
    return one.fields
      .filter((attribute) => leftOut.has(attribute))
      .map((attribute): Finding => {
        const says = `${attribute} does not fit the org, and records are looked for by it, so that it cannot be left out.`;
        return { code: 'MATCH_UNUSABLE', weight: 'stops', where: `${path}.match.${index}`, says };
      });
  });
