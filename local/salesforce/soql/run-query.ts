import { mustFindObject, type ObjectDefinition } from '../describe/schema.ts';
import type { RecordStore } from '../store/records.ts';
import { type ColumnValue, toJsonValue } from '../store/values.ts';
import { findChildRelationship, type ShapeNode } from './select.ts';
import { soqlError } from './soql-error.ts';
import { type QueryPlan, translateQuery } from './soql-to-sql.ts';

/** A row of a query's answer, as JSON shows it. */
export type QueryRecord = Record<string, unknown>;

/** What turning rows into JSON needs to know. */
export interface ShapeContext {
  readonly version: string;
  readonly nowMs: number;
}

/** The ids that a `rows` or `count` query finds, in its order. */
export function selectIds(store: RecordStore, plan: QueryPlan): string[] {
  return rowsOf(store, plan.main.sql, plan.main.params).map((row) => String(row[0]));
}

/** The rows of an aggregate query. */
export function selectAggregates(store: RecordStore, plan: QueryPlan): QueryRecord[] {
  return rowsOf(store, plan.main.sql, plan.main.params).map((row) => {
    const values = plan.selection.results.map(({ name, item }, column) => {
      const value = row[column] ?? null;
      return [name, item ? toJsonValue(item, value) : value] as const;
    });
    return { attributes: { type: 'AggregateResult' }, ...Object.fromEntries(values) };
  });
}

/** The columns of the rows with these ids, in the order of the ids; rows that are gone by now are left out. */
export function selectColumns(store: RecordStore, plan: QueryPlan, ids: readonly string[]): ColumnValue[][] {
  const rows = rowsOf(store, plan.rowsSql, [JSON.stringify(ids)]);
  const byId = new Map(rows.map((row) => [row[0], row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

/** The rows with these ids as JSON records, in the order of the ids. */
export function selectRecords(
  store: RecordStore,
  plan: QueryPlan,
  ids: readonly string[],
  context: ShapeContext,
): QueryRecord[] {
  const rows = selectColumns(store, plan, ids);
  const records = rows.map((row) =>
    shapeRecord(plan.object, String(row[0]), plan.selection.nodes, row, context),
  );
  for (const node of plan.selection.nodes) {
    if (node.kind === 'children') addChildren(store, plan, node, rows, records, context);
  }
  return records;
}

/** The `attributes` that stand first in every record. */
function attributesOf(object: ObjectDefinition, id: string, version: string): unknown {
  return { type: object.name, url: `/services/data/v${version}/sobjects/${object.name}/${id}` };
}

function shapeRecord(
  object: ObjectDefinition,
  id: string,
  nodes: readonly ShapeNode[],
  row: readonly ColumnValue[],
  context: ShapeContext,
): QueryRecord {
  const record: QueryRecord = { attributes: attributesOf(object, id, context.version) };
  for (const node of nodes) record[node.name] = shapeNode(node, row, context);
  return record;
}

function shapeNode(node: ShapeNode, row: readonly ColumnValue[], context: ShapeContext): unknown {
  switch (node.kind) {
    case 'value':
      return toJsonValue(node.item, row[node.column] ?? null);
    case 'address': {
      const entries = node.parts.map(
        ({ key, item, column }) => [key, toJsonValue(item, row[column] ?? null)] as const,
      );
      return entries.every(([, value]) => value === null) ? null : Object.fromEntries(entries);
    }
    case 'parent': {
      const id = row[node.idColumn] ?? null;
      return id === null ? null : shapeRecord(node.object, String(id), node.nodes, row, context);
    }
    case 'children':
      return null;
  }
}

/** Fills in the lists of a subquery such as `(SELECT Id FROM Contacts)`; a parent without children keeps null. */
function addChildren(
  store: RecordStore,
  plan: QueryPlan,
  node: ShapeNode & { kind: 'children' },
  rows: readonly ColumnValue[][],
  records: readonly QueryRecord[],
  context: ShapeContext,
): void {
  const relationship = findChildRelationship(plan.object, node.name);
  if (!relationship) {
    throw soqlError(
      'INVALID_TYPE',
      plan.soql,
      node.name,
      `Didn't understand relationship '${node.name}' in FROM part of query call.`,
    );
  }
  const { limit = Number.POSITIVE_INFINITY, offset = 0, ...query } = node.query;
  const child = translateQuery({ ...query, sObject: relationship.childSObject }, plan.soql, {
    nowMs: context.nowMs,
    includesDeleted: plan.includesDeleted,
    childOf: { lookup: relationship.field, parentIds: rows.map((row) => String(row[0])) },
  });
  const childIds = selectIds(store, child);
  const parentOf = parentsByChild(
    store,
    mustFindObject(relationship.childSObject),
    relationship.field,
    childIds,
  );
  const children = selectRecords(store, child, childIds, context);
  rows.forEach((row, index) => {
    const own = children
      .filter((_, at) => parentOf.get(childIds[at] ?? '') === row[0])
      .slice(offset, offset + limit);
    const record = records[index];
    if (record && own.length > 0)
      record[relationship.relationshipName] = { totalSize: own.length, done: true, records: own };
  });
}

function parentsByChild(
  store: RecordStore,
  object: ObjectDefinition,
  lookup: string,
  ids: readonly string[],
): Map<string, ColumnValue> {
  const parents = new Map<string, ColumnValue>();
  for (const id of ids) parents.set(id, store.get(object, id)?.[lookup] ?? null);
  return parents;
}

function rowsOf(store: RecordStore, sql: string, params: readonly ColumnValue[]): ColumnValue[][] {
  const statement = store.prepare(sql);
  statement.setReturnArrays(true);
  return statement.all(...params) as unknown as ColumnValue[][];
}
