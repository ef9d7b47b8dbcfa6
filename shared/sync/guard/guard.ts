import { isoOf } from '../../contracts/time.ts';
import { epochMs } from '../time.ts';

/** From how many in a rolling day on a person is asked. */
export interface GuardLimits {
  /** Never more than so many. */
  readonly most: number;
  /** This part of a mapping's living pairs, where that is more than `least`. */
  readonly share: number;
  readonly least: number;
}

export const DELETION_LIMITS: GuardLimits = { most: 500, share: 0.05, least: 20 };

/** For what a person has seen in full, and wants: it is counted, whatever else is held. */
export const NO_LIMITS: GuardLimits = {
  most: Number.POSITIVE_INFINITY,
  share: 0,
  least: Number.POSITIVE_INFINITY,
};

/** So many pairs say all that a limit depends on: with more of them, `most` counts. */
export const pairsThatCount = ({ most, share }: GuardLimits): number => Math.ceil(most / share);

/** What a person decided about everything that was held then. */
export interface GuardDecision {
  readonly kind: 'released' | 'refused';
  /** What was held up to then (ISO 8601). */
  readonly before: string;
}

/** How much of something one mapping has done in the last day, and what waits for a person. */
export interface GuardState {
  /** How many were let through, by the hour in which they were (ISO 8601). */
  readonly hours: Readonly<Record<string, number>>;
  /** Since when nothing is let through any more (ISO 8601), until a person decides. */
  readonly closedSince?: string;
  /** How many were held since then: at most as many as wait now. */
  readonly held: number;
  /** In their order, of which two that follow each other differ. */
  readonly decisions?: readonly GuardDecision[];
  /** The mapping's living pairs when they were last counted (ISO 8601), up to `pairsThatCount`. */
  readonly pairs?: { readonly count: number; readonly at: string };
  /** Counts every change. */
  readonly version: number;
}

/** Of more than so many the oldest are forgotten. */
const MAX_DECISIONS = 20;
const HOUR_MS = 3_600_000;
/** A day, and the hour in which it began: what counts too long holds too much, and never lets through too much. */
const COUNTED_HOURS = 25;
/** The share needs no newer count. */
const PAIRS_COUNT_FOR_MS = HOUR_MS;

export const NEW_GUARD: GuardState = { hours: {}, held: 0, version: 0 };

/** The hours that still count. */
const recent = (hours: GuardState['hours'], nowMs: number): GuardState['hours'] => {
  const firstMs = hourOf(nowMs) - (COUNTED_HOURS - 1) * HOUR_MS;
  return Object.fromEntries(Object.entries(hours).filter(([hour]) => epochMs(hour) >= firstMs));
};

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

/** How many were let through in the last day. */
export const countOf = ({ hours }: GuardState, nowMs: number): number =>
  Object.values(recent(hours, nowMs)).reduce((sum, count) => sum + count, 0);

/** How many may go in a day. @param pairs - undefined where they were not counted: then the least */
export const limitOf = ({ most, share, least }: GuardLimits, pairs: number | undefined): number =>
  Math.min(most, Math.max(least, Math.floor((pairs ?? 0) * share)));

/** Whether the number of pairs decides about so many more, and is not known. */
export const needsPairs = (
  state: GuardState,
  wanted: number,
  limits: GuardLimits,
  nowMs: number,
): boolean => {
  if (state.closedSince !== undefined || wanted === 0) return false;
  if (countOf(state, nowMs) + wanted <= limitOf(limits, undefined)) return false;
  return state.pairs === undefined || nowMs - epochMs(state.pairs.at) > PAIRS_COUNT_FOR_MS;
};

/**
 * Lets as many through as may go, and holds the rest: from then on everything, until a person decides. The state has to
 * be stored before any of them is done, so that what crashes is counted and not done, never done and not counted.
 */
export const reserve = (
  state: GuardState,
  wanted: number,
  limits: GuardLimits,
  nowMs: number,
): { readonly state: GuardState; readonly granted: number } => {
  const hours = recent(state.hours, nowMs);
  const limit = limitOf(limits, state.pairs?.count);
  const isOpen = state.closedSince === undefined || limit === Number.POSITIVE_INFINITY;
  const left = isOpen ? Math.max(0, limit - countOf(state, nowMs)) : 0;
  const granted = Math.min(wanted, left);
  const rest = wanted - granted;
  const hour = isoOf(hourOf(nowMs));
  const closedSince = state.closedSince ?? (rest > 0 ? isoOf(nowMs) : undefined);
  return {
    granted,
    state: {
      ...state,
      hours: granted > 0 ? { ...hours, [hour]: (hours[hour] ?? 0) + granted } : hours,
      held: state.held + rest,
      ...(closedSince !== undefined && { closedSince }),
      version: state.version + 1,
    },
  };
};

/**
 * After a person's decision the guard is open again. Who releases has looked at what went before, so that a new day
 * begins; who refuses has not wanted it, and what went before still counts.
 */
export const decideHeld = (state: GuardState, kind: GuardDecision['kind'], now: string): GuardState => {
  const { closedSince: _, ...open } = state;
  return {
    ...open,
    hours: kind === 'released' ? {} : state.hours,
    held: 0,
    decisions: withDecision(state.decisions ?? [], { kind, before: now }),
    version: state.version + 1,
  };
};

/** One more of the same kind stretches the last; what the oldest decided is refused in the end, which destroys nothing. */
const withDecision = (
  decisions: readonly GuardDecision[],
  decision: GuardDecision,
): readonly GuardDecision[] => {
  const earlier = decisions.at(-1)?.kind === decision.kind ? decisions.slice(0, -1) : decisions;
  const [, ...kept] = earlier;
  if (earlier.length < MAX_DECISIONS) return [...earlier, decision];
  return [...kept.map((one, index) => (index === 0 ? { ...one, kind: 'refused' as const } : one)), decision];
};

/**
 * What was decided about something that is held since then: the first decision that found it held, since a later one
 * is about what was held later. undefined where nobody has decided yet.
 *
 * @param canBeRefused - false where a refusal cannot be carried out: then a release that follows counts
 */
export const decisionOn = (
  state: GuardState | undefined,
  heldSince: string | undefined,
  canBeRefused = true,
): GuardDecision['kind'] | undefined => {
  if (heldSince === undefined) return undefined;
  const made = state?.decisions?.filter(({ before }) => epochMs(heldSince) <= epochMs(before)) ?? [];
  const release = canBeRefused ? undefined : made.find(({ kind }) => kind === 'released');
  return (release ?? made[0])?.kind;
};
