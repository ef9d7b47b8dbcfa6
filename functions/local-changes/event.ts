import * as z from 'zod/mini';
import { ConfigurationError } from '../../shared/contracts/configuration-error.ts';
import { isoOf } from '../../shared/contracts/time.ts';
import type { LocalChange } from '../../shared/use-cases/local-changes/local-change.ts';

const image = z.record(z.string(), z.unknown());
const always = { SequenceNumber: z.string(), ApproximateCreationDateTime: z.number() };
const both = z.object({ ...always, OldImage: image, NewImage: image });

const fromStream = {
  eventSourceARN: z.string(),
  userIdentity: z.nullish(z.object({ type: z.optional(z.string()), principalId: z.optional(z.string()) })),
};

/** One batch of a table's stream. The stream has to hold new and old images: without them it fails here, visibly. */
export const streamEvent = z.object({
  Records: z.array(
    z.discriminatedUnion('eventName', [
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
    ]),
  ),
});

type StreamRecord = z.infer<typeof streamEvent>['Records'][number];

/**
 * A stream record as a change.
 *
 * @param tableNames - a physical table's name to the one in the sync config
 * @throws ConfigurationError for a table that no name belongs to
 */
export const toLocalChange = (
  { eventSourceARN, userIdentity, eventName, dynamodb }: StreamRecord,
  tableNames: ReadonlyMap<string, string>,
): LocalChange => {
  const physicalName = /:table\/([^/]+)\/stream\//.exec(eventSourceARN)?.[1] ?? '';
  const localTable = tableNames.get(physicalName);
  if (localTable === undefined) {
    throw new ConfigurationError(
      'UNKNOWN_TABLE',
      'The stream of a table arrives that LOCAL_TABLES does not name.',
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
