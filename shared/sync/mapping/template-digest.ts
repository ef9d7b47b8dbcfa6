import { deletePoliciesOf, markOf } from '../../contracts/delete-policies.ts';
import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { canonicalJson, fnv1a64 } from '../canonical.ts';
import { narrower } from './resolve.ts';

/**
 * A short text that changes when a template names other records or fields than before, or lets them travel another
 * way, whatever the order and the spelling of its keys: the mapping is then checked, and gone through in full, again. It
 * is no protection against forgery. What only says when or how something is decided or kept (schedules, threshold,
 * policies, history) leaves it as it is.
 */
export const digestOfTemplate = (template: MappingTemplate): string => {
  const { schedule, freshness, fullSweep, history, bulkThreshold, conflictPolicy, deletePolicy, ...told } =
    template;
  const { onDrift, duplicateRules, formulas, requirePlan, rehearsal, fieldMap, ...what } = told;
  const fields = Object.entries(fieldMap).map(([attribute, { direction, conflictPolicy: _, ...field }]) => [
    attribute,
    { ...field, direction: narrower(template.direction, direction) },
  ]);
  // With another answer to drift, other fields may be synced. The default adds nothing, as if it were not there.
  const drift = onDrift === 'stop' ? {} : { onDrift };
  return fnv1a64(canonicalJson({ ...what, ...drift, fieldMap: Object.fromEntries(fields) }));
};

/**
 * The same for whatever the org is asked about: who begins to delete records needs the right to, who marks them a field
 * for it, and who refreshes formulas must know which fields are some. No pass depends on that, so that it makes no new
 * revision.
 */
export const checkDigestOf = (template: MappingTemplate): string => {
  const { toSalesforce } = deletePoliciesOf(template);
  const mark = markOf(toSalesforce);
  const deletes = mark === undefined ? '.deletes' : `.marks.${mark}`;
  const formulas = template.formulas ? '.formulas' : '';
  return `${digestOfTemplate(template)}${toSalesforce === 'ignore' ? '' : deletes}${formulas}`;
};

/** Rises where a check finds out more than before: what one of before has stored is then found out anew, at once. */
const CHECK_FORM = 2;

/** By what a check is stored: what was asked, and how much of it a check finds out. */
export const checkNameOf = (template: MappingTemplate): string => `${CHECK_FORM}.${checkDigestOf(template)}`;

/**
 * The same for whatever a plan depends on: policies decide what comes of a record, too. When, and how often, it is
 * looked at does not.
 */
export const planDigestOf = (template: MappingTemplate): string => {
  const {
    schedule,
    freshness,
    fullSweep,
    formulas,
    history,
    bulkThreshold,
    requirePlan,
    rehearsal,
    ...what
  } = template;
  return fnv1a64(canonicalJson(what));
};
