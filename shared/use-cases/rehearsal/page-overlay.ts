import { type OverlaidPair, withRecord } from '../../sync/rehearsal/overlaid.ts';
import type { KeyedOverlay, KeyedRecord, Overlay } from '../ports/overlay.ts';

/** What is overlaid of a few keys, in memory: for a dry run that nobody asks about afterwards. */
export class PageOverlay implements Overlay {
  readonly #pairs = new Map<string, OverlaidPair>();

  async pairs(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, OverlaidPair>> {
    return new Map(
      localKeys.flatMap((key) => {
        const pair = this.#pairs.get(nameOf(mappingId, key));
        return pair ? [[key, pair] as const] : [];
      }),
    );
  }

  async putRecords(mappingId: string, records: readonly KeyedRecord[]): Promise<void> {
    for (const { localKey, record } of records) {
      const { records: before = [], ...pair } = this.#of(mappingId, localKey);
      this.#pairs.set(nameOf(mappingId, localKey), { ...pair, records: withRecord(before, record) });
    }
  }

  put(mappingId: string, overlaid: KeyedOverlay): void {
    const { localKey } = overlaid;
    this.#pairs.set(nameOf(mappingId, localKey), { ...this.#of(mappingId, localKey), ...overlaid });
  }

  /** All of one mapping. */
  all(mappingId: string): readonly OverlaidPair[] {
    return [...this.#pairs].flatMap(([name, pair]) =>
      name === nameOf(mappingId, pair.localKey) ? [pair] : [],
    );
  }

  #of = (mappingId: string, localKey: string): OverlaidPair =>
    this.#pairs.get(nameOf(mappingId, localKey)) ?? { localKey, records: [] };
}

const nameOf = (mappingId: string, localKey: string): string => JSON.stringify([mappingId, localKey]);
