import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { TTL_ATTRIBUTE } from '../../contracts/tables.ts';
import {
  type AwaitedParent,
  type Awaiting,
  MAX_WAITING_CHILDREN,
  type WaitingChild,
} from '../../use-cases/ports/waiting-children.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { inParallel, readAll, type Table, tryWrite } from '../dynamodb.ts';
import { anyOf, exists, hasFewer, isAbsent, updateOf } from '../expressions.ts';
import { type ShapeOf, storedItems } from '../stored-items.ts';
import { awaitedKey, expiryAfter, KEPT_DAYS } from '../table-layout.ts';

/** A parent that is waited for; its children, each as JSON. */
interface AwaitedItem extends AwaitedParent {
  /** Gone when the last child is. */
  readonly children?: ReadonlySet<string>;
}

const awaitedItems = storedItems<AwaitedItem>(
  'waiting children',
  z.object({
    mappingId: z.string(),
    kind: z.enum(['item', 'record']),
    key: z.string(),
    children: z.exactOptional(z.set(z.string())),
  } satisfies ShapeOf<AwaitedItem>),
);

const child = z.tuple([z.string(), z.string()]);
const WRITES_AT_ONCE = 16;

export const awaitedItemKey = ({ mappingId, kind, key }: AwaitedParent): RawItem =>
  toItem(awaitedKey(mappingId, kind, key));

const textOf = ({ mappingId, key }: WaitingChild): string => JSON.stringify([mappingId, key]);

/** Each parent with its children, once. */
const byParent = (awaiting: readonly Awaiting[]) =>
  [
    ...Map.groupBy(awaiting, ({ parent: { mappingId, kind, key } }) =>
      JSON.stringify([mappingId, kind, key]),
    ),
  ].flatMap(([, some]) => {
    const parent = some[0]?.parent;
    return parent ? [{ parent, children: new Set(some.map((one) => textOf(one.child))) }] : [];
  });

/** As `WaitingChildren.addWaiting`. @param at - ISO 8601 */
export const addWaiting = async (table: Table, awaiting: readonly Awaiting[], at: string): Promise<void> => {
  await inParallel(
    byParent(awaiting),
    ({ parent, children }) => {
      const { v, ...about } = { v: awaitedItems.version, ...parent };
      return tryWrite('keeping who waits', () =>
        table.client.send(
          new UpdateItemCommand({
            TableName: table.name,
            Key: awaitedItemKey(parent),
            ...updateOf(
              {
                set: { ...about, v, [TTL_ATTRIBUTE]: expiryAfter(at, KEPT_DAYS.awaited) },
                add: { children },
              },
              anyOf(isAbsent('children'), hasFewer('children', MAX_WAITING_CHILDREN)),
            ),
          }),
        ),
      );
    },
    WRITES_AT_ONCE,
  );
};

/** As `WaitingChildren.whoWaitsFor`. */
export const whoWaitsFor = async (
  table: Table,
  parents: readonly AwaitedParent[],
): Promise<readonly Awaiting[]> => {
  const items = await readAll(table, parents.map(awaitedItemKey), 'reading who waits');
  return items.map(awaitedItems.fromItem).flatMap(({ children = new Set<string>(), ...parent }) =>
    [...children].map((text) => {
      const [mappingId, key] = child.parse(JSON.parse(text));
      return { parent, child: { mappingId, key } };
    }),
  );
};

/** As `WaitingChildren.removeWaiting`. */
export const removeWaiting = async (table: Table, awaiting: readonly Awaiting[]): Promise<void> => {
  await inParallel(
    byParent(awaiting),
    ({ parent, children }) =>
      tryWrite('forgetting who waits', () =>
        table.client.send(
          new UpdateItemCommand({
            TableName: table.name,
            Key: awaitedItemKey(parent),
            ...updateOf({ take: { children } }, exists('children')),
          }),
        ),
      ),
    WRITES_AT_ONCE,
  );
};
