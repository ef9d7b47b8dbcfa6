import { createHash } from 'node:crypto';
import { DEFAULT_API_VERSION } from '../../contracts/api-version.ts';
import { nowIso } from '../../contracts/clock.ts';
import type { Code } from '../../contracts/codes.ts';
import { ConfigurationError } from '../../contracts/configuration-error.ts';
import { SyncError } from '../../contracts/next.ts';
import type { TokenResponse } from '../../contracts/salesforce.ts';
import type {
  AuthorizationStore,
  ConnectionStore,
  PendingAuthorization,
  StoredConnection,
  TokenVault,
} from '../ports/connection-store.ts';
import type { MappingStates } from '../ports/mapping-states.ts';
import type { AppCredentials, AppSecrets, OAuthClient, TokenRevoker } from '../ports/oauth-client.ts';
import type { Events } from '../ports/runtime.ts';
import {
  type EnrolMappingsPorts,
  enrolMappings,
  forgetPasses,
  makeMappingsDue,
  prepareMappings,
} from '../schedules/enrol-mappings.ts';
import { codeVerifierOf } from './browser-binding.ts';
import { hashOf, isSecretOf } from './secret-hash.ts';

export interface CompleteAuthorizationPorts extends EnrolMappingsPorts {
  readonly secrets: AppSecrets;
  readonly authorizations: Pick<AuthorizationStore, 'consumeState'>;
  readonly connections: Pick<ConnectionStore, 'get' | 'saveAuthorization'>;
  readonly mappingStates: EnrolMappingsPorts['mappingStates'] & Pick<MappingStates, 'forgetPasses'>;
  readonly vault: Pick<TokenVault, 'seal'>;
  readonly oauth: Pick<OAuthClient, 'exchangeCode'>;
  readonly revoker: TokenRevoker;
  readonly events: Events;
  /** Whether the answer's identity URL carries Salesforce's signature, made with our client secret. */
  readonly isSignedBySalesforce: (response: TokenResponse, clientSecret: string) => boolean;
  /** The org and user that an identity URL names (18 characters each). Throws a `SyncError` if it is not an identity URL. */
  readonly identityOf: (identityUrl: string) => { readonly sfOrgId: string; readonly sfUserId: string };
  /** Whether this origin is Salesforce's own, or one that the deployment trusts as such. */
  readonly isTrustedInstance: (instanceUrl: string) => boolean;
}

type Connected = Extract<CompletedAuthorization, { kind: 'connected' }>;

/**
 * Refresh tokens that Salesforce keeps for a user and an app: one more ends the oldest, without a message.
 *
 * @see Salesforce Help, "Manage OAuth Access Policies for a Connected App"
 */
const MOST_APPROVALS = 5;

/** What came back with the browser: all of it from outside, none of it believed yet. */
export interface AuthorizationCallback {
  readonly state?: string | undefined;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  readonly browserSecret?: string | undefined;
}

export type CompletedAuthorization =
  | {
      readonly kind: 'connected';
      readonly connectionId: string;
      readonly tenantId: string;
      readonly sfOrgId: string;
      readonly reconnected: boolean;
      /** An operator paused the connection before, and only an operator ends that. */
      readonly isPaused: boolean;
      /** Another user had authorised it, whose token is forgotten here and lives on in Salesforce. */
      readonly replacesUser: boolean;
      /** The user's next approval ends their oldest one at Salesforce, which another connection may live on. */
      readonly warning?: Extract<Code, 'FIFTH_APPROVAL'>;
    }
  | { readonly kind: 'exchange-failed' /** Salesforce's own code. */; readonly reason: string }
  | {
      readonly kind: /** Unknown, used before, or older than ten minutes: nobody can tell which. */
        | 'stale-state'
        | 'other-browser'
        | 'refused-by-user'
        /** An operator disconnected this tenant's connection to the org after the link was given out. */
        | 'disconnected-since'
        | 'salesforce-unavailable'
        | 'unverified-identity'
        | 'untrusted-instance'
        | 'no-refresh-token'
        | 'not-configured';
    };

/**
 * Ends what `beginAuthorization` began: exchanges the code, believes the answer only where it is signed, and stores
 * the connection with its tokens sealed. The state is spent whatever becomes of it. The same tenant and org again
 * updates their connection, and leaves it paused if it was; another tenant with the same org is a connection of its own.
 * A connection that was disconnected after the link was given out stays so.
 */
export const completeAuthorization = async (
  ports: CompleteAuthorizationPorts,
  callback: AuthorizationCallback,
): Promise<CompletedAuthorization> => {
  const { state, code, error, browserSecret } = callback;
  if (!state) return { kind: 'stale-state' };
  const pending = await ports.authorizations.consumeState(hashOf(state), ports.clock.nowMs());
  if (!pending) return { kind: 'stale-state' };
  if (!browserSecret || !isSecretOf(browserSecret, pending.browserHash)) return { kind: 'other-browser' };
  // Salesforce's documentation spells it both ways.
  if (error === 'access_denied' || error === 'access-denied') return { kind: 'refused-by-user' };
  if (error !== undefined || !code)
    return { kind: 'exchange-failed', reason: readableCode(error ?? 'no-code') };
  const exchanged = await exchangeCode(ports, pending, { state, code, browserSecret });
  return exchanged.kind === 'answered' ? acceptAnswer(ports, pending, exchanged) : exchanged;
};

interface Answered {
  readonly kind: 'answered';
  readonly response: TokenResponse;
  readonly credentials: AppCredentials;
}

