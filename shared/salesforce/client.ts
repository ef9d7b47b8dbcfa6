import { DEFAULT_API_VERSION } from '../contracts/api-version.ts';
import type { AccessToken, Clock } from '../use-cases/ports/runtime.ts';
import type { WireRecord } from '../use-cases/ports/salesforce-org.ts';
import { runBatch } from './client/batches.ts';
import { createMany, deleteMany, retrieveMany, updateMany, upsertMany } from './client/collections.ts';
import { runComposite } from './client/composites.ts';
import { makeDescribes } from './client/describes.ts';
import { runGraphs } from './client/graphs.ts';
import { readLimits, readRecordCounts, readVersions } from './client/limits.ts';
import { keyUrl, rowUrl } from './client/paths.ts';
import { countRecords, makeQuery, resumeQuery } from './client/queries.ts';
import { readDeleted, readUpdated } from './client/replication.ts';
import { createRow, deleteRow, readRow, updateRow, upsertRow } from './client/rows.ts';
import type { SalesforceClient } from './client/salesforce-client.ts';
import type { Read } from './client/values.ts';
import { SalesforceAuthError } from './errors.ts';
import { makeHttpTransport } from './http-transport.ts';
import type { ConnectionAccess } from './interceptors.ts';
import { type OpenCalls, openCalls } from './open-calls.ts';
import { accessOf, keepOpen, type SalesforceOrgsOptions } from './org.ts';
import type { Transport } from './transport.ts';

export type { SalesforceClient } from './client/salesforce-client.ts';

export interface SalesforceClientOptions {
  /** The org's own address, such as `https://acme.my.salesforce.com`. */
  readonly instanceUrl: string;
  /**
   * Gives the access token: called once, and again with the stale token after Salesforce refused it. A plain string
   * is good until it is refused; then calls fail with `reauthorize`.
   */
  readonly accessToken: string | ((stale?: string) => Promise<string>);
  /** @default DEFAULT_API_VERSION */
  readonly apiVersion?: string;
  /** @default one with kept connections of its own */
  readonly transport?: Transport;
  /** @default the machine's */
  readonly clock?: Clock;
  /** Origins beside Salesforce's own that may get the token, such as a simulated org's. @default none */
  readonly trustedOrigins?: readonly string[];
  /** From 0 up to 1, for jitter. @default Math.random */
  readonly random?: () => number;
}

/** What systems tell. */
const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/**
 * Opens one org by its address and a token.
 *
 * @throws SalesforceApiError `INVALID_API_VERSION`
 */
export function openSalesforceClient(options: SalesforceClientOptions): SalesforceClient {
  const { instanceUrl, apiVersion = DEFAULT_API_VERSION, clock = systemClock } = options;
  const transport = options.transport ?? makeHttpTransport().send;
  const { random } = options;
  const calls = { transport, clock, ...(random === undefined ? {} : { random }) };
  return makeClient(
    openCalls(calls, accessBy(options, apiVersion), apiVersion),
    instanceUrl,
    apiVersion,
    clock,
  );
}

/** Opens the orgs of connections, and keeps them for as long as the function is warm. */
export function makeSalesforceClients(options: SalesforceOrgsOptions): {
  open(connectionId: string): Promise<SalesforceClient>;
} {
  return {
    open: keepOpen(options, (connectionId, apiVersion, instanceUrl) =>
      makeClient(
        openCalls(options, accessOf(options, connectionId), apiVersion),
        instanceUrl,
        apiVersion,
        options.clock,
      ),
    ),
  };
}

