/** A number that no double holds to its last digit. JSON and CSV write it digit by digit. */
export class ExactNumber {
  /** Decimal digits without an exponent and without zeros at the ends: equal numbers have equal text. */
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** @param text - as `exactTextOf` writes it */
  static of(text: string): ExactNumber {
    return new ExactNumber(text);
  }

  toJSON(): unknown {
    return JSON.rawJSON(this.text);
  }
}

/** A number as it travels: a double where that is exact, its digits otherwise. */
export type AnyNumber = number | ExactNumber;

/** The longest double is written with some 770 digits, and one with all its zeros with 1,100 characters. */
const MAX_CHARS = 1_100;
/** DynamoDB's largest number has 126 digits before the point, and its smallest begins 130 digits after it. */
const MAX_SHIFT = 400;
/** Every decimal with so many digits is read back from the nearest double. */
const EXACT_CHARS = 15;

/** No digit can belong to two parts of it: a pattern that may try several ways takes quadratic time on long text. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The number that a text writes, however it writes it (`1988.0`, `9.12E8`); undefined for what is none, or is too large
 * or too small for both sides.
 */
export const numberFrom = (text: string): AnyNumber | undefined => {
  if (text.length > MAX_CHARS || !NUMBER.test(text)) return undefined;
  const double = Number(text);
  // Adding 0 turns -0, which no side can tell from 0, into 0.
  if (text.length <= EXACT_CHARS && !/e/i.test(text)) return double + 0;
  const exact = exactTextOf(text);
  if (exact === undefined) return undefined;
  return Number.isFinite(double) && exactTextOf(String(double)) === exact
    ? double + 0
    : ExactNumber.of(exact);
};

/** The one text of a number: digits without an exponent and without zeros at the ends. Undefined as for `numberFrom`. */
const exactTextOf = (text: string): string | undefined => {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/^[+-]/, '').split('.');
  const all = (whole + fraction).replace(/^0+/, '');
  const digits = withoutZerosAtEnd(all);
  if (digits === '') return '0';
  // Where the point stands, counted from the first digit that is not zero.
  const point = all.length - fraction.length + Number(exponent);
  if (Math.abs(point) > MAX_SHIFT) return undefined;
  const sign = text.startsWith('-') ? '-' : '';
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return sign + digits.padEnd(point, '0');
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
};

/** By hand: a pattern would look at each run of zeros inside the number anew. */
const withoutZerosAtEnd = (digits: string): string => {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
};

/** A member whose value could be a number with more digits than a double has. */
const LONG_NUMBER = /":\s*-?[\d.]{16}/;

/**
 * `JSON.parse`, but for numbers of members that no double holds: they come as `ExactNumber`. Only a text that has a long
 * number is read the slow way, which takes six times as long.
 *
 * @throws SyntaxError as `JSON.parse` does
 */
export const parseJson = (text: string): unknown =>
  LONG_NUMBER.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);

/** As the reviver of `JSON.parse`; `context.source` is there for primitive values. */
const exactly = (_name: string, value: unknown, context: { readonly source?: string }): unknown =>
  typeof value === 'number' ? (numberFrom(context.source ?? String(value)) ?? value) : value;

declare global {
  /** What the types of the language version that this is compiled for do not have yet. */
  interface JSON {
    rawJSON(text: string): unknown;
    parse(
      text: string,
      reviver: (name: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}
