import * as z from 'zod/mini';
import type { WireRecord } from '../contracts/salesforce.ts';
import { outcomeUnknown } from '../salesforce-client/errors/errors.ts';
import { cleaned, type RowResult, rowResult, toRefusal } from '../salesforce-client/errors/row-results.ts';
import { parseId, to18 } from '../salesforce-client/ids.ts';
import { composite, type Subrequest } from '../salesforce-client/resources/composite/subrequests.ts';
import { checkedValues, looksLikeReference } from '../salesforce-client/resources/values.ts';
import { identifier, type SoqlQuery } from '../salesforce-client/soql/soql.ts';
import { callJson, type OrgCalls, writeHeaders, writing } from '../salesforce-client/transport/calls.ts';
import type { WriteAnswer, WriteOutcome } from '../use-cases/ports/salesforce-org.ts';
import { queryPage, queryUrl, withoutAttributes } from './query.ts';
import { MAX_NAMED_RECORDS, selectionQuery } from './selection.ts';

/** Changes up to 200 records by id and reads them back. One call. */
export async function update(
  calls: OrgCalls,
  sObject: string,
  records: readonly { readonly sfId: string; readonly values: WireRecord }[],
  readBack: readonly string[],
): Promise<WriteAnswer> {
  const ids = records.map((record) => to18(record.sfId));
  return write(calls, `update ${sObject}`, records.length, {
    path: '/composite/sobjects',
    rows: records.map((record, index) => ({ ...toRow(sObject, record.values, index), id: ids[index] })),
    query: () => selectionQuery({ sObject, fields: readBack, where: { kind: 'ids', ids } }),
    isCreated: () => false,
  });
}

/** Changes or creates up to 200 records by external id and reads them back. One call. */
export async function upsert(
  calls: OrgCalls,
  sObject: string,
  externalIdField: string,
  records: readonly { readonly externalId: string; readonly values: WireRecord }[],
  readBack: readonly string[],
): Promise<WriteAnswer> {
  const values = records.map((record) => record.externalId);
  const field = identifier(externalIdField).toString();
  return write(calls, `upsert ${sObject}`, records.length, {
    path: `/composite/sobjects/${identifier(sObject)}/${field}`,
    rows: records.map((record, index) => ({
      ...toRow(sObject, withoutField(record.values, field), index),
      [field]: record.externalId,
    })),
    query: () =>
      selectionQuery({ sObject, fields: readBack, where: { kind: 'external-ids', field, values } }),
    isCreated: (row) => row.created === true,
  });
}

interface Write {
  readonly path: string;
  readonly rows: readonly object[];
  readonly query: () => SoqlQuery;
  readonly isCreated: (row: RowResult) => boolean;
}

async function write(calls: OrgCalls, operation: string, size: number, plan: Write): Promise<WriteAnswer> {
  if (size === 0 || size > MAX_NAMED_RECORDS)
    throw new RangeError(`1 to ${MAX_NAMED_RECORDS} records at once`);
  // One bad record must not undo the others.
  const body = { allOrNone: false, records: plan.rows };
  // A composite call would read such text as a reference to a step, and refuse all records for one.
  if (looksLikeReference(JSON.stringify(plan.rows))) return writeAlone(calls, operation, size, plan, body);
  const steps: readonly Subrequest[] = [
    {
      method: 'PATCH',
      url: `${calls.basePath}${plan.path}`,
      referenceId: 'written',
      body,
      httpHeaders: writeHeaders,
    },
    // Runs after the write, so it sees what triggers and flows made of it.
    { method: 'GET', url: queryUrl(calls, plan.query()), referenceId: 'after' },
  ];
  const answer = await composite(calls, operation, steps, false);
  const results = cleaned(answer.bodyOf('written', z.array(rowResult)), answer.response);
  if (results.length !== size) throw outcomeUnknown(operation, 'a result for each record is missing');
  // Reading back is a gift: where it failed, the write still stands.
  const after = byId(answer.bodyIfAny('after', queryPage)?.records ?? []);
  return {
    outcomes: results.map((row) => toOutcome(operation, row, plan.isCreated(row), after)),
    readAt: calls.answeredAt(answer.response),
  };
}

/** The same without reading back, which is the caller's to do. One call too. */
async function writeAlone(
  calls: OrgCalls,
  operation: string,
  size: number,
  plan: Write,
  body: unknown,
): Promise<WriteAnswer> {
  const request = writing(operation, 'PATCH', `${calls.basePath}${plan.path}`, body);
  const { data, response } = await callJson(calls, request, z.array(rowResult));
  if (data.length !== size) throw outcomeUnknown(operation, 'a result for each record is missing');
  return {
    outcomes: cleaned(data, response).map((row) => toOutcome(operation, row, plan.isCreated(row), new Map())),
    readAt: calls.answeredAt(response),
  };
}

function toOutcome(
  operation: string,
  row: RowResult,
  isCreated: boolean,
  after: ReadonlyMap<string, WireRecord>,
): WriteOutcome {
  if (!row.success) return toRefusal(row);
  const sfId = parseId(row.id ?? '');
  if (sfId === undefined) throw outcomeUnknown(operation, 'a written record has no id');
  const read = after.get(sfId);
  const written = { kind: 'written', sfId, created: isCreated } as const;
  return read === undefined ? written : { ...written, after: read };
}

function byId(records: readonly WireRecord[]): ReadonlyMap<string, WireRecord> {
  const found = new Map<string, WireRecord>();
  for (const record of records) {
    const sfId = typeof record.Id === 'string' ? parseId(record.Id) : undefined;
    if (sfId !== undefined) found.set(sfId, withoutAttributes(record));
  }
  return found;
}

const toRow = (sObject: string, values: WireRecord, index: number): object => ({
  attributes: { type: sObject },
  ...checkedValues(sObject, values, { what: `record ${index + 1}` }),
});

/** The key stands in a record once, by its own spelling. */
const withoutField = (values: WireRecord, field: string): WireRecord =>
  Object.fromEntries(Object.entries(values).filter(([name]) => name.toLowerCase() !== field.toLowerCase()));
