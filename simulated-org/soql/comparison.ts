import { isNumber, isText } from '../describe/fields.ts';
import { ApiError } from '../errors/api-error.ts';
import { parseId } from '../org/ids.ts';
import type { ColumnValue } from '../store/row.ts';
import { isRealDay, toStoredDatetime } from '../store/values.ts';
import { dateLiteralRange } from './date-literals.ts';
import { readLikePattern, readString } from './literals.ts';
import type { FieldReference } from './scope.ts';
import { soqlError } from './soql-error.ts';

/** A piece of SQL whose values are parameters. */
export interface SqlPart {
  readonly sql: string;
  readonly params: readonly ColumnValue[];
}

/** One literal of a query, as the parser found it. */
export interface Literal {
  readonly type: string;
  readonly text: string;
  /** The `n` of a counted date literal. */
  readonly count: number;
}

/** What a comparison needs besides its two sides. */
export interface ComparisonContext {
  readonly soql: string;
  readonly nowMs: number;
}

/**
 * Compares a field as SOQL does: text without regard to case, null as a value of its own (`!= 'x'` is true of
 * null), so that NOT never meets SQL's unknown.
 *
 * @throws ApiError `INVALID_FIELD` for a literal of another type
 */
export function compare(
  field: FieldReference,
  operator: string,
  literal: Literal,
  context: ComparisonContext,
): SqlPart {
  if (field.item.type === 'address') {
    throw soqlError(
      'INVALID_FIELD',
      context.soql,
      field.item.name,
      `field '${field.item.name}' can not be filtered in a query call`,
    );
  }
  if (operator === 'LIKE') return like(field, literal);
  if (literal.type.startsWith('DATE_')) return compareWithRange(field, operator, literal, context);
  const value = readLiteral(field, literal, context);
  const { sql, place } = operands(field);
  if (operator === '=') return { sql: `${sql} IS ${place}`, params: [value] };
  if (operator === '!=' || operator === '<>') return { sql: `${sql} IS NOT ${place}`, params: [value] };
  return { sql: `(${sql} IS NOT NULL AND ${sql} ${operator} ${place})`, params: [value] };
}

/** `IN` and `NOT IN` a list of literals. */
export function isAmong(
  field: FieldReference,
  isNegated: boolean,
  literals: readonly Literal[],
  context: ComparisonContext,
): SqlPart {
  const values = literals.map((literal) => readLiteral(field, literal, context));
  const { sql, place } = operands(field);
  const params = values.filter((value) => value !== null);
  const places = params.map(() => place).join(', ');
  const orNull = params.length < values.length ? ` OR ${sql} IS NULL` : '';
  const among = `((${sql} IS NOT NULL AND ${sql} IN (${places}))${orNull})`;
  return { sql: isNegated ? `NOT ${among}` : among, params };
}

/** The column and the parameter in the form in which they are compared. */
function operands(field: FieldReference): { sql: string; place: string } {
  const isFolded = isText(field.item.type) && !field.item.caseSensitive;
  return isFolded ? { sql: `fold(${field.sql})`, place: 'fold(?)' } : { sql: field.sql, place: '?' };
}

function like(field: FieldReference, literal: Literal): SqlPart {
  if (!isText(field.item.type) || literal.type !== 'STRING') {
    throw new ApiError(400, 'INVALID_FIELD', `invalid operator on ${field.item.type} field`);
  }
  // SQLite's own LIKE ignores case for ASCII; folding both sides extends that to every letter.
  const pattern = readLikePattern(literal.text);
  if (pattern === '') return { sql: `${field.sql} IS NULL`, params: [] };
  const sql = `(${field.sql} IS NOT NULL AND fold(${field.sql}) LIKE fold(?) ESCAPE '\\')`;
  return { sql, params: [pattern] };
}

function readLiteral(field: FieldReference, literal: Literal, context: ComparisonContext): ColumnValue {
  const { type } = field.item;
  if (literal.type === 'NULL') return null;
  if (isText(type)) {
    if (literal.type !== 'STRING') throw wrongType(field, context, 'string and should be enclosed in quotes');
    const value = readString(literal.text);
    return value === '' ? null : value;
  }
  if (type === 'id' || type === 'reference') return readId(field, literal, context);
  if (literal.type === 'STRING') {
    throw wrongType(field, context, `${soqlType(type)} and should not be enclosed in quotes`);
  }
  if (type === 'boolean' && literal.type === 'BOOLEAN') return literal.text.toUpperCase() === 'TRUE' ? 1 : 0;
  if (isNumber(type) && (literal.type === 'INTEGER' || literal.type === 'DECIMAL'))
    return Number(literal.text);
  if (type === 'date' && literal.type === 'DATE') {
    if (!isRealDay(literal.text)) throw noSuchTime(context, literal);
    return literal.text;
  }
  if (type === 'datetime' && literal.type === 'DATETIME') {
    const epochMs = isRealDay(literal.text.slice(0, 10)) ? Date.parse(literal.text) : Number.NaN;
    if (Number.isNaN(epochMs)) throw noSuchTime(context, literal);
    return toStoredDatetime(epochMs);
  }
  throw wrongType(field, context, `${soqlType(type)} and should not be enclosed in quotes`);
}

function readId(field: FieldReference, literal: Literal, context: ComparisonContext): ColumnValue {
  if (literal.type !== 'STRING') throw wrongType(field, context, 'string and should be enclosed in quotes');
  const text = readString(literal.text);
  if (text === '') return null;
  const id = parseId(text);
  if (!id)
    throw soqlError(
      'INVALID_QUERY_FILTER_OPERATOR',
      context.soql,
      field.item.name,
      `invalid ID field: ${text}`,
    );
  return id;
}

function compareWithRange(
  field: FieldReference,
  operator: string,
  literal: Literal,
  context: ComparisonContext,
): SqlPart {
  const { type } = field.item;
  if (type !== 'date' && type !== 'datetime') throw wrongType(field, context, soqlType(type));
  const range = dateLiteralRange(literal.text, literal.count, context.nowMs);
  if (!range) throw new ApiError(400, 'MALFORMED_QUERY', `date literal ${literal.text} is not simulated`);
  const write = (epochMs: number): string =>
    toStoredDatetime(epochMs).slice(0, type === 'date' ? 10 : undefined);
  const [start, end] = [write(range.start), write(range.end)];
  const { sql } = field;
  const known = `${sql} IS NOT NULL AND`;
  const inside = { sql: `(${known} ${sql} >= ? AND ${sql} < ?)`, params: [start, end] };
  switch (operator) {
    case '=':
      return inside;
    case '!=':
      return { sql: `NOT ${inside.sql}`, params: inside.params };
    case '<':
      return { sql: `(${known} ${sql} < ?)`, params: [start] };
    case '<=':
      return { sql: `(${known} ${sql} < ?)`, params: [end] };
    case '>':
      return { sql: `(${known} ${sql} >= ?)`, params: [end] };
    default:
      return { sql: `(${known} ${sql} >= ?)`, params: [start] };
  }
}

function noSuchTime({ soql }: ComparisonContext, { type, text }: Literal): ApiError {
  return soqlError('MALFORMED_QUERY', soql, text, `Invalid ${type.toLowerCase()}: ${text}`);
}

function wrongType(field: FieldReference, context: ComparisonContext, wanted: string): ApiError {
  const message = `value of filter criterion for field '${field.item.name}' must be of type ${wanted}`;
  return soqlError('INVALID_FIELD', context.soql, field.item.name, message);
}

const soqlType = (type: string): string => (type === 'datetime' ? 'dateTime' : type);
