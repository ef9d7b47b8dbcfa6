import type { Clock } from '../../contracts/clock.ts';
import { countOf, DELETION_LIMITS, limitOf, pairsThatCount } from '../../sync/guard/guard.ts';
import type { GuardStates } from '../ports/guard-states.ts';
import type { LinkLists } from '../ports/link-lists.ts';
import type { Plan } from '../ports/plans.ts';
import { OperationRefused } from './errors.ts';

export interface MassPorts {
  readonly linkLists: Pick<LinkLists, 'countLiving'>;
  readonly guardStates: Pick<GuardStates, 'get'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/**
 * An undo that would delete, with what the day has deleted already, or empty one attribute of, more than a mapping may
 * lose in a day without asking is applied only by whoever says that it is meant. It cannot be held for a person as other
 * deletions are: what is released later goes by an ordinary look, which knows nothing of the undo.
 *
 * @throws OperationRefused with the numbers
 */
export async function mustBeFew(
  { linkLists, guardStates, clock }: MassPorts,
  { mappingId, undo, totals }: Pick<Plan, 'mappingId' | 'undo' | 'totals'>,
): Promise<void> {
  if (!undo) return;
  const deleted = Math.max(totals.kinds['delete-item'] ?? 0, totals.kinds['delete-record'] ?? 0);
  const cleared = Object.entries(undo.clears);
  const guard = deleted > 0 ? await guardStates.get({ mappingId, what: 'deletions' }) : undefined;
  const ofDay = guard ? countOf(guard, clock.nowMs()) : 0;
  const most = Math.max(deleted + ofDay, ...cleared.map(([, count]) => count));
  if (most <= limitOf(DELETION_LIMITS, undefined)) return;
  const limit = limitOf(
    DELETION_LIMITS,
    await linkLists.countLiving(mappingId, pairsThatCount(DELETION_LIMITS)),
  );
  if (most <= limit) return;
  const parts = [
    ...(deleted + ofDay > limit
      ? [`delete ${deleted} pairs${ofDay > 0 ? ` after ${ofDay} of today` : ''}`]
      : []),
    ...cleared
      .filter(([, count]) => count > limit)
      .map(([field, count]) => `empty ${field} in ${count} records`),
  ];
  throw new OperationRefused(
    'UNDO_MASS',
    `This would ${parts.join(' and ')}; more than ${limit} go only if that is meant. Read the plan, then apply it with "allowMass": true.`,
  );
}
