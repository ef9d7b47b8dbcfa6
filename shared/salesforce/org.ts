import type { AccessToken, AccessTokens, Clock } from '../use-cases/ports/runtime.ts';
import type { SalesforceOrg, SalesforceOrgs } from '../use-cases/ports/salesforce-org.ts';
import { ApiUsage } from './api-usage.ts';
import { makeBulkApi } from './bulk/jobs.ts';
import type { OrgCalls } from './calls.ts';
import { update, upsert } from './collections.ts';
import { makeDescribe } from './describe.ts';
import { SalesforceApiError } from './errors.ts';
import {
  authorised,
  ClockSkew,
  type ConnectionAccess,
  counting,
  refusing,
  retrying,
} from './interceptors.ts';
import { count, nextPage, select } from './query.ts';
import type { Transport } from './transport.ts';

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
const API_VERSION = /^v\d{2,3}\.0$/;

/** Opens orgs, and keeps them for as long as the function is warm. */
export function makeSalesforceOrgs(options: SalesforceOrgsOptions): SalesforceOrgs {
  const open = new Map<string, { readonly apiVersion: string; readonly org: SalesforceOrg }>();
  return {
    async open(connectionId) {
      const { apiVersion } = await options.tokens.current(connectionId);
      const known = open.get(connectionId);
      const opened =
        known?.apiVersion === apiVersion
          ? known
          : { apiVersion, org: openOrg(options, connectionId, apiVersion) };
      open.delete(connectionId);
      open.set(connectionId, opened);
      for (const oldest of open.keys()) {
        if (open.size <= MAX_OPEN_ORGS) break;
        open.delete(oldest);
      }
      return opened.org;
    },
  };
}

function openOrg(options: SalesforceOrgsOptions, connectionId: string, apiVersion: string): SalesforceOrg {
  if (!API_VERSION.test(apiVersion)) {
    throw new SalesforceApiError({
      code: 'INVALID_API_VERSION',
      next: { do: 'stop' },
      message: `The API version of connection ${connectionId} must look like v59.0.`,
    });
  }
  const { clock, random = Math.random } = options;
  const usage = new ApiUsage();
  const skew = new ClockSkew();
  const counted = counting(options.transport, usage, skew, clock);
  const allowed = authorised(refusing(counted, clock), accessOf(options, connectionId));
  const calls: OrgCalls = {
    send: retrying(allowed, clock, random),
    basePath: `/services/data/${apiVersion}`,
    answeredAt: (response) => {
      const theirs = Date.parse(response.headers.date ?? '');
      return new Date(Number.isNaN(theirs) ? clock.nowMs() + skew.skewMs : theirs).toISOString();
    },
  };
  return {
    describe: makeDescribe(calls, clock),
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
function accessOf(options: SalesforceOrgsOptions, connectionId: string): ConnectionAccess {
  const running = new Map<number, Promise<AccessToken>>();
  return {
    trustedOrigins: options.trustedOrigins ?? [],
    current: () => options.tokens.current(connectionId),
    refreshed: (stale) => {
      const known = running.get(stale.tokenVersion);
      if (known !== undefined) return known;
      const refresh = options.tokens
        .refreshed(connectionId, stale)
        .finally(() => running.delete(stale.tokenVersion));
      running.set(stale.tokenVersion, refresh);
      return refresh;
    },
  };
}
