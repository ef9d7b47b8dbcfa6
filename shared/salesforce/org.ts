import type { Clock } from '../contracts/clock.ts';
import type { AccessToken } from '../contracts/salesforce.ts';
import {
  type ConnectionAccess,
  openClientWith,
  parseRowError,
  type SalesforceClient,
  sharing,
  type Transport,
} from '../salesforce-client/client.ts';
import type { AccessTokens } from '../use-cases/ports/runtime.ts';
import type { SalesforceOrg, SalesforceOrgs } from '../use-cases/ports/salesforce-org.ts';
import { toDescription } from './describe.ts';
import { countSelected, nextPage, selectPage, selectTogether } from './select.ts';
import { bulkSelectionQuery } from './selection.ts';
import { deleteRecords, update, upsert } from './write.ts';

export interface SalesforceOrgsOptions {
  readonly transport: Transport;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  /** Origins beside Salesforce's own that may get a token, such as a simulated org's. @default none */
  readonly trustedOrigins?: readonly string[];
  /** From 0 up to 1, for jitter. @default Math.random */
  readonly random?: () => number;
}

/** A warm function that serves many tenants keeps this many orgs: those that were used last. */
const MAX_OPEN_ORGS = 200;

interface OpenOrg {
  readonly apiVersion: string;
  readonly instanceUrl: string;
  readonly org: SalesforceOrg;
}

/**
 * Opens orgs and keeps them while the function is warm: until the connection is pinned to another API version, its org
 * moves to another address, or many others were opened since.
 */
export function makeSalesforceOrgs(options: SalesforceOrgsOptions): SalesforceOrgs {
  const open = new Map<string, OpenOrg>();
  return {
    open: async (connectionId) => {
      const { apiVersion, instanceUrl } = await options.tokens.current(connectionId);
      const known = open.get(connectionId);
      const isSame = known?.apiVersion === apiVersion && known.instanceUrl === instanceUrl;
      const entry = isSame
        ? known
        : {
            apiVersion,
            instanceUrl,
            org: toOrg(openClient(options, connectionId, apiVersion, instanceUrl), options.clock),
          };
      open.delete(connectionId);
      open.set(connectionId, entry);
      for (const oldest of open.keys()) {
        if (open.size <= MAX_OPEN_ORGS) break;
        open.delete(oldest);
      }
      return entry.org;
    },
  };
}

function openClient(
  { transport, tokens, clock, random, trustedOrigins = [] }: SalesforceOrgsOptions,
  connectionId: string,
  apiVersion: string,
  instanceUrl: string,
): SalesforceClient {
  // Requests of this process that meet the same stale token share one refresh.
  const once = sharing<number, AccessToken>();
  const access: ConnectionAccess = {
    trustedOrigins,
    current: () => tokens.current(connectionId),
    refreshed: (stale) => once(stale.tokenVersion, () => tokens.refreshed(connectionId, stale)),
  };
  const calls = { transport, clock, ...(random === undefined ? {} : { random }) };
  // A mapping is checked once a day, so remembering the descriptions of many tenants would only cost memory.
  return openClientWith(access, { ...calls, apiVersion, instanceUrl, keptDescribes: 0 });
}

/** What the sync asks of an org, answered by the client. */
function toOrg(client: SalesforceClient, clock: Pick<Clock, 'nowMs'>): SalesforceOrg {
  const { bulk } = client;
  return {
    describe: async (sObject) => toDescription(await client.describe(sObject)),
    count: (selection) => countSelected(client, selection),
    select: (selection) => selectPage(client, selection),
    selectTogether: (selections) => selectTogether(client, selections),
    nextPage: (next) => nextPage(client, next),
    update: (sObject, records, readBack, rules) =>
      update({ client, clock, rules }, sObject, records, readBack),
    upsert: (sObject, field, records, readBack, rules) =>
      upsert({ client, clock, rules }, sObject, field, records, readBack),
    deleteRecords: (sfIds) => deleteRecords(client, sfIds),
    bulk: {
      ...bulk,
      refusalOf: parseRowError,
      submitQuery: async (selection) =>
        bulk.submitQuery(bulkSelectionQuery(selection), {
          includeDeleted: selection.includeDeleted === true,
        }),
    },
    usage: () => client.usage(),
    clockSkewMs: () => client.clockSkewMs(),
  };
}
