import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import type { OpenConflict, OpenConflictChanges } from '../../use-cases/ports/open-conflicts.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { fieldValue, type ShapeOf, storedItems } from '../stored-items.ts';
import { openConflictKey, openConflictList, type StateKey, sortableTime } from '../table-layout.ts';
import { heldShape } from './link-items.ts';

const openConflictItems = storedItems(
  'open conflicts',
  z.object({
    ...heldShape,
    mappingId: z.string(),
    localKey: z.string(),
    sfId: z.string(),
    base: z.exactOptional(fieldValue),
    localChangedAt: z.exactOptional(z.string()),
    remoteChangedAt: z.string(),
    remoteChangedBy: z.exactOptional(z.string()),
  } satisfies ShapeOf<OpenConflict>),
);

type Names = Pick<OpenConflict, 'mappingId' | 'localKey' | 'field'>;

export const openConflictItemKey = ({ mappingId, localKey, field }: Names): RawItem =>
  toItem(openConflictKey(mappingId, localKey, field));

/** The whole item, with what lists it. */
export const storedOpenConflict = ({ base, ...conflict }: OpenConflict): RawItem => ({
  ...openConflictItems.toItem({ ...conflict, ...(base !== undefined && { base }) }),
  ...openConflictItemKey(conflict),
  ...toItem({
    listKey: openConflictList(conflict.mappingId),
    listSort: sortableTime(conflict.since),
  }),
});

export const openConflictOf = (item: RawItem): OpenConflict => ({
  base: undefined,
  ...openConflictItems.fromItem(item),
});

/** The actions of a transaction that changes what is held of a link's pair; each item once. */
export const openConflictActions = (
  tableName: string,
  { mappingId, localKey }: Pick<OpenConflict, 'mappingId' | 'localKey'>,
  { put, remove }: OpenConflictChanges = { put: [], remove: [] },
): readonly { readonly key: StateKey; readonly action: TransactWriteItem }[] => [
  ...put.map((conflict) => ({
    key: openConflictKey(mappingId, localKey, conflict.field),
    action: { Put: { TableName: tableName, Item: storedOpenConflict(conflict) } },
  })),
  ...remove.map((field) => {
    const key = openConflictKey(mappingId, localKey, field);
    return { key, action: { Delete: { TableName: tableName, Key: toItem(key) } } };
  }),
];
