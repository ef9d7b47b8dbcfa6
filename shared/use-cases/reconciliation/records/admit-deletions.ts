import type { Plan } from '../../../sync/reconcile/plan.ts';
import type { Planned } from './applied.ts';
import { askGuard, CONTENDED_WAIT_MS } from './ask-guard.ts';
import { DELETION_HELD } from './rejections.ts';
import type { Subject } from './subject.ts';
import { type Waiting, waitingOf } from './waiting.ts';
import type { Pass } from './work.ts';

/** What may be done of a look's plans, and what waits for a person. */
export interface Admitted {
  readonly planned: readonly Planned[];
  readonly waiting: readonly Waiting[];
}

/**
 * Lets deletions through as long as they are few in a day, and holds the others for a person; one who refuses has the pair
 * become a tombstone, and the other side left alone.
 */
export async function admitDeletions(pass: Pass, planned: readonly Planned[]): Promise<Admitted> {
  const asking = planned.filter(asksFirst);
  if (asking.length === 0) return { planned, waiting: [] };
  const answers = await askGuard(
    pass,
    'deletions',
    asking.map(({ subject }) => heldSince(subject)),
  );
  const admitted = [...planned.filter((one) => !asksFirst(one))];
  const waiting: Waiting[] = [];
  for (const [index, one] of asking.entries()) {
    const answer = answers[index];
    if (answer === 'go') admitted.push(one);
    else if (answer === 'refused') admitted.push(leftAlone(one));
    else if (answer === 'held') waiting.push(held(one));
    else waiting.push(waitingOf(one.subject, { reason: 'CONTENDED', waitMs: CONTENDED_WAIT_MS }));
  }
  return { planned: admitted, waiting };
}

/** A deletion that is announced was let through before. */
const asksFirst = ({ plan, subject: { link } }: Planned): boolean =>
  !link?.endsPair && (OF_ITEM.has(plan.kind) || (OF_RECORD.has(plan.kind) && link?.state !== 'deleting'));

/** A mark is as wrong on a thousand records as their deletion, though it can be taken back. */
const OF_ITEM: ReadonlySet<Plan['kind']> = new Set(['delete-local', 'mark-local']);
const OF_RECORD: ReadonlySet<Plan['kind']> = new Set(['delete-remote', 'delete-pair', 'mark-remote']);

/** Since when the subject is held, where it is. */
const heldSince = ({ parked }: Subject): string | undefined => {
  const side = parked
    .flatMap(({ local, remote }) => [local, remote])
    .find((one) => one?.reason === DELETION_HELD.code);
  return side && (side.reasonSince ?? side.since);
};

const held = ({ subject }: Planned): Waiting => waitingOf(subject, { rejection: DELETION_HELD });

/** The tombstone of a side that was deleted, whose other side stays. */
const leftAlone = (one: Planned): Planned => {
  const plan: Plan = { kind: OF_ITEM.has(one.plan.kind) ? 'remote-deleted' : 'local-deleted' };
  const { localWrittenAt: _, ...pair } = one.pair;
  return { ...one, pair, plan };
};
