import type { Clock } from '../../contracts/clock.ts';
import { ConfigurationError } from '../../contracts/configuration-error.ts';
import { AUTHORIZATION_TTL_MS } from '../../contracts/lifetimes.ts';
import { isoOf } from '../../contracts/time.ts';
import type { AuthorizationStore } from '../ports/connection-store.ts';
import type { AppCredentials, AppSecrets, OAuthClient } from '../ports/oauth-client.ts';
import { type AuthorizationTicket, openTicket } from './authorization-ticket.ts';
import { codeChallengeOf, codeVerifierOf } from './browser-binding.ts';
import { hashOf } from './secret-hash.ts';

export interface BeginAuthorizationPorts {
  readonly secrets: AppSecrets;
  readonly authorizations: Pick<AuthorizationStore, 'consumeTicket' | 'saveState'>;
  readonly oauth: Pick<OAuthClient, 'authorizeUrl'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** 32 random bytes, base64url; never the same twice. */
  readonly newSecret: () => string;
}

/** Why a link is refused. */
export interface RefusedTicket {
  readonly kind: 'missing-ticket' | 'forged-ticket' | 'expired-ticket' | 'used-ticket' | 'not-configured';
}

export type BegunAuthorization =
  | {
      readonly kind: 'begun';
      /** Salesforce's login page. */
      readonly location: string;
      /** For the cookie of the browser that opened the link. */
      readonly browserSecret: string;
      readonly tenantId: string;
    }
  | RefusedTicket;

/** What a person is asked before anything happens. */
export type PreviewedAuthorization =
  | {
      readonly kind: 'previewed';
      /** The tenant that an org would be attached to. */
      readonly tenantId: string;
      /** An origin: where the person will log in. */
      readonly loginUrl: string;
    }
  | RefusedTicket;

type TicketPorts = Pick<BeginAuthorizationPorts, 'secrets' | 'clock'>;

/**
 * Looks at a ticket without spending it, however often: mail scanners open links too. Whether it was used before
 * shows when it is spent.
 */
export const previewAuthorization = async (
  ports: TicketPorts,
  { ticket: sealed }: { readonly ticket?: string | undefined },
): Promise<PreviewedAuthorization> => {
  const checked = await checkTicket(ports, sealed);
  if (checked.kind !== 'good') return checked;
  const { tenantId, loginUrl } = checked.ticket;
  return { kind: 'previewed', tenantId, loginUrl };
};

/**
 * Exchanges a ticket for a way to Salesforce's login page. The state is single-use and bound to this browser; what
 * is stored of either is a hash.
 */
export const beginAuthorization = async (
  ports: BeginAuthorizationPorts,
  { ticket: sealed }: { readonly ticket?: string | undefined },
): Promise<BegunAuthorization> => {
  const checked = await checkTicket(ports, sealed);
  if (checked.kind !== 'good') return checked;
  const { ticket, signingKey, credentials } = checked;
  if (!(await ports.authorizations.consumeTicket(ticket.ticketId, ticket.expiresAtMs))) {
    return { kind: 'used-ticket' };
  }
  const state = ports.newSecret();
  const browserSecret = ports.newSecret();
  const { tenantId, loginUrl } = ticket;
  await ports.authorizations.saveState({
    stateHash: hashOf(state),
    browserHash: hashOf(browserSecret),
    orgId: tenantId,
    loginUrl,
    begunAt: isoOf(ticket.expiresAtMs - AUTHORIZATION_TTL_MS),
    expiresAtMs: ports.clock.nowMs() + AUTHORIZATION_TTL_MS,
  });
  const codeChallenge = codeChallengeOf(codeVerifierOf(signingKey, state, browserSecret));
  const location = ports.oauth.authorizeUrl({ loginUrl, state, codeChallenge, credentials });
  return { kind: 'begun', location, browserSecret, tenantId };
};

interface GoodTicket {
  readonly kind: 'good';
  readonly ticket: AuthorizationTicket;
  readonly signingKey: string;
  readonly credentials: AppCredentials;
}

const checkTicket = async (
  { secrets, clock }: TicketPorts,
  sealed: string | undefined,
): Promise<GoodTicket | RefusedTicket> => {
  if (!sealed) return { kind: 'missing-ticket' };
  const signingKey = await secrets.signingKey();
  const ticket = openTicket(sealed, signingKey);
  if (!ticket) return { kind: 'forged-ticket' };
  if (ticket.expiresAtMs <= clock.nowMs()) return { kind: 'expired-ticket' };
  // Asked for before the ticket is spent: the same link works once the secret is filled.
  const credentials = await secrets.credentials().catch((error: unknown) => {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  });
  return credentials ? { kind: 'good', ticket, signingKey, credentials } : { kind: 'not-configured' };
};
