import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { SYNC_STATE_TABLE, TTL_ATTRIBUTE } from '../../contracts/tables.ts';
import { isoOf } from '../../contracts/time.ts';
import type { BulkJob, BulkJobs } from '../../use-cases/ports/bulk-jobs.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { queryUpTo, readListed, type Table, tryWrite } from '../dynamodb.ts';
import { attempt, NotFound } from '../errors.ts';
import { conditionOf, equals, exists, isAbsent, queryOf, updateOf } from '../expressions.ts';
import { bulkJobKey, expiryAfter, KEPT_DAYS, OPEN_BULK_JOBS, sortableTime } from '../table-layout.ts';
import { bulkJobItems } from './bulk-job-items.ts';

/** The end states: a job never leaves them. */
const ENDED: ReadonlySet<BulkJob['state']> = new Set(['done', 'Failed', 'Aborted']);

/** Our records of bulk jobs, on the sync-state table; those that have ended leave after 30 days. */
export class DynamoBulkJobs implements BulkJobs {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(bulkJobId: string): Promise<BulkJob | undefined> {
    const { Item } = await attempt('reading a bulk job', () =>
      this.#table.client.send(
        new GetItemCommand({
          TableName: this.#table.name,
          Key: toItem(bulkJobKey(bulkJobId)),
          ConsistentRead: true,
        }),
      ),
    );
    return Item && bulkJobItems.fromItem(Item);
  }

  async create(job: BulkJob): Promise<boolean> {
    const list = { listKey: OPEN_BULK_JOBS, listSort: sortableTime(job.startedAt) };
    return tryWrite('recording a bulk job', () =>
      this.#table.client.send(
        new PutItemCommand({
          TableName: this.#table.name,
          Item: {
            ...bulkJobItems.toItem(job),
            ...toItem({ ...bulkJobKey(job.bulkJobId), ...(!ENDED.has(job.state) && list) }),
          },
          ...conditionOf(isAbsent(SYNC_STATE_TABLE.partitionKey)),
        }),
      ),
    );
  }

  async update(bulkJobId: string, change: Parameters<BulkJobs['update']>[1]): Promise<void> {
    if (Object.values(change).every((value) => value === undefined)) return;
    const hasEnded = change.state !== undefined && ENDED.has(change.state);
    const at = change.updatedAt ?? isoOf(Date.now());
    const { listPartitionKey, listSortKey } = SYNC_STATE_TABLE;
    const update = hasEnded
      ? {
          set: { ...change, [TTL_ATTRIBUTE]: expiryAfter(at, KEPT_DAYS.endedBulkJob) },
          remove: [listPartitionKey, listSortKey],
        }
      : { set: change };
    const Key = toItem(bulkJobKey(bulkJobId));
    const isDone = await tryWrite('changing a bulk job', () =>
      this.#table.client.send(
        new UpdateItemCommand({
          TableName: this.#table.name,
          Key,
          ...updateOf(update, exists('bulkJobId')),
        }),
      ),
    );
    if (!isDone) throw new NotFound('the bulk job');
  }

  async open(limit: number): Promise<readonly BulkJob[]> {
    return readListed(this.#table, await this.#openItems(limit), bulkJobItems.fromItem);
  }

  async openIds(limit: number): Promise<readonly string[]> {
    return (await this.#openItems(limit)).flatMap(({ jobId }) => jobId?.S ?? []);
  }

  #openItems(limit: number): Promise<RawItem[]> {
    const query = {
      IndexName: SYNC_STATE_LIST_INDEX,
      ...queryOf({ key: equals(SYNC_STATE_TABLE.listPartitionKey, OPEN_BULK_JOBS) }),
    };
    return queryUpTo(this.#table, query, limit, 'listing open bulk jobs');
  }
}
