import { type Clock, nowIso } from '../../contracts/clock.ts';
import { TOKEN_REFRESH_MS } from '../../contracts/lifetimes.ts';
import { nextOf, SyncError } from '../../contracts/next.ts';
import type { AccessToken, TokenResponse } from '../../contracts/salesforce.ts';
import type {
  ConnectionStore,
  SealedTokens,
  StoredConnection,
  TokenPair,
  TokenVault,
} from '../ports/connection-store.ts';
import type { AppCredentials, AppSecrets, OAuthClient } from '../ports/oauth-client.ts';
import type { Events, Ids } from '../ports/runtime.ts';
import { ReauthorizationRequired, TokenRefreshUnsettled, UntrustedInstance } from './errors.ts';
import { tryUpTo } from './tries.ts';

export interface RefreshTokenPorts {
  readonly connections: Pick<ConnectionStore, 'get' | 'takeRefreshLease' | 'storeRefreshed' | 'setStatus'>;
  readonly vault: TokenVault;
  readonly oauth: Pick<OAuthClient, 'refresh'>;
  readonly secrets: Pick<AppSecrets, 'credentials'>;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'next'>;
  /** Whether this origin is Salesforce's own, or one that the deployment trusts as such. */
  readonly isTrustedInstance: (instanceUrl: string) => boolean;
  /** From 0 to below 1, for the jitter of polling; `Math.random` if left out. */
  readonly random?: () => number;
}

/** A fresh pair exists nowhere but here: storing it is worth more tries than the SDK's own. */
const STORE_TRIES = { most: 4, pauseMs: (attempt: number) => 250 * 2 ** attempt };

/** What a refresh request is made of; read before the lease is taken, whose time is for the request and for storing. */
interface RefreshSecrets {
  readonly refreshToken: string;
  readonly credentials: AppCredentials;
}

/** The connection's pair, still sealed. @throws ReauthorizationRequired once it was disconnected */
export const sealedTokensOf = ({ connectionId, sealedTokens }: StoredConnection): SealedTokens => {
  if (sealedTokens) return sealedTokens;
  throw new ReauthorizationRequired(connectionId, 'revoked');
};

/** Pollers that started together drift apart: 200 to 500 ms. */
export const pollDelayMs = ({ random = Math.random }: Pick<RefreshTokenPorts, 'random'>): number =>
  200 + Math.floor(random() * 300);

/**
 * Refreshes with the lease in hand: one request, never repeated, since a rotating refresh token is good for one
 * use. The new pair is stored before anyone uses it, on the condition of the version that was read, not of the
 * lease: a holder that comes back late still has the only valid pair.
 *
 * @returns the new token; undefined if somebody else's is stored by now
 * @throws ReauthorizationRequired if Salesforce has refused the token and nobody else stored another
 * @throws TokenRefreshUnsettled if the answer was lost or there was no time left to ask
 */
export const refreshAsHolder = async (
  ports: RefreshTokenPorts,
  stored: StoredConnection,
  leaseUntilMs: number,
  { refreshToken, credentials }: RefreshSecrets,
): Promise<AccessToken | undefined> => {
  if (leaseUntilMs - ports.clock.nowMs() < TOKEN_REFRESH_MS) throw unsettled(ports, stored, leaseUntilMs);
  let response: TokenResponse;
  try {
    response = await ports.oauth.refresh({ loginUrl: stored.loginUrl, refreshToken, credentials });
  } catch (error) {
    if (isRefusal(error)) return afterRefusal(ports, stored, leaseUntilMs, error);
    if (nextOf(error).do === 'retry') throw unsettled(ports, stored, leaseUntilMs, error);
    throw error;
  }
  return storePair(ports, stored, response, refreshToken);
};

/** `reread`: another request with this token is still under way, so its pair may be on its way into the store. */
const isRefusal = (error: unknown): boolean => ['reauthorize', 'reread'].includes(nextOf(error).do);

/** The lease is left to end by itself: until then nobody may ask again with this token. */
const unsettled = (
  ports: RefreshTokenPorts,
  stored: StoredConnection,
  leaseUntilMs: number,
  cause?: unknown,
): TokenRefreshUnsettled =>
  new TokenRefreshUnsettled(stored.connectionId, Math.max(1_000, leaseUntilMs - ports.clock.nowMs()), cause);

const storePair = async (
  ports: RefreshTokenPorts,
  stored: StoredConnection,
  response: TokenResponse,
  refreshToken: string,
): Promise<AccessToken | undefined> => {
  const pair: TokenPair = {
    accessToken: response.accessToken,
    refreshToken: response.refreshToken ?? refreshToken,
  };
  // A pair is kept even if the host it names is refused: the old one may be spent.
  const isTrusted = ports.isTrustedInstance(response.instanceUrl);
  const instanceUrl = isTrusted ? response.instanceUrl : stored.instanceUrl;
  const context = { orgId: stored.orgId, sfOrgId: stored.sfOrgId };
  const sealedTokens = await tryUpTo(ports.clock, STORE_TRIES, () => ports.vault.seal(pair, context));
  const isStored = await tryUpTo(ports.clock, STORE_TRIES, () =>
    ports.connections.storeRefreshed(stored.connectionId, {
      fromVersion: stored.tokenVersion,
      sealedTokens,
      instanceUrl,
      at: nowIso(ports.clock),
    }),
  );
  if (!isTrusted) throw new UntrustedInstance(stored.connectionId);
  if (!isStored) return undefined;
  const { apiVersion, tokenVersion } = stored;
  return { accessToken: pair.accessToken, instanceUrl, apiVersion, tokenVersion: tokenVersion + 1 };
};

/**
 * A refusal may only mean that somebody was faster: their pair is on its way into the store. So the verdict waits
 * until the lease has ended, and falls only if the version is still the refused one, and nobody paused, resumed or
 * disconnected the connection meanwhile.
 */
const afterRefusal = async (
  ports: RefreshTokenPorts,
  stored: StoredConnection,
  leaseUntilMs: number,
  refusal: unknown,
): Promise<undefined> => {
  const { connectionId, orgId, sfOrgId, tokenVersion, status } = stored;
  while (ports.clock.nowMs() < leaseUntilMs) {
    await ports.clock.sleep(pollDelayMs(ports));
    const now = await ports.connections.get(connectionId);
    if (!now || now.tokenVersion !== tokenVersion || now.status !== status) return undefined;
  }
  const at = nowIso(ports.clock);
  const isVerdict = await ports.connections.setStatus(connectionId, 'reauthorization-required', at, {
    tokenVersion,
    status: [status],
  });
  if (!isVerdict) return undefined;
  const reason = refusal instanceof SyncError ? refusal.code : 'unknown';
  await ports.events.publish({
    type: 'Connection Requires Reauthorization',
    detail: { connectionId, orgId, sfOrgId, reason },
  });
  throw new ReauthorizationRequired(connectionId, 'reauthorization-required', refusal);
};
