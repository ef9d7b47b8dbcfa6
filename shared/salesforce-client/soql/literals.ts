import { parseId } from '../../contracts/salesforce-id.ts';
import { isCalendarDay } from '../../contracts/time.ts';
import { decimalText } from '../numbers.ts';
import { toIso } from '../times.ts';

/** A query that cannot be built. The message never quotes a value. */
export class SoqlError extends TypeError {
  constructor(message: string) {
    super(message);
    this.name = 'SoqlError';
  }
}

/** SOQL guide: "strings in a WHERE clause" hold at most this many characters. */
const MAX_STRING_CHARS = 4_000;

/** A map, because the prototype of an object could be polluted. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\', '\\\\'],
  ["'", "\\'"],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
  ['\f', '\\f'],
]);

/** Characters that would end a literal or cannot be sent as they are: controls, line separators, lone surrogates. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what it looks for
  /[\\'\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The characters of a string between its quotes. */
const escapeText = (text: string): string =>
  text.replace(
    UNSAFE,
    (character) => ESCAPES.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A quoted string. */
export const stringLiteral = (text: string): string => `'${escapeText(bounded(text))}'`;

/** A quoted pattern for `LIKE`, of parts in which `%` and `_` are wildcards and parts in which they are not. */
export function patternLiteral(
  parts: readonly { readonly text: string; readonly isPlain: boolean }[],
): string {
  bounded(parts.map(({ text }) => text).join(''));
  const escaped = parts.map(({ text, isPlain }) =>
    isPlain ? escapeText(text).replaceAll(/[%_]/g, '\\$&') : escapeText(text),
  );
  return `'${escaped.join('')}'`;
}

function bounded(text: string): string {
  if (text.length <= MAX_STRING_CHARS) return text;
  throw new SoqlError(`A string in a query has at most ${MAX_STRING_CHARS} characters`);
}

/** Without an exponent: it is not documented whether SOQL reads its plus sign. */
export function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new SoqlError('A number in a query must be finite');
  return decimalText(value);
}

/** Salesforce's dates reach from 1700 to 4000. */
const DATE = /^(?:1[7-9]|[23]\d)\d{2}-\d{2}-\d{2}$|^4000-\d{2}-\d{2}$/;

/** A calendar day, unquoted. */
export function dateLiteral(text: string): string {
  if (DATE.test(text) && isCalendarDay(text)) return text;
  throw new SoqlError('A date in a query is yyyy-mm-dd, a real day between the years 1700 and 4000');
}

/** A point in time, unquoted. Text needs a zone; the result is in UTC and ends in `Z`, so no plus sign has to be encoded. */
export function dateTimeLiteral(value: Date | string): string {
  const text = typeof value === 'string' ? toIso(value) : isoOf(value);
  if (text === undefined)
    throw new SoqlError('A datetime in a query is a real time, in ISO 8601 with a zone');
  dateLiteral(text.slice(0, 10));
  return text;
}

/** Calls the methods of the prototype, because the object's own could return anything. */
const isoOf = (value: Date): string | undefined =>
  Number.isNaN(Date.prototype.getTime.call(value)) ? undefined : Date.prototype.toISOString.call(value);

/** A record's id, quoted, always of 18 characters. */
export function idLiteral(text: string): string {
  const id = parseId(text);
  if (id === undefined)
    throw new SoqlError('An id in a query has 15 characters, or 18 with the right checksum');
  return `'${id}'`;
}
