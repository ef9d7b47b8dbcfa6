import { type Allowance, admit } from '../../../shared/sync/allowance/admit.ts';
import { earliestFirst } from '../../../shared/sync/allowance/deadlines.ts';
import { forecast } from '../../../shared/sync/allowance/forecast.ts';
import { nextOnGrid, stretchedMs } from '../../../shared/sync/allowance/probes.ts';
import { MAX_TOGETHER } from '../../../shared/sync/allowance/together.ts';
import { chunk } from '../../../shared/sync/plan/chunk.ts';

export interface ProbedMapping {
  readonly connectionId: string;
  readonly freshnessMs: number;
  probedAtMs: number;
}

/** @param stretch - 1 where the budget suffices */
export const dueAt = ({ connectionId, probedAtMs, freshnessMs }: ProbedMapping, stretch: number): number =>
  stretch === 1
    ? nextOnGrid(connectionId, freshnessMs, probedAtMs)
    : probedAtMs + stretchedMs(freshnessMs, stretch);

/**
 * What the dispatcher and the worker do between them: mappings that are due, the earliest deadline first, five a call, as
 * long as the budget admits a call; all are due later by one factor where it does not suffice.
 */
export function sweepsNow(
  allowance: Allowance,
  mappings: readonly ProbedMapping[],
  nowMs: number,
): readonly (readonly ProbedMapping[])[] {
  const { stretch } = forecast(allowance, nowMs);
  const due = mappings.filter((one) => dueAt(one, stretch) <= nowMs);
  const ordered = earliestFirst(due, ({ probedAtMs, freshnessMs }) => ({
    seenUntilMs: probedAtMs,
    freshnessMs,
  }));
  return chunk(ordered, MAX_TOGETHER).filter(
    (_, index) => admit(allowance, 'schedules', index + 1, nowMs).kind === 'go',
  );
}
