import type { Cause } from '../../contracts/causes.ts';
import type { ClearName } from '../guard/clears.ts';
import { isAfter, latest } from '../time.ts';

/** Why a side's change waits. */
export interface ParkedSide {
  /** When it was first seen and not applied (ISO 8601, UTC). */
  readonly since: string;
  /** A code: why it could not be applied when it was last looked at. */
  readonly reason: string;
  /** Since when that is the reason (ISO 8601, UTC), where it was another one before. */
  readonly reasonSince?: string;
  /** What had called for the look that first parked it. */
  readonly cause?: Cause;
}

/** The local side's change: an item that changed, or is gone. */
export interface ParkedLocal extends ParkedSide {
  /** The newest change that was told, by the stream's clock (ISO 8601, UTC). */
  readonly changedAt?: string;
  /** What the item was after that change (`imageOf`). */
  readonly image?: string;
  /** The stream said that somebody deleted the item. */
  readonly isDeleted?: true;
  readonly made?: Making;
}

/** What the stream told of an item that was made: a new one, or one that was there before and is made again. */
export interface Making {
  /** By the stream's clock (ISO 8601, UTC). */
  readonly at: string;
  /** Mapped attributes that it was made without: what it lacks of these, nobody cleared. */
  readonly without: readonly string[];
}

/** The record's change, of which a person may have said that it was deleted. */
export interface ParkedRemote extends ParkedSide {
  readonly isDeleted?: true;
}

/**
 * A key whose change was seen and not applied. `local` is an item's key; `record` a Salesforce id, where the item is not
 * known yet.
 */
export interface ParkedKey {
  readonly mappingId: string;
  readonly kind: 'local' | 'record';
  readonly key: string;
  readonly local?: ParkedLocal;
  readonly remote?: ParkedRemote;
  /** When it is looked at again (ISO 8601, UTC). Without it, the next change of the item or the record brings it back. */
  readonly waitUntil?: string;
  /** Fields that are held because they are cleared, each with since when (ISO 8601, UTC). */
  readonly cleared?: Readonly<Record<string, string>>;
  /** How often it was sent or postponed since it was first parked. */
  readonly rounds: number;
  /** Counts the parkings: whoever looked at an earlier one does not release a later one. */
  readonly version: number;
}

/** Since when one of their sides waits for that reason and no other (ISO 8601, UTC). */
export const waitsSince = (parked: readonly ParkedKey[], reason: string): string | undefined =>
  parked
    .flatMap(({ local, remote }) => [local, remote])
    .flatMap((side) => (side?.reason === reason ? [side.reasonSince ?? side.since] : []))
    .sort()[0];

/** What names a parked key. */
export type ParkedKeyName = Pick<ParkedKey, 'mappingId' | 'kind' | 'key'>;

/** What is seen and not applied now. */
export interface Parking extends ParkedKeyName, Pick<ParkedKey, 'waitUntil'> {
  readonly side: 'local' | 'remote';
  readonly reason: string;
  readonly cause?: Cause;
  readonly changedAt?: string;
  readonly image?: string;
  readonly isDeleted?: true;
  readonly made?: Making;
  /** A person's word of the record; false where a look has seen it since. */
  readonly isRecordDeleted?: boolean;
  /** All fields that are held because they are cleared; absent where this look does not know. */
  readonly clears?: readonly ClearName[];
  /** The version of the parked key that this look had read: what it says of time replaces what stood there. */
  readonly seen?: number;
}

/**
 * The parked key after one more parking. Never forgets that a side waits, since when, its time of change, or that the
 * item was deleted or made again.
 *
 * @param now - ISO 8601
 */
