import { ApiError, notFound } from '../errors/api-error.ts';
import type { SimulatedClock } from '../org/clock.ts';
import { type IdSequence, parseId } from '../org/ids.ts';
import { toStoredDatetime, toWireDatetime } from '../store/values.ts';
import type { CsvFormat } from './csv-format.ts';

/** States of a job; the last three are final. */
export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

/** What query and ingest jobs have in common. */
export interface Job extends CsvFormat {
  readonly id: string;
  readonly operation: string;
  readonly object: string;
  readonly createdById: string;
  readonly createdDate: string;
  readonly version: string;
  systemModstamp: string;
  state: JobState;
  startedMs: number;
  processingMs: number;
  errorMessage: string | undefined;
}

/** Which state may follow which. */
const TRANSITIONS: Readonly<Record<JobState, readonly JobState[]>> = {
  Open: ['UploadComplete', 'Aborted', 'Failed'],
  UploadComplete: ['InProgress', 'Aborted', 'Failed'],
  InProgress: ['JobComplete', 'Aborted', 'Failed'],
  JobComplete: [],
  Failed: [],
  Aborted: [],
};

/** A list answers with at most this many jobs. */
const LIST_ROWS = 1_000;

/** Whether a job has ended. */
export const isFinal = (job: Job): boolean => TRANSITIONS[job.state].length === 0;

/** The jobs of one kind of one org. */
export class JobStore<T extends Job> {
  readonly #jobs = new Map<string, T>();
  readonly #clock: SimulatedClock;
  readonly #ids: IdSequence;

  constructor(clock: SimulatedClock, ids: IdSequence) {
    this.#clock = clock;
    this.#ids = ids;
  }

  /** The common part of a new job. */
  begin(
    fields: Pick<
      Job,
      'operation' | 'object' | 'createdById' | 'version' | 'lineEnding' | 'columnDelimiter' | 'state'
    >,
  ): Job {
    const now = toStoredDatetime(this.#clock.nowSecondMs());
    return {
      ...fields,
      id: this.#ids.next('750'),
      createdDate: now,
      systemModstamp: now,
      startedMs: this.#clock.now(),
      processingMs: 0,
      errorMessage: undefined,
    };
  }

  /** Keeps a job. */
  add(job: T): T {
    this.#jobs.set(job.id, job);
    return job;
  }

  /** The job of that id; throws `NOT_FOUND`. */
  find(idText: string): T {
    const job = this.#jobs.get(parseId(idText) ?? '');
    if (!job) throw notFound();
    return job;
  }

  /** All jobs, oldest first. */
  all(): T[] {
    return [...this.#jobs.values()];
  }

  /** At most a thousand jobs from `offset` on. */
  page(offset: number): { jobs: T[]; nextOffset: number | undefined } {
    const all = this.all();
    const end = offset + LIST_ROWS;
    return { jobs: all.slice(offset, end), nextOffset: end < all.length ? end : undefined };
  }

  /**
   * Moves a job to its next state.
   *
   * @throws ApiError `INVALIDJOBSTATE` for a step that its state does not allow
   */
  move(job: T, state: JobState, errorMessage?: string): void {
    if (!TRANSITIONS[job.state].includes(state)) {
      const message =
        state === 'UploadComplete'
          ? 'Closing already Completed Job not allowed'
          : `Job in state ${job.state} cannot become ${state}`;
      throw new ApiError(400, 'INVALIDJOBSTATE', message);
    }
    job.state = state;
    job.errorMessage = errorMessage;
    job.systemModstamp = toStoredDatetime(this.#clock.nowSecondMs());
    if (isFinal(job)) job.processingMs = Math.max(0, Math.round(this.#clock.now() - job.startedMs));
  }

  /**
   * Deletes a job that has ended.
   *
   * @param alsoIn - a state in which such a job may be deleted although it has not ended
   * @throws ApiError `API_ERROR` for a job in any other state
   */
  delete(job: T, alsoIn?: JobState): void {
    if (!isFinal(job) && job.state !== alsoIn) {
      throw new ApiError(
        400,
        'API_ERROR',
        'Error encountered when deleting the job because the job is not terminated',
      );
    }
    this.#jobs.delete(job.id);
  }
}

/** The keys that every answer about a job has. */
export function jobHead(job: Job): Record<string, unknown> {
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: job.createdById,
    createdDate: toWireDatetime(job.createdDate),
    systemModstamp: toWireDatetime(job.systemModstamp),
    state: job.state,
  };
}

/** How the job's CSV is written. */
export const csvKeys = (job: Job) => ({ lineEnding: job.lineEnding, columnDelimiter: job.columnDelimiter });

/** The keys that say how the job is run. */
export const modeKeys = (job: Job) => ({
  concurrencyMode: 'Parallel',
  contentType: 'CSV',
  apiVersion: Number(job.version),
});

/** Reads the state that a client may ask for. */
export function readWantedState(body: Record<string, unknown>, allowed: readonly JobState[]): JobState {
  const wanted = allowed.find((state) => state === body.state);
  if (!wanted) throw new ApiError(400, 'INVALIDJOBSTATE', `state must be one of ${allowed.join(', ')}`);
  return wanted;
}

/** The refusal of a request for the results of a job that has none yet. */
export const resultsNotReady = ({ state }: Job): ApiError =>
  new ApiError(400, 'INVALIDJOBSTATE', `results are not available: the job is in state ${state}`);
