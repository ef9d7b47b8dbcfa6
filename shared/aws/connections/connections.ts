import {
  GetItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { CONNECTIONS_TABLE } from '../../contracts/tables.ts';
import type { Connection } from '../../sync/model/connection.ts';
import type { ConnectionStore, StoredConnection } from '../../use-cases/ports/connection-store.ts';
import { type RawItem, toItem } from '../attribute-values.ts';
import { isConditionFailure, projection, queryUpTo, type Table, tryWrite } from '../dynamodb.ts';
import { attempt, LostRace, NotFound } from '../errors.ts';
import { CONNECTION_SHARDS } from '../table-layout.ts';
import { onlyIf, type UpdateExpression, updateOf } from '../update-expression.ts';
import {
  besideKey,
  connectionKey,
  connectionShard,
  derivedAttributes,
  LISTED_ATTRIBUTES,
  listedConnection,
  storedConnection,
  tenantAttribute,
} from './connection-items.ts';

/** A tenant connects a handful of orgs; a thousand is somebody's mistake. */
const MAX_PER_TENANT = 1000;
const PAGE = 100;
/** Two callbacks that race for the same org settle in one round. */
const SAVE_ROUNDS = 3;
/** Ids that one warm function remembers; each is some hundred bytes. */
const MAX_REMEMBERED = 5000;

const LIST = CONNECTIONS_TABLE.listIndex;

/** The connections table. Which tenant and org a connection id means never changes, so that is remembered. */
export class DynamoConnections implements ConnectionStore {
  readonly #table: Table;
  readonly #keys = new Map<string, RawItem>();

  constructor(table: Table) {
    this.#table = table;
  }

  async get(connectionId: string): Promise<StoredConnection | undefined> {
    const key = await this.#keyOf(connectionId);
    if (!key) return undefined;
    const item = await this.#read(key);
    return item && storedConnection(item);
  }

  async listOfTenant(orgId: string): Promise<readonly Connection[]> {
    const { ProjectionExpression, ExpressionAttributeNames } = projection(LISTED_ATTRIBUTES);
    const query = {
      ConsistentRead: true,
      KeyConditionExpression: '#orgId = :orgId',
      ProjectionExpression,
      ExpressionAttributeNames: { ...ExpressionAttributeNames, '#orgId': CONNECTIONS_TABLE.partitionKey },
      ExpressionAttributeValues: { ':orgId': tenantAttribute(orgId) },
    };
    const items = await queryUpTo(this.#table, query, MAX_PER_TENANT, "listing a tenant's connections");
    return items.map(listedConnection);
  }

  /** Eventually consistent. `next` is a shard's number and the last id seen in it. */
  async list(after = '0:'): Promise<{ connections: readonly Connection[]; next?: string }> {
    const shard = Number(after.slice(0, after.indexOf(':')));
    const lastId = after.slice(after.indexOf(':') + 1);
    const from = lastId === '' ? '' : ` AND ${LIST.sortKey} > :after`;
    const { Items = [], LastEvaluatedKey } = await attempt('listing connections', () =>
      this.#table.client.send(
        new QueryCommand({
          TableName: this.#table.name,
          IndexName: LIST.name,
          Limit: PAGE,
          KeyConditionExpression: `${LIST.partitionKey} = :shard${from}`,
          ExpressionAttributeValues: toItem({
            ':shard': connectionShard(shard),
            ':after': lastId === '' ? undefined : lastId,
          }),
        }),
      ),
    );
    const connections = Items.map(listedConnection);
    const last = connections.at(-1);
    if (LastEvaluatedKey && last) return { connections, next: `${shard}:${last.connectionId}` };
    return shard + 1 < CONNECTION_SHARDS ? { connections, next: `${shard + 1}:` } : { connections };
  }

  async saveAuthorization(connection: StoredConnection): Promise<StoredConnection> {
    for (let round = 0; round < SAVE_ROUNDS; round += 1) {
      const updated =
        (await this.#reauthorize(connection, 'unless-paused')) ??
        (await this.#reauthorize(connection, 'if-paused'));
      if (updated) return updated;
      if (await this.#create(connection)) return connection;
    }
    throw new LostRace('the connection');
  }

  async takeRefreshLease(
    connectionId: string,
    tokenVersion: number,
    lease: { owner: string; until: number },
    nowMs: number,
  ): Promise<boolean> {
    const isFree = '(attribute_not_exists(#lease) OR #lease.#until <= :now)';
    return this.#change(
      connectionId,
      onlyIf(
        updateOf({ refreshLease: lease }),
        `#version = :version AND ${isFree}`,
        { '#version': 'tokenVersion', '#lease': 'refreshLease', '#until': 'until' },
        { ':version': tokenVersion, ':now': nowMs },
      ),
    );
  }

  /** On the version alone, never on the lease: a slow winner holds the only pair that is valid. */
  async storeRefreshed(
    connectionId: string,
    refreshed: Parameters<ConnectionStore['storeRefreshed']>[1],
  ): Promise<boolean> {
    const { fromVersion, sealedTokens, instanceUrl, at } = refreshed;
    const changes = { sealedTokens, instanceUrl, tokenVersion: fromVersion + 1, updatedAt: at };
    return this.#change(
      connectionId,
      onlyIf(
        updateOf(changes, ['refreshLease']),
        '#version = :version',
        { '#version': 'tokenVersion' },
        { ':version': fromVersion },
      ),
    );
  }

  async setStatus(
    connectionId: string,
    status: Connection['status'],
    at: string,
    ifTokenVersion?: number,
  ): Promise<boolean> {
    const update = updateOf({ status, isActive: status === 'active', updatedAt: at });
    const condition =
      ifTokenVersion === undefined
        ? onlyIf(update, 'attribute_exists(#version)', { '#version': 'tokenVersion' })
        : onlyIf(update, '#version = :v', { '#version': 'tokenVersion' }, { ':v': ifTokenVersion });
    return this.#change(connectionId, condition);
  }

  async eraseTokens(connectionId: string, tokenVersion: number, at: string): Promise<boolean> {
    const changes = { status: 'revoked', isActive: false, tokenVersion: tokenVersion + 1, updatedAt: at };
    return this.#change(
      connectionId,
      onlyIf(
        updateOf(changes, ['sealedTokens', 'refreshLease', 'outboundSecretHash']),
        '#version = :version',
        { '#version': 'tokenVersion' },
        { ':version': tokenVersion },
      ),
    );
  }

  async setOutboundSecretHash(connectionId: string, hash: string, at: string): Promise<void> {
    await this.#mustChange(connectionId, { outboundSecretHash: hash, updatedAt: at });
  }

  /** All use is for the sync, so its time is also when the connection last synced. */
  async recordUsage(connectionId: string, usage: { used: number; max: number; at: string }): Promise<void> {
    const { used, max, at } = usage;
    await this.#mustChange(connectionId, { apiUsage: { used, max }, lastSyncAt: at });
  }

  /** Takes over the new tokens if the tenant's connection to this org exists; a pause is an operator's to end. */
  async #reauthorize(
    connection: StoredConnection,
    when: 'unless-paused' | 'if-paused',
  ): Promise<StoredConnection | undefined> {
    const {
      orgId,
      sfOrgId,
      connectionId: _id,
      createdAt: _createdAt,
      outboundSecretHash: _hash,
      refreshLease: _lease,
      tokenVersion: _version,
      status,
      ...changes
    } = connection;
    const isPaused = when === 'if-paused';
    const newStatus = isPaused ? {} : { status, isActive: status === 'active' };
    const set = updateOf({ ...changes, ...newStatus }, ['refreshLease']);
    const update = onlyIf(
      { ...set, UpdateExpression: `${set.UpdateExpression} ADD #version :one` },
      `attribute_exists(#version) AND #status ${isPaused ? '=' : '<>'} :paused`,
      { '#version': 'tokenVersion', '#status': 'status' },
      { ':one': 1, ':paused': 'paused' },
    );
    return attempt('saving an authorization', async () => {
      try {
        const Key = connectionKey({ orgId, sfOrgId });
        const { Attributes = {} } = await this.#table.client.send(
          new UpdateItemCommand({ TableName: this.#table.name, Key, ...update, ReturnValues: 'ALL_NEW' }),
        );
        return storedConnection(Attributes);
      } catch (error) {
        if (isConditionFailure(error)) return undefined;
        throw error;
      }
    });
  }

  /** Stores a connection that is new, and where its id leads. False if somebody else just did. */
  async #create(connection: StoredConnection): Promise<boolean> {
    const put = (Item: RawItem) => ({
      Put: {
        TableName: this.#table.name,
        Item,
        ConditionExpression: `attribute_not_exists(${CONNECTIONS_TABLE.partitionKey})`,
      },
    });
    const key = connectionKey(connection);
    const item = { ...toItem(connection), ...derivedAttributes(connection), ...key };
    const pointer = {
      ...besideKey('connection', connection.connectionId),
      ...toItem({ tenant: connection.orgId, org: connection.sfOrgId }),
    };
    return attempt('saving an authorization', async () => {
      try {
        await this.#table.client.send(
          new TransactWriteItemsCommand({ TransactItems: [put(item), put(pointer)] }),
        );
        this.#remember(connection.connectionId, key);
        return true;
      } catch (error) {
        if (error instanceof Error && error.name === 'TransactionCanceledException') return false;
        throw error;
      }
    });
  }

  async #mustChange(connectionId: string, set: Readonly<Record<string, unknown>>): Promise<void> {
    const update = onlyIf(updateOf(set), 'attribute_exists(#version)', { '#version': 'tokenVersion' });
    if (!(await this.#change(connectionId, update))) throw new NotFound('the connection');
  }

  async #change(connectionId: string, update: UpdateExpression): Promise<boolean> {
    const Key = await this.#keyOf(connectionId);
    if (!Key) return false;
    return tryWrite('changing a connection', () =>
      this.#table.client.send(new UpdateItemCommand({ TableName: this.#table.name, Key, ...update })),
    );
  }

  async #keyOf(connectionId: string): Promise<RawItem | undefined> {
    const known = this.#keys.get(connectionId);
    if (known) return known;
    const item = await this.#read(besideKey('connection', connectionId));
    if (!item?.tenant || !item.org) return undefined;
    const key = { orgId: item.tenant, sfOrgId: item.org };
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
