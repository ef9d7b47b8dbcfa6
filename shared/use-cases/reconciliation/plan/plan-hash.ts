import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../sync/canonical.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { PlanEntry } from '../../../sync/plan/entry.ts';

/** SHA-256 of a value as JSON, whatever the order of its keys. */
export const sha256OfJson = (value: unknown): string => sha256(canonicalJson(value));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * SHA-256 of a mapping with all that decides what becomes of a record: fields, types, policies, and the revision that
 * links are labelled with. How often it is swept decides nothing.
 */
export const basisOf = ({ everyMinutes, bulkThreshold, fullSweepEveryDays, ...what }: Mapping): string =>
  sha256OfJson(what);

/** What stands before the first page. */
export const NO_PAGES = sha256('');

/**
 * The digest of a page that follows these: whoever knows it can tell the page from any other, and what was before it.
 * Whether it shows values makes no difference, since its entries' digests stand for them.
 */
export const digestAfter = (before: string, entries: readonly PlanEntry[]): string =>
  sha256OfJson([before, entries.map(withoutValues)]);

const withoutValues = ({ actions, ...entry }: PlanEntry): unknown => ({
  ...entry,
  actions: actions.map(({ values: _, ...action }) => action),
});

/** The hash of a plan: what it was made for, and all that it says. */
export const hashOf = (basis: string, pagesDigest: string): string => sha256(`${basis}\n${pagesDigest}`);
