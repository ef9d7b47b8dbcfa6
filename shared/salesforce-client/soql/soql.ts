import {
  dateLiteral,
  dateTimeLiteral,
  idLiteral,
  numberLiteral,
  patternLiteral,
  SoqlError,
  stringLiteral,
} from './literals.ts';

/** SOQL guide: a statement's length. */
const MAX_QUERY_CHARS = 100_000;

/** A longer list is a mistake: it would exceed the length of a query. */
const MAX_LIST_VALUES = 10_000;

/**
 * A piece of SOQL that was built from checked parts. Nothing else can be sent as a query, or become part of one
 * unescaped. Only this folder makes pieces.
 */
export class Soql {
  readonly #text: string;

  /** @internal use `soql`, `identifier` or their companions */
  constructor(text: string) {
    if (text.length > MAX_QUERY_CHARS)
      throw new SoqlError(`A query has at most ${MAX_QUERY_CHARS} characters`);
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  /** The text of a piece, even if somebody replaced its `toString`. */
  static textOf(piece: Soql): string {
    return piece.#text;
  }

  /** Whether a value is a real piece, and not an object that looks like one. */
  static is(value: unknown): value is Soql {
    return typeof value === 'object' && value !== null && #text in value;
  }
}

/** A whole statement, as it is sent. */
export type SoqlQuery = Soql;

/** One value. */
export type SoqlScalar = string | number | boolean | null | Date | Soql;
/** What a template may insert. A list becomes `('a','b')`, for `IN`. */
export type SoqlValue = SoqlScalar | readonly SoqlScalar[];

/**
 * Builds SOQL: `soql`SELECT Id FROM Contact WHERE Email = ${email}``. Each value becomes a literal of its type: text
 * is quoted and escaped, a `Date` is a datetime in UTC, a list stands in brackets. Names come from `identifier`, and a
 * piece of SOQL may contain other pieces.
 *
 * @throws SoqlError for a value that has no literal, an empty list, a value inside quotes, or more than 100,000
 *   characters
 */
export function soql(strings: TemplateStringsArray, ...values: readonly SoqlValue[]): Soql {
  // The parts of a template in source code are frozen; an array that was made at run time is not.
  if (!Object.isFrozen(strings)) throw new SoqlError('A query is written as a template: soql`…`');
  let text = '';
  let isQuoted = false;
  for (const [index, part] of strings.entries()) {
    text += part;
    isQuoted = endsQuoted(part, isQuoted);
    if (index >= values.length) break;
    if (isQuoted) throw new SoqlError('A value brings its own quotes: remove those around it');
    text += toLiteral(values[index]);
  }
  if (isQuoted) throw new SoqlError('The query ends inside quotes');
  return new Soql(text);
}

/** Joins pieces by a separator, such as `, ` or ` AND `. */
export function joinSoql(pieces: readonly Soql[], separator: (typeof SEPARATORS)[number]): Soql {
  if (!SEPARATORS.includes(separator)) throw new SoqlError('Pieces are joined by a comma, AND or OR');
  return new Soql(Array.from(pieces, pieceText).join(separator));
}

const SEPARATORS = [', ', ' AND ', ' OR '] as const;

/** The text of a piece. A value from outside is not a piece, whatever its static type says. */
function pieceText(piece: Soql): string {
  if (!Soql.is(piece)) throw new SoqlError('Pieces are made by soql, identifier and their companions');
  return Soql.textOf(piece);
}

/**
 * Words that would change the structure of a statement if they stood in the place of a name. `Order`, `Group` and
 * `Case` are missing, because sObjects have these names.
 */
const RESERVED = new Set(
  (
    'and or not null true false select from where like in includes excludes having with using typeof ' +
    'as asc desc nulls first last by limit offset for update end when then else'
  ).split(' '),
);
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,79}$/;
/** SOQL guide: five levels of relationships, and the field. */
const MAX_NAME_PARTS = 6;

