import type { Condition, Query, ValueQueryCondition, WhereClause } from '@jetstreamapp/soql-parser-js';
import type { ColumnValue } from '../store/row.ts';
import { type ComparisonContext, compare, isAmong, type Literal, type SqlPart } from './comparison.ts';
import type { Scope } from './scope.ts';
import { malformedQuery } from './soql-error.ts';

/** Longer chains of AND or OR are split in halves. */
const MAX_CHAIN = 100;

type Token = '(' | ')' | 'AND' | 'OR' | 'NOT' | SqlPart;

/** What a WHERE clause needs from the query around it. */
export interface WhereContext extends ComparisonContext {
  readonly scope: Scope;
  /** Translates the query of a semi-join into one that selects its single field. */
  readonly subquery: (query: Query) => SqlPart;
}

/**
 * Translates a WHERE clause. All values become parameters; the SQL text holds names of the schema only.
 *
 * @throws ApiError `MALFORMED_QUERY` when AND and OR meet without parentheses between them
 */
export function whereToSql(where: WhereClause, context: WhereContext): SqlPart {
  const tokens = tokenize(where, context);
  const params: ColumnValue[] = [];
  const sql = parseJunction(tokens, params);
  if (tokens.length > 0) throw malformedQuery('unexpected token in the WHERE clause');
  return { sql, params };
}

/** The parser returns a chain whose links count their parentheses; this turns the counts into tokens. */
function tokenize(where: WhereClause, context: WhereContext): Token[] {
  const tokens: Token[] = [];
  let clause: WhereClause | undefined = where;
  while (clause) {
    const { left } = clause;
    if (left && 'operator' in left) {
      tokens.push(...Array<Token>(left.openParen ?? 0).fill('('), translate(left, context));
      tokens.push(...Array<Token>(left.closeParen ?? 0).fill(')'));
    } else if (left?.openParen) {
      tokens.push(...Array<Token>(left.openParen).fill('('));
    }
    const next: { operator: 'AND' | 'OR' | 'NOT'; right: WhereClause } | undefined =
      'operator' in clause ? clause : undefined;
    if (next) tokens.push(next.operator);
    clause = next?.right;
  }
  return tokens;
}

function parseJunction(tokens: Token[], params: ColumnValue[]): string {
  const parts = [parseTerm(tokens, params)];
  let joiner: Token | undefined;
  while (tokens[0] === 'AND' || tokens[0] === 'OR') {
    const operator = tokens.shift();
    if (joiner !== undefined && joiner !== operator)
      throw malformedQuery(`unexpected token: '${String(operator)}'`);
    joiner = operator;
    parts.push(parseTerm(tokens, params));
  }
  return joinFlat(parts, joiner === 'OR' ? ' OR ' : ' AND ');
}

/** SQLite nests a chain one level deeper with each link, and takes no more than a thousand levels. */
function joinFlat(parts: readonly string[], operator: string): string {
  if (parts.length <= MAX_CHAIN) return parts.join(operator);
  const middle = Math.ceil(parts.length / 2);
  const halves = [parts.slice(0, middle), parts.slice(middle)];
  return halves.map((half) => `(${joinFlat(half, operator)})`).join(operator);
}

function parseTerm(tokens: Token[], params: ColumnValue[]): string {
  const token = tokens.shift();
  if (token === 'NOT') return `NOT (${parseTerm(tokens, params)})`;
  if (token === '(') {
    const inner = parseJunction(tokens, params);
    if (tokens.shift() !== ')') throw malformedQuery('expecting a right parentheses');
    return `(${inner})`;
  }
  if (typeof token !== 'object') throw malformedQuery(`unexpected token: '${token ?? '<EOF>'}'`);
  params.push(...token.params);
  return token.sql;
}

function translate(condition: Condition | ValueQueryCondition, context: WhereContext): SqlPart {
  if (!('field' in condition)) throw malformedQuery('functions in a WHERE clause are not simulated');
  const field = context.scope.resolve(condition.field);
  const { operator } = condition;
  if ('valueQuery' in condition) {
    const inner = context.subquery(condition.valueQuery);
    const among = `(${field.sql} IS NOT NULL AND ${field.sql} IN (${inner.sql}))`;
    return { sql: operator === 'NOT IN' ? `NOT ${among}` : among, params: inner.params };
  }
  const literals = readLiterals(condition);
  if (operator === 'IN' || operator === 'NOT IN')
    return isAmong(field, operator === 'NOT IN', literals, context);
  if (operator === 'INCLUDES' || operator === 'EXCLUDES')
    throw malformedQuery(`unexpected token: '${operator}'`);
  const [literal] = literals;
  if (!literal) throw malformedQuery('a value is missing in the WHERE clause');
  return compare(field, operator, literal, context);
}

function readLiterals(
  condition: Exclude<Condition, { openParen: number }> & { value: string | string[] },
): Literal[] {
  const texts = Array.isArray(condition.value) ? condition.value : [condition.value];
  const types = condition.literalType;
  const counts = 'dateLiteralVariable' in condition ? condition.dateLiteralVariable : 0;
  return texts.map((text, index) => ({
    text,
    type: (Array.isArray(types) ? types[index] : types) ?? 'STRING',
    count: (Array.isArray(counts) ? counts[index] : counts) ?? 0,
  }));
}
