import { isDeepStrictEqual } from 'node:util';
import { toItem } from '../../shared/aws/attribute-values.ts';
import { Refused } from '../../shared/aws/errors.ts';
import { projectionOf } from '../../shared/aws/expressions.ts';
import { historyLineOf, putHistoryLine } from '../../shared/aws/reconciliation/history-items.ts';
import { conflictKeyOf, storedConflict } from '../../shared/aws/reconciliation/journal-items.ts';
import {
  linkItemKey,
  pointerItemKey,
  putLink,
  putPointer,
} from '../../shared/aws/reconciliation/link-items.ts';
import { localItemKey, readAttributes, writeItem } from '../../shared/aws/reconciliation/local-items.ts';
import { storedOpenConflict } from '../../shared/aws/reconciliation/open-conflict-items.ts';
import { parkedItemKey } from '../../shared/aws/reconciliation/parked-key-items.ts';
import { PAGE_ITEMS } from '../../shared/aws/table-layout.ts';
import { markOf } from '../../shared/contracts/delete-policies.ts';
import { decodeLocal, encodeLocal } from '../../shared/sync/mapping/decode.ts';
import { imageFor } from '../../shared/sync/mapping/item-image.ts';
import {
  type AttributePath,
  comparedPaths,
  isMap,
  pathOf,
  plainAt,
} from '../../shared/sync/mapping/paths.ts';
import type { Link } from '../../shared/sync/model/link.ts';
import type { Mapping } from '../../shared/sync/model/mapping.ts';
import type { LocalItem } from '../../shared/sync/model/record.ts';
import type { ParkedKey } from '../../shared/sync/reconcile/parking.ts';
import type {
  Commit,
  CommitOutcome,
  ItemWrite,
  LookedUp,
  RevisedLooks,
  SyncStore,
} from '../../shared/use-cases/ports/sync-store.ts';
import {
  actionProblem,
  isTooLongToSend,
  localTableKeys,
  problemOf,
  refuseUnstorable,
  SYNC_STATE_KEYS,
} from './dynamodb-limits.ts';
import { InMemoryHistory } from './history.ts';
import { InMemoryJournal } from './journal.ts';
import { type Attributes, InMemoryLocalTables } from './local-tables.ts';
import { InMemoryMappingStates } from './mapping-states.ts';
import { InMemoryOpenConflictItems } from './open-conflict-items.ts';
import { InMemoryOverlays } from './overlays.ts';
import { InMemoryParkedKeys } from './parked-keys.ts';

const joined = (mappingId: string, key: string): string => `${mappingId}#${key}`;

const isOfTenant = (mapping: Mapping, item: Attributes): boolean =>
  mapping.tenantField === undefined
    ? mapping.tenant === mapping.tenantId
    : item[mapping.tenantField] === mapping.tenantId;

/** Links and local items in memory; a commit happens whole or not at all, and at once. */
export class InMemorySyncStore implements SyncStore, RevisedLooks {
  readonly tables: InMemoryLocalTables;
  readonly storedLinks = new Map<string, Link>();
  readonly pointers = new Map<string, string>();
  /** Where keys are parked, and conflicts recorded, that belong to the links. */
  readonly parkedKeys: InMemoryParkedKeys;
  readonly journal: InMemoryJournal;
  /** What the links hold for a person. */
  readonly openConflicts = new InMemoryOpenConflictItems();
  /** What rehearsals keep in the place of writes. */
  readonly overlays = new InMemoryOverlays();
  readonly history = new InMemoryHistory();
  /** Hears of each commit that is done, with the link that it replaces. */
  onCommit: (commit: Commit, before: Link | undefined) => void = () => {};
  readonly #mappingStates: InMemoryMappingStates;
  readonly #pageItems: number;

