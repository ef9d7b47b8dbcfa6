import type { Clock } from '../../contracts/clock.ts';
import { type Hint, MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import { isoOf } from '../../contracts/time.ts';
import { parseMappingId } from '../../sync/mapping/resolve.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { DirtyKeys, HintQueue, ParkedKey } from '../ports/hint-queue.ts';
import type { StatusOf } from './connection-statuses.ts';
import { eachDuePage } from './due-pages.ts';

export interface WakeKeysPorts {
  readonly dirtyKeys: Pick<DirtyKeys, 'due' | 'release' | 'postpone'>;
  readonly hints: HintQueue;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export interface WokenKeys {
  readonly wokenKeys: number;
  /** Keys of connections that can do no work now: they wait on, each time twice as long. */
  readonly postponedKeys: number;
  /** Keys of connections that are revoked or gone. */
  readonly droppedKeys: number;
}

/** Keys of one mapping in a tick, as long as others have any that are due. */
const SHARE = 1_000;
/** As many values as an IN of a DynamoDB expression takes. */
const MAX_PASSED_OVER = 100;
/** The worker's own wait for a closed connection; doubled, so that a wait never outlasts the outage that it follows. */
const FIRST_WAIT_MS = 15 * 60_000;
const LONGEST_WAIT_MS = 6 * 3_600_000;

/**
 * Sends hints for the keys whose time to wait is over, oldest first, and releases them. A mapping that has had its
 * share of the tick is passed over until the others have had theirs.
 *
 * @param deadlineMs - epoch milliseconds at which to stop between two pages
 */
export const wakeKeys = async (
  ports: WakeKeysPorts,
  statusOf: StatusOf,
  deadlineMs: number,
): Promise<WokenKeys> => {
  const done: Mutable<WokenKeys> = { wokenKeys: 0, postponedKeys: 0, droppedKeys: 0 };
  const taken = new Map<string, number>();
  let share = SHARE;
  let passedOver: readonly string[] = [];
  await eachDuePage(ports.clock, deadlineMs, {
    read: (at, limit) => {
      passedOver = mappingsAbove(taken, share);
      return ports.dirtyKeys.due(at, limit, passedOver);
    },
    identify,
    handle: async (keys) => {
      for (const { mappingId } of keys) taken.set(mappingId, (taken.get(mappingId) ?? 0) + 1);
      await handle(ports, statusOf, keys, done);
    },
    // The others have had their turn: whoever was passed over gets another share.
    widen: () => {
      share += SHARE;
      return passedOver.length > 0;
    },
  });
  return done;
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const identify = ({ mappingId, side, key, waitUntil }: ParkedKey): string =>
  JSON.stringify([mappingId, side, key, waitUntil]);

const mappingsAbove = (taken: ReadonlyMap<string, number>, share: number): string[] =>
  [...taken]
    .filter(([, keys]) => keys >= share)
    .map(([mappingId]) => mappingId)
    .slice(0, MAX_PASSED_OVER);

const handle = async (
  ports: WakeKeysPorts,
  statusOf: StatusOf,
  parked: readonly ParkedKey[],
  done: Mutable<WokenKeys>,
): Promise<void> => {
  const ready: ParkedKey[] = [];
  const waiting: ParkedKey[] = [];
  const dropped: ParkedKey[] = [];
  for (const key of parked) {
    const status = await statusOf(parseMappingId(key.mappingId)?.connectionId ?? '');
    if (status === 'active') ready.push(key);
    else if (status === 'revoked' || status === 'gone') dropped.push(key);
    else waiting.push(key);
  }
  if (ready.length > 0) await ports.hints.send(hintsOf(ready));
  await ports.dirtyKeys.release([...ready, ...dropped]);
  for (const [waitMs, keys] of Map.groupBy(waiting, nextWaitMs)) {
    await ports.dirtyKeys.postpone(keys, isoOf(ports.clock.nowMs() + waitMs));
  }
  done.wokenKeys += ready.length;
  done.droppedKeys += dropped.length;
  done.postponedKeys += waiting.length;
};

const nextWaitMs = ({ postponed = 0 }: ParkedKey): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** postponed);

const hintsOf = (parked: readonly ParkedKey[]): Hint[] => {
  const groups = Map.groupBy(parked, ({ mappingId, side }) => `${side} ${mappingId}`);
  return [...groups.values()].flatMap((group) => chunk(group, MAX_KEYS_PER_HINT).map(hintOf));
};

const hintOf = (parked: readonly ParkedKey[]): Hint => {
  const { mappingId = '', side } = parked[0] ?? {};
  return side === 'local'
    ? { kind: 'local-keys', mappingId, keys: parked.map(localKeyOf) }
    : { kind: 'remote-ids', mappingId, sfIds: parked.map(({ key }) => key) };
};

const localKeyOf = ({ key, changedAt }: ParkedKey) => ({
  key,
  ...(changedAt !== undefined && { changedAt }),
});
