import type { RowResult } from '../../errors/row-results.ts';
import { fieldList } from '../../soql/field-list.ts';
import { SoqlError } from '../../soql/literals.ts';
import { identifier, type SoqlQuery, soql } from '../../soql/soql.ts';
import type { OrgCalls } from '../../transport/calls.ts';
import {
  type Deleted,
  type DeleteOutcome,
  type RefusedRecord,
  toDeleted,
  toWritten,
  toWrittenAndRead,
  type WriteAndReadOutcome,
  type WriteOutcome,
  type Written,
  type WrittenAndRead,
} from '../outcomes.ts';
import { apiName, idOf } from '../paths.ts';
import type { ChunkRow } from './chunks.ts';
import type {
  CollectionOptions,
  CollectionRequest,
  CollectionWrite,
  UpsertManyOptions,
} from './collection-calls.ts';
import {
  type ChangedRecord,
  type KeyedRecord,
  type NewRecord,
  type Row,
  toChangedRows,
  toKeyedRows,
  toNewRows,
} from './collection-rows.ts';
import { writeAll } from './collection-writes.ts';

/** Creates records of any number and of several types. 1,000 a call. */
export async function createMany(
  calls: OrgCalls,
  records: readonly NewRecord[],
  options: CollectionOptions,
): Promise<WriteOutcome[]> {
  const request = inBody('POST', '/composite/sobjects');
  return writeAll(calls, toNewRows(records), toWrite('create records', request, isNew), options);
}

/** Changes records of any number and of several types. 1,000 a call; an id that comes twice is written twice, in order. */
export async function updateMany(
  calls: OrgCalls,
  records: readonly ChangedRecord[],
  options: CollectionOptions,
): Promise<WriteOutcome[]> {
  const request = inBody('PATCH', '/composite/sobjects');
  return writeAll(calls, toChangedRows(records), toWrite('update records', request, isOld), options);
}

/**
 * Creates or changes records of one type, by external id, or by `Id`. 1,000 a call. Needs API version 46.0. A key
 * that comes twice is written twice, in the order of the input and by different calls, since the platform refuses it
 * within one collection. Keys that differ only in white space round them count as the same key, and so do keys that
 * differ only in case, unless the caller says that the field tells them apart.
 */
export async function upsertMany(
  calls: OrgCalls,
  sObject: string,
  externalIdField: string,
  records: readonly KeyedRecord[],
  options: UpsertManyOptions,
): Promise<WriteOutcome[]> {
  const { field, request } = keyed(sObject, externalIdField);
  const rows = toKeyedRows(sObject, field, records, options.caseSensitiveKeys === true);
  return writeAll(calls, rows, toWrite(`upsert ${sObject}`, request, isCreated), options);
}

/**
 * Changes records of one type by id and reads these fields, and the id, back in the same call. 400 a call. What is
 * read is the record after the write, with what triggers and flows made of it.
 *
 * @throws SalesforceApiError `INVALID_NAME` for a field, before anything is sent
 */
export async function updateAndReadMany(
  calls: OrgCalls,
  sObject: string,
  records: readonly Omit<ChangedRecord, 'sObject'>[],
  fields: readonly string[],
  options: CollectionOptions,
): Promise<WriteAndReadOutcome[]> {
  const rows = toChangedRows(records.map((record) => ({ ...record, sObject })));
  const read = readBack(sObject, fields, 'Id', ({ body }) => String(body.id));
  const request = inBody('PATCH', '/composite/sobjects');
  return writeAll(calls, rows, toWriteAndRead(`update ${sObject}`, request, isOld, read), options);
}

