import { type OrderByClause, parseQuery, type Query, type QueryBase } from '@jetstreamapp/soql-parser-js';
import { isText } from '../describe/fields.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findObject, hasRecycleBin } from '../describe/schema.ts';
import { ApiError } from '../errors/api-error.ts';
import { quoted } from '../store/database.ts';
import type { ColumnValue } from '../store/row.ts';
import type { SqlPart } from './comparison.ts';
import { Scope } from './scope.ts';
import { type Selection, selectFields } from './select.ts';
import { malformedQuery, soqlError } from './soql-error.ts';
import { whereToSql } from './where.ts';

/** SOQL's own limits. */
const MAX_SOQL_LENGTH = 100_000;
const MAX_OFFSET = 2_000;

/** A query ready to run. */
export interface QueryPlan {
  readonly object: ObjectDefinition;
  readonly soql: string;
  /** Rows in the recycle bin are seen as well. */
  readonly includesDeleted: boolean;
  /** `rows` selects records; `count` is `COUNT()`; `aggregate` gives one row for each group. */
  readonly kind: 'rows' | 'count' | 'aggregate';
  readonly hasOrder: boolean;
  readonly selection: Selection;
  /** For `aggregate` all columns of the result, else the ids of the rows, in order, and of children's parents. */
  readonly main: SqlPart;
  /** For `rows`: the columns of the rows whose ids come as a JSON array, in no order. */
  readonly rowsSql: string;
}

/** What a translation depends on besides the text. */
export interface TranslationOptions {
  readonly nowMs: number;
  readonly includesDeleted?: boolean;
  /** A further condition on ids, for the children of given parents. */
  readonly childOf?: { readonly lookup: string; readonly parentIds: readonly string[] };
}

/**
 * Translates SOQL into SQL for SQLite. Every value becomes a parameter, every name comes from the schema.
 *
 * What the platform accepts and this refuses as malformed, never ignoring it silently:
 * HAVING; functions other than aggregates and FIELDS() in SELECT, such as toLabel(), and any in WHERE, GROUP BY (ROLLUP
 * and CUBE among them) or ORDER BY; TYPEOF; USING SCOPE; WITH DATA CATEGORY; INCLUDES and EXCLUDES, since no object has
 * a multi-select picklist; date literals of fiscal periods; numbers with an exponent; ALL ROWS. Amounts with a currency,
 * such as USD100, are refused as of the wrong type. FOR VIEW, FOR REFERENCE, FOR UPDATE and WITH SECURITY_ENFORCED are
 * accepted and change nothing.
 *
 * @throws ApiError `MALFORMED_QUERY`, `INVALID_TYPE` or `INVALID_FIELD`, worded as on the wire
 */
export function soqlToSql(soql: string, options: TranslationOptions): QueryPlan {
  if (soql.length > MAX_SOQL_LENGTH) {
    throw new ApiError(400, 'MALFORMED_QUERY', 'SOQL statements cannot be longer than 100000 characters.');
  }
  return translateQuery(parse(soql), soql, options);
}

/** Translates a query that is parsed already; `soql` is the text that errors quote. */
export function translateQuery(
  query: QueryBase & { sObject?: string },
  soql: string,
  options: TranslationOptions,
): QueryPlan {
  const name = query.sObject ?? '';
  const object = findObject(name);
  if (!object) {
    const message = `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`;
    throw soqlError('INVALID_TYPE', soql, name, message);
  }
  refuseWhatIsNotSimulated(query);
  const scope = new Scope(object, soql, query.sObjectAlias);
  const selection = selectFields(query, scope);
  const where = whereSql(query, scope, options);
  const order = orderSql(query.orderBy, scope);
  const limit = limitSql(query);
  // The joins are complete only now that every clause has named its fields.
  const from = scope.fromSql();
  const kind = selection.isCount ? 'count' : selection.isAggregate ? 'aggregate' : 'rows';
  const parent = options.childOf ? `, t0.${quoted(options.childOf.lookup)}` : '';
  const columns = kind === 'aggregate' ? selection.columns.join(', ') : `t0."Id" AS id${parent}`;
  const groups = selection.groups.length > 0 ? ` GROUP BY ${selection.groups.join(', ')}` : '';
  return {
    object,
    soql,
    includesDeleted: options.includesDeleted ?? false,
    kind,
    hasOrder: order !== '',
    selection,
    main: {
      sql: `SELECT ${columns} FROM ${from}${where.sql}${groups}${order}${limit}`,
      params: where.params,
    },
    rowsSql: `SELECT ${selection.columns.join(', ')} FROM ${from} WHERE t0."Id" IN (SELECT value FROM json_each(?))`,
  };
}

