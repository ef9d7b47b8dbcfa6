import { estimateOf, type PlanEstimate } from '../../sync/plan/estimate.ts';
import type { PlanDue } from '../ports/mapping-states.ts';
import type { Plan, PlannedUndo } from '../ports/plans.ts';

/** A plan as an operator sees it. */
export interface ShownPlan
  extends Omit<
    Plan,
    | 'version'
    | 'place'
    | 'pagesDigest'
    | 'basis'
    | 'template'
    | 'takenUntil'
    | 'callsToApply'
    | 'outcome'
    | 'applying'
    | 'undo'
  > {
  readonly undo?: Omit<PlannedUndo, 'after'>;
  /** What applying it takes; of a plan that is still being made, of what there is. */
  readonly toApply: PlanEstimate;
  readonly applying?: Omit<NonNullable<Plan['applying']>, 'digest' | 'page'> & { readonly pagesLeft: number };
  /** `under-way`, `planned`, `applied`, or the code of what ended it before its time. */
  readonly outcome: string;
  /** Until when it waits for something, and for what: a code. */
  readonly waits?: { readonly until: string; readonly reason: string };
}

/** Without what is the worker's alone. */
export const shown = (plan: Plan, due: PlanDue | undefined): ShownPlan => ({
  ...shownOf(plan),
  ...(due?.planId === plan.planId &&
    due.reason !== undefined && { waits: { until: due.at, reason: due.reason } }),
});

const shownOf = ({
  version,
  place,
  pagesDigest,
  basis,
  template,
  takenUntil,
  callsToApply,
  applying,
  outcome,
  undo,
  ...plan
}: Plan): ShownPlan => {
  const ended = plan.phase === 'planned' || plan.phase === 'applied' ? plan.phase : 'under-way';
  return {
    ...plan,
    outcome: outcome ?? ended,
    toApply: estimateOf(plan.totals, plan.pages, callsToApply),
    ...(undo && { undo: undoShown(undo) }),
    ...(applying && { applying: applyingShown(applying) }),
  };
};

const undoShown = ({ after: _, ...undo }: PlannedUndo) => undo;

const applyingShown = ({ digest, page, ...far }: NonNullable<Plan['applying']>) => ({
  ...far,
  pagesLeft: page,
});
