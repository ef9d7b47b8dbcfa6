import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { SYNC_STATE_TABLE } from '../../contracts/tables.ts';
import { must } from '../../sync/assert.ts';
import type { GuardDecision, GuardState } from '../../sync/guard/guard.ts';
import type { Guarded, GuardStates } from '../../use-cases/ports/guard-states.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { queryUpTo, readListed, type Table, tryWrite } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { conditionOf, equals, isAbsent, queryOf } from '../expressions.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';
import { guardKey } from '../table-layout.ts';

/** How much was done in a day, and what a person decided about it. */
const guardItems = storedItems<GuardState>(
  'guards',
  z.object({
    hours: z.record(z.string(), z.number()),
    closedSince: z.exactOptional(z.string()),
    held: z.number(),
    decisions: z.exactOptional(
      z.array(
        z.object({
          kind: z.enum(['released', 'refused']),
          before: z.string(),
        } satisfies ShapeOf<GuardDecision>),
      ),
    ),
    pairs: z.exactOptional(z.object({ count: z.number(), at: z.string() })),
    version: z.number(),
  } satisfies ShapeOf<GuardState>),
);

/** Two for each field at most, and one more. */
const MAX_GUARDS = 1_000;

/** The sort key is what `guardKey` was given. */
const whatOf = (item: RawItem): Guarded['what'] =>
  must(item[SYNC_STATE_TABLE.sortKey]?.S, 'a guard has a sort key') as Guarded['what'];

/** One item for each thing that is guarded of a mapping on the sync-state table, written on the condition that it is as it was read. */
export class DynamoGuardStates implements GuardStates {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get({ mappingId, what }: Guarded): Promise<GuardState | undefined> {
    const { Item } = await attempt('reading a guard', () =>
      this.#table.client.send(
        new GetItemCommand({
          TableName: this.#table.name,
          Key: toItem(guardKey(mappingId, what)),
          ConsistentRead: true,
        }),
      ),
    );
    return Item && guardItems.fromItem(Item);
  }

  async ofMapping(mappingId: string) {
    const query = {
      ConsistentRead: true,
      ...queryOf({ key: equals(SYNC_STATE_TABLE.partitionKey, guardKey(mappingId, '').pk) }),
    };
    const items = await queryUpTo(this.#table, query, MAX_GUARDS, 'listing guards');
    return readListed(this.#table, items, (item) => ({
      what: whatOf(item),
      state: guardItems.fromItem(item),
    }));
  }

  put({ mappingId, what }: Guarded, state: GuardState, expectedVersion: number): Promise<boolean> {
    const isSame =
      expectedVersion === 0 ? isAbsent(SYNC_STATE_TABLE.partitionKey) : equals('version', expectedVersion);
    return tryWrite('storing a guard', () =>
      this.#table.client.send(
        new PutItemCommand({
          TableName: this.#table.name,
          Item: { ...guardItems.toItem(state), ...toItem(guardKey(mappingId, what)) },
          ...conditionOf(isSame),
        }),
      ),
    );
  }
}
