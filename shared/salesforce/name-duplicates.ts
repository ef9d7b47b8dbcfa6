import { SyncError } from '../contracts/next.ts';
import type { WriteOutcome } from '../use-cases/ports/salesforce-org.ts';

/** Each costs a call, and what is learnt is only told to a person. */
const MOST_ASKED = 5;

/**
 * Writes records once more, each by itself, that a duplicate rule refused among others: the answer to many says only that
 * there are duplicates, that to one names them and the rule. It is the same write, so where the duplicate went away
 * meanwhile it is made after all. Nothing is asked of an org that did not answer before.
 *
 * @param outcomes - of the write of many, in its order
 * @param alone - writes one of them
 * @see "Duplicate rules" in docs/09-platform-facts.md
 */
export async function nameDuplicates(
  outcomes: readonly WriteOutcome[],
  alone: (index: number) => Promise<WriteOutcome>,
): Promise<readonly WriteOutcome[]> {
  if (outcomes.some(({ kind }) => kind === 'failed' || kind === 'unsent')) return outcomes;
  const named = [...outcomes];
  const asked = outcomes
    .flatMap((outcome, index) => (isUnnamed(outcome) ? [index] : []))
    .slice(0, MOST_ASKED);
  for (const index of asked) {
    try {
      named[index] = await alone(index);
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      // Nobody knows whether this one was written now; else it is still as refused as it was.
      if (error.next.do === 'reread') named[index] = { kind: 'failed', error };
      break;
    }
  }
  return named;
}

const isUnnamed = (outcome: WriteOutcome): boolean =>
  outcome.kind === 'refused' && outcome.code === 'DUPLICATES_DETECTED' && outcome.duplicates === undefined;
