import type { ObjectDefinition } from '../describe/object-definition.ts';
import type { RecordStore } from '../store/records.ts';
import type { ColumnValue } from '../store/row.ts';
import { toJsonValue } from '../store/values.ts';
import type { ChildrenNode, ShapeNode } from './select.ts';
import { type QueryPlan, translateQuery } from './soql-to-sql.ts';

/** A row of a query's answer, as JSON shows it. */
export type QueryRecord = Record<string, unknown>;

/** What turning rows into JSON needs to know. */
export interface ShapeContext {
  readonly version: string;
  readonly nowMs: number;
  /** How lists of children are split into pages; without it they are complete. */
  readonly paging?: ChildPaging;
}

/** How the children of one row are split into pages of their own. */
export interface ChildPaging {
  readonly rows: number;
  /** Keeps children that do not fit; returns the address of the page after the first. */
  readonly keep: (plan: QueryPlan, ids: readonly string[]) => string;
}

/** The children that one subquery found. */
export interface FoundChildren {
  readonly name: string;
  readonly plan: QueryPlan;
  /** Their ids, in order, by the id of their parent. */
  readonly idsOf: ReadonlyMap<string, readonly string[]>;
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

/** The columns of the rows with these ids, in the order of the ids, without rows that no longer exist. */
export function selectColumns(store: RecordStore, plan: QueryPlan, ids: readonly string[]): ColumnValue[][] {
  const rows = rowsOf(store, plan.rowsSql, [JSON.stringify(ids)]);
  const byId = new Map(rows.map((row) => [row[0], row]));
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

/** The children that a query's subqueries find for these parents. */
export function selectChildren(
  store: RecordStore,
  plan: QueryPlan,
  parentIds: readonly string[],
  nowMs: number,
): FoundChildren[] {
  const nodes = plan.selection.nodes.filter((node) => node.kind === 'children');
  return nodes.map((node) => findChildren(store, plan, node, parentIds, nowMs));
}

/** The rows with these ids as JSON records, in the order of the ids; with their children, unless those are known. */
export function selectRecords(
  store: RecordStore,
  plan: QueryPlan,
  ids: readonly string[],
  context: ShapeContext,
  children: readonly FoundChildren[] = selectChildren(store, plan, ids, context.nowMs),
): QueryRecord[] {
  return selectColumns(store, plan, ids).map((row) => {
    const id = String(row[0]);
    const record = shapeRecord(plan.object, id, plan.selection.nodes, row, context);
    for (const { name, plan: childPlan, idsOf } of children) {
      const own = idsOf.get(id);
      // A parent without children shows null.
      if (own?.length) record[name] = shapeChildren(store, childPlan, own, context);
    }
    return record;
  });
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

function shapeChildren(
  store: RecordStore,
  plan: QueryPlan,
  ids: readonly string[],
  context: ShapeContext,
): unknown {
  const { paging } = context;
  const records = selectRecords(store, plan, ids.slice(0, paging?.rows), context);
  if (!paging || ids.length <= paging.rows) return { totalSize: ids.length, done: true, records };
  return { totalSize: ids.length, done: false, nextRecordsUrl: paging.keep(plan, ids), records };
}

function findChildren(
  store: RecordStore,
  plan: QueryPlan,
  { name, relationship, query }: ChildrenNode,
  parentIds: readonly string[],
  nowMs: number,
): FoundChildren {
  const { limit = Number.POSITIVE_INFINITY, offset = 0, ...rest } = query;
  const { childSObject, field: lookup } = relationship;
  const child = translateQuery({ ...rest, sObject: childSObject }, plan.soql, {
    nowMs,
    includesDeleted: plan.includesDeleted,
    childOf: { lookup, parentIds },
  });
  const idsOf = new Map<string, string[]>();
  for (const [id, parentId] of rowsOf(store, child.main.sql, child.main.params)) {
    const own = idsOf.get(String(parentId));
    if (own) own.push(String(id));
    else idsOf.set(String(parentId), [String(id)]);
  }
  // LIMIT and OFFSET apply to each parent separately.
  for (const [parentId, own] of idsOf) idsOf.set(parentId, own.slice(offset, offset + limit));
  return { name, plan: child, idsOf };
}

function rowsOf(store: RecordStore, sql: string, params: readonly ColumnValue[]): ColumnValue[][] {
  const statement = store.prepare(sql);
  statement.setReturnArrays(true);
  const rows: unknown[] = statement.all(...params);
  return rows.filter(isRow);
}

/** `setReturnArrays` changes the result's shape, which its type does not reflect. */
const isRow = (row: unknown): row is ColumnValue[] => Array.isArray(row);
