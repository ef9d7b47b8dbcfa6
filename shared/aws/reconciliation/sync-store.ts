import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SYNC_STATE_TABLE, VERSION_ATTRIBUTE } from '../../contracts/tables.ts';
import { must } from '../../sync/assert.ts';
import type { Link } from '../../sync/model/link.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { LocalItem } from '../../sync/model/record.ts';
import type { ParkedKey } from '../../sync/reconcile/parking.ts';
import type {
  Commit,
  CommitOutcome,
  LookedUp,
  RevisedLooks,
  SyncStore,
} from '../../use-cases/ports/sync-store.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { readAll } from '../dynamodb.ts';
import { mappingKey, PAGE_ITEMS, PARKED_PREFIX } from '../table-layout.ts';
import { type CommitActions, commitAll } from './commit-groups.ts';
import { putHistoryLine } from './history-items.ts';
import { conflictKeyOf, storedConflict } from './journal-items.ts';
import { linkItemKey, linkItems, pointerItemKey, pointerItems, putLink, putPointer } from './link-items.ts';
import { isOfTenant, localItemKey, localItemOf, readAttributes, writeItem } from './local-items.ts';
import { listLocalKeys, localKeysWith } from './local-keys.ts';
import { mappingStateItems } from './mapping-state-items.ts';
import { openConflictActions } from './open-conflict-items.ts';
import { overlaidAction } from './overlay-items.ts';
import { parkedItemKey, parkedKeyItems } from './parked-key-items.ts';

const KEY_IS_TEXT = 'the key of a local item is text';
const POINTER_ATTRIBUTES = ['sfId', 'localKey', VERSION_ATTRIBUTE] as const;
/** How many links' pointers are remembered; some two megabytes. */
const MAX_REMEMBERED = 20_000;

export interface SyncStoreOptions {
  readonly client: DynamoDBClient;
  readonly syncStateTable: string;
  /** A local table's name in the sync config to its physical name. */
  readonly localTables: Readonly<Record<string, string>>;
  /** Of those tables that have one: the index by tenant, by the table's name in the sync config. @default none */
  readonly tenantIndexes?: Readonly<Record<string, string>>;
  /** By the table's name in the sync config: its indexes by attribute. @default none */
  readonly matchIndexes?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** How many items a page of `localKeysPage` looks at. @default 1000 */
  readonly pageItems?: number;
}

const isParked = (item: RawItem): boolean =>
  item[SYNC_STATE_TABLE.partitionKey]?.S?.startsWith(PARKED_PREFIX) === true;

const isState =
  (mappingId: string) =>
  (item: RawItem): boolean =>
    item[SYNC_STATE_TABLE.partitionKey]?.S === mappingKey(mappingId).pk;

const lookKeys = (mappingId: string, localKeys: readonly string[]): RawItem[] =>
  [...new Set(localKeys)].flatMap((key) => [
    linkItemKey(mappingId, key),
    parkedItemKey({ mappingId, kind: 'local', key }),
  ]);

const split = <T>(entries: readonly T[], isFirst: (entry: T) => boolean): [T[], T[]] => [
  entries.filter(isFirst),
  entries.filter((entry) => !isFirst(entry)),
];

const parkedByKey = (items: readonly RawItem[]): ReadonlyMap<string, ParkedKey> =>
  new Map(items.map(parkedKeyItems.fromItem).map((parked) => [parked.key, parked]));

const localKeysByIds = (items: readonly RawItem[]): ReadonlyMap<string, string> =>
  new Map(items.map(pointerItems.fromItem).map(({ sfId, localKey }) => [sfId, localKey]));

/** Links on the sync-state table, and items in the users' own tables. */
export class DynamoSyncStore implements SyncStore, RevisedLooks {
  readonly #client: DynamoDBClient;
  readonly #stateTable: string;
  readonly #localTables: Readonly<Record<string, string>>;
  readonly #tenantIndexes: Readonly<Record<string, string>>;
  readonly #matchIndexes: NonNullable<SyncStoreOptions['matchIndexes']>;
  readonly #pageItems: number;
  /** By link: the version that this process last saw or wrote, and the Salesforce id that it had. */
  readonly #pointed = new Map<string, { readonly version: number; readonly sfId: string }>();

