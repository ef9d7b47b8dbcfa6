import {
  type MappingTemplate,
  namesIn,
  type Reference,
  type SyncConfig,
} from '../../contracts/sync-config.ts';

type Templates = SyncConfig['mappings'];

/** Whose keys a lookup's values are, as text that is equal for equal references. */
export const referenceText = (reference: Reference): string => {
  if (typeof reference === 'string') return reference;
  // Of a record that several of a list have, the first names it.
  const named = Array.isArray(reference)
    ? reference
    : Object.entries(reference).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(named);
};

/** The names of the mappings that a template's lookups lead to. */
const parentNames = (template: Pick<MappingTemplate, 'fieldMap'>): readonly string[] => [
  ...new Set(
    Object.values(template.fieldMap).flatMap(({ reference }) =>
      reference === undefined ? [] : namesIn(reference),
    ),
  ),
];

/** Whether lookups lead from one mapping to another, by way of however many; to itself where it refers to itself. */
export const leadsTo = (templates: Templates, from: string, to: string): boolean => {
  const seen = new Set<string>();
  const open = [...parentsOf(templates, from)];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === to) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...parentsOf(templates, next));
  }
  return false;
};

/** Whether any mapping's lookups lead to this one. */
export const isReferenced = (templates: Templates, name: string): boolean =>
  Object.values(templates).some((template) => parentNames(template).includes(name));

/** Mappings that this one's records wait for: those that it refers to, and that do not lead back to it. */
export const mastersOf = (templates: Templates, name: string): readonly string[] =>
  parentsOf(templates, name).filter((parent) => !leadsTo(templates, parent, name));

/**
 * How many mappings deep a mapping stands below those that it refers to; 0 for one that waits for none. A cycle counts
 * for nothing.
 */
export const depthOf = (templates: Templates, name: string): number =>
  Math.max(0, ...mastersOf(templates, name).map((parent) => depthOf(templates, parent) + 1));

const parentsOf = (templates: Templates, name: string): readonly string[] => {
  const template = Object.hasOwn(templates, name) ? templates[name] : undefined;
  return template ? parentNames(template) : [];
};
