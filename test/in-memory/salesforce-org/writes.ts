import { parseJson } from '../../../shared/contracts/exact-number.ts';
import { SyncError } from '../../../shared/contracts/next.ts';
import type { WireRecord } from '../../../shared/contracts/salesforce.ts';
import { guardedLast } from '../../../shared/salesforce/guarded.ts';
import { nameDuplicates } from '../../../shared/salesforce/name-duplicates.ts';
import { MAX_NAMED_RECORDS, SYSTEM_FIELDS } from '../../../shared/salesforce/selection.ts';
import { refused } from '../../../shared/salesforce-client/errors/row-results.ts';
import {
  toPacks,
  WRITE_AND_READ_LIMITS,
} from '../../../shared/salesforce-client/resources/collections/chunks.ts';
import {
  type Row,
  toChangedRows,
  toKeyedRows,
} from '../../../shared/salesforce-client/resources/collections/collection-rows.ts';
import type {
  DeleteOutcome,
  RecordUpdate,
  RecordUpsert,
  WriteOutcome,
} from '../../../shared/use-cases/ports/salesforce-org.ts';
import { answering, type OrgCalls } from './calls.ts';
import { findField, findSObject, prefixOf, type SObjectName, sObjectOf } from './contact.ts';
import { type BeforeSave, type OrgRecord, type OrgRecords, toWire } from './records.ts';
import { RefusedRow, RequestRefusal, UnreadableValue } from './refusals.ts';

/** What a write of records needs of the org. */
export interface WritePorts {
  readonly calls: OrgCalls;
  readonly records: OrgRecords;
  /** Triggers, and the refusals that a test ordered. */
  readonly beforeSave: BeforeSave;
  /** Throws to refuse a deletion. */
  readonly beforeDelete: (id: string) => void;
  /** Hears of each record that was written. */
  readonly written: () => void;
}

/** What became of a record, before it is read back. */
interface Saved {
  readonly record: OrgRecord;
  readonly created: boolean;
}

/** Changes 1 to 200 records by id. @throws RangeError, or what the adapter throws where it sends nothing */
export async function update(
  ports: WritePorts,
  sObject: string,
  updates: readonly RecordUpdate[],
  readBack: readonly string[],
): Promise<readonly WriteOutcome[]> {
  mustFit(sObject, updates);
  const known = mustKnow(sObject);
  const save: Write['save'] = ({ id, ...values }) => {
    if (prefixOf(known) !== String(id).slice(0, 3))
      throw new RefusedRow({ code: 'MALFORMED_ID', message: `malformed id ${String(id)}` });
    const record = ports.records.change(String(id), values, ports.beforeSave);
    return { record, created: false };
  };
  return guardedLast(
    updates,
    async (plain) => {
      const rows = toChangedRows(plain.map(({ sfId, values }) => ({ sObject, id: sfId, values })));
      const write = { name: 'update', readBack, save } as const;
      return nameDuplicates(await writeAll(ports, rows, write), (index) =>
        writeAlone(ports, rows, index, write),
      );
    },
    (one) =>
      ports.calls.run('update', () => {
        if (isModified(ports, one)) return { kind: 'modified' };
        const rows = toChangedRows([{ sObject, id: one.sfId, values: one.values }]);
        return writeOne(ports, rowAt(rows, 0), { name: 'update', readBack, save }, true);
      }),
    () => ports.calls.run('select', () => undefined),
  );
}

/** Whether somebody changed the record after the time that was read, in whole seconds. */
function isModified({ records }: WritePorts, { sfId, unmodifiedSince = '' }: RecordUpdate): boolean {
  const { LastModifiedDate, IsDeleted } = records.byId.get(sfId) ?? {};
  if (LastModifiedDate === undefined || IsDeleted === true) return false;
  const second = (at: string): number => Math.floor(Date.parse(at) / 1000);
  return second(LastModifiedDate) > second(unmodifiedSince);
}

/** Changes or creates 1 to 200 records by external id. Throws as `update` does. */
export async function upsert(
  ports: WritePorts,
  sObject: string,
  externalIdField: string,
  upserts: readonly RecordUpsert[],
  readBack: readonly string[],
): Promise<readonly WriteOutcome[]> {
  mustFit(sObject, upserts);
  const isKeyName = (name: string): boolean => name.toLowerCase() === externalIdField.toLowerCase();
  const keyed = upserts.map(({ externalId: key, values }) => ({
    key,
    values: Object.fromEntries(Object.entries(values).filter(([name]) => !isKeyName(name))),
  }));
  const known = mustKnow(sObject);
  const isExternalId = findField(externalIdField, known)?.isKey === true;
  const rows = toKeyedRows(sObject, externalIdField, keyed, true);
  const write: Write = {
    name: 'upsert',
    readBack,
    save: (values) => upsertOne(ports, externalIdField, values, known),
    ...(isExternalId ? {} : { refusal: notAnExternalId(externalIdField) }),
  };
  return nameDuplicates(await writeAll(ports, rows, write), (index) => writeAlone(ports, rows, index, write));
}

const rowAt = (rows: readonly Row[], place: number): Row => {
  const row = rows.find(({ index }) => index === place);
  if (!row) throw new Error('a row for each record');
  return row;
};

/** A record by itself is not read back. */
const writeAlone = (ports: WritePorts, rows: readonly Row[], index: number, write: Write) =>
  ports.calls.run(write.name, () => writeOne(ports, { ...rowAt(rows, index), isAlone: true }, write, true));

