import type { BulkJobState } from '../../contracts/salesforce.ts';

/** Our record of a job adds the time before Salesforce knows it and the time after its results were dealt with. */
export type BulkJobPhase = 'submitting' | BulkJobState | 'done';

/**
 * What may be seen next. A poll sees a job only now and then, so states in between may be skipped; none comes back.
 * A query job begins at `UploadComplete`. A phase may also be seen again, which is no transition.
 */
const NEXT: Readonly<Record<BulkJobPhase, readonly BulkJobPhase[]>> = {
  // `done` at once: nothing to send, or Salesforce took no job.
  submitting: ['Open', 'UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted', 'done'],
  Open: ['UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted', 'done'],
  UploadComplete: ['InProgress', 'JobComplete', 'Failed', 'Aborted', 'done'],
  InProgress: ['JobComplete', 'Failed', 'Aborted', 'done'],
  JobComplete: ['done'],
  Failed: ['done'],
  Aborted: ['done'],
  done: [],
};

/** Whether a job that was seen in one phase may be seen in the other afterwards. */
export const mayFollow = (before: BulkJobPhase, after: BulkJobPhase): boolean =>
  before === after || NEXT[before].includes(after);

/** Whether Salesforce will do nothing more with the job. `JobComplete` still may hold failed rows, `Failed` written ones. */
export const isTerminal = (phase: BulkJobPhase): boolean =>
  phase === 'JobComplete' || phase === 'Failed' || phase === 'Aborted' || phase === 'done';
