import type { Clock } from '../../contracts/clock.ts';
import { AUTHORIZATION_TTL_MS } from '../../contracts/lifetimes.ts';
import { isTenantId } from '../../contracts/tenant.ts';
import { isoOf } from '../../contracts/time.ts';
import { OperationRefused } from '../operations/errors.ts';
import type { AppSecrets } from '../ports/oauth-client.ts';
import type { Ids } from '../ports/runtime.ts';
import { sealTicket } from './authorization-ticket.ts';

export interface IssueTicketPorts {
  readonly secrets: Pick<AppSecrets, 'signingKey'>;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly ids: Pick<Ids, 'next'>;
  /** Where the HTTP API is reached, without a trailing slash. */
  readonly publicUrl: string;
  /** The origin to log in at for `production`, `sandbox` or a My Domain host; undefined if it is not Salesforce's. */
  readonly loginUrlOf: (loginHost: string) => string | undefined;
}

export interface IssuedTicket {
  /** For the admin of the tenant: good once, for ten minutes, in whichever browser opens it. */
  readonly authorizeUrl: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

/**
 * Gives out the link with which a person connects an org to this tenant. Who may call this decides whose tenant an
 * org can be attached to, so it stands behind IAM alone.
 *
 * @param loginHost - `production` (the default), `sandbox`, or a My Domain host
 * @throws OperationRefused for a tenant that cannot be one, or a host that is not Salesforce's
 */
export const issueTicket = async (
  ports: IssueTicketPorts,
  {
    orgId: tenantId,
    loginHost = 'production',
  }: { readonly orgId: string; readonly loginHost?: string | undefined },
): Promise<IssuedTicket> => {
  if (!isTenantId(tenantId)) {
    throw new OperationRefused('INVALID_TENANT', 'orgId is not the name of a tenant.');
  }
  const loginUrl = ports.loginUrlOf(loginHost);
  if (loginUrl === undefined) {
    throw new OperationRefused(
      'INVALID_LOGIN_HOST',
      'loginHost must be "production", "sandbox" or the My Domain host of an org, such as acme.my.salesforce.com.',
    );
  }
  const expiresAtMs = ports.clock.nowMs() + AUTHORIZATION_TTL_MS;
  const ticket = sealTicket(
    { ticketId: ports.ids.next(), tenantId, loginUrl, expiresAtMs },
    await ports.secrets.signingKey(),
  );
  return {
    authorizeUrl: `${ports.publicUrl}/oauth/authorize?ticket=${ticket}`,
    expiresAt: isoOf(expiresAtMs),
  };
};
