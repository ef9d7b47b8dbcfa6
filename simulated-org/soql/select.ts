import type { FieldFunctionExpression, QueryBase, Subquery } from '@jetstreamapp/soql-parser-js';
import type { FieldDefinition } from '../describe/fields.ts';
import type { ChildRelationship, ObjectDefinition } from '../describe/object-definition.ts';
import { findChildRelationship } from '../describe/schema.ts';
import { quoted } from '../store/database.ts';
import type { FieldReference, Scope } from './scope.ts';
import { malformedQuery, soqlError } from './soql-error.ts';

/** A place in a result row: a value, an address, a parent with places of its own, or a list of children. */
export type ShapeNode =
  | { readonly kind: 'value'; readonly name: string; readonly item: FieldDefinition; readonly column: number }
  | { readonly kind: 'address'; readonly name: string; readonly parts: readonly AddressPart[] }
  | ChildrenNode
  | ParentNode;

/** A list of children, as `(SELECT Id FROM Contacts)` asks for them. */
export interface ChildrenNode {
  readonly kind: 'children';
  readonly name: string;
  readonly relationship: ChildRelationship;
  readonly query: Subquery;
}

/** A parent record inside a row; it is null where the id column is. */
export interface ParentNode {
  readonly kind: 'parent';
  readonly name: string;
  readonly object: ObjectDefinition;
  readonly idColumn: number;
  readonly nodes: ShapeNode[];
}

/** One component of a compound address. */
export interface AddressPart {
  readonly key: string;
  readonly item: FieldDefinition;
  readonly column: number;
}

/** One selected field by its full name, for results that are tables. */
export interface FlatColumn {
  /** Full name in the schema's spelling, such as `Account.Name`. */
  readonly name: string;
  readonly item: FieldDefinition;
  readonly column: number;
  readonly sql: string;
}

/** What a query selects. */
export interface Selection {
  readonly object: ObjectDefinition;
  readonly isCount: boolean;
  readonly isAggregate: boolean;
  readonly columns: string[];
  readonly groups: string[];
  readonly nodes: ShapeNode[];
  readonly flat: FlatColumn[];
  /** For aggregates: the name and field (if the value has its type) of each column. */
  readonly results: { readonly name: string; readonly item: FieldDefinition | undefined }[];
}

/** `FIELDS(ALL)` and `FIELDS(CUSTOM)` need a LIMIT of at most this. */
const MAX_FIELDS_LIMIT = 200;
const AGGREGATES = new Set(['COUNT', 'COUNT_DISTINCT', 'MIN', 'MAX', 'SUM', 'AVG']);

/**
 * Reads the SELECT clause. The first column is always the row's id.
 *
 * @throws ApiError `INVALID_FIELD` or `MALFORMED_QUERY`
 */
export function selectFields(query: QueryBase, scope: Scope): Selection {
  const groups = [query.groupBy ?? []].flat().map((clause) => {
    if (!('field' in clause)) throw malformedQuery('functions in GROUP BY are not simulated');
    return scope.resolve(clause.field);
  });
  const fields = query.fields ?? [];
  const calls = fields.filter((item) => item.type === 'FieldFunctionExpression');
  const isAggregate =
    groups.length > 0 || calls.some(({ functionName }) => AGGREGATES.has(functionName.toUpperCase()));
  const [only] = calls;
  const isCount =
    fields.length === 1 && only?.functionName.toUpperCase() === 'COUNT' && only.parameters.length === 0;
  const selection: Selection = {
    object: scope.object,
    isCount,
    isAggregate: isAggregate && !isCount,
    columns: isAggregate ? [] : ['t0."Id"'],
    groups: groups.map(({ sql }) => sql),
    nodes: [],
    flat: [],
    results: [],
  };
  if (isCount) return selection;
  for (const item of fields) {
    if (item.type === 'FieldTypeof') throw malformedQuery('TYPEOF is not simulated');
    if (item.type === 'FieldSubquery') {
      selection.nodes.push(readSubquery(item.subquery, scope));
    } else if (item.type === 'FieldFunctionExpression') {
      selectCall(item, query, scope, selection);
    } else {
      const path =
        item.type === 'FieldRelationship' ? [...item.relationships, item.field].join('.') : item.field;
      selectPath(path, 'alias' in item ? item.alias : undefined, scope, selection);
    }
  }
  return selection;
}

function readSubquery(query: Subquery, scope: Scope): ChildrenNode {
  const relationship = findChildRelationship(scope.object, query.relationshipName);
  if (relationship) return { kind: 'children', name: relationship.relationshipName, relationship, query };
  const message = `Didn't understand relationship '${query.relationshipName}' in FROM part of query call.`;
  throw soqlError('INVALID_TYPE', scope.soql, query.relationshipName, message);
}

