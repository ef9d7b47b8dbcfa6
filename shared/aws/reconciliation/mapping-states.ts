import { GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_LIST_INDEX } from '../../contracts/environment.ts';
import { SYNC_STATE_TABLE, VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import { DUE_AT } from '../../sync/full-sweep/due.ts';
import type { SweepScope } from '../../sync/full-sweep/findings.ts';
import type { MappingRevision } from '../../sync/mapping/revision.ts';
import type { RunningTemplate } from '../../sync/mapping/running-template.ts';
import { isAfter } from '../../sync/time.ts';
import type {
  MappingPass,
  MappingState,
  MappingStates,
  PassBasis,
  PlanDue,
  RehearsalReport,
  Trouble,
} from '../../use-cases/ports/mapping-states.ts';
import { toAttribute, toItem } from '../attribute-values.ts';
import { inParallel, queryUpTo, readListed, type Table, tryWrite } from '../dynamodb.ts';
import { attempt, LostRace, NotFound } from '../errors.ts';
import {
  allOf,
  type Change,
  type Condition,
  conditionOf,
  differs,
  equals,
  exists,
  isAbsent,
  isAtMost,
  isGreater,
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
import { LIVE_VERSION, mappingStateItems } from './mapping-state-items.ts';

/** More mappings than any sync config has. */
const MAX_PER_CONNECTION = 1000;
/** At most a dispatcher, a worker and a bulk step write one state at the same time. */
const RACES = 5;

const IS_THERE = exists('mappingId');
/** What a mapping of another revision begins without. */
const ANEW = ['problems', 'watermark', 'pass', 'trouble', 'foreseen'] as const;
/** What a mapping has not that has seen nothing yet. */
const BEFORE_FIRST_PASS = ['watermark', 'followedUntil', 'pass', 'trouble'] as const;

const sameOrAbsent = (path: string | readonly string[], value: unknown): Condition =>
  value === undefined ? isAbsent(path) : equals(path, value);

const hasRevision = (before: MappingRevision | undefined, foreseen: MappingRevision | undefined) => ({
  holds: (state: MappingState) =>
    state.revision?.revision === before?.revision && state.foreseen?.revision === foreseen?.revision,
  condition: allOf(
    sameOrAbsent(['revision', 'revision'], before?.revision),
    sameOrAbsent(['foreseen', 'revision'], foreseen?.revision),
  ),
});

const revision = ({ before, after, at }: NonNullable<Parameters<MappingStates['saveSchema']>[2]>) => ({
  revision: after,
  ...(before && before.template !== after.template && { replaced: { template: before.template, at } }),
});

/** True if mapping and pass are as whoever works on the pass found them. */
const isAt = ({ revision: known, epoch, watermark, pass }: PassBasis): Condition =>
  allOf(
    sameOrAbsent(['revision', 'revision'], known?.revision),
    equals('epoch', epoch),
    sameOrAbsent('watermark', watermark),
    sameOrAbsent(['pass', 'passId'], pass?.passId),
    sameOrAbsent(['pass', 'cursor', 'modstamp'], pass?.cursor.modstamp),
    sameOrAbsent(['pass', 'cursor', 'sfId'], pass?.cursor.sfId),
  );

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
    state: Pick<MappingState, 'mappingId' | 'connectionId' | 'orgId' | 'name' | 'rehearsal'>,
    at: string,
  ): Promise<void> {
    const { mappingId, connectionId, orgId, name, rehearsal } = state;
    const made: MappingState = {
      mappingId,
      connectionId,
      orgId,
      name,
      status: 'loading',
      epoch: 0,
      nextRunAt: at,
      ...(rehearsal && { rehearsal }),
    };
    await tryWrite('making the state of a mapping', () =>
      this.#table.client.send(
        new PutItemCommand({
          TableName: this.#table.name,
          Item: {
            ...mappingStateItems.toItem(made),
            ...(!rehearsal && toItem({ [VERSION_ATTRIBUTE]: LIVE_VERSION })),
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

  async claim(due: Parameters<MappingStates['claim']>[0], nextRunAt: string): Promise<boolean> {
    const { mappingId, idleRounds = 0 } = due;
    const set = { nextRunAt, ...dueEntry(mappingId, nextRunAt) };
    const isIdleStill = idleRounds > 0 ? [isGreater('idleRounds', idleRounds - 1)] : [];
    return this.#update(mappingId, { set }, allOf(equals('nextRunAt', due.nextRunAt), ...isIdleStill));
  }

  async makeDue(mappingId: string, at: string): Promise<void> {
    await this.#mustUpdate(mappingId, { set: { nextRunAt: at, ...dueEntry(mappingId, at) } });
  }

  async makeDueBy(mappingId: string, at: string): Promise<void> {
    const set = { nextRunAt: at, ...dueEntry(mappingId, at) };
    await this.#update(mappingId, { set }, isGreater('nextRunAt', at));
  }

  async restart(mappingId: string, at: string): Promise<void> {
    const set = { nextRunAt: at, ...dueEntry(mappingId, at) };
    await this.#mustUpdate(mappingId, { set, remove: ['trouble'] });
  }

  async expireCheck(mappingId: string): Promise<void> {
    await this.#mustUpdate(mappingId, { remove: ['checkedAt'] });
  }

  async setFullSweepAt(
    mappingId: string,
    at: string | undefined,
    onlyIf?: { readonly was: string | undefined },
    scope: SweepScope = 'all',
  ): Promise<void> {
    const name = DUE_AT[scope];
    const isAsRead = onlyIf ? [sameOrAbsent(name, onlyIf.was)] : [];
    const change = at === undefined ? { remove: [name] } : { set: { [name]: at } };
    await this.#update(mappingId, change, allOf(IS_THERE, ...isAsRead));
  }

  async setRunning(mappingId: string, running: RunningTemplate): Promise<void> {
    await this.#mustUpdate(mappingId, { set: { running } });
  }

  async setPlanDue(mappingId: string, due: PlanDue | undefined): Promise<void> {
    await this.#update(mappingId, due ? { set: { planDue: due } } : { remove: ['planDue'] }, IS_THERE);
  }

  async setPushDue(mappingId: string, since: string): Promise<void> {
    await this.#mustUpdate(mappingId, { set: { pushDueSince: since } });
  }

  async clearPushDue(mappingId: string, since: string): Promise<void> {
    await this.#update(mappingId, { remove: ['pushDueSince'] }, equals('pushDueSince', since));
  }

  async forgetPasses(mappingId: string): Promise<void> {
    await this.#mustUpdate(mappingId, { add: { epoch: 1 }, remove: ['watermark', 'pass'] });
  }

  async advancePass(basis: PassBasis, pass: MappingPass): Promise<boolean> {
    return this.#update(basis.mappingId, { set: { pass } }, isAt(basis));
  }

  async finishPass(
    basis: PassBasis,
    { watermark, followedUntil, isIdle = false }: Parameters<MappingStates['finishPass']>[1],
    at: string,
  ): Promise<boolean> {
    const { mappingId } = basis;
    const newest = isAfter(watermark, basis.watermark) ? watermark : basis.watermark;
    const idleRounds = isIdle ? (basis.idleRounds ?? 0) + 1 : 0;
    const set = { lastRunAt: at, watermark: newest, followedUntil, idleRounds, status: 'active' };
    // A mapping that was found not to fit meanwhile stays so; its pass is repeated when it does.
    return this.#update(
      mappingId,
      { set, remove: ['pass', 'trouble'] },
      allOf(isAt(basis), differs('status', 'invalid')),
    );
  }

  async recordTrouble(mappingId: string, code: string, at: string): Promise<Trouble> {
    let now: Trouble = { code, since: at, at, count: 1 };
    await this.#revise(mappingId, ({ trouble }) => {
      now = { code, since: trouble?.since ?? at, at, count: (trouble?.count ?? 0) + 1 };
      return { set: { trouble: now } };
    });
    return now;
  }

  async setRetired(mappingId: string, isRetired: boolean, at: string): Promise<void> {
    const back = {
      set: { pushDueSince: at, nextRunAt: at, ...dueEntry(mappingId, at) },
      remove: ['isRetired'],
    };
    await this.#mustUpdate(mappingId, isRetired ? { set: { isRetired } } : back);
  }

  async saveSchema(
    mappingId: string,
    check: Parameters<MappingStates['saveSchema']>[1],
    revised?: Parameters<MappingStates['saveSchema']>[2],
  ): Promise<boolean> {
    const { problems, fieldTypes, traits, details, schema, checkedAt, checkedTemplate } = check;
    return this.#revise(
      mappingId,
      (state) => {
        const identity = state.identity ?? check.identity;
        const seen = { fieldTypes, traits, details, schema, checkedAt, checkedTemplate, identity };
        if (problems.length > 0) return { set: { ...seen, problems, status: 'invalid' } };
        if (revised) return { set: { ...seen, ...revision(revised), status: 'loading' }, remove: ANEW };
        const mended = state.watermark === undefined ? 'loading' : 'active';
        const status = state.status === 'invalid' ? mended : state.status;
        return { set: { ...seen, status }, remove: ['problems'] };
      },
      revised && hasRevision(revised.before, revised.foreseen),
    );
  }

  async foresee(
    { mappingId, revision: before, foreseen: known }: Parameters<MappingStates['foresee']>[0],
    foreseen: MappingRevision,
  ): Promise<boolean> {
    const { condition } = hasRevision(before, known);
    return this.#update(mappingId, { set: { foreseen } }, allOf(IS_THERE, condition));
  }

  async setBulkJob(mappingId: string, bulkJobId: string | undefined): Promise<void> {
    await this.#mustUpdate(
      mappingId,
      bulkJobId === undefined ? { remove: ['bulkJobId'] } : { set: { bulkJobId } },
    );
  }

  async keepReport(mappingId: string, report: RehearsalReport): Promise<boolean> {
    return this.#update(
      mappingId,
      { at: { set: [{ path: ['rehearsal', 'report'], value: toAttribute(report) }], remove: [] } },
      allOf(exists('rehearsal'), equals(['revision', 'revision'], report.revision)),
    );
  }

  async promote(mappingId: string, { hash, revision }: RehearsalReport, at: string): Promise<boolean> {
    const set = {
      leftoversSince: at,
      status: 'loading',
      nextRunAt: at,
      ...dueEntry(mappingId, at),
      [VERSION_ATTRIBUTE]: LIVE_VERSION,
    };
    return this.#update(
      mappingId,
      { set, add: { epoch: 1 }, remove: ['rehearsal', ...BEFORE_FIRST_PASS] },
      allOf(
        equals(['rehearsal', 'report', 'hash'], hash),
        equals(['revision', 'revision'], revision),
        differs('status', 'invalid'),
      ),
    );
  }

  async rehearseAnew(mappingId: string, template: string, at: string): Promise<void> {
    await this.#update(
      mappingId,
      {
        set: { leftoversSince: at, status: 'loading' },
        add: { epoch: 1 },
        remove: BEFORE_FIRST_PASS,
        at: {
          set: [{ path: ['rehearsal', 'template'], value: toAttribute(template) }],
          remove: [['rehearsal', 'report']],
        },
      },
      allOf(exists('rehearsal'), differs(['rehearsal', 'template'], template)),
    );
  }

  async clearLeftovers(mappingId: string, since: string): Promise<void> {
    await this.#update(mappingId, { remove: ['leftoversSince'] }, equals('leftoversSince', since));
  }

  /**
   * Decides on a change from the state as it is, and writes it if status, watermark and trouble are still the same.
   *
   * @returns false if the state does not meet `onlyIf`
   */
  async #revise(
    mappingId: string,
    decide: (state: MappingState) => {
      set: { readonly [Name in keyof MappingState]?: MappingState[Name] | undefined };
      remove?: readonly string[];
    },
    onlyIf?: { readonly holds: (state: MappingState) => boolean; readonly condition: Condition },
  ): Promise<boolean> {
    return inRounds<boolean>(
      RACES,
      async () => {
        const state = await this.get(mappingId);
        if (!state) throw new NotFound('the mapping');
        if (onlyIf && !onlyIf.holds(state)) return { answer: false };
        const { watermark, status, trouble } = state;
        const isAsRead = allOf(
          equals('status', status),
          sameOrAbsent('watermark', watermark),
          sameOrAbsent(['trouble', 'count'], trouble?.count),
          ...(onlyIf ? [onlyIf.condition] : []),
        );
        const isDone = await this.#update(mappingId, decide(state), isAsRead);
        return isDone ? { answer: true } : 'pause';
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
