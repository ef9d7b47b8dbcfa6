import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { parseJson } from '../../contracts/exact-number.ts';
import { VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import type { OverlaidItem, OverlaidPair, OverlaidRecord } from '../../sync/rehearsal/overlaid.ts';
import type { KeyedOverlay } from '../../use-cases/ports/overlay.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { updateOf } from '../expressions.ts';
import { fieldValues, type ShapeOf, storedItems } from '../stored-items.ts';
import { overlaidKey } from '../table-layout.ts';

const kind = z.enum(['created', 'changed', 'deleted']);
const seen = z.record(z.string(), z.string());
const overlaidItem = z.object({
  kind,
  values: fieldValues,
  seen,
  sfId: z.exactOptional(z.string()),
  mark: z.exactOptional(z.nullable(z.string())),
} satisfies ShapeOf<OverlaidItem>);
const overlaidRecord = z.object({
  sfId: z.string(),
  kind,
  values: z.record(z.string(), z.unknown()),
  seen,
  at: z.string(),
} satisfies ShapeOf<OverlaidRecord>);

/** Both sides as JSON: their values keep every digit there, and any name. */
const overlaidItems = storedItems(
  'overlaid pairs',
  z.object({
    localKey: z.string(),
    item: z.exactOptional(z.string()),
    held: z.exactOptional(z.array(z.string())),
    records: z.exactOptional(z.string()),
  }),
);

export const overlaidItemKey = (mappingId: string, localKey: string): RawItem =>
  toItem(overlaidKey(mappingId, localKey));

export const overlaidPairOf = (stored: RawItem): OverlaidPair => {
  const { localKey, item, held, records } = overlaidItems.fromItem(stored);
  return {
    localKey,
    ...(item !== undefined && { item: overlaidItem.parse(parseJson(item)) }),
    ...(held && { held }),
    records: records === undefined ? [] : z.array(overlaidRecord).parse(parseJson(records)),
  };
};

type Change = Partial<KeyedOverlay> & { readonly records?: readonly OverlaidRecord[] };

/** What an update of a pair changes; the rest of it stays. */
export const overlaidUpdate = (
  tableName: string,
  mappingId: string,
  localKey: string,
  { item, held, records }: Change,
) => ({
  TableName: tableName,
  Key: overlaidItemKey(mappingId, localKey),
  ...updateOf({
    set: {
      localKey,
      item: item && JSON.stringify(item),
      held,
      records: records && JSON.stringify(records),
      [VERSION_ATTRIBUTE]: overlaidItems.version,
    },
  }),
});

/** The part of a commit that keeps what a rehearsal does not write. */
export const overlaidAction = (
  tableName: string,
  mappingId: string,
  overlaid: KeyedOverlay,
): TransactWriteItem => ({ Update: overlaidUpdate(tableName, mappingId, overlaid.localKey, overlaid) });
