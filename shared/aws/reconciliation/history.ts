import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { SYNC_STATE_TABLE } from '../../contracts/tables.ts';
import { newestFirst } from '../../sync/history/newest-first.ts';
import type { History, HistoryLine, TimeRange } from '../../use-cases/ports/history.ts';
import type { RawItem } from '../attribute-values.ts';
import { queryUpTo, readListed, type Table, writeAll } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { allOf, between, equals, queryOf } from '../expressions.ts';
import { historyList, historyPartition, LIST_SHARDS, PAGE_ITEMS, sortableTime } from '../table-layout.ts';
import { historyItems } from './history-items.ts';

const { partitionKey, sortKey, listPartitionKey, listSortKey } = SYNC_STATE_TABLE;
/** The four parts of a place in a list, all of them text. */
const PLACE = [partitionKey, sortKey, listPartitionKey, listSortKey] as const;
/** So many lines of a pair can stand behind one that a clock put before them. */
const OUT_OF_ORDER = 4;
/** Before and after every time that a line may have. */
const ALWAYS: TimeRange = { from: '0000', to: '9999' };

/** The history on the sync-state table. */
export class DynamoHistory implements History {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async ofRecord(mappingId: string, localKey: string, limit: number): Promise<readonly HistoryLine[]> {
    const query = {
      ConsistentRead: true,
      ScanIndexForward: false,
      ...queryOf({ key: equals(partitionKey, historyPartition(mappingId, localKey)) }),
    };
    const items = await queryUpTo(this.#table, query, limit + OUT_OF_ORDER, 'reading the history');
    return newestFirst(readListed(this.#table, items, historyItems.fromItem)).slice(0, limit);
  }

  async between(mappingId: string, { from, to }: TimeRange, after?: string) {
    const range = { from: sortableTime(from), to: sortableTime(to) };
    const { items, next } = await this.#page(mappingId, range, after);
    const lines = readListed(this.#table, items, historyItems.fromItem);
    return { lines, ...(next !== undefined && { next }) };
  }

  async drop(mappingId: string): Promise<number> {
    let dropped = 0;
    let after: string | undefined;
    do {
      const { items, next } = await this.#page(mappingId, ALWAYS, after);
      const requests = items.flatMap(({ [partitionKey]: pk, [sortKey]: sk }) =>
        pk && sk ? [{ DeleteRequest: { Key: { [partitionKey]: pk, [sortKey]: sk } } }] : [],
      );
      await writeAll(this.#table, requests, 'deleting the history');
      dropped += requests.length;
      after = next;
    } while (dropped === 0 && after !== undefined);
    return dropped;
  }

  /** One request. */
  async #page(mappingId: string, { from, to }: TimeRange, after: string | undefined) {
    const [shard, start] = placeOf(after);
    const list = historyList(mappingId, shard);
    const key = allOf(equals(listPartitionKey, list), between(listSortKey, from, to));
    const { Items: items = [], LastEvaluatedKey: last } = await attempt('reading the history', () =>
      this.#table.client.send(
        new QueryCommand({
          TableName: this.#table.name,
          IndexName: SYNC_STATE_LIST_INDEX,
          Limit: PAGE_ITEMS.history,
          ...queryOf({ key }),
          ...(start && { ExclusiveStartKey: start }),
        }),
      ),
    );
    const next = last ? [shard, ...PLACE.map((name) => last[name]?.S)] : [shard + 1];
    return { items, ...((last || shard + 1 < LIST_SHARDS) && { next: JSON.stringify(next) }) };
  }
}

/** What is no place begins anew. */
const placeOf = (after: string | undefined): [number, RawItem | undefined] => {
  try {
    const [shard, ...place]: unknown[] = JSON.parse(after ?? '[0]');
    const isShard = typeof shard === 'number' && Number.isInteger(shard) && shard >= 0 && shard < LIST_SHARDS;
    if (!isShard) return [0, undefined];
    if (place.length !== PLACE.length) return [shard, undefined];
    return [shard, Object.fromEntries(PLACE.map((name, index) => [name, { S: String(place[index]) }]))];
  } catch {
    return [0, undefined];
  }
};
