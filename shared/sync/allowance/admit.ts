import { type CallLedger, callsOfDay, HOUR_MS, hourOf } from './ledger.ts';
import { askAgainAt, type Refused } from './refused.ts';
import { othersAt, type Usage } from './usage.ts';
import { CEILINGS, OWN, WORK_CLASSES, type WorkClass } from './work-class.ts';

/** All that decides about a connection's next call. */
export interface Allowance {
  readonly ledger: CallLedger;
  /** Unknown before the org's first answer: that one call is free. */
  readonly usage?: Usage | undefined;
  /** Calls that the org refused, and has not answered since. */
  readonly refused?: Refused | undefined;
  /** Of what others leave, the part that is ours; 0 to 1. */
  readonly share: number;
  /** Calls a day that schedules need to keep what mappings ask for. */
  readonly scheduledPerDay: number;
  /** Classes that were stopped, and go on only when there is room again. */
  readonly stopped: readonly WorkClass[];
}

export const DEFAULT_SHARE = 0.5;
/** Of the org's allowance, what nobody counts on: the counts lag. */
const MARGIN = 0.05;
/** Whatever the budget: where the org's own end is so near, no call is made, since another one's may be the one too many. */
const HARD_STOP = 0.98;
/** A stopped class goes on when so much of the budget is free below its ceiling. */
const HYSTERESIS = 0.05;
/** Until it is asked again. */
const ASK_AGAIN_MS = 15 * 60_000;

/** The calls of any 24 hours that are ours. */
export const budgetOf = ({ usage, share }: Allowance, nowMs: number): number =>
  usage === undefined
    ? Number.POSITIVE_INFINITY
    : share * Math.max(0, usage.max * (1 - MARGIN) - othersAt(usage, nowMs));

/**
 * Why work waits: what all classes together may use is used up (`budget`); what is left is kept for sweeps and hints
 * (`kept`); or the org itself has next to nothing left (`org`).
 */
export type WhyWait = 'budget' | 'kept' | 'org';

export type Admission =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly why: WhyWait };

/**
 * Whether work of a class may call now. Loads and full sweeps also leave what schedules need and what hints used
 * yesterday, so that a load of this morning does not stop the schedules of tonight; but for what is their own.
 */
export const admit = (allowance: Allowance, work: WorkClass, calls: number, nowMs: number): Admission => {
  const { ledger, usage, refused } = allowance;
  const againMs = askAgainAt(refused);
  if (againMs !== undefined && nowMs < againMs) return { kind: 'wait', untilMs: againMs, why: 'org' };
  if (usage === undefined) return { kind: 'go' };
  const ours = callsOfDay(ledger, nowMs, 'at-most') + calls;
  if (ours + othersAt(usage, nowMs) > usage.max * HARD_STOP)
    return { kind: 'wait', untilMs: nowMs + ASK_AGAIN_MS, why: 'org' };
  const why = lacks(allowance, work, calls, nowMs);
  return why === undefined ? { kind: 'go' } : { kind: 'wait', untilMs: (hourOf(nowMs) + 1) * HOUR_MS, why };
};

/** Lone edits are gathered for so long, and looked at together. */
const GATHER_MS = 5 * 60_000;

/**
 * Whether hints that come alone may call now. Where sweeps have stopped, what is left is not for a read and a write of
 * each: they wait some minutes, and come back as many as a hint holds.
 */
export const admitLone = (allowance: Allowance, nowMs: number): Admission => {
  const isScarce = admit(allowance, 'schedules', 1, nowMs).kind === 'wait';
  const admission = admit(allowance, 'hints', 1, nowMs);
  return isScarce && admission.kind === 'go'
    ? { kind: 'wait', untilMs: nowMs + GATHER_MS, why: 'budget' }
    : admission;
};

/** The classes that are stopped after one more was asked for. */
export const stoppedAfter = (allowance: Allowance, nowMs: number): readonly WorkClass[] =>
  WORK_CLASSES.filter((work) => lacks(allowance, work, 1, nowMs) !== undefined);

/** What keeps these calls from the budget; nothing where there is room. */
const lacks = (
  allowance: Allowance,
  work: WorkClass,
  calls: number,
  nowMs: number,
): Exclude<WhyWait, 'org'> | undefined => {
  const { ledger, stopped } = allowance;
  const budget = budgetOf(allowance, nowMs);
  const of = (one: WorkClass | 'all'): number => callsOfDay(ledger, nowMs, 'at-most', one);
  const isBelow = (part: number): boolean => of('all') + calls <= budget * part;
  const own = OWN[work];
  if (own !== undefined && isBelow(CEILINGS.schedules) && of(work) + calls <= budget * own) return undefined;
  const ceiling = CEILINGS[work] - (stopped.includes(work) ? HYSTERESIS : 0);
  if (!isBelow(ceiling)) return 'budget';
  if (own === undefined) return undefined;
  const slow = of('loads') + of('full-sweeps');
  const kept = allowance.scheduledPerDay + of('interactive') + of('hints');
  return slow + calls <= budget * ceiling - kept ? undefined : 'kept';
};
