import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { SYNC_STATE_TABLE, VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import type { HeldField, Link, Resolution } from '../../sync/model/link.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { anyOf, conditionOf, equals, isAbsent } from '../expressions.ts';
import { fieldValue, fieldValues, type ShapeOf, storedItems } from '../stored-items.ts';
import { linkKey, pointerKey } from '../table-layout.ts';

export const linkItemKey = (mappingId: string, localKey: string): RawItem =>
  toItem(linkKey(mappingId, localKey));

export const pointerItemKey = (mappingId: string, sfId: string): RawItem =>
  toItem(pointerKey(mappingId, sfId));

const resolution = z.object({
  take: z.enum(['salesforce', 'local', 'value']),
  value: z.exactOptional(fieldValue),
  at: z.string(),
} satisfies ShapeOf<Resolution>);

/** What is held of one field, on its link and in the list of open conflicts alike. */
export const heldShape = {
  field: z.string(),
  local: fieldValue,
  remote: fieldValue,
  since: z.string(),
  version: z.number(),
  resolution: z.exactOptional(resolution),
  dropped: z.exactOptional(resolution),
} satisfies ShapeOf<HeldField>;
const heldField = z.object(heldShape);

/** The pairings of items with records. */
export const linkItems = storedItems<Link>(
  'links',
  z.object({
    mappingId: z.string(),
    localKey: z.string(),
    sfId: z.exactOptional(z.string()),
    state: z.enum(['creating', 'linked', 'local-deleted', 'remote-deleted', 'deleting', 'both-deleted']),
    revision: z.number(),
    base: fieldValues,
    pending: z.exactOptional(fieldValues),
    adjusted: z.exactOptional(fieldValues),
    adoptions: z.exactOptional(z.object({ count: z.number(), at: z.string() })),
    contested: z.exactOptional(z.array(z.string())),
    owesKey: z.exactOptional(z.literal(true)),
    marked: z.exactOptional(z.enum(['record', 'item'])),
    endsPair: z.exactOptional(z.string()),
    held: z.exactOptional(z.array(heldField)),
    sfModstamp: z.exactOptional(z.string()),
    sfReadAt: z.exactOptional(z.string()),
    localChangedAt: z.exactOptional(z.string()),
    run: z.exactOptional(z.object({ by: z.enum(['load', 'push']), runId: z.string(), at: z.string() })),
    lease: z.exactOptional(z.object({ owner: z.string(), until: z.number() })),
    version: z.number(),
  } satisfies ShapeOf<Link>),
  4,
  2,
);

/** The first version that knows of deletions that are carried over; older code waits for its replacement with these. */
const CARRIED_OVER: ReadonlySet<Link['state']> = new Set(['deleting', 'both-deleted']);
/** What older code reads as well as this code does: nothing of it was marked, or carried over. */
const PLAIN_VERSION = 2;
const CARRIED_OVER_VERSION = 3;

const linkItemOf = (link: Link): RawItem => ({
  ...linkItems.toItem(link),
  ...(link.marked === undefined &&
    toItem({ [VERSION_ATTRIBUTE]: CARRIED_OVER.has(link.state) ? CARRIED_OVER_VERSION : PLAIN_VERSION })),
});

/** Which local key a Salesforce id is linked to. */
export const pointerItems = storedItems('pointers', z.object({ sfId: z.string(), localKey: z.string() }));

const IS_NEW = isAbsent(SYNC_STATE_TABLE.partitionKey);

/** Writes a link over the version that was read, or where none is. */
export const putLink = (
  tableName: string,
  link: Omit<Link, 'version'>,
  expectedVersion: number,
): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: {
      ...linkItemOf({ ...link, version: expectedVersion + 1 }),
      ...linkItemKey(link.mappingId, link.localKey),
    },
    ...conditionOf(expectedVersion === 0 ? IS_NEW : equals('version', expectedVersion)),
  },
});

/**
 * Leads from a Salesforce id to the local key that it is linked to; never to two. It stays as long as the link,
 * tombstones included.
 */
export const putPointer = (
  tableName: string,
  mappingId: string,
  sfId: string,
  localKey: string,
): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: { ...pointerItems.toItem({ sfId, localKey }), ...pointerItemKey(mappingId, sfId) },
    ...conditionOf(anyOf(IS_NEW, equals('localKey', localKey))),
  },
});
