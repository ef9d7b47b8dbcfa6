import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_TABLE } from '../../contracts/tables.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import type { Table } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { equals, queryOf } from '../expressions.ts';
import { BUCKETS } from '../table-layout.ts';

/** How a page of a mapping's buckets is read. */
export interface BucketList {
  readonly table: Table;
  readonly partitionOf: (bucket: number) => string;
  readonly pageItems: number;
  /** What is read, for an error's text. */
  readonly what: string;
}

/**
 * A page of the items that a mapping has in its sixteen buckets, bucket after bucket, by keys within each; one request.
 *
 * @param after - the `next` of the page before; what is none begins anew
 */
export const pageOfBuckets = async (
  { table, partitionOf, pageItems, what }: BucketList,
  after?: string,
): Promise<{ readonly items: readonly RawItem[]; readonly next?: string }> => {
  const { bucket, sk } = placeOf(after);
  const pk = partitionOf(bucket);
  const { Items = [], LastEvaluatedKey } = await attempt(what, () =>
    table.client.send(
      new QueryCommand({
        TableName: table.name,
        ConsistentRead: true,
        Limit: pageItems,
        ...queryOf({ key: equals(SYNC_STATE_TABLE.partitionKey, pk) }),
        ...(sk !== undefined && { ExclusiveStartKey: toItem({ pk, sk }) }),
      }),
    ),
  );
  const last = LastEvaluatedKey?.[SYNC_STATE_TABLE.sortKey]?.S;
  if (last !== undefined) return { items: Items, next: JSON.stringify([bucket, last]) };
  return bucket + 1 < BUCKETS ? { items: Items, next: JSON.stringify([bucket + 1]) } : { items: Items };
};

interface Place {
  readonly bucket: number;
  readonly sk: string | undefined;
}

const placeOf = (after: string | undefined): Place => {
  try {
    const [bucket, sk]: unknown[] = JSON.parse(after ?? '[0]');
    const isBucket =
      typeof bucket === 'number' && Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKETS;
    if (isBucket) return { bucket, sk: typeof sk === 'string' ? sk : undefined };
  } catch {
    // As for a page that never was.
  }
  return { bucket: 0, sk: undefined };
};
