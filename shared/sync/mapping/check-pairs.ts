import type { MappingTemplate, Reference, SyncConfig } from '../../contracts/sync-config.ts';

interface Lookup {
  readonly name: string;
  readonly referenceTo?: readonly string[];
}

interface SearchedObject {
  readonly name: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly filterable?: boolean;
  }[];
}

/** Why a lookup cannot lead to the items of these mappings. */
export const referenceProblems = (
  where: string,
  reference: Reference,
  { name, referenceTo = [] }: Lookup,
  sObject: Pick<SearchedObject, 'name'>,
  templates: SyncConfig['mappings'],
): string[] => {
  const field = `${sObject.name}.${name}`;
  if (referenceTo.length === 0) {
    return [`${where}.reference: ${field} is no lookup. Allowed: a field that holds the id of a record.`];
  }
  if (typeof reference === 'string' && referenceTo.length > 1) {
    return [
      `${where}.reference: ${field} may lead to ${referenceTo.join(', ')}. Allowed: a mapping for each, such as ` +
        `{ ${referenceTo[0]}: '${reference}' }.`,
    ];
  }
  const targets =
    typeof reference === 'string' ? [[undefined, reference] as const] : Object.entries(reference);
  return targets.flatMap(([sfObject, mapping]) => {
    const target = (Object.hasOwn(templates, mapping) ? templates[mapping]?.sfObject : undefined) ?? sfObject;
    const isFound = referenceTo.some((one) => one.toLowerCase() === target?.toLowerCase());
    return isFound || target === undefined
      ? []
      : [
          `${where}.reference: ${field} leads to ${referenceTo.join(', ')}, and the mapping ${mapping} is of ${target}. ` +
            'Allowed: a mapping of an object that the field leads to.',
        ];
  });
};

/** Why records cannot be looked for by these attributes. */
export const matchProblems = (
  { match = [], fieldMap }: MappingTemplate,
  path: string,
  sObject: SearchedObject,
): string[] =>
  match.flatMap((one, index) => {
    if (typeof one === 'string') return [];
    return one.fields.flatMap((attribute) => {
      const mapped = Object.hasOwn(fieldMap, attribute) ? fieldMap[attribute] : undefined;
      const found = sObject.fields.find(({ name }) => name === mapped?.field);
      if (found === undefined) return [];
      const isSearchable = found.filterable !== false && (found.type === 'text' || found.type === 'number');
      return isSearchable
        ? []
        : [
            `${path}.match.${index}: ${sObject.name}.${found.name} cannot be looked for. Allowed: attributes whose ` +
              'fields hold text or numbers that a query may ask for.',
          ];
    });
  });
