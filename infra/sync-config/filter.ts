import { isValueQueryCondition, parseQuery, type WhereClause } from '@jetstreamapp/soql-parser-js';

/**
 * Why a mapping's filter cannot be used, or nothing if it can. The filter is put in parentheses behind `WHERE`
 * and joined with conditions of our own, so it has to be one condition that cannot get out of them.
 */
export const filterProblem = (filter: string, sObject: string): string | undefined => {
  let query: ReturnType<typeof parseQuery>;
  try {
    query = parseQuery(`SELECT Id FROM ${sObject} WHERE ${filter}`);
  } catch (error) {
    return `is not a SOQL condition${detailOf(error)}`;
  }
  const clauses = Object.keys(query).filter((key) => !CONDITION_ONLY.has(key));
  if (clauses.length > 0) {
    return `must be a condition alone, as it stands behind WHERE; leave out ${clauses.join(', ')}`;
  }
  if (query.where === undefined) return 'must be a condition, as it stands behind WHERE';
  const conditions = conditionsOf(query.where);
  if (conditions.some(isValueQueryCondition)) return 'must not hold a subquery';
  const relative = conditions.flatMap(relativeDatesOf);
  return relative.length === 0
    ? undefined
    : `must not depend on the day it is read (${relative.join(', ')}): records would come and go without being changed, which no sweep sees; compare with a date`;
};

/** What the parser reports of a query that is nothing but our own frame and one condition. */
const CONDITION_ONLY = new Set(['fields', 'sObject', 'where']);

const conditionsOf = (where: WhereClause): NonNullable<WhereClause['left']>[] => [
  ...(where.left === null ? [] : [where.left]),
  ...('right' in where && where.right !== undefined ? conditionsOf(where.right) : []),
];

const RELATIVE = new Set(['DATE_LITERAL', 'DATE_N_LITERAL']);

/** `TODAY`, `LAST_N_DAYS:5` and their like, alone or in a list. */
const relativeDatesOf = (condition: object): string[] => {
  const { literalType, value } = condition as { readonly literalType?: unknown; readonly value?: unknown };
  const types = [literalType].flat();
  return [value].flat().flatMap((one, index) => (RELATIVE.has(String(types[index])) ? [String(one)] : []));
};

/** The parser's own words where they fit a line; a list of all tokens it would have taken helps nobody. */
const detailOf = (error: unknown): string => {
  const [line = ''] = (error instanceof Error ? error.message : '').split('\n', 1);
  return line === '' || line.endsWith(':') ? '' : `: ${line}`;
};
