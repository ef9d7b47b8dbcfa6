/** A number of a row: a double where that is exact, and otherwise its digits, as the platform keeps decimals. */
export type Decimal = number | string;

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;

/** A number as JSON has it in a request: a long one comes as `JsonNumber`, with its digits. */
export class JsonNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toJSON(): unknown {
    return JSON.rawJSON(this.source);
  }
}

/** `JSON.parse`, but that a number whose text a double would change comes as `JsonNumber`. */
export const parseWithDigits = (text: string): unknown => JSON.parse(text, keepDigits);

const keepDigits = (_name: string, value: unknown, { source }: { readonly source?: string }): unknown =>
  typeof value === 'number' && source !== undefined && source.length > 15 ? new JsonNumber(source) : value;

/**
 * A number's text rounded half away from zero at a decimal place; undefined for what is no number. Whole numbers of any
 * length do the arithmetic, since binary fractions make errors of their own.
 */
export function roundedTo(text: string, scale: number): Decimal | undefined {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (sign === undefined || whole + fraction === '') return undefined;
  const shift = Number(exponent) - fraction.length + scale;
  const digits = BigInt(whole + fraction);
  const units = shift >= 0 ? digits * 10n ** BigInt(shift) : halfAway(digits, 10n ** BigInt(-shift));
  const plain = pointAt(units, scale);
  const exact = sign === '-' && units !== 0n ? `-${plain}` : plain;
  return Number(exact).toString() === exact ? Number(exact) : exact;
}

/** The place of the first digit before the point: 3 for `-123.4`. */
export const wholeDigitsOf = (value: Decimal): number =>
  (/^-?0*(\d*)/.exec(plainText(value))?.[1] ?? '').length;

/** Digits without an exponent. */
const plainText = (value: Decimal): string =>
  typeof value === 'string' ? value : Number.isInteger(value) ? BigInt(value).toString() : String(value);

/** As bulk results and outbound messages write it: `1988.0`, and `9.12260031E8` from ten million on. */
export function scientific(value: string): string {
  const sign = value.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = value.replace('-', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  const exponent =
    (whole + fraction).length - fraction.length - ((whole + fraction).length - digits.length) - 1;
  if (exponent < 7 && exponent >= -3) return value.includes('.') ? value : `${value}.0`;
  return `${sign}${digits[0]}.${digits.slice(1).replace(/0+$/, '') || '0'}E${exponent}`;
}

const halfAway = (digits: bigint, by: bigint): bigint => (digits * 2n + by) / (by * 2n);

function pointAt(units: bigint, scale: number): string {
  if (scale === 0) return units.toString();
  const text = units.toString().padStart(scale + 1, '0');
  const fraction = text.slice(-scale).replace(/0+$/, '');
  const whole = text.slice(0, -scale);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
