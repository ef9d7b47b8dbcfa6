import type { BulkState } from '../../contracts/bulk-steps.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import type { ClosedMapping } from '../reconciliation/open-mapping.ts';

type Outcome = NonNullable<BulkState['outcome']>;
type Optional = Exclude<keyof BulkState, 'bulkJobId' | 'mappingId'>;

/** The state as it goes on: what the step changed, and none of the last step's outcome. */
export function proceed(state: BulkState, outcome: Outcome, change: Partial<BulkState> = {}): BulkState {
  const { waitSeconds: _waited, reason: _past, ...lasting } = state;
  return { ...lasting, ...change, outcome };
}

/** The state without these entries: what is absent is absent, so that a Choice state can ask `IsPresent`. */
export function without(state: BulkState, ...names: readonly Optional[]): BulkState {
  const left = { ...state };
  for (const name of names) delete left[name];
  return left;
}

/** Nothing more can be done here until a person acts. */
export const stopped = (state: BulkState, reason: string): BulkState => proceed(state, 'stopped', { reason });

/** The mapping cannot be worked on now. */
export const stoppedAsClosed = (state: BulkState, { reason }: ClosedMapping): BulkState =>
  stopped(state, `The mapping cannot be worked on now: ${reason}.`);

/** Our record of the job is closed, by the clean-up for example: no step has anything left to do for it. */
export const stoppedAsEnded = (state: BulkState, job: Pick<BulkJob, 'state'>): BulkState =>
  stopped(state, `The bulk job has ended already (${job.state}).`);

/** The job came to nothing. */
export const failed = (state: BulkState, reason: string): BulkState => proceed(state, 'failed', { reason });

/** The job's time is up. */
export const overdue = (state: BulkState): BulkState =>
  proceed(state, 'overdue', { reason: 'The job did not end within its time.' });
