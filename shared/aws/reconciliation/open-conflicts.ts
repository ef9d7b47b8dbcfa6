import {
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { type Clock, nowIso } from '../../contracts/clock.ts';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { SYNC_STATE_TABLE } from '../../contracts/tables.ts';
import { type Parking, parkOnTop } from '../../sync/reconcile/parking.ts';
import {
  type HeldChange,
  InvalidPlace,
  type OpenConflict,
  type OpenConflictPage,
  type OpenConflictQuery,
  type OpenConflicts,
} from '../../use-cases/ports/open-conflicts.ts';
import type { RawItem } from '../attribute-values.ts';
import { readListed, type Table, writeAll } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { allOf, conditionOf, equals, isAbsent, isLess, queryOf } from '../expressions.ts';
import { openConflictList, sortableTime } from '../table-layout.ts';
import { commitAll } from './commit-groups.ts';
import { putLink } from './link-items.ts';
import { openConflictActions, openConflictItemKey, openConflictOf } from './open-conflict-items.ts';
import { parkedItem, parkedItemKey, parkedKeyItems } from './parked-key-items.ts';

const { partitionKey, sortKey, listPartitionKey, listSortKey } = SYNC_STATE_TABLE;

/** What waits for a person, on the sync-state table. */
export class DynamoOpenConflicts implements OpenConflicts {
  readonly #table: Table;
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(table: Table, clock: Pick<Clock, 'nowMs'>) {
    this.#table = table;
    this.#clock = clock;
  }

  async list({ mappingId, field, before, limit, after }: OpenConflictQuery): Promise<OpenConflictPage> {
    const list = openConflictList(mappingId);
    const start = after === undefined ? undefined : placeOf(after, list);
    const ofList = equals(listPartitionKey, list);
    const { Items = [], LastEvaluatedKey } = await attempt('listing open conflicts', () =>
      this.#client.send(
        new QueryCommand({
          TableName: this.#table.name,
          IndexName: SYNC_STATE_LIST_INDEX,
          Limit: limit,
          ...queryOf({
            key: before === undefined ? ofList : allOf(ofList, isLess(listSortKey, sortableTime(before))),
            ...(field !== undefined && { filter: equals('field', field) }),
          }),
          ...(start && { ExclusiveStartKey: start }),
        }),
      ),
    );
    const conflicts = readListed(this.#table, Items, openConflictOf);
    return LastEvaluatedKey === undefined ? { conflicts } : { conflicts, next: nextOf(LastEvaluatedKey) };
  }

  async find(mappingId: string, localKey: string, field: string): Promise<OpenConflict | undefined> {
    const Item = await this.#get(openConflictItemKey({ mappingId, localKey, field }), 'reading a conflict');
    return Item && openConflictOf(Item);
  }

  async change({ link, expectedVersion, openConflicts, parking }: HeldChange): Promise<boolean> {
    const parts: { part: 'link' | 'item' | 'conflict'; action: TransactWriteItem }[] = [
      { part: 'link', action: putLink(this.#table.name, link, expectedVersion) },
    ];
    for (const { action } of openConflictActions(this.#table.name, link, openConflicts)) {
      parts.push({ part: 'conflict', action });
    }
    if (parking) parts.push({ part: 'item', action: await this.#park(parking) });
    const [outcome] = await commitAll(this.#client, [{ parts, touches: [] }]);
    return outcome === 'committed';
  }

  async discard(conflicts: readonly OpenConflict[]): Promise<void> {
    const requests = conflicts.map((one) => ({ DeleteRequest: { Key: openConflictItemKey(one) } }));
    await writeAll(this.#table, requests, 'discarding conflicts');
  }

  /** Adds to what is parked, on the condition that it is as it was read. */
  async #park(parking: Parking): Promise<TransactWriteItem> {
    const stored = await this.#get(parkedItemKey(parking), 'parking keys');
    const before = stored && parkedKeyItems.fromItem(stored);
    const isSame = before === undefined ? isAbsent(partitionKey) : equals('version', before.version);
    const Item = parkedItem(parkOnTop(before, parking, nowIso(this.#clock)));
    return { Put: { TableName: this.#table.name, Item, ...conditionOf(isSame) } };
  }

  async #get(Key: RawItem, what: string): Promise<RawItem | undefined> {
    const { Item } = await attempt(what, () =>
      this.#client.send(new GetItemCommand({ TableName: this.#table.name, Key, ConsistentRead: true })),
    );
    return Item;
  }

  get #client(): DynamoDBClient {
    return this.#table.client;
  }
}

/** All four are text. */
const PLACE = [partitionKey, sortKey, listPartitionKey, listSortKey] as const;

/** Opaque for whoever asks, so that nobody comes to depend on it. */
const nextOf = (key: RawItem): string =>
  Buffer.from(JSON.stringify(PLACE.map((name) => key[name]?.S))).toString('base64url');

const placeOf = (after: string, list: string): RawItem => {
  const values = parsed(after);
  const isPlace =
    Array.isArray(values) &&
    values.length === PLACE.length &&
    values.every((value) => typeof value === 'string') &&
    values[PLACE.indexOf(listPartitionKey)] === list;
  if (!isPlace) throw new InvalidPlace();
  return Object.fromEntries(PLACE.map((name, index) => [name, { S: String(values[index]) }]));
};

const parsed = (after: string): unknown => {
  try {
    return JSON.parse(Buffer.from(after, 'base64url').toString());
  } catch {
    return undefined;
  }
};
