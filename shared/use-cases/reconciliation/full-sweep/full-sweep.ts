import { type Clock, nowIso } from '../../../contracts/clock.ts';
import type { Code } from '../../../contracts/codes.ts';
import type { FullSweepHint } from '../../../contracts/hints.ts';
import { PAGE_RESERVE_MS } from '../../../contracts/lifetimes.ts';
import { isoOf } from '../../../contracts/time.ts';
import { LOST_AFTER_MS } from '../../../sync/full-sweep/due.ts';
import { addSweepCounts, type Finding, type SweepCounts } from '../../../sync/full-sweep/findings.ts';
import { NO_COUNTS } from '../../ports/counts.ts';
import type { FullSweep } from '../../ports/full-sweeps.ts';
import type { HintQueue } from '../../ports/hint-queue.ts';
import type { Journal } from '../../ports/journal.ts';
import type { MappingStates } from '../../ports/mapping-states.ts';
import type { OpenMapping } from '../open-mapping.ts';
import type { Compared, ComparePorts, Comparing } from './compare.ts';
import { compareItems } from './compare-items.ts';
import { compareLinks } from './compare-links.ts';
import { compareRecords, RecordStream } from './compare-records.ts';

export interface FullSweepPorts extends ComparePorts {
  readonly mappingStates: Pick<MappingStates, 'setFullSweepAt'>;
  readonly journal: Pick<Journal, 'recordRun'>;
  readonly hints: HintQueue;
  readonly clock: Clock;
  /** Milliseconds in which this turn may begin something more. */
  readonly remainingMs: () => number;
}

/** What became of it in this turn. */
export type FullSweepOutcome =
  | { readonly kind: 'done' | 'continue'; readonly calls: number; readonly read: number }
  | { readonly kind: 'set-aside'; readonly reason: Code };

/** Of each kind so many are listed; all are counted. */
const LISTED_OF_A_KIND = 1_000;
/** A sweep that was not seen to move for so long does not keep those of other mappings waiting. */
const QUIET_MS = 2 * 60_000;
/** For another mapping's sweep, or for the first pass. */
const WAIT_MS = 5 * 60_000;
const DAY_MS = 24 * 3_600_000;

/**
 * Compares everything: each record with its link, each link with its item, each item of the tenant with its link. Each
 * difference becomes a hint, and the look that follows decides; nothing is written to either side here. It goes on where
 * it was, a page at a time, by hints to itself: it ends its turn as soon as it has sent hints, so that what it found
 * comes before what it finds next. Of a connection's mappings one is swept at a time.
 *
 * A sweep belongs to a revision of its mapping. Under another one what it has compared is worth nothing, and it ends.
 *
 * @throws what Salesforce or a store threw; the sweep stays where it came to
 */
export async function fullSweep(
  ports: FullSweepPorts,
  open: OpenMapping,
  hint: FullSweepHint,
): Promise<FullSweepOutcome> {
  const { mappingId, connectionId } = open.mapping;
  const sweeps = await ports.fullSweeps.ofConnection(connectionId);
  const begun = await current(ports, open, hint, sweeps);
  if (begun === 'ended') {
    await giveTurn(ports, open);
    return { kind: 'set-aside', reason: 'MAPPING_CHANGED' };
  }
  if (begun === 'taken-over') return { kind: 'set-aside', reason: 'PASS_TAKEN_OVER' };
  if (begun === 'unwanted') return { kind: 'done', calls: 0, read: 0 };
  // Before the first pass nothing is linked, and that pass sees everything anyhow.
  if (open.state.watermark === undefined || isAnothersTurn(ports, begun, sweeps))
    return later(ports, mappingId);

  const stream = new RecordStream({ ports, open });
  let sweep = begun;
  let read = 0;
  for (;;) {
    const before = open.org.usage().calls;
    const { found, next } = await step({ ports, open }, stream, sweep);
    const hinted = await found.hint(ports.hints, mappingId);
    await ports.fullSweeps.keep(sweep, nowIso(ports.clock), listed(sweep.counts, found.findings));
    const calls = open.org.usage().calls - before;
    const at = nowIso(ports.clock);
    // Before its end: were it to be lost after that, the sweep would begin again within the hour.
    if (next === undefined)
      await ports.mappingStates.setFullSweepAt(mappingId, nextOf(open, sweep.startedAt));
    const moved = await ports.fullSweeps.move(sweep, {
      place: next ?? sweep.place,
      counts: addSweepCounts(sweep.counts, found.counts),
      calls: sweep.calls + calls,
      movedAt: at,
      ...(next === undefined && { endedAt: at, outcome: 'done' }),
    });
    if (!moved) return { kind: 'set-aside', reason: 'PASS_TAKEN_OVER' };
    sweep = moved;
    read += (found.counts.records ?? 0) + (found.counts.links ?? 0) + (found.counts.items ?? 0);
    if (next === undefined) {
      await recordRun(ports, sweep);
      await giveTurn(ports, open);
      return { kind: 'done', calls: sweep.calls - begun.calls, read };
    }
    if (hinted === 0 && ports.remainingMs() >= PAGE_RESERVE_MS) continue;
    await ports.hints.send([{ kind: 'full-sweep', mappingId, sweepId: sweep.sweepId }]);
    return { kind: 'continue', calls: sweep.calls - begun.calls, read };
  }
}