function parse(soql: string): Query {
  try {
    return parseQuery(soql);
  } catch (error) {
    const [first = 'unexpected token'] = (error instanceof Error ? error.message : '').split('\n');
    const found = /found[^'‘]*['-]+>?\s*'?([^'<]*)/.exec(first)?.[1]?.trim();
    throw soqlError('MALFORMED_QUERY', soql, found ?? '', `unexpected token: '${found || '<EOF>'}'`);
  }
}

function refuseWhatIsNotSimulated(query: QueryBase): void {
  if (query.having) throw malformedQuery('HAVING is not simulated');
  if (query.usingScope || query.withDataCategory) throw malformedQuery('this clause is not simulated');
  if ((query.offset ?? 0) > MAX_OFFSET) {
    throw new ApiError(400, 'NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  }
}

function whereSql(query: QueryBase, scope: Scope, options: TranslationOptions): SqlPart {
  const conditions: string[] = [];
  const params: ColumnValue[] = [];
  if (hasRecycleBin(scope.object) && !options.includesDeleted) conditions.push('t0."IsDeleted" = 0');
  if (options.childOf) {
    conditions.push(`t0.${quoted(options.childOf.lookup)} IN (SELECT value FROM json_each(?))`);
    params.push(JSON.stringify(options.childOf.parentIds));
  }
  if (query.where) {
    const subquery = (inner: Query): SqlPart => semiJoin(inner, scope.soql, options);
    const part = whereToSql(query.where, { scope, subquery, soql: scope.soql, nowMs: options.nowMs });
    conditions.push(`(${part.sql})`);
    params.push(...part.params);
  }
  return { sql: conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '', params };
}

/** `(SELECT AccountId FROM Contact WHERE …)`: one plain field, nulls left out. */
function semiJoin(query: Query, soql: string, options: TranslationOptions): SqlPart {
  const plan = translateQuery(query, soql, {
    nowMs: options.nowMs,
    includesDeleted: options.includesDeleted ?? false,
  });
  const [column] = plan.selection.flat;
  if (!column || plan.selection.flat.length !== 1 || plan.kind !== 'rows') {
    throw malformedQuery('a semi-join must select one field');
  }
  const inner = plan.main.sql.replace('t0."Id" AS id', `${column.sql} AS value`);
  return { sql: `SELECT value FROM (${inner}) WHERE value IS NOT NULL`, params: plan.main.params };
}

function orderSql(orderBy: OrderByClause | OrderByClause[] | undefined, scope: Scope): string {
  if (!orderBy) return '';
  const clauses = Array.isArray(orderBy) ? orderBy : [orderBy];
  const terms = clauses.map((clause) => {
    if (!('field' in clause)) throw malformedQuery('functions in ORDER BY are not simulated');
    const { item, sql } = scope.resolve(clause.field);
    // Unless the query says otherwise, nulls come first in either direction.
    return `${isText(item.type) ? `fold(${sql})` : sql} ${clause.order ?? 'ASC'} NULLS ${clause.nulls ?? 'FIRST'}`;
  });
  return ` ORDER BY ${terms.join(', ')}`;
}

function limitSql(query: QueryBase): string {
  if (query.limit === undefined && query.offset === undefined) return '';
  // SQLite accepts OFFSET only after a LIMIT; a LIMIT of -1 is none.
  return ` LIMIT ${Number(query.limit ?? -1)} OFFSET ${Number(query.offset ?? 0)}`;
}