const exchangeCode = async (
  ports: CompleteAuthorizationPorts,
  { loginUrl }: PendingAuthorization,
  {
    state,
    code,
    browserSecret,
  }: { readonly state: string; readonly code: string; readonly browserSecret: string },
): Promise<Answered | CompletedAuthorization> => {
  const codeVerifier = codeVerifierOf(await ports.secrets.signingKey(), state, browserSecret);
  try {
    const credentials = await ports.secrets.credentials();
    const response = await ports.oauth.exchangeCode({ loginUrl, code, codeVerifier, credentials });
    return { kind: 'answered', response, credentials };
  } catch (error) {
    if (error instanceof ConfigurationError) return { kind: 'not-configured' };
    if (!(error instanceof SyncError)) throw error;
    if (error.next.do === 'retry') return { kind: 'salesforce-unavailable' };
    return { kind: 'exchange-failed', reason: readableCode(error.code) };
  }
};

/** Believes nothing in the answer before its signature is checked, and sends nothing to a host that is not Salesforce's. */
const acceptAnswer = async (
  ports: CompleteAuthorizationPorts,
  { orgId: tenantId, loginUrl, begunAt }: PendingAuthorization,
  { response, credentials }: Answered,
): Promise<CompletedAuthorization> => {
  if (!ports.isSignedBySalesforce(response, credentials.clientSecret)) return { kind: 'unverified-identity' };
  if (!ports.isTrustedInstance(response.instanceUrl)) return { kind: 'untrusted-instance' };
  if (!response.refreshToken) return { kind: 'no-refresh-token' };
  const { sfOrgId, sfUserId } = ports.identityOf(response.id);
  const pair = { accessToken: response.accessToken, refreshToken: response.refreshToken };
  const at = nowIso(ports.clock);
  const connectionId = connectionIdOf(tenantId, sfOrgId);
  const before = await ports.connections.get(connectionId);
  const approvalsByUser = countApproval(before, sfUserId);
  const approvals = approvalsByUser[sfUserId] ?? 1;
  await makeReady(ports, { connectionId, orgId: tenantId }, before);
  const saved = await ports.connections.saveAuthorization(
    {
      connectionId,
      orgId: tenantId,
      sfOrgId,
      sfUserId,
      instanceUrl: response.instanceUrl,
      loginUrl,
      apiVersion: DEFAULT_API_VERSION,
      status: 'active',
      tokenVersion: 1,
      approvals,
      approvalsByUser,
      createdAt: at,
      tokensAt: at,
      updatedAt: at,
      sealedTokens: await ports.vault.seal(pair, { orgId: tenantId, sfOrgId }),
    },
    begunAt,
  );
  const replacesUser = before?.sealedTokens !== undefined && before.sfUserId !== sfUserId;
  const isFifth = approvals >= MOST_APPROVALS;
  if (saved) return establish(ports, saved, { replacesUser, ...(isFifth && { warning: 'FIFTH_APPROVAL' }) });
  await giveBack(ports, loginUrl, pair.refreshToken);
  return { kind: 'disconnected-since' };
};

/** Others' approvals that are kept: the most frequent, which are nearest to the fifth. */
const USERS_KEPT = 20;

/** How often each user has approved, once this one has again. */
const countApproval = (before: StoredConnection | undefined, sfUserId: string): Record<string, number> => {
  const { approvals = 1, approvalsByUser = {} } = before ?? {};
  const counts = { ...(before && { [before.sfUserId]: approvals }), ...approvalsByUser };
  const others = Object.entries(counts)
    .filter(([user]) => user !== sfUserId)
    .sort(([, a], [, b]) => b - a)
    .slice(0, USERS_KEPT);
  return { ...Object.fromEntries(others), [sfUserId]: (counts[sfUserId] ?? 0) + 1 };
};

/** All that a connection needs to be complete the moment that its tokens are stored: whoever dies then loses nothing. */
const makeReady = async (
  ports: CompleteAuthorizationPorts,
  connection: Pick<StoredConnection, 'connectionId' | 'orgId'>,
  before: StoredConnection | undefined,
): Promise<void> => {
  await (before ? prepareMappings : enrolMappings)(ports, connection);
  if (before?.status === 'revoked') await forgetPasses(ports, connection);
};

/** A token that nobody keeps is ended at Salesforce, as far as that answers. */
const giveBack = async (
  { revoker }: CompleteAuthorizationPorts,
  loginUrl: string,
  token: string,
): Promise<void> => {
  try {
    await revoker.revoke({ loginUrl, token });
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
};

const establish = async (
  ports: CompleteAuthorizationPorts,
  { connectionId, orgId, sfOrgId, tokenVersion, status }: StoredConnection,
  notes: Pick<Connected, 'replacesUser' | 'warning'>,
): Promise<CompletedAuthorization> => {
  const reconnected = tokenVersion > 1;
  // Only now: a dispatcher that met a due mapping of a connection that is not active would put it off by an interval.
  await makeMappingsDue(ports, { connectionId, orgId });
  const detail = { connectionId, orgId, sfOrgId, reconnected };
  await ports.events.publish({ type: 'Connection Established', detail });
  const isPaused = status === 'paused';
  return { kind: 'connected', connectionId, tenantId: orgId, sfOrgId, reconnected, isPaused, ...notes };
};

/** Always the same for a tenant and an org: `c` and 24 hex digits, which fit an address, a key and an execution's name. */
export const connectionIdOf = (tenantId: string, sfOrgId: string): string =>
  `c${createHash('sha256').update(`${tenantId}\0${sfOrgId}`).digest('hex').slice(0, 24)}`;

/** Salesforce's code as far as it looks like one; the rest of the answer may quote anything. */
const readableCode = (code: string): string => (/^[A-Za-z_-]{1,64}$/.test(code) ? code : 'unknown');
