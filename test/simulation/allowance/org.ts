import { type Allowance, admit, budgetOf, stoppedAfter } from '../../../shared/sync/allowance/admit.ts';
import { probesPerDay } from '../../../shared/sync/allowance/forecast.ts';
import { callsOfDay, countCalls } from '../../../shared/sync/allowance/ledger.ts';
import { afterAnswer, afterRefusal } from '../../../shared/sync/allowance/refused.ts';
import { observe } from '../../../shared/sync/allowance/usage.ts';
import { CEILINGS, type WorkClass } from '../../../shared/sync/allowance/work-class.ts';
import { OTHERS, type OthersKind } from './others.ts';
import { dueAt, type ProbedMapping, sweepsNow } from './planner.ts';

const MINUTE_MS = 60_000;
const DAY = 1_440;
/** The org's count is behind by so many minutes at most. */
const LAG = 6;
const SHARE = 0.5;
/** What is remembered of others fades, in minutes, so that we ask again. */
const FADES_BY_HALF = 180;
/** An org of fewer calls left is full: one look may take so many. */
const LEFT = 20;
const RESERVED = new Set<WorkClass>(['hints', 'schedules', 'loads', 'full-sweeps']);

export interface OrgKind {
  readonly connectionId: string;
  readonly max: number;
  readonly others: OthersKind;
  /** Of the allowance, what others use on a usual day. */
  readonly othersPart: number;
  readonly freshnessMinutes: readonly number[];
  /** Gathered hints a day, each of at most 200 keys. */
  readonly hintsPerDay: number;
  /** Of the sweeps, those that find something. */
  readonly findings: number;
  /** Calls of a load that begins on the third day, and of a full sweep each week. */
  readonly loadCalls: number;
}

export interface OrgFigures {
  calls: number;
  /** What the freshness needs, and one read and one write for each 200 changed keys. */
  needed: number;
  /**
   * Calls that met an allowance used up. By our doing: in the day before, we had once called more than our share of what
   * others left when the org last told us. Otherwise others took it, between two of our calls; `askedInVain` counts those
   * that asked after such a refusal whether there is room again, which nothing else tells.
   */
  refusedByOthers: number;
  askedInVain: number;
  refusedByUs: number;
  /** Times that anything but interactive work had called what is reserved for that. */
  reserveTouched: number;
  interactive: number;
  interactiveWaited: number;
  /** Sweeps whose freshness a test by earliest deadline calls feasible, and those of them that were late. */
  deadlines: number;
  late: number;
  longestHintWaitMinutes: number;
}

export const NO_FIGURES: Readonly<OrgFigures> = {
  calls: 0,
  needed: 0,
  refusedByOthers: 0,
  askedInVain: 0,
  refusedByUs: 0,
  reserveTouched: 0,
  interactive: 0,
  interactiveWaited: 0,
  deadlines: 0,
  late: 0,
  longestHintWaitMinutes: 0,
};

