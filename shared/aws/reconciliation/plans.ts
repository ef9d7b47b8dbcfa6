import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_TABLE, TTL_ATTRIBUTE } from '../../contracts/tables.ts';
import type { NamedPlan, Plan, PlanMove, Plans } from '../../use-cases/ports/plans.ts';
import { toItem } from '../attribute-values.ts';
import { readAll, type Table, tryWrite, writeAll } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { allOf, type Condition, conditionOf, equals, isAbsent } from '../expressions.ts';
import { expiryAfter, KEPT_DAYS, planKey, plannedKey } from '../table-layout.ts';
import { planItems } from './plan-items.ts';

const { partitionKey, sortKey } = SYNC_STATE_TABLE;

/** Plans and the keys that are in them, on the sync-state table. */
export class DynamoPlans implements Plans {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(mappingId: string): Promise<Plan | undefined> {
    const { Item } = await attempt('reading a plan', () =>
      this.#table.client.send(
        new GetItemCommand({
          TableName: this.#table.name,
          Key: toItem(planKey(mappingId)),
          ConsistentRead: true,
        }),
      ),
    );
    return Item && planItems.fromItem(Item);
  }

  begin(plan: Omit<Plan, 'version'>, over: Plan | undefined): Promise<Plan | undefined> {
    return this.#put({ ...plan, version: 1 }, over ? isAsRead(over) : isAbsent(partitionKey));
  }

  move(from: Plan, move: PlanMove): Promise<Plan | undefined> {
    return this.#put(moved(from, move), isAsRead(from));
  }

  async addKeys({ mappingId, planId }: NamedPlan, at: string, keys: readonly string[]): Promise<void> {
    const expiresAt = expiryAfter(at, KEPT_DAYS.plannedKey);
    const requests = [...new Set(keys)].map((key) => ({
      PutRequest: { Item: toItem({ ...plannedKey(mappingId, planId, key), [TTL_ATTRIBUTE]: expiresAt }) },
    }));
    await writeAll(this.#table, requests, 'remembering planned keys');
  }

  async keysIn({ mappingId, planId }: NamedPlan, keys: readonly string[]): Promise<ReadonlySet<string>> {
    const bySortKey = new Map(keys.map((key) => [plannedKey(mappingId, planId, key).sk, key]));
    const found = await readAll(
      this.#table,
      [...bySortKey.values()].map((key) => toItem(plannedKey(mappingId, planId, key))),
      'reading planned keys',
    );
    return new Set(found.flatMap((item) => bySortKey.get(item[sortKey]?.S ?? '') ?? []));
  }

  async #put(plan: Plan, onlyIf: Condition): Promise<Plan | undefined> {
    const Item = { ...planItems.toItem(plan), ...toItem(planKey(plan.mappingId)) };
    const isDone = await tryWrite('moving a plan', () =>
      this.#table.client.send(
        new PutItemCommand({ TableName: this.#table.name, Item, ...conditionOf(onlyIf) }),
      ),
    );
    return isDone ? plan : undefined;
  }
}

const isAsRead = ({ planId, version }: Plan): Condition =>
  allOf(equals('planId', planId), equals('version', version));

/** What a plan becomes; without `takenUntil` it is free. */
export const moved = (from: Plan, move: PlanMove): Plan => {
  const { takenUntil, ...rest } = { ...from, takenUntil: undefined, ...move };
  return { ...rest, ...(takenUntil !== undefined && { takenUntil }), version: from.version + 1 };
};