  constructor(options: SyncStoreOptions) {
    this.#client = options.client;
    this.#stateTable = options.syncStateTable;
    this.#localTables = options.localTables;
    this.#tenantIndexes = options.tenantIndexes ?? {};
    this.#matchIndexes = options.matchIndexes ?? {};
    this.#pageItems = options.pageItems ?? PAGE_ITEMS.localTable;
  }

  async links(mappingId: string, localKeys: readonly string[]): Promise<ReadonlyMap<string, Link>> {
    const keys = [...new Set(localKeys)].map((key) => linkItemKey(mappingId, key));
    return this.#links(await readAll(this.#table(), keys, 'reading links'));
  }

  async look(mappingId: string, localKeys: readonly string[]): Promise<LookedUp<Link>> {
    return this.#lookedUp(await readAll(this.#table(), lookKeys(mappingId, localKeys), 'reading links'));
  }

  async lookWithRevision(
    mappingId: string,
    localKeys: readonly string[],
  ): Promise<LookedUp<Link> & { readonly revision: number | undefined }> {
    const keys = [toItem(mappingKey(mappingId)), ...lookKeys(mappingId, localKeys)];
    const items = await readAll(this.#table(), keys, 'reading links');
    const [states, others] = split(items, isState(mappingId));
    const [state] = states.map(mappingStateItems.fromItem);
    return { ...this.#lookedUp(others), revision: state?.revision?.revision };
  }

  async localKeysOf(mappingId: string, sfIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const keys = [...new Set(sfIds)].map((sfId) => pointerItemKey(mappingId, sfId));
    return localKeysByIds(await readAll(this.#table(), keys, 'reading links', POINTER_ATTRIBUTES));
  }

  async lookByIds(mappingId: string, sfIds: readonly string[]): Promise<LookedUp<string>> {
    const ids = [...new Set(sfIds)];
    const keys = ids.flatMap((id) => [
      pointerItemKey(mappingId, id),
      parkedItemKey({ mappingId, kind: 'record', key: id }),
    ]);
    const items = await readAll(this.#table(), keys, 'reading links');
    const [parked, pointers] = split(items, isParked);
    return { found: localKeysByIds(pointers), parked: parkedByKey(parked) };
  }

  async items(mapping: Mapping, localKeys: readonly string[]) {
    const table = { client: this.#client, name: this.#localTable(mapping) };
    const keys = [...new Set(localKeys)].map((key) => localItemKey(mapping, key));
    const found = await readAll(table, keys, 'reading local items', readAttributes(mapping));
    const items = new Map<string, LocalItem>();
    const foreign = new Set<string>();
    const invalid = new Map<string, readonly string[]>();
    for (const item of found) {
      const localKey = must(item[mapping.keyField]?.S, KEY_IS_TEXT);
      if (!isOfTenant(mapping, item)) {
        foreign.add(localKey);
        continue;
      }
      const local = localItemOf(mapping, localKey, item);
      if ('invalid' in local) invalid.set(localKey, local.invalid);
      else items.set(localKey, local);
    }
    return { items, foreign, invalid };
  }

  async localKeysWith(
    mapping: Mapping,
    attribute: string,
    values: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    if (mapping.tenantField === undefined && mapping.tenant !== mapping.tenantId) return new Map();
    const index = this.#matchIndexes[mapping.localTable]?.[attribute];
    const table = { client: this.#client, name: this.#localTable(mapping) };
    const indexName = must(index, 'a mapping is matched by attributes with an index');
    return localKeysWith(table, indexName, mapping, attribute, values);
  }

  async localKeysPage(mapping: Mapping, after?: string): Promise<{ keys: readonly string[]; next?: string }> {
    if (mapping.tenantField === undefined && mapping.tenant !== mapping.tenantId) return { keys: [] };
    const list = {
      client: this.#client,
      tableName: this.#localTable(mapping),
      tenantIndex: this.#tenantIndexes[mapping.localTable],
      pageItems: this.#pageItems,
    };
    return listLocalKeys(list, mapping, after);
  }

  async commit(commits: readonly Commit[]): Promise<readonly CommitOutcome[]> {
    const outcomes = await commitAll(
      this.#client,
      commits.map((commit) => this.#actionsOf(commit)),
    );
    for (const [index, { link, expectedVersion }] of commits.entries()) {
      if (outcomes[index] === 'committed') this.#remember(link, expectedVersion + 1);
    }
    return outcomes;
  }

  #lookedUp(items: readonly RawItem[]): LookedUp<Link> {
    const [parked, links] = split(items, isParked);
    return { found: this.#links(links), parked: parkedByKey(parked) };
  }

  #links(items: readonly RawItem[]): ReadonlyMap<string, Link> {
    const links = items.map(linkItems.fromItem);
    for (const link of links) this.#remember(link, link.version);
    return new Map(links.map((link) => [link.localKey, link]));
  }

  #actionsOf(commit: Commit): CommitActions {
    const { mapping, link, expectedVersion, item, overlaid, conflicts = [], openConflicts, history } = commit;
    const { mappingId, localKey, sfId } = link;
    const parts: CommitActions['parts'][number][] = [
      { part: 'link', action: putLink(this.#stateTable, link, expectedVersion) },
    ];
    const touches = [JSON.stringify(['link', mappingId, localKey])];
    if (sfId !== undefined && !this.#isPointed(link, sfId, expectedVersion)) {
      parts.push({ part: 'pointer', action: putPointer(this.#stateTable, mappingId, sfId, localKey) });
      touches.push(JSON.stringify(['pointer', mappingId, sfId]));
    }
    if (item) {
      const action = writeItem(this.#localTable(mapping), mapping, localKey, item);
      parts.push({ part: 'item', action });
      touches.push(JSON.stringify(['item', mapping.localTable, localKey]));
    }
    if (overlaid) {
      const action = overlaidAction(this.#stateTable, mapping.mappingId, overlaid);
      parts.push({ part: 'item', action });
      touches.push(JSON.stringify(['overlaid', mapping.mappingId, localKey]));
    }
    for (const conflict of conflicts) {
      const key = toItem(conflictKeyOf(conflict));
      const Item = { ...storedConflict(conflict), ...key };
      parts.push({ part: 'conflict', action: { Put: { TableName: this.#stateTable, Item } } });
      touches.push(JSON.stringify(['conflict', key]));
    }
    for (const { key, action } of openConflictActions(this.#stateTable, link, openConflicts)) {
      parts.push({ part: 'conflict', action });
      touches.push(JSON.stringify(['conflict', key]));
    }
    // Its key holds the version of the link, whose own condition keeps two from being written.
    if (history) {
      const action = putHistoryLine(this.#stateTable, mapping, link, expectedVersion + 1, history);
      parts.push({ part: 'history', action });
    }
    return { parts, touches };
  }

  /** The pointer is there if the version that the commit is conditional on had this Salesforce id already. */
  #isPointed(link: Commit['link'], sfId: string, expectedVersion: number): boolean {
    const known = this.#pointed.get(JSON.stringify([link.mappingId, link.localKey]));
    return known?.version === expectedVersion && known.sfId === sfId;
  }

  #remember({ mappingId, localKey, sfId }: Commit['link'], version: number): void {
    const key = JSON.stringify([mappingId, localKey]);
    // A link that was forgotten begins anew, and may come to a version that it had before.
    if (sfId === undefined) {
      this.#pointed.delete(key);
      return;
    }
    if (this.#pointed.size >= MAX_REMEMBERED) this.#pointed.clear();
    this.#pointed.set(key, { version, sfId });
  }

  #table() {
    return { client: this.#client, name: this.#stateTable };
  }

  #localTable(mapping: Mapping): string {
    return must(this.#localTables[mapping.localTable], 'every local table of the config has a physical name');
  }
}
