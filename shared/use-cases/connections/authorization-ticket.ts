import { createHmac, timingSafeEqual } from 'node:crypto';

/** What an IAM-authorised caller vouched for: this tenant may connect an org that logs in at this host. */
export interface AuthorizationTicket {
  readonly ticketId: string;
  readonly tenantId: string;
  /** An origin, such as `https://login.salesforce.com`. */
  readonly loginUrl: string;
  readonly expiresAtMs: number;
}

/** Separates this use of the signing key from every other. */
const DOMAIN = 'salesforce-sync/authorization-ticket/1';

/** Longer than any ticket that we make: a tenant of 128 characters and a host of 253, encoded and signed. */
const MAX_TICKET_CHARACTERS = 1_024;

const SHAPE = /^([A-Za-z0-9_-]{1,960})\.([A-Za-z0-9_-]{43})$/;

const sign = (payload: string, signingKey: string): string =>
  createHmac('sha256', signingKey).update(DOMAIN).update('\0').update(payload).digest('base64url');

/** The ticket as it travels in a link: payload and HMAC-SHA256, both base64url. */
export const sealTicket = (ticket: AuthorizationTicket, signingKey: string): string => {
  const { ticketId, tenantId, loginUrl, expiresAtMs } = ticket;
  const payload = Buffer.from(JSON.stringify([ticketId, tenantId, loginUrl, expiresAtMs])).toString(
    'base64url',
  );
  return `${payload}.${sign(payload, signingKey)}`;
};

/** The ticket in a link; undefined unless it is, bit for bit, one that we signed. Says nothing about its age. */
export const openTicket = (sealed: string, signingKey: string): AuthorizationTicket | undefined => {
  if (sealed.length > MAX_TICKET_CHARACTERS) return undefined;
  const [, payload, signature] = SHAPE.exec(sealed) ?? [];
  if (payload === undefined || signature === undefined) return undefined;
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(sign(payload, signingKey)))) return undefined;
  // Signed by us, so the shape is ours too.
  const [ticketId, tenantId, loginUrl, expiresAtMs] = JSON.parse(
    Buffer.from(payload, 'base64url').toString(),
  ) as [string, string, string, number];
  return { ticketId, tenantId, loginUrl, expiresAtMs };
};
