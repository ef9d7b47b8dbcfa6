import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { TTL_ATTRIBUTE } from '../../contracts/tables.ts';
import type { Conflict, Journal, Rejection, SyncRun } from '../../use-cases/ports/journal.ts';
import { fromItem, type RawItem, toItem } from '../attribute-values.ts';
import { queryUpTo, readAll, type Table, writeAll } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import {
  conflictKey,
  conflictList,
  expiryAfter,
  KEPT_DAYS,
  rejectionKey,
  rejectionList,
  runKey,
  runList,
  type StateKey,
  sortableTime,
} from '../table-layout.ts';

const OURS: ReadonlySet<string> = new Set(['pk', 'sk', 'listKey', 'listSort', TTL_ATTRIBUTE]);

const plain = (item: RawItem): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fromItem(item)).filter(([name]) => !OURS.has(name)));

/** The journal on the sync-state table. Listings are eventually consistent, by a second at most as a rule. */
export class DynamoJournal implements Journal {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Those that wait for a person stay; those that a policy decided leave after 90 days. */
  async recordConflicts(conflicts: readonly Conflict[]): Promise<void> {
    await this.#put(
      'recording conflicts',
      conflicts.map((conflict) => {
        const { mappingId, localKey, at, field, winner } = conflict;
        const isDecided = winner !== 'nobody';
        return {
          key: conflictKey(mappingId, localKey, at, field),
          values: {
            ...conflict,
            listKey: conflictList(mappingId),
            listSort: sortableTime(at),
            ...(isDecided && { [TTL_ATTRIBUTE]: expiryAfter(at, KEPT_DAYS.decidedConflict) }),
          },
        };
      }),
    );
  }

  // Nothing but this file writes what the three listings read, so the shapes are known.
  async conflicts(mappingId: string, limit: number): Promise<readonly Conflict[]> {
    const items = await this.#newest(conflictList(mappingId), limit);
    return items.map((item) => plain(item) as unknown as Conflict);
  }

  async recordRejections(rejections: readonly Rejection[]): Promise<void> {
    await this.#put(
      'recording rejections',
      rejections.map((rejection) => {
        const { mappingId, key, at } = rejection;
        const list = { listKey: rejectionList(mappingId), listSort: sortableTime(at) };
        return { key: rejectionKey(mappingId, key), values: { ...rejection, ...list } };
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
    return items.map((item) => plain(item) as unknown as Rejection);
  }

  async recordRun(run: SyncRun): Promise<void> {
    const { mappingId, runId, cause, startedAt, endedAt, counts } = run;
    const once = {
      mappingId,
      runId,
      cause,
      startedAt,
      listKey: runList(mappingId),
      listSort: sortableTime(startedAt),
      [TTL_ATTRIBUTE]: expiryAfter(startedAt, KEPT_DAYS.run),
    };
    const first = Object.entries(once);
    const added = Object.entries(counts);
    const update = [
      `SET ${first.map((_, index) => `#o${index} = if_not_exists(#o${index}, :o${index})`).join(', ')}`,
      ...(endedAt === undefined ? [] : [', #ended = :ended']),
      ` ADD ${added.map((_, index) => `#c${index} :c${index}`).join(', ')}`,
    ].join('');
    await attempt('recording a run', () =>
      this.#table.client.send(
        new UpdateItemCommand({
          TableName: this.#table.name,
          Key: toItem(runKey(mappingId, runId)),
          UpdateExpression: update,
          ExpressionAttributeNames: {
            ...Object.fromEntries(first.map(([name], index) => [`#o${index}`, name])),
            ...Object.fromEntries(added.map(([name], index) => [`#c${index}`, countAttribute(name)])),
            ...(endedAt !== undefined && { '#ended': 'endedAt' }),
          },
          ExpressionAttributeValues: toItem({
            ...Object.fromEntries(first.map(([, value], index) => [`:o${index}`, value])),
            ...Object.fromEntries(added.map(([, count], index) => [`:c${index}`, count])),
            ':ended': endedAt,
          }),
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
    entries: readonly { readonly key: StateKey; readonly values: object }[],
  ): Promise<void> {
    // A batch must not hold a key twice; the last one counts, as it would one after the other.
    const items = new Map(
      entries.map(({ key, values }) => [JSON.stringify(key), toItem({ ...values, ...key })]),
    );
    await writeAll(
      this.#table,
      [...items.values()].map((Item) => ({ PutRequest: { Item } })),
      what,
    );
  }

  async #newest(list: string, limit: number): Promise<RawItem[]> {
    const query = {
      IndexName: SYNC_STATE_LIST_INDEX,
      KeyConditionExpression: 'listKey = :list',
      ExpressionAttributeValues: toItem({ ':list': list }),
      ScanIndexForward: false,
    };
    return queryUpTo(this.#table, query, limit, 'reading the journal');
  }
}

/** Counts are attributes of their own, since only those can be added to without being there. */
const COUNT_PREFIX = 'count:';
const countAttribute = (name: string): string => `${COUNT_PREFIX}${name}`;

const runOf = (item: RawItem): SyncRun => {
  const values = Object.entries(plain(item));
  const counts = values
    .filter(([name]) => name.startsWith(COUNT_PREFIX))
    .map(([name, count]) => [name.slice(COUNT_PREFIX.length), count]);
  const others = values.filter(([name]) => !name.startsWith(COUNT_PREFIX));
  return { ...Object.fromEntries(others), counts: Object.fromEntries(counts) } as unknown as SyncRun;
};
