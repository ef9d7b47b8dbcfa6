import type { ObjectDefinition } from '../../describe/object-definition.ts';
import { findChildRelationship, findField, findObject } from '../../describe/schema.ts';
import { ApiError } from '../../errors/api-error.ts';
import { RowFailure, UnreadableValue } from '../../errors/row-failure.ts';
import type { Call } from '../../http/call.ts';
import { readJsonObject } from '../../http/json-body.ts';
import { type Answer, isRecord } from '../../http/messages.ts';
import { writableObject } from '../rows.ts';
import { writerOf } from '../writer.ts';

const MAX_ROWS = 200;
const MAX_LEVELS = 5;
const MAX_TYPES = 5;

/** One row of a tree, after its parents. */
interface TreeRow {
  readonly referenceId: string;
  readonly object: ObjectDefinition;
  readonly fields: Record<string, unknown>;
  /** The lookup to the row above, and that row's reference. */
  readonly parent: { readonly lookup: string; readonly referenceId: string } | undefined;
}

/** `POST /composite/tree/{T}`: creates up to 200 rows with their children, all or none. */
export function createTree(call: Call): Answer {
  const object = writableObject(call);
  const rows = readRows(object, readJsonObject(call.request).records, undefined, 1);
  checkLimits(rows);
  const ids = new Map<string, string>();
  const errors: unknown[] = [];
  const isKept = call.org.store.allOrNone(() => {
    for (const row of rows) createOne(call, row, ids, errors);
    return errors.length === 0;
  });
  if (!isKept) return { status: 400, json: { hasErrors: true, results: errors } };
  const results = rows.map(({ referenceId }) => ({ referenceId, id: ids.get(referenceId) }));
  return { status: 201, json: { hasErrors: false, results } };
}

function createOne(call: Call, row: TreeRow, ids: Map<string, string>, errors: unknown[]): void {
  const { referenceId, parent } = row;
  const parentId = parent && ids.get(parent.referenceId);
  // A row whose parent was refused is not reported separately.
  if (parent && parentId === undefined) return;
  const fields = parent ? { ...row.fields, [parent.lookup]: parentId } : row.fields;
  try {
    ids.set(referenceId, writerOf(call).create(row.object, fields, call.userId));
  } catch (error) {
    if (!(error instanceof RowFailure || error instanceof UnreadableValue)) throw error;
    const isRule = error instanceof RowFailure;
    const statusCode = isRule ? error.statusCode : 'JSON_PARSER_ERROR';
    const names = isRule ? error.fields : [error.fieldName];
    errors.push({ referenceId, errors: [{ statusCode, message: error.message, fields: names }] });
  }
}

function readRows(
  object: ObjectDefinition,
  value: unknown,
  parent: TreeRow['parent'],
  level: number,
): TreeRow[] {
  if (!Array.isArray(value) || value.length === 0) throw malformed('records must be a list of records');
  if (level > MAX_LEVELS) throw malformed(`A tree cannot have more than ${MAX_LEVELS} levels`);
  return value.flatMap((record) => readRow(object, record, parent, level));
}

function readRow(
  object: ObjectDefinition,
  value: unknown,
  parent: TreeRow['parent'],
  level: number,
): TreeRow[] {
  const { attributes, ...rest } = isRecord(value) ? value : {};
  const { type, referenceId } = isRecord(attributes) ? attributes : {};
  if (typeof referenceId !== 'string' || referenceId === '')
    throw malformed('every record needs a referenceId');
  if (findObject(String(type)) !== object)
    throw malformed(`The type of ${referenceId} must be ${object.name}`);
  const fields: Record<string, unknown> = {};
  const children: TreeRow[] = [];
  for (const [name, item] of Object.entries(rest)) {
    const relationship = findField(object, name) ? undefined : findChildRelationship(object, name);
    const child = relationship && findObject(relationship.childSObject);
    if (!relationship || !child) {
      fields[name] = item;
      continue;
    }
    const list = isRecord(item) ? item.records : undefined;
    children.push(...readRows(child, list, { lookup: relationship.field, referenceId }, level + 1));
  }
  return [{ referenceId, object, fields, parent }, ...children];
}

function checkLimits(rows: readonly TreeRow[]): void {
  if (rows.length > MAX_ROWS) throw malformed(`A tree cannot have more than ${MAX_ROWS} records`);
  if (new Set(rows.map(({ object }) => object)).size > MAX_TYPES)
    throw malformed(`A tree cannot have more than ${MAX_TYPES} types`);
  if (new Set(rows.map(({ referenceId }) => referenceId)).size < rows.length)
    throw malformed('referenceId must be unique within a request');
}

const malformed = (message: string): ApiError => new ApiError(400, 'INVALID_INPUT', message);
