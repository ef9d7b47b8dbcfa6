import { summarise } from '../describe/describe.ts';
import { type FieldDefinition, isKey } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField } from '../describe/schema.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import { objectNamed } from '../errors/object-named.ts';
import { notWritable } from '../errors/row-failure.ts';
import type { Call } from '../http/call.ts';
import { readJsonObject } from '../http/json-body.ts';
import { type Answer, isRecord, type Request, toHttpDate } from '../http/messages.ts';
import { parseId } from '../org/ids.ts';
import { readRows } from '../soql/read-rows.ts';
import { requireId } from '../store/row-writer.ts';
import { toKey } from '../store/values.ts';
import { checkPreconditions, type Validators, validatorsOf } from './preconditions.ts';
import { readContextOf } from './read-context.ts';
import { writerOf } from './writer.ts';

/** From this API version on, an upsert answers with a body in either case, and the body has `created`. */
const UPSERT_TELLS_SINCE = 46;

/** `POST /sobjects/{T}`. */
export function createRow(call: Call): Answer {
  const object = writableObject(call);
  checkPreconditions(call);
  const id = writerOf(call).create(object, readRow(call.request), call.userId);
  return created(call, object, id, { id, success: true, errors: [] });
}

/** `GET /sobjects/{T}`. */
export function showObject(call: Call): Answer {
  const object = objectOf(call);
  return { status: 200, json: { objectDescribe: summarise(object, call.version), recentItems: [] } };
}

/** `GET /sobjects/{T}/{id}?fields=A,B`. */
export function showRow(call: Call): Answer {
  const object = objectOf(call);
  return answerRow(call, object, idOf(call, object));
}

/** `PATCH /sobjects/{T}/{id}`. */
export function updateRow(call: Call): Answer {
  const object = writableObject(call);
  const id = idOf(call, object);
  checkPreconditions(call, currentOf(call, object, id));
  writerOf(call).update(object, id, readRow(call.request), call.userId);
  return { status: 204 };
}

/** `DELETE /sobjects/{T}/{id}`. */
export function deleteRow(call: Call): Answer {
  const object = writableObject(call);
  writerOf(call).remove(object, idOf(call, object), call.userId);
  return { status: 204 };
}

/** `GET /sobjects/{T}/{externalIdField}/{value}`. */
export function showRowByKey(call: Call): Answer {
  const object = objectOf(call);
  const [id, another] = findByKey(call, object);
  if (id === undefined) throw notFound();
  if (another !== undefined) return severalRows(call, object, findByKey(call, object));
  return answerRow(call, object, id);
}

/** `DELETE /sobjects/{T}/{externalIdField}/{value}`. */
export function deleteRowByKey(call: Call): Answer {
  const object = writableObject(call);
  const ids = findByKey(call, object);
  const [id] = ids;
  if (id === undefined) throw notFound();
  if (ids.length > 1) return severalRows(call, object, ids);
  writerOf(call).remove(object, id, call.userId);
  return { status: 204 };
}

/** `PATCH /sobjects/{T}/{externalIdField}/{value}`: creates or changes. */
export function upsertRow(call: Call): Answer {
  const object = writableObject(call);
  const key = keyOf(call, object);
  const body = readRow(call.request);
  if (Object.keys(body).some((name) => name.toLowerCase() === key.name.toLowerCase())) {
    const message = `The ${key.name} field should not be specified in the sobject data.`;
    throw new ApiError(400, 'INVALID_FIELD', message);
  }
  const ids = findByKey(call, object);
  const [known] = ids;
  if (ids.length > 1) return severalRows(call, object, ids);
  checkPreconditions(call, known === undefined ? undefined : currentOf(call, object, known));
  const updateOnly = call.request.query.get('updateOnly') === 'true';
  const value = call.params[2] ?? '';
  const { id, created: isNew } = writerOf(call).upsert(object, key, value, body, call.userId, { updateOnly });
  const tells = Number(call.version) >= UPSERT_TELLS_SINCE;
  const told = { id, success: true, errors: [], ...(tells ? { created: isNew } : {}) };
  if (isNew) return created(call, object, id, told);
  return tells ? { ...created(call, object, id, told), status: 200 } : { status: 204 };
}

/** `POST /sobjects/{T}/Id`: an insert in the shape of an upsert. */
export function insertById(call: Call): Answer {
  if ((call.params[1] ?? '').toLowerCase() !== 'id') throw notFound();
  return createRow(call);
}

/** The object that the path names; throws `NOT_FOUND`. */
export const objectOf = (call: Call): ObjectDefinition => objectNamed(call.params[0]);

/** The object that the path names, if clients may write it. */
export function writableObject(call: Call): ObjectDefinition {
  const object = objectOf(call);
  if (object.writable) return object;
  throw new ApiError(
    400,
    'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
    `entity type ${object.name} does not support this`,
  );
}

/** The field of the path if rows can be found by it; throws `NOT_FOUND` as the platform words it. */
export function keyOf(call: Call, object: ObjectDefinition): FieldDefinition {
  const name = call.params[1] ?? '';
  const key = findField(object, name);
  if (key && isKey(key)) return key;
  throw unknownKey(name);
}

function unknownKey(name: string): ApiError {
  return new ApiError(
    404,
    'NOT_FOUND',
    `Provided external ID field does not exist or is not accessible: ${name}`,
  );
}

function idOf(call: Call, object: ObjectDefinition): string {
  const text = call.params[1] ?? '';
  // A text of another length than an id's is taken for a field's name.
  if (parseId(text) === undefined && text.length !== 15 && text.length !== 18) throw unknownKey(text);
  return requireId(object, text);
}

function findByKey(call: Call, object: ObjectDefinition): string[] {
  const key = keyOf(call, object);
  const value = call.params[2] ?? '';
  if (key.type === 'id') return [requireId(object, value)];
  return call.org.store.findByField(object, key, toKey(key, value));
}

/** What a row's preconditions are compared with; throws `NOT_FOUND` or `ENTITY_IS_DELETED`. */
const currentOf = (call: Call, object: ObjectDefinition, id: string): Validators =>
  validatorsOf(object, call.org.store.mustBeLive(object, id));

function answerRow(call: Call, object: ObjectDefinition, id: string): Answer {
  const current = currentOf(call, object, id);
  const same = checkPreconditions(call, current);
  if (same) return same;
  const wanted = call.request.query.get('fields');
  const fields = wanted ? wanted.split(',') : object.fields.map(({ name }) => name);
  const record = readRows(readContextOf(call), object, [id], fields).get(id);
  const { etag, modifiedMs } = current;
  const headers = { 'last-modified': toHttpDate(modifiedMs), ...(etag === undefined ? {} : { etag }) };
  return { status: 200, json: record, headers };
}

/**
 * Reads the body of a write of one row.
 *
 * @throws RowFailure `INVALID_FIELD_FOR_INSERT_UPDATE` when it has the `url` attribute that rows are read with
 */
function readRow(request: Request): Record<string, unknown> {
  const body = readJsonObject(request);
  if (!isRecord(body.attributes) || body.attributes.url === undefined) return body;
  throw notWritable('url');
}

function created(call: Call, object: ObjectDefinition, id: string, json: unknown): Answer {
  return { status: 201, json, headers: { location: rowUrl(call, object, id) } };
}

function severalRows(call: Call, object: ObjectDefinition, ids: readonly string[]): Answer {
  return { status: 300, json: ids.map((id) => rowUrl(call, object, id)) };
}

function rowUrl(call: Call, object: ObjectDefinition, id: string): string {
  return `/services/data/v${call.version}/sobjects/${object.name}/${id}`;
}
