import { AWS_CALL_MS, TOKEN_LEASE_MS } from '../../contracts/lifetimes.ts';
import { SyncError } from '../../contracts/next.ts';
import { isTokenIdle } from '../../sync/model/token-age.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import { type RefreshTokenPorts, refreshAsHolder, sealedTokensOf } from './refresh-token.ts';

export interface KeepTokensPorts extends RefreshTokenPorts {
  readonly connections: RefreshTokenPorts['connections'] & Pick<ConnectionStore, 'list'>;
  /** Milliseconds that this invocation still has. */
  readonly remainingMs: () => number;
}

export interface KeptTokens {
  readonly keptTokens: number;
  /** Connections whose refresh failed: with a refusal they wait for a person now, else the next run tries again. */
  readonly unkeptTokens: readonly { readonly connectionId: string; readonly code: string }[];
}

/** Reads of the connections table at once. */
const READS = 20;
/** Refreshes at once, each of another org. */
const REFRESHES = 5;
/** Opening the tokens, taking the lease, and the lease itself. */
const ONE_REFRESH_MS = 3 * AWS_CALL_MS + TOKEN_LEASE_MS;
const HOUR_MS = 3_600_000;

/**
 * Uses each refresh token that lies idle, so that no limit of an org ends it: a connection that is paused, or whose
 * access token lives on and on, would lose it otherwise. By the rules of every refresh: whoever holds the lease sends
 * one request, and a refusal asks for another authorisation. Costs a read for each connection, and no API call.
 */
export const keepTokens = async (ports: KeepTokensPorts): Promise<KeptTokens> => {
  let keptTokens = 0;
  const unkeptTokens: { connectionId: string; code: string }[] = [];
  const keep = async (connectionId: string): Promise<void> => {
    try {
      if (await useToken(ports, connectionId)) keptTokens += 1;
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      unkeptTokens.push({ connectionId, code: error.code });
    }
  };
  for (const group of chunk(await idleConnections(ports), REFRESHES)) {
    if (ports.remainingMs() < ONE_REFRESH_MS) break;
    await Promise.all(group.map(keep));
  }
  return { keptTokens, unkeptTokens };
};

/** Each hour it is another one's turn to be the first, so that orgs that do not answer hold up the others for no longer. */
const idleConnections = async (ports: KeepTokensPorts): Promise<string[]> => {
  const idle: string[] = [];
  let after: string | undefined;
  do {
    const { connections, next } = await ports.connections.list(after);
    // The list does not say how old the tokens are; they are never older than their connection.
    const perhaps = connections.filter((one) => isTokenIdle(one, ports.clock.nowMs()));
    for (const group of chunk(perhaps, READS)) {
      const isIdle = await Promise.all(group.map(({ connectionId }) => isIdleNow(ports, connectionId)));
      idle.push(...group.filter((_, index) => isIdle[index]).map(({ connectionId }) => connectionId));
    }
    after = next;
  } while (after !== undefined && ports.remainingMs() >= ONE_REFRESH_MS);
  const first = Math.floor(ports.clock.nowMs() / HOUR_MS) % Math.max(1, idle.length);
  return [...idle.slice(first), ...idle.slice(0, first)];
};

/** One that cannot be read is told of when its turn comes. */
const isIdleNow = async ({ connections, clock }: KeepTokensPorts, connectionId: string): Promise<boolean> => {
  try {
    const stored = await connections.get(connectionId);
    return stored !== undefined && isTokenIdle(stored, clock.nowMs());
  } catch (error) {
    if (error instanceof SyncError) return true;
    throw error;
  }
};

/** @returns false where somebody else uses the token, or the connection is no longer to be kept */
const useToken = async (ports: KeepTokensPorts, connectionId: string): Promise<boolean> => {
  const credentials = await ports.secrets.credentials();
  const stored = await ports.connections.get(connectionId);
  if (!stored || !isTokenIdle(stored, ports.clock.nowMs())) return false;
  const { orgId, sfOrgId, tokenVersion } = stored;
  const { refreshToken } = await ports.vault.open(sealedTokensOf(stored), { orgId, sfOrgId });
  const nowMs = ports.clock.nowMs();
  const lease = { owner: ports.ids.next(), until: nowMs + TOKEN_LEASE_MS };
  if (!(await ports.connections.takeRefreshLease(connectionId, tokenVersion, lease, nowMs))) return false;
  return (await refreshAsHolder(ports, stored, lease.until, { refreshToken, credentials })) !== undefined;
};
