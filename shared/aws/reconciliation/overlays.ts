import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type OverlaidPair, withRecord } from '../../sync/rehearsal/overlaid.ts';
import type { KeyedRecord, Overlays } from '../../use-cases/ports/overlay.ts';
import { inParallel, readAll, type Table, writeAll } from '../dynamodb.ts';
import { attempt } from '../errors.ts';
import { overlaidPartition } from '../table-layout.ts';
import { pageOfBuckets } from './bucket-pages.ts';
import { overlaidItemKey, overlaidPairOf, overlaidUpdate } from './overlay-items.ts';

/** A pair is a kilobyte or two. */
const PAGE_ITEMS = 500;
const PARALLEL = 20;

/** What rehearsals would have written, on the sync-state table; their items' part is written with the links. */
export class DynamoOverlays implements Overlays {
  readonly #table: Table;
  readonly #pageItems: number;

  constructor(table: Table, pageItems = PAGE_ITEMS) {
    this.#table = table;
    this.#pageItems = pageItems;
  }

  async pairs(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, OverlaidPair>> {
    const keys = [...new Set(localKeys)].map((key) => overlaidItemKey(mappingId, key));
    const items = await readAll(this.#table, keys, 'reading an overlay');
    return new Map(items.map(overlaidPairOf).map((pair) => [pair.localKey, pair]));
  }

  async putRecords(mappingId: string, records: readonly KeyedRecord[]): Promise<void> {
    const before = await this.pairs(
      mappingId,
      records.map(({ localKey }) => localKey),
    );
    const byKey = Map.groupBy(records, ({ localKey }) => localKey);
    await inParallel(
      [...byKey],
      async ([localKey, some]) => {
        const after = some.reduce(
          (all, { record }) => withRecord(all, record),
          before.get(localKey)?.records ?? [],
        );
        const update = overlaidUpdate(this.#table.name, mappingId, localKey, { records: after });
        await attempt('keeping an overlay', () => this.#table.client.send(new UpdateItemCommand(update)));
      },
      PARALLEL,
    );
  }

  async page(mappingId: string, after?: string) {
    const { items, ...place } = await pageOfBuckets(
      {
        table: this.#table,
        partitionOf: (bucket) => overlaidPartition(mappingId, bucket),
        pageItems: this.#pageItems,
        what: 'listing an overlay',
      },
      after,
    );
    return { pairs: items.map(overlaidPairOf), ...place };
  }

  async forget(mappingId: string, localKeys: readonly string[]): Promise<void> {
    const requests = localKeys.map((key) => ({ DeleteRequest: { Key: overlaidItemKey(mappingId, key) } }));
    await writeAll(this.#table, requests, 'dropping an overlay');
  }
}
