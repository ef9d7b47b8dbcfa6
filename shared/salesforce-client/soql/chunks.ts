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

/** Functions over several records, of which each chunk has only some. */
const AGGREGATE = /\b(?:COUNT|COUNT_DISTINCT|SUM|AVG|MIN|MAX)\s*\(/i;
/** What makes the whole another than its chunks together, if it stands beside the list or round it. */
const INDIVISIBLE = /\b(?:NOT|OR|LIMIT|OFFSET|GROUP\s+BY|SELECT\b.*\bSELECT)\b/is;
const BEFORE_LIST = /\bIN\s*$/i;
/** `%2C`, the comma between two values. */
const COMMA_BYTES = 3;

/**
 * Builds queries that together ask for a list of any length, each short enough for a request line:
 *
 *     for (const query of soqlChunks`SELECT Id, Name FROM Contact WHERE Email IN ${emails}`) ...
 *
 * Values that are equal letter by letter are asked for once, so a record comes once, unless the list has two spellings
 * of what the platform takes for the same: of different case, or an id of 15 and of 18 characters (`id` makes them
 * one). Each chunk has an order of its own. An empty list yields no query.
 *
 * @throws SoqlError unless exactly one list stands there, behind `IN`; for what does not hold over chunks: `NOT` and
 *   `OR` beside the list or round it (brackets keep those apart that do not concern it), limits, aggregates, a list
 *   inside a subquery; for a value that alone is too long; and whatever `soql` throws for
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
    throw new SoqlError('The query round the list is too long for a request line');
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
  if (place === undefined || places.length > 1) throw new SoqlError('Chunks are cut of exactly one list');
  if (!BEFORE_LIST.test(strings[place] ?? '')) throw new SoqlError('The list of chunks stands behind IN');
  const query = withoutTexts(Soql.textOf(soql(strings, ...values.with(place, new Soql(LIST)))));
  if (AGGREGATE.test(query) || INDIVISIBLE.test(roundTheList(query)))
    throw new SoqlError(
      'NOT, OR, limits, aggregates and subqueries do not hold over chunks; put conditions beside the list into brackets',
    );
  return place;
}

/** Stands for the list; no value can bring one in, since controls are escaped. */
const LIST = '\0';

/** Words inside quotes are no words of the query. */
const withoutTexts = (query: string): string => query.replaceAll(/'(?:\\.|[^'\\])*'/gs, "''");

/** A query without the brackets that do not hold its list: what is in those concerns each record alone. */
function roundTheList(query: string): string {
  const withoutList = new RegExp(`\\([^()${LIST}]*\\)`, 'g');
  let rest = query;
  for (let longer = ''; longer !== rest; ) {
    longer = rest;
    rest = rest.replaceAll(withoutList, ' ');
  }
  return rest;
}

/** In an address; every character of it is ASCII then. */
const encodedBytes = (piece: Soql): number => encodeSoql(piece).length;
