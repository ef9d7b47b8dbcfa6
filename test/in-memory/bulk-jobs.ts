import { toItem } from '../../shared/aws/attribute-values.ts';
import { bulkJobItems } from '../../shared/aws/bulk/bulk-job-items.ts';
import { NotFound } from '../../shared/aws/errors.ts';
import { bulkJobKey } from '../../shared/aws/table-layout.ts';
import type { BulkExecutions, BulkJob, BulkJobs } from '../../shared/use-cases/ports/bulk-jobs.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

const ENDED: ReadonlySet<BulkJob['state']> = new Set(['done', 'Failed', 'Aborted']);

/** Our records of bulk jobs, in memory. */
export class InMemoryBulkJobs implements BulkJobs {
  readonly jobs = new Map<string, BulkJob>();

  async get(bulkJobId: string): Promise<BulkJob | undefined> {
    const job = this.jobs.get(bulkJobId);
    return job && structuredClone(job);
  }

  async create(job: BulkJob): Promise<boolean> {
    const item = { ...bulkJobItems.toItem(job), ...toItem(bulkJobKey(job.bulkJobId)) };
    refuseUnstorable('recording a bulk job', item, SYNC_STATE_KEYS);
    if (this.jobs.has(job.bulkJobId)) return false;
    this.jobs.set(job.bulkJobId, structuredClone(job));
    return true;
  }

  async update(bulkJobId: string, change: Parameters<BulkJobs['update']>[1]): Promise<void> {
    const given = Object.entries(change).filter(([, value]) => value !== undefined);
    if (given.length === 0) return;
    const job = this.jobs.get(bulkJobId);
    if (!job) throw new NotFound('the bulk job');
    this.jobs.set(bulkJobId, { ...job, ...Object.fromEntries(given) });
  }

  async open(limit: number): Promise<readonly BulkJob[]> {
    return [...this.jobs.values()]
      .filter((job) => !ENDED.has(job.state))
      .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
      .slice(0, limit)
      .map((job) => structuredClone(job));
  }

  async openIds(limit: number): Promise<readonly string[]> {
    return (await this.open(limit)).flatMap(({ jobId }) => jobId ?? []);
  }
}

/** Notes what would have been started, each name once. */
export class InMemoryBulkExecutions implements BulkExecutions {
  readonly started: {
    readonly kind: 'load' | 'push';
    readonly bulkJobId: string;
    readonly mappingId: string;
  }[] = [];

  async startLoad(input: { readonly bulkJobId: string; readonly mappingId: string }): Promise<void> {
    this.#start('load', input);
  }

  async startPush(input: { readonly bulkJobId: string; readonly mappingId: string }): Promise<void> {
    this.#start('push', input);
  }

  #start(kind: 'load' | 'push', { bulkJobId, mappingId }: { bulkJobId: string; mappingId: string }): void {
    if (this.started.some((other) => other.kind === kind && other.bulkJobId === bulkJobId)) return;
    this.started.push({ kind, bulkJobId, mappingId });
  }
}
