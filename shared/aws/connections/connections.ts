import {
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CONNECTIONS_TABLE } from '../../contracts/tables.ts';
import type { Connection } from '../../sync/model/connection.ts';
import type { ConnectionStore, OnlyWhile, StoredConnection } from '../../use-cases/ports/connection-store.ts';
import type { RawItem } from '../attribute-values.ts';
import { isConditionFailure, queryUpTo, readListed, type Table, tryWrite } from '../dynamodb.ts';
import { attempt, isPassing, LostRace, NotFound, Throttled } from '../errors.ts';
import {
  allOf,
  anyOf,
  type Change,
  type Condition,
  conditionOf,
  differs,
  equals,
  equalsStored,
  exists,
  isAbsent,
  isAtMost,
  isGreater,
  isLess,
  queryOf,
  updateOf,
} from '../expressions.ts';
import { inRounds } from '../rounds.ts';
import { CONNECTION_SHARDS, PAGE_ITEMS } from '../table-layout.ts';
import {
  besideKey,
  connectionItems,
  connectionKey,
  connectionPointers,
  connectionShard,
  derivedAttributes,
  LISTED_ATTRIBUTES,
  listedConnections,
  tenantAttribute,
} from './connection-items.ts';

/** A tenant connects a handful of orgs; a thousand would be a mistake. */
const MAX_PER_TENANT = 1000;
/** Two callbacks that race for the same org settle in one round. */
const SAVE_ROUNDS = 3;
/** Ids that one warm function remembers; each is some hundred bytes. */
const MAX_REMEMBERED = 5000;

const LIST = CONNECTIONS_TABLE.listIndex;

/** Every connection has a token version, and nothing else on the table does. */
const IS_THERE = exists('tokenVersion');

/** The connections table. The tenant and org of a connection id never change, so they are remembered. */
export class DynamoConnections implements ConnectionStore {
  readonly #table: Table;
  readonly #pageItems: number;
  readonly #keys = new Map<string, RawItem>();

  /** @param pageItems - how many connections a page of `list` has at most */
  constructor(table: Table, pageItems: number = PAGE_ITEMS.connections) {
    this.#table = table;
    this.#pageItems = pageItems;
  }

  async get(connectionId: string): Promise<StoredConnection | undefined> {
    const key = await this.#keyOf(connectionId);
    if (!key) return undefined;
    const item = await this.#read(key);
    return item && connectionItems.fromItem(item);
  }

