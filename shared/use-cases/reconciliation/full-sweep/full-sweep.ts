import { type Clock, nowIso } from '../../../contracts/clock.ts';
import type { Code } from '../../../contracts/codes.ts';
import type { FullSweepHint } from '../../../contracts/hints.ts';
import { PAGE_RESERVE_MS } from '../../../contracts/lifetimes.ts';
import { isoOf } from '../../../contracts/time.ts';
import { lostAfterMs, sweepEveryMs } from '../../../sync/full-sweep/due.ts';
import { addSweepCounts, type Finding, type SweepCounts } from '../../../sync/full-sweep/findings.ts';
import { onlyCalculated } from '../../../sync/full-sweep/formulas.ts';
import { NO_COUNTS } from '../../ports/counts.ts';
import type { FullSweep } from '../../ports/full-sweeps.ts';
import type { HintQueue } from '../../ports/hint-queue.ts';
import type { Journal } from '../../ports/journal.ts';
import type { MappingStates } from '../../ports/mapping-states.ts';
import type { OpenMapping } from '../open-mapping.ts';
import { type Compared, type ComparePorts, type Comparing, Found } from './compare.ts';
import { compareItems } from './compare-items.ts';
import { compareLinks } from './compare-links.ts';
import { compareRecords, RecordStream } from './compare-records.ts';
import {
  concluded,
  isProvable,
  keepSeen,
  lookAgain,
  type ProofPorts,
  type Proven,
  type Proving,
  sumUp,
} from './proof/prove.ts';
import { hintOf, type Named, nameOf, nextOf, setDue } from './scoped-sweep.ts';

