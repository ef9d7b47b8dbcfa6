import type { Clock } from '../../../contracts/clock.ts';
import type { WorkClass } from '../../../sync/allowance/work-class.ts';
import type { PlanEntry } from '../../../sync/plan/entry.ts';
import type { Staging } from '../../ports/bulk-jobs.ts';
import type { History } from '../../ports/history.ts';
import type { Journal } from '../../ports/journal.ts';
import type { LinkPages } from '../../ports/link-pages.ts';
import type { MappingStates, RunCounts } from '../../ports/mapping-states.ts';
import type { Plan, PlanMove, Plans } from '../../ports/plans.ts';
import type { OpenMapping, OpenMappingPorts } from '../open-mapping.ts';
import type { ReconcilePorts } from '../records/work.ts';

export interface PlanPorts extends ReconcilePorts, Pick<OpenMappingPorts, 'config' | 'connections' | 'orgs'> {
  readonly mappingStates: ReconcilePorts['mappingStates'] &
    Pick<
      MappingStates,
      | 'get'
      | 'claim'
      | 'saveSchema'
      | 'expireCheck'
      | 'foresee'
      | 'restart'
      | 'makeDueBy'
      | 'setPlanDue'
      | 'setRunning'
    >;
  readonly plans: Plans;
  /** Says what the org's next calls are for. */
  readonly beginWork?: (work: WorkClass) => void;
  readonly staging: Staging;
  readonly linkPages: LinkPages;
  readonly history: Pick<History, 'ofRecord' | 'between'>;
  readonly journal: Journal;
  readonly clock: Clock;
  /** Milliseconds in which this turn may begin something more. */
  readonly remainingMs: () => number;
}

/** A turn's plan, with the mapping that it is for; `current` is the plan as this turn has moved it. */
export interface PlanTurn {
  readonly ports: PlanPorts;
  readonly open: OpenMapping;
  current: Plan;
  /** What this turn has done of it. */
  counts: RunCounts;
}

/** What a step of planning has found. */
export interface PlanStep {
  readonly pages: readonly (readonly PlanEntry[])[];
  /** Where the plan stands after it. */
  readonly move: PlanMove;
  readonly isLast: boolean;
}

/** What a turn came to; `waitMs` until it can go on where it is. */
export type TurnEnd = 'done' | 'continue' | 'taken-over' | { readonly waitMs: number };
