import { createHash } from 'node:crypto';
import { STAGED } from '../../../../contracts/staging.ts';
import { chunk } from '../../../../sync/plan/chunk.ts';
import type { ProofSide } from '../../../../sync/proof/canonical.ts';
import type { LeftOut } from '../../../../sync/proof/proof.ts';
import type { Staging } from '../../../ports/bulk-jobs.ts';
import type { FullSweep, SweepPlace } from '../../../ports/full-sweeps.ts';
import type { OpenKey } from '../compare.ts';

/** Looked at together, with one call of Salesforce. */
const KEYS_AT_ONCE = 200;
/** Objects that are read side by side: a bucket of ten million rows has five thousand. */
const READS_AT_ONCE = 25;

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
    this.#prefix = `${STAGED.proofs}${mappingId}/${sweepId}`;
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
    yield* this.#all(this.#rowsOf(side, bucket));
  }

  /** The rows that are covered, for verifiers that are to know which these are. */
  async keepCovered(side: ProofSide, bucket: number, entries: Buffer): Promise<void> {
    await this.#staging.put(`${this.#prefix}/covered/${side}-${String(bucket).padStart(2, '0')}`, entries);
  }

  /** Keys to be looked at in a round, each in one of some lists. */
  async addOpen(place: SweepPlace, round: number, keys: readonly OpenKey[]): Promise<void> {
    const prefix = `${this.#openOf(round)}${stepOf(place)}`;
    await Promise.all(chunk(keys, KEYS_AT_ONCE).map((some, index) => this.#put(`${prefix}-${index}`, some)));
  }

  /** As many of the lists after the one of that name as are looked at together; `name` is the last of them. */
  async openAfter(
    round: number,
    after: string | undefined,
  ): Promise<{ readonly name: string; readonly keys: readonly OpenKey[] } | undefined> {
    const prefix = this.#openOf(round);
    const names = (await this.#staging.list(prefix)).map(({ key }) => key.slice(prefix.length));
    let found: { readonly name: string; readonly keys: readonly OpenKey[] } | undefined;
    const later = names.filter((one) => after === undefined || one > after);
    for (const some of chunk(later, READS_AT_ONCE)) {
      const lists = await Promise.all(some.map((name) => this.#read<OpenKey>(`${prefix}${name}`)));
      for (const [index, name] of some.entries()) {
        const keys: readonly OpenKey[] = [...(found?.keys ?? []), ...(lists[index] ?? [])];
        if (found !== undefined && keys.length > KEYS_AT_ONCE) return found;
        found = { name, keys };
      }
    }
    return found;
  }

  async addLeft(place: SweepPlace, left: readonly LeftEntry[]): Promise<void> {
    await this.#put(`${this.#prefix}/left/${stepOf(place)}`, left);
  }

  async left(): Promise<readonly LeftEntry[]> {
    const all: LeftEntry[] = [];
    for await (const list of this.#all(`${this.#prefix}/left/`)) all.push(...listIn<LeftEntry>(list));
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

  async #read<T>(key: string): Promise<readonly T[]> {
    return listIn(await this.#whole(key));
  }

  /** All objects whose keys begin so, in the order of the keys. */
  async *#all(prefix: string): AsyncGenerator<Buffer> {
    for (const some of chunk(await this.#staging.list(prefix), READS_AT_ONCE))
      yield* await Promise.all(some.map(({ key }) => this.#whole(key)));
  }

  async #whole(key: string): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of await this.#staging.get(key)) parts.push(part);
    return Buffer.concat(parts);
  }
}

/** As this class has written it, into a bucket that nothing else writes to. */
const listIn = <T>(text: Buffer): readonly T[] => JSON.parse(text.toString()) as readonly T[];

const lookOf = ({ phase, round = 0 }: SweepPlace): number => (phase === 'open' ? round + 1 : 0);

const stepOf = (place: SweepPlace): string =>
  createHash('sha256').update(JSON.stringify(place)).digest('hex').slice(0, 16);
