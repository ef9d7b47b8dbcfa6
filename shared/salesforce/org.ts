import type { Clock } from '../contracts/clock.ts';
import type { AccessToken } from '../contracts/salesforce.ts';
import { makeBulkApi } from '../salesforce-client/bulk/jobs.ts';
import type { ConnectionAccess } from '../salesforce-client/transport/interceptors.ts';
import { openCalls } from '../salesforce-client/transport/open-calls.ts';
import { sharing } from '../salesforce-client/transport/sharing.ts';
import type { Transport } from '../salesforce-client/transport/transport.ts';
import type { AccessTokens } from '../use-cases/ports/runtime.ts';
import type { SalesforceOrg, SalesforceOrgs } from '../use-cases/ports/salesforce-org.ts';
import { update, upsert } from './collections.ts';
import { makeDescribe } from './describe.ts';
import { count, nextPage, select } from './query.ts';

export interface SalesforceOrgsOptions {
  readonly transport: Transport;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  /** Origins beside Salesforce's own that may get a token, such as a simulated org's. @default none */
  readonly trustedOrigins?: readonly string[];
  /** From 0 up to 1, for jitter. @default Math.random */
  readonly random?: () => number;
}

/** A warm function that serves many tenants keeps this many orgs, the latest used ones. */
const MAX_OPEN_ORGS = 200;

/** Opens orgs, and keeps them for as long as the function is warm. */
export function makeSalesforceOrgs(options: SalesforceOrgsOptions): SalesforceOrgs {
  return {
    open: keepOpen(options, (connectionId, apiVersion) => openOrg(options, connectionId, apiVersion)),
  };
}

/**
 * Opens something for a connection and gives the same again, until the connection is pinned to another API version,
 * its org has moved to another address, or many others were opened since.
 */
export function keepOpen<T>(
  options: SalesforceOrgsOptions,
  openNew: (connectionId: string, apiVersion: string, instanceUrl: string) => T,
): (connectionId: string) => Promise<T> {
  const open = new Map<string, { apiVersion: string; instanceUrl: string; opened: T }>();
  return async (connectionId) => {
    const { apiVersion, instanceUrl } = await options.tokens.current(connectionId);
    const known = open.get(connectionId);
    const entry =
      known?.apiVersion === apiVersion && known.instanceUrl === instanceUrl
        ? known
        : { apiVersion, instanceUrl, opened: openNew(connectionId, apiVersion, instanceUrl) };
    open.delete(connectionId);
    open.set(connectionId, entry);
    for (const oldest of open.keys()) {
      if (open.size <= MAX_OPEN_ORGS) break;
      open.delete(oldest);
    }
    return entry.opened;
  };
}

function openOrg(options: SalesforceOrgsOptions, connectionId: string, apiVersion: string): SalesforceOrg {
  const { calls, usage, skew } = openCalls(options, accessOf(options, connectionId), apiVersion);
  return {
    describe: makeDescribe(calls, options.clock),
    count: (selection) => count(calls, selection),
    select: (selection) => select(calls, selection),
    nextPage: (next) => nextPage(calls, next),
    update: (sObject, records, readBack) => update(calls, sObject, records, readBack),
    upsert: (sObject, field, records, readBack) => upsert(calls, sObject, field, records, readBack),
    bulk: makeBulkApi(calls),
    usage: () => usage.read(),
    clockSkewMs: () => skew.skewMs,
  };
}

/** Requests of this process that meet the same stale token wait for one refresh. */
export function accessOf(options: SalesforceOrgsOptions, connectionId: string): ConnectionAccess {
  const once = sharing<number, AccessToken>();
  return {
    trustedOrigins: options.trustedOrigins ?? [],
    current: () => options.tokens.current(connectionId),
    refreshed: (stale) => once(stale.tokenVersion, () => options.tokens.refreshed(connectionId, stale)),
  };
}
