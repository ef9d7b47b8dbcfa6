import { ApiError } from '../errors/api-error.ts';

/**
 * The refusal of a query as the platform words it: the query with a caret under the offending word, its place, and
 * what is wrong.
 */
export function soqlError(errorCode: string, soql: string, word: string, message: string): ApiError {
  const found = word === '' ? -1 : soql.toLowerCase().indexOf(word.toLowerCase());
  if (found < 0) return new ApiError(400, errorCode, message);
  const around = soql.slice(Math.max(0, found - 30), found + word.length + 30).replaceAll(/\s/g, ' ');
  const caret = `${' '.repeat(Math.min(found, 30))}^`;
  const place = `ERROR at Row:1:Column:${found + 1}`;
  return new ApiError(400, errorCode, `\n${around}\n${caret}\n${place}\n${message}`);
}

/** The refusal of a query that does not parse. */
export function malformedQuery(message: string): ApiError {
  return new ApiError(400, 'MALFORMED_QUERY', message);
}
