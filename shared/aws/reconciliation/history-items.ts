import { createHmac, randomBytes } from 'node:crypto';
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import * as z from 'zod/mini';
import { cause } from '../../contracts/causes.ts';
import { TTL_ATTRIBUTE } from '../../contracts/tables.ts';
import {
  HISTORY_EVENTS,
  HISTORY_RULES,
  type HistoryEntry,
  type Kept,
  type KeptChange,
} from '../../sync/history/line.ts';
import type { Link } from '../../sync/model/link.ts';
import { historyOptionsOf, type Mapping } from '../../sync/model/mapping.ts';
import type { FieldValue } from '../../sync/model/values.ts';
import type { HistoryLine } from '../../use-cases/ports/history.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { fieldValue, type ShapeOf, storedItems } from '../stored-items.ts';
import { expiryAfter, historyEntry, historyKey } from '../table-layout.ts';

/** A longer value is kept as its digest, whatever the mapping says: a line has a few KB at most. */
const MAX_VALUE_BYTES = 1_024;
/** So are those that do not find room on their line any more. */
const MAX_LINE_BYTES = 4_096;
/** Bytes of a digest, which tells values of one line from each other, and protects from nobody who reads the table. */
const DIGEST_BYTES = 12;
const SALT_BYTES = 12;

const kept = z.union([z.object({ value: fieldValue }), z.object({ digest: z.string() })]);

const change = z.object({
  field: z.string(),
  side: z.enum(['local', 'salesforce', 'neither']),
  rule: z.enum(HISTORY_RULES as [(typeof HISTORY_RULES)[number]]),
  before: z.exactOptional(kept),
  after: kept,
  isMeeting: z.exactOptional(z.literal(true)),
} satisfies ShapeOf<KeptChange>);

/** Lines of the history. */
export const historyItems = storedItems<HistoryLine>(
  'lines of the history',
  z.object({
    mappingId: z.string(),
    localKey: z.string(),
    sfId: z.exactOptional(z.string()),
    version: z.number(),
    revision: z.number(),
    at: z.string(),
    event: z.enum(HISTORY_EVENTS),
    causes: z.array(cause),
    changes: z.array(change),
    held: z.exactOptional(z.array(z.string())),
    requestId: z.exactOptional(z.string()),
    salt: z.string(),
  } satisfies ShapeOf<HistoryLine>),
);

/** The digest of a field's value on the line with this salt. */
export const digestOf = (salt: string, field: string, value: FieldValue): string =>
  createHmac('sha256', salt)
    .update(JSON.stringify([field, value]))
    .digest()
    .subarray(0, DIGEST_BYTES)
    .toString('base64url');

/** What a commit leaves in the history. */
export const historyLineOf = (
  mapping: Mapping,
  { mappingId, localKey, sfId, revision }: Omit<Link, 'version'>,
  version: number,
  { changes, ...entry }: HistoryEntry,
): HistoryLine => {
  const salt = randomBytes(SALT_BYTES).toString('base64url');
  let room = historyOptionsOf(mapping).keep === 'values' ? MAX_LINE_BYTES : 0;
  const keep = (field: string, value: FieldValue): Kept => {
    const bytes = Buffer.byteLength(JSON.stringify(value));
    if (bytes > MAX_VALUE_BYTES || bytes > room) return { digest: digestOf(salt, field, value) };
    room -= bytes;
    return { value };
  };
  return {
    ...{ mappingId, localKey, version, revision, ...entry, salt },
    ...(sfId !== undefined && { sfId }),
    changes: changes.map(({ before, after, ...about }) => ({
      ...about,
      ...(before !== undefined && { before: keep(about.field, before) }),
      after: keep(about.field, after),
    })),
  };
};

/** The whole item, with what lists it and when it ends. */
const storedHistoryLine = (line: HistoryLine, days: number): RawItem => {
  const { mappingId, localKey, at, version } = line;
  return {
    ...historyItems.toItem(line),
    ...toItem({
      ...historyKey(mappingId, localKey, at, version),
      ...historyEntry(mappingId, localKey, at),
      [TTL_ATTRIBUTE]: expiryAfter(at, days),
    }),
  };
};

/** The action of a commit's transaction that leaves the line. */
export const putHistoryLine = (
  tableName: string,
  mapping: Mapping,
  link: Omit<Link, 'version'>,
  version: number,
  entry: HistoryEntry,
): TransactWriteItem => {
  const line = historyLineOf(mapping, link, version, entry);
  return { Put: { TableName: tableName, Item: storedHistoryLine(line, historyOptionsOf(mapping).days) } };
};
