import { epochMs } from '../time.ts';
import type { Connection } from './connection.ts';

const DAY_MS = 24 * 3_600_000;

/**
 * A refresh token that nobody used for so long is used. Salesforce asks apps for an idle limit of 30 days, and each use
 * begins it anew: a quarter of that leaves three weeks of tries where an org or its login is out.
 *
 * @see Salesforce Help, "Limit the Idle Refresh Token TTL in Connected Apps"
 */
export const MOST_IDLE_MS = 7 * DAY_MS;

/**
 * Whether a connection's refresh token lies idle. Calls say nothing of that: they use the access token, which an org may
 * let live for as long as it is used. One that was revoked, or that Salesforce refused, is left alone.
 *
 * @param connection - where nobody noted when its tokens were stored, its own age counts
 */
export const isTokenIdle = (
  {
    status,
    createdAt,
    tokensAt = createdAt,
  }: Pick<Connection, 'status' | 'createdAt'> & { readonly tokensAt?: string | undefined },
  nowMs: number,
): boolean => (status === 'active' || status === 'paused') && nowMs - epochMs(tokensAt) >= MOST_IDLE_MS;
