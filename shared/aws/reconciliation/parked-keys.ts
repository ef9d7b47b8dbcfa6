import { DeleteItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Clock, nowIso } from '../../contracts/clock.ts';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { SYNC_STATE_TABLE } from '../../contracts/tables.ts';
import { must } from '../../sync/assert.ts';
import { type ParkedKey, type ParkedKeyName, type Parking, parkOnTop } from '../../sync/reconcile/parking.ts';
import type { ParkedKeys } from '../../use-cases/ports/parked-keys.ts';
import type { AwaitedParent, Awaiting } from '../../use-cases/ports/waiting-children.ts';
import { toItem } from '../attribute-values.ts';
import { inParallel, queryUpTo, readAll, readListed, type Table, tryWrite } from '../dynamodb.ts';
import { LostRace } from '../errors.ts';
import {
  allOf,
  conditionOf,
  equals,
  isAbsent,
  isAtMost,
  isNoneOf,
  queryOf,
  updateOf,
} from '../expressions.ts';
import { inRounds } from '../rounds.ts';
import {
  BUCKETS,
  LIST_SHARDS,
  parkedEntry,
  parkedKey,
  parkedList,
  parkedPartition,
  sortableTime,
} from '../table-layout.ts';
import { pageOfBuckets } from './bucket-pages.ts';
import { parkedItem, parkedItemKey, parkedKeyItems } from './parked-key-items.ts';
import { addWaiting, removeWaiting, whoWaitsFor } from './waiting-children.ts';

/** Conditional writes in flight at once; DynamoDB has no batch of them. */
const WRITES_AT_ONCE = 16;
/** A key that waits is some 300 bytes. */
const PAGE_ITEMS = 1_000;
/** Others that park or release the same keys at the same moment are few. */
const ROUNDS = 6;

const idOf = ({ mappingId, kind, key }: ParkedKeyName): string => JSON.stringify([mappingId, kind, key]);

/** True unless the key was parked again, which counts its version up. */
const isAsRead = ({ version }: ParkedKey) => equals('version', version);

/** Keys that wait, on the sync-state table. */
export class DynamoParkedKeys implements ParkedKeys {
  readonly #table: Table;
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(table: Table, clock: Pick<Clock, 'nowMs'>) {
    this.#table = table;
    this.#clock = clock;
  }

  async park(parkings: readonly Parking[]): Promise<void> {
    if (parkings.length === 0) return;
    let left = [...Map.groupBy(parkings, idOf).values()];
    await inRounds<void>(
      ROUNDS,
      async () => {
        const stored = await this.#read(left.map((ofKey) => must(ofKey[0], 'a group has a first')));
        const done = await inParallel(
          left,
          (ofKey) => this.#put(stored.get(idOf(must(ofKey[0], 'a group has a first'))), ofKey),
          WRITES_AT_ONCE,
        );
        left = left.filter((_, index) => !done[index]);
        return left.length === 0 ? { answer: undefined } : 'pause';
      },
      () => {
        throw new LostRace('parking keys');
      },
    );
  }

  async due(at: string, limit: number, passOver: readonly string[] = []): Promise<readonly ParkedKey[]> {
    const shards = Array.from({ length: LIST_SHARDS }, (_, shard) => parkedList(shard));
    const found = await inParallel(shards, (list) => this.#dueIn(list, at, limit, passOver), LIST_SHARDS);
    return found
      .flat()
      .sort((a, b) => ((a.waitUntil ?? '') < (b.waitUntil ?? '') ? -1 : 1))
      .slice(0, limit);
  }

  async release(parked: readonly ParkedKey[]): Promise<void> {
    await inParallel(parked, (entry) => this.#release(entry), WRITES_AT_ONCE);
  }

  async notParked<T extends ParkedKeyName>(names: readonly T[]): Promise<readonly T[]> {
    const stored = await this.#read(names);
    return names.filter((name) => !stored.has(idOf(name)));
  }

  async postpone(parked: readonly ParkedKey[], waitUntil: string): Promise<void> {
    await inParallel(parked, (entry) => this.#postpone(entry, sortableTime(waitUntil)), WRITES_AT_ONCE);
  }

  async ofMapping(mappingId: string, limit: number): Promise<readonly ParkedKey[]> {
    const found: ParkedKey[] = [];
    for (let bucket = 0; bucket < BUCKETS && found.length < limit; bucket += 1) {
      const query = {
        ConsistentRead: true,
        ...queryOf({ key: equals(SYNC_STATE_TABLE.partitionKey, parkedPartition(mappingId, bucket)) }),
      };
      const items = await queryUpTo(this.#table, query, limit - found.length, 'listing waiting keys');
      found.push(...readListed(this.#table, items, parkedKeyItems.fromItem));
    }
    return found;
  }

  addWaiting(awaiting: readonly Awaiting[]): Promise<void> {
    return addWaiting(this.#table, awaiting, nowIso(this.#clock));
  }

  whoWaitsFor(parents: readonly AwaitedParent[]): Promise<readonly Awaiting[]> {
    return whoWaitsFor(this.#table, parents);
  }

  removeWaiting(awaiting: readonly Awaiting[]): Promise<void> {
    return removeWaiting(this.#table, awaiting);
  }

  async page(mappingId: string, after?: string, limit = PAGE_ITEMS) {
    const { items, ...place } = await pageOfBuckets(
      {
        table: this.#table,
        partitionOf: (bucket) => parkedPartition(mappingId, bucket),
        pageItems: Math.min(limit, PAGE_ITEMS),
        what: 'listing waiting keys',
      },
      after,
    );
    return { parked: readListed(this.#table, items, parkedKeyItems.fromItem), ...place };
  }

  async #read(names: readonly ParkedKeyName[]): Promise<ReadonlyMap<string, ParkedKey>> {
    const items = await readAll(this.#table, names.map(parkedItemKey), 'parking keys');
    return new Map(items.map(parkedKeyItems.fromItem).map((parked) => [idOf(parked), parked]));
  }

  /** False if somebody else parked or released the key meanwhile. */
  #put(before: ParkedKey | undefined, parkings: readonly Parking[]): Promise<boolean> {
    const now = nowIso(this.#clock);
    const after = parkings.reduce<ParkedKey | undefined>((sofar, one) => parkOnTop(sofar, one, now), before);
    const isSame = before === undefined ? isAbsent(SYNC_STATE_TABLE.partitionKey) : isAsRead(before);
    return tryWrite('parking keys', () =>
      this.#table.client.send(
        new PutItemCommand({
          TableName: this.#table.name,
          Item: parkedItem(must(after, 'a group has a parking')),
          ...conditionOf(isSame),
        }),
      ),
    );
  }

  async #postpone(entry: ParkedKey, waitUntil: string): Promise<void> {
    const key = parkedKey(entry.mappingId, entry.kind, entry.key);
    const set = { waitUntil, ...parkedEntry(key, waitUntil) };
    await tryWrite('postponing keys', () =>
      this.#table.client.send(
        new UpdateItemCommand({
          TableName: this.#table.name,
          Key: toItem(key),
          ...updateOf({ set, add: { rounds: 1 } }, isAsRead(entry)),
        }),
      ),
    );
  }

  async #release(entry: ParkedKey): Promise<void> {
    await tryWrite('releasing keys', () =>
      this.#table.client.send(
        new DeleteItemCommand({
          TableName: this.#table.name,
          Key: parkedItemKey(entry),
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