  constructor({
    tables = new InMemoryLocalTables(),
    parkedKeys = new InMemoryParkedKeys(),
    journal = new InMemoryJournal(),
    mappingStates = new InMemoryMappingStates(),
    pageItems = PAGE_ITEMS.localTable,
  }: {
    readonly tables?: InMemoryLocalTables;
    readonly parkedKeys?: InMemoryParkedKeys;
    readonly journal?: InMemoryJournal;
    readonly mappingStates?: InMemoryMappingStates;
    readonly pageItems?: number;
  } = {}) {
    this.tables = tables;
    this.parkedKeys = parkedKeys;
    this.journal = journal;
    this.#mappingStates = mappingStates;
    this.#pageItems = pageItems;
  }

  async lookWithRevision(
    mappingId: string,
    localKeys: readonly string[],
  ): Promise<LookedUp<Link> & { readonly revision: number | undefined }> {
    const { revision } = this.#mappingStates.states.get(mappingId) ?? {};
    return { ...(await this.look(mappingId, localKeys)), revision: revision?.revision };
  }

  async look(mappingId: string, localKeys: readonly string[]): Promise<LookedUp<Link>> {
    const found = await this.links(mappingId, localKeys);
    return { found, parked: this.#parked(mappingId, 'local', localKeys) };
  }

  async lookByIds(mappingId: string, sfIds: readonly string[]): Promise<LookedUp<string>> {
    const found = await this.localKeysOf(mappingId, sfIds);
    return { found, parked: this.#parked(mappingId, 'record', sfIds) };
  }

  #parked(mappingId: string, kind: ParkedKey['kind'], keys: readonly string[]): Map<string, ParkedKey> {
    const found = new Map<string, ParkedKey>();
    for (const key of keys) {
      refuseUnstorable('reading links', parkedItemKey({ mappingId, kind, key }), SYNC_STATE_KEYS);
      const parked = this.parkedKeys.get(mappingId, kind, key);
      if (parked) found.set(key, parked);
    }
    return found;
  }

  async links(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, Link>> {
    const found = new Map<string, Link>();
    for (const key of localKeys) {
      refuseUnstorable('reading links', linkItemKey(mappingId, key), SYNC_STATE_KEYS);
      const link = this.storedLinks.get(joined(mappingId, key));
      if (link) found.set(key, structuredClone(link));
    }
    return found;
  }

  async localKeysOf(mappingId: string, sfIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    for (const sfId of sfIds) {
      refuseUnstorable('reading links', pointerItemKey(mappingId, sfId), SYNC_STATE_KEYS);
      const key = this.pointers.get(joined(mappingId, sfId));
      if (key !== undefined) found.set(sfId, key);
    }
    return found;
  }

  async items(mapping: Mapping, localKeys: readonly string[]) {
    const items = new Map<string, LocalItem>();
    const foreign = new Set<string>();
    const invalid = new Map<string, readonly string[]>();
    const keys = localTableKeys(mapping.keyField);
    if (localKeys.length > 0 && isTooLongToSend(projectionOf(readAttributes(mapping)))) {
      throw new Refused('reading local items', 'ValidationException');
    }
    for (const key of localKeys) {
      refuseUnstorable('reading local items', localItemKey(mapping, key), keys);
      const item = this.tables.get(mapping.localTable, key);
      if (!item) continue;
      if (!isOfTenant(mapping, item)) {
        foreign.add(key);
        continue;
      }
      const decoded = decodeLocal(mapping, key, item);
      if ('invalid' in decoded) invalid.set(key, decoded.invalid);
      else
        items.set(key, {
          ...decoded,
          get image() {
            return imageFor(mapping, toItem(item));
          },
        });
    }
    return { items, foreign, invalid };
  }

  async localKeysWith(mapping: Mapping, attribute: string, values: readonly string[]) {
    const { localTable, tenantField, tenant, tenantId } = mapping;
    if (tenantField === undefined && tenant !== tenantId) return new Map<string, string[]>();
    const keysOf = (value: string): string[] =>
      this.tables
        .keys(localTable)
        .filter((key) => {
          const item = this.tables.get(localTable, key) ?? {};
          return item[attribute] === value && isOfTenant(mapping, item);
        })
        .slice(0, 10);
    return new Map(
      values.map((value) => [value, keysOf(value)] as const).filter(([, keys]) => keys.length > 0),
    );
  }

  async localKeysPage(mapping: Mapping, after?: string) {
    if (mapping.tenantField === undefined && mapping.tenant !== mapping.tenantId) return { keys: [] };
    const keys = this.tables.keys(mapping.localTable).filter((key) => after === undefined || key > after);
    const page = keys.slice(0, this.#pageItems);
    const ours = page.filter((key) => isOfTenant(mapping, this.tables.get(mapping.localTable, key) ?? {}));
    const last = page.at(-1);
    return keys.length > page.length && last !== undefined ? { keys: ours, next: last } : { keys: ours };
  }

  async commit(commits: readonly Commit[]): Promise<readonly CommitOutcome[]> {
    // All requests are made before the first one is sent, so that a mistake in one leaves nothing behind.
    const problems = commits.map(requestProblem);
    return commits.map((commit, index) => problems[index] ?? this.#commitOne(commit));
  }

  /** Writes a link over the version that was read; false if it is not that any more. */
  replaceLink(link: Commit['link'], expectedVersion: number): boolean {
    const key = joined(link.mappingId, link.localKey);
    if ((this.storedLinks.get(key)?.version ?? 0) !== expectedVersion) return false;
    this.storedLinks.set(key, { ...structuredClone(link), version: expectedVersion + 1 });
    return true;
  }

  #commitOne(commit: Commit): CommitOutcome {
    const { mapping, link, expectedVersion, item, overlaid, conflicts = [], openConflicts, history } = commit;
    const linkKey = joined(link.mappingId, link.localKey);
    if ((this.storedLinks.get(linkKey)?.version ?? 0) !== expectedVersion) return 'lost-race';
    const before = this.tables.get(mapping.localTable, link.localKey);
    if (item && !mayWrite(mapping, item, before)) return 'lost-race';
    const pointerKey = link.sfId === undefined ? undefined : joined(link.mappingId, link.sfId);
    if (pointerKey !== undefined && (this.pointers.get(pointerKey) ?? link.localKey) !== link.localKey) {
      return 'sf-id-taken';
    }

    const after = item && written(mapping, link.localKey, item, before);
    const problem = after && problemOf(toItem(after), localTableKeys(mapping.keyField));
    if (problem) return problem;
    this.onCommit(commit, this.storedLinks.get(linkKey));
    this.storedLinks.set(linkKey, { ...structuredClone(link), version: expectedVersion + 1 });
    if (pointerKey !== undefined) this.pointers.set(pointerKey, link.localKey);
    if (after) this.tables.put(mapping.localTable, link.localKey, after);
    if (item?.kind === 'delete') this.tables.delete(mapping.localTable, link.localKey);
    if (overlaid) this.overlays.put(mapping.mappingId, overlaid);
    for (const conflict of conflicts) this.journal.keepConflict(conflict);
    if (openConflicts) this.openConflicts.apply(link.mappingId, link.localKey, openConflicts);
    if (history) this.history.keep(historyLineOf(mapping, link, expectedVersion + 1, history));
    return 'committed';
  }
}

/** What DynamoDB would say to the commit's requests before it looks at any item. */
const requestProblem = ({
  mapping,
  link,
  expectedVersion,
  item,
  conflicts = [],
  openConflicts,
  history,
}: Commit): CommitOutcome | undefined => {
  const { mappingId, localKey, sfId } = link;
  const ofLink = [
    putLink('state', link, expectedVersion),
    ...(sfId === undefined ? [] : [putPointer('state', mappingId, sfId, localKey)]),
  ].map((action) => actionProblem(action, SYNC_STATE_KEYS));
  const ofItem =
    item &&
    actionProblem(writeItem('local', mapping, localKey, asStored(item)), localTableKeys(mapping.keyField));
  const ofConflicts = conflicts.map((conflict) =>
    problemOf({ ...storedConflict(conflict), ...toItem(conflictKeyOf(conflict)) }, SYNC_STATE_KEYS),
  );
  const ofOpen = (openConflicts?.put ?? []).map((one) => problemOf(storedOpenConflict(one), SYNC_STATE_KEYS));
  const ofHistory =
    history &&
    actionProblem(putHistoryLine('state', mapping, link, expectedVersion + 1, history), SYNC_STATE_KEYS);
  return [...ofLink, ofItem, ...ofConflicts, ...ofOpen, ofHistory].find((problem) => problem !== undefined);
};

/** The adapter's conditions are on attributes as DynamoDB has them. */
const asStored = (write: ItemWrite): ItemWrite =>
  !('read' in write)
    ? write
    : { ...write, read: { ...write.read, attributes: toItem(write.read.attributes) } };

const mayWrite = (mapping: Mapping, write: ItemWrite, before: Attributes | undefined): boolean => {
  if (!('read' in write)) return before === undefined;
  if (before === undefined || !isOfTenant(mapping, before)) return false;
  const { attributes } = write.read;
  const written = Object.keys(write.kind === 'update' ? write.values : {}).map((localField) =>
    pathOf({ localField }),
  );
  return (
    comparedPaths(mapping).every((path) =>
      isDeepStrictEqual(plainAt(before, path), plainAt(attributes, path)),
    ) &&
    // The maps that a value goes into are still there, or still not.
    written.every((path) => isMapAt(before, path) === isMapAt(attributes, path))
  );
};

const isMapAt = (item: Attributes, path: AttributePath): boolean =>
  path.length === 1 || isMap(plainAt(item, path.slice(0, -1)));

const markIn = ({ deletePolicy }: Mapping, write: ItemWrite): Attributes => {
  const name = markOf(deletePolicy.fromSalesforce);
  return write.kind === 'update' && name !== undefined && write.mark !== undefined
    ? { [name]: write.mark }
    : {};
};

/** The item after the write; undefined where an update changes nothing, which DynamoDB only checks. */
const written = (
  mapping: Mapping,
  localKey: string,
  write: ItemWrite,
  before: Attributes | undefined,
): Attributes | undefined => {
  if (write.kind === 'absent' || write.kind === 'delete') return undefined;
  const { tenantField, localIdField, keyField } = mapping;
  const sfId = localIdField !== undefined && write.sfId ? { [localIdField]: write.sfId } : {};
  const changes = [
    ...Object.entries(encodeLocal(mapping, write.values)).map(
      ([localField, value]) => [pathOf({ localField }), value] as const,
    ),
    ...Object.entries({ ...sfId, ...markIn(mapping, write) }).map(
      ([name, value]) => [[name], value] as const,
    ),
  ].filter(([[root]]) => root !== keyField);
  if (write.kind === 'update' && changes.length === 0) return undefined;
  const tenant = tenantField === undefined ? {} : { [tenantField]: mapping.tenantId };
  const defaults = write.kind === 'create' ? mapping.defaults : {};
  const item: Record<string, unknown> = { ...defaults, ...(before ?? {}), ...tenant, [keyField]: localKey };
  for (const [path, value] of changes) putAt(item, path, value);
  return item;
};

/** Maps on the way are copied, and made where there are none; `null` removes, and makes nothing. */
const putAt = (map: Record<string, unknown>, [name = '', ...inner]: AttributePath, value: unknown): void => {
  if (inner.length > 0) {
    const below = map[name] ?? undefined;
    if (below === undefined && value === null) return;
    const copy = { ...(below as Attributes | undefined) };
    map[name] = copy;
    putAt(copy, inner, value);
  } else if (value === null) delete map[name];
  else map[name] = value;
};
