import { createHash } from 'node:crypto';
import { PROOFS_PREFIX } from '../../../../contracts/proofs.ts';
import type { ProofSide } from '../../../../sync/proof/canonical.ts';
import type { LeftOut } from '../../../../sync/proof/proof.ts';
import type { Staging } from '../../../ports/bulk-jobs.ts';
import type { FullSweep, SweepPlace } from '../../../ports/full-sweeps.ts';
import type { OpenKey } from '../compare.ts';

/** Looked at together, with one call of Salesforce. */
const KEYS_AT_ONCE = 200;

/** Without a reason: a pair of before that is there no more. */
export type LeftEntry = Omit<LeftOut, 'reason'> & Pick<Partial<LeftOut>, 'reason'>;

/**
 * What a full sweep keeps of its proof between its steps, in the staging bucket. A step that is done twice writes the
 * same objects again.
 */
export class StagedProof {
  readonly #staging: Staging;
  readonly #prefix: string;

  constructor(staging: Staging, { mappingId, sweepId }: Pick<FullSweep, 'mappingId' | 'sweepId'>) {
    this.#staging = staging;
    this.#prefix = `${PROOFS_PREFIX}${mappingId}/${sweepId}`;
  }

  /** Entries of rows, as `rowEntry` makes them, that one step saw. */
  async addRows(
    place: SweepPlace,
    side: ProofSide,
    bucket: number,
    entries: readonly Buffer[],
  ): Promise<void> {
    // What a later look saw lies after what an earlier one did.
    const name = `${lookOf(place)}-${stepOf(place)}`;
    await this.#staging.put(`${this.#rowsOf(side, bucket)}${name}`, Buffer.concat(entries));
  }

  /** The entries of a bucket, those of later looks last. */
  async *rows(side: ProofSide, bucket: number): AsyncGenerator<Buffer> {
    for (const { key } of await this.#staging.list(this.#rowsOf(side, bucket))) yield await this.#whole(key);
  }

  /** The rows that are covered, for verifiers that are to know which these are. */
  async keepCovered(side: ProofSide, bucket: number, entries: Buffer): Promise<void> {
    await this.#staging.put(`${this.#prefix}/covered/${side}-${String(bucket).padStart(2, '0')}`, entries);
  }

  /** Keys to be looked at in a round, each in one of some lists. */
  async addOpen(place: SweepPlace, round: number, keys: readonly OpenKey[]): Promise<void> {
    for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
      const some = keys.slice(from, from + KEYS_AT_ONCE);
      await this.#put(`${this.#openOf(round)}${stepOf(place)}-${from / KEYS_AT_ONCE}`, some);
    }
  }

  /** As many of the lists after the one of that name as are looked at together; `name` is the last of them. */
  async openAfter(
    round: number,
    after: string | undefined,
  ): Promise<{ readonly name: string; readonly keys: readonly OpenKey[] } | undefined> {
    const prefix = this.#openOf(round);
    const names = (await this.#staging.list(prefix)).map(({ key }) => key.slice(prefix.length));
    let found: { readonly name: string; readonly keys: readonly OpenKey[] } | undefined;
    for (const name of names.filter((one) => after === undefined || one > after)) {
      const keys = [...(found?.keys ?? []), ...(await this.#read<OpenKey>(`${prefix}${name}`))];
      if (found !== undefined && keys.length > KEYS_AT_ONCE) return found;
      found = { name, keys };
    }
    return found;
  }

  async addLeft(place: SweepPlace, left: readonly LeftEntry[]): Promise<void> {
    if (left.length > 0) await this.#put(`${this.#prefix}/left/${stepOf(place)}`, left);
  }

  async left(): Promise<readonly LeftEntry[]> {
    const all: LeftEntry[] = [];
    for (const { key } of await this.#staging.list(`${this.#prefix}/left/`))
      all.push(...(await this.#read<LeftEntry>(key)));
    return all;
  }

  #rowsOf(side: ProofSide, bucket: number): string {
    return `${this.#prefix}/rows/${side}/${bucket}/`;
  }

  #openOf(round: number): string {
    return `${this.#prefix}/open/${round}/`;
  }

  async #put(key: string, list: readonly unknown[]): Promise<void> {
    await this.#staging.put(key, Buffer.from(JSON.stringify(list)));
  }

  /** As this class has written it, into a bucket that nothing else writes to. */
  async #read<T>(key: string): Promise<readonly T[]> {
    return JSON.parse((await this.#whole(key)).toString()) as readonly T[];
  }

  async #whole(key: string): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of await this.#staging.get(key)) parts.push(part);
    return Buffer.concat(parts);
  }
}

const lookOf = ({ phase, round = 0 }: SweepPlace): number => (phase === 'open' ? round + 1 : 0);

const stepOf = (place: SweepPlace): string =>
  createHash('sha256').update(JSON.stringify(place)).digest('hex').slice(0, 16);