/** Puts 1 to 200 records into the recycle bin. Throws as `update` does. */
export async function deleteRecords(
  { calls, records, beforeDelete, written }: WritePorts,
  sfIds: readonly string[],
): Promise<readonly DeleteOutcome[]> {
  mustBeFew(sfIds);
  return calls.run('deleteRecords', () =>
    sfIds.map((sfId): DeleteOutcome => {
      try {
        beforeDelete(sfId);
        records.remove(sfId);
        written();
        return { kind: 'deleted', requestId: calls.requestId() };
      } catch (error) {
        if (!(error instanceof RefusedRow)) throw error;
        return refused(error.refusal.code, error.message, []);
      }
    }),
  );
}

/** Changes the record that has the key, or creates it. */
export function upsertOne(
  { records, beforeSave }: Pick<WritePorts, 'records' | 'beforeSave'>,
  externalIdField: string,
  values: WireRecord,
  sObject?: SObjectName,
): Saved {
  const found = records.withKey(String(values[externalIdField] ?? '').trim(), sObject);
  const record = found
    ? records.change(found.Id, values, beforeSave)
    : records.insert(values, beforeSave, sObject);
  return { record, created: !found };
}

interface Write {
  readonly name: 'update' | 'upsert';
  readonly readBack: readonly string[];
  save(values: WireRecord): Saved;
  /** Why Salesforce refuses every collection of the write. */
  readonly refusal?: RequestRefusal;
}

/** The calls of a write, as the client cuts it into them; the first one's error is thrown, a later one's is an outcome. */
async function writeAll(
  ports: WritePorts,
  rows: readonly Row[],
  write: Write,
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  let failure: SyncError | undefined;
  for (const [index, pack] of toPacks(rows, WRITE_AND_READ_LIMITS).entries()) {
    const sent = pack.flat();
    if (failure !== undefined) {
      note(outcomes, sent, { kind: 'unsent', error: failure });
      continue;
    }
    try {
      await ports.calls.run(write.name, async () => {
        const error = write.refusal && (await ports.calls.errorOf(write.name, answering(write.refusal)));
        if (error instanceof SyncError) note(outcomes, sent, { kind: 'failed', error });
        else for (const row of sent) outcomes[row.index] = writeOne(ports, row, write);
      });
    } catch (error) {
      if (index === 0 || !(error instanceof SyncError)) throw error;
      failure = error;
      note(outcomes, sent, { kind: 'failed', error });
    }
  }
  return outcomes;
}

function note(outcomes: WriteOutcome[], rows: readonly Row[], outcome: WriteOutcome): void {
  for (const { index } of rows) outcomes[index] = outcome;
}

/** @param isByItself - in a call of its own, whose answer names what a refused duplicate is like */
function writeOne(
  ports: WritePorts,
  { body, isAlone }: Row,
  { save, readBack }: Write,
  isByItself = false,
): WriteOutcome {
  try {
    const sent = asSent(body);
    mustSee(ports.records, Object.keys(sent));
    const { record, created } = save(sent);
    ports.written();
    const { calls } = ports;
    const answer = { answeredAt: calls.now(), requestId: calls.requestId() };
    const written = { kind: 'written', sfId: record.Id, created, ...answer } as const;
    // Text that a composite call would misread travels alone, and a field that is not there cannot be read back.
    const isReadBack =
      !isAlone && readBack.every((name) => isSeen(ports.records, name, sObjectOf(record.Id)));
    return isReadBack ? { ...written, after: toWire(record, [...SYSTEM_FIELDS, ...readBack]) } : written;
  } catch (error) {
    if (error instanceof RefusedRow) {
      const { code, message, fields = [], duplicates } = error.refusal;
      return { ...refused(code, message, fields), ...(isByItself && duplicates && { duplicates }) };
    }
    // The adapter looks for it among the others; here it is found at once.
    if (error instanceof UnreadableValue) return refused('JSON_PARSER_ERROR', error.message, []);
    throw error;
  }
}

const isSeen = ({ hiddenFields }: OrgRecords, name: string, sObject: SObjectName): boolean => {
  const field = findField(name, sObject);
  return field !== undefined && !hiddenFields.has(field.name);
};

const isNamed = (field: string, name: string): boolean => field.toLowerCase() === name.toLowerCase();

/** What the user may not see counts as not there, in a write as in a query. */
function mustSee(records: OrgRecords, names: readonly string[]): void {
  const unseen = names.filter((name) => [...records.hiddenFields].some((one) => isNamed(one, name)));
  if (unseen.length === 0) return;
  const message = `No such column '${unseen[0]}' on sobject of type Contact`;
  throw new RefusedRow({ code: 'INVALID_FIELD', message, fields: unseen });
}

/** The values as JSON brings them: a `Date` is text, and the type stays outside. */
function asSent(body: WireRecord): WireRecord {
  const { attributes: _, ...values } = parseJson(JSON.stringify(body)) as WireRecord;
  return values;
}

function mustBeFew({ length }: readonly unknown[]): void {
  if (length === 0 || length > MAX_NAMED_RECORDS)
    throw new RangeError(`1 to ${MAX_NAMED_RECORDS} records at once`);
}

function mustFit(sObject: string, records: readonly unknown[]): void {
  mustBeFew(records);
  mustKnow(sObject);
}

function mustKnow(sObject: string): SObjectName {
  const known = findSObject(sObject);
  if (!known) throw new Error(`the in-memory org does not write ${sObject}`);
  return known;
}

const notAnExternalId = (name: string): RequestRefusal =>
  new RequestRefusal(
    404,
    'NOT_FOUND',
    `Provided external ID field does not exist or is not accessible: ${name}`,
  );
