import { MAX_KEYS_PER_HINT } from '../../../contracts/hints.ts';
import { parseId } from '../../../contracts/salesforce-id.ts';
import { parentItem, referencesOf, unknownParentId } from '../../../sync/mapping/references.ts';
import { valueIn } from '../../../sync/mapping/values.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import { chunk } from '../../../sync/plan/chunk.ts';
import type { MissingParents } from '../../../sync/reconcile/plan.ts';
import type { HintQueue } from '../../ports/hint-queue.ts';
import type { SyncStore } from '../../ports/sync-store.ts';
import type { AwaitedParent, Awaiting, WaitingChild, WaitingChildren } from '../../ports/waiting-children.ts';
import { linkedIds } from './parents.ts';
import type { Subject } from './subject.ts';

/** What it takes to wait for parents, and to wake who waits. */
export interface WaitingChildrenPorts {
  readonly parkedKeys: WaitingChildren;
  readonly hints: HintQueue;
  readonly syncStore: Pick<SyncStore, 'links' | 'localKeysOf'>;
}

/** A subject of which some lookups could not be carried over. */
export interface Waits {
  readonly subject: Pick<Subject, 'localKey' | 'local' | 'remote'>;
  readonly missing: MissingParents;
}

/** Who a subject waits for. */
const awaitedBy = (mapping: Mapping, { subject, missing }: Waits): AwaitedParent[] => {
  const { local, remote } = subject;
  return referencesOf(mapping).flatMap((field): AwaitedParent[] => {
    const { localField, reference } = field;
    const [value, theirs] = [
      local === 'missing' || !missing.local.includes(localField) ? null : valueIn(local.values, localField),
      typeof remote === 'string' || !missing.remote.includes(localField)
        ? null
        : unknownParentId(field, valueIn(remote.values, localField)),
    ];
    const item = typeof value === 'string' ? parentItem(reference, value) : undefined;
    return [
      ...(item ? [{ kind: 'item' as const, ...item }] : []),
      ...(typeof theirs === 'string' && parseId(theirs) !== undefined
        ? reference.targets.map(({ mappingId }) => ({ mappingId, kind: 'record' as const, key: theirs }))
        : []),
    ];
  });
};

/**
 * Remembers who waits for whom; they are parked already. A parent may have been linked since it was looked for, and its
 * children woken before these were among them: so it is looked for once more.
 */
export async function awaitParents(
  ports: WaitingChildrenPorts,
  mapping: Mapping,
  waits: readonly Waits[],
): Promise<void> {
  const awaiting = waits.flatMap((one) =>
    awaitedBy(mapping, one).map((parent) => ({
      parent,
      child: { mappingId: mapping.mappingId, key: one.subject.localKey },
    })),
  );
  if (awaiting.length === 0) return;
  await ports.parkedKeys.addWaiting(awaiting);
  const isThere = await arrived(ports, awaiting);
  await wake(
    ports,
    awaiting.filter(({ parent }) => isThere(parent)),
  );
}

/** Wakes who waits for pairs that were just linked. */
export async function wakeChildren(
  ports: WaitingChildrenPorts,
  { mappingId, isReferenced }: Mapping,
  linked: readonly { readonly localKey: string; readonly sfId: string }[],
): Promise<void> {
  if (isReferenced !== true || linked.length === 0) return;
  const parents = linked.flatMap(({ localKey, sfId }): AwaitedParent[] => [
    { mappingId, kind: 'item', key: localKey },
    { mappingId, kind: 'record', key: sfId },
  ]);
  await wake(ports, await ports.parkedKeys.whoWaitsFor(parents));
}

async function arrived(ports: WaitingChildrenPorts, awaiting: readonly Awaiting[]) {
  const parents = awaiting.map(({ parent }) => parent);
  const ids = await linkedIds(
    ports.syncStore,
    parents.filter(({ kind }) => kind === 'item'),
  );
  const records = Map.groupBy(
    parents.filter(({ kind }) => kind === 'record'),
    ({ mappingId }) => mappingId,
  );
  const keys = new Map(
    await Promise.all(
      [...records].map(
        async ([mappingId, some]) =>
          [
            mappingId,
            await ports.syncStore.localKeysOf(mappingId, [...new Set(some.map(({ key }) => key))]),
          ] as const,
      ),
    ),
  );
  return ({ kind, mappingId, key }: AwaitedParent): boolean =>
    (kind === 'item' ? ids : keys).get(mappingId)?.has(key) === true;
}

async function wake(
  { hints, parkedKeys }: WaitingChildrenPorts,
  awaiting: readonly Awaiting[],
): Promise<void> {
  if (awaiting.length === 0) return;
  const groups = Map.groupBy(
    awaiting.map(({ child }) => child),
    ({ mappingId }) => mappingId,
  );
  await hints.send([...groups].flatMap(([mappingId, children]) => hintsFor(mappingId, children)));
  await parkedKeys.removeWaiting(awaiting);
}

const hintsFor = (mappingId: string, children: readonly WaitingChild[]) =>
  chunk([...new Set(children.map(({ key }) => key))], MAX_KEYS_PER_HINT).map((keys) => ({
    kind: 'local-keys' as const,
    mappingId,
    keys: keys.map((key) => ({ key })),
    cause: { by: 'parent' as const },
  }));
