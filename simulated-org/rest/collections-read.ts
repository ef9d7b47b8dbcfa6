import { ApiError } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import { readJsonObject } from '../http/json-body.ts';
import type { Answer } from '../http/messages.ts';
import { parseId } from '../org/ids.ts';
import { readRows } from '../soql/read-rows.ts';
import { checkCount } from './collections.ts';
import { readContextOf } from './read-context.ts';
import { objectOf } from './rows.ts';

const MAX_ROWS = 2_000;

/**
 * `POST /composite/sobjects/{T}`: reads up to 2,000 rows by id. A row that does not exist, or an invalid id, comes back as
 * null in its place.
 */
export function retrieveRows(call: Call): Answer {
  const body = readJsonObject(call.request);
  return retrieve(call, stringsOf(body.ids, 'ids'), stringsOf(body.fields, 'fields'));
}

/** `GET /composite/sobjects/{T}?ids=a,b&fields=A,B`. */
export function retrieveRowsByUrl(call: Call): Answer {
  const list = (name: string): string[] => (call.request.query.get(name) ?? '').split(',').filter(Boolean);
  return retrieve(call, list('ids'), list('fields'));
}

function retrieve(call: Call, ids: readonly string[], fields: readonly string[]): Answer {
  const object = objectOf(call);
  checkCount(ids.length, MAX_ROWS);
  if (fields.length === 0) throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'At least 1 field is required');
  const ids18 = ids.map((id) => parseId(id));
  const isLive = (id: string): boolean => call.org.store.get(object, id)?.IsDeleted !== 1;
  const known = ids18.filter((id) => id !== undefined).filter(isLive);
  const rows = readRows(readContextOf(call), object, known, fields);
  return { status: 200, json: ids18.map((id) => rows.get(id ?? '') ?? null) };
}

function stringsOf(value: unknown, name: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new ApiError(400, 'JSON_PARSER_ERROR', `${name} must be a list of texts`);
}
