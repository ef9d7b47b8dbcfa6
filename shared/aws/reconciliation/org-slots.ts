import { ConditionalCheckFailedException, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import { epochMs } from '../../sync/time.ts';
import type {
  KnownAllowance,
  OrgSlot,
  OrgSlots,
  SlotAnswer,
  SlotRequest,
  Spent,
} from '../../use-cases/ports/org-slots.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import type { Table } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { allOf, anyOf, type Condition, equals, isAbsent, isAtMost, updateOf } from '../expressions.ts';
import { storedItems } from '../stored-items.ts';
import { expiryAfter, orgSlotsKey, shardOf } from '../table-layout.ts';
import { allowanceOf, changeOf, pastCallsOf } from './stored-allowance.ts';

/** Others may be faster at each place; whoever loses this often comes back later. */
const MAX_TRIES = 4;
/** Some time after its last use an item of nothing but ended slots goes; its calls are told of for a week. */
const KEPT_DAYS = 8;

interface StoredSlots {
  readonly openUntil?: string;
  readonly trips?: number;
}

/** Beside these: `slot0`, `slot1`, ..., each the end of a slot and its owner, and the calls (`stored-allowance.ts`). */
const slotItems = storedItems<StoredSlots>(
  'slots of an org',
  z.looseObject({ openUntil: z.exactOptional(z.string()), trips: z.exactOptional(z.number()) }),
);

const attributeOf = (place: number): string => `slot${place}`;

/** Text that begins with the time at which it ends sorts by it. */
const isFree = (place: number, now: string): Condition =>
  anyOf(isAbsent(attributeOf(place)), isAtMost(attributeOf(place), now));

/** The slots, the breaker and the calls of each connection: one item on the sync-state table, changed by conditional updates. */
export class DynamoOrgSlots implements OrgSlots {
  readonly #table: Table;
  readonly #places: readonly number[];

  /** @param count - slots of each connection */
  constructor(table: Table, count: number) {
    this.#table = table;
    this.#places = Array.from({ length: count }, (_, place) => place);
  }

  async take(connectionId: string, ask: SlotRequest): Promise<SlotAnswer> {
    const mark = `${ask.until}#${ask.owner}`;
    // Takers begin at different places, so that they seldom meet.
    let place = shardOf(ask.owner, this.#places.length);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const set = { [attributeOf(place)]: mark, ...kept(ask.until) };
      const found = await this.#update(
        connectionId,
        { set },
        allOf(isAbsent('openUntil'), isFree(place, ask.now)),
      );
      if (found.isDone) {
        const slot = { kind: 'slot', connectionId, place, mark } as const;
        return { kind: 'taken', slot, allowance: allowanceOf(found.item) };
      }
      const { openUntil, trips = 1 } = slotItems.fromItem(found.item);
      if (openUntil !== undefined) return this.#takeTrial(connectionId, ask, openUntil, trips);
      const free = this.#places.find((one) => (found.item[attributeOf(one)]?.S ?? '') <= ask.now);
      if (free === undefined) break;
      place = free;
    }
    return { kind: 'full' };
  }

  async release(slot: OrgSlot, spent?: Spent): Promise<void> {
    const { connectionId } = slot;
    if (slot.kind === 'slot') {
      const name = attributeOf(slot.place);
      const change = { ...(spent && changeOf(spent, kept(spent.at))), remove: [name] };
      const released = await this.#update(connectionId, change, equals(name, slot.mark));
      if (released.isDone) return this.#forgetPast(connectionId, released.item, spent);
    }
    if (spent) await this.count(connectionId, spent);
  }

  async count(connectionId: string, spent: Spent): Promise<void> {
    const counted = await this.#update(connectionId, changeOf(spent, kept(spent.at)));
    await this.#forgetPast(connectionId, counted.item, spent);
  }

  async allowance(connectionId: string): Promise<KnownAllowance> {
    return attempt('reading what was called', async () => {
      const { Item } = await this.#table.client.send(
        new GetItemCommand({
          TableName: this.#table.name,
          Key: toItem(orgSlotsKey(connectionId)),
          ConsistentRead: true,
        }),
      );
      return allowanceOf(Item ?? {});
    });
  }

  /** Once an hour there are some. */
  async #forgetPast(connectionId: string, item: RawItem, spent: Spent | undefined): Promise<void> {
    const remove = spent ? pastCallsOf(item, epochMs(spent.at)) : [];
    if (remove.length > 0) await this.#update(connectionId, { remove });
  }

  async trip(slot: OrgSlot, until: string): Promise<boolean> {
    const trips = slot.kind === 'trial' ? slot.trips + 1 : 1;
    const isUntouched = slot.kind === 'trial' ? equals('openUntil', slot.until) : isAbsent('openUntil');
    const set = { openUntil: until, trips, ...kept(until) };
    return (await this.#update(slot.connectionId, { set }, isUntouched)).isDone;
  }

  async close(connectionId: string, until: string): Promise<void> {
    await this.#update(connectionId, { remove: ['openUntil', 'trips'] }, equals('openUntil', until));
  }

  async #takeTrial(
    connectionId: string,
    { now, trialUntil }: SlotRequest,
    openUntil: string,
    trips: number,
  ): Promise<SlotAnswer> {
    if (openUntil > now) return { kind: 'open', until: openUntil };
    const set = { openUntil: trialUntil, ...kept(trialUntil) };
    const found = await this.#update(connectionId, { set }, equals('openUntil', openUntil));
    if (!found.isDone) return { kind: 'open', until: trialUntil };
    const slot = { kind: 'trial', connectionId, until: trialUntil, trips } as const;
    return { kind: 'taken', slot, allowance: allowanceOf(found.item) };
  }

  /** @returns the item after the update, or as it is where the condition does not hold */
  #update(
    connectionId: string,
    change: Parameters<typeof updateOf>[0],
    onlyIf?: Condition,
  ): Promise<{ readonly isDone: boolean; readonly item: RawItem }> {
    return attempt('taking turns at an org', async () => {
      try {
        const { Attributes = {} } = await this.#table.client.send(
          new UpdateItemCommand({
            TableName: this.#table.name,
            Key: toItem(orgSlotsKey(connectionId)),
            ...updateOf(change, onlyIf),
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return { isDone: true, item: Attributes };
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException)
          return { isDone: false, item: error.Item ?? {} };
        throw error;
      }
    });
  }
}

const kept = (until: string) => ({
  [VERSION_ATTRIBUTE]: slotItems.version,
  expiresAt: expiryAfter(until, KEPT_DAYS),
});