function makeClient(
  { calls, sendOpenly, usage, skew }: OpenCalls,
  instanceUrl: string,
  apiVersion: string,
  clock: Clock,
): SalesforceClient {
  return {
    apiVersion,
    ...makeDescribes(calls, clock),
    query: (query, options = {}) => makeQuery(calls, query, false, options),
    queryAll: (query, options = {}) => makeQuery(calls, query, true, options),
    queryMore: (nextRecordsUrl, options = {}) => resumeQuery(calls, nextRecordsUrl, options),
    count: (query) => countRecords(calls, query),
    getRecord: async <T extends object>(sObject: string, id: string, options = {}) =>
      claimed<T>(await readRow(calls, `read ${sObject}`, rowUrl(calls, sObject, id), options)),
    getRecordByExternalId: async <T extends object>(
      sObject: string,
      field: string,
      value: string | number,
      options = {},
    ) => claimed<T>(await readRow(calls, `read ${sObject}`, keyUrl(calls, sObject, field, value), options)),
    createRecord: (sObject, values, options = {}) => createRow(calls, sObject, values, options),
    updateRecord: (sObject, id, values, options = {}) => updateRow(calls, sObject, id, values, options),
    deleteRecord: (sObject, id, options = {}) => deleteRow(calls, sObject, id, options),
    upsertRecord: (sObject, field, value, values, options = {}) =>
      upsertRow(calls, sObject, { field, value }, values, options),
    createRecords: async (records, options = {}) => createMany(calls, records, options),
    updateRecords: async (records, options = {}) => updateMany(calls, records, options),
    upsertRecords: (sObject, field, records, options = {}) =>
      upsertMany(calls, sObject, field, records, options),
    deleteRecords: async (ids, options = {}) => deleteMany(calls, ids, options),
    retrieveRecords: async <T extends object>(
      sObject: string,
      ids: readonly string[],
      fields: readonly string[],
    ) => (await retrieveMany(calls, sObject, ids, fields)).map((record) => claimed<T>(record)),
    composite: (steps, options = {}) => runComposite(calls, steps, options),
    compositeBatch: (requests, options = {}) => runBatch(calls, requests, options),
    compositeGraph: (graphs, options = {}) => runGraphs(calls, graphs, options),
    limits: () => readLimits(calls),
    recordCounts: (sObjects) => readRecordCounts(calls, sObjects),
    getUpdated: (sObject, window) => readUpdated(calls, sObject, window),
    getDeleted: (sObject, window) => readDeleted(calls, sObject, window),
    versions: () => readVersions(sendOpenly, instanceUrl),
    usage: () => usage.read(),
    clockSkewMs: () => skew.skewMs,
  };
}

/** The fields that a record has are the caller's claim, who named them. */
const claimed = <T extends object>(record: WireRecord | undefined): Read<T> | undefined => {
  const found: object | undefined = record;
  return found as Read<T> | undefined;
};

function accessBy(options: SalesforceClientOptions, apiVersion: string): ConnectionAccess {
  const { instanceUrl, accessToken, trustedOrigins = [] } = options;
  const give = typeof accessToken === 'string' ? async () => accessToken : accessToken;
  const fetch = async (tokenVersion: number, stale?: string): Promise<AccessToken> => ({
    accessToken: await give(stale),
    instanceUrl,
    apiVersion,
    tokenVersion,
  });
  let latest: Promise<AccessToken> | undefined;
  const ask = (tokenVersion: number, stale?: string): Promise<AccessToken> => {
    const asked = fetch(tokenVersion, stale);
    latest = asked;
    asked.catch(() => {
      // Whoever comes next asks again.
      if (latest === asked) latest = undefined;
    });
    return asked;
  };
  return {
    trustedOrigins,
    current: () => latest ?? ask(1),
    refreshed: async (stale) => {
      if (typeof accessToken === 'string') throw tokenRefused();
      // Requests that meet the same stale token wait for one new one.
      const known = await latest?.catch(() => undefined);
      return known !== undefined && known.tokenVersion > stale.tokenVersion
        ? known
        : ask(stale.tokenVersion + 1, stale.accessToken);
    },
  };
}

const tokenRefused = (): SalesforceAuthError =>
  new SalesforceAuthError({
    code: 'INVALID_SESSION_ID',
    next: { do: 'reauthorize' },
    message: 'Salesforce refused the access token, and this client was given no way to get another.',
    status: 401,
  });
