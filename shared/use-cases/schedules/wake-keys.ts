import { type Clock, nowIso } from '../../contracts/clock.ts';
import { type Hint, MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { isoOf } from '../../contracts/time.ts';
import { configuredMapping, parseMappingId } from '../../sync/mapping/resolve.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { ParkedKey } from '../../sync/reconcile/parking.ts';
import type { HintQueue } from '../ports/hint-queue.ts';
import type { Journal } from '../ports/journal.ts';
import type { ParkedKeys } from '../ports/parked-keys.ts';
import type { StatusOf } from './connection-statuses.ts';
import { eachDuePage } from './due-pages.ts';

export interface WakeKeysPorts {
  readonly config: SyncConfig;
  readonly parkedKeys: Pick<ParkedKeys, 'due' | 'release' | 'postpone'>;
  readonly journal: Pick<Journal, 'recordRejections'>;
  readonly hints: HintQueue;
  readonly clock: Pick<Clock, 'nowMs'>;
}

export interface WokenKeys {
  readonly wokenKeys: number;
  /** Of connections that can do no work now, or of mappings that are not in the config: they wait on, each time twice as long. */
  readonly postponedKeys: number;
  /** Keys of connections that are revoked or gone. */
  readonly droppedKeys: number;
}

/** Keys of one mapping in a tick, as long as others have any that are due. */
const SHARE = 1_000;
/** As many values as an IN of a DynamoDB expression takes. */
const MAX_PASSED_OVER = 100;
/** How long a key waits that cannot be worked on or was sent: doubled each time, up to a bound. */
interface Growing {
  readonly firstMs: number;
  readonly longestMs: number;
}
/** The worker's own wait for a closed connection; doubled, so that a wait never outlasts the outage that it follows. */
const CLOSED: Growing = { firstMs: 15 * 60_000, longestMs: 6 * 3_600_000 };
/** Until a key that was sent is sent again, unless a look has released it by then. */
const SENT: Growing = { firstMs: 2 * 60_000, longestMs: 60 * 60_000 };
/** A key that has waited for so long is shown to a person. */
const LONG_MS = 24 * 3_600_000;

/**
 * Sends hints for the keys whose time to wait is over, oldest first. They stay parked, with a time further on, until a
 * look releases them: whatever becomes of the hint, the key is not lost. A mapping that has had its share of the tick is
 * passed over until the others have had theirs.
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
      return ports.parkedKeys.due(at, limit, passedOver);
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

const identify = ({ mappingId, kind, key, waitUntil }: ParkedKey): string =>
  JSON.stringify([mappingId, kind, key, waitUntil]);

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
    // Nobody looks at it: it is dropped with its mapping, which then begins anew should it come back.
    const isUnknown = configuredMapping(ports.config, key.mappingId) === undefined;
    if (status === 'active' && !isUnknown) ready.push(key);
    else if (status === 'revoked' || status === 'gone') dropped.push(key);
    else waiting.push(key);
  }
  // Before they are sent: the look that releases a key takes back what a person was told of it.
  await showLongWaiting(ports, ready);
  if (ready.length > 0) await ports.hints.send(hintsOf(ready));
  await postpone(ports, ready, SENT);
  await postpone(ports, waiting, CLOSED);
  await ports.parkedKeys.release(dropped);
  done.wokenKeys += ready.length;
  done.droppedKeys += dropped.length;
  done.postponedKeys += waiting.length;
};

const postpone = async (
  { parkedKeys, clock }: WakeKeysPorts,
  keys: readonly ParkedKey[],
  { firstMs, longestMs }: Growing,
): Promise<void> => {
  const waitMs = ({ rounds }: ParkedKey): number => Math.min(longestMs, firstMs * 2 ** Math.min(rounds, 20));
  for (const [ms, group] of Map.groupBy(keys, waitMs)) {
    await parkedKeys.postpone(group, isoOf(clock.nowMs() + ms));
  }
};

/** Keys of connections that work, and that still do not come through: nobody would look for them otherwise. */
const showLongWaiting = async (
  { journal, clock }: WakeKeysPorts,
  keys: readonly ParkedKey[],
): Promise<void> => {
  const sinceOf = ({ local, remote }: ParkedKey): string =>
    [local?.since, remote?.since].filter((since) => since !== undefined).sort()[0] ?? nowIso(clock);
  const long = keys.filter((key) => clock.nowMs() - Date.parse(sinceOf(key)) > LONG_MS);
  if (long.length === 0) return;
  await journal.recordRejections(
    long.map((parked) => ({
      mappingId: parked.mappingId,
      by: 'local-rules',
      key: parked.key,
      code: 'STILL_WAITING',
      message: `A change of this record has waited since ${sinceOf(parked)}; it is tried again each hour. The reason, as last seen: ${reasonsOf(parked)}.`,
      fields: [],
      at: nowIso(clock),
    })),
  );
};

const reasonsOf = ({ local, remote }: ParkedKey): string =>
  [...new Set([local?.reason, remote?.reason].filter((reason) => reason !== undefined))].join(', ');

const hintsOf = (parked: readonly ParkedKey[]): Hint[] => {
  const groups = Map.groupBy(parked, ({ mappingId, kind }) => `${kind} ${mappingId}`);
  return [...groups.values()].flatMap((group) => chunk(group, MAX_KEYS_PER_HINT).map(hintOf));
};

const WOKEN = { by: 'woken' } as const;

/** The worker reads with each key what is parked of it, and on which side. */
const hintOf = (parked: readonly ParkedKey[]): Hint => {
  const { mappingId = '', kind } = parked[0] ?? {};
  return kind === 'local'
    ? { kind: 'local-keys', mappingId, keys: parked.map(({ key }) => ({ key })), cause: WOKEN }
    : { kind: 'remote-ids', mappingId, sfIds: parked.map(({ key }) => key), cause: WOKEN };
};
