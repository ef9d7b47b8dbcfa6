import type { FieldDefinition } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, mustFindObject } from '../describe/schema.ts';
import { RowFailure, UnreadableValue } from '../errors/row-failure.ts';
import { htmlAnswer, joined, type Markup, markup } from '../http/html.ts';
import type { Answer, Request } from '../http/messages.ts';
import { parseId } from '../org/ids.ts';
import type { Org } from '../org/org.ts';
import type { QueryRecord } from '../soql/run-query.ts';

const SHOWN_ROWS = 50;
const SHOWN_REQUESTS = 25;
/** The objects that are listed, and the columns of each list; the first column is searched. */
const LISTED: Readonly<Record<string, readonly string[]>> = {
  Contact: ['Name', 'Email', 'Phone', 'Title', 'MailingCity', 'Sync_Key__c', 'LastModifiedDate'],
  Account: ['Name', 'Phone', 'Industry', 'BillingCity', 'Sync_Key__c', 'LastModifiedDate'],
  Task: ['Subject', 'Status', 'ActivityDate', 'Sync_Key__c', 'LastModifiedDate'],
};
/** Routes of this port that answer a GET with JSON, for a person to look at. */
const JSON_ROUTES = ['/org', '/settings', '/faults', '/counts', '/requests', '/clock', '/jobs', '/tokens'];

/** The first page: records to look at and search, and the latest requests. */
export function showHome(org: Org, request: Request): Answer {
  const type = request.query.get('type') ?? '';
  const object = mustFindObject(Object.hasOwn(LISTED, type) ? type : 'Contact');
  const search = request.query.get('q') ?? '';
  const listed = LISTED[object.name] ?? [];
  const records = findRecords(org, object, listed, search);
  const body = markup`<h1>Simulated org <code>${org.orgId}</code></h1>
<p>Clients reach the org at <code>${org.origin}</code>. Faults, settings, the clock and the rules are changed by requests to this port.</p>
<nav>${joined(Object.keys(LISTED).map(listLink))}<a href="/edit/${object.name}/new">New ${object.label}</a></nav>
<form><input type="hidden" name="type" value="${object.name}">
<p><input name="q" value="${search}" placeholder="Name, email or id"> <button class="primary">Search</button></p></form>
<table><tr>${joined(listed.map((name) => markup`<th>${findField(object, name)?.label}</th>`))}</tr>
${joined(records.map((record) => recordRow(object, listed, record)))}</table>
<h2>Latest requests</h2><p>API requests in the last 24 hours: ${org.requests.apiUsage()} of ${org.settings.apiMax}</p>
<table><tr><th>Time</th><th>Method</th><th>Path</th><th>Status</th><th>ms</th><th>Kind</th></tr>
${joined(latestRequests(org))}</table>
<h2>As JSON</h2><nav>${joined(JSON_ROUTES.map((path) => markup`<a href="${path}">${path}</a>`))}</nav>`;
  return htmlAnswer(200, `Simulated org ${org.orgId}`, body);
}

/** A save that was refused: what the person had entered, and why. */
interface Refused {
  readonly form: URLSearchParams;
  readonly error: string;
}

/** The form of one record, or of a new one when the id is `new`; after a refusal with what was entered. */
export function showEditor(org: Org, object: ObjectDefinition, id: string, refused?: Refused): Answer {
  const fields = editableFields(object);
  const record = id === 'new' ? {} : findRecord(org, object, id);
  if (!record)
    return htmlAnswer(404, 'Not found', markup`<h1>There is no such record</h1><p><a href="/">Back</a></p>`);
  const body = markup`<h1>${record[LISTED[object.name]?.[0] ?? 'Name'] ?? `New ${object.label}`}</h1>
<nav><a href="/?type=${object.name}">Back</a></nav><p><strong>${refused?.error}</strong></p>
<form method="post"><table>${joined(fields.map((item) => fieldRow(item, record[item.name], refused?.form)))}</table>
<p><button class="primary" name="action" value="save">Save</button>${id === 'new' ? '' : markup` <button name="action" value="delete">Delete</button>`}</p></form>
${id === 'new' ? '' : markup`<p>Last modified ${record.LastModifiedDate} by ${record.LastModifiedById}</p>`}`;
  return htmlAnswer(refused ? 400 : 200, `${object.label} ${id}`, body);
}

