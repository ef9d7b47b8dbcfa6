import * as z from 'zod/mini';
import { ConfigurationError } from '../../shared/contracts/configuration-error.ts';
import { isoOf } from '../../shared/contracts/time.ts';
import type { LocalChange } from '../../shared/use-cases/local-changes/local-change.ts';

const image = z.record(z.string(), z.unknown());
/** The last second that a JavaScript date can hold. */
const MAX_SECONDS = 8.64e12;
const always = {
  SequenceNumber: z.string(),
  ApproximateCreationDateTime: z.number().check(z.gte(0), z.lte(MAX_SECONDS)),
};
const both = z.object({ ...always, OldImage: image, NewImage: image });

const fromStream = {
  eventSourceARN: z.string(),
  userIdentity: z.nullish(z.object({ type: z.optional(z.string()), principalId: z.optional(z.string()) })),
};

const streamRecord = z.discriminatedUnion('eventName', [
  z.object({
    ...fromStream,
    eventName: z.literal('INSERT'),
    dynamodb: z.object({ ...always, NewImage: image }),
  }),
  z.object({ ...fromStream, eventName: z.literal('MODIFY'), dynamodb: both }),
  z.object({
    ...fromStream,
    eventName: z.literal('REMOVE'),
    dynamodb: z.object({ ...always, OldImage: image }),
  }),
]);

/** One batch of a table's stream. Its records are read one by one, so that one of them cannot hold up the others. */
export const streamEvent = z.object({ Records: z.array(z.unknown()) });

/** A record that fits no schema of ours: where it was, and what was wrong with it, without a value. */
export interface UnreadableRecord {
  /** The table's name in the sync config. */
  readonly table: string;
  readonly sequence: string;
  /** The part of the record that is missing or of another type. */
  readonly part: string;
}

export interface StreamBatch {
  readonly changes: readonly LocalChange[];
  readonly unreadable: readonly UnreadableRecord[];
}

/**
 * The records of a batch as changes; a record that cannot be read is told of and passed over. What a whole stream does
 * wrong fails the batch, for the operator to see.
 *
 * @param tableNames - a physical table's name to the one in the sync config
 * @throws ConfigurationError for a table that no name belongs to, and for a stream that does not hold both images
 */
export const readBatch = (
  records: readonly unknown[],
  tableNames: ReadonlyMap<string, string>,
): StreamBatch => {
  const changes: LocalChange[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const record of records) {
    const localTable = tableOf(record, tableNames);
    const parsed = streamRecord.safeParse(record);
    if (parsed.success) changes.push(toLocalChange(parsed.data, localTable));
    else unreadable.push({ table: localTable, sequence: sequenceOf(record), part: partOf(parsed.error) });
  }
  if (unreadable.length > 0 && records.every(hasWrongView)) {
    throw new ConfigurationError(
      'STREAM_WITHOUT_IMAGES',
      `The stream of the table "${unreadable[0]?.table ?? ''}" does not hold new and old images.`,
    );
  }
  return { changes, unreadable };
};

const toLocalChange = (
  { userIdentity, eventName, dynamodb }: z.infer<typeof streamRecord>,
  localTable: string,
): LocalChange => ({
  localTable,
  before: eventName === 'INSERT' ? undefined : dynamodb.OldImage,
  after: eventName === 'REMOVE' ? undefined : dynamodb.NewImage,
  // DynamoDB guide, "Time to Live: streams": how a deletion by expiry is marked.
  isExpiry:
    eventName === 'REMOVE' &&
    userIdentity?.type === 'Service' &&
    userIdentity.principalId === 'dynamodb.amazonaws.com',
  changedAt: isoOf(dynamodb.ApproximateCreationDateTime * 1000),
});

const sourced = z.object({ eventSourceARN: z.string() });

/** The table's name in the sync config. */
const tableOf = (record: unknown, tableNames: ReadonlyMap<string, string>): string => {
  const { eventSourceARN = '' } = sourced.safeParse(record).data ?? {};
  const localTable = tableNames.get(/:table\/([^/]+)\/stream\//.exec(eventSourceARN)?.[1] ?? '');
  if (localTable !== undefined) return localTable;
  throw new ConfigurationError(
    'UNKNOWN_TABLE',
    'The stream of a table arrives that LOCAL_TABLES does not name.',
  );
};

const numbered = z.object({
  dynamodb: z.object({ SequenceNumber: z.string().check(z.regex(/^\d{1,40}$/)) }),
});

const sequenceOf = (record: unknown): string =>
  numbered.safeParse(record).data?.dynamodb.SequenceNumber ?? 'unknown';

/** Only as deep as DynamoDB's own names go. */
const partOf = (error: z.core.$ZodError): string => error.issues[0]?.path.slice(0, 2).join('.') || 'record';

const viewed = z.object({ dynamodb: z.object({ StreamViewType: z.string() }) });

/** By the record's own word, else by what it lacks. */
const hasWrongView = (record: unknown): boolean => {
  const view = viewed.safeParse(record).data?.dynamodb.StreamViewType;
  if (view !== undefined) return view !== 'NEW_AND_OLD_IMAGES';
  const { error } = streamRecord.safeParse(record);
  return error?.issues.some(({ path }) => path[1] === 'NewImage' || path[1] === 'OldImage') ?? false;
};
