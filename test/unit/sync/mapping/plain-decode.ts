import type { WireRecord } from '../../../../shared/contracts/salesforce.ts';
import { parseId } from '../../../../shared/contracts/salesforce-id.ts';
import type { Mapping } from '../../../../shared/sync/model/mapping.ts';
import type { RemoteRecord } from '../../../../shared/sync/model/record.ts';
import type { FieldType, FieldValue } from '../../../../shared/sync/model/values.ts';

/**
 * The decoder as one would write it first, by `Date` and without a thought of what it costs: the rows that sweeps and
 * bulk pages read must be decoded as it does, and refused with its words.
 */
export const plainDecode = (mapping: Mapping, wire: WireRecord, readAt: string): RemoteRecord | string => {
  const read = (name: string, type: FieldType): FieldValue => {
    const where = `${mapping.sfObject}.${name}`;
    const value = Object.hasOwn(wire, name) ? wire[name] : undefined;
    if (value === undefined) throw new Refusal(where, 'the field in the row');
    return plainValue(where, type, value);
  };
  const time = (name: string): string => {
    const value = read(name, 'datetime');
    if (typeof value !== 'string') throw new Refusal(`${mapping.sfObject}.${name}`, 'a time');
    return value;
  };
  try {
    const sfId = Object.hasOwn(wire, 'Id') && typeof wire.Id === 'string' ? parseId(wire.Id) : undefined;
    if (sfId === undefined) throw new Refusal('Id', 'a Salesforce id');
    return {
      sfId,
      externalId:
        mapping.externalIdField === undefined
          ? null
          : (read(mapping.externalIdField, 'text') as string | null),
      values: Object.fromEntries(
        mapping.fields.map(({ localField, sfField, type }) => [localField, read(sfField, type)]),
      ),
      systemModstamp: time('SystemModstamp'),
      lastModifiedDate: time('LastModifiedDate'),
      isDeleted: Object.hasOwn(wire, 'IsDeleted') && read('IsDeleted', 'boolean') === true,
      readAt,
    };
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
};

class Refusal extends Error {
  constructor(where: string, expected: string) {
    super(`A Salesforce row does not fit the mapping: ${where}: expected ${expected}.`);
  }
}

/** All digits of a number, without zeros at the ends; undefined where it begins more than 400 places from the point. */
function plainNumber(text: string): string | undefined {
  if (text.includes('Infinity') || text.length > 1_100) return undefined;
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.replace(/[+-]/, '').split('.');
  const digits = BigInt(whole + fraction).toString();
  const scale = fraction.length - Number(exponent);
  if (digits === '0') return '0';
  if (Math.abs(digits.length - scale) > 400) return undefined;
  const padded = scale > 0 ? digits.padStart(scale + 1, '0') : digits + '0'.repeat(-scale);
  const point = scale > 0 ? padded.length - scale : padded.length;
  const tail = padded.slice(point).replace(/0+$/, '');
  return `${text.startsWith('-') ? '-' : ''}${padded.slice(0, point)}${tail === '' ? '' : `.${tail}`}`;
}

function plainValue(where: string, type: FieldType, value: unknown): FieldValue {
  if (value === null || (value === '' && type !== 'text' && type !== 'rich' && type !== 'id')) return null;
  const text = typeof value === 'string' ? value : undefined;
  switch (type) {
    case 'text': {
      if (text === undefined) throw new Refusal(where, 'text');
      return text.replace(/\r\n?/g, '\n').replace(/^[\t-\r ]+|[\t-\r ]+$/g, '') || null;
    }
    case 'id': {
      if (text === undefined) throw new Refusal(where, 'a Salesforce id as text');
      const trimmed = text.replace(/\r\n?/g, '\n').replace(/^[\t-\r ]+|[\t-\r ]+$/g, '');
      return parseId(trimmed) ?? (trimmed || null);
    }
    case 'rich': {
      if (text === undefined) throw new Refusal(where, 'text');
      return text.replace(/\r\n?/g, '\n') || null;
    }
    case 'options': {
      if (text === undefined) throw new Refusal(where, 'text with semicolons between the values');
      const options = text.split(';').map((option) => option.replace(/^[\t-\r ]+|[\t-\r ]+$/g, ''));
      return options.filter((option, index) => option && options.indexOf(option) === index).join(';') || null;
    }
    case 'number': {
      const isNumber = text === undefined || /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
      const number = typeof value === 'number' || isNumber ? Number(value) : Number.NaN;
      const isFit = (typeof value === 'number' || text !== undefined) && !Number.isNaN(number);
      const exact = isFit ? plainNumber(text ?? String(value)) : undefined;
      if (exact === undefined) throw new Refusal(where, 'a finite number');
      return exact === plainNumber(String(number)) ? number + 0 : exact;
    }
    case 'boolean': {
      if (typeof value === 'boolean') return value;
      const known = new Map([
        ['true', true],
        ['1', true],
        ['false', false],
        ['0', false],
      ]).get(text?.toLowerCase() ?? '');
      if (known === undefined) throw new Refusal(where, 'true or false');
      return known;
    }
    case 'date': {
      const isDay = text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && isDayOfDate(text);
      if (!isDay) throw new Refusal(where, 'a date such as 2024-01-31');
      return text;
    }
    case 'datetime': {
      const iso = text === undefined ? undefined : plainDatetime(text);
      if (iso === undefined) {
        throw new Refusal(where, 'a date and time with its offset, such as 2024-01-31T12:00:00Z');
      }
      return iso;
    }
    case 'time': {
      const [, clock = '', seconds = ':00', offset = 'Z'] =
        /^(\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-].*)?$/.exec(text ?? '') ?? [];
      const iso = plainDatetime(`2000-06-15T${clock}${seconds}${offset}`);
      if (iso === undefined) throw new Refusal(where, 'a time of day such as 13:05:30.000Z');
      return iso.slice(11);
    }
  }
}

/** Whether `Date` takes the day for itself, and not for one of the month after. */
const isDayOfDate = (day: string): boolean => {
  const ms = Date.parse(`${day}T00:00:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day);
};

function plainDatetime(text: string): string | undefined {
  const parts =
    /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))$/.exec(text) ?? [];
  const [, day, hour, minute, second, fraction = '', sign, hours = '00', minutes = '00'] = parts;
  if (day === undefined || !isDayOfDate(day) || Number(hour) > 23) return undefined;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const ms = Date.parse(`${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  if (Number.isNaN(ms)) return undefined;
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const iso = new Date(ms - offsetMs).toISOString();
  return iso.length === 24 ? iso : undefined;
}
