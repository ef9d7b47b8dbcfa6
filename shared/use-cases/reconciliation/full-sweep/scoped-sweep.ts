import type { FullSweepHint } from '../../../contracts/hints.ts';
import { isoOf } from '../../../contracts/time.ts';
import { sweepEveryMs } from '../../../sync/full-sweep/due.ts';
import type { SweepScope } from '../../../sync/full-sweep/findings.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { FullSweep } from '../../ports/full-sweeps.ts';
import type { MappingStates } from '../../ports/mapping-states.ts';

/** A sweep of a mapping, by what it compares. */
export interface Named {
  readonly mappingId: string;
  readonly scope?: FullSweep['scope'] | undefined;
}

/** Of each mapping there may be a full sweep and a refresh of formulas. */
export const nameOf = ({ mappingId, scope }: Named): string => `${mappingId} ${scope ?? ''}`;

/** What has a sweep go on. */
export const hintOf = ({ mappingId, sweepId, scope }: FullSweep): FullSweepHint => ({
  kind: 'full-sweep',
  mappingId,
  sweepId,
  ...(scope && { scope }),
});

/** When `dispatch` is to begin the next one of this scope, or to have this one go on; `undefined` for never. */
export const setDue = (
  { mappingStates }: { readonly mappingStates: Pick<MappingStates, 'setFullSweepAt'> },
  { mappingId, scope }: Named,
  at: string | undefined,
): Promise<void> => mappingStates.setFullSweepAt(mappingId, at, undefined, scope);

/** When the one after a sweep that began then (ISO 8601) is due; undefined without a schedule. */
export const nextOf = (
  schedules: Pick<Mapping, 'fullSweepEveryDays' | 'formulasEveryMinutes'>,
  at: string,
  scope: SweepScope = 'all',
): string | undefined => {
  const everyMs = sweepEveryMs(scope, schedules);
  return everyMs === undefined ? undefined : isoOf(Date.parse(at) + everyMs);
};
