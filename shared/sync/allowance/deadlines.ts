import type { SyncConfig } from '../../contracts/sync-config.ts';
import { freshnessOf } from './policy.ts';

/** What a sweep is urgent by; times in milliseconds. */
export interface Known {
  /** Everything that the org stamped before this has been seen; undefined before the first pass. */
  readonly seenUntilMs: number | undefined;
  /** How old at most what is known of the org may be. */
  readonly freshnessMs: number;
}

/** What is known of the org for a mapping. @param state - `watermark` in ISO 8601 */
export const knownOf = (
  { mappings }: Pick<SyncConfig, 'mappings'>,
  { name, watermark }: { readonly name: string; readonly watermark?: string },
): Known => {
  const template = mappings[name];
  return {
    seenUntilMs: watermark === undefined ? undefined : Date.parse(watermark),
    freshnessMs: template ? freshnessOf(template).freshnessMs : Number.POSITIVE_INFINITY,
  };
};

/** When what is known of the org becomes too old. A first pass has no such time: it is a load. */
const deadlineOf = ({ seenUntilMs, freshnessMs }: Known): number =>
  seenUntilMs === undefined ? Number.POSITIVE_INFINITY : seenUntilMs + freshnessMs;

/**
 * The sweeps of one connection in the order in which they use what there is of its budget, slots and time: the earliest
 * deadline first, and as they came where deadlines are equal. Calls take as many of that order as one call holds. Where
 * any order meets all deadlines, this one does.
 */
export const earliestFirst = <T>(sweeps: readonly T[], knownOf: (sweep: T) => Known): readonly T[] =>
  sweeps
    .map((sweep) => ({ sweep, deadline: deadlineOf(knownOf(sweep)) }))
    .sort((a, b) => (a.deadline === b.deadline ? 0 : a.deadline < b.deadline ? -1 : 1))
    .map(({ sweep }) => sweep);
