import { MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import { assert } from '../../sync/assert.ts';
import type { UnreadableRow } from '../../sync/mapping/decode.ts';
import { addCounts, NO_COUNTS } from '../ports/counts.ts';
import type { RunCounts } from '../ports/mapping-states.ts';
import type { OpenMapping } from './open-mapping.ts';
import { type Applied, type FollowUp, type HeldKey, settledOf } from './records/applied.ts';
import { type Admits, apply } from './records/apply.ts';
import { type Gathered, gather } from './records/gather.ts';
import { withParents } from './records/parents.ts';
import { unreadableValue, waitsForItem } from './records/rejections.ts';
import {
  CHECK_WAIT_MS,
  keepWaiting,
  recordWaits,
  releasePast,
  releaseSettled,
  type Waiting,
} from './records/waiting.ts';
import { awaitParents, wakeChildren } from './records/waiting-children.ts';
import type { LocalKey, Pass, ReconcileInput, ReconcilePorts } from './records/work.ts';

export type { HeldKey } from './records/applied.ts';
export type { LocalKey, ReconcileInput, ReconcilePorts } from './records/work.ts';

export interface Reconciled {
  readonly counts: RunCounts;
  /** Keys that another worker is writing to Salesforce: the caller brings them back, or parks them. */
  readonly held: readonly HeldKey[];
}

/**
 * Lets a look do only some of what it decides, and hears what of that came to nothing. What follows from a write of the
 * same look, such as what a trigger made of it, is done all the same.
 */
export interface Only {
  readonly admits: Admits;
  readonly waits: (waiting: readonly Waiting[]) => void;
}

/** A key that others change this often while it is looked at waits outside the queue for a quieter moment. */
const MAX_ROUNDS = 5;
const CONTENDED_WAIT_MS = 5_000;
/** A bulk job may hold a key for a day, and is usually done long before. */
const LONGEST_HELD_MS = 15 * 60_000;

/**
 * Looks at up to 200 keys and brings them into step: gathers base, local and remote, decides by the pure
 * `reconcile`, commits. Keys that changed meanwhile are looked at again, a bounded number of times. Whatever is seen and
 * not applied is parked, or given back as held; a look that leaves nothing undone releases what was parked. Costs no
 * Salesforce call for keys that are in step, and otherwise at most three a round: read, update, upsert.
 *
 * @param only - what is to be done; without it everything is
 * @throws what Salesforce or a store threw; everything that was committed until then stays
 */
export async function reconcileRecords(
  ports: ReconcilePorts,
  open: OpenMapping,
  input: ReconcileInput,
  only?: Only,
): Promise<Reconciled> {
  const named = (input.localKeys?.length ?? 0) + (input.sfIds?.length ?? 0) + (input.remotes?.length ?? 0);
  assert(named <= MAX_KEYS_PER_HINT, 'one pass takes at most as many keys as a hint');
  const { bulkRun, causesOf = () => [] } = input;
  const pass: Pass = { ports, open, owner: ports.ids.next(), bulkRun };
  let counts = addCounts(NO_COUNTS, { read: named });
  const held: HeldKey[] = [];
  const { remotes = [] } = input;
  let todo: ReconcileInput = { ...input, remotes: await withParents(ports.syncStore, open.mapping, remotes) };
  let followUps: readonly FollowUp[] = [];
  let visitors: readonly string[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const gathered = await gather(pass, todo, followUps);
    await keepWaiting(pass, gathered.waiting);
    await releasePast(pass, gathered.past);
    held.push(...gathered.held);
    const isFollowUp = new Set(followUps.map(({ localKey }) => localKey));
    const applied = await apply(
      pass,
      gathered.subjects,
      only && ((decided) => isFollowUp.has(decided.subject.localKey) || only.admits(decided)),
    );
    await keepWaiting(pass, applied.waiting);
    only?.waits([...gathered.waiting, ...applied.waiting]);
    await awaitParents(ports, open.mapping, applied.orphans);
    await wakeChildren(ports, open.mapping, applied.linked);
    await releaseSettled(pass, settledOf(gathered.subjects, applied));
    counts = addCounts(counts, applied.counts);
    // Later rounds look again at keys that the first one has counted.
    if (round === 0) counts = addCounts(counts, { unchanged: gathered.unchanged });
    counts = addCounts(counts, { rejections: gathered.waiting.filter(({ rejection }) => rejection).length });
    const { deferred } = gathered;
    visitors = await endVisits(pass, gathered, applied);
    if (applied.lookAgain.length + applied.followUps.length + deferred.length + visitors.length === 0)
      return { counts, held };
    todo = {
      localKeys: applied.lookAgain.map(({ sfId: _, ...key }) => key),
      sfIds: [...applied.lookAgain.flatMap(({ sfId }) => sfId ?? []), ...visitors],
      remotes: deferred,
      causesOf,
    };
    followUps = applied.followUps;
  }
  const contended = contendedOf(todo, followUps, visitors);
  await keepWaiting(pass, contended);
  only?.waits(contended);
  return { counts, held };
}

/**
 * What became of records that had sent their look on to an item: linked by now, or waiting as long as their item does.
 *
 * @returns the ids of those whose item has another record: they are looked at for themselves
 */
async function endVisits(
  pass: Pass,
  { visits, waiting, held }: Gathered,
  { waiting: unapplied, lookAgain, skipped }: Applied,
): Promise<readonly string[]> {
  if (visits.length === 0) return [];
  const { mappingId } = pass.open.mapping;
  const linked = await pass.ports.syncStore.localKeysOf(
    mappingId,
    visits.map(({ record }) => record.sfId),
  );
  const [met, left] = [
    visits.filter(({ record }) => linked.has(record.sfId)),
    // Where nothing is to be done of the item, nothing is of the record either.
    visits.filter(({ record, localKey }) => !linked.has(record.sfId) && !skipped.includes(localKey)),
  ];
  await releasePast(
    pass,
    met.flatMap(({ parked }) => parked ?? []),
  );
  const isHeld = new Set([...held, ...lookAgain].map(({ key }) => key));
  const isWaiting = new Set([...waiting, ...unapplied].map(({ asked }) => asked.key));
  await keepWaiting(
    pass,
    left.flatMap(({ record, localKey, parked }): Waiting[] => {
      if (isWaiting.has(localKey)) return [recordWaits(waitsForItem(record, localKey), parked)];
      if (!isHeld.has(localKey)) return [];
      const { rejection: _, ...soon } = recordWaits(waitsForItem(record, localKey), parked);
      return [{ ...soon, reason: 'LEASE_HELD', waitMs: CONTENDED_WAIT_MS }];
    }),
  );
  return left
    .filter(({ localKey }) => !isWaiting.has(localKey) && !isHeld.has(localKey))
    .map(({ record }) => record.sfId);
}

/** What is still open after the last round. */
function contendedOf(
  { localKeys = [], remotes = [] }: ReconcileInput,
  followUps: readonly FollowUp[],
  visitors: readonly string[],
): Waiting[] {
  const reason = 'CONTENDED';
  const waits = (kind: Waiting['kind'], asked: LocalKey): Waiting => ({
    kind,
    asked,
    reason,
    waitMs: CONTENDED_WAIT_MS,
  });
  const remote = (key: string): LocalKey => ({ key, isLocal: false, isRemote: true });
  return [
    ...localKeys.map((key) => waits('local', key)),
    ...followUps.map(({ localKey }) => waits('local', remote(localKey))),
    ...[...remotes.map(({ sfId }) => sfId), ...visitors].map((sfId) => waits('record', remote(sfId))),
  ];
}

/** Parks keys that are held, for callers that have no message to return. */
export async function parkHeld(
  ports: ReconcilePorts,
  open: OpenMapping,
  held: readonly HeldKey[],
): Promise<void> {
  await keepWaiting(
    { ports, open },
    held.map(({ leftMs, ...asked }) => ({
      kind: 'local' as const,
      asked,
      reason: 'LEASE_HELD',
      waitMs: Math.min(leftMs, LONGEST_HELD_MS),
    })),
  );
}

/** Parks records of which a value could not be read, and tells a person of them: the rows beside them go on. */
export async function parkUnreadable(
  ports: ReconcilePorts,
  open: OpenMapping,
  rows: readonly UnreadableRow[],
): Promise<void> {
  await keepWaiting(
    { ports, open },
    rows.flatMap(({ sfId, field }) => {
      if (sfId === undefined) return [];
      const { code, ...about } = unreadableValue(field);
      return {
        kind: 'record' as const,
        asked: { key: sfId, isLocal: false, isRemote: true },
        reason: code,
        waitMs: CHECK_WAIT_MS,
        rejection: { key: sfId, code, ...about },
      };
    }),
  );
}
