import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_TABLE } from '../../contracts/tables.ts';
import type { Link } from '../../sync/model/link.ts';
import type { LinkLists } from '../../use-cases/ports/link-lists.ts';
import type { RawItem } from '../attribute-values.ts';
import { readListed, type Table, tryTransact } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { anyOf, conditionOf, equals, isAbsent, queryOf } from '../expressions.ts';
import { BUCKETS, linkPartition } from '../table-layout.ts';
import { pageOfBuckets } from './bucket-pages.ts';
import { linkItemKey, linkItems, pointerItemKey } from './link-items.ts';

/** A link is about a kilobyte. */
const PAGE_ITEMS = 200;

/** The links of a mapping in their buckets on the sync-state table. */
export class DynamoLinkLists implements LinkLists {
  readonly #table: Table;
  readonly #pageItems: number;

  constructor(table: Table, pageItems = PAGE_ITEMS) {
    this.#table = table;
    this.#pageItems = pageItems;
  }

  async page(mappingId: string, after?: string) {
    const { items, ...place } = await pageOfBuckets(
      {
        table: this.#table,
        partitionOf: (bucket) => linkPartition(mappingId, bucket),
        pageItems: this.#pageItems,
        what: 'listing links',
      },
      after,
    );
    return { links: readListed(this.#table, items, linkItems.fromItem), ...place };
  }

  /** A request for each megabyte, some thousand links. */
  async countLiving(mappingId: string, atMost: number): Promise<number> {
    let count = 0;
    for (let bucket = 0; bucket < BUCKETS && count < atMost; bucket += 1) {
      count += await this.#countIn(linkPartition(mappingId, bucket), atMost - count);
    }
    return Math.min(count, atMost);
  }

  forget({ mappingId, localKey, sfId, version }: Link): Promise<boolean> {
    const TableName = this.#table.name;
    const link = {
      Delete: {
        TableName,
        Key: linkItemKey(mappingId, localKey),
        ...conditionOf(equals('version', version)),
      },
    };
    const pointers = (sfId === undefined ? [] : [sfId]).map((id) => ({
      Delete: {
        TableName,
        Key: pointerItemKey(mappingId, id),
        ...conditionOf(anyOf(isAbsent(SYNC_STATE_TABLE.partitionKey), equals('localKey', localKey))),
      },
    }));
    return tryTransact(this.#table, 'forgetting a link', [link, ...pointers]);
  }

  async #countIn(partition: string, atMost: number): Promise<number> {
    let count = 0;
    let start: RawItem | undefined;
    do {
      const { Count = 0, LastEvaluatedKey } = await attempt('counting links', () =>
        this.#table.client.send(
          new QueryCommand({
            TableName: this.#table.name,
            ConsistentRead: true,
            Select: 'COUNT',
            ...queryOf({
              key: equals(SYNC_STATE_TABLE.partitionKey, partition),
              filter: equals('state', 'linked'),
            }),
            ...(start && { ExclusiveStartKey: start }),
          }),
        ),
      );
      count += Count;
      start = LastEvaluatedKey;
    } while (start !== undefined && count < atMost);
    return count;
  }
}
