import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import type { DirtyKeys, ParkedKey } from '../../use-cases/ports/hint-queue.ts';
import { fromItem, type RawItem, toItem } from '../attribute-values.ts';
import { inParallel, queryUpTo, readAll, type Table, tryWrite, writeAll } from '../dynamodb.ts';
import { dirtyEntry, dirtyKey, dirtyList, LIST_SHARDS, sortableTime } from '../table-layout.ts';

/** Conditional writes in flight at once; there is no batch of them. */
const WRITES_AT_ONCE = 16;

const keyOf = ({ mappingId, side, key }: ParkedKey) => dirtyKey(mappingId, side, key);

/** Nothing but this file writes these items, so their shape is known. */
const parkedOf = (item: RawItem): ParkedKey => {
  const { pk: _pk, sk: _sk, listKey: _listKey, listSort: _listSort, ...parked } = fromItem(item);
  return parked as unknown as ParkedKey;
};

/** Keys that wait, on the sync-state table. */
export class DynamoDirtyKeys implements DirtyKeys {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async park(parked: readonly ParkedKey[]): Promise<void> {
    // A key that comes twice waits as its last mention says; a batch must not hold it twice.
    const items = new Map(
      parked.map((entry) => {
        const key = keyOf(entry);
        return [key.pk, toItem({ ...entry, ...key, ...dirtyEntry(key.pk, entry.waitUntil) })];
      }),
    );
    const requests = [...items.values()].map((Item) => ({ PutRequest: { Item } }));
    await writeAll(this.#table, requests, 'parking keys');
  }

  async changedAt(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const keys = [...new Set(localKeys)].map((key) => toItem(dirtyKey(mappingId, 'local', key)));
    const items = await readAll(this.#table, keys, 'reading keys that wait', ['key', 'changedAt']);
    return new Map(
      items.flatMap(({ key, changedAt }) => (key?.S && changedAt?.S ? [[key.S, changedAt.S]] : [])),
    );
  }

  async due(at: string, limit: number, passOver: readonly string[] = []): Promise<readonly ParkedKey[]> {
    const shards = Array.from({ length: LIST_SHARDS }, (_, shard) => dirtyList(shard));
    const found = await inParallel(shards, (list) => this.#dueIn(list, at, limit, passOver), LIST_SHARDS);
    return found
      .flat()
      .sort((a, b) => (sortableTime(a.waitUntil) < sortableTime(b.waitUntil) ? -1 : 1))
      .slice(0, limit);
  }

  async release(parked: readonly ParkedKey[]): Promise<void> {
    await inParallel(parked, (entry) => this.#release(entry), WRITES_AT_ONCE);
  }

  async postpone(parked: readonly ParkedKey[], waitUntil: string): Promise<void> {
    await inParallel(parked, (entry) => this.#postpone(entry, waitUntil), WRITES_AT_ONCE);
  }

  async #postpone(entry: ParkedKey, waitUntil: string): Promise<void> {
    const key = keyOf(entry);
    const { listSort } = dirtyEntry(key.pk, waitUntil);
    await tryWrite('postponing keys', () =>
      this.#table.client.send(
        new UpdateItemCommand({
          TableName: this.#table.name,
          Key: toItem(key),
          UpdateExpression: 'SET #waitUntil = :waitUntil, listSort = :listSort ADD postponed :one',
          ConditionExpression: '#waitUntil = :asRead',
          ExpressionAttributeNames: { '#waitUntil': 'waitUntil' },
          ExpressionAttributeValues: toItem({
            ':waitUntil': waitUntil,
            ':listSort': listSort,
            ':one': 1,
            ':asRead': entry.waitUntil,
          }),
        }),
      ),
    );
  }

  async #release(entry: ParkedKey): Promise<void> {
    await tryWrite('releasing keys', () =>
      this.#table.client.send(
        new DeleteItemCommand({
          TableName: this.#table.name,
          Key: toItem(keyOf(entry)),
          ConditionExpression: '#waitUntil = :waitUntil',
          ExpressionAttributeNames: { '#waitUntil': 'waitUntil' },
          ExpressionAttributeValues: toItem({ ':waitUntil': entry.waitUntil }),
        }),
      ),
    );
  }

  async #dueIn(list: string, at: string, limit: number, passOver: readonly string[]): Promise<ParkedKey[]> {
    const others = passOver.map((mappingId, index) => [`:m${index}`, mappingId] as const);
    const query = {
      IndexName: SYNC_STATE_LIST_INDEX,
      KeyConditionExpression: 'listKey = :list AND listSort <= :at',
      ...(others.length > 0 && {
        FilterExpression: `NOT mappingId IN (${others.map(([name]) => name).join(', ')})`,
      }),
      ExpressionAttributeValues: toItem({
        ':list': list,
        ':at': sortableTime(at),
        ...Object.fromEntries(others),
      }),
    };
    const items = await queryUpTo(this.#table, query, limit, 'listing waiting keys');
    return items.map(parkedOf);
  }
}
