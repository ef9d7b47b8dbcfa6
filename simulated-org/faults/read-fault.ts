import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isRecord } from '../http/messages.ts';
import type { Fault, FaultKind } from './fault.ts';
import { expandNamedFault } from './named-faults.ts';

const KINDS: readonly string[] = [
  'answer',
  'delay',
  'drop-before',
  'drop-after',
  'truncate',
  'expired-session',
  'maintenance',
  'request-limit',
  'row',
] satisfies FaultKind[];

/** The numbers of a fault, and what each may be. */
const NUMBERS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  times: [1, Number.MAX_SAFE_INTEGER],
  skip: [0, Number.MAX_SAFE_INTEGER],
  delayMs: [0, 2_147_483_647],
  status: [200, 599],
};

/** The other properties of a fault, and what each may be. */
const OTHERS: Readonly<Record<string, readonly [isRight: (value: unknown) => boolean, what: string]>> = {
  kind: [(value) => typeof value === 'string' && KINDS.includes(value), `one of: ${KINDS.join(', ')}`],
  method: [isPattern, 'a regular expression'],
  path: [isPattern, 'a regular expression'],
  body: [() => true, 'any JSON'],
  headers: [areHeaders, 'an object of header names and their texts'],
  statusCode: [isText, 'a text'],
  message: [isText, 'a text'],
  fields: [(value) => Array.isArray(value) && value.every(isText), 'a list of field names'],
  details: [isRecord, 'a JSON object'],
};

/**
 * Reads a fault from untrusted JSON. `{ code }` stands for an error of the platform.
 *
 * @returns the fault, or what is wrong with it
 */
export function readFault(value: unknown): Fault | string {
  if (!isRecord(value)) return 'a fault is a JSON object';
  if (value.code !== undefined) {
    const expanded = expandNamedFault(value);
    return typeof expanded === 'string' ? expanded : readFault(expanded);
  }
  return isFault(value) ? value : String(mistakeIn(value));
}

const isFault = (value: Record<string, unknown>): value is Record<string, unknown> & Fault =>
  mistakeIn(value) === undefined;

function mistakeIn(value: Record<string, unknown>): string | undefined {
  for (const [name, item] of Object.entries({ kind: undefined, ...value })) {
    const [least, most] = NUMBERS[name] ?? [];
    const [isRight, what] = OTHERS[name] ?? [];
    if (least !== undefined && most !== undefined) {
      if (!Number.isInteger(item) || Number(item) < least || Number(item) > most)
        return `${name} must be a whole number from ${least} to ${most}`;
    } else if (!isRight) {
      return `a fault has no ${name}; it may have: ${[...Object.keys(OTHERS), ...Object.keys(NUMBERS)].join(', ')}`;
    } else if (!isRight(item)) {
      return `${name} must be ${what}`;
    }
  }
  return undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isPattern(value: unknown): boolean {
  try {
    return isText(value) && new RegExp(value) !== undefined;
  } catch {
    return false;
  }
}

function areHeaders(headers: unknown): boolean {
  if (!isRecord(headers)) return false;
  try {
    for (const [name, text] of Object.entries(headers)) {
      validateHeaderName(name);
      validateHeaderValue(name, String(text));
    }
    return true;
  } catch {
    return false;
  }
}
