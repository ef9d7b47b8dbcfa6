import {
  besideKey,
  connectionItems,
  connectionKey,
  pendingAuthorizations,
  tenantAttribute,
} from '../../shared/aws/connections/connection-items.ts';
import { NotFound } from '../../shared/aws/errors.ts';
import { PAGE_ITEMS } from '../../shared/aws/table-layout.ts';
import type { Connection } from '../../shared/sync/model/connection.ts';
import type {
  AuthorizationStore,
  ConnectionStore,
  OnlyWhile,
  PendingAuthorization,
  StoredConnection,
} from '../../shared/use-cases/ports/connection-store.ts';
import { CONNECTIONS_KEYS, refuseUnstorable } from './dynamodb-limits.ts';

const withoutTokens = (stored: StoredConnection): Connection => {
  const {
    sealedTokens: _,
    refreshLease: __,
    revokedAt: ___,
    tokensAt: ____,
    ...connection
  } = structuredClone(stored);
  return connection;
};

/** The connections table in memory. */
export class InMemoryConnections implements ConnectionStore {
  /** By connection id. */
  readonly stored = new Map<string, StoredConnection>();
  readonly #pageItems: number;

  constructor(pageItems: number = PAGE_ITEMS.connections) {
    this.#pageItems = pageItems;
  }

  async get(connectionId: string) {
    refuseUnstorable('reading a connection', besideKey('connection', connectionId), CONNECTIONS_KEYS);
    const found = this.stored.get(connectionId);
    return found && structuredClone(found);
  }

  async listOfTenant(orgId: string) {
    tenantAttribute(orgId);
    return [...this.stored.values()].filter((stored) => stored.orgId === orgId).map(withoutTokens);
  }

  async idsOfTenant(orgId: string) {
    const wanted = (await this.listOfTenant(orgId)).filter(({ status }) => status !== 'revoked');
    return wanted.map(({ connectionId }) => connectionId);
  }

