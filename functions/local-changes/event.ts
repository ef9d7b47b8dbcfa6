import * as z from 'zod/mini';
import { ConfigurationError } from '../../shared/contracts/configuration-error.ts';
import type { SyncConfig } from '../../shared/contracts/sync-config.ts';
import { isoOf } from '../../shared/contracts/time.ts';
import type { LocalChange, StreamImage } from '../../shared/use-cases/local-changes/local-change.ts';

const image = z.record(z.string(), z.unknown());

/** What every stream has; whether it has the images too depends on the stream's view. */
const change = z.object({
  SequenceNumber: z.string(),
  ApproximateCreationDateTime: z.number(),
  Keys: image,
  OldImage: z.optional(image),
  NewImage: z.optional(image),
});

/** One batch of a table's stream. */
export const streamEvent = z.object({
  Records: z.array(
    z.object({
      eventName: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
      eventSourceARN: z.string(),
      userIdentity: z.nullish(
        z.object({ type: z.optional(z.string()), principalId: z.optional(z.string()) }),
      ),
      dynamodb: change,
    }),
  ),
});

type StreamRecord = z.infer<typeof streamEvent>['Records'][number];

/** The local tables as the reader of their streams knows them. */
export interface KnownTables {
  /** A physical table's name to the one in the sync config. */
  readonly tableNames: ReadonlyMap<string, string>;
  readonly localTables: SyncConfig['localTables'];
}

/**
 * A stream record as a change. What only AWS knows of an existing table is looked at here: with another key, or
 * without the images, no change could ever be understood, and none may pass for one that means nothing.
 *
 * @throws ConfigurationError for a table that no name belongs to, that has another key than the config says, or whose
 *   stream lacks the item before or after
 */
export const toLocalChange = (
  { eventSourceARN, userIdentity, eventName, dynamodb }: StreamRecord,
  { tableNames, localTables }: KnownTables,
): LocalChange => {
  const physicalName = /:table\/([^/]+)\/stream\//.exec(eventSourceARN)?.[1] ?? '';
  const localTable = tableNames.get(physicalName);
  const table = localTable === undefined ? undefined : localTables[localTable];
  if (localTable === undefined || table === undefined) {
    throw new ConfigurationError(
      'UNKNOWN_TABLE',
      'The stream of a table arrives that LOCAL_TABLES does not name.',
    );
  }
  checkKey(localTable, table.keyField, dynamodb.Keys);
  const isWhole =
    (eventName === 'INSERT' || dynamodb.OldImage !== undefined) &&
    (eventName === 'REMOVE' || dynamodb.NewImage !== undefined);
  if (!isWhole) {
    throw new ConfigurationError(
      'STREAM_WITHOUT_IMAGES',
      `The stream of the local table ${localTable} does not hold the items before and after each change: its view must be NEW_AND_OLD_IMAGES.`,
    );
  }
  return {
    localTable,
    before: eventName === 'INSERT' ? undefined : dynamodb.OldImage,
    after: eventName === 'REMOVE' ? undefined : dynamodb.NewImage,
    // DynamoDB guide, "Time to Live: streams": how a deletion by expiry is marked.
    isExpiry:
      eventName === 'REMOVE' &&
      userIdentity?.type === 'Service' &&
      userIdentity.principalId === 'dynamodb.amazonaws.com',
    changedAt: isoOf(dynamodb.ApproximateCreationDateTime * 1000),
    sequence: dynamodb.SequenceNumber,
  };
};

/** The table's key is the one of the config, alone, and a text. */
const checkKey = (localTable: string, keyField: string, keys: StreamImage): void => {
  const names = Object.keys(keys);
  const key = Object.hasOwn(keys, keyField) ? keys[keyField] : undefined;
  if (names.length === 1 && typeof key === 'object' && key !== null && 'S' in key) return;
  throw new ConfigurationError(
    'TABLE_KEY_UNUSABLE',
    `The local table ${localTable} must have ${keyField} as its partition key, of type string, and no sort key.`,
  );
};
