import { SyncError } from '../../../contracts/next.ts';
import { outcomeUnknown } from '../../errors/errors.ts';
import type { OrgCalls } from '../../transport/calls.ts';
import { type FailedRecord, isUnreadable, type RefusedRecord, type UnsentRecord } from '../outcomes.ts';
import {
  type ChunkRow,
  type Pack,
  type PackLimits,
  packed,
  toPacks,
  WRITE_AND_READ_LIMITS,
  WRITE_LIMITS,
} from './chunks.ts';
import {
  type CollectionOptions,
  type CollectionWrite,
  outcomesOf,
  type SentPack,
  sendPack,
} from './collection-calls.ts';

/** The outcomes that every kind of write has. */
type Otherwise = RefusedRecord | FailedRecord | UnsentRecord;

/**
 * Further calls of one write that search for records which the platform cannot read: enough to find a few among
 * thousands, and a bound where every record has the same mistake.
 */
const MAX_SEARCH_CALLS = 24;

/**
 * Writes records in as few calls as possible, one after the other: 1,000 a call, or 400 that are read back. One
 * outcome for each, in the order of the input. The error of the first call is thrown, since nothing else was done. The
 * error of a later call is the outcome of its records, and records of calls that would have followed are unsent.
 *
 * The platform refuses a whole collection for one value that it cannot read. The collection is sent again in halves
 * until the record is found: up to 8 calls for one record (16 where its text must travel outside a composite call),
 * at most 24 in all. Collections whose record was not found by then have failed.
 */
export async function writeAll<R extends ChunkRow, O>(
  calls: OrgCalls,
  rows: readonly R[],
  write: CollectionWrite<R, O>,
  options: CollectionOptions,
): Promise<(O | Otherwise)[]> {
  const outcomes = new Map<number, O | Otherwise>();
  const note = (chunk: readonly R[], outcome: (place: number) => O | Otherwise) => {
    for (const [place, row] of chunk.entries()) outcomes.set(row.index, outcome(place));
  };
  let failure: SyncError | undefined;
  let searchCallsLeft = options.allOrNone === true ? 0 : MAX_SEARCH_CALLS;
  const limits = write.readBack === undefined ? WRITE_LIMITS : WRITE_AND_READ_LIMITS;
  const packs = toPacks(rows, limits);
  // Grows while the loop runs: collections that are sent again come next.
  for (const [index, pack] of packs.entries()) {
    if (failure !== undefined) {
      const unsent: UnsentRecord = { kind: 'unsent', error: failure };
      for (const chunk of pack) note(chunk, () => unsent);
      continue;
    }
    let sent: SentPack;
    try {
      sent = await sendPack(calls, pack, write, options);
    } catch (error) {
      if (index === 0) throw error;
      failure =
        error instanceof SyncError
          ? error
          : outcomeUnknown(write.operation, 'reading it failed', undefined, error);
      const failed: FailedRecord = { kind: 'failed', error: failure };
      for (const chunk of pack) note(chunk, () => failed);
      continue;
    }
    const again = toSendAgain(pack, sent, limits);
    const isSearched = again.packs.length <= searchCallsLeft;
    if (isSearched) {
      searchCallsLeft -= again.packs.length;
      packs.splice(index + 1, 0, ...again.packs);
    }
    for (const [place, chunk] of pack.entries())
      if (!isSearched || !again.chunks.includes(chunk))
        note(chunk, outcomesOf(chunk, sent.answers[place], sent.isShared, write));
  }
  return rows.map((_, index) => {
    const outcome = outcomes.get(index);
    if (outcome === undefined) throw new Error('Every record has an outcome');
    return outcome;
  });
}

/** The collections that could not be read, and the calls that find out because of which records. */
function toSendAgain<R extends ChunkRow>(
  pack: Pack<R>,
  { answers, isShared }: SentPack,
  limits: PackLimits,
): { readonly chunks: Pack<R>; readonly packs: readonly Pack<R>[] } {
  if (isShared) return { chunks: pack, packs: pack.map((chunk) => [chunk]) };
  const chunks = pack.filter((chunk, place) => chunk.length > 1 && isUnreadable(answers[place]));
  return { chunks, packs: packed(chunks.flatMap(inHalves), limits) };
}

function inHalves<R>(chunk: readonly R[]): (readonly R[])[] {
  const middle = Math.ceil(chunk.length / 2);
  return [chunk.slice(0, middle), chunk.slice(middle)];
}