  async list(after?: string) {
    const ids = [...this.stored.keys()].sort().filter((id) => after === undefined || id > after);
    const page = ids.slice(0, this.#pageItems);
    const connections = page.map((id) => withoutTokens(this.#must(id)));
    const last = page.at(-1);
    return ids.length > page.length && last !== undefined ? { connections, next: last } : { connections };
  }

  async saveAuthorization(connection: StoredConnection, begunAt: string) {
    const before = [...this.stored.values()].find(
      ({ orgId, sfOrgId }) => orgId === connection.orgId && sfOrgId === connection.sfOrgId,
    );
    if ((before?.revokedAt ?? '') >= begunAt) return undefined;
    const key = connectionKey(connection);
    const item = { ...connectionItems.toItem(connection), ...key };
    refuseUnstorable('saving an authorization', item, CONNECTIONS_KEYS);
    const saved = structuredClone(before ? reauthorized(before, connection) : connection);
    this.stored.set(saved.connectionId, saved);
    return structuredClone(saved);
  }

  async takeRefreshLease(
    connectionId: string,
    tokenVersion: number,
    lease: { owner: string; until: number },
    nowMs: number,
  ) {
    const stored = this.stored.get(connectionId);
    if (stored?.tokenVersion !== tokenVersion) return false;
    const held = stored.refreshLease;
    if (held && held.until > nowMs && held.owner !== lease.owner) return false;
    this.stored.set(connectionId, { ...stored, refreshLease: { ...lease } });
    return true;
  }

  async storeRefreshed(
    connectionId: string,
    refreshed: Parameters<ConnectionStore['storeRefreshed']>[1],
  ): Promise<boolean> {
    const stored = this.stored.get(connectionId);
    if (stored?.tokenVersion !== refreshed.fromVersion) return false;
    const { refreshLease: _, ...rest } = stored;
    this.stored.set(connectionId, {
      ...rest,
      sealedTokens: structuredClone(refreshed.sealedTokens),
      instanceUrl: refreshed.instanceUrl,
      tokenVersion: refreshed.fromVersion + 1,
      tokensAt: refreshed.at,
      updatedAt: refreshed.at,
    });
    return true;
  }

  async setStatus(
    connectionId: string,
    status: Connection['status'],
    at: string,
    { tokenVersion, status: statuses }: OnlyWhile = {},
  ) {
    const stored = this.stored.get(connectionId);
    if (!stored || (tokenVersion !== undefined && stored.tokenVersion !== tokenVersion)) return false;
    if (statuses && !statuses.includes(stored.status)) return false;
    const revokedAt = status === 'revoked' ? { revokedAt: at } : {};
    this.stored.set(connectionId, { ...stored, status, updatedAt: at, ...revokedAt });
    return true;
  }

  async eraseTokens(connectionId: string, tokenVersion: number | undefined, at: string) {
    const stored = this.stored.get(connectionId);
    if (!stored || (tokenVersion !== undefined && stored.tokenVersion !== tokenVersion)) return false;
    const { sealedTokens: _, refreshLease: __, outboundSecretHash: ___, ...rest } = stored;
    this.stored.set(connectionId, {
      ...rest,
      status: 'revoked',
      tokenVersion: stored.tokenVersion + 1,
      updatedAt: at,
    });
    return true;
  }

  async setOutboundSecretHash(connectionId: string, hash: string, at: string) {
    const stored = this.stored.get(connectionId);
    if (!stored || stored.status === 'revoked') return false;
    this.stored.set(connectionId, { ...stored, outboundSecretHash: hash, updatedAt: at });
    return true;
  }

  async recordUsage(connectionId: string, usage: { used: number; max: number; at: string }) {
    const { used, max, at } = usage;
    this.stored.set(connectionId, { ...this.#must(connectionId), apiUsage: { used, max }, lastSyncAt: at });
  }

  #must(connectionId: string): StoredConnection {
    const stored = this.stored.get(connectionId);
    if (!stored) throw new NotFound('the connection');
    return stored;
  }
}

const reauthorized = (before: StoredConnection, now: StoredConnection): StoredConnection => {
  const { refreshLease: _, revokedAt: __, ...fresh } = now;
  return {
    ...(before.lastSyncAt !== undefined && { lastSyncAt: before.lastSyncAt }),
    ...(before.apiUsage !== undefined && { apiUsage: before.apiUsage }),
    ...fresh,
    ...(before.outboundSecretHash !== undefined && { outboundSecretHash: before.outboundSecretHash }),
    ...(before.revokedAt !== undefined && { revokedAt: before.revokedAt }),
    ...(before.status === 'paused' && { status: before.status }),
    connectionId: before.connectionId,
    createdAt: before.createdAt,
    tokenVersion: before.tokenVersion + 1,
  };
};

/** Tickets and states in memory. */
export class InMemoryAuthorizations implements AuthorizationStore {
  readonly tickets = new Set<string>();
  readonly states = new Map<string, PendingAuthorization>();

  async consumeTicket(ticketId: string, _expiresAtMs: number) {
    refuseUnstorable('using a ticket', besideKey('ticket', ticketId), CONNECTIONS_KEYS);
    if (this.tickets.has(ticketId)) return false;
    this.tickets.add(ticketId);
    return true;
  }

  async saveState(state: PendingAuthorization) {
    const item = {
      ...pendingAuthorizations.toItem({ pending: state }),
      ...besideKey('state', state.stateHash),
    };
    refuseUnstorable('saving a pending authorization', item, CONNECTIONS_KEYS);
    this.states.set(state.stateHash, structuredClone(state));
  }

  async consumeState(stateHash: string, nowMs: number) {
    refuseUnstorable('using a pending authorization', besideKey('state', stateHash), CONNECTIONS_KEYS);
    const state = this.states.get(stateHash);
    this.states.delete(stateHash);
    return state && state.expiresAtMs > nowMs ? state : undefined;
  }
}
