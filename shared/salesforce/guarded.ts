import { SyncError } from '../contracts/next.ts';
import type { RecordUpdate, WriteOutcome } from '../use-cases/ports/salesforce-org.ts';

/** Salesforce's own bound on long requests is 25 an org; others call it too. */
const AT_ONCE = 5;

/**
 * Writes the records that may be written together, then each of the others in a call of its own, a few at once. The
 * error of the first call is thrown, since nothing was written then, or nobody knows; that of a later one is an outcome,
 * and nothing is sent after it.
 *
 * @param together - the records without a condition
 * @param alone - one record with a condition
 * @param readBack - called once with the outcomes of those, if any was written
 */
export async function guardedLast(
  updates: readonly RecordUpdate[],
  together: (plain: readonly RecordUpdate[]) => Promise<readonly WriteOutcome[]>,
  alone: (guarded: RecordUpdate) => Promise<WriteOutcome>,
  readBack: (outcomes: readonly WriteOutcome[]) => Promise<readonly WriteOutcome[] | undefined>,
): Promise<readonly WriteOutcome[]> {
  const isGuarded = ({ unmodifiedSince }: RecordUpdate): boolean => unmodifiedSince !== undefined;
  const plain = updates.filter((one) => !isGuarded(one));
  const guarded = updates.filter(isGuarded);
  const ofPlain = plain.length > 0 ? await together(plain) : [];
  const ofGuarded = await eachAlone(guarded, alone, plain.length === 0, brokenOf(ofPlain));
  const read = await readBackIfWritten(ofGuarded, readBack);
  let [nextPlain, nextGuarded] = [0, 0];
  return updates.map((one) => {
    const outcome = isGuarded(one) ? read[nextGuarded++] : ofPlain[nextPlain++];
    if (outcome === undefined) throw new RangeError('one outcome a record');
    return outcome;
  });
}

const brokenOf = (outcomes: readonly WriteOutcome[]): SyncError | undefined =>
  outcomes.find((one) => one.kind === 'failed' || one.kind === 'unsent')?.error;

async function eachAlone(
  guarded: readonly RecordUpdate[],
  alone: (guarded: RecordUpdate) => Promise<WriteOutcome>,
  isFirst: boolean,
  failure: SyncError | undefined,
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  let broken = failure;
  for (let from = 0; from < guarded.length; ) {
    // The first call of all goes alone: what it fails with is thrown, and that others were written must not be lost.
    const size = isFirst && from === 0 ? 1 : AT_ONCE;
    const some = guarded.slice(from, from + size);
    from += size;
    if (broken !== undefined) {
      const error = broken;
      outcomes.push(...some.map((): WriteOutcome => ({ kind: 'unsent', error })));
      continue;
    }
    const settled = await Promise.allSettled(some.map(alone));
    for (const one of settled) {
      if (one.status === 'fulfilled') {
        outcomes.push(one.value);
        continue;
      }
      if (!(one.reason instanceof SyncError) || (isFirst && outcomes.length === 0)) throw one.reason;
      broken = one.reason;
      outcomes.push({ kind: 'failed', error: one.reason });
    }
  }
  return outcomes;
}

/** What was written is written, whether or not it can be read back. */
async function readBackIfWritten(
  outcomes: readonly WriteOutcome[],
  readBack: (outcomes: readonly WriteOutcome[]) => Promise<readonly WriteOutcome[] | undefined>,
): Promise<readonly WriteOutcome[]> {
  if (!outcomes.some(({ kind }) => kind === 'written')) return outcomes;
  try {
    return (await readBack(outcomes)) ?? outcomes;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return outcomes;
  }
}