/** Creates or changes records of one type by external id, and reads them back as `updateAndReadMany` does. */
export async function upsertAndReadMany(
  calls: OrgCalls,
  sObject: string,
  externalIdField: string,
  records: readonly KeyedRecord[],
  fields: readonly string[],
  options: UpsertManyOptions,
): Promise<WriteAndReadOutcome[]> {
  const { field, request } = keyed(sObject, externalIdField);
  const rows = toKeyedRows(sObject, field, records, options.caseSensitiveKeys === true);
  const read = readBack(sObject, fields, field, ({ body }) => String(body[field]));
  return writeAll(calls, rows, toWriteAndRead(`upsert ${sObject}`, request, isCreated, read), options);
}

/** Puts records of any number and type into the recycle bin. 1,000 a call. */
export async function deleteMany(
  calls: OrgCalls,
  ids: readonly string[],
  options: CollectionOptions,
): Promise<DeleteOutcome[]> {
  const operation = 'delete records';
  const rows = ids.map((text, index) => {
    const id18 = idOf(text, `The id of record ${index + 1}`);
    return { index, id: id18, type: id18.slice(0, 3), key: id18, bytes: id18.length, isAlone: false };
  });
  const write: CollectionWrite<ChunkRow & { readonly id: string }, Deleted | RefusedRecord> = {
    operation,
    timeoutMs: MANY_TIMEOUT_MS,
    request: (chunk, allOrNone) => ({
      method: 'DELETE',
      path: `/composite/sobjects?ids=${chunk.map((row) => row.id).join(',')}&allOrNone=${allOrNone}`,
    }),
    toOutcome: (result, { response }) => toDeleted(operation, result, response),
  };
  return writeAll(calls, rows, write, options);
}

/** Triggers and flows of a thousand records can take this long, and a call that is given up has an unknown outcome. */
const MANY_TIMEOUT_MS = 120_000;

type IsCreated = (result: RowResult) => boolean;
const isNew: IsCreated = () => true;
const isOld: IsCreated = () => false;
const isCreated: IsCreated = ({ created }) => created === true;

type ToRequest = (chunk: readonly Row[], allOrNone: boolean) => CollectionRequest;

/** Records that travel in the request's body. */
const inBody =
  (method: 'POST' | 'PATCH', path: string): ToRequest =>
  (chunk, allOrNone) => ({ method, path, body: { allOrNone, records: chunk.map(({ body }) => body) } });

function keyed(
  sObject: string,
  externalIdField: string,
): { readonly field: string; readonly request: ToRequest } {
  const field = apiName(externalIdField, 'The external id field');
  const path = `/composite/sobjects/${apiName(sObject, 'The sObject')}/${field}`;
  return { field, request: inBody('PATCH', path) };
}

const toWrite = (
  operation: string,
  request: ToRequest,
  created: IsCreated,
): CollectionWrite<Row, Written | RefusedRecord> => ({
  operation,
  timeoutMs: MANY_TIMEOUT_MS,
  request,
  toOutcome: (result, { response }) => toWritten(operation, result, created(result), response),
});

const toWriteAndRead = (
  operation: string,
  request: ToRequest,
  created: IsCreated,
  read: ReadBack,
): CollectionWrite<Row, WrittenAndRead | RefusedRecord> => ({
  operation,
  request,
  readBack: read,
  toOutcome: (result, answer) => toWrittenAndRead(operation, result, created(result), answer),
});

type ReadBack = (chunk: readonly Row[]) => SoqlQuery | undefined;

/** Reads records by what names each of them. No query where it cannot hold the keys: they are written all the same. */
function readBack(
  sObject: string,
  fields: readonly string[],
  keyField: string,
  keyOfRow: (row: Row) => string,
): ReadBack {
  const names = fields.map((name, index) => apiName(name, `Field ${index + 1}`));
  const select = fieldList(['Id', ...names]);
  return (chunk) => {
    try {
      const keys = chunk.map(keyOfRow);
      return soql`SELECT ${select} FROM ${identifier(sObject)} WHERE ${identifier(keyField)} IN ${keys}`;
    } catch (error) {
      if (error instanceof SoqlError) return undefined;
      throw error;
    }
  };
}
