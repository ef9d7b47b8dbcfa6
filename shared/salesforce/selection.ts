import {
  dateTime,
  fieldList,
  id,
  identifier,
  joinSoql,
  type Soql,
  type SoqlQuery,
  soql,
  trustedCondition,
} from '../salesforce-client/client.ts';
import { systemFieldsOf, USUAL_TRACKING } from '../sync/mapping/check/tracking.ts';
import type { RecordSelection } from '../use-cases/ports/salesforce-org.ts';

/** Fields of every row that is written and read back: only objects that have all of them are written. */
export const SYSTEM_FIELDS = systemFieldsOf(USUAL_TRACKING);

/** Fields of every row that is selected, beside the requested ones: the reconciliation needs them. */
const systemFieldsIn = ({ tracking = USUAL_TRACKING }: Pick<RecordSelection, 'tracking'>): string[] =>
  systemFieldsOf(tracking);

/** The most records that one query or one write names. */
export const MAX_NAMED_RECORDS = 200;

/** The query that reads a selection over REST, in the order that the selection says. */
export function selectionQuery(selection: RecordSelection): SoqlQuery {
  const query = bulkSelectionQuery(selection);
  switch (selection.where.kind) {
    case 'changed-since':
      return soql`${query} ORDER BY ${stampOf(selection)} ASC, Id ASC`;
    case 'by-id':
      return soql`${query} ORDER BY Id ASC`;
    default:
      return query;
  }
}

/** The same for Bulk API 2.0, without an order, which would keep the platform from dividing the job into chunks. */
export function bulkSelectionQuery(selection: RecordSelection): SoqlQuery {
  const fields = fieldList([...systemFieldsIn(selection), ...selection.fields]);
  return soql`SELECT ${fields} FROM ${identifier(selection.sObject)}${whereOf(selection)}`;
}

/** The query that counts a selection; the number is in `totalSize`. */
export function countQuery(selection: RecordSelection): SoqlQuery {
  return soql`SELECT COUNT() FROM ${identifier(selection.sObject)}${whereOf(selection)}`;
}

function whereOf(selection: RecordSelection): Soql {
  const conditions = [conditionOf(selection), filterOf(selection.filter)].filter((one) => one !== undefined);
  return conditions.length === 0 ? soql`` : soql` WHERE ${joinSoql(conditions, ' AND ')}`;
}

const filterOf = (filter: string | undefined): Soql | undefined =>
  filter === undefined ? undefined : trustedCondition(filter);

const stampOf = ({ tracking = USUAL_TRACKING }: Pick<RecordSelection, 'tracking'>): Soql =>
  identifier(tracking.stamp);

function conditionOf(selection: RecordSelection): Soql | undefined {
  const { where } = selection;
  switch (where.kind) {
    case 'all':
      return undefined;
    case 'by-id':
      return where.after === undefined ? undefined : soql`Id > ${id(where.after)}`;
    case 'changed-since':
      if (where.after) return afterRecord(stampOf(selection), where.after);
      return where.since === undefined ? undefined : soql`${stampOf(selection)} >= ${dateTime(where.since)}`;
    case 'ids':
      return soql`Id IN ${bounded(where.ids).map(id)}`;
    case 'external-ids':
      return soql`${identifier(where.field)} IN ${bounded(where.values)}`;
    case 'values':
      return joinSoql(
        where.fields.map(({ field, values }) => soql`${identifier(field)} IN ${bounded(values)}`),
        ' AND ',
      );
  }
}

function afterRecord(
  stamp: Soql,
  { modstamp, sfId }: { readonly modstamp: string; readonly sfId: string },
): Soql {
  const at = dateTime(modstamp);
  return soql`(${stamp} > ${at} OR (${stamp} = ${at} AND Id > ${id(sfId)}))`;
}

function bounded<T>(values: readonly T[]): readonly T[] {
  if (values.length > MAX_NAMED_RECORDS) throw new RangeError(`At most ${MAX_NAMED_RECORDS} records at once`);
  return values;
}
