import type { MappingTemplate } from '../../../contracts/sync-config.ts';
import type { Entry } from './field-findings.ts';
import type { Finding } from './finding.ts';

/** API names of the mapped fields that Salesforce computes. */
export const calculatedOf = (entries: readonly Entry[]): readonly string[] =>
  entries.flatMap(({ sfField, found }) => (found?.calculated ? [sfField] : []));

/** A schedule for formulas, and none is mapped. */
export const formulaFindings = (
  { formulas }: Pick<MappingTemplate, 'formulas'>,
  where: string,
  entries: readonly Entry[],
): Finding[] => {
  if (formulas === undefined || calculatedOf(entries).length > 0) return [];
  const says =
    'none of the mapped fields is a formula or a roll-up summary, so that there is nothing to refresh. Map one, or leave formulas out.';
  return [{ code: 'FORMULAS_NOT_MAPPED', weight: 'notice', where, says }];
};
