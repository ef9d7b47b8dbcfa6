import { type Hint, MAX_KEYS_PER_HINT } from '../../contracts/hints.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { imageOf } from '../../sync/mapping/item-image.ts';
import { type KeyProblem, keyProblem } from '../../sync/mapping/local-key.ts';
import { mappingIdOf } from '../../sync/mapping/resolve.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { Making } from '../../sync/reconcile/parking.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { HintQueue } from '../ports/hint-queue.ts';
import type { Journal, Rejection } from '../ports/journal.ts';
import {
  emptyIn,
  type LocalChange,
  mappedIn,
  type TableChange,
  templatesOf,
  tenantChange,
} from './local-change.ts';
import { type ConnectionsOfTenants, connectionsOfTenants } from './tenant-connections.ts';

export interface ForwardLocalChangesPorts {
  readonly config: SyncConfig;
  readonly connections: Pick<ConnectionStore, 'idsOfTenant'>;
  readonly hints: HintQueue;
  readonly journal: Pick<Journal, 'recordRejections' | 'clearRejections'>;
}

export interface ForwardedChanges {
  readonly changes: number;
  /** Keys that hints now name, once for each mapping. */
  readonly hinted: number;
  /** Changes that touch nothing that is mapped. */
  readonly ignored: number;
  /** Items that name no tenant. */
  readonly unassigned: number;
  /** Changes of items whose key Salesforce cannot hold. */
  readonly unstorable: number;
}

/** Where the rejections of items stand that belong to no tenant, and so to no mapping. */
const unassignedId = (templateName: string): string => `unassigned.${templateName}`;

/** The keys of one mapping, each with its latest change, and how its item was last made. */
type KeysByMapping = Map<string, Map<string, KeyChange>>;

interface KeyChange extends Pick<TableChange, 'changedAt' | 'isDeleted' | 'after'> {
  readonly template: string;
  readonly made: Making | undefined;
}

/**
 * Turns one batch of one table's stream into hints for every connection of the items' tenants. A change that touches
 * no mapped attribute costs nothing. An item whose tenant changed is looked at for both. Connections that are not
 * active get hints too: what becomes of them is the worker's decision.
 *
 * @throws on the first failure, for the whole batch: hints may repeat, so the stream sends it again
 */
export const forwardLocalChanges = async (
  ports: ForwardLocalChangesPorts,
  changes: readonly LocalChange[],
): Promise<ForwardedChanges> => {
  if (changes.length === 0) return { changes: 0, hinted: 0, ignored: 0, unassigned: 0, unstorable: 0 };
  const relevant = changes.flatMap((change) => tenantChange(ports.config, change) ?? []);
  await settleUnassigned(ports, relevant);
  const storable = relevant.filter(({ key }) => keyProblem(key) === undefined);
  const ids = await connectionsOfTenants(
    ports.connections,
    relevant.flatMap(({ tenants }) => tenants),
  );
  await settleUnstorable(ports, ids, relevant);
  const keys = keysByMapping(ports.config, ids, storable);
  const hints = hintsOf(ports.config, keys);
  if (hints.length > 0) await ports.hints.send(hints);
  return {
    changes: changes.length,
    hinted: [...keys.values()].reduce((sum, { size }) => sum + size, 0),
    ignored: changes.length - relevant.length,
    unassigned: relevant.filter(({ isUnassigned }) => isUnassigned).length,
    unstorable: relevant.length - storable.length,
  };
};

const keysByMapping = (
  config: SyncConfig,
  ids: ConnectionsOfTenants,
  changes: readonly TableChange[],
): KeysByMapping => {
  const keys: KeysByMapping = new Map();
  for (const change of changes) {
    const { localTable, key, changedAt, isDeleted, after, tenants } = change;
    for (const { mappingId, template } of mappingsOf(config, ids, localTable, tenants)) {
      const known: Map<string, KeyChange> = keys.get(mappingId) ?? new Map();
      // Records of one key come in order, so the last is the latest.
      const made = makingAfter(config, template, known.get(key)?.made, change);
      keys.set(mappingId, known.set(key, { changedAt, isDeleted, after, template, made }));
    }
  }
  return keys;
};

/** What an item was made without, but for what it got since: that may have been cleared again. */
const makingAfter = (
  config: SyncConfig,
  template: string,
  before: Making | undefined,
  { isNew, after, changedAt }: TableChange,
): Making | undefined => {
  if (after === undefined || !(isNew || before)) return undefined;
  const empty = emptyIn(config, template, after);
  return isNew || !before
    ? { at: changedAt, without: empty }
    : { ...before, without: before.without.filter((name) => empty.includes(name)) };
};