/** A field, a path of relationships to a field, or an sObject, by API name. Names enter a query only this way. */
export function identifier(name: string): Soql {
  const parts = typeof name === 'string' ? name.split('.') : [''];
  const isName = parts.every((part) => NAME.test(part) && !RESERVED.has(part.toLowerCase()));
  if (!isName || parts.length > MAX_NAME_PARTS) throw new SoqlError('A name in a query must be an API name');
  return new Soql(name);
}

/**
 * A pattern for `LIKE`: `soql`... LIKE ${like`${prefix}%`}``. `%` and `_` are wildcards in the template itself, and
 * plain characters in values.
 *
 * @throws SoqlError for more than 4,000 characters, and for a value that is not text
 */
export function like(strings: TemplateStringsArray, ...values: readonly string[]): Soql {
  // Without the value the pattern would be wildcards alone, and find everything.
  if (!values.every((value) => typeof value === 'string')) throw new SoqlError('A pattern is made of text');
  const parts = strings.flatMap((text, index) => [
    { text, isPlain: false },
    { text: values[index] ?? '', isPlain: true },
  ]);
  return new Soql(patternLiteral(parts));
}

/** A record's id of 15 or 18 characters. */
export const id = (text: string): Soql => new Soql(idLiteral(text));

/** A calendar day, `yyyy-mm-dd`, for date fields. */
export const date = (text: string): Soql => new Soql(dateLiteral(text));

/** A point in time, ISO 8601 with a zone, for datetime fields. */
export const dateTime = (text: string): Soql => new Soql(dateTimeLiteral(text));

/**
 * A condition in brackets. It was written into the configuration and checked there; never pass text of a user.
 *
 * @throws SoqlError unless its quotes and brackets are balanced, so that it cannot end the brackets around it
 */
export function trustedCondition(text: string): Soql {
  if (typeof text !== 'string') throw new SoqlError('A condition is text');
  let depth = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isQuoted && character === '\\') index += 1;
    else if (character === "'") isQuoted = !isQuoted;
    else if (!isQuoted && character === '(') depth += 1;
    else if (!isQuoted && character === ')') depth -= 1;
    if (depth < 0) break;
  }
  if (depth !== 0 || isQuoted) throw new SoqlError('The quotes and brackets of a condition must be balanced');
  return new Soql(`(${text})`);
}

/** A piece as part of an address. Quotes are encoded too, as URL parsers would do later, so that its length is known here. */
export const encodeSoql = (piece: Soql): string =>
  encodeURIComponent(Soql.textOf(piece)).replaceAll("'", '%27');

/** The literal of a value. */
function toLiteral(value: SoqlValue | undefined): string {
  if (!Array.isArray(value)) return scalarLiteral(value as SoqlScalar);
  if (value.length === 0) throw new SoqlError('A list in a query needs at least one value');
  if (value.length > MAX_LIST_VALUES)
    throw new SoqlError(`A list in a query has at most ${MAX_LIST_VALUES} values`);
  return `(${Array.from(value, scalarLiteral).join(',')})`;
}

/** The literal of a single value. */
export function scalarLiteral(value: SoqlScalar): string {
  if (value === null) return 'null';
  if (Soql.is(value)) return Soql.textOf(value);
  if (value instanceof Date) return dateTimeLiteral(value);
  switch (typeof value) {
    case 'string':
      return stringLiteral(value);
    case 'number':
      return numberLiteral(value);
    case 'boolean':
      return String(value);
    default:
      throw new SoqlError(`A ${typeof value} cannot stand in a query`);
  }
}

/** Whether a template's own text ends inside a quoted string. */
function endsQuoted(part: string, startsQuoted: boolean): boolean {
  let isQuoted = startsQuoted;
  for (let index = 0; index < part.length; index += 1) {
    if (isQuoted && part[index] === '\\') index += 1;
    else if (part[index] === "'") isQuoted = !isQuoted;
  }
  return isQuoted;
}
