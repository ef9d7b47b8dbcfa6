import type { LocalTable, MappingTemplate } from '../../contracts/sync-config.ts';
import type { MappingMatcher } from '../model/mapping.ts';

/**
 * How items and records of a template find each other. Without `match`: by the Salesforce id that stands in the item,
 * where the mapping has an attribute for it, then by the external id. The external id is always among them, since a
 * creation is an upsert by it; where it is not named it comes last.
 */
export const matchersOf = (
  { match, localIdField }: Pick<MappingTemplate, 'match' | 'localIdField'>,
  { matchIndexes = {} }: Pick<LocalTable, 'matchIndexes'>,
): readonly MappingMatcher[] => {
  const isIndexed = (attribute: string): boolean => Object.hasOwn(matchIndexes, attribute);
  const named = match ?? (localIdField === undefined ? [] : ['salesforceId' as const]);
  const matchers = named.map((one): MappingMatcher => {
    if (one === 'externalId') return { kind: 'external-id' };
    if (one === 'salesforceId')
      return {
        kind: 'salesforce-id',
        isIndexed: localIdField !== undefined && isIndexed(localIdField),
      };
    const index = one.fields.find(isIndexed);
    return { kind: 'fields', fields: one.fields, ...(index !== undefined && { index }) };
  });
  return matchers.some(({ kind }) => kind === 'external-id')
    ? matchers
    : [...matchers, { kind: 'external-id' }];
};
