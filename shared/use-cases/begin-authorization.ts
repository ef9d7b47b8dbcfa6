import { ConfigurationError } from '../contracts/configuration-error.ts';
import { AUTHORIZATION_TTL_MS } from '../contracts/lifetimes.ts';
import { openTicket } from './authorization-ticket.ts';
import { codeChallengeOf, codeVerifierOf, hashOf } from './browser-binding.ts';
import type { AuthorizationStore } from './ports/connection-store.ts';
import type { AppSecrets, OAuthClient } from './ports/oauth-client.ts';
import type { Clock } from './ports/runtime.ts';

export interface BeginAuthorizationPorts {
  readonly secrets: AppSecrets;
  readonly authorizations: Pick<AuthorizationStore, 'consumeTicket' | 'saveState'>;
  readonly oauth: Pick<OAuthClient, 'authorizeUrl'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** 32 random bytes, base64url; never the same twice. */
  readonly newSecret: () => string;
}

export type BegunAuthorization =
  | {
      readonly kind: 'begun';
      /** Salesforce's login page. */
      readonly location: string;
      /** For the cookie of the browser that opened the link. */
      readonly browserSecret: string;
      readonly orgId: string;
    }
  | {
      readonly kind: 'missing-ticket' | 'forged-ticket' | 'expired-ticket' | 'used-ticket' | 'not-configured';
    };

/**
 * Exchanges a ticket for a way to Salesforce's login page. The state is single-use and bound to this browser; what
 * is stored of either is a hash.
 */
export const beginAuthorization = async (
  ports: BeginAuthorizationPorts,
  { ticket: sealed }: { readonly ticket?: string | undefined },
): Promise<BegunAuthorization> => {
  if (!sealed) return { kind: 'missing-ticket' };
  const signingKey = await ports.secrets.signingKey();
  const ticket = openTicket(sealed, signingKey);
  if (!ticket) return { kind: 'forged-ticket' };
  const nowMs = ports.clock.nowMs();
  if (ticket.expiresAtMs <= nowMs) return { kind: 'expired-ticket' };
  // Asked for before the ticket is spent: the same link works once the secret is filled.
  const credentials = await ports.secrets.credentials().catch((error: unknown) => {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  });
  if (!credentials) return { kind: 'not-configured' };
  if (!(await ports.authorizations.consumeTicket(ticket.ticketId, ticket.expiresAtMs))) {
    return { kind: 'used-ticket' };
  }
  const state = ports.newSecret();
  const browserSecret = ports.newSecret();
  const { orgId, loginUrl } = ticket;
  await ports.authorizations.saveState({
    stateHash: hashOf(state),
    browserHash: hashOf(browserSecret),
    orgId,
    loginUrl,
    expiresAtMs: nowMs + AUTHORIZATION_TTL_MS,
  });
  const codeChallenge = codeChallengeOf(codeVerifierOf(signingKey, state, browserSecret));
  const location = ports.oauth.authorizeUrl({ loginUrl, state, codeChallenge, credentials });
  return { kind: 'begun', location, browserSecret, orgId };
};
