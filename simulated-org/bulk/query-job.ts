import type { QueryPlan } from '../soql/soql-to-sql.ts';
import { csvKeys, type Job, jobHead, modeKeys } from './jobs.ts';

/** A query job; its rows are read at one moment while it is in progress. */
export interface QueryJob extends Job {
  readonly plan: QueryPlan;
  rows: string[][] | undefined;
}

/** The full description of a query job. */
export function queryJobBody(job: QueryJob): Record<string, unknown> {
  return {
    ...jobHead(job),
    ...modeKeys(job),
    jobType: 'V2Query',
    ...csvKeys(job),
    numberRecordsProcessed: job.state === 'UploadComplete' ? 0 : (job.rows?.length ?? 0),
    retries: 0,
    totalProcessingTime: job.processingMs,
    isPkChunkingSupported: !job.plan.hasOrder,
    ...(job.errorMessage === undefined ? {} : { errorMessage: job.errorMessage }),
  };
}
