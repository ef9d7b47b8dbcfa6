import { deletePoliciesOf, markOf } from '../../contracts/delete-policies.ts';
import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { narrower } from './resolve.ts';

/**
 * A short text that changes when a template names other records or fields than before, or lets them travel another
 * way, whatever the order and the spelling of its keys: the mapping is then checked, and gone through in full, again. It
 * is no protection against forgery. What only says when or how something is decided or kept (schedules, threshold, policies, history)
 * leaves it as it is.
 */
export const digestOfTemplate = (template: MappingTemplate): string => {
  const { schedule, freshness, fullSweep, history, bulkThreshold, conflictPolicy, deletePolicy, ...told } =
    template;
  const { onDrift, duplicateRules, formulas, fieldMap, ...what } = told;
  const fields = Object.entries(fieldMap).map(([attribute, { direction, conflictPolicy: _, ...field }]) => [
    attribute,
    { ...field, direction: narrower(template.direction, direction) },
  ]);
  // With another answer to drift, other fields may be synced. The default adds nothing, as if it were not there.
  const drift = onDrift === 'stop' ? {} : { onDrift };
  return fnv1a64(canonicalJson({ ...what, ...drift, fieldMap: Object.fromEntries(fields) }));
};

const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

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

/** As arrays of pairs, because objects put keys that look like numbers first. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return ['list', ...value.map(sorted)];
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  // By code unit: the order must not depend on a locale.
  return [
    'object',
    ...entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
  ];
};

/** FNV-1a of 64 bits over UTF-16 code units. */
const fnv1a64 = (text: string): string => {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
};