/** The mappings that carry a table's items to the orgs of these tenants, each with its template and tenant. */
const mappingsOf = (
  config: SyncConfig,
  ids: ConnectionsOfTenants,
  localTable: string,
  tenants: readonly string[],
): readonly { readonly mappingId: string; readonly template: string; readonly tenant: string }[] => {
  const names = templatesOf(config, localTable);
  return tenants.flatMap((tenant) =>
    (ids.get(tenant) ?? []).flatMap((connectionId) =>
      names.map((name) => ({ mappingId: mappingIdOf(connectionId, name), template: name, tenant })),
    ),
  );
};

/**
 * A key that Salesforce cannot hold is rejected for every mapping that would carry it there, and never hinted: the
 * keys beside it in a hint would fail with it. Once the item is gone, or another tenant's, so is the rejection.
 */
const settleUnstorable = async (
  { config, journal }: ForwardLocalChangesPorts,
  ids: ConnectionsOfTenants,
  changes: readonly TableChange[],
): Promise<void> => {
  const latest = new Map(changes.map((change) => [change.key, change]));
  const rejections: Rejection[] = [];
  for (const { key, changedAt, localTable, tenantNow } of latest.values()) {
    const problem = keyProblem(key);
    if (!problem) continue;
    const tenants = changes.flatMap((change) => (change.key === key ? change.tenants : []));
    for (const { mappingId, tenant } of mappingsOf(config, ids, localTable, [...new Set(tenants)])) {
      if (tenant === tenantNow) rejections.push(unstorable(mappingId, key, changedAt, problem));
      else await journal.clearRejections(mappingId, [key]);
    }
  }
  if (rejections.length > 0) await journal.recordRejections(rejections);
};

const unstorable = (mappingId: string, key: string, at: string, problem: KeyProblem): Rejection => ({
  mappingId,
  by: 'local-rules',
  key,
  ...problem,
  fields: [],
  at,
});

const hintsOf = (config: SyncConfig, keysOf: KeysByMapping): Hint[] =>
  [...keysOf].flatMap(([mappingId, keys]) =>
    chunk([...keys], MAX_KEYS_PER_HINT).map((part) => ({
      kind: 'local-keys',
      mappingId,
      keys: part.map(([key, { changedAt, isDeleted, after, template, made }]) => ({
        key,
        changedAt,
        ...(after && { image: imageOf(mappedIn(config, template), after) }),
        ...(isDeleted && { isDeleted: true as const }),
        ...(made && made.without.length > 0 && { made: { ...made, without: [...made.without] } }),
      })),
      cause: { by: 'stream' },
    })),
  );

/** An item without a tenant is rejected, never guessed; once it names one, or is gone, the rejection goes too. */
const settleUnassigned = async (
  { config, journal }: ForwardLocalChangesPorts,
  changes: readonly TableChange[],
): Promise<void> => {
  const latest = new Map(changes.map((change) => [change.key, change]));
  const wasUnassigned = new Set(changes.filter((change) => change.wasUnassigned).map(({ key }) => key));
  const rejections: Rejection[] = [];
  const settled = new Map<string, string[]>();
  for (const change of latest.values()) {
    if (!change.isUnassigned && !wasUnassigned.has(change.key)) continue;
    for (const name of templatesOf(config, change.localTable)) {
      const mappingId = unassignedId(name);
      if (change.isUnassigned) rejections.push(rejectionOf(config, change, mappingId));
      else settled.set(mappingId, [...(settled.get(mappingId) ?? []), change.key]);
    }
  }
  if (rejections.length > 0) await journal.recordRejections(rejections);
  for (const [mappingId, keys] of settled) await journal.clearRejections(mappingId, keys);
};

const rejectionOf = (
  config: SyncConfig,
  { localTable, key, changedAt }: TableChange,
  mappingId: string,
): Rejection => {
  const tenantField = config.localTables[localTable]?.tenantField;
  return {
    mappingId,
    by: 'local-rules',
    key,
    code: 'NO_TENANT',
    message: `The item names no tenant in "${tenantField ?? ''}", so no connection can be chosen for it.`,
    fields: tenantField === undefined ? [] : [tenantField],
    at: changedAt,
  };
};
