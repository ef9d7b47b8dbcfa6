import { createServer, type IncomingMessage, type Server } from 'node:http';
import { ingestJobBody } from '../bulk/ingest-job.ts';
import { queryJobBody } from '../bulk/query-job.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import { objectNamed } from '../errors/object-named.ts';
import { RowFailure, UnreadableValue } from '../errors/row-failure.ts';
import { readFault } from '../faults/read-fault.ts';
import { readJsonObject } from '../http/json-body.ts';
import { type Answer, header, type Request } from '../http/messages.ts';
import { readRequest } from '../http/server.ts';
import type { Org } from '../org/org.ts';
import { changeSettings } from '../org/settings.ts';
import { type AdminRoute, done, ok } from './admin-route.ts';
import { showEditor, showHome, submitEditor } from './page.ts';
import { RULE_ROUTES } from './rule-routes.ts';

/** Starts a further org beside this one; says where it is. */
export type StartSibling = (seed: number) => Promise<unknown>;

const LIST_ROWS = 200;

const ROUTES: readonly AdminRoute[] = [
  ...RULE_ROUTES,
  ['GET', /^\/$/, (org, request) => showHome(org, request)],
  ['GET', /^\/edit\/(\w+)\/(\w+)$/, (org, _, [type, id]) => showEditor(org, objectNamed(type), id ?? '')],
  [
    'POST',
    /^\/edit\/(\w+)\/(\w+)$/,
    (org, request, [type, id]) => submitEditor(org, request, objectNamed(type), id ?? ''),
  ],
  ['GET', /^\/org$/, (org) => ({ status: 200, json: describeOrg(org) })],
  ['GET', /^\/requests$/, listRequests],
  ['GET', /^\/counts$/, (org) => ({ status: 200, json: org.requests.counts() })],
  ['POST', /^\/counts\/reset$/, (org) => done(() => org.requests.reset())],
  ['GET', /^\/clock$/, (org) => ({ status: 200, json: { now: new Date(org.clock.now()).toISOString() } })],
  ['POST', /^\/clock$/, moveClock],
  [
    'POST',
    /^\/expire-access-tokens$/,
    (org) => ({ status: 200, json: { expired: org.expireAccessTokens() } }),
  ],
  ['GET', /^\/tokens$/, (org) => ({ status: 200, json: org.tokens.all() })],
  ['POST', /^\/revoke-all-tokens$/, (org) => done(() => org.tokens.revokeAll())],
  ['GET', /^\/settings$/, (org) => ({ status: 200, json: org.settings })],
  ['POST', /^\/settings$/, applySettings],
  ['GET', /^\/faults$/, (org) => ({ status: 200, json: org.faults.list() })],
  ['POST', /^\/faults$/, addFaults],
  ['DELETE', /^\/faults$/, (org) => done(() => org.faults.clear())],
  ['GET', /^\/query$/, (org, request) => ({ status: 200, json: org.select(request.query.get('q') ?? '') })],
  ['GET', /^\/records\/(\w+)$/, listRecords],
  ['POST', /^\/records\/(\w+)$/, createRecord],
  ['GET', /^\/records\/(\w+)\/(\w+)$/, (org, _, [type, id]) => showRecord(org, type, id)],
  ['PATCH', /^\/records\/(\w+)\/(\w+)$/, changeRecord],
  [
    'DELETE',
    /^\/records\/(\w+)\/(\w+)$/,
    (org, _, [type, id]) => done(() => org.delete(objectNamed(type).name, id ?? '')),
  ],
  ['POST', /^\/outbound-messages$/, addOutboundMessage],
  ['DELETE', /^\/outbound-messages$/, (org) => done(() => org.outboundMessages.clear())],
  ['GET', /^\/outbound-messages\/stats$/, (org) => ({ status: 200, json: org.outboundMessages.stats() })],
  ['GET', /^\/jobs$/, listJobs],
];

/**
 * Serves an org's admin port: JSON for tests and scripts, a page at `/` for people. Whoever reaches it may do
 * everything, so it answers only requests that name this machine, and none that another site's page sends.
 */
export function makeAdminServer(org: Org, startSibling: StartSibling): Server {
  return createServer((incoming, response) => {
    answer(org, incoming, startSibling)
      .catch((error: unknown) => toAnswer(error))
      .then(({ status, headers, json, text }) => {
        const type = json === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
        response.writeHead(status, { 'cache-control': 'no-store', ...type, ...headers });
        response.end(text ?? (json === undefined ? '' : JSON.stringify(json)));
      })
      .catch((error: unknown) => {
        console.error(error);
        response.destroy();
      });
  });
}

async function answer(org: Org, incoming: IncomingMessage, startSibling: StartSibling): Promise<Answer> {
  const site = header(incoming.headers, 'sec-fetch-site');
  const isLocal = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(incoming.headers.host ?? '');
  if (!isLocal || site === 'cross-site' || site === 'same-site') {
    return { status: 403, json: { error: 'only this machine may use the admin port' } };
  }
  const request = await readRequest(incoming);
  if (!request) return { status: 413, json: { error: 'the body is too large' } };
  if (request.method === 'POST' && request.path === '/orgs') {
    const seed = Number(readJsonObject(request).seed);
    if (!Number.isInteger(seed)) return { status: 400, json: { error: 'seed must be a whole number' } };
    return { status: 201, json: await startSibling(seed) };
  }
  for (const [method, pattern, handle] of ROUTES) {
    const match = method === request.method ? pattern.exec(request.path) : null;
    if (match) return handle(org, request, match.slice(1));
  }
  throw notFound();
}

