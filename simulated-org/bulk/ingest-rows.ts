import { type FieldDefinition, isKey } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, findLookup, findObject, mustFindObject } from '../describe/schema.ts';
import { textOf } from '../errors/known-errors.ts';
import { AmbiguousExternalId, asReference, RowFailure, UnreadableValue } from '../errors/row-failure.ts';
import { parseId } from '../org/ids.ts';
import type { Org } from '../org/org.ts';
import type { RowOutcome } from './ingest-job.ts';

/** The cell that clears a field. An empty cell leaves it as it is. */
const CLEAR = '#N/A';

/** A column of an uploaded CSV: a field, or `Parent.ExternalId__c`, where a polymorphic parent is `Type:Parent`. */
interface Column {
  readonly header: string;
  readonly item: FieldDefinition;
  /** The relationship's name and the parent's field, for a parent named by its external id. */
  readonly parent: { readonly relationship: string; readonly key: FieldDefinition } | undefined;
}

/** What a job does to each row. */
export interface RowJob {
  readonly object: ObjectDefinition;
  readonly operation: string;
  readonly key: FieldDefinition | undefined;
  readonly userId: string;
}

/**
 * Reads the header line.
 *
 * @returns the columns, or what makes the whole job fail
 */
export function readColumns(object: ObjectDefinition, headers: readonly string[]): Column[] | string {
  const columns: Column[] = [];
  for (const header of headers) {
    const column = readColumn(object, header);
    if (!column) return `InvalidBatch : Field name not found : ${header}`;
    columns.push(column);
  }
  return columns;
}

/** Writes one row of an ingest job, in a transaction of its own. */
export function ingestRow(
  org: Org,
  job: RowJob,
  columns: readonly Column[],
  cells: readonly string[],
): RowOutcome {
  // Which cell belongs to which column is unknown then, so not even the id is reported.
  if (cells.length !== columns.length) return { kind: 'failed', id: '', error: raggedText(columns, cells) };
  const body: Record<string, unknown> = {};
  let id = '';
  try {
    let keyValue = '';
    columns.forEach((column, index) => {
      const cell = cells[index] ?? '';
      if (column.item.type === 'id') id = cell;
      if (column.item.name === job.key?.name && !column.parent) keyValue = cell;
      else if (column.item.type !== 'id' && cell !== '') addCell(body, column, cell);
    });
    if (job.operation === 'upsert') return upsert(org, job, keyValue, body);
    if (job.operation === 'insert') {
      return { kind: 'done', id: org.writer.create(job.object, body, job.userId), created: true };
    }
    if (id === '') throw new RowFailure('MISSING_ARGUMENT', 'Id not specified');
    if (job.operation === 'update') org.writer.update(job.object, id, body, job.userId);
    else org.writer.remove(job.object, id, job.userId);
    if (job.operation === 'hardDelete') org.bin.purge(job.object, parseId(id) ?? id);
    return { kind: 'done', id: parseId(id) ?? id, created: false };
  } catch (error) {
    return { kind: 'failed', id: parseId(id) ?? id, error: toErrorText(error, columns) };
  }
}

function upsert(org: Org, job: RowJob, value: string, body: Record<string, unknown>): RowOutcome {
  if (!job.key) throw new RowFailure('INVALID_FIELD', 'external id field is missing');
  if (value === '' && job.key.type !== 'id')
    throw new RowFailure('MISSING_ARGUMENT', `${job.key.name} not specified`);
  // With Id as the key an empty cell asks for a new row.
  if (value === '')
    return { kind: 'done', id: org.writer.create(job.object, body, job.userId), created: true };
  const result = org.writer.upsert(job.object, job.key, value, body, job.userId);
  return { kind: 'done', ...result };
}

function readColumn(object: ObjectDefinition, header: string): Column | undefined {
  const item = findField(object, header);
  if (item) return { header, item, parent: undefined };
  const [, type, relationship = '', keyName = ''] = /^(?:(\w+):)?(\w+)\.(\w+)$/.exec(header) ?? [];
  const lookup = findLookup(object, relationship);
  if (!lookup?.referenceTo) return undefined;
  const parent = mustFindObject(lookup.referenceTo);
  if (lookup.polymorphic ? findObject(type ?? '') !== parent : type !== undefined) return undefined;
  const key = findField(parent, keyName);
  return key && isKey(key) ? { header, item: lookup, parent: { relationship, key } } : undefined;
}

function addCell(body: Record<string, unknown>, column: Column, cell: string): void {
  const { item, parent } = column;
  if (cell === CLEAR) body[item.name] = item.type === 'boolean' ? false : null;
  else if (parent)
    body[parent.relationship] = { attributes: { type: item.referenceTo }, [parent.key.name]: cell };
  else if (item.type === 'boolean')
    body[item.name] = cell === '1' ? true : cell === '0' ? false : cell.toLowerCase();
  else body[item.name] = cell;
}

const raggedText = (columns: readonly Column[], cells: readonly string[]): string =>
  `CLIENT_INPUT_ERROR:The row has ${cells.length} values where the header has ${columns.length}:--`;

/** `CODE:message:fields --`, as the failed results show it. */
function toErrorText(error: unknown, columns: readonly Column[]): string {
  if (error instanceof RowFailure) {
    const { statusCode, message, fields } = asReference(error);
    return `${statusCode}:${message}:${fields.length > 0 ? `${fields.join(',')} ` : ''}--`;
  }
  if (error instanceof UnreadableValue) {
    const at = columns.findIndex(({ item }) => item.name === error.fieldName);
    const type = `xsd:${error.wanted === 'datetime' ? 'dateTime' : error.wanted}`;
    return `INVALID_FIELD:Failed to deserialize field at col ${at}. Due to, '${error.found}' is not a valid value for the type ${type}:${error.fieldName} --`;
  }
  if (error instanceof AmbiguousExternalId) {
    return `DUPLICATE_EXTERNAL_ID:${textOf('DUPLICATE_EXTERNAL_ID')}:--`;
  }
  throw error;
}
