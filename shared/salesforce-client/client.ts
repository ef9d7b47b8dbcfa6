import { DEFAULT_API_VERSION } from '../contracts/api-version.ts';
import type { Clock } from '../contracts/clock.ts';
import { SyncError } from '../contracts/next.ts';
import type { AccessToken, WireRecord } from '../contracts/salesforce.ts';
import { makeBulkJobs } from './bulk/jobs.ts';
import { SalesforceApiError, SalesforceAuthError } from './errors/errors.ts';
import { withoutTokens } from './errors/redaction.ts';
import {
  createMany,
  deleteMany,
  updateAndReadMany,
  updateMany,
  upsertAndReadMany,
  upsertMany,
} from './resources/collections/collections.ts';
import { retrieveMany } from './resources/collections/retrieve.ts';
import { runBatch } from './resources/composite/batches.ts';
import { runComposite } from './resources/composite/composite.ts';
import { runGraphs } from './resources/composite/graphs.ts';
import { makeDescribes } from './resources/describes.ts';
import { readLimits, readRecordCounts, readVersions } from './resources/limits.ts';
import { keyUrl, rowUrl } from './resources/paths.ts';
import { countRecords, makeQuery, resumeQuery } from './resources/queries.ts';
import { queryTogether } from './resources/query-together.ts';
import { readDeleted, readUpdated } from './resources/replication.ts';
import { createRow, deleteRow, readRow, updateRow, upsertRow } from './resources/rows.ts';
import type { Read } from './resources/values.ts';
import type { SalesforceClient } from './salesforce-client.ts';
import type { OrgCalls } from './transport/calls.ts';
import { makeHttpTransport } from './transport/http-transport.ts';
import type { ConnectionAccess } from './transport/interceptors.ts';
import { type CallsOptions, openCalls } from './transport/open-calls.ts';
import { sharing } from './transport/sharing.ts';
import type { Transport } from './transport/transport.ts';

/*
 * The public face of the client: a program imports everything from here.
 */
export { SyncError } from '../contracts/next.ts';
export type { AccessToken, BulkJobInfo, TokenResponse, WireRecord } from '../contracts/salesforce.ts';
export type { BulkJobs, IngestJob } from './bulk/jobs.ts';
export type { BulkPage, BulkPageRequest, BulkResultSet } from './bulk/results.ts';
export { parseRowError } from './bulk/row-errors.ts';
export { readCsv, writeCsv } from './csv/csv.ts';
export {
  isSalesforceError,
  SalesforceApiError,
  SalesforceAuthError,
  SalesforceRateLimitError,
} from './errors/errors.ts';
export { MultipleChoicesError } from './errors/multiple-choices.ts';
export { makeWebServerFlow, type OAuthCredentials, type WebServerFlow } from './oauth/oauth.ts';
export { makeServerFlows, type ServerFlows } from './oauth/oauth-server-flows.ts';
export {
  type Introspection,
  makeTokenEndpoints,
  type TokenEndpoints,
  type TokenUser,
} from './oauth/oauth-tokens.ts';
export type { CollectionOptions, UpsertManyOptions } from './resources/collections/collection-calls.ts';
export type { ChangedRecord, KeyedRecord, NewRecord } from './resources/collections/collection-rows.ts';
export type { BatchOptions, BatchOutcome, BatchRequest } from './resources/composite/batches.ts';
export type { Graph } from './resources/composite/graph.ts';
export type { GraphOptions, GraphOutcome } from './resources/composite/graphs.ts';
export { reference, type Step, type StepOutcome } from './resources/composite/step.ts';
export type { CompositeOptions } from './resources/composite/subrequests.ts';
export type { OrgDescribe, SObjectDescribe } from './resources/describes.ts';
export type { ApiVersion, Limit } from './resources/limits.ts';
export {
  type Deleted,
  type DeleteOutcome,
  type FailedRecord,
  isUnreadable,
  type ModifiedMeanwhile,
  type RefusedRecord,
  type UnsentRecord,
  type WriteAndReadOutcome,
  type WriteOutcome,
  type Written,
  type WrittenAndRead,
} from './resources/outcomes.ts';
export type { QueryOptions, QueryPage, RecordQuery } from './resources/queries.ts';
export { withoutAttributes } from './resources/query-pages.ts';
export type { JoinedPage, JoinedQuery } from './resources/query-together.ts';
export type { DeletedRecords, ReplicationWindow, UpdatedRecords } from './resources/replication.ts';
export type {
  ReadRowOptions,
  UpdateRowOptions,
  UpsertOutcome,
  UpsertRowOptions,
} from './resources/rows.ts';
export type { Read, Values } from './resources/values.ts';
export type { WriteOptions } from './resources/write-options.ts';
export type { SalesforceClient } from './salesforce-client.ts';
export { soqlChunks } from './soql/chunks.ts';
export { fieldList } from './soql/field-list.ts';
export { SoqlError } from './soql/literals.ts';
export {
  date,
  dateTime,
  id,
  identifier,
  joinSoql,
  like,
  type Soql,
  type SoqlQuery,
  soql,
  trustedCondition,
} from './soql/soql.ts';
export { makeHttpTransport } from './transport/http-transport.ts';
export type { ConnectionAccess } from './transport/interceptors.ts';
export { sharing } from './transport/sharing.ts';
export type { SalesforceRequest, SalesforceResponse, Transport } from './transport/transport.ts';

