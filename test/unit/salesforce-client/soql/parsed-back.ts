import { parseQuery } from '@jetstreamapp/soql-parser-js';
import fc from 'fast-check';
import type { Soql } from '../../../../shared/salesforce-client/soql/soql.ts';

/** In `npm test` twenty thousand; `npm run test:soql-million` sets it to a million. */
export const RUNS = Number(process.env.SOQL_RUNS ?? 20_000);
/** A million runs take minutes. */
export const TEST_MS = 30 * 60_000;

const SHORT: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

/** Reads a literal as the SOQL guide says; throws for a bare quote and for a pair that the guide does not have. */
export function textOf(literal: unknown, isPattern = false): string {
  const whole = String(literal);
  if (whole.length < 2 || !whole.startsWith("'") || !whole.endsWith("'")) throw new Error('no literal');
  return whole.slice(1, -1).replaceAll(/\\(u[0-9a-fA-F]{4}|.)|'/gs, (found, pair: string | undefined) => {
    if (pair === undefined) throw new Error('a bare quote');
    if (pair.length === 5) return String.fromCharCode(Number.parseInt(pair.slice(1), 16));
    if (isPattern && (pair === '%' || pair === '_')) return found;
    const character = SHORT[pair];
    if (character === undefined) throw new Error(`no such escape: ${pair}`);
    return character;
  });
}

export interface Condition {
  readonly field: string;
  readonly operator: string;
  readonly value: unknown;
  readonly literalType: string;
}

/** The one condition of a query that must be `SELECT Id FROM Contact WHERE <one condition>` and nothing else. */
export function onlyCondition(query: Soql): Condition {
  const parsed = parseQuery(query.toString());
  const shape = JSON.stringify([Object.keys(parsed).sort(), Object.keys(parsed.where ?? {}), parsed.sObject]);
  if (shape !== '[["fields","sObject","where"],["left"],"Contact"]')
    throw new Error(`another structure: ${shape}`);
  if (parsed.fields?.length !== 1) throw new Error('other fields');
  return (parsed.where as unknown as { left: Condition }).left;
}

/** A query's structure: what the parser found, every literal replaced by its kind. */
export const structureOf = (query: Soql): string =>
  JSON.stringify(parseQuery(query.toString()), (key, value) => {
    if (key !== 'value') return value;
    return Array.isArray(value) ? value.map(() => '?') : '?';
  });

/** Text of every kind: any code points, halves of pairs, and what has broken escapers before. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(...'\'\\"\n\r\t\b\f%_ )(u0n{}/*-;\u2028\u2029\u0085\ufeff\0', '\ud800', '\udc00'),
    maxLength: 30,
  }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    "' OR Name != '",
    "\\' OR 1=1",
    "') FROM User",
    '\\',
    "'",
    "\\'",
    "\\\\'",
    "'--",
    '\\u0027',
    ' ',
  ),
);
