import type { CommitOutcome } from '../../ports/sync-store.ts';
import { type Applied, counting, lookAgainAt, NOTHING_APPLIED } from './applied.ts';
import { refusedCommit } from './rejections.ts';
import type { Subject } from './subject.ts';
import { waitingOf } from './waiting.ts';
import type { Pass } from './work.ts';

/** What becomes of a subject whose commit was not taken: another look after a lost race, else a person has to see to it. */
export function notTaken(
  { open }: Pass,
  subject: Subject,
  outcome: Exclude<CommitOutcome, 'committed'> | undefined,
): Applied {
  // Another item may have found the record first, or a merge have led a pair to it: it is nobody's match any more, and
  // makes no item.
  const isAlone = subject.link === undefined && subject.local === 'missing';
  const isTaken = outcome === 'sf-id-taken' && (subject.isMatched === true || isAlone);
  if (outcome === undefined || outcome === 'lost-race' || isTaken) {
    return { ...NOTHING_APPLIED, lookAgain: [lookAgainAt(subject)] };
  }
  return {
    ...counting({ rejections: 1 }),
    waiting: [waitingOf(subject, { rejection: refusedCommit(open.mapping, outcome) })],
  };
}
