import type { BulkJobPhase } from '../../sync/bulk-job/transitions.ts';

/** Our record of one Step Functions execution that drives a Bulk API 2.0 job. */
export interface BulkJob {
  /** Ours: part of the execution's name. */
  readonly bulkJobId: string;
  readonly mappingId: string;
  readonly connectionId: string;
  readonly kind: 'query' | 'ingest';
  /** `submitting` until Salesforce's id is stored. */
  readonly state: BulkJobPhase;
  /** Salesforce's id, once known. */
  readonly jobId?: string;
  readonly sObject: string;
  readonly operation: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly deadlineAt: string;
  readonly jobCreatedAt?: string;
  readonly updatedAt: string;
}

export interface BulkJobs {
  get(bulkJobId: string): Promise<BulkJob | undefined>;
  /** False if it exists already. */
  create(job: BulkJob): Promise<boolean>;
  /** A change of nothing is no write. Throws `NotFound` for a job that does not exist. */
  update(
    bulkJobId: string,
    change: Partial<Pick<BulkJob, 'state' | 'jobId' | 'jobCreatedAt' | 'updatedAt'>>,
  ): Promise<void>;
  /** Jobs of all mappings that have not ended, oldest first. */
  open(limit: number): Promise<readonly BulkJob[]>;
  /** Salesforce's ids of the same jobs, where they are known: also of one whose record cannot be read otherwise. */
  openIds(limit: number): Promise<readonly string[]>;
}

/** Where CSV rests between steps. Keys begin with the bulk job's id. */
export interface Staging {
  put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array): Promise<{ readonly bodyBytes: number }>;
  get(key: string): Promise<AsyncIterable<Uint8Array>>;
  list(prefix: string): Promise<readonly { readonly key: string; readonly bodyBytes: number }[]>;
}

/** Starts executions; a name that exists already counts as started. */
export interface BulkExecutions {
  startLoad(input: { readonly bulkJobId: string; readonly mappingId: string }): Promise<void>;
  startPush(input: { readonly bulkJobId: string; readonly mappingId: string }): Promise<void>;
}
