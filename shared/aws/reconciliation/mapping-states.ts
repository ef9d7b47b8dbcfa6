import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { SYNC_STATE_TABLE } from '../../contracts/tables.ts';
import { isAfter } from '../../sync/time.ts';
import type { MappingState, MappingStates } from '../../use-cases/ports/mapping-states.ts';
import { toItem } from '../attribute-values.ts';
import { inParallel, queryUpTo, readListed, type Table, tryWrite } from '../dynamodb.ts';
import { attempt, LostRace, NotFound } from '../errors.ts';
import {
  allOf,
  type Change,
  type Condition,
  conditionOf,
  equals,
  exists,
  isAbsent,
  isAtMost,
  queryOf,
  updateOf,
} from '../expressions.ts';
import { inRounds } from '../rounds.ts';
import {
  dueEntry,
  dueList,
  LIST_SHARDS,
  mappingKey,
  mappingsPartition,
  sortableTime,
} from '../table-layout.ts';
import { mappingStateItems } from './mapping-state-items.ts';

/** More mappings than any sync config has. */
const MAX_PER_CONNECTION = 1000;
/** At most a dispatcher, a worker and a bulk step write one state at the same time. */
const RACES = 5;

const IS_THERE = exists('mappingId');

/** The states of mappings, on the sync-state table. */
export class DynamoMappingStates implements MappingStates {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(mappingId: string): Promise<MappingState | undefined> {
    const { Item } = await attempt('reading the state of a mapping', () =>
      this.#table.client.send(
        new GetItemCommand({
          TableName: this.#table.name,
          Key: toItem(mappingKey(mappingId)),
          ConsistentRead: true,
        }),
      ),
    );
    return Item && mappingStateItems.fromItem(Item);
  }

  async listOfConnection(connectionId: string): Promise<readonly MappingState[]> {
    const query = {
      ConsistentRead: true,
      ...queryOf({ key: equals(SYNC_STATE_TABLE.partitionKey, mappingsPartition(connectionId)) }),
    };
    const items = await queryUpTo(this.#table, query, MAX_PER_CONNECTION, 'listing mappings');
    return items.map(mappingStateItems.fromItem);
  }

  async ensure(
    state: Pick<MappingState, 'mappingId' | 'connectionId' | 'orgId' | 'name'>,
    at: string,
  ): Promise<void> {
    const { mappingId, connectionId, orgId, name } = state;
    const made: MappingState = { mappingId, connectionId, orgId, name, status: 'loading', nextRunAt: at };
    await tryWrite('making the state of a mapping', () =>
      this.#table.client.send(
        new PutItemCommand({
          TableName: this.#table.name,
          Item: {
            ...mappingStateItems.toItem(made),
            ...toItem({ ...mappingKey(mappingId), ...dueEntry(mappingId, at) }),
          },
          ...conditionOf(isAbsent(SYNC_STATE_TABLE.partitionKey)),
        }),
      ),
    );
  }

  async due(at: string, limit: number): Promise<readonly MappingState[]> {
    const shards = Array.from({ length: LIST_SHARDS }, (_, shard) => dueList(shard));
    const found = await inParallel(shards, (list) => this.#dueIn(list, at, limit), LIST_SHARDS);
    return found
      .flat()
      .sort((a, b) => (sortableTime(a.nextRunAt) < sortableTime(b.nextRunAt) ? -1 : 1))
      .slice(0, limit);
  }

  async claim(mappingId: string, due: string, nextRunAt: string): Promise<boolean> {
    const set = { nextRunAt, ...dueEntry(mappingId, nextRunAt) };
    return this.#update(mappingId, { set }, equals('nextRunAt', due));
  }

  async makeDue(mappingId: string, at: string): Promise<void> {
    await this.#mustUpdate(mappingId, { set: { nextRunAt: at, ...dueEntry(mappingId, at) } });
  }

  async expireCheck(mappingId: string): Promise<void> {
    await this.#mustUpdate(mappingId, { remove: ['checkedAt'] });
  }

  async setPushDue(mappingId: string, isPushDue: boolean): Promise<void> {
    await this.#mustUpdate(mappingId, isPushDue ? { set: { isPushDue } } : { remove: ['isPushDue'] });
  }

  async forgetWatermark(mappingId: string): Promise<void> {
    await this.#mustUpdate(mappingId, { remove: ['watermark'] });
  }

  async finishPass(mappingId: string, watermark: string, at: string): Promise<void> {
    await this.#revise(mappingId, (state) => ({
      set: {
        lastRunAt: at,
        status: state.status === 'loading' ? 'active' : state.status,
        watermark: isAfter(watermark, state.watermark) ? watermark : state.watermark,
      },
    }));
  }

  async saveSchema(mappingId: string, check: Parameters<MappingStates['saveSchema']>[1]): Promise<void> {
    const { problems, fieldTypes, checkedAt, checkedTemplate } = check;
    await this.#revise(mappingId, (state) => {
      const identity = state.identity ?? check.identity;
      const seen = { fieldTypes, checkedAt, checkedTemplate, identity };
      if (problems.length > 0) return { set: { ...seen, problems, status: 'invalid' } };
      const mended = state.watermark === undefined ? 'loading' : 'active';
      const status = state.status === 'invalid' ? mended : state.status;
      return { set: { ...seen, status }, remove: ['problems'] };
    });
  }

  async setBulkJob(mappingId: string, bulkJobId: string | undefined): Promise<void> {
    await this.#mustUpdate(
      mappingId,
      bulkJobId === undefined ? { remove: ['bulkJobId'] } : { set: { bulkJobId } },
    );
  }

  /** Decides on a change from the state as it is, and writes it if status and watermark are still the same. */
  async #revise(
    mappingId: string,
    decide: (state: MappingState) => {
      set: { readonly [Name in keyof MappingState]?: MappingState[Name] | undefined };
      remove?: readonly string[];
    },
  ): Promise<void> {
    await inRounds<void>(
      RACES,
      async () => {
        const state = await this.get(mappingId);
        if (!state) throw new NotFound('the mapping');
        const { watermark, status } = state;
        const isAsRead = allOf(
          equals('status', status),
          watermark === undefined ? isAbsent('watermark') : equals('watermark', watermark),
        );
        const isDone = await this.#update(mappingId, decide(state), isAsRead);
        return isDone ? { answer: undefined } : 'pause';
      },
      () => {
        throw new LostRace('changing the state of a mapping');
      },
    );
  }

  async #mustUpdate(mappingId: string, change: Change): Promise<void> {
    if (!(await this.#update(mappingId, change, IS_THERE))) throw new NotFound('the mapping');
  }

  async #update(mappingId: string, change: Change, onlyIf: Condition): Promise<boolean> {
    const Key = toItem(mappingKey(mappingId));
    const update = updateOf(change, onlyIf);
    return tryWrite('changing the state of a mapping', () =>
      this.#table.client.send(new UpdateItemCommand({ TableName: this.#table.name, Key, ...update })),
    );
  }

  async #dueIn(list: string, at: string, limit: number): Promise<MappingState[]> {
    const query = {
      IndexName: SYNC_STATE_LIST_INDEX,
      ...queryOf({
        key: allOf(
          equals(SYNC_STATE_TABLE.listPartitionKey, list),
          isAtMost(SYNC_STATE_TABLE.listSortKey, sortableTime(at)),
        ),
      }),
    };
    const items = await queryUpTo(this.#table, query, limit, 'listing due mappings');
    return readListed(this.#table, items, mappingStateItems.fromItem);
  }
}