export interface SalesforceClientOptions {
  /** The org's own address, such as `https://acme.my.salesforce.com`. */
  readonly instanceUrl: string;
  /**
   * Gives the access token: called once, and again with the old token after Salesforce refused it. A plain string is
   * used until it is refused; then calls fail with `reauthorize`.
   */
  readonly accessToken: string | ((stale?: string) => Promise<string>);
  /** @default DEFAULT_API_VERSION */
  readonly apiVersion?: string;
  /** @default one transport for all clients of the process that name none, so that they share its bound on calls */
  readonly transport?: Transport;
  /** @default the machine's */
  readonly clock?: Clock;
  /** Origins beside Salesforce's own that may get the token, such as a simulated org's. @default none */
  readonly trustedOrigins?: readonly string[];
  /** From 0 up to 1, for jitter. @default Math.random */
  readonly random?: () => number;
}

/** The clock of this machine. */
const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

let shared: Transport | undefined;

/** One for all clients that name none, made when the first one is opened. */
function ownTransport(): Transport {
  shared ??= makeHttpTransport().send;
  return shared;
}

/**
 * Opens one org by its address and a token.
 *
 * @throws SalesforceApiError `INVALID_API_VERSION`, `INVALID_INSTANCE_URL`
 */
export function openSalesforceClient(options: SalesforceClientOptions): SalesforceClient {
  const { instanceUrl, apiVersion = DEFAULT_API_VERSION, random, clock = systemClock } = options;
  if (!/^https?:$/.test(URL.parse(instanceUrl)?.protocol ?? '')) {
    const message = 'The address of an org must look like https://acme.my.salesforce.com. Nothing was sent.';
    throw new SalesforceApiError({ code: 'INVALID_INSTANCE_URL', next: { do: 'stop' }, message });
  }
  return openClientWith(accessBy(options, apiVersion), {
    instanceUrl,
    apiVersion,
    clock,
    transport: options.transport ?? ownTransport(),
    ...(random === undefined ? {} : { random }),
  });
}

/** How an org is opened whose tokens the caller keeps. */
export interface KeptClientOptions extends CallsOptions {
  readonly instanceUrl: string;
  readonly apiVersion: string;
  /** Descriptions of sObjects that are remembered; each may hold a megabyte. @default 50 */
  readonly keptDescribes?: number;
}

/**
 * Opens one org with tokens that the caller keeps and refreshes, such as in a store that several processes share.
 *
 * @throws SalesforceApiError `INVALID_API_VERSION`
 */
export function openClientWith(
  access: ConnectionAccess,
  { instanceUrl, apiVersion, keptDescribes, ...options }: KeptClientOptions,
): SalesforceClient {
  const { calls, sendOpenly, usage, skew } = openCalls(options, access, apiVersion);
  return {
    apiVersion,
    ...makeDescribes(calls, options.clock, keptDescribes),
    ...rowsOf(calls),
    ...collectionsOf(calls),
    query: (query, options = {}) => makeQuery(calls, query, false, options),
    queryAll: (query, options = {}) => makeQuery(calls, query, true, options),
    queryMore: (nextRecordsUrl, options = {}) => resumeQuery(calls, nextRecordsUrl, options),
    queryTogether: (queries, together = {}) => queryTogether(calls, options.clock, queries, together),
    count: (query) => countRecords(calls, query),
    composite: (steps, options = {}) => runComposite(calls, steps, options),
    compositeBatch: (requests, options = {}) => runBatch(calls, requests, options),
    compositeGraph: (graphs, options = {}) => runGraphs(calls, graphs, options),
    bulk: makeBulkJobs(calls),
    limits: () => readLimits(calls),
    recordCounts: (sObjects) => readRecordCounts(calls, sObjects),
    getUpdated: (sObject, window) => readUpdated(calls, sObject, window),
    getDeleted: (sObject, window) => readDeleted(calls, sObject, window),
    versions: () => readVersions(sendOpenly, instanceUrl),
    usage: () => usage.read(),
    clockSkewMs: () => skew.skewMs,
  };
}

