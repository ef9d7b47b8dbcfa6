import { DeleteItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { SYNC_STATE_TABLE, VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import type { DirtyKeys, ParkedKey } from '../../use-cases/ports/hint-queue.ts';
import { toItem } from '../attribute-values.ts';
import { inParallel, queryUpTo, readAll, readListed, type Table, tryWrite, writeAll } from '../dynamodb.ts';
import { allOf, conditionOf, equals, isAtMost, isNoneOf, queryOf, updateOf } from '../expressions.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';
import { dirtyEntry, dirtyKey, dirtyList, LIST_SHARDS, sortableTime } from '../table-layout.ts';

/** Conditional writes in flight at once; DynamoDB has no batch of them. */
const WRITES_AT_ONCE = 16;

/** True unless the key was parked anew, which gives it another time. */
const isAsRead = ({ waitUntil }: ParkedKey) => equals('waitUntil', waitUntil);

const keyOf = ({ mappingId, side, key }: ParkedKey) => dirtyKey(mappingId, side, key);

const parkedKeyItems = storedItems<ParkedKey>(
  'waiting keys',
  z.object({
    mappingId: z.string(),
    side: z.enum(['local', 'remote']),
    key: z.string(),
    waitUntil: z.string(),
    reason: z.string(),
    postponed: z.exactOptional(z.number()),
    changedAt: z.exactOptional(z.string()),
  } satisfies ShapeOf<ParkedKey>),
);

/** The part of a waiting key that says when its item was changed. */
const changeItems = storedItems<Pick<ParkedKey, 'key' | 'changedAt'>>(
  'waiting keys',
  z.object({ key: z.string(), changedAt: z.exactOptional(z.string()) }),
);

/** Keys that wait, on the sync-state table. */
export class DynamoDirtyKeys implements DirtyKeys {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async park(parked: readonly ParkedKey[]): Promise<void> {
    // DynamoDB refuses a batch with the same key twice. The last entry counts.
    const items = new Map(
      parked.map((entry) => {
        const key = keyOf(entry);
        const place = toItem({ ...key, ...dirtyEntry(key.pk, entry.waitUntil) });
        return [key.pk, { ...parkedKeyItems.toItem(entry), ...place }];
      }),
    );
    const requests = [...items.values()].map((Item) => ({ PutRequest: { Item } }));
    await writeAll(this.#table, requests, 'parking keys');
  }

  async changedAt(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const keys = [...new Set(localKeys)].map((key) => toItem(dirtyKey(mappingId, 'local', key)));
    const items = await readAll(this.#table, keys, 'reading keys that wait', [
      'key',
      'changedAt',
      VERSION_ATTRIBUTE,
    ]);
    const changes = items.map(changeItems.fromItem);
    return new Map(
      changes.flatMap(({ key, changedAt }) => (changedAt === undefined ? [] : [[key, changedAt]])),
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
          ...updateOf({ set: { waitUntil, listSort }, add: { postponed: 1 } }, isAsRead(entry)),
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
          ...conditionOf(isAsRead(entry)),
        }),
      ),
    );
  }

  async #dueIn(list: string, at: string, limit: number, passOver: readonly string[]): Promise<ParkedKey[]> {
    const query = {
      IndexName: SYNC_STATE_LIST_INDEX,
      ...queryOf({
        key: allOf(
          equals(SYNC_STATE_TABLE.listPartitionKey, list),
          isAtMost(SYNC_STATE_TABLE.listSortKey, sortableTime(at)),
        ),
        ...(passOver.length > 0 && { filter: isNoneOf('mappingId', passOver) }),
      }),
    };
    const items = await queryUpTo(this.#table, query, limit, 'listing waiting keys');
    return readListed(this.#table, items, parkedKeyItems.fromItem);
  }
}