function toAnswer(error: unknown): Answer {
  if (error instanceof ApiError) return { status: error.status, json: { error: error.message } };
  if (error instanceof RowFailure || error instanceof UnreadableValue) {
    const status = error instanceof RowFailure && /NOT_FOUND|IS_DELETED/.test(error.statusCode) ? 404 : 400;
    return {
      status,
      json: { error: error instanceof RowFailure ? `${error.statusCode}: ${error.message}` : error.message },
    };
  }
  if (error instanceof SyntaxError || error instanceof RangeError)
    return { status: 400, json: { error: error.message } };
  console.error(error);
  return { status: 500, json: { error: 'the simulator made a mistake; its own output says which' } };
}

function describeOrg(org: Org): unknown {
  const { orgId, origin, users } = org;
  return { orgId, origin, users, now: new Date(org.clock.now()).toISOString() };
}

function listRequests(org: Org, request: Request): Answer {
  const limit = limitOf(request, Number.MAX_SAFE_INTEGER);
  const kind = request.query.get('kind');
  const entries = org.requests.entries().filter((entry) => kind === null || entry.kind === kind);
  return { status: 200, json: entries.slice(-limit) };
}

function limitOf(request: Request, otherwise: number): number {
  const limit = Number(request.query.get('limit') ?? otherwise);
  if (!Number.isInteger(limit) || limit < 1) throw new RangeError('limit must be a whole number from 1 on');
  return limit;
}

function moveClock(org: Org, request: Request): Answer {
  const { advanceMs, setIso, freeze } = readJsonObject(request);
  if (typeof setIso === 'string') org.clock.set(Date.parse(setIso));
  if (freeze === true) org.clock.freeze();
  if (typeof advanceMs === 'number') org.clock.advance(advanceMs);
  if (freeze === false) org.clock.unfreeze();
  return { status: 200, json: { now: new Date(org.clock.now()).toISOString() } };
}

function applySettings(org: Org, request: Request): Answer {
  const wrong = changeSettings(org.settings, readJsonObject(request));
  return wrong === undefined ? { status: 200, json: org.settings } : { status: 400, json: { error: wrong } };
}

function addFaults(org: Org, request: Request): Answer {
  const body: unknown = JSON.parse(request.body.toString('utf8') || 'null');
  const faults = [body].flat().map(readFault);
  const wrong = faults.find((fault) => typeof fault === 'string');
  if (wrong !== undefined) return { status: 400, json: { error: wrong } };
  for (const fault of faults) if (typeof fault !== 'string') org.faults.add(fault);
  return { status: 201, json: org.faults.list() };
}

function listRecords(org: Org, request: Request, [type]: readonly string[]): Answer {
  const object = objectNamed(type);
  const where = request.query.get('where');
  const limit = Math.min(limitOf(request, LIST_ROWS), LIST_ROWS);
  const soql = `SELECT FIELDS(ALL) FROM ${object.name}${where ? ` WHERE ${where}` : ''} ORDER BY SystemModstamp DESC LIMIT ${limit}`;
  return { status: 200, json: org.select(soql) };
}

function createRecord(org: Org, request: Request, [type]: readonly string[]): Answer {
  return { status: 201, json: { id: org.insert(objectNamed(type).name, readJsonObject(request)) } };
}

function showRecord(org: Org, type: string | undefined, id: string | undefined): Answer {
  const object = objectNamed(type);
  const soql = `SELECT FIELDS(ALL) FROM ${object.name} WHERE Id = '${id}' LIMIT 1`;
  const [record] = org.select(soql, { includesDeleted: true });
  if (!record) throw notFound();
  return { status: 200, json: record };
}

function changeRecord(org: Org, request: Request, [type, id]: readonly string[]): Answer {
  org.update(objectNamed(type).name, id ?? '', readJsonObject(request));
  return ok;
}

function addOutboundMessage(org: Org, request: Request): Answer {
  const { object, url, fields, exceptIntegrationUser } = readJsonObject(request);
  const definition = objectNamed(String(object));
  if (typeof url !== 'string' || !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    return { status: 400, json: { error: 'url must be an address that begins with http:// or https://' } };
  const actionId = org.addOutboundMessage({
    object: definition.name,
    url,
    fields: Array.isArray(fields) ? fields.map(String) : [],
    exceptIntegrationUser: exceptIntegrationUser === true,
  });
  return { status: 201, json: { actionId, orgId: org.orgId } };
}

function listJobs(org: Org): Answer {
  const json = {
    query: org.queryJobs.all().map(queryJobBody),
    ingest: org.ingestJobs.all().map(ingestJobBody),
  };
  return { status: 200, json };
}
