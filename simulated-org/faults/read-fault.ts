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

/** Reads a fault from untrusted JSON, `{ code }` standing for an error of the platform; a string says what is wrong with it. */
export function readFault(value: unknown): Fault | string {
  if (!isRecord(value)) return 'a fault is a JSON object';
  if (value.code !== undefined) {
    const expanded = expandNamedFault(value);
    return typeof expanded === 'string' ? expanded : readFault(expanded);
  }
  const kind = value.kind;
  if (typeof kind !== 'string' || !KINDS.includes(kind)) return `kind must be one of: ${KINDS.join(', ')}`;
  for (const name of ['method', 'path']) {
    try {
      if (value[name] !== undefined) new RegExp(String(value[name]));
    } catch {
      return `${name} is no regular expression`;
    }
  }
  for (const [name, [least, most]] of Object.entries(NUMBERS)) {
    const number = value[name];
    if (number === undefined) continue;
    if (!Number.isInteger(number) || Number(number) < least || Number(number) > most)
      return `${name} must be a whole number from ${least} to ${most}`;
  }
  if (value.headers !== undefined && !areHeaders(value.headers)) return 'headers must hold names and texts';
  // Every property was checked above but those that may be anything.
  return value as unknown as Fault;
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
