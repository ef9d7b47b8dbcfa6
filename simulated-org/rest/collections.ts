import { type FieldDefinition, isExact } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findObject, OBJECTS } from '../describe/schema.ts';
import { ApiError, notFound } from '../errors/api-error.ts';
import {
  AmbiguousExternalId,
  asReference,
  knownFailure,
  RowFailure,
  UnreadableValue,
} from '../errors/row-failure.ts';
import type { Call } from '../http/call.ts';
import { readJsonObject } from '../http/json-body.ts';
import { type Answer, isRecord } from '../http/messages.ts';
import { parseId } from '../org/ids.ts';
import type { ColumnValue } from '../store/row.ts';
import type { Upserted } from '../store/row-writer.ts';
import { toKey } from '../store/values.ts';
import { keyOf, writableObject } from './rows.ts';
import { writerOf } from './writer.ts';

const MAX_ROWS = 200;
const MAX_CHUNKS = 10;
/** The first API version that can upsert collections. */
const UPSERT_SINCE = 46;

/** What became of one row. */
type Outcome = Partial<Upserted> | RowFailure;

/** `POST /composite/sobjects`: creates up to 200 rows. */
export function createRows(call: Call): Answer {
  const { records, allOrNone } = readRecords(call);
  checkChunks(records);
  return answerEach(call, records, allOrNone, (record) => ({
    id: writerOf(call).create(typeOf(record), withoutAttributes(record), call.userId),
  }));
}

/** `PATCH /composite/sobjects`: changes up to 200 rows, each with its `id`. */
export function updateRows(call: Call): Answer {
  const { records, allOrNone } = readRecords(call);
  checkChunks(records);
  return answerEach(call, records, allOrNone, (record) => {
    const object = typeOf(record);
    const { value: id, body } = takeKey(record, 'id');
    if (id === undefined || id === null || id === '')
      throw new RowFailure('MISSING_ARGUMENT', 'Id not specified in an update call');
    if (typeof id !== 'string') throw new UnreadableValue('Id', 'id', id);
    writerOf(call).update(object, id, body, call.userId);
    return { id: parseId(id) ?? id };
  });
}

/** `PATCH /composite/sobjects/{T}/{externalIdField}`: creates or changes up to 200 rows of one type. */
export function upsertRows(call: Call): Answer {
  if (Number(call.version) < UPSERT_SINCE) throw notFound();
  const object = writableObject(call);
  const key = keyOf(call, object);
  const { records, allOrNone } = readRecords(call);
  const keys = countKeys(records, key);
  const upsertOne = (record: Record<string, unknown>): Upserted => {
    if (typeOf(record) !== object) {
      throw new RowFailure('INVALID_TYPE', 'The type of the record is not that of the request');
    }
    const { value, body } = takeKey(record, key.name);
    const same = comparable(key, value);
    if (same === null) throw new RowFailure('MISSING_ARGUMENT', `${key.name} not specified`);
    // All rows that share a key are refused, including the first (SOAP API guide, "upsert()").
    if ((keys.get(same) ?? 0) > 1)
      throw new RowFailure('DUPLICATE_VALUE', `Duplicate external id specified: ${value}`, [key.name]);
    return writerOf(call).upsert(object, key, value, body, call.userId);
  };
  return answerEach(call, records, allOrNone, upsertOne, () => ({ created: false }));
}

/**
 * A key in a form that is equal for two keys that would be stored as the same value.
 *
 * @throws UnreadableValue for a key of another type than its field's, which refuses the whole request
 */
function comparable(key: FieldDefinition, value: unknown): ColumnValue {
  const stored = toKey(key, value);
  return typeof stored === 'string' && !isExact(key) ? stored.toLowerCase() : stored;
}

/** How many records have each key. */
function countKeys(
  records: readonly Record<string, unknown>[],
  key: FieldDefinition,
): ReadonlyMap<ColumnValue, number> {
  const counts = new Map<ColumnValue, number>();
  for (const record of records) {
    const same = comparable(key, takeKey(record, key.name).value);
    counts.set(same, (counts.get(same) ?? 0) + 1);
  }
  return counts;
}

/** `DELETE /composite/sobjects?ids=a,b`. */
export function deleteRows(call: Call): Answer {
  const ids = (call.request.query.get('ids') ?? '').split(',').filter((id) => id !== '');
  checkCount(ids.length, MAX_ROWS);
  const allOrNone = isAllOrNone(call, call.request.query.get('allOrNone') === 'true');
  const work = (id: string): Partial<Upserted> => {
    const id18 = parseId(id);
    const object = OBJECTS.find(({ keyPrefix }) => id18?.startsWith(keyPrefix));
    if (!id18 || !object?.writable) throw new RowFailure('MALFORMED_ID', `malformed id ${id}`);
    writerOf(call).remove(object, id18, call.userId);
    return { id: id18 };
  };
  // A refused deletion still names its row.
  return answerEach(call, ids, allOrNone, work, (id) => ({ id: parseId(id) ?? id }));
}

