import { SoqlError } from './literals.ts';
import {
  encodeSoql,
  Soql,
  type SoqlQuery,
  type SoqlScalar,
  type SoqlValue,
  scalarLiteral,
  soql,
} from './soql.ts';

/**
 * How long a query may be in an address, percent-encoded. The platform takes 16,384 bytes of request line and headers
 * together, and a token alone can be thousands of bytes long.
 * @see App Limits Cheat Sheet, "URI length"
 */
export const MAX_QUERY_BYTES = 12_000;

/** Functions of several records: each chunk would have only some of the records. */
const AGGREGATE = /\b(?:COUNT|COUNT_DISTINCT|SUM|AVG|MIN|MAX)\s*\(/i;
/** Words beside or around the list because of which the chunks together would not give the whole result. */
const INDIVISIBLE = /\b(?:NOT|OR|LIMIT|OFFSET|GROUP\s+BY|SELECT\b.*\bSELECT)\b/is;
const BEFORE_LIST = /\bIN\s*$/i;
/** `%2C`, the comma between two values. */
const COMMA_BYTES = 3;

/**
 * Builds queries that together ask for a list of any length, each short enough for a request line:
 *
 *     for (const query of soqlChunks`SELECT Id, Name FROM Contact WHERE Email IN ${emails}`) ...
 *
 * Equal values are asked for once, so that a record comes once. It comes twice if the list has two spellings that the
 * platform treats as equal: in different case, or an id of 15 and of 18 characters (`id` makes them equal). ORDER BY
 * sorts each chunk alone. An empty list yields no query.
 *
 * @throws SoqlError unless there is exactly one list, after `IN`; for `NOT` and `OR` beside or around the list (put
 *   conditions that do not concern it into brackets), limits, aggregates and a list inside a subquery, because the
 *   chunks would not add up; for a value that is too long by itself; and where `soql` throws
 */
export function* soqlChunks(
  strings: TemplateStringsArray,
  ...values: readonly SoqlValue[]
): Generator<SoqlQuery, void, void> {
  const place = listPlace(strings, values);
  const list = values[place] as readonly SoqlScalar[];
  const build = (chunk: readonly Soql[]) => soql(strings, ...values.with(place, chunk));
  const literals = [...new Set(Array.from(list, scalarLiteral))].map((text) => new Soql(text));
  const [first] = literals;
  if (first === undefined) return;
  const frameBytes = encodedBytes(build([first])) - encodedBytes(first);
  if (frameBytes >= MAX_QUERY_BYTES)
    throw new SoqlError('The query around the list is too long for a request line');
  let chunk: Soql[] = [];
  let chunkBytes = frameBytes;
  for (const literal of literals) {
    const bytes = encodedBytes(literal) + COMMA_BYTES;
    if (frameBytes + bytes > MAX_QUERY_BYTES) throw new SoqlError('A value is too long for a request line');
    if (chunkBytes + bytes > MAX_QUERY_BYTES) {
      yield build(chunk);
      chunk = [];
      chunkBytes = frameBytes;
    }
    chunk.push(literal);
    chunkBytes += bytes;
  }
  yield build(chunk);
}

function listPlace(strings: TemplateStringsArray, values: readonly SoqlValue[]): number {
  const places = values.flatMap((value, index) => (Array.isArray(value) ? [index] : []));
  const [place] = places;
  if (place === undefined || places.length > 1)
    throw new SoqlError('A query in chunks needs exactly one list');
  if (!BEFORE_LIST.test(strings[place] ?? ''))
    throw new SoqlError('The list of a query in chunks must follow IN');
  const query = withoutTexts(Soql.textOf(soql(strings, ...values.with(place, new Soql(LIST)))));
  if (AGGREGATE.test(query) || INDIVISIBLE.test(roundTheList(query)))
    throw new SoqlError(
      'A query in chunks cannot have NOT, OR, limits, aggregates or subqueries around its list; put conditions beside the list into brackets',
    );
  return place;
}

/** Marks the place of the list; values cannot contain it, because control characters are escaped. */
const LIST = '\0';

/** The query with empty texts, since words inside quotes are not part of its grammar. One that is never closed ends it. */
const withoutTexts = (query: string): string => query.replaceAll(/'(?:\\.|[^'\\])*(?:'|\\?$)/gs, "''");

/** A query without the brackets that do not contain its list: their conditions concern each record alone. */
function roundTheList(query: string): string {
  const withoutList = new RegExp(`\\([^()${LIST}]*\\)`, 'g');
  let rest = query;
  for (let longer = ''; longer !== rest; ) {
    longer = rest;
    rest = rest.replaceAll(withoutList, ' ');
  }
  return rest;
}

/** Its length in an address, where every character is ASCII. */
const encodedBytes = (piece: Soql): number => encodeSoql(piece).length;
