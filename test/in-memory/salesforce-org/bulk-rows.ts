import type { CsvCells, CsvRow } from '../../../shared/contracts/salesforce.ts';
import { readCsv, writeCsv } from '../../../shared/salesforce-client/csv/csv.ts';
import { findField, type SObjectName } from './contact.ts';
import type { BeforeSave, OrgRecord, OrgRecords } from './records.ts';
import { RefusedRow, type RowRefusal, UnreadableValue } from './refusals.ts';
import { upsertOne } from './writes.ts';

/** The cell that clears a field; an empty one leaves it as it is. */
const CLEAR = '#N/A';

/** The file of an ingest job. */
export interface Upload {
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** Reads an uploaded CSV. */
export async function readUpload(csv: Uint8Array): Promise<Upload> {
  const [header = ''] = new TextDecoder().decode(csv).split('\n', 1);
  const rows: CsvRow[] = [];
  for await (const row of readCsv(whole(csv))) rows.push(row);
  return { columns: header.split(','), rows };
}

/** Why the whole job fails over its columns. */
export function columnMistake({ columns }: Upload, sObject: SObjectName): string | undefined {
  const unknown = columns.find((name) => findField(name, sObject) === undefined);
  return unknown === undefined ? undefined : `InvalidBatch : Field name not found : ${unknown}`;
}

/** What an ingest job does to each row. */
export interface RowJob {
  readonly operation: string;
  readonly keyField: string | undefined;
  readonly records: OrgRecords;
  readonly beforeSave: BeforeSave;
  readonly sObject: SObjectName;
}

/** Writes one row: its line in the successful or in the failed results. */
export function ingestRow(job: RowJob, row: CsvRow): { readonly isDone: boolean; readonly line: CsvCells } {
  const cells = lineOf(row);
  try {
    const { record, created } = save(job, row);
    return { isDone: true, line: { sf__Id: record.Id, sf__Created: created, ...cells } };
  } catch (error) {
    const sf__Id = job.operation === 'update' ? (row.Id ?? undefined) : undefined;
    return { isDone: false, line: { sf__Id, sf__Error: errorText(error), ...cells } };
  }
}

/** A row as it was uploaded, ready to be written again: an empty cell stays empty. */
export const lineOf = (row: CsvRow): CsvCells =>
  Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, cell === CLEAR ? null : (cell ?? undefined)]),
  );

/** One set of results, in an order of its own; the header line stands there even of an empty set. */
export const resultsCsv = (
  columns: readonly string[],
  lines: readonly CsvCells[],
): AsyncIterable<Uint8Array> => (columns.length === 0 ? whole() : writeCsv(columns, [...lines].reverse()));

function save(job: RowJob, row: CsvRow): { readonly record: OrgRecord; readonly created: boolean } {
  const { operation, keyField, records, beforeSave, sObject } = job;
  const { Id, ...values } = Object.fromEntries(
    Object.entries(row).flatMap(([name, cell]) =>
      cell === null ? [] : [[name, cell === CLEAR ? null : cell]],
    ),
  );
  if (operation === 'insert') return { record: records.insert(values, beforeSave, sObject), created: true };
  if (operation === 'update' && Id) return { record: records.change(Id, values, beforeSave), created: false };
  if (operation === 'upsert' && keyField !== undefined && values[keyField])
    return upsertOne({ records, beforeSave }, keyField, values, sObject);
  throw new RefusedRow({ code: 'MISSING_ARGUMENT', message: `${keyField ?? 'Id'} not specified` });
}

/** `CODE:message:fields --`. */
function errorText(error: unknown): string {
  const { code, message, fields = [] } = refusalOf(error);
  return `${code}:${message}:${fields.length > 0 ? `${fields.join(',')} ` : ''}--`;
}

function refusalOf(error: unknown): RowRefusal {
  if (error instanceof RefusedRow) return error.refusal;
  if (error instanceof UnreadableValue)
    return { code: 'INVALID_FIELD', message: error.message, fields: [error.fieldName] };
  throw error;
}

async function* whole(csv?: Uint8Array): AsyncGenerator<Uint8Array> {
  if (csv) yield csv;
}