/** Saves or deletes as the admin user; only fields that differ from what the form showed are written. */
export function submitEditor(org: Org, request: Request, object: ObjectDefinition, id: string): Answer {
  const form = new URLSearchParams(request.body.toString('utf8'));
  try {
    if (form.get('action') === 'delete' && id !== 'new') {
      org.delete(object.name, id);
      return seeOther(`/?type=${object.name}`);
    }
    const changes = readChanges(object, form);
    if (id === 'new') return seeOther(`/edit/${object.name}/${org.insert(object.name, changes)}`);
    if (Object.keys(changes).length > 0) org.update(object.name, id, changes);
    return seeOther(`/edit/${object.name}/${id}`);
  } catch (error) {
    if (!(error instanceof RowFailure || error instanceof UnreadableValue)) throw error;
    return showEditor(org, object, id, { form, error: error.message });
  }
}

function findRecord(org: Org, object: ObjectDefinition, idText: string): QueryRecord | undefined {
  const id = parseId(idText);
  if (!id) return undefined;
  return org.select(`SELECT FIELDS(ALL) FROM ${object.name} WHERE Id = '${id}' LIMIT 1`)[0];
}

function findRecords(
  org: Org,
  object: ObjectDefinition,
  listed: readonly string[],
  search: string,
): QueryRecord[] {
  const literal = search.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const pattern = literal.replaceAll('%', '\\%').replaceAll('_', '\\_');
  const byMail = findField(object, 'Email') ? ` OR Email LIKE '%${pattern}%'` : '';
  const id = parseId(search.trim());
  const byId = id ? ` OR Id = '${id}'` : '';
  const where = search === '' ? '' : ` WHERE ${listed[0]} LIKE '%${pattern}%'${byMail}${byId}`;
  const soql = `SELECT Id, ${listed.join(', ')} FROM ${object.name}${where} ORDER BY SystemModstamp DESC LIMIT ${SHOWN_ROWS}`;
  return org.select(soql);
}

const listLink = (type: string): Markup =>
  markup`<a href="/?type=${type}">${mustFindObject(type).labelPlural}</a>`;

function recordRow(object: ObjectDefinition, listed: readonly string[], record: QueryRecord): Markup {
  const cells = listed.map((name, index) =>
    index === 0
      ? markup`<td><a href="/edit/${object.name}/${record.Id}">${record[name] ?? record.Id}</a></td>`
      : markup`<td>${record[name]}</td>`,
  );
  return markup`<tr>${joined(cells)}</tr>`;
}

function latestRequests(org: Org): Markup[] {
  return org.requests
    .entries(SHOWN_REQUESTS)
    .reverse()
    .map(
      ({ time, method, path, status, durationMs, kind }) =>
        markup`<tr><td>${time}</td><td>${method}</td><td><code>${path}</code></td><td>${status}</td><td>${durationMs}</td><td>${kind}</td></tr>`,
    );
}

function editableFields(object: ObjectDefinition): FieldDefinition[] {
  return object.fields.filter(({ createable, updateable }) => createable && updateable);
}

/** Each field is sent twice, as it was shown and as it is now, so that nothing else is overwritten. */
function fieldRow(item: FieldDefinition, value: unknown, entered?: URLSearchParams): Markup {
  const stored = value === null || value === undefined ? '' : String(value);
  const was = entered?.get(`was.${item.name}`) ?? stored;
  const shown = entered?.get(item.name) ?? stored;
  const name = markup`id="${item.name}" name="${item.name}"`;
  const input =
    item.type === 'boolean'
      ? markup`<select ${name}><option${shown === 'true' ? '' : markup` selected`}>false</option><option${shown === 'true' ? markup` selected` : ''}>true</option></select>`
      : item.type === 'textarea'
        ? markup`<textarea ${name} rows="2" cols="60">${shown}</textarea>`
        : markup`<input ${name} value="${shown}" size="60">`;
  return markup`<tr><th><label for="${item.name}">${item.label}</label></th><td>${input}<input type="hidden" name="was.${item.name}" value="${was}"></td></tr>`;
}

function readChanges(object: ObjectDefinition, form: URLSearchParams): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  for (const item of editableFields(object)) {
    const [now, was] = [form.get(item.name), form.get(`was.${item.name}`)].map((text) =>
      text?.replaceAll('\r\n', '\n'),
    );
    if (now === undefined || now === was) continue;
    changes[item.name] = item.type === 'boolean' ? now === 'true' : now === '' ? null : now;
  }
  return changes;
}

const seeOther = (location: string): Answer => ({ status: 303, headers: { location } });
