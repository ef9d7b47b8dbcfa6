import type { FieldDefinition } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { csvKeys, type Job, jobHead, modeKeys } from './jobs.ts';

/** What became of one row. */
export type RowOutcome =
  | { readonly kind: 'done'; readonly id: string; readonly created: boolean }
  | { readonly kind: 'failed'; readonly id: string; readonly error: string };

/** An ingest job and what became of its rows. */
export interface IngestJob extends Job {
  readonly definition: ObjectDefinition;
  readonly key: FieldDefinition | undefined;
  csv: string | undefined;
  /** The header line's cells; none until the upload is complete. */
  headers: string[];
  /** Rows that are not processed yet; in a job that has ended, the unprocessed ones. */
  pending: string[][];
  /** Why the CSV cannot be read. */
  csvMistake: string | undefined;
  done: { readonly cells: string[]; readonly outcome: RowOutcome }[];
}

/** The `jobType` of jobs that Bulk API 2.0 itself made. */
export const JOB_TYPE = 'V2Ingest';

/** Where the job's CSV is uploaded to; the platform writes it without a leading slash. */
export const contentUrlOf = ({ version, id }: Job): string =>
  `services/data/v${version}/jobs/ingest/${id}/batches`;

/** The key that names an upsert's external id. */
export const keyName = (job: IngestJob) => (job.key ? { externalIdFieldName: job.key.name } : {});

/** The full description of an ingest job. */
export function ingestJobBody(job: IngestJob): Record<string, unknown> {
  const failed = job.done.filter(({ outcome }) => outcome.kind === 'failed').length;
  return {
    ...jobHead(job),
    ...keyName(job),
    ...modeKeys(job),
    jobType: JOB_TYPE,
    ...(job.state === 'Open' ? { contentUrl: contentUrlOf(job) } : {}),
    ...csvKeys(job),
    numberRecordsProcessed: job.done.length,
    numberRecordsFailed: failed,
    retries: 0,
    totalProcessingTime: job.processingMs,
    apiActiveProcessingTime: job.processingMs,
    apexProcessingTime: 0,
    ...(job.errorMessage === undefined ? {} : { errorMessage: job.errorMessage }),
  };
}
