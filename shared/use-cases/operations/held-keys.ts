import { type Clock, nowIso } from '../../contracts/clock.ts';
import { type LocalKeysHint, MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import { workOfAsked } from '../../sync/allowance/work-class.ts';
import { decideHeld, type GuardDecision } from '../../sync/guard/guard.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { ParkedKey } from '../../sync/reconcile/parking.ts';
import type { Guarded, GuardStates } from '../ports/guard-states.ts';
import type { HintQueue } from '../ports/hint-queue.ts';
import type { ParkedKeys } from '../ports/parked-keys.ts';
import { OperationRefused } from './errors.ts';
import { MAX_PARKED_PAGES } from './list-parked.ts';

export interface HeldPorts {
  readonly guardStates: GuardStates;
  readonly parkedKeys: Pick<ParkedKeys, 'page'>;
  readonly hints: HintQueue;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** A person's decision about everything that a guard holds. */
interface AskedDecision {
  readonly guarded: Guarded;
  /** That of the list that the person has seen. */
  readonly version: number;
  readonly kind: GuardDecision['kind'];
  /** Whether the guard holds something of the key. */
  readonly isHeld: (parked: ParkedKey) => boolean;
}

/**
 * Stores the decision, then has every held key looked at. Whoever died in between says it again: a decision that
 * stands is not made twice.
 *
 * @returns how many keys are looked at
 * @throws OperationRefused NOTHING_HELD, or HELD_CHANGED where more is held by now
 */
export async function decideOnHeld(
  ports: HeldPorts,
  { guarded, version, kind, isHeld }: AskedDecision,
): Promise<number> {
  const { guardStates, clock } = ports;
  const guard = await guardStates.get(guarded);
  const isClosed = guard?.closedSince !== undefined;
  if (!guard || (!isClosed && guard.decisions?.at(-1)?.kind !== kind)) {
    throw new OperationRefused(
      'NOTHING_HELD',
      `Nothing of that of mapping ${guarded.mappingId} waits for a decision.`,
    );
  }
  if (isClosed) {
    const isSeen = guard.version === version;
    const isDecided =
      isSeen && (await guardStates.put(guarded, decideHeld(guard, kind, nowIso(clock)), guard.version));
    if (!isDecided) {
      throw new OperationRefused(
        'HELD_CHANGED',
        'More is held by now than was on the list: look at held-deletions, or held-clears, again.',
      );
    }
  }
  return sendHeld(ports, guarded.mappingId, isHeld);
}

async function sendHeld(
  ports: HeldPorts,
  mappingId: string,
  isHeld: AskedDecision['isHeld'],
): Promise<number> {
  const keys: LocalKeysHint['keys'][number][] = [];
  for await (const { key, local, remote } of heldKeys(ports, mappingId, isHeld)) {
    const { changedAt, image, isDeleted, made } = local ?? {};
    keys.push({
      key,
      ...(changedAt !== undefined && { changedAt }),
      ...(image !== undefined && { image }),
      ...(isDeleted && { isDeleted }),
      ...(made && { made: { ...made, without: [...made.without] } }),
      ...(remote?.isDeleted && { isRecordDeleted: true as const }),
    });
  }
  await ports.hints.send(
    chunk(keys, MAX_KEYS_PER_HINT).map((some) => ({
      kind: 'local-keys',
      mappingId,
      keys: [...some],
      cause: { by: 'operator' },
      work: workOfAsked(keys.length),
    })),
  );
  return keys.length;
}

/** The waiting keys of a mapping that are meant. */
async function* heldKeys(
  { parkedKeys }: Pick<HeldPorts, 'parkedKeys'>,
  mappingId: string,
  isHeld: AskedDecision['isHeld'],
): AsyncGenerator<ParkedKey> {
  let place: string | undefined;
  for (let pages = 0; pages < MAX_PARKED_PAGES; pages++) {
    const { parked, next } = await parkedKeys.page(mappingId, place);
    for (const one of parked) if (isHeld(one)) yield one;
    if (next === undefined) return;
    place = next;
  }
}