export const parkOnTop = (before: ParkedKey | undefined, parking: Parking, now: string): ParkedKey => {
  const { mappingId, kind, key, side, reason } = parking;
  const waitUntil = nextTime(before, parking);
  const { local, remote, rounds = 0, version = 0 } = before ?? {};
  const old = side === 'local' ? local : remote;
  const reasonSince = old?.reason === reason ? old.reasonSince : old && now;
  const parked: ParkedSide = {
    since: old?.since ?? now,
    reason,
    ...(reasonSince !== undefined && { reasonSince }),
    ...causeOf(old, parking),
  };
  return {
    mappingId,
    kind,
    key,
    ...(local && { local }),
    ...(remote && { remote }),
    ...(side === 'local'
      ? { local: { ...parked, ...latestChange(local, parking) } }
      : { remote: { ...parked, ...(isSaidDeleted(before, parking) && { isDeleted: true }) } }),
    ...(waitUntil !== undefined && { waitUntil }),
    ...clearedOf(before, parking, now),
    rounds,
    version: version + 1,
  };
};

/** A look that has seen the record takes a person's word back; one that knew of none leaves it. */
const isSaidDeleted = (before: ParkedKey | undefined, { isRecordDeleted }: Parking): boolean =>
  isRecordDeleted ?? before?.remote?.isDeleted === true;

/** A field that is held already keeps its time. */
const clearedOf = (
  before: ParkedKey | undefined,
  { clears }: Parking,
  now: string,
): Pick<ParkedKey, 'cleared'> => {
  if (clears === undefined) return before?.cleared ? { cleared: before.cleared } : {};
  if (clears.length === 0) return {};
  return { cleared: Object.fromEntries(clears.map((name) => [name, before?.cleared?.[name] ?? now])) };
};

/** What is parked already keeps its own cause. */
const causeOf = (old: ParkedSide | undefined, { cause }: Parking): Pick<ParkedSide, 'cause'> => {
  const known = old ? old.cause : cause;
  return known ? { cause: known } : {};
};

/**
 * Of two times the earlier, unless the later parking came of a look that knew of the earlier one: that waits as long as
 * it says, and no shorter than it had to wait anyhow, since the waits of a key grow.
 */
const nextTime = (before: ParkedKey | undefined, { waitUntil, seen }: Parking): string | undefined => {
  const old = before?.waitUntil;
  if (before !== undefined && seen === before.version) {
    return waitUntil === undefined ? undefined : latest(waitUntil, old);
  }
  if (old === undefined || waitUntil === undefined) return waitUntil ?? old;
  return isAfter(waitUntil, old) ? old : waitUntil;
};

/** What the stream told of an item: when it changed (ISO 8601) and to what, whether somebody deleted it, and how it was made. */
export type ToldChange = Pick<ParkedLocal, 'changedAt' | 'image' | 'isDeleted' | 'made'>;

/**
 * What is known after two changes of an item were told, in whatever order: the latest counts. Of a deletion and a later
 * edit that is the edit, since the item is there again; a change of unknown time takes nothing back.
 */
export const latestChange = (a: ToldChange | undefined, b: ToldChange | undefined): ToldChange => {
  const changedAt = latest(a?.changedAt, b?.changedAt);
  const isGone = [a, b].some(
    (one) =>
      one?.isDeleted && (one.changedAt === undefined || !isAfter(changedAt ?? one.changedAt, one.changedAt)),
  );
  const made = latestMaking(a?.made, b?.made);
  const image = latestImage(a, b);
  return {
    ...(changedAt !== undefined && { changedAt }),
    ...(image !== undefined && { image }),
    ...(isGone && { isDeleted: true }),
    ...(made && { made }),
  };
};

/**
 * That of the later change. Of two within one second nobody knows which was the later, but that an item which was deleted
 * and is there was made after that.
 */
const latestImage = (a: ToldChange | undefined, b: ToldChange | undefined): string | undefined => {
  if (a?.changedAt === undefined) return b?.image;
  if (b?.changedAt === undefined || isAfter(a.changedAt, b.changedAt)) return a.image;
  if (isAfter(b.changedAt, a.changedAt) || a.image === b.image) return b.image;
  if (a.isDeleted && a.image === undefined) return b.image;
  return b.isDeleted && b.image === undefined ? a.image : undefined;
};

/** Of the same one told twice, what an attribute got meanwhile is not lacking. */
const latestMaking = (a: Making | undefined, b: Making | undefined): Making | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.at !== b.at) return isAfter(a.at, b.at) ? a : b;
  return { at: a.at, without: a.without.filter((name) => b.without.includes(name)) };
};
