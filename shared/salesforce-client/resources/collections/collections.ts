import * as z from 'zod/mini';
import type { WireRecord } from '../../../contracts/salesforce.ts';
import { row } from '../../../salesforce/query.ts';
import { isTooLarge } from '../../errors/errors.ts';
import type { RowResult } from '../../errors/row-results.ts';
import { parseId } from '../../ids.ts';
import { callJson, type OrgCalls, writing } from '../../transport/calls.ts';
import {
  type DeleteOutcome,
  type RefusedRecord,
  toDeleted,
  toWritten,
  type WriteOutcome,
  type Written,
} from '../outcomes.ts';
import { apiName, idOf, keyOf } from '../paths.ts';
import { checkedValues, looksLikeReference, type Values } from '../values.ts';
import type { ChunkRow } from './chunks.ts';
import type { CollectionOptions, CollectionWrite } from './collection-calls.ts';
import { writeAll } from './collection-writes.ts';

/** A record to create; a list may mix sObjects. */
export interface NewRecord<T extends object = WireRecord> {
  readonly sObject: string;
  readonly values: Values<T>;
}

/** A record to change. */
export interface ChangedRecord<T extends object = WireRecord> extends NewRecord<T> {
  readonly id: string;
}

/** A record to create or change, by its external id. */
export interface KeyedRecord<T extends object = WireRecord> {
  readonly key: string | number;
  readonly values: Values<T>;
}

/** REST API guide, "Get Multiple Records with a Request Body". */
const MAX_RETRIEVED_IDS = 2_000;

interface Row extends ChunkRow {
  readonly body: Readonly<Record<string, unknown>>;
}

/** Creates records of any number and of several types. 1,000 a call. */
export function createMany(
  calls: OrgCalls,
  records: readonly NewRecord[],
  options: CollectionOptions,
): Promise<WriteOutcome[]> {
  const rows = records.map(({ sObject, values }, index) => toRow(index, sObject, values, {}, undefined));
  const write = inBody('create records', 'POST', '/composite/sobjects', () => true);
  return writeAll(calls, rows, write, options);
}

/** Changes records of any number and of several types. 1,000 a call; an id given twice is written twice, in order. */
export function updateMany(
  calls: OrgCalls,
  records: readonly ChangedRecord[],
  options: CollectionOptions,
): Promise<WriteOutcome[]> {
  const rows = records.map(({ sObject, id, values }, index) => {
    const id18 = idOf(id, `The id of record ${index + 1}`);
    return toRow(index, sObject, values, { id: id18 }, id18);
  });
  const write = inBody('update records', 'PATCH', '/composite/sobjects', () => false);
  return writeAll(calls, rows, write, options);
}

/**
 * Creates or changes records of one type, by external id, or by `Id`. 1,000 a call. Needs API version 46.0. A key
 * that is there twice is written twice, in the order of the input and by different calls, since the platform refuses
 * it within one collection; keys that differ in case alone, or in white space round them, count as one, as some fields
 * see them.
 */
export async function upsertMany(
  calls: OrgCalls,
  sObject: string,
  externalIdField: string,
  records: readonly KeyedRecord[],
  options: CollectionOptions,
): Promise<WriteOutcome[]> {
  const field = apiName(externalIdField, 'The external id field');
  const path = `/composite/sobjects/${apiName(sObject, 'The sObject')}/${field}`;
  const isId = field.toLowerCase() === 'id';
  const rows = records.map(({ key, values }, index) => {
    const what = `The ${field} of record ${index + 1}`;
    const row = (value: string, same: string) =>
      toRow(index, sObject, values, { [field]: value }, same, field);
    if (isId) {
      const id = idOf(String(key), what);
      return row(id, id);
    }
    // As text, which fields of numbers take too, while those of text take no numbers.
    const value = keyOf(key, what, field);
    return row(value, value.replaceAll('\r\n', '\n').trim().toLowerCase());
  });
  const write = inBody(`upsert ${sObject}`, 'PATCH', path, ({ created }) => created === true);
  return writeAll(calls, rows, write, options);
}