/** Processes every row in order and lists the outcomes; with `allOrNone` one failure undoes all. */
function answerEach<T>(
  call: Call,
  rows: readonly T[],
  allOrNone: boolean,
  work: (row: T) => Partial<Upserted>,
  onFailure: (row: T) => Partial<Upserted> = () => ({}),
): Answer {
  const outcomes: Outcome[] = [];
  const isKept = call.org.store.allOrNone(() => {
    for (const row of rows) outcomes.push(attempt(call, () => work(row)));
    return !allOrNone || !outcomes.some((outcome) => outcome instanceof RowFailure);
  });
  const rolledBack = knownFailure('ALL_OR_NONE_OPERATION_ROLLED_BACK');
  const told = outcomes.map((outcome) => (isKept || outcome instanceof RowFailure ? outcome : rolledBack));
  return { status: 200, json: told.map((outcome, index) => toResult(outcome, onFailure, rows[index])) };
}

function attempt(call: Call, work: () => Partial<Upserted>): Outcome {
  try {
    return call.org.store.transaction(work);
  } catch (error) {
    if (error instanceof AmbiguousExternalId) {
      return knownFailure('DUPLICATE_EXTERNAL_ID');
    }
    if (error instanceof RowFailure) return asReference(error);
    throw error;
  }
}

function toResult<T>(
  outcome: Outcome,
  onFailure: (row: T) => Partial<Upserted>,
  row: T | undefined,
): unknown {
  if (!(outcome instanceof RowFailure)) {
    const { id, created } = outcome;
    return { id, success: true, errors: [], ...(created === undefined ? {} : { created }) };
  }
  const { statusCode, message, fields } = outcome;
  const rest = row === undefined ? {} : onFailure(row);
  return { success: false, errors: [{ statusCode, message, fields }], ...rest };
}

function readRecords(call: Call): { records: Record<string, unknown>[]; allOrNone: boolean } {
  const body = readJsonObject(call.request);
  const records = Array.isArray(body.records) ? body.records : [];
  checkCount(records.length, MAX_ROWS);
  if (!records.every(isRecord)) throw new ApiError(400, 'JSON_PARSER_ERROR', 'records must be objects');
  return { records, allOrNone: isAllOrNone(call, body.allOrNone === true) };
}

const isAllOrNone = ({ request }: Call, asked: boolean): boolean => request.isAllOrNone ?? asked;

/** Refuses a collection that is empty, or larger than it may be. */
export function checkCount(count: number, most: number): void {
  if (count === 0) throw new ApiError(400, 'REQUIRED_FIELD_MISSING', 'At least 1 record is required');
  if (count > most) {
    throw new ApiError(
      400,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${most} records into this operation`,
    );
  }
}

/** Rows of one type that follow each other form a chunk; there may be ten. */
function checkChunks(records: readonly Record<string, unknown>[]): void {
  const types = records.map((record) => attributeType(record));
  const chunks = types.filter((type, index) => index === 0 || type !== types[index - 1]).length;
  if (chunks > MAX_CHUNKS) {
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `Cannot have more than ${MAX_CHUNKS} chunks in a single operation`,
    );
  }
}

function attributeType(record: Record<string, unknown>): string | undefined {
  const { attributes } = record;
  return isRecord(attributes) && typeof attributes.type === 'string' ? attributes.type : undefined;
}

function typeOf(record: Record<string, unknown>): ObjectDefinition {
  const type = attributeType(record);
  const object = type === undefined ? undefined : findObject(type);
  if (object?.writable) return object;
  throw new RowFailure('INVALID_TYPE', `sObject type '${type ?? ''}' is not supported.`);
}

function withoutAttributes({ attributes: _, ...body }: Record<string, unknown>): Record<string, unknown> {
  return body;
}

/** Splits a record into one value and the rest. */
function takeKey(
  record: Record<string, unknown>,
  name: string,
): { value: unknown; body: Record<string, unknown> } {
  const entries = Object.entries(withoutAttributes(record));
  const isKey = ([key]: [string, unknown]): boolean => key.toLowerCase() === name.toLowerCase();
  return {
    value: entries.find(isKey)?.[1],
    body: Object.fromEntries(entries.filter((entry) => !isKey(entry))),
  };
}