function selectPath(path: string, alias: string | undefined, scope: Scope, selection: Selection): void {
  const reference = scope.resolve(path);
  const name = [
    ...reference.parents.map(({ relationshipName }) => relationshipName),
    reference.item.name,
  ].join('.');
  if (selection.isAggregate) {
    if (!selection.groups.includes(reference.sql)) {
      throw soqlError('MALFORMED_QUERY', scope.soql, path, `Field must be grouped or aggregated: ${name}`);
    }
    selection.columns.push(reference.sql);
    selection.results.push({ name: alias ?? reference.item.name, item: reference.item });
    return;
  }
  if (selection.flat.some((column) => column.name === name)) {
    throw soqlError('INVALID_FIELD', scope.soql, path, `duplicate field selected: ${name}`);
  }
  addReference(reference, name, selection);
}

function addReference(reference: FieldReference, fullName: string, selection: Selection): void {
  let nodes = selection.nodes;
  let object: ObjectDefinition | undefined;
  let tableAlias = 't0';
  for (const parent of reference.parents) {
    object = parent.object;
    tableAlias = parent.tableAlias;
    const known = nodes.find(
      (node): node is ParentNode => node.kind === 'parent' && node.name === parent.relationshipName,
    );
    const node: ParentNode = known ?? {
      kind: 'parent',
      name: parent.relationshipName,
      object: parent.object,
      idColumn: selection.columns.push(`${parent.tableAlias}."Id"`) - 1,
      nodes: [],
    };
    if (!known) nodes.push(node);
    nodes = node.nodes;
  }
  const { item } = reference;
  if (item.type === 'address') {
    nodes.push({
      kind: 'address',
      name: item.name,
      parts: addressParts(item, object, tableAlias, selection),
    });
    selection.flat.push({ name: fullName, item, column: -1, sql: 'NULL' });
    return;
  }
  const column = selection.columns.push(reference.sql) - 1;
  nodes.push({ kind: 'value', name: item.name, item, column });
  selection.flat.push({ name: fullName, item, column, sql: reference.sql });
}

function addressParts(
  compound: FieldDefinition,
  object: ObjectDefinition | undefined,
  tableAlias: string,
  selection: Selection,
): AddressPart[] {
  const prefix = compound.name.replace(/Address$/, '');
  const source = object ?? selection.object;
  const parts = source.fields.filter(({ compoundFieldName }) => compoundFieldName === compound.name);
  return parts
    .map((item) => ({
      key:
        item.name.slice(prefix.length, prefix.length + 1).toLowerCase() + item.name.slice(prefix.length + 1),
      item,
      column: selection.columns.push(`${tableAlias}.${quoted(item.name)}`) - 1,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function selectCall(
  call: FieldFunctionExpression,
  query: QueryBase,
  scope: Scope,
  selection: Selection,
): void {
  const name = call.functionName.toUpperCase();
  const [parameter] = call.parameters;
  if (name === 'FIELDS' && typeof parameter === 'string') {
    selectAll(parameter, query, scope, selection);
    return;
  }
  if (!AGGREGATES.has(name)) throw malformedQuery(`the function ${call.functionName} is not simulated`);
  const alias =
    call.alias ?? `expr${selection.results.filter((result) => result.name.startsWith('expr')).length}`;
  if (parameter !== undefined && typeof parameter !== 'string')
    throw malformedQuery('nested functions are not simulated');
  const reference = parameter === undefined ? undefined : scope.resolve(parameter);
  const inner = reference?.sql ?? '*';
  const sql = name === 'COUNT_DISTINCT' ? `COUNT(DISTINCT ${inner})` : `${name}(${inner})`;
  selection.columns.push(sql);
  selection.results.push({
    name: alias,
    item: name === 'MIN' || name === 'MAX' ? reference?.item : undefined,
  });
}

function selectAll(group: string, query: QueryBase, scope: Scope, selection: Selection): void {
  const wanted = group.toUpperCase();
  if (wanted !== 'STANDARD' && !((query.limit ?? Number.POSITIVE_INFINITY) <= MAX_FIELDS_LIMIT)) {
    throw malformedQuery(`The SOQL FIELDS function must have a LIMIT of at most ${MAX_FIELDS_LIMIT}`);
  }
  for (const item of scope.object.fields) {
    const isCustom = item.name.endsWith('__c');
    if (wanted === 'ALL' || isCustom === (wanted === 'CUSTOM'))
      selectPath(item.name, undefined, scope, selection);
  }
}
