import { malformedQuery } from './soql-error.ts';

/** What a backslash pair stands for in a SOQL string. Every other pair is an error. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  N: '\n',
  r: '\r',
  R: '\r',
  t: '\t',
  T: '\t',
  b: '\b',
  B: '\b',
  f: '\f',
  F: '\f',
};

/** SOQL's limit for one string in a WHERE clause. */
const MAX_STRING_LENGTH = 4_000;

/**
 * Reads a quoted SOQL string.
 *
 * @throws ApiError `MALFORMED_QUERY` for an escape that SOQL does not know, or a string that is too long
 */
export function readString(literal: string): string {
  return replaceEscapes(literal, (character) => unescapePair(character));
}

/**
 * Turns the pattern of a LIKE into one for SQLite's LIKE with `\` as its escape character: `\%` and `\_` stay
 * literal, and so does a backslash.
 */
export function readLikePattern(literal: string): string {
  return replaceEscapes(literal, (character) => {
    if (character === '%' || character === '_') return `\\${character}`;
    const value = unescapePair(character);
    return value === '\\' ? '\\\\' : value;
  });
}

function replaceEscapes(literal: string, read: (character: string) => string): string {
  if (!literal.startsWith("'") || !literal.endsWith("'") || literal.length < 2) {
    throw malformedQuery(`unexpected token: ${literal}`);
  }
  const inner = literal.slice(1, -1);
  if (inner.length > MAX_STRING_LENGTH) throw malformedQuery('a string in the query is too long');
  return inner.replaceAll(/\\(u[0-9a-fA-F]{4}|[\s\S]?)/g, (_, pair: string) =>
    pair.length === 5 ? String.fromCharCode(Number.parseInt(pair.slice(1), 16)) : read(pair),
  );
}

function unescapePair(character: string): string {
  const value = ESCAPES[character];
  if (value === undefined)
    throw malformedQuery(`Illegal string literal: Invalid string literal, '\\${character}'`);
  return value;
}
