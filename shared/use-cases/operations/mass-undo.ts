import { DELETION_LIMITS, limitOf, pairsThatCount } from '../../sync/guard/guard.ts';
import type { LinkLists } from '../ports/link-lists.ts';
import type { Plan } from '../ports/plans.ts';
import { OperationRefused } from './errors.ts';

export interface MassPorts {
  readonly linkLists: Pick<LinkLists, 'countLiving'>;
}

/**
 * An undo that would delete, or empty one attribute of, more than a mapping may lose in a day without asking is applied
 * only by whoever says that this is meant: what waited for a person as everything else does could not be released later.
 *
 * @throws OperationRefused with the numbers
 */
export async function mustBeFew(
  { linkLists }: MassPorts,
  { mappingId, undo, totals }: Pick<Plan, 'mappingId' | 'undo' | 'totals'>,
): Promise<void> {
  if (!undo) return;
  const deleted = Math.max(totals.kinds['delete-item'] ?? 0, totals.kinds['delete-record'] ?? 0);
  const cleared = Object.entries(undo.clears);
  const most = Math.max(deleted, ...cleared.map(([, count]) => count));
  if (most <= limitOf(DELETION_LIMITS, undefined)) return;
  const limit = limitOf(
    DELETION_LIMITS,
    await linkLists.countLiving(mappingId, pairsThatCount(DELETION_LIMITS)),
  );
  if (most <= limit) return;
  const parts = [
    ...(deleted > limit ? [`delete ${deleted} pairs`] : []),
    ...cleared.filter(([, count]) => count > limit).map(([field, count]) => `empty ${field} of ${count}`),
  ];
  throw new OperationRefused(
    'UNDO_MASS',
    `This would ${parts.join(' and ')}, and ${limit} is what goes without asking. Apply it with "allowMass": true.`,
  );
}
