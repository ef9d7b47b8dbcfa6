import type { KeyObject } from 'node:crypto';
import type { Link } from '../../../../sync/model/link.ts';
import type { FieldMapping, Mapping } from '../../../../sync/model/mapping.ts';
import type { RemoteRecord } from '../../../../sync/model/record.ts';
import type { FieldValues } from '../../../../sync/model/values.ts';
import { canonicalRow, coveredFields, type ProofSide } from '../../../../sync/proof/canonical.ts';
import { judgePair, type OpenReason } from '../../../../sync/proof/judge-pair.ts';
import type { LeftOut } from '../../../../sync/proof/proof.ts';
import type { SweepPlace } from '../../../ports/full-sweeps.ts';
import type { Comparing, OpenKey } from '../compare.ts';
import { digestKeyOf, digestOfKey, proofBucketOf, rowEntry } from './digests.ts';
import type { LeftEntry, StagedProof } from './staged.ts';

/** A pair as a step has read it, but for its item. */
export interface SeenPair {
  readonly localKey?: string;
  readonly sfId?: string;
  /** `unreadable` where what is stored of the pair is damaged. */
  readonly link: Link | undefined | 'unreadable';
  readonly record: RemoteRecord | 'missing' | 'unreadable';
}

/** What one step adds to the proof. */
export class ProofPage {
  readonly #digestKey: KeyObject;
  readonly #mapping: Mapping;
  readonly #fields: readonly FieldMapping[];
  readonly #rows = new Map<
    string,
    { readonly side: ProofSide; readonly bucket: number; entries: Buffer[] }
  >();
  readonly #left: LeftEntry[] = [];

  /** @param digestKey - base64 */
  constructor(mapping: Mapping, digestKey: string) {
    this.#mapping = mapping;
    this.#fields = coveredFields(mapping);
    this.#digestKey = digestKeyOf(digestKey);
  }

  /**
   * Reads the items of these pairs, and adds the rows of those that are in step.
   *
   * @returns the others, and why
   */
  async addInStep(
    { ports }: Pick<Comparing, 'ports'>,
    pairs: readonly SeenPair[],
  ): Promise<readonly (OpenKey & { readonly verdict: OpenReason | 'gone' })[]> {
    const keys = pairs.flatMap(({ localKey }) => localKey ?? []);
    const { items, invalid } = await ports.syncStore.items(this.#mapping, keys);
    const nowMs = ports.clock.nowMs();
    return pairs.flatMap(({ localKey = '', link, record, ...named }) => {
      const item = invalid.has(localKey) ? 'unusable' : (items.get(localKey) ?? 'missing');
      const verdict =
        link === 'unreadable' ? 'unreadable' : judgePair(this.#fields, { link, item, record }, nowMs);
      if (verdict !== 'in-step') return [{ ...named, ...(localKey !== '' && { localKey }), verdict }];
      if (typeof item !== 'object' || typeof record !== 'object') return [];
      this.#addRow('local', localKey, item.values);
      this.#addRow('salesforce', record.sfId, record.values);
      return [];
    });
  }

  /** Not covered, with its reason; without one it is there no more. */
  leaveOut({ localKey, sfId }: OpenKey, reason?: OpenReason): void {
    this.#left.push({
      ...(localKey !== undefined && { local: this.#named('local', localKey) }),
      ...(sfId !== undefined && { salesforce: this.#named('salesforce', sfId) }),
      ...(reason !== undefined && { reason }),
    });
  }

  /** All that a look came to. */
  async stage(staged: StagedProof, place: SweepPlace): Promise<void> {
    await this.stageRows(staged, place);
    // An empty list too: the same look may have been begun before, and have left another one.
    await staged.addLeft(place, this.#left);
  }

  /** What a step of the comparison came to: only a look leaves out. */
  async stageRows(staged: StagedProof, place: SweepPlace): Promise<void> {
    await Promise.all(
      [...this.#rows.values()].map(({ side, bucket, entries }) =>
        staged.addRows(place, side, bucket, entries),
      ),
    );
  }

  #addRow(side: ProofSide, key: string, values: FieldValues): void {
    const bucket = proofBucketOf(key);
    const id = `${side}#${bucket}`;
    const rows = this.#rows.get(id) ?? { side, bucket, entries: [] };
    rows.entries.push(rowEntry(this.#digestKey, side, key, canonicalRow(side, key, this.#fields, values)));
    this.#rows.set(id, rows);
  }

  #named(side: ProofSide, key: string): NonNullable<LeftOut[ProofSide]> {
    return { bucket: proofBucketOf(key), key: digestOfKey(this.#digestKey, side, key) };
  }
}
