import { isAfter, latest } from '../time.ts';

/** Why a side's change waits. */
export interface ParkedSide {
  /** When it was first seen and not applied (ISO 8601, UTC). */
  readonly since: string;
  /** A code: why it could not be applied when it was last looked at. */
  readonly reason: string;
}

/** The local side's change: an item that changed, or is gone. */
export interface ParkedLocal extends ParkedSide {
  /** The newest change that was told, by the stream's clock (ISO 8601, UTC). */
  readonly changedAt?: string;
  /** The stream said that somebody deleted the item. */
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
  readonly remote?: ParkedSide;
  /** When it is looked at again (ISO 8601, UTC). Without it, the next change of the item or the record brings it back. */
  readonly waitUntil?: string;
  /** How often it was sent or postponed since it was first parked. */
  readonly rounds: number;
  /** Counts the parkings: whoever looked at an earlier one does not release a later one. */
  readonly version: number;
}

/** What is seen and not applied now. */
export interface Parking extends Pick<ParkedKey, 'mappingId' | 'kind' | 'key' | 'waitUntil'> {
  readonly side: 'local' | 'remote';
  readonly reason: string;
  readonly changedAt?: string;
  readonly isDeleted?: true;
  /** The version of the parked key that this look had read: what it says of time replaces what stood there. */
  readonly seen?: number;
}

/**
 * The parked key after one more parking. Never forgets that a side waits, since when, its time of change, or that the
 * item was deleted.
 *
 * @param now - ISO 8601
 */
export const parkOnTop = (before: ParkedKey | undefined, parking: Parking, now: string): ParkedKey => {
  const { mappingId, kind, key, side, reason } = parking;
  const waitUntil = nextTime(before, parking);
  const { local, remote, rounds = 0, version = 0 } = before ?? {};
  const parked: ParkedSide = { since: (side === 'local' ? local : remote)?.since ?? now, reason };
  return {
    mappingId,
    kind,
    key,
    ...(local && { local }),
    ...(remote && { remote }),
    ...(side === 'local' ? { local: { ...parked, ...whatChanged(local, parking) } } : { remote: parked }),
    ...(waitUntil !== undefined && { waitUntil }),
    rounds,
    version: version + 1,
  };
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

/**
 * The latest change counts, in whatever order they are told: of a deletion and a later edit, the edit, since the item is
 * there again.
 */
const whatChanged = (
  local: ParkedLocal | undefined,
  { changedAt, isDeleted }: Parking,
): Pick<ParkedLocal, 'changedAt' | 'isDeleted'> => {
  const newest = latest(local?.changedAt, changedAt);
  const isOvertaken = changedAt !== undefined && isAfter(changedAt, local?.changedAt);
  const isOld =
    local?.changedAt !== undefined && changedAt !== undefined && isAfter(local.changedAt, changedAt);
  const isGone = (isDeleted === true && !isOld) || (local?.isDeleted === true && !isOvertaken);
  return {
    ...(newest !== undefined && { changedAt: newest }),
    ...(isGone && { isDeleted: true }),
  };
};
