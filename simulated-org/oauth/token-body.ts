import { createHmac } from 'node:crypto';
import type { SimulatedClock } from '../org/clock.ts';
import type { ConnectedApp } from '../org/people.ts';
import type { OrgSettings } from '../org/settings.ts';
import type { IssuedTokens } from './approvals.ts';

/** What token answers say of the org that gives them. */
export interface Issuer {
  readonly orgId: string;
  readonly origin: string;
  readonly client: ConnectedApp;
  readonly clock: SimulatedClock;
  readonly settings: OrgSettings;
}

/** The body of a successful token answer. */
export function tokenBody(org: Issuer, issued: IssuedTokens): Record<string, string> {
  const id = identityUrl(org, issued.userId);
  const issuedAt = String(org.clock.now());
  return {
    access_token: issued.accessToken,
    ...(issued.refreshToken === undefined ? {} : { refresh_token: issued.refreshToken }),
    signature: createHmac('sha256', org.client.clientSecret)
      .update(id + issuedAt)
      .digest('base64'),
    scope: issued.scope,
    instance_url: instanceUrl(org),
    id,
    token_type: 'Bearer',
    issued_at: issuedAt,
  };
}

/** The address that identifies a user; a GET of it describes them. */
export const identityUrl = ({ origin, orgId }: Pick<Issuer, 'origin' | 'orgId'>, userId: string): string =>
  `${origin}/id/${orgId}/${userId}`;

/** Where clients are told to send their calls. */
export const instanceUrl = ({ settings, origin }: Pick<Issuer, 'settings' | 'origin'>): string =>
  settings.instanceUrl ?? origin;
