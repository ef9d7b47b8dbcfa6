import type { BulkJobInfo } from '../../contracts/salesforce.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import type { BulkJob } from '../ports/bulk-jobs.ts';
import type { OpenMapping } from '../reconciliation/open-mapping.ts';
import type { BulkPorts } from './ports.ts';

/** Salesforce's `createdDate` and `Date` header carry whole seconds, and the request itself took a moment. */
const CLOCK_TOLERANCE_MS = 5_000;
/** More of our jobs than ever run at once; the oldest come first. */
const OPEN_JOBS_LIMIT = 1_000;

/**
 * Aborts the jobs in Salesforce that an earlier try at submitting `job` left behind: created by our user for the same
 * object and operation since `job` began, and known to no job of ours. The Bulk API gives a client no way to
 * name a job, so that is all there is to tell them by; a connection's user must not run bulk jobs of other origin.
 * Costs one call, and one for each orphan.
 */
export async function abortOrphans(
  ports: Pick<BulkPorts, 'bulkJobs'>,
  open: Pick<OpenMapping, 'connection' | 'org'>,
  job: BulkJob,
): Promise<void> {
  const inOrg = await open.org.bulk.listOpen(job.kind);
  const known = new Set([job.jobId, ...(await ports.bulkJobs.openIds(OPEN_JOBS_LIMIT))]);
  const since = Date.parse(job.startedAt) + open.org.clockSkewMs() - CLOCK_TOLERANCE_MS;
  const isOrphan = (info: BulkJobInfo): boolean =>
    isSameId(info.createdById, open.connection.sfUserId) &&
    info.sObject === job.sObject &&
    info.operation === job.operation &&
    Date.parse(info.createdAt) >= since &&
    !known.has(info.jobId);
  const orphans = inOrg.filter(isOrphan);
  for (const orphan of orphans) await open.org.bulk.abort(job.kind, orphan.jobId);
}

const isSameId = (a: string, b: string): boolean => (parseId(a) ?? a) === (parseId(b) ?? b);
