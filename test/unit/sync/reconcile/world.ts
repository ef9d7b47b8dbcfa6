import { must } from '../../../../shared/sync/assert.ts';
import type { Link } from '../../../../shared/sync/model/link.ts';
import type { Mapping } from '../../../../shared/sync/model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../../../../shared/sync/model/record.ts';
import type { FieldValues } from '../../../../shared/sync/model/values.ts';
import type { FieldConflict } from '../../../../shared/sync/reconcile/plan.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import {
  afterLocalCommit,
  afterLocalCreate,
  agree,
  announce,
  announceCreate,
  settleWritten,
} from '../../../../shared/sync/reconcile/settle.ts';
import { LOCAL_KEY, SF_ID } from '../../../builders/sync.ts';

/** One pair in a store and an org, with a clock that every action moves by a second. */
export interface World {
  readonly mapping: Mapping;
  second: number;
  local: FieldValues | undefined;
  localChangedAt: string | undefined;
  remote: { values: FieldValues; modstamp: string } | undefined;
  /** Records ever made in Salesforce; more than one is a twin. */
  remoteCreations: number;
  link: Link | undefined;
  readonly conflicts: FieldConflict[];
  readonly living: Set<string>;
  writes: number;
}

export const nowIn = (world: World): string =>
  new Date(Date.UTC(2024, 0, 1, 0, 0, world.second)).toISOString();

/** What a trigger in this org makes of every value: it takes exclamation marks off. */
export const adjusted = (values: FieldValues): FieldValues =>
  Object.fromEntries(
    Object.entries(values).map(([field, value]) => [
      field,
      typeof value === 'string' ? value.replace('!', '') : value,
    ]),
  );

export const saveRemote = (world: World, values: FieldValues): void => {
  world.remote = {
    values: { ...(world.remote?.values ?? {}), ...adjusted(values) },
    modstamp: nowIn(world),
  };
};

const recordIn = (world: World): RemoteRecord | 'missing' =>
  world.remote === undefined
    ? 'missing'
    : {
        sfId: SF_ID,
        externalId: LOCAL_KEY,
        values: withNulls(world, world.remote.values),
        systemModstamp: world.remote.modstamp,
        lastModifiedDate: world.remote.modstamp,
        isDeleted: false,
        readAt: nowIn(world),
      };

const withNulls = (world: World, values: FieldValues): FieldValues =>
  Object.fromEntries(world.mapping.fields.map(({ localField }) => [localField, values[localField] ?? null]));

const itemIn = (world: World): LocalItem | 'missing' =>
  world.local === undefined
    ? 'missing'
    : { localKey: LOCAL_KEY, values: withNulls(world, world.local), sfId: null, attributes: world.local };

/**
 * A worker on the pair, as a generator: each `yield` is a moment at which anything may happen elsewhere, or at which
 * it may die. It gives up on a lost race and on a lease that another living worker holds.
 */
export function* worker(world: World, name: string): Generator<void, void, void> {
  const link = world.link;
  const lease = { owner: name, until: 1 };
  if (link?.lease !== undefined && link.lease.owner !== name && world.living.has(link.lease.owner)) return;
  yield;
  const local = itemIn(world);
  const localChangedAt = world.localChangedAt;
  yield;
  const remote = recordIn(world);
  yield;
  const plan = reconcile({
    mapping: world.mapping,
    link,
    local,
    remote,
    // One clock for all.
    localChangedAtSfClock: localChangedAt,
  });
  const pair = {
    mapping: world.mapping,
    localKey: LOCAL_KEY,
    link,
    ...(remote === 'missing' ? {} : { remote }),
    localChangedAt,
  };
  const commit = (next: Omit<Link, 'version'>, values?: FieldValues): boolean => {
    const isCommitted = commitTo(world, link, local, next, values);
    if (isCommitted && plan.kind === 'write') world.conflicts.push(...plan.conflicts);
    return isCommitted;
  };
  yield;
  switch (plan.kind) {
    case 'in-step':
      if (plan.nextBase !== undefined) commit(agree(pair, plan));
      return;
    case 'create-local':
      commit(afterLocalCreate(pair, plan), plan.values);
      return;
    case 'write':
      if (Object.keys(plan.remoteWrites).length === 0) {
        commit(afterLocalCommit(pair, plan), plan.localWrites);
        return;
      }
      if (commit(announce(pair, plan, lease), plan.localWrites)) yield* push(world, plan.remoteWrites);
      return;
    case 'create-remote':
      if (commit(announceCreate(pair, plan, lease, nowIn(world)))) yield* push(world, plan.values);
      return;
    default:
      return;
  }
}

/** The write to Salesforce and what comes after it. */
function* push(world: World, written: FieldValues): Generator<void, void, void> {
  yield;
  if (world.remote === undefined) world.remoteCreations += 1;
  world.writes += 1;
  saveRemote(world, written);
  const after = recordIn(world);
  yield;
  const link = must(world.link, 'it was announced');
  const next = settleWritten(world.mapping, link, written, {
    sfId: SF_ID,
    readAt: nowIn(world),
    ...(after === 'missing' ? {} : { after }),
  });
  world.link = { ...next, version: link.version + 1 };
}

/** Link and item in one transaction, on the link's version and the item as it was read. */
const commitTo = (
  world: World,
  read: Link | undefined,
  local: LocalItem | 'missing',
  next: Omit<Link, 'version'>,
  values?: FieldValues,
): boolean => {
  const before = local === 'missing' ? undefined : local.attributes;
  if ((world.link?.version ?? 0) !== (read?.version ?? 0) || world.local !== before) return false;
  world.link = { ...next, version: (read?.version ?? 0) + 1 };
  if (values !== undefined && Object.keys(values).length > 0) {
    world.local = { ...(world.local ?? {}), ...values };
    world.writes += 1;
  }
  return true;
};

/** Runs one worker to its end with nothing else happening; what it planned, by its writes. */
export const runAlone = (world: World): number => {
  const before = world.writes;
  world.living.add('last');
  for (const _ of worker(world, 'last')) world.second += 1;
  world.living.delete('last');
  return world.writes - before;
};