/** Puts records of any number and type into the recycle bin. 1,000 a call. */
export function deleteMany(
  calls: OrgCalls,
  ids: readonly string[],
  options: CollectionOptions,
): Promise<DeleteOutcome[]> {
  const operation = 'delete records';
  const rows = ids.map((text, index) => {
    const id = idOf(text, `The id of record ${index + 1}`);
    return { index, id, type: id.slice(0, 3), key: id, bytes: id.length, isAlone: false };
  });
  return writeAll(
    calls,
    rows,
    {
      operation,
      request: (chunk, allOrNone) => ({
        method: 'DELETE',
        path: `/composite/sobjects?ids=${chunk.map(({ id }) => id).join(',')}&allOrNone=${allOrNone}`,
      }),
      toOutcome: (result, answer) => toDeleted(operation, result, answer),
    },
    options,
  );
}

/**
 * Reads records by id, 2,000 a call, fewer where an answer would be too large; `undefined` in the place of one that is
 * not there, deleted, or hidden.
 */
export async function retrieveMany(
  calls: OrgCalls,
  sObject: string,
  ids: readonly string[],
  fields: readonly string[],
): Promise<(WireRecord | undefined)[]> {
  const operation = `retrieve ${sObject}`;
  const ids18 = ids.map((id, index) => idOf(id, `Id ${index + 1}`));
  const wanted = [...new Set(ids18)];
  // Records are told by their id, not by their place: whether places are kept is not documented.
  const names = fields.map((name, index) => apiName(name, `Field ${index + 1}`));
  const body = { fields: ['Id', ...names.filter((name) => name.toLowerCase() !== 'id')] };
  const url = `${calls.basePath}/composite/sobjects/${apiName(sObject, 'The sObject')}`;
  const found = new Map<string, WireRecord>();
  const readSome = async (some: readonly string[]): Promise<void> => {
    const request = { ...writing(operation, 'POST', url, { ids: some, ...body }), isRepeatable: true };
    try {
      for (const record of (await callJson(calls, request, z.array(z.nullable(row)))).data) {
        const id = typeof record?.Id === 'string' ? parseId(record.Id) : undefined;
        if (record && id !== undefined) found.set(id, record);
      }
    } catch (error) {
      if (!isTooLarge(error) || some.length < 2) throw error;
      const middle = Math.ceil(some.length / 2);
      await readSome(some.slice(0, middle));
      await readSome(some.slice(middle));
    }
  };
  for (let start = 0; start < wanted.length; start += MAX_RETRIEVED_IDS)
    await readSome(wanted.slice(start, start + MAX_RETRIEVED_IDS));
  return ids18.map((id) => found.get(id));
}

/** The write of records that travel in the request's body. */
const inBody = (
  operation: string,
  method: 'POST' | 'PATCH',
  path: string,
  isCreated: (result: RowResult) => boolean,
): CollectionWrite<Row, Written | RefusedRecord> => ({
  operation,
  request: (chunk, allOrNone) => ({
    method,
    path,
    body: { allOrNone, records: chunk.map(({ body }) => body) },
  }),
  toOutcome: (result, answer) => toWritten(operation, result, isCreated(result), answer),
});

function toRow(
  index: number,
  sObject: string,
  values: object,
  identity: Readonly<Record<string, string>>,
  key: string | undefined,
  keyField?: string,
): Row {
  const what = `record ${index + 1}`;
  const type = apiName(sObject, `The sObject of ${what}`);
  const checked = checkedValues(sObject, values, { what, ...(keyField === undefined ? {} : { keyField }) });
  const body = { attributes: { type }, ...checked, ...identity };
  const json = JSON.stringify(body);
  return { index, type, key, body, bytes: Buffer.byteLength(json), isAlone: looksLikeReference(json) };
}
