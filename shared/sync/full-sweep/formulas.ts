import type { Mapping } from '../model/mapping.ts';
import type { Judgement } from './judge.ts';

/**
 * The mapping with those of its fields alone that Salesforce computes and that come in: what a refresh of formulas reads
 * and compares.
 */
export const onlyCalculated = (mapping: Mapping): Mapping => ({
  ...mapping,
  fields: mapping.fields.filter(
    ({ isCalculated, direction }) => isCalculated === true && direction !== 'to-salesforce',
  ),
});

/** Whether a refresh of formulas finds it: all else about a record is for sweeps and full sweeps to find. */
export const isFoundByRefresh = (judged: Judgement): boolean =>
  judged === 'moved-without-stamp' || judged === 'missed-in-salesforce';