  async listOfTenant(orgId: string): Promise<readonly Connection[]> {
    return (await this.#itemsOfTenant(orgId, LISTED_ATTRIBUTES)).map(listedConnections.fromItem);
  }

  async idsOfTenant(orgId: string): Promise<readonly string[]> {
    const items = await this.#itemsOfTenant(orgId, ['connectionId', 'status']);
    const wanted = items.filter(({ status }) => status?.S !== 'revoked');
    return wanted.flatMap(({ connectionId }) => connectionId?.S ?? []);
  }

  /** Eventually consistent. `next` is a shard's number and the last id seen in it. */
  async list(after = '0:'): Promise<{ connections: readonly Connection[]; next?: string }> {
    const shard = Number(after.slice(0, after.indexOf(':')));
    const lastId = after.slice(after.indexOf(':') + 1);
    const inShard = equals(LIST.partitionKey, connectionShard(shard));
    const key = lastId === '' ? inShard : allOf(inShard, isGreater(LIST.sortKey, lastId));
    const { Items = [], LastEvaluatedKey } = await attempt('listing connections', () =>
      this.#table.client.send(
        new QueryCommand({
          TableName: this.#table.name,
          IndexName: LIST.name,
          Limit: this.#pageItems,
          ...queryOf({ key }),
        }),
      ),
    );
    const connections = readListed(this.#table, Items, listedConnections.fromItem);
    const last = Items.at(-1)?.[LIST.sortKey]?.S;
    if (LastEvaluatedKey && last !== undefined) return { connections, next: `${shard}:${last}` };
    return shard + 1 < CONNECTION_SHARDS ? { connections, next: `${shard + 1}:` } : { connections };
  }

  async saveAuthorization(
    connection: StoredConnection,
    begunAt: string,
  ): Promise<StoredConnection | undefined> {
    return inRounds<StoredConnection | undefined>(
      SAVE_ROUNDS,
      async () => {
        const updated =
          (await this.#reauthorize(connection, begunAt, 'unless-paused')) ??
          (await this.#reauthorize(connection, begunAt, 'if-paused'));
        if (updated) return { answer: updated };
        if (await this.#create(connection)) return { answer: connection };
        const item = await this.#read(connectionKey(connection));
        const isRevokedSince = (item?.revokedAt?.S ?? '') >= begunAt;
        return isRevokedSince ? { answer: undefined } : 'at-once';
      },
      () => {
        throw new LostRace('saving an authorization');
      },
    );
  }

  async takeRefreshLease(
    connectionId: string,
    tokenVersion: number,
    lease: { owner: string; until: number },
    nowMs: number,
  ): Promise<boolean> {
    const isFree = anyOf(
      isAbsent('refreshLease'),
      isAtMost(['refreshLease', 'until'], nowMs),
      // Our own, of an attempt whose answer was lost.
      equals(['refreshLease', 'owner'], lease.owner),
    );
    return this.#change(
      connectionId,
      { set: { refreshLease: lease } },
      allOf(equals('tokenVersion', tokenVersion), isFree),
    );
  }

  /** Conditional on the version alone: after a slow refresh the lease is over, but its pair is the only valid one. */
  async storeRefreshed(
    connectionId: string,
    refreshed: Parameters<ConnectionStore['storeRefreshed']>[1],
  ): Promise<boolean> {
    const { fromVersion, sealedTokens, instanceUrl, at } = refreshed;
    const set = { sealedTokens, instanceUrl, tokenVersion: fromVersion + 1, tokensAt: at, updatedAt: at };
    return this.#change(connectionId, { set, remove: ['refreshLease'] }, equals('tokenVersion', fromVersion));
  }

  async setStatus(
    connectionId: string,
    status: Connection['status'],
    at: string,
    { tokenVersion, status: statuses }: OnlyWhile = {},
  ): Promise<boolean> {
    const revokedAt = status === 'revoked' ? at : undefined;
    return this.#change(
      connectionId,
      { set: { status, isActive: status === 'active', updatedAt: at, revokedAt } },
      allOf(
        IS_THERE,
        ...(tokenVersion === undefined ? [] : [equals('tokenVersion', tokenVersion)]),
        ...(statuses === undefined ? [] : [anyOf(...statuses.map((one) => equals('status', one)))]),
      ),
    );
  }

  async eraseTokens(connectionId: string, tokenVersion: number | undefined, at: string): Promise<boolean> {
    return this.#change(
      connectionId,
      {
        set: { status: 'revoked', isActive: false, updatedAt: at },
        add: { tokenVersion: 1 },
        remove: ['sealedTokens', 'refreshLease', 'outboundSecretHash'],
      },
      tokenVersion === undefined ? IS_THERE : equals('tokenVersion', tokenVersion),
    );
  }

  async setOutboundSecretHash(connectionId: string, hash: string, at: string): Promise<boolean> {
    const set = { outboundSecretHash: hash, updatedAt: at };
    return this.#change(connectionId, { set }, allOf(IS_THERE, differs('status', 'revoked')));
  }

  /** All calls are the sync's, so their time is also the time of the last sync. */
  async recordUsage(connectionId: string, usage: { used: number; max: number; at: string }): Promise<void> {
    const { used, max, at } = usage;
    await this.#mustChange(connectionId, { apiUsage: { used, max }, lastSyncAt: at });
  }

  #itemsOfTenant(orgId: string, attributes: readonly string[]): Promise<RawItem[]> {
    const key = equalsStored(CONNECTIONS_TABLE.partitionKey, tenantAttribute(orgId));
    const query = { ConsistentRead: true, ...queryOf({ key, attributes }) };
    return queryUpTo(this.#table, query, MAX_PER_TENANT, "listing a tenant's connections");
  }

  /** Stores the new tokens in the tenant's connection to this org, if there is one; a paused one stays paused. */
  async #reauthorize(
    connection: StoredConnection,
    begunAt: string,
    when: 'unless-paused' | 'if-paused',
  ): Promise<StoredConnection | undefined> {
    const {
      orgId,
      sfOrgId,
      connectionId: _id,
      createdAt: _createdAt,
      outboundSecretHash: _hash,
      refreshLease: _lease,
      revokedAt: _revokedAt,
      tokenVersion: _version,
      status,
      ...changes
    } = connection;
    const isPaused = when === 'if-paused';
    const newStatus = isPaused ? {} : { status, isActive: status === 'active' };
    const update = updateOf(
      { set: { ...changes, ...newStatus }, add: { tokenVersion: 1 }, remove: ['refreshLease'] },
      allOf(
        IS_THERE,
        anyOf(isAbsent('revokedAt'), isLess('revokedAt', begunAt)),
        isPaused ? equals('status', 'paused') : differs('status', 'paused'),
      ),
    );
    return attempt('saving an authorization', async () => {
      try {
        const Key = connectionKey({ orgId, sfOrgId });
        const { Attributes = {} } = await this.#table.client.send(
          new UpdateItemCommand({ TableName: this.#table.name, Key, ...update, ReturnValues: 'ALL_NEW' }),
        );
        return connectionItems.fromItem(Attributes);
      } catch (error) {
        if (isConditionFailure(error)) return undefined;
        throw error;
      }
    });
  }

  /** Stores a new connection and the pointer from its id; false if another caller has just stored it. */
  async #create(connection: StoredConnection): Promise<boolean> {
    const put = (Item: RawItem) => ({
      Put: {
        TableName: this.#table.name,
        Item,
        ...conditionOf(isAbsent(CONNECTIONS_TABLE.partitionKey)),
      },
    });
    const key = connectionKey(connection);
    const item = { ...connectionItems.toItem(connection), ...derivedAttributes(connection), ...key };
    const pointer = {
      ...connectionPointers.toItem({ tenant: connection.orgId, org: connection.sfOrgId }),
      ...besideKey('connection', connection.connectionId),
    };
    return attempt('saving an authorization', async () => {
      try {
        await this.#table.client.send(
          new TransactWriteItemsCommand({ TransactItems: [put(item), put(pointer)] }),
        );
        this.#remember(connection.connectionId, key);
        return true;
      } catch (error) {
        if (!(error instanceof TransactionCanceledException)) throw error;
        const codes = error.CancellationReasons?.map(({ Code }) => Code) ?? [];
        if (codes.some(isPassing)) throw new Throttled('saving an authorization', error);
        return false;
      }
    });
  }

  async #mustChange(connectionId: string, set: Readonly<Record<string, unknown>>): Promise<void> {
    if (!(await this.#change(connectionId, { set }, IS_THERE))) throw new NotFound('the connection');
  }

  async #change(connectionId: string, change: Change, onlyIf: Condition): Promise<boolean> {
    const Key = await this.#keyOf(connectionId);
    if (!Key) return false;
    const update = updateOf(change, onlyIf);
    return tryWrite('changing a connection', () =>
      this.#table.client.send(new UpdateItemCommand({ TableName: this.#table.name, Key, ...update })),
    );
  }

  async #keyOf(connectionId: string): Promise<RawItem | undefined> {
    const known = this.#keys.get(connectionId);
    if (known) return known;
    const item = await this.#read(besideKey('connection', connectionId));
    if (!item) return undefined;
    const { tenant, org } = connectionPointers.fromItem(item);
    const key = connectionKey({ orgId: tenant, sfOrgId: org });
    this.#remember(connectionId, key);
    return key;
  }

  #remember(connectionId: string, key: RawItem): void {
    if (this.#keys.size >= MAX_REMEMBERED) this.#keys.clear();
    this.#keys.set(connectionId, key);
  }

  async #read(key: RawItem): Promise<RawItem | undefined> {
    const { Item } = await attempt('reading a connection', () =>
      this.#table.client.send(
        new GetItemCommand({ TableName: this.#table.name, Key: key, ConsistentRead: true }),
      ),
    );
    return Item;
  }
}
