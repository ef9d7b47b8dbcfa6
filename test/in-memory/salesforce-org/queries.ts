import { parseId } from '../../../shared/contracts/salesforce-id.ts';
import { SYSTEM_FIELDS, selectionQuery } from '../../../shared/salesforce/selection.ts';
import { MAX_QUERY_BYTES } from '../../../shared/salesforce-client/soql/chunks.ts';
import { encodeSoql } from '../../../shared/salesforce-client/soql/soql.ts';
import type { RecordPage, RecordSelection } from '../../../shared/use-cases/ports/salesforce-org.ts';
import { type ContactField, findField, findSObject, type SObjectName, sObjectOf } from './contact.ts';
import { type OrgRecord, type OrgRecords, toWire, valueIn } from './records.ts';
import { RequestRefusal, unknownField, unknownSObject } from './refusals.ts';

/** Results of a query are kept this long. */
const CURSOR_LIFE_MS = 2 * 24 * 3_600_000;

/** What a selection reads of each record. */
export const fieldsOf = (selection: RecordSelection): readonly string[] => [
  ...SYSTEM_FIELDS,
  ...selection.fields,
];

/** Refuses what the adapter would not send. @throws RangeError, TypeError */
export const mustBeSendable = (selection: RecordSelection): void => void selectionQuery(selection);

/** Whether the adapter sends it with others. Refuses what it would not send, as `mustBeSendable` does. */
export const isShortQuery = (selection: RecordSelection): boolean =>
  encodeSoql(selectionQuery(selection)).length <= MAX_QUERY_BYTES;

/**
 * The records of a selection, in its order; of those that have none, in no order that anyone could rely on. Of filters it knows only such as
 * `Title = 'CEO'` and `Title != 'CEO'`.
 *
 * @throws RequestRefusal for an sObject or a field that is not there
 */
export function matching(records: OrgRecords, selection: RecordSelection): OrgRecord[] {
  const sObject = findSObject(selection.sObject);
  if (!sObject) throw unknownSObject(selection.sObject);
  for (const name of selection.fields) {
    const field = mustFind(sObject, name);
    if (records.hiddenFields.has(field.name)) throw unknownField(name);
  }
  const isWanted = [
    conditionOf(sObject, selection.where),
    filterOf(sObject, selection.filter, records.unreadable),
  ];
  const found = [...records.byId.values()].filter(
    (record) =>
      sObjectOf(record.Id) === sObject &&
      (selection.includeDeleted || !record.IsDeleted) &&
      !records.hidden.has(record.Id) &&
      isWanted.every((is) => is(record)),
  );
  switch (selection.where.kind) {
    case 'changed-since':
      return found.sort(byStamp);
    case 'by-id':
      return found.sort((a, b) => (a.Id < b.Id ? -1 : 1));
    default:
      return found;
  }
}

/** The open cursors of queries: each a snapshot of ids, not of values. */
export class QueryCursors {
  readonly #records: OrgRecords;
  readonly #nowMs: () => number;
  readonly #pageRows: number;
  readonly #cursors: {
    readonly ids: readonly string[];
    readonly fields: readonly string[];
    readonly openedAtMs: number;
  }[] = [];

  constructor(records: OrgRecords, nowMs: () => number, pageRows: number) {
    this.#records = records;
    this.#nowMs = nowMs;
    this.#pageRows = pageRows;
  }

  /** The first page of what was found. @param pageRows - at most so many rows of it */
  open(
    found: readonly OrgRecord[],
    fields: readonly string[],
    pageRows = this.#pageRows,
  ): Omit<RecordPage, 'readAt'> {
    this.#cursors.push({ ids: found.map(({ Id }) => Id), fields, openedAtMs: this.#nowMs() });
    return this.#page(this.#cursors.length - 1, 0, Math.min(pageRows, this.#pageRows));
  }

  /** @throws RequestRefusal for a cursor that has expired, or never was */
  next(url: string): Omit<RecordPage, 'readAt'> {
    const [, number = '', offset = ''] = /\/query\/cursor(\d+)-(\d+)$/.exec(url) ?? [];
    const cursor = number === '' ? undefined : this.#cursors[Number(number)];
    if (!cursor || this.#nowMs() - cursor.openedAtMs > CURSOR_LIFE_MS)
      throw new RequestRefusal(400, 'INVALID_QUERY_LOCATOR', 'invalid query locator');
    return this.#page(Number(number), Number(offset));
  }

  #page(number: number, offset: number, pageRows = this.#pageRows): Omit<RecordPage, 'readAt'> {
    const { ids = [], fields = [] } = this.#cursors[number] ?? {};
    const end = offset + pageRows;
    const rows = ids.slice(offset, end).flatMap((id) => this.#records.byId.get(id) ?? []);
    const records = rows.map((record) => toWire(record, fields));
    return end < ids.length
      ? { records, next: `/services/data/v59.0/query/cursor${number}-${end}` }
      : { records };
  }
}

type Condition = (record: OrgRecord) => boolean;

function conditionOf(sObject: SObjectName, where: RecordSelection['where']): Condition {
  switch (where.kind) {
    case 'all':
      return () => true;
    case 'by-id': {
      const after = where.after === undefined ? '' : (parseId(where.after) ?? '');
      return ({ Id }) => Id > after;
    }
    case 'changed-since': {
      const { since, after } = where;
      const sinceMs = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
      const afterMs = after && Date.parse(after.modstamp);
      return ({ SystemModstamp, Id }) => {
        const stampMs = Date.parse(SystemModstamp);
        if (stampMs < sinceMs) return false;
        return (
          !after || afterMs === undefined || stampMs > afterMs || (stampMs === afterMs && Id > after.sfId)
        );
      };
    }
    case 'ids': {
      const ids = new Set(where.ids.map(parseId));
      return ({ Id }) => ids.has(Id);
    }
    case 'external-ids':
      return isAmong(mustFind(sObject, where.field), where.values);
    case 'values': {
      const areAll = where.fields.map(({ field, values }) =>
        isAmong(mustFind(sObject, field), values.map(String)),
      );
      return (record) => areAll.every((is) => is(record));
    }
  }
}

function filterOf(
  sObject: SObjectName,
  filter: string | undefined,
  unreadable: ReadonlySet<string>,
): Condition {
  if (filter === undefined) return () => true;
  const [, name, operator, text] = /^\s*(\w+)\s*(!?=)\s*'([^'\\]*)'\s*$/.exec(filter) ?? [];
  if (name === undefined || text === undefined)
    throw new Error(`the in-memory org knows only filters such as Title = 'CEO', not ${filter}`);
  if (unreadable.has(name)) throw unknownField(name);
  const isText = isAmong(mustFind(sObject, name), [text]);
  return operator === '=' ? isText : (record) => !isText(record);
}

/** Text is compared without case, unless the field tells case apart. */
function isAmong({ name, isKey }: ContactField, values: readonly string[]): Condition {
  const folded = (text: string): string => (isKey ? text : text.toLowerCase());
  const wanted = new Set(values.map(folded));
  return (record) => wanted.has(folded(String(valueIn(record, name) ?? '')));
}

function mustFind(sObject: SObjectName, name: string): ContactField {
  const field = findField(name, sObject);
  if (!field) throw unknownField(name);
  return field;
}

const byStamp = (a: OrgRecord, b: OrgRecord): number =>
  Date.parse(a.SystemModstamp) - Date.parse(b.SystemModstamp) || (a.Id < b.Id ? -1 : 1);
