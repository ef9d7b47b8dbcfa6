import { unsendable } from '../../errors/unsendable.ts';

/** One record that will be part of a collection. */
export interface ChunkRow {
  /** Its place in the input. */
  readonly index: number;
  /** The sObject, or for deletions the key prefix. */
  readonly type: string;
  /** Two records of one request must not have the same key; `undefined` where there is no such rule. */
  readonly key: string | undefined;
  /** How long it is in JSON. */
  readonly bytes: number;
  /** Must not travel inside a composite call, which would read part of it as a reference. */
  readonly isAlone: boolean;
}

/** The collections of one API call: up to five inside a composite, or a single one. */
export type Pack<R> = readonly (readonly R[])[];

/** REST API guide, "sObject Collections": records in a request. */
const MAX_CHUNK_ROWS = 200;

/** How much one request, and one call, may hold. */
export interface PackLimits {
  /** How many runs of one type a collection may have. */
  readonly chunkTypes: number;
  /** How many collections a call may have. */
  readonly packChunks: number;
}

/** REST API guide, "sObject Collections" and "Composite": five steps of a call may be collections or queries. */
export const WRITE_LIMITS: PackLimits = { chunkTypes: 10, packChunks: 5 };
/** Each collection comes with a query, and a query reads one type. */
export const WRITE_AND_READ_LIMITS: PackLimits = { chunkTypes: 1, packChunks: 2 };

/** Far below what the platform accepts, because a function holds a body several times. */
const MAX_PACK_BYTES = 6 * 1024 * 1024;
/** A record that comes more often in one list is a mistake, and each time costs a further call. */
const MAX_REPEATS = 10;

/**
 * Divides records into API calls. Records of one type stand together, since a collection may have ten runs of a type.
 * Types keep the order in which they first appear, and records the order of the input. A key that comes again goes
 * into a later call, so that its last value wins, even if part of the earlier call has to be sent again.
 *
 * @throws SalesforceApiError `TOO_MANY_REPEATS`
 */
export const toPacks = <R extends ChunkRow>(rows: readonly R[], limits: PackLimits): Pack<R>[] =>
  toRounds(rows).flatMap((round) => packed(toChunks(round, limits), limits));

/** Puts collections into as few calls as possible, in their order. */
export function packed<R extends ChunkRow>(all: Pack<R>, { packChunks }: PackLimits): Pack<R>[] {
  const packs: (readonly R[])[][] = [];
  let pack: (readonly R[])[] | undefined;
  let packBytes = 0;
  for (const chunk of all) {
    const bytes = bytesOf(chunk);
    const isAlone = chunk[0]?.isAlone === true;
    const fits = pack !== undefined && pack.length < packChunks && packBytes + bytes <= MAX_PACK_BYTES;
    if (pack === undefined || !fits || isAlone) {
      pack = [];
      packBytes = 0;
      packs.push(pack);
    }
    pack.push(chunk);
    packBytes += bytes;
    if (isAlone) pack = undefined;
  }
  return packs;
}

/** The first of each key, then the second of each, and so on. */
function toRounds<R extends ChunkRow>(rows: readonly R[]): R[][] {
  const seen = new Map<string, number>();
  const rounds: R[][] = [];
  for (const row of rows) {
    const round = row.key === undefined ? 0 : (seen.get(row.key) ?? 0);
    if (round >= MAX_REPEATS) {
      const why = `More than ${MAX_REPEATS} of the records have the same key; record ${row.index + 1} is one of them.`;
      throw unsendable('TOO_MANY_REPEATS', `${why} Write each record once, with its last values.`);
    }
    if (row.key !== undefined) seen.set(row.key, round + 1);
    rounds[round] ??= [];
    rounds[round].push(row);
  }
  return rounds;
}

function toChunks<R extends ChunkRow>(round: readonly R[], limits: PackLimits): R[][] {
  const types = new Map<string, { together: R[]; alone: R[] }>();
  for (const row of round) {
    const ofType = types.get(row.type) ?? { together: [], alone: [] };
    types.set(row.type, ofType);
    (row.isAlone ? ofType.alone : ofType.together).push(row);
  }
  const groups = [...types.values()];
  return [
    ...cut(
      groups.flatMap(({ together }) => together),
      limits,
    ),
    ...cut(
      groups.flatMap(({ alone }) => alone),
      limits,
    ),
  ];
}

function cut<R extends ChunkRow>(rows: readonly R[], { chunkTypes }: PackLimits): R[][] {
  const chunks: R[][] = [];
  let chunk: R[] = [];
  let types = 0;
  let bytes = 0;
  for (const row of rows) {
    const isNewType = chunk.at(-1)?.type !== row.type;
    const isFull =
      chunk.length >= MAX_CHUNK_ROWS ||
      types + (isNewType ? 1 : 0) > chunkTypes ||
      bytes + row.bytes > MAX_PACK_BYTES;
    if (chunk.length === 0 || isFull) {
      chunk = [];
      chunks.push(chunk);
      types = 0;
      bytes = 0;
    }
    types += chunk.length === 0 || isNewType ? 1 : 0;
    bytes += row.bytes;
    chunk.push(row);
  }
  return chunks;
}

const bytesOf = (rows: readonly ChunkRow[]): number => rows.reduce((sum, { bytes }) => sum + bytes, 0);
