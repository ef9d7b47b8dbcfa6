import type { SweepCounts } from '../../sync/full-sweep/findings.ts';
import type { LeftoverReason } from '../../sync/plan/leftovers.ts';
import type { PlanSamples } from '../../sync/plan/samples.ts';
import type { PlanTotals } from '../../sync/plan/totals.ts';
import type { WhatIf } from '../../sync/plan/what-if.ts';
import type { UndoScope } from '../../sync/undo/undo.ts';
import type { SweepPlace } from './full-sweeps.ts';

/** What a plan goes through, in this order; from `planned` on it has a hash. */
export const PLAN_PHASES = ['planning', 'planned', 'applying', 'applied'] as const;
export type PlanPhase = (typeof PLAN_PHASES)[number];

/** How far a plan was applied. */
export interface Applying {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Pages that are left, from the last to the first: each names the digest of those before it. */
  readonly page: number;
  /** The digest of these pages. */
  readonly digest: string;
  /** Keys that were done as planned. */
  readonly done: number;
  /** Keys that were not, by why. */
  readonly leftovers: Readonly<Partial<Record<LeftoverReason, number>>>;
  /** Salesforce calls. */
  readonly calls: number;
}

/** What an undo takes back, as a plan that is of this alone. */
export interface PlannedUndo extends UndoScope {
  /** Where the listing of the changes goes on. */
  readonly after?: string;
  /** Of how many keys each attribute would be cleared. */
  readonly clears: Readonly<Record<string, number>>;
}

/** The plan of a mapping that is under way, or the last one. All times in ISO 8601, UTC. */
export interface Plan {
  readonly mappingId: string;
  readonly planId: string;
  readonly phase: PlanPhase;
  readonly whatIf: WhatIf;
  /** The plan takes earlier changes back, and says nothing of anything else. */
  readonly undo?: PlannedUndo;
  /** Its pages hold field values. */
  readonly withValues: boolean;
  /** The template as it was deployed when the plan was asked for, and the policies in it: `planDigestOf`. */
  readonly template: string;
  /** SHA-256 of the mapping that it was made for, with all that the org's schema decides of it; absent until it has begun. */
  readonly basis?: string;
  readonly startedAt: string;
  /** When it last came on. */
  readonly movedAt: string;
  /** Where the planning stands: everything before was looked at. */
  readonly place: SweepPlace;
  /** What was compared, and how it differed. */
  readonly compared: SweepCounts;
  /** Pages that are stored. */
  readonly pages: number;
  /** SHA-256 over the digests of these pages, one after the other. */
  readonly pagesDigest: string;
  readonly totals: PlanTotals;
  readonly samples: PlanSamples;
  /** Salesforce calls that applying it takes, if all is as planned. */
  readonly callsToApply: number;
  /** Salesforce calls that the planning took. */
  readonly calls: number;
  readonly plannedAt?: string;
  /** Whoever applies the plan names it by this. */
  readonly hash?: string;
  readonly applying?: Applying;
  readonly endedAt?: string;
  /** Why it ended before its time: a code. */
  readonly outcome?: string;
  /** What does not fit the org, in sentences, where that is why. */
  readonly problems?: readonly string[];
  /** A worker is at it until then (epoch milliseconds). */
  readonly takenUntil?: number;
  /** Counts its changes: whoever carries it on must find the one that was read. */
  readonly version: number;
}

/** What of it changes. */
export type PlanMove = Partial<
  Omit<Plan, 'mappingId' | 'planId' | 'version' | 'startedAt' | 'takenUntil'>
> & {
  /** `undefined` gives it free. */
  readonly takenUntil?: number | undefined;
};

export type NamedPlan = Pick<Plan, 'mappingId' | 'planId'>;

/** Plans, one of each mapping at a time, and which keys are in it. */
export interface Plans {
  get(mappingId: string): Promise<Plan | undefined>;
  /**
   * Puts a new plan in the place of the one that was read, or of none.
   *
   * @returns undefined if that is another by now
   */
  begin(plan: Omit<Plan, 'version'>, over: Plan | undefined): Promise<Plan | undefined>;
  /** Undefined if somebody else has moved or replaced it since it was read. */
  move(from: Plan, move: PlanMove): Promise<Plan | undefined>;
  /** Remembers which keys are in a plan, for 7 days. */
  addKeys(plan: NamedPlan, at: string, keys: readonly string[]): Promise<void>;
  /** Those of the keys that are in it. */
  keysIn(plan: NamedPlan, keys: readonly string[]): Promise<ReadonlySet<string>>;
}
