import type { BulkExecutions, BulkJobs, Staging } from '../ports/bulk-jobs.ts';
import type { Csv } from '../ports/csv.ts';
import type { HintQueue } from '../ports/hint-queue.ts';
import type { MappingStates } from '../ports/mapping-states.ts';
import type { OrgSlots } from '../ports/org-slots.ts';
import type { OpenMappingPorts } from '../reconciliation/open-mapping.ts';
import type { ReconcilePorts } from '../reconciliation/reconcile-records.ts';

/** What the steps of both state machines need. */
export interface BulkPorts extends OpenMappingPorts, ReconcilePorts {
  readonly mappingStates: Pick<
    MappingStates,
    | 'get'
    | 'saveSchema'
    | 'finishPass'
    | 'setBulkJob'
    | 'makeDue'
    | 'makeDueBy'
    | 'restart'
    | 'expireCheck'
    | 'setPushDue'
    | 'recordTrouble'
    | 'setRunning'
    | 'rehearseAnew'
  >;
  readonly hints: HintQueue;
  readonly slots: Pick<OrgSlots, 'allowance' | 'count'>;
  readonly bulkJobs: BulkJobs;
  readonly staging: Staging;
  readonly executions: BulkExecutions;
  readonly csv: Csv;
  /** Milliseconds that this invocation still has. */
  readonly remainingMs: () => number;
  /** Rows of a page of query results. @default 10,000 */
  readonly pageRows?: number;
  /** Records that one push sends at most; the rest is for the push that follows. @default 20,000 */
  readonly pushRecords?: number;
}
