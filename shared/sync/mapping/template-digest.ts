import { deletePoliciesOf } from '../../contracts/delete-policies.ts';
import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { narrower } from './resolve.ts';

/**
 * A short text that changes when a template names other records or fields than before, or lets them travel another
 * way, whatever the order and the spelling of its keys: the mapping is then checked, and gone through in full, again. It
 * is no protection against forgery. What only says when or how something is decided (schedules, threshold, policies)
 * leaves it as it is.
 */
export const digestOfTemplate = (template: MappingTemplate): string => {
  const {
    schedule,
    fullSweep,
    bulkThreshold,
    requirePlan,
    conflictPolicy,
    deletePolicy,
    onDrift,
    fieldMap,
    ...what
  } = template;
  const fields = Object.entries(fieldMap).map(([attribute, { direction, conflictPolicy: _, ...rest }]) => [
    attribute,
    { ...rest, direction: narrower(template.direction, direction) },
  ]);
  // With another answer to drift, other fields may be synced. The default adds nothing, as if it were not there.
  const drift = onDrift === 'stop' ? {} : { onDrift };
  return fnv1a64(canonicalJson({ ...what, ...drift, fieldMap: Object.fromEntries(fields) }));
};

const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

/**
 * The same for whatever the org is asked about: who begins to delete records needs the right to. No pass depends on
 * that, so that it makes no new revision.
 */
export const checkDigestOf = (template: MappingTemplate): string => {
  const digest = digestOfTemplate(template);
  return deletePoliciesOf(template).toSalesforce === 'ignore' ? digest : `${digest}.deletes`;
};

/**
 * The same for whatever a plan depends on: policies decide what comes of a record, too. When, and how often, it is
 * looked at does not.
 */
export const planDigestOf = (template: MappingTemplate): string => {
  const { schedule, fullSweep, bulkThreshold, requirePlan, ...what } = template;
  return fnv1a64(canonicalJson(what));
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