const rowsOf = (
  calls: OrgCalls,
): Pick<
  SalesforceClient,
  'getRecord' | 'getRecordByExternalId' | 'createRecord' | 'updateRecord' | 'deleteRecord' | 'upsertRecord'
> => ({
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
});

const collectionsOf = (
  calls: OrgCalls,
): Pick<
  SalesforceClient,
  | 'createRecords'
  | 'updateRecords'
  | 'upsertRecords'
  | 'deleteRecords'
  | 'updateAndRead'
  | 'upsertAndRead'
  | 'retrieveRecords'
> => ({
  createRecords: (records, options = {}) => createMany(calls, records, options),
  updateRecords: (records, options = {}) => updateMany(calls, records, options),
  upsertRecords: (sObject, field, records, options = {}) =>
    upsertMany(calls, sObject, field, records, options),
  deleteRecords: (ids, options = {}) => deleteMany(calls, ids, options),
  updateAndRead: (sObject, records, fields, options = {}) =>
    updateAndReadMany(calls, sObject, records, fields, options),
  upsertAndRead: (sObject, field, records, fields, options = {}) =>
    upsertAndReadMany(calls, sObject, field, records, fields, options),
  retrieveRecords: async <T extends object>(
    sObject: string,
    ids: readonly string[],
    fields: readonly string[],
  ) => (await retrieveMany(calls, sObject, ids, fields)).map((record) => claimed<T>(record)),
});

/** The caller named the fields, so the type of the record is the caller's claim. */
const claimed = <T extends object>(record: WireRecord | undefined): Read<T> | undefined => {
  const found: object | undefined = record;
  return found as Read<T> | undefined;
};

function accessBy(options: SalesforceClientOptions, apiVersion: string): ConnectionAccess {
  const { instanceUrl, accessToken, trustedOrigins = [] } = options;
  const give = typeof accessToken === 'string' ? async () => accessToken : accessToken;
  let latest: AccessToken | undefined;
  const once = sharing<number, AccessToken>();
  const ask = (tokenVersion: number, stale?: string): Promise<AccessToken> =>
    once(tokenVersion, async () => {
      latest = { accessToken: await given(give, stale), instanceUrl, apiVersion, tokenVersion };
      return latest;
    });
  return {
    trustedOrigins,
    current: async () => latest ?? ask(1),
    refreshed: async (stale) => {
      if (typeof accessToken === 'string') throw tokenRefused();
      return latest !== undefined && latest.tokenVersion > stale.tokenVersion
        ? latest
        : ask(stale.tokenVersion + 1, stale.accessToken);
    },
  };
}

/** Longer than a call waits between attempts: a function that cannot give a token now is not asked three times in a row. */
const NO_TOKEN_PAUSE_MS = 10_000;

/** The token from the caller's function, if it can travel in a header. */
async function given(give: (stale?: string) => Promise<string>, stale?: string): Promise<string> {
  let token: unknown;
  try {
    token = await give(stale);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    const message = 'The function that gives the access token failed. Nothing was sent.';
    const next = { do: 'retry', afterMs: NO_TOKEN_PAUSE_MS } as const;
    throw new SalesforceAuthError({ code: 'NO_ACCESS_TOKEN', next, message, cause: withoutSecrets(error) });
  }
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  const message = 'The access token must be printable characters without spaces. Nothing was sent.';
  throw new SalesforceAuthError({ code: 'NO_ACCESS_TOKEN', next: { do: 'stop' }, message });
}

/** The caller's error may quote the token. */
const withoutSecrets = (error: unknown): Error =>
  new Error(
    withoutTokens(error instanceof Error || typeof error === 'string' ? String(error) : typeof error),
  );

const tokenRefused = (): SalesforceAuthError =>
  new SalesforceAuthError({
    code: 'INVALID_SESSION_ID',
    next: { do: 'reauthorize' },
    message: 'Salesforce refused the access token, and this client was given no function that gets another.',
    status: 401,
  });
