import {
  changeIngestJob,
  createIngestJob,
  deleteIngestJob,
  listIngestJobs,
  showIngestJob,
  uploadCsv,
} from '../bulk/ingest.ts';
import { showFailedResults, showSuccessfulResults, showUnprocessedRows } from '../bulk/ingest-results.ts';
import {
  abortQueryJob,
  createQueryJob,
  deleteQueryJob,
  listQueryJobs,
  listResultPages,
  showQueryJob,
  showQueryResults,
} from '../bulk/query.ts';
import { decideConsent, showConsent } from '../oauth/authorize.ts';
import { showIdentity, showUserinfo } from '../oauth/identity.ts';
import { exchangeToken, introspectToken, revokeToken } from '../oauth/token-endpoint.ts';
import * as collections from '../rest/collections.ts';
import { retrieveRows, retrieveRowsByUrl } from '../rest/collections-read.ts';
import { createTree } from '../rest/composite/tree.ts';
import { showDescribe, showGlobalDescribe } from '../rest/describe-routes.ts';
import { countRecords, listResources, listVersions, showLimits } from '../rest/limits.ts';
import { query, queryAll, queryMore } from '../rest/query.ts';
import { listDeleted, listUpdated } from '../rest/replication.ts';
import * as rows from '../rest/rows.ts';
import type { Call } from './call.ts';
import type { Answer } from './messages.ts';

/** How requests of one kind reach their handler. */
export interface Route<T extends Answer | Promise<Answer> = Answer> {
  readonly method: string;
  readonly pattern: RegExp;
  /** The kind of such a request in the log. */
  readonly kind: string;
  readonly handle: (call: Call) => T;
}

const route = <T extends Answer | Promise<Answer>>(
  method: string,
  path: string,
  kind: string,
  handle: (call: Call) => T,
): Route<T> => ({
  method,
  kind,
  handle,
  pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '([^/]+)')}/?$`),
});

/** Routes that need no session. */
export const OPEN_ROUTES: readonly Route<Answer | Promise<Answer>>[] = [
  route('GET', '/services/oauth2/authorize', 'authorize', showConsent),
  route('POST', '/services/oauth2/authorize', 'authorize', decideConsent),
  route('POST', '/services/oauth2/token', 'token', exchangeToken),
  route('POST', '/services/oauth2/revoke', 'revoke', revokeToken),
  route('POST', '/services/oauth2/introspect', 'introspect', introspectToken),
  route('GET', '/services/data', 'versions', listVersions),
];

/** Routes that need a session but do not count as API calls. */
export const IDENTITY_ROUTES: readonly Route[] = [
  route('GET', '/services/oauth2/userinfo', 'identity', showUserinfo),
  route('GET', '/id/:orgId/:userId', 'identity', showIdentity),
];

/** Routes below `/services/data/vXX.X`. The first that matches is taken. */
export const DATA_ROUTES: readonly Route[] = [
  route('GET', '', 'resources', listResources),
  route('GET', '/limits', 'limits', showLimits),
  route('GET', '/limits/recordCount', 'limits', countRecords),
  route('GET', '/query', 'query', query),
  route('GET', '/queryAll', 'query', queryAll),
  route('GET', '/query/:locator', 'query-more', queryMore),
  route('GET', '/queryAll/:locator', 'query-more', queryMore),
  route('GET', '/sobjects', 'describe', showGlobalDescribe),
  route('GET', '/sobjects/:type/describe', 'describe', showDescribe),
  route('GET', '/sobjects/:type/updated', 'replication', listUpdated),
  route('GET', '/sobjects/:type/deleted', 'replication', listDeleted),
  route('GET', '/sobjects/:type', 'describe', rows.showObject),
  route('POST', '/sobjects/:type', 'row-write', rows.createRow),
  route('GET', '/sobjects/:type/:id', 'row-read', rows.showRow),
  route('PATCH', '/sobjects/:type/:id', 'row-write', rows.updateRow),
  route('DELETE', '/sobjects/:type/:id', 'row-write', rows.deleteRow),
  route('POST', '/sobjects/:type/:field', 'row-write', rows.insertById),
  route('GET', '/sobjects/:type/:field/:value', 'row-read', rows.showRowByKey),
  route('PATCH', '/sobjects/:type/:field/:value', 'row-write', rows.upsertRow),
  route('DELETE', '/sobjects/:type/:field/:value', 'row-write', rows.deleteRowByKey),
  route('POST', '/composite/sobjects', 'collections-write', collections.createRows),
  route('PATCH', '/composite/sobjects', 'collections-write', collections.updateRows),
  route('DELETE', '/composite/sobjects', 'collections-write', collections.deleteRows),
  route('POST', '/composite/sobjects/:type', 'collections-read', retrieveRows),
  route('GET', '/composite/sobjects/:type', 'collections-read', retrieveRowsByUrl),
  route('PATCH', '/composite/sobjects/:type/:field', 'collections-write', collections.upsertRows),
  route('POST', '/composite/tree/:type', 'composite-tree', createTree),
  route('POST', '/jobs/query', 'bulk-query-create', createQueryJob),
  route('GET', '/jobs/query', 'bulk-query-list', listQueryJobs),
  route('GET', '/jobs/query/:id', 'bulk-query-poll', showQueryJob),
  route('PATCH', '/jobs/query/:id', 'bulk-query-abort', abortQueryJob),
  route('DELETE', '/jobs/query/:id', 'bulk-query-delete', deleteQueryJob),
  route('GET', '/jobs/query/:id/results', 'bulk-query-results', showQueryResults),
  route('GET', '/jobs/query/:id/result[pP]ages', 'bulk-query-results', listResultPages),
  route('POST', '/jobs/ingest', 'bulk-ingest-create', createIngestJob),
  route('GET', '/jobs/ingest', 'bulk-ingest-list', listIngestJobs),
  route('GET', '/jobs/ingest/:id', 'bulk-ingest-poll', showIngestJob),
  route('PATCH', '/jobs/ingest/:id', 'bulk-ingest-state', changeIngestJob),
  route('DELETE', '/jobs/ingest/:id', 'bulk-ingest-delete', deleteIngestJob),
  route('PUT', '/jobs/ingest/:id/batches', 'bulk-ingest-upload', uploadCsv),
  route('GET', '/jobs/ingest/:id/successfulResults', 'bulk-ingest-results', showSuccessfulResults),
  route('GET', '/jobs/ingest/:id/failedResults', 'bulk-ingest-results', showFailedResults),
  route('GET', '/jobs/ingest/:id/unprocessed[rR]ecords', 'bulk-ingest-results', showUnprocessedRows),
];

/** Finds the route of a path; the pattern's groups come back decoded. */
export function findRoute<T extends Answer | Promise<Answer>>(
  routes: readonly Route<T>[],
  method: string,
  path: string,
): { route: Route<T>; params: string[] } | 'wrong-method' | undefined {
  let isKnownPath = false;
  for (const candidate of routes) {
    const match = candidate.pattern.exec(path);
    if (!match) continue;
    if (candidate.method === method) return { route: candidate, params: match.slice(1).map(decode) };
    isKnownPath = true;
  }
  return isKnownPath ? 'wrong-method' : undefined;
}

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return part ?? '';
  }
}
