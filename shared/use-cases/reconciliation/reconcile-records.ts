import { nowIso } from '../../contracts/clock.ts';
import { MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import { isoOf } from '../../contracts/time.ts';
import { assert } from '../../sync/assert.ts';
import { addCounts, NO_COUNTS } from '../ports/counts.ts';
import type { RunCounts } from '../ports/mapping-states.ts';
import type { OpenMapping } from './open-mapping.ts';
import type { FollowUp, HeldKey } from './records/applied.ts';
import { apply } from './records/apply.ts';
import { type Gathered, gather } from './records/gather.ts';
import type { LocalKey, Pass, ReconcileInput, ReconcilePorts } from './records/work.ts';

export type { HeldKey } from './records/applied.ts';
export type { LocalKey, ReconcileInput, ReconcilePorts } from './records/work.ts';

export interface Reconciled {
  readonly counts: RunCounts;
  /** Keys that another worker is writing to Salesforce: the caller brings them back. */
  readonly held: readonly HeldKey[];
}

/** A key that others change this often while it is looked at goes back as a hint. */
const MAX_ROUNDS = 4;
/** A bulk job may hold a key for a day, and is usually done long before. */
const LONGEST_HELD_MS = 15 * 60_000;
/** It goes back this often; after that something is wrong that a person should see. */
const MAX_ATTEMPTS = 10;

/**
 * Looks at up to 200 keys and brings them into step: gathers base, local and remote, decides by the pure
 * `reconcile`, commits. Keys that changed meanwhile are looked at again, a bounded number of times. Costs no
 * Salesforce call for keys that are in step, and otherwise at most three a round: read, update, upsert.
 *
 * @throws what Salesforce or a store threw; everything that was committed until then stays
 */
export async function reconcileRecords(
  ports: ReconcilePorts,
  open: OpenMapping,
  input: ReconcileInput,
): Promise<Reconciled> {
  const named = (input.localKeys?.length ?? 0) + (input.sfIds?.length ?? 0) + (input.remotes?.length ?? 0);
  assert(named <= MAX_KEYS_PER_HINT, 'one pass takes at most as many keys as a hint');
  const pass: Pass = { ports, open, owner: ports.ids.next() };
  let counts = addCounts(NO_COUNTS, { read: named });
  const held: HeldKey[] = [];
  let todo = input;
  let followUps: readonly FollowUp[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const gathered = await gather(pass, todo, followUps);
    await record(pass, gathered.rejections);
    const applied = await apply(pass, gathered.subjects);
    counts = addCounts(counts, applied.counts);
    // Later rounds look again at keys that the first one has counted.
    if (round === 0) counts = addCounts(counts, { unchanged: gathered.unchanged });
    counts = addCounts(counts, { rejections: gathered.rejections.length });
    held.push(...applied.held);
    const { deferred } = gathered;
    if (applied.lostRaces.length + applied.followUps.length + deferred.length === 0) return { counts, held };
    todo = { localKeys: applied.lostRaces, remotes: deferred };
    followUps = applied.followUps;
  }
  const left = [...(todo.localKeys ?? []), ...followUps.map(({ localKey }) => ({ key: localKey }))];
  await sendBack(pass, left, input.attempt ?? 0);
  return { counts, held };
}

async function record(pass: Pass, rejections: Gathered['rejections']): Promise<void> {
  if (rejections.length === 0) return;
  const { mappingId } = pass.open.mapping;
  const at = nowIso(pass.ports.clock);
  await pass.ports.journal.recordRejections(rejections.map((one) => ({ ...one, mappingId, at })));
}

async function sendBack(pass: Pass, keys: readonly LocalKey[], attempt: number): Promise<void> {
  assert(attempt < MAX_ATTEMPTS, 'a key loses its races again and again');
  const { mappingId } = pass.open.mapping;
  await pass.ports.hints.send([{ kind: 'local-keys', mappingId, keys: [...keys], attempt: attempt + 1 }]);
}

/** Brings keys back from outside the queue, for callers that have no message to return. */
export async function parkHeld(
  ports: ReconcilePorts,
  mappingId: string,
  held: readonly HeldKey[],
): Promise<void> {
  if (held.length === 0) return;
  const now = ports.clock.nowMs();
  await ports.dirtyKeys.park(
    held.map(({ key, leftMs, changedAt }) => ({
      mappingId,
      side: 'local' as const,
      key,
      waitUntil: isoOf(now + Math.min(leftMs, LONGEST_HELD_MS)),
      reason: 'LEASE_HELD',
      ...(changedAt !== undefined && { changedAt }),
    })),
  );
}