export interface FullSweepPorts extends ComparePorts, ProofPorts {
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
/** For the looks at what it found. */
const HINTS_WAIT_MS = 60_000;

/**
 * Compares everything: each record with its link, each link with its item, each item of the tenant with its link. Each
 * difference becomes a hint, and the look that follows decides; nothing is written to either side here. It goes on where
 * it was, a page at a time, by hints to itself: it ends its turn as soon as it has sent hints, so that what it found
 * comes before what it finds next. Of a connection's mappings one is swept at a time.
 *
 * A refresh of formulas is the same sweep of linked records alone, by the fields that Salesforce computes.
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
  const { connectionId } = open.mapping;
  const sweeps = await ports.fullSweeps.ofConnection(connectionId);
  const begun = await current(ports, open, hint, sweeps);
  if (begun === 'ended') {
    await giveTurn(ports, open);
    return { kind: 'set-aside', reason: 'MAPPING_CHANGED' };
  }
  if (begun === 'taken-over') return { kind: 'set-aside', reason: 'PASS_TAKEN_OVER' };
  if (begun === 'unwanted') return { kind: 'done', calls: 0, read: 0 };
  // Before the first pass nothing is linked, and that pass sees everything anyhow.
  if (open.state.watermark === undefined || isAnothersTurn(ports, begun, sweeps)) return later(ports, begun);
  return carryOn(ports, comparingOf(ports, open, begun), begun);
}

const comparingOf = (
  ports: FullSweepPorts,
  open: OpenMapping,
  { scope, startedAt: since }: FullSweep,
): Comparing =>
  scope === 'formulas'
    ? { ports, open: { ...open, mapping: onlyCalculated(open.mapping) }, since, isOfFormulas: true }
    : { ports, open, since, isOfFormulas: false };

/** A page after the other, until it is done, or ends its turn. */
async function carryOn(
  ports: FullSweepPorts,
  comparing: Comparing,
  begun: FullSweep,
): Promise<FullSweepOutcome> {
  const { open } = comparing;
  const stream = new RecordStream(comparing);
  let sweep = begun;
  let read = 0;
  for (;;) {
    const before = open.org.usage().calls;
    const proving: Proving = { ...comparing, ports, sweep };
    const { found, next, waits, buckets } = await step(proving, stream);
    const hinted = await found.hint(ports.hints, sweep);
    // Nobody has to decide about a formula that moved: it is brought in.
    if (!comparing.isOfFormulas)
      await ports.fullSweeps.keep(sweep, nowIso(ports.clock), listed(sweep.counts, found.findings));
    const nowOpen = await keepSeen(proving, found);
    const calls = open.org.usage().calls - before;
    const at = nowIso(ports.clock);
    // Before its end: were it to be lost after that, the sweep would begin again within the hour.
    if (next === undefined) await setDue(ports, sweep, nextOf(open.mapping, sweep.startedAt, sweep.scope));
    const move = {
      place: next ?? sweep.place,
      counts: addSweepCounts(sweep.counts, found.counts),
      calls: sweep.calls + calls,
      open: (sweep.open ?? 0) + nowOpen,
      buckets: [...(sweep.buckets ?? []), ...(buckets ?? [])],
      movedAt: at,
      ...(next === undefined && { endedAt: at, outcome: 'done' }),
    };
    // Before its end as well: what was proven is worth nothing if nobody has kept it.
    const proof = next === undefined ? await concluded(proving, { ...sweep, ...move }) : undefined;
    if (proof !== undefined) await ports.proofs.put(proof);
    const moved = await ports.fullSweeps.move(sweep, move);
    if (!moved) return { kind: 'set-aside', reason: 'PASS_TAKEN_OVER' };
    sweep = moved;
    read += (found.counts.records ?? 0) + (found.counts.links ?? 0) + (found.counts.items ?? 0);
    if (next === undefined) {
      await recordRun(ports, sweep);
      await giveTurn(ports, open);
      return { kind: 'done', calls: sweep.calls - begun.calls, read };
    }
    if (waits) return later(ports, sweep, HINTS_WAIT_MS);
    if (hinted === 0 && ports.remainingMs() >= PAGE_RESERVE_MS) continue;
    await ports.hints.send([hintOf(sweep)]);
    return { kind: 'continue', calls: sweep.calls - begun.calls, read };
  }
}

/** Ends a sweep that repeating does not help; the next one begins when it is due. */
export async function failFullSweep(
  ports: Pick<FullSweepPorts, 'fullSweeps' | 'mappingStates' | 'clock'>,
  named: Named,
  schedules: Parameters<typeof sweepEveryMs>[1],
  code: string,
): Promise<void> {
  const sweep = await ports.fullSweeps.get(named.mappingId, named.scope);
  if (sweep && sweep.endedAt === undefined) await end(ports, sweep, code);
  await setDue(ports, named, nextOf(schedules, nowIso(ports.clock), named.scope));
}

type ComparedPlace = FullSweep['place'] & { readonly phase: 'records' | 'links' | 'items' };

/** Compares what comes next of a mapping. */
export const compareNext = (
  comparing: Comparing,
  stream: RecordStream,
  place: ComparedPlace,
): Promise<Compared> => {
  switch (place.phase) {
    case 'records':
      return compareRecords(comparing, stream, place.after);
    case 'links':
      return compareLinks(comparing, place);
    case 'items':
      return compareItems(comparing, place.after);
  }
};

async function step(proving: Proving, stream: RecordStream): Promise<Compared & Proven> {
  const { sweep } = proving;
  const { place } = sweep;
  switch (place.phase) {
    case 'records':
    case 'links':
      return compareNext(proving, stream, { ...place, phase: place.phase });
    case 'items': {
      const compared = await compareItems(proving, place.after);
      const isLast = compared.next === undefined && isProvable(sweep);
      return isLast ? { ...compared, next: { phase: 'open' } } : compared;
    }
    case 'open':
      return { found: new Found(), ...(await lookAgain(proving)) };
    case 'proof':
      return { found: new Found(), ...(await sumUp(proving)) };
  }
}

/** The sweep to go on with, one that begins now, or why there is none. */
async function current(
  ports: FullSweepPorts,
  open: OpenMapping,
  hint: FullSweepHint,
  sweeps: readonly FullSweep[],
): Promise<FullSweep | 'ended' | 'taken-over' | 'unwanted'> {
  const { mappingId } = open.mapping;
  const { scope } = hint;
  const known = sweeps.find((one) => one.mappingId === mappingId && one.scope === scope);
  const revision = open.state.revision?.revision ?? 0;
  if (known && known.endedAt === undefined) {
    if (known.revision === revision) return known;
    // What it compared by is no more. Its mapping's next pass looks at every record.
    await end(ports, known, 'MAPPING_CHANGED' satisfies Code);
    await setDue(ports, known, nextOf(open.mapping, nowIso(ports.clock), scope));
    return 'ended';
  }
  // A message that comes late, of a sweep that has ended.
  if (known?.sweepId === hint.sweepId) return 'unwanted';
  const everyMs = sweepEveryMs(scope ?? 'all', open.mapping);
  if (!hint.isAsked && everyMs === undefined) {
    await setDue(ports, hint, undefined);
    return 'unwanted';
  }
  const at = nowIso(ports.clock);
  if (scope === 'formulas' && onlyCalculated(open.mapping).fields.length === 0) {
    await setDue(ports, hint, nextOf(open.mapping, at, scope));
    return 'unwanted';
  }
  // Should all messages of it get lost, `dispatch` sends one.
  await setDue(ports, hint, isoOf(ports.clock.nowMs() + lostAfterMs(everyMs)));
  const begun = await ports.fullSweeps.begin(
    {
      mappingId,
      sweepId: hint.sweepId,
      ...(scope && { scope }),
      revision,
      startedAt: at,
      movedAt: at,
      place: { phase: 'records' },
      counts: {},
      calls: 0,
      ...(scope === undefined && { digestKey: ports.newDigestKey() }),
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
      nameOf(other) !== nameOf(own) &&
      other.endedAt === undefined &&
      other.movedAt > aliveSince &&
      (other.startedAt < own.startedAt || (other.startedAt === own.startedAt && nameOf(other) < nameOf(own))),
  );
}

/** The next of the connection's sweeps that wait. Should this get lost, it goes on with its mapping's next pass. */
async function giveTurn({ fullSweeps, hints }: FullSweepPorts, { mapping }: OpenMapping): Promise<void> {
  const sweeps = await fullSweeps.ofConnection(mapping.connectionId);
  const [next] = sweeps
    .filter(({ endedAt }) => endedAt === undefined)
    .toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  if (next) await hints.send([hintOf(next)]);
}

async function later(ports: FullSweepPorts, named: Named, waitMs = WAIT_MS): Promise<FullSweepOutcome> {
  await setDue(ports, named, isoOf(ports.clock.nowMs() + waitMs));
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

const recordRun = (
  { journal, clock }: FullSweepPorts,
  { mappingId, sweepId: runId, startedAt, counts, calls, scope }: FullSweep,
): Promise<void> =>
  journal.recordRun({
    mappingId,
    runId,
    cause: scope ?? 'full-sweep',
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
