import { ApiError, notFound } from '../errors/api-error.ts';
import { attempt } from '../errors/error-answer.ts';
import { faultAnswer } from '../faults/faults.ts';
import { authenticate, bareRefusal } from '../oauth/bearer.ts';
import { JWT_BEARER } from '../oauth/jwt-bearer.ts';
import type { Org } from '../org/org.ts';
import { compositeBatch } from '../rest/composite/batch.ts';
import { composite } from '../rest/composite/composite.ts';
import { compositeGraph } from '../rest/composite/graph.ts';
import { isKnownVersion, unknownVersion } from '../rest/limits.ts';
import type { Call } from './call.ts';
import { type Answer, header, type Request } from './messages.ts';
import { DATA_ROUTES, findRoute, IDENTITY_ROUTES, OPEN_ROUTES } from './routes.ts';

/** An answer, and the kind of its request for the log. */
export interface Dispatched {
  readonly answer: Answer;
  readonly kind: string;
}

/**
 * Answers any request of the org's public port.
 *
 * @param isBusy - too many long requests are running for one more to reach the org's data
 */
export async function dispatch(org: Org, request: Request, isBusy = false): Promise<Dispatched> {
  const { method, path } = request;
  const open = findRoute(OPEN_ROUTES, method, path);
  if (open === 'wrong-method') return { answer: wrongMethod(method), kind: 'other' };
  if (open) {
    const call: Call = { org, request, params: open.params, version: '', userId: '' };
    return { answer: await open.route.handle(call), kind: kindOf(open.route.kind, request) };
  }
  const session = authenticate(org.tokens, request);
  const identity = findRoute(IDENTITY_ROUTES, method, path);
  if ('status' in session) return { answer: identity ? bareRefusal(request) : session, kind: 'unauthorized' };
  if (identity && identity !== 'wrong-method') {
    const { userId } = session;
    const call: Call = { org, request, params: identity.params, version: '', userId };
    return { answer: attempt(() => identity.route.handle(call)), kind: identity.route.kind };
  }
  return countedData(org, request, session.userId, isBusy);
}

function countedData(org: Org, request: Request, userId: string, isBusy: boolean): Dispatched {
  const used = org.requests.countApiUse();
  const { apiMax } = org.settings;
  const shown = Math.max(0, Math.min(used, apiMax) - (used % 3 === 0 ? org.settings.limitInfoLag : 0));
  const headers = { 'sforce-limit-info': `api-usage=${shown}/${apiMax}` };
  const limit = used > apiMax ? 'TotalRequests' : isBusy ? 'ConcurrentPerOrgLongTxn' : undefined;
  if (limit !== undefined) return { answer: { ...limitExceeded(limit), headers }, kind: 'over-limit' };
  const { answer, kind } = dispatchData(org, request, userId);
  return { answer: { ...answer, headers: { ...answer.headers, ...headers } }, kind };
}

/** The refusal when a limit is used up: the allowance of 24 hours, unless told otherwise. */
export function limitExceeded(limit = 'TotalRequests'): Answer {
  return new ApiError(403, 'REQUEST_LIMIT_EXCEEDED', `${limit} Limit exceeded.`).toAnswer();
}

function dispatchData(org: Org, request: Request, userId: string, isInner = false): Dispatched {
  const [, version = '', path = ''] = /^\/services\/data\/v([\d.]+)(\/.*)?$/.exec(request.path) ?? [];
  if (!isKnownVersion(version)) return { answer: unknownVersion(version).toAnswer(), kind: 'other' };
  const unsupported = isInner ? undefined : unsupportedBody(request, path);
  if (unsupported) return { answer: unsupported, kind: 'other' };
  const combined = COMPOSITES.get(path.replace(/\/$/, ''));
  if (combined && request.method === 'POST' && !isInner) {
    const { kind, handle } = combined;
    const call: Call = { org, request, params: [], version, userId };
    const inner = (subrequest: Request): Answer => dispatchInner(org, subrequest, userId, kind);
    return { answer: attempt(() => handle(call, inner)), kind };
  }
  const method = methodOf(request);
  const found = findRoute(DATA_ROUTES, method, path);
  if (found === 'wrong-method') return { answer: wrongMethod(method), kind: 'other' };
  if (!found) return { answer: notFound().toAnswer(), kind: 'other' };
  const call: Call = { org, request, params: found.params, version, userId };
  return { answer: attempt(() => found.route.handle(call)), kind: found.route.kind };
}

/** Resources whose requests contain other requests. */
const COMPOSITES = new Map([
  ['/composite', { kind: 'composite', handle: composite }],
  ['/composite/batch', { kind: 'composite-batch', handle: compositeBatch }],
  ['/composite/graph', { kind: 'composite-graph', handle: compositeGraph }],
]);

function dispatchInner(org: Org, request: Request, userId: string, outerKind: string): Answer {
  const fault = org.faults.takeForSubrequest(request.method, `${request.path}?${request.query}`);
  if (fault) return faultAnswer(fault);
  const { answer, kind } = dispatchData(org, request, userId, true);
  org.requests.countRequest(`${outerKind}/${kind}`);
  return answer;
}

/** The refusal of a body whose content type is not JSON; the handler of uploads checks theirs itself. */
function unsupportedBody(request: Request, path: string): Answer | undefined {
  const type = header(request.headers, 'content-type') ?? '';
  const isUpload = request.method === 'PUT' && path.endsWith('/batches');
  if (request.body.length === 0 || isUpload || /^application\/json\b/i.test(type)) return undefined;
  const message = `Content-Type header specified in HTTP request is not supported: ${type}`;
  return new ApiError(415, 'UNSUPPORTED_MEDIA_TYPE', message).toAnswer();
}

/** `POST …?_HttpMethod=PATCH` stands for a PATCH, for clients that cannot send one. */
function methodOf(request: Request): string {
  const tunnelled = request.query.get('_HttpMethod');
  return request.method === 'POST' && tunnelled ? tunnelled.toUpperCase() : request.method;
}

/** The kind of a token request in the log, by its grant. */
const TOKEN_KINDS: Readonly<Record<string, string>> = {
  refresh_token: 'token-refresh',
  authorization_code: 'token-code',
  client_credentials: 'token-client-credentials',
  [JWT_BEARER]: 'token-jwt',
};

function wrongMethod(method: string): Answer {
  return new ApiError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${method}' not allowed.`).toAnswer();
}

function kindOf(kind: string, request: Request): string {
  if (kind !== 'token') return kind;
  const grant = new URLSearchParams(request.body.toString('utf8')).get('grant_type');
  return TOKEN_KINDS[grant ?? ''] ?? 'token-other';
}