/** Ends a sweep that repeating does not help; the next one begins when it is due. */
export async function failFullSweep(
  ports: Pick<FullSweepPorts, 'fullSweeps' | 'mappingStates' | 'clock'>,
  mappingId: string,
  everyDays: number | undefined,
  code: string,
): Promise<void> {
  const sweep = await ports.fullSweeps.get(mappingId);
  if (sweep && sweep.endedAt === undefined) await end(ports, sweep, code);
  await ports.mappingStates.setFullSweepAt(mappingId, after(nowIso(ports.clock), everyDays));
}

/** Compares what comes next of a mapping. */
export const step = (
  { ports, open }: Comparing,
  stream: RecordStream,
  { place }: Pick<FullSweep, 'place'>,
): Promise<Compared> => {
  switch (place.phase) {
    case 'records':
      return compareRecords({ ports, open }, stream, place.after);
    case 'links':
      return compareLinks({ ports, open }, place);
    case 'items':
      return compareItems({ ports, open }, place.after);
  }
};

/** The sweep to go on with, one that begins now, or why there is none. */
async function current(
  ports: FullSweepPorts,
  open: OpenMapping,
  hint: FullSweepHint,
  sweeps: readonly FullSweep[],
): Promise<FullSweep | 'ended' | 'taken-over' | 'unwanted'> {
  const { mappingId } = open.mapping;
  const known = sweeps.find((one) => one.mappingId === mappingId);
  const revision = open.state.revision?.revision ?? 0;
  if (known && known.endedAt === undefined) {
    if (known.revision === revision) return known;
    // What it compared by is no more. Its mapping's next pass looks at every record.
    await end(ports, known, 'MAPPING_CHANGED' satisfies Code);
    await ports.mappingStates.setFullSweepAt(mappingId, nextOf(open, nowIso(ports.clock)));
    return 'ended';
  }
  // A message that comes late, of a sweep that has ended.
  if (known?.sweepId === hint.sweepId) return 'unwanted';
  if (!hint.isAsked && open.mapping.fullSweepEveryDays === undefined) {
    await ports.mappingStates.setFullSweepAt(mappingId, undefined);
    return 'unwanted';
  }
  const at = nowIso(ports.clock);
  // Should all messages of it get lost, `dispatch` sends one.
  await ports.mappingStates.setFullSweepAt(mappingId, isoOf(ports.clock.nowMs() + LOST_AFTER_MS));
  const begun = await ports.fullSweeps.begin(
    {
      mappingId,
      sweepId: hint.sweepId,
      revision,
      startedAt: at,
      movedAt: at,
      place: { phase: 'records' },
      counts: {},
      calls: 0,
    },
    known,
  );
  return begun ?? 'taken-over';
}

/** Whether an earlier sweep of the same connection is at work: one org is not asked for everything twice at once. */
function isAnothersTurn({ clock }: FullSweepPorts, own: FullSweep, sweeps: readonly FullSweep[]): boolean {
  const aliveSince = isoOf(clock.nowMs() - QUIET_MS);
  return sweeps.some(
    (other) =>
      other.mappingId !== own.mappingId &&
      other.endedAt === undefined &&
      other.movedAt > aliveSince &&
      (other.startedAt < own.startedAt ||
        (other.startedAt === own.startedAt && other.mappingId < own.mappingId)),
  );
}

/** The next of the connection's sweeps that wait. Should this get lost, it goes on with its mapping's next pass. */
async function giveTurn({ fullSweeps, hints }: FullSweepPorts, { mapping }: OpenMapping): Promise<void> {
  const sweeps = await fullSweeps.ofConnection(mapping.connectionId);
  const [next] = sweeps
    .filter(({ endedAt }) => endedAt === undefined)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  if (next) await hints.send([{ kind: 'full-sweep', mappingId: next.mappingId, sweepId: next.sweepId }]);
}

async function later(ports: FullSweepPorts, mappingId: string): Promise<FullSweepOutcome> {
  await ports.mappingStates.setFullSweepAt(mappingId, isoOf(ports.clock.nowMs() + WAIT_MS));
  return { kind: 'set-aside', reason: 'FULL_SWEEP_WAITS' };
}

const end = (
  { fullSweeps, clock }: Pick<FullSweepPorts, 'fullSweeps' | 'clock'>,
  sweep: FullSweep,
  outcome: string,
): Promise<FullSweep | undefined> => {
  const { place, counts, calls } = sweep;
  const at = nowIso(clock);
  return fullSweeps.move(sweep, { place, counts, calls, movedAt: at, endedAt: at, outcome });
};

/** When the next one is due. */
const nextOf = ({ mapping }: OpenMapping, at: string): string | undefined =>
  after(at, mapping.fullSweepEveryDays);

const after = (at: string, everyDays: number | undefined): string | undefined =>
  everyDays === undefined ? undefined : isoOf(Date.parse(at) + everyDays * DAY_MS);

const recordRun = (
  { journal, clock }: FullSweepPorts,
  { mappingId, sweepId: runId, startedAt, counts, calls }: FullSweep,
): Promise<void> =>
  journal.recordRun({
    mappingId,
    runId,
    cause: 'full-sweep',
    startedAt,
    endedAt: nowIso(clock),
    counts: { ...NO_COUNTS, read: counts.records ?? 0, calls },
  });

/** The first of each kind. */
const listed = (before: SweepCounts, findings: readonly Finding[]): readonly Finding[] => {
  const sofar = new Map<string, number>();
  return findings.filter(({ kind }) => {
    const count = sofar.get(kind) ?? before[kind] ?? 0;
    sofar.set(kind, count + 1);
    return count < LISTED_OF_A_KIND;
  });
};
