import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { StoredItemError } from '../../contracts/stored-item-error.ts';
import { SYNC_STATE_TABLE, VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import type { Link } from '../../sync/model/link.ts';
import type { LinkPages, Pointer } from '../../use-cases/ports/link-pages.ts';
import type { RawItem } from '../attribute-values.ts';
import { inParallel, type Table, tryTransact } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { allOf, conditionOf, equals, isAbsent, isGreater, queryOf } from '../expressions.ts';
import { BUCKETS, linkPartition, pointersPartition } from '../table-layout.ts';
import { linkItemKey, linkItems, pointerItemKey, pointerItems, putPointer } from './link-items.ts';

const { partitionKey, sortKey } = SYNC_STATE_TABLE;

export interface LinkPagesOptions extends Table {
  /** Pointers of one bucket in a page: a page of Salesforce's 2,000 records has some 125 in each. @default 200 */
  readonly pointersOfABucket?: number;
  /** Links of a page; it also ends at 1 MB. @default 500 */
  readonly linksOfAPage?: number;
}

/** Links and pointers in order, bucket by bucket, on the sync-state table. */
export class DynamoLinkPages implements LinkPages {
  readonly buckets = BUCKETS;
  readonly #table: Table;
  readonly #pointersOfABucket: number;
  readonly #linksOfAPage: number;

  constructor({ pointersOfABucket = 200, linksOfAPage = 500, ...table }: LinkPagesOptions) {
    this.#table = table;
    this.#pointersOfABucket = pointersOfABucket;
    this.#linksOfAPage = linksOfAPage;
  }

  async pointers(
    mappingId: string,
    range: { readonly after?: string; readonly upTo?: string },
  ): Promise<{ pointers: readonly Pointer[]; end?: string }> {
    const buckets = Array.from({ length: BUCKETS }, (_, bucket) => bucket);
    const pages = await inParallel(
      buckets,
      (bucket) => this.#pointersOf(pointersPartition(mappingId, bucket), range),
      BUCKETS,
    );
    // Complete only as far as the bucket that came the least far.
    const ends = pages.flatMap(({ end }) => end ?? []).sort();
    const [end] = ends;
    const all = pages.flatMap((page) => page.pointers);
    const pointers = (end === undefined ? all : all.filter(({ sfId }) => sfId <= end)).sort((a, b) =>
      a.sfId < b.sfId ? -1 : 1,
    );
    return end === undefined ? { pointers } : { pointers, end };
  }

  async links(
    mappingId: string,
    bucket: number,
    after?: string,
  ): Promise<{ links: readonly Link[]; unreadable: readonly string[]; next?: string }> {
    const { items, last } = await this.#page(linkPartition(mappingId, bucket), { after }, this.#linksOfAPage);
    const links: Link[] = [];
    const unreadable: string[] = [];
    for (const item of items) {
      try {
        links.push(linkItems.fromItem(item));
      } catch (error) {
        // One that newer code wrote waits for that; one that is damaged must not hide the others.
        if (!(error instanceof StoredItemError) || error.next.do !== 'stop') throw error;
        unreadable.push(item[sortKey]?.S ?? '');
      }
    }
    return { links, unreadable, ...(last !== undefined && { next: last }) };
  }

  restorePointer(
    { mappingId, localKey, version }: Pick<Link, 'mappingId' | 'localKey' | 'version'>,
    sfId: string,
  ): Promise<boolean> {
    return tryTransact(this.#table, 'mending a pointer', [
      {
        ConditionCheck: {
          TableName: this.#table.name,
          Key: linkItemKey(mappingId, localKey),
          ...conditionOf(allOf(equals('version', version), equals('sfId', sfId))),
        },
      },
      putPointer(this.#table.name, mappingId, sfId, localKey),
    ]);
  }

  dropPointer(mappingId: string, { sfId, localKey }: Pointer): Promise<boolean> {
    return tryTransact(this.#table, 'mending a pointer', [
      {
        ConditionCheck: {
          TableName: this.#table.name,
          Key: linkItemKey(mappingId, localKey),
          ...conditionOf(isAbsent(partitionKey)),
        },
      },
      {
        Delete: {
          TableName: this.#table.name,
          Key: pointerItemKey(mappingId, sfId),
          ...conditionOf(equals('localKey', localKey)),
        },
      },
    ]);
  }

  async #pointersOf(
    partition: string,
    { after, upTo }: { readonly after?: string; readonly upTo?: string },
  ): Promise<{ readonly pointers: readonly Pointer[]; readonly end?: string }> {
    const { items, last } = await this.#page(
      partition,
      { after, attributes: ['sfId', 'localKey', VERSION_ATTRIBUTE] },
      this.#pointersOfABucket,
    );
    const pointers = items
      .map(pointerItems.fromItem)
      .filter(({ sfId }) => upTo === undefined || sfId <= upTo);
    const isWhole = last === undefined || (upTo !== undefined && last >= upTo);
    return isWhole ? { pointers } : { pointers, end: last };
  }

  /** `last` is the key at which the page ends, if there may be more. */
  async #page(
    partition: string,
    { after, attributes }: { readonly after?: string | undefined; readonly attributes?: readonly string[] },
    limit: number,
  ): Promise<{ readonly items: readonly RawItem[]; readonly last?: string }> {
    const ofPartition = equals(partitionKey, partition);
    const query = queryOf({
      key: after === undefined ? ofPartition : allOf(ofPartition, isGreater(sortKey, after)),
      ...(attributes && { attributes }),
    });
    const { Items: items = [], LastEvaluatedKey } = await attempt('reading links in order', () =>
      this.#table.client.send(
        new QueryCommand({ TableName: this.#table.name, ConsistentRead: true, Limit: limit, ...query }),
      ),
    );
    const last = LastEvaluatedKey?.[sortKey]?.S;
    return last === undefined ? { items } : { items, last };
  }
}
