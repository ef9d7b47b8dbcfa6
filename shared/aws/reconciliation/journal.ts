import { QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { SYNC_STATE_TABLE, TTL_ATTRIBUTE, VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import type { Conflict, Journal, Rejection, SyncRun } from '../../use-cases/ports/journal.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { queryUpTo, readAll, type Table, writeAll } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { equals, queryOf, updateOf } from '../expressions.ts';
import {
  conflictList,
  conflictPartition,
  expiryAfter,
  KEPT_DAYS,
  rejectionKey,
  rejectionList,
  runKey,
  runList,
  type StateKey,
  sortableTime,
} from '../table-layout.ts';
import {
  conflictKeyOf,
  conflictOf,
  countAttributes,
  rejectionItems,
  rejectionPlace,
  rejectionPlaceOf,
  runItems,
  runOf,
  storedConflict,
} from './journal-items.ts';

/** A listing of the index, newest first. */
const newestOf = (list: string) => ({
  IndexName: SYNC_STATE_LIST_INDEX,
  ...queryOf({ key: equals(SYNC_STATE_TABLE.listPartitionKey, list) }),
  ScanIndexForward: false,
});

/** Where a rejection stands, in the table and in its listing. */
const rejectionPosition = ({ mappingId, key, at }: Pick<Rejection, 'mappingId' | 'key' | 'at'>) => ({
  ...rejectionKey(mappingId, key),
  listKey: rejectionList(mappingId),
  listSort: sortableTime(at),
});

/** The journal on the sync-state table. Listings are eventually consistent, usually within a second. */
export class DynamoJournal implements Journal {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async recordConflicts(conflicts: readonly Conflict[]): Promise<void> {
    await this.#put(
      'recording conflicts',
      conflicts.map((conflict) => ({ key: conflictKeyOf(conflict), item: storedConflict(conflict) })),
    );
  }

  async conflicts(mappingId: string, limit: number): Promise<readonly Conflict[]> {
    const items = await this.#newest(conflictList(mappingId), limit);
    return items.map(conflictOf);
  }

  async conflictsOf(mappingId: string, localKey: string, limit: number): Promise<readonly Conflict[]> {
    const query = {
      ConsistentRead: true,
      ScanIndexForward: false,
      ...queryOf({ key: equals(SYNC_STATE_TABLE.partitionKey, conflictPartition(mappingId, localKey)) }),
    };
    const items = await queryUpTo(this.#table, query, limit, 'reading the journal');
    return items.map(conflictOf);
  }

  async recordRejections(rejections: readonly Rejection[]): Promise<void> {
    await this.#put(
      'recording rejections',
      rejections.map((rejection) => {
        const { pk, sk, ...list } = rejectionPosition(rejection);
        return { key: { pk, sk }, item: { ...rejectionItems.toItem(rejection), ...toItem(list) } };
      }),
    );
  }

  /** Reads first: most keys were never rejected, and a read costs a fifth of a delete. */
  async clearRejections(mappingId: string, keys: readonly string[]): Promise<void> {
    const stateKeys = [...new Set(keys)].map((key) => toItem(rejectionKey(mappingId, key)));
    const found = await readAll(this.#table, stateKeys, 'clearing rejections', ['pk', 'sk']);
    const requests = found.map((Key) => ({ DeleteRequest: { Key } }));
    await writeAll(this.#table, requests, 'clearing rejections');
  }

  async rejections(mappingId: string, limit: number): Promise<readonly Rejection[]> {
    const items = await this.#newest(rejectionList(mappingId), limit);
    return items.map(rejectionItems.fromItem);
  }

  async rejectionsPage(mappingId: string, limit: number, after?: string) {
    const start = rejectionPlaceOf(after);
    const { Items = [], LastEvaluatedKey } = await attempt('reading the journal', () =>
      this.#table.client.send(
        new QueryCommand({
          TableName: this.#table.name,
          Limit: limit,
          ...newestOf(rejectionList(mappingId)),
          ...(start && { ExclusiveStartKey: toItem(rejectionPosition({ mappingId, ...start })) }),
        }),
      ),
    );
    const rejections = Items.map(rejectionItems.fromItem);
    const last = rejections.at(-1);
    return { rejections, ...(LastEvaluatedKey && last && { next: rejectionPlace(last) }) };
  }

  async rejectionsOf(mappingId: string, keys: readonly string[]): Promise<readonly Rejection[]> {
    const stateKeys = [...new Set(keys)].map((key) => toItem(rejectionKey(mappingId, key)));
    const items = await readAll(this.#table, stateKeys, 'reading the journal');
    return items.map(rejectionItems.fromItem);
  }

  async run(mappingId: string, runId: string): Promise<SyncRun | undefined> {
    const [item] = await readAll(this.#table, [toItem(runKey(mappingId, runId))], 'reading the journal');
    return item && runOf(item);
  }

  async recordRun(run: SyncRun): Promise<void> {
    const { mappingId, runId, cause, startedAt, endedAt, counts } = run;
    const setOnce = {
      mappingId,
      runId,
      cause,
      startedAt,
      listKey: runList(mappingId),
      listSort: sortableTime(startedAt),
      [TTL_ATTRIBUTE]: expiryAfter(startedAt, KEPT_DAYS.run),
      [VERSION_ATTRIBUTE]: runItems.version,
    };
    await attempt('recording a run', () =>
      this.#table.client.send(
        new UpdateItemCommand({
          TableName: this.#table.name,
          Key: toItem(runKey(mappingId, runId)),
          ...updateOf({ setOnce, set: { endedAt }, add: countAttributes(counts) }),
        }),
      ),
    );
  }

  async runs(mappingId: string, limit: number): Promise<readonly SyncRun[]> {
    const items = await this.#newest(runList(mappingId), limit);
    return items.map(runOf);
  }

  async #put(
    what: string,
    entries: readonly { readonly key: StateKey; readonly item: RawItem }[],
  ): Promise<void> {
    // DynamoDB refuses a batch with the same key twice. The last entry counts, as if all were written in turn.
    const items = new Map(entries.map(({ key, item }) => [JSON.stringify(key), { ...item, ...toItem(key) }]));
    await writeAll(
      this.#table,
      [...items.values()].map((Item) => ({ PutRequest: { Item } })),
      what,
    );
  }

  async #newest(list: string, limit: number): Promise<RawItem[]> {
    return queryUpTo(this.#table, newestOf(list), limit, 'reading the journal');
  }
}
