import { TOKEN_LEASE_MS, TOKEN_LEASE_ROUNDS } from '../../contracts/lifetimes.ts';
import { nextOf } from '../../contracts/next.ts';
import type { AccessToken } from '../../contracts/salesforce.ts';
import type { StoredConnection, TokenPair } from '../ports/connection-store.ts';
import type { AccessTokens } from '../ports/runtime.ts';
import type { SalesforceOrgs } from '../ports/salesforce-org.ts';
import { ReauthorizationRequired, TokenRefreshUnsettled } from './errors.ts';
import { pollDelayMs, type RefreshTokenPorts, refreshAsHolder, sealedTokensOf } from './refresh-token.ts';

/** More connections than one warm function serves in its life; the oldest entry makes room. */
const CACHED_CONNECTIONS = 1_000;

/** A caller that joins a flight begun for an older token looks again, at most this often. */
const JOINED_FLIGHTS = 3;

export type AccessTokensPorts = RefreshTokenPorts;

export interface CachedTokens extends AccessTokens {
  /** Whoever has read that the stored pair has this version: an older token is used no more. */
  dropOlder(connectionId: string, tokenVersion: number): void;
}

/**
 * The tokens of all connections, cached for as long as the function is warm. Of any number of functions that meet
 * an expired token at once, one refreshes: it holds the connection's lease, the others wait for what it stores.
 * Salesforce's clock says nothing about a token's end (there is no `expires_in`), so only a 401 starts a refresh.
 */
export const makeAccessTokens = (ports: AccessTokensPorts): CachedTokens => {
  const cache = new Map<string, AccessToken>();
  const opening = new Map<string, Promise<AccessToken>>();
  const refreshing = new Map<string, Promise<AccessToken>>();

  const remember = (connectionId: string, work: Promise<AccessToken>): Promise<AccessToken> =>
    work.then(
      (token) => {
        cache.delete(connectionId);
        cache.set(connectionId, token);
        const oldest = cache.keys().next().value;
        if (cache.size > CACHED_CONNECTIONS && oldest !== undefined) cache.delete(oldest);
        return token;
      },
      (error: unknown) => {
        if (['reauthorize', 'drop'].includes(nextOf(error).do)) cache.delete(connectionId);
        throw error;
      },
    );

  const inFlight = (
    flights: Map<string, Promise<AccessToken>>,
    connectionId: string,
    start: () => Promise<AccessToken>,
  ): Promise<AccessToken> => {
    const joined = flights.get(connectionId);
    if (joined) return joined;
    const begun = remember(connectionId, start()).finally(() => flights.delete(connectionId));
    flights.set(connectionId, begun);
    return begun;
  };

  return {
    dropOlder(connectionId, tokenVersion) {
      const cached = cache.get(connectionId);
      if (cached && cached.tokenVersion < tokenVersion) cache.delete(connectionId);
    },
    async current(connectionId) {
      return cache.get(connectionId) ?? inFlight(opening, connectionId, () => readToken(ports, connectionId));
    },
    async refreshed(connectionId, stale) {
      for (let flight = 0; flight < JOINED_FLIGHTS; flight += 1) {
        const cached = cache.get(connectionId);
        if (cached && cached.tokenVersion > stale.tokenVersion) return cached;
        const token = await inFlight(refreshing, connectionId, () =>
          refreshOnce(ports, connectionId, stale.tokenVersion),
        );
        if (token.tokenVersion !== stale.tokenVersion) return token;
      }
      throw new TokenRefreshUnsettled(connectionId, TOKEN_LEASE_MS);
    },
  };
};

/**
 * Orgs whose callers say which version of the tokens they have seen stored: after another authorisation, which may be
 * another user's, a warm function goes on with that user's token and not with the one that it has kept.
 */
export const withFreshTokens = (
  orgs: SalesforceOrgs,
  tokens: Pick<CachedTokens, 'dropOlder'>,
): SalesforceOrgs => ({
  open: async (connectionId, tokenVersion = 0) => {
    tokens.dropOlder(connectionId, tokenVersion);
    return orgs.open(connectionId);
  },
});

/** The stored connection, if it may be used at all. Strongly consistent. */
const readActive = async (ports: AccessTokensPorts, connectionId: string): Promise<StoredConnection> => {
  const stored = await ports.connections.get(connectionId);
  if (!stored) throw new ReauthorizationRequired(connectionId, 'unknown');
  if (stored.status !== 'active') throw new ReauthorizationRequired(connectionId, stored.status);
  return stored;
};

const openPair = (ports: AccessTokensPorts, stored: StoredConnection): Promise<TokenPair> =>
  ports.vault.open(sealedTokensOf(stored), { orgId: stored.orgId, sfOrgId: stored.sfOrgId });

const openToken = async (ports: AccessTokensPorts, stored: StoredConnection): Promise<AccessToken> => {
  const { accessToken } = await openPair(ports, stored);
  const { instanceUrl, apiVersion, tokenVersion } = stored;
  return { accessToken, instanceUrl, apiVersion, tokenVersion };
};

const readToken = async (ports: AccessTokensPorts, connectionId: string): Promise<AccessToken> =>
  openToken(ports, await readActive(ports, connectionId));

const refreshOnce = async (
  ports: AccessTokensPorts,
  connectionId: string,
  staleVersion: number,
): Promise<AccessToken> => {
  const credentials = await ports.secrets.credentials();
  for (let round = 0; round < TOKEN_LEASE_ROUNDS; round += 1) {
    const stored = await readActive(ports, connectionId);
    if (stored.tokenVersion !== staleVersion) return openToken(ports, stored);
    const { refreshToken } = await openPair(ports, stored);
    const nowMs = ports.clock.nowMs();
    const lease = { owner: ports.ids.next(), until: nowMs + TOKEN_LEASE_MS };
    if (await ports.connections.takeRefreshLease(connectionId, staleVersion, lease, nowMs)) {
      const refreshed = await refreshAsHolder(ports, stored, lease.until, { refreshToken, credentials });
      return refreshed ?? readToken(ports, connectionId);
    }
    await waitForHolder(ports, connectionId, staleVersion);
  }
  throw new TokenRefreshUnsettled(connectionId, TOKEN_LEASE_MS);
};

/** Until the version moves, the connection stops being active, or the lease that is held now has ended. */
const waitForHolder = async (
  ports: AccessTokensPorts,
  connectionId: string,
  staleVersion: number,
): Promise<void> => {
  const giveUpAt = ports.clock.nowMs() + TOKEN_LEASE_MS;
  for (;;) {
    await ports.clock.sleep(pollDelayMs(ports));
    const stored = await readActive(ports, connectionId);
    if (stored.tokenVersion !== staleVersion) return;
    const nowMs = ports.clock.nowMs();
    if (nowMs >= giveUpAt || nowMs >= (stored.refreshLease?.until ?? 0)) return;
  }
};