/** Thirty days of one org, minute by minute. @param random - 0 to 1, the same for the same seed */
export const runOrg = (kind: OrgKind, days: number, random: () => number): OrgFigures => {
  const { max } = kind;
  const othersOf = OTHERS[kind.others](max, kind.othersPart);
  const figures: OrgFigures = { ...NO_FIGURES };
  const rings = { ours: new Float64Array(DAY), others: new Float64Array(DAY) };
  const sums = { ours: 0, others: 0 };
  const recent: number[] = [];
  const recentOthers: number[] = [];
  let othersTold = 0;
  let toldAt = 0;
  let overShareAt = Number.NEGATIVE_INFINITY;
  const probes = probesPerDay(kind.freshnessMinutes.map((minutes) => minutes * MINUTE_MS));
  let allowance: Allowance = { ledger: { hours: {} }, share: SHARE, scheduledPerDay: probes, stopped: [] };
  const mappings: ProbedMapping[] = kind.freshnessMinutes.map((minutes) => ({
    connectionId: kind.connectionId,
    freshnessMs: minutes * MINUTE_MS,
    probedAtMs: 0,
  }));
  const askedPerDay = probes * (1 + 2 * kind.findings) + kind.hintsPerDay * 2 + 100;
  let [loadLeft, fullLeft] = [0, 0];
  const hintsSince: number[] = [];
  let interactiveLeft = 0;
  let infeasibleUntil = -1;

  // The org was in use before it was connected.
  for (let minute = 0; minute < DAY; minute += 1) {
    rings.others[minute] = othersOf(minute);
    sums.others += rings.others[minute] ?? 0;
  }
  for (let minute = 0; minute < days * DAY; minute += 1) {
    const nowMs = minute * MINUTE_MS;
    const place = minute % DAY;
    sums.ours -= rings.ours[place] ?? 0;
    sums.others -= rings.others[place] ?? 0;
    rings.ours[place] = 0;
    // Salesforce refuses the others as well.
    const eaten = Math.max(0, Math.min(othersOf(minute), max - sums.ours - sums.others));
    rings.others[place] = eaten;
    sums.others += eaten;
    recent.push(sums.ours + sums.others);
    recentOthers.push(sums.others);
    if (recent.length > LAG) recent.shift();
    if (recentOthers.length > LAG) recentOthers.shift();

    const call = (work: WorkClass, calls: number): boolean => {
      if (admit(allowance, work, calls, nowMs).kind === 'wait') return false;
      const refusals = allowance.refused?.times ?? 0;
      const reserveFrom = budgetOf(allowance, nowMs) * CEILINGS.hints;
      const isRefused = sums.ours + sums.others + calls > max;
      const othersKnown = othersTold * 2 ** ((toldAt - minute) / FADES_BY_HALF);
      if (refusals === 0 && sums.ours + calls > SHARE * (max - othersKnown)) overShareAt = minute;
      if (isRefused && refusals > 0) figures.askedInVain += 1;
      else if (isRefused && minute - overShareAt < DAY) figures.refusedByUs += 1;
      else if (isRefused) figures.refusedByOthers += 1;
      const made = isRefused ? 1 : calls;
      othersTold = Math.min(...recentOthers);
      toldAt = minute;
      figures.calls += made;
      rings.ours[place] = (rings.ours[place] ?? 0) + made;
      sums.ours += made;
      const ledger = countCalls(allowance.ledger, work, made, nowMs);
      allowance = { ...allowance, ledger };
      if (isRefused) allowance = { ...allowance, refused: afterRefusal(allowance.refused, nowMs) };
      else {
        const seen = (recent[Math.floor(random() * recent.length)] ?? 0) - Math.floor(random() * 8);
        const usage = observe(allowance.usage, { used: Math.max(0, seen), max, atMs: nowMs }, ledger);
        allowance = { ...allowance, usage, refused: afterAnswer(allowance.refused, nowMs) };
      }
      const ours = callsOfDay(ledger, nowMs, 'at-most');
      if (RESERVED.has(work) && ours > reserveFrom) figures.reserveTouched += 1;
      return !isRefused;
    };

    // The test by earliest deadline: all of the last day, what a day asks for fitted into our share of what others left,
    // and the org had calls left at all.
    const isFull = sums.ours + sums.others + LEFT > max;
    if (isFull || askedPerDay > SHARE * (max - sums.others)) infeasibleUntil = minute + DAY;
    if (place === 0) {
      if (minute === 2 * DAY) loadLeft = kind.loadCalls;
      if (Math.floor(minute / DAY) % 7 === 6) fullLeft = Math.floor(kind.loadCalls / 2);
      allowance = { ...allowance, stopped: stoppedAfter(allowance, nowMs) };
    }

    if (random() < 30 / DAY) {
      interactiveLeft += 1;
      figures.interactive += 1;
    }
    while (interactiveLeft > 0 && call('interactive', 2)) {
      interactiveLeft -= 1;
      figures.needed += 2;
    }
    if (interactiveLeft > 0) {
      figures.interactiveWaited += interactiveLeft;
      interactiveLeft = 0;
    }
    if (random() < kind.hintsPerDay / DAY) hintsSince.push(minute);
    // What waits is gathered: one read and one write for all of it.
    if (hintsSince.length > 0 && call('hints', 2)) {
      figures.needed += 2;
      figures.longestHintWaitMinutes = Math.max(
        figures.longestHintWaitMinutes,
        minute - (hintsSince[0] ?? minute),
      );
      hintsSince.length = 0;
    }

    if (mappings.some((one) => dueAt(one, 1) <= nowMs)) {
      for (const together of sweepsNow(allowance, mappings, nowMs)) {
        if (!call('schedules', 1)) break;
        for (const one of together) {
          const ageMs = nowMs - one.probedAtMs;
          if (minute > infeasibleUntil && one.probedAtMs > 0 && minute > DAY) {
            figures.deadlines += 1;
            if (ageMs > one.freshnessMs) figures.late += 1;
          }
          one.probedAtMs = nowMs;
        }
        if (random() < kind.findings && call('schedules', 2)) figures.needed += 2;
      }
    }
    if (loadLeft > 0 && call('loads', Math.min(20, loadLeft))) loadLeft -= Math.min(20, loadLeft);
    if (fullLeft > 0 && call('full-sweeps', Math.min(20, fullLeft))) fullLeft -= Math.min(20, fullLeft);
  }
  figures.needed += probes * days;
  return figures;
};
