import { linkItemKey } from '../../shared/aws/reconciliation/link-items.ts';
import { type OverlaidPair, withRecord } from '../../shared/sync/rehearsal/overlaid.ts';
import type { KeyedOverlay, KeyedRecord, Overlays } from '../../shared/use-cases/ports/overlay.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

const nameOf = (mappingId: string, localKey: string): string => JSON.stringify([mappingId, localKey]);

/** What rehearsals would have written, in memory. */
export class InMemoryOverlays implements Overlays {
  readonly stored = new Map<string, OverlaidPair & { readonly mappingId: string }>();
  readonly #pageItems: number;

  constructor(pageItems = 100) {
    this.#pageItems = pageItems;
  }

  async pairs(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, OverlaidPair>> {
    return new Map(
      localKeys.flatMap((key) => {
        refuseUnstorable('reading an overlay', linkItemKey(mappingId, key), SYNC_STATE_KEYS);
        const pair = this.stored.get(nameOf(mappingId, key));
        return pair ? [[key, pairOf(pair)] as const] : [];
      }),
    );
  }

  async putRecords(mappingId: string, records: readonly KeyedRecord[]): Promise<void> {
    for (const { localKey, record } of records) {
      const before = this.stored.get(nameOf(mappingId, localKey))?.records ?? [];
      this.#change(mappingId, localKey, { records: structuredClone(withRecord(before, record)) });
    }
  }

  /** At once, as a part of a transaction is. */
  put(mappingId: string, { localKey, ...change }: KeyedOverlay): void {
    this.#change(mappingId, localKey, structuredClone(change));
  }

  async page(mappingId: string, after?: string) {
    const all = [...this.stored]
      .filter(([name, one]) => one.mappingId === mappingId && (after === undefined || name > after))
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    const some = all.slice(0, this.#pageItems);
    const pairs = some.map(([, pair]) => pairOf(pair));
    const last = some.at(-1);
    return all.length > some.length && last ? { pairs, next: last[0] } : { pairs };
  }

  async forget(mappingId: string, localKeys: readonly string[]): Promise<void> {
    for (const key of localKeys) this.stored.delete(nameOf(mappingId, key));
  }

  #change(mappingId: string, localKey: string, change: Partial<OverlaidPair>): void {
    const name = nameOf(mappingId, localKey);
    const before = this.stored.get(name) ?? { mappingId, localKey, records: [] };
    this.stored.set(name, { ...before, ...change });
  }
}

const pairOf = ({ mappingId: _, ...pair }: OverlaidPair & { readonly mappingId: string }): OverlaidPair =>
  structuredClone(pair);
