import { ingestJobBody } from '../bulk/ingest-job.ts';
import { queryJobBody } from '../bulk/query-job.ts';
import { notFound } from '../errors/api-error.ts';
import { objectNamed } from '../errors/object-named.ts';
import { readFault } from '../faults/read-fault.ts';
import { readJsonObject } from '../http/json-body.ts';
import type { Answer, Request } from '../http/messages.ts';
import type { Org } from '../org/org.ts';
import { changeSettings } from '../org/settings.ts';
import { parseWithDigits } from '../store/decimals.ts';
import { showEditor, showHome, submitEditor } from './page.ts';
import { type AdminRoute, done, ok, refuse } from './route.ts';
import { RULE_ROUTES } from './rule-routes.ts';

const LIST_ROWS = 200;

/** Every route of the admin port but the one that starts a further org; the first that matches is taken. */
export const ADMIN_ROUTES: readonly AdminRoute[] = [
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
  if (!Number.isInteger(limit) || limit < 1)
    throw new RangeError('limit must be a whole number of at least 1');
  return limit;
}

function moveClock(org: Org, request: Request): Answer {
  const { advanceMs, setIso, freeze, ...unknown } = readJsonObject(request);
  const isRight =
    isMissingOr('number', advanceMs) && isMissingOr('string', setIso) && isMissingOr('boolean', freeze);
  if (!isRight || Object.keys(unknown).length > 0)
    return refuse('the clock takes advanceMs (a number), setIso (a time as text) and freeze (true or false)');
  if (typeof setIso === 'string') org.clock.set(Date.parse(setIso));
  if (freeze === true) org.clock.freeze();
  if (typeof advanceMs === 'number') org.clock.advance(advanceMs);
  if (freeze === false) org.clock.unfreeze();
  return { status: 200, json: { now: new Date(org.clock.now()).toISOString() } };
}

const isMissingOr = (type: string, value: unknown): boolean => value === undefined || typeof value === type;

function applySettings(org: Org, request: Request): Answer {
  const wrong = changeSettings(org.settings, readJsonObject(request));
  return wrong === undefined ? { status: 200, json: org.settings } : refuse(wrong);
}

function addFaults(org: Org, request: Request): Answer {
  const body: unknown = parseWithDigits(request.body.toString('utf8') || 'null');
  const faults = [body].flat().map(readFault);
  const wrong = faults.find((fault) => typeof fault === 'string');
  if (wrong !== undefined) return refuse(wrong);
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
    return refuse('url must be an address that begins with http:// or https://');
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
