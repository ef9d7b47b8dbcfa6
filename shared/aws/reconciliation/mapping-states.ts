import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { isAfter } from '../../sync/time.ts';
import type { MappingState, MappingStates } from '../../use-cases/ports/mapping-states.ts';
import { fromItem, type RawItem, toItem } from '../attribute-values.ts';
import { backOff, inParallel, queryUpTo, type Table, tryWrite } from '../dynamodb.ts';
import { attempt, LostRace, NotFound } from '../errors.ts';
import {
  dueEntry,
  dueList,
  LIST_SHARDS,
  mappingKey,
  mappingsPartition,
  sortableTime,
} from '../table-layout.ts';
import { onlyIf, type UpdateExpression, updateOf } from '../update-expression.ts';

/** As many as a sync config could name. */
const MAX_PER_CONNECTION = 1000;
/** A dispatcher, a worker and a bulk step may meet at one state; no more. */
const RACES = 5;

/** Nothing but this file writes these items, so their shape is known. */
const stateOf = (item: RawItem): MappingState => {
  const { pk: _pk, sk: _sk, listKey: _listKey, listSort: _listSort, ...state } = fromItem(item);
  return state as unknown as MappingState;
};

const ID = { '#id': 'mappingId' };
const EXISTS = 'attribute_exists(#id)';

/** What mappings have come to, on the sync-state table. */
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
    return Item && stateOf(Item);
  }

  async listOfConnection(connectionId: string): Promise<readonly MappingState[]> {
    const query = {
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: toItem({ ':pk': mappingsPartition(connectionId) }),
    };
    const items = await queryUpTo(this.#table, query, MAX_PER_CONNECTION, 'listing mappings');
    return items.map(stateOf);
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
          Item: toItem({ ...made, ...mappingKey(mappingId), ...dueEntry(mappingId, at) }),
          ConditionExpression: 'attribute_not_exists(pk)',
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
    const update = updateOf({ nextRunAt, ...dueEntry(mappingId, nextRunAt) });
    return this.#update(mappingId, onlyIf(update, '#next = :due', { '#next': 'nextRunAt' }, { ':due': due }));
  }

  async makeDue(mappingId: string, at: string): Promise<void> {
    const update = updateOf({ nextRunAt: at, ...dueEntry(mappingId, at) });
    await this.#mustUpdate(mappingId, onlyIf(update, EXISTS, ID));
  }

  async expireCheck(mappingId: string): Promise<void> {
    await this.#mustUpdate(mappingId, onlyIf(updateOf({}, ['checkedAt']), EXISTS, ID));
  }

  async setPushDue(mappingId: string, isPushDue: boolean): Promise<void> {
    const update = isPushDue ? updateOf({ isPushDue }) : updateOf({}, ['isPushDue']);
    await this.#mustUpdate(mappingId, onlyIf(update, EXISTS, ID));
  }

  async forgetWatermark(mappingId: string): Promise<void> {
    await this.#mustUpdate(mappingId, onlyIf(updateOf({}, ['watermark']), EXISTS, ID));
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
    const update = bulkJobId === undefined ? updateOf({}, ['bulkJobId']) : updateOf({ bulkJobId });
    await this.#mustUpdate(mappingId, onlyIf(update, EXISTS, ID));
  }

  /** Writes what follows from the state as it is, on the condition that it still is so. */
  async #revise(
    mappingId: string,
    decide: (state: MappingState) => {
      set: { readonly [Name in keyof MappingState]?: MappingState[Name] | undefined };
      remove?: readonly string[];
    },
  ): Promise<void> {
    for (let round = 0; round < RACES; round += 1) {
      const state = await this.get(mappingId);
      if (!state) throw new NotFound('the mapping');
      const { set, remove } = decide(state);
      const isAsRead =
        state.watermark === undefined ? 'attribute_not_exists(#watermark)' : '#watermark = :watermark';
      const update = onlyIf(
        updateOf(set, remove),
        `#status = :status AND ${isAsRead}`,
        { '#status': 'status', '#watermark': 'watermark' },
        {
          ':status': state.status,
          ...(state.watermark !== undefined && { ':watermark': state.watermark }),
        },
      );
      if (await this.#update(mappingId, update)) return;
      await backOff(round);
    }
    throw new LostRace('the state of a mapping');
  }

  async #mustUpdate(mappingId: string, update: UpdateExpression): Promise<void> {
    if (!(await this.#update(mappingId, update))) throw new NotFound('the mapping');
  }

  async #update(mappingId: string, update: UpdateExpression): Promise<boolean> {
    const Key = toItem(mappingKey(mappingId));
    return tryWrite('changing the state of a mapping', () =>
      this.#table.client.send(new UpdateItemCommand({ TableName: this.#table.name, Key, ...update })),
    );
  }

  async #dueIn(list: string, at: string, limit: number): Promise<MappingState[]> {
    const query = {
      IndexName: SYNC_STATE_LIST_INDEX,
      KeyConditionExpression: 'listKey = :list AND listSort <= :at',
      ExpressionAttributeValues: toItem({ ':list': list, ':at': sortableTime(at) }),
    };
    const items = await queryUpTo(this.#table, query, limit, 'listing due mappings');
    return items.map(stateOf);
  }
}
