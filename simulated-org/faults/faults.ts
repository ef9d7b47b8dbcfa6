import { validateHeaderName, validateHeaderValue } from 'node:http';
import { type Answer, isRecord, unexpected } from '../http/messages.ts';
import { expandNamedFault } from './named-faults.ts';
import { RowFailure } from '../errors/row-failure.ts';

/** What a fault does to a request, or to a row. */
export type FaultKind =
  /** Answers with `status`, `body` and `headers` instead of doing anything. */
  | 'answer'
  /** Waits `delayMs` before the request is done. */
  | 'delay'
  /** Breaks the connection before anything is done. */
  | 'drop-before'
  /** Does everything and breaks the connection instead of answering. */
  | 'drop-after'
  /** Does everything and breaks the connection in the middle of the answer. */
  | 'truncate'
  /** Ends the session and answers 401. */
  | 'expired-session'
  /** Answers 503 with an HTML page. */
  | 'maintenance'
  /** Answers 403 `REQUEST_LIMIT_EXCEEDED`. */
  | 'request-limit'
  /** Refuses rows of write calls, with `UNABLE_TO_LOCK_ROW` unless told otherwise. */
  | 'row';

/** A fault to inject. */
export interface Fault {
  readonly kind: FaultKind;
  /** Only requests whose method matches this pattern; for rows: create, update or delete. */
  readonly method?: string;
  /** Only requests whose path (with query string) matches this pattern; for rows: their JSON. */
  readonly path?: string;
  /** How often; once unless given. */
  readonly times?: number;
  /** Lets this many matching requests or rows pass first. */
  readonly skip?: number;
  readonly delayMs?: number;
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** For rows: the error's code and text. For a session that ends: the code alone. */
  readonly statusCode?: string;
  readonly message?: string;
  /** For rows: the fields that the error names, and what its entry has beside. */
  readonly fields?: readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
}

interface ArmedFault {
  readonly fault: Fault;
  readonly method: RegExp;
  readonly path: RegExp;
  skip: number;
  times: number;
}

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

/** The faults that wait for their requests. */
export class Faults {
  #armed: ArmedFault[] = [];

  /** Arms a fault; the first armed that matches is used first. */
  add(fault: Fault): void {
    this.#armed.push({
      fault,
      method: new RegExp(fault.method ?? '', 'i'),
      path: new RegExp(fault.path ?? ''),
      skip: fault.skip ?? 0,
      times: fault.times ?? 1,
    });
  }

  /** Disarms all. */
  clear(): void {
    this.#armed = [];
  }

  /** What is armed, and how often each is still to happen. */
  list(): (Fault & { readonly remaining: number })[] {
    return this.#armed.map(({ fault, times }) => ({ ...fault, remaining: times }));
  }

  /** Uses up the fault for this request, if there is one. */
  takeForRequest(method: string, pathAndQuery: string): Fault | undefined {
    return this.#take((fault) => fault.kind !== 'row', method, pathAndQuery);
  }

  /** Uses up the answer that is armed for this part of a composite request, if one names a path that fits. */
  takeForSubrequest(method: string, pathAndQuery: string): Fault | undefined {
    const isWanted = ({ kind, path }: Fault): boolean => kind === 'answer' && Boolean(path);
    return this.#take(isWanted, method, pathAndQuery);
  }

  /** Uses up the fault for this row, if there is one. */
  takeForRow(operation: string, body: Readonly<Record<string, unknown>>): RowFailure | undefined {
    const fault = this.#take(({ kind }) => kind === 'row', operation, JSON.stringify(body));
    if (!fault) return undefined;
    const message = 'unable to obtain exclusive access to this record or 1 records: ';
    const id = typeof body.Id === 'string' ? body.Id : '';
    const { statusCode = 'UNABLE_TO_LOCK_ROW', fields = [], details } = fault;
    return new RowFailure(statusCode, fault.message ?? message + id, fields, details);
  }

  #take(isWanted: (fault: Fault) => boolean, method: string, path: string): Fault | undefined {
    for (const armed of this.#armed) {
      if (!isWanted(armed.fault) || !armed.method.test(method) || !armed.path.test(path)) continue;
      if (armed.skip > 0) {
        armed.skip -= 1;
        continue;
      }
      armed.times -= 1;
      if (armed.times <= 0) this.#armed = this.#armed.filter((other) => other !== armed);
      return armed.fault;
    }
    return undefined;
  }
}

/** The answer that a fault of the kind `answer` gives. */
export function faultAnswer(fault: Fault): Answer {
  const status = fault.status ?? 500;
  const headers = { ...fault.headers };
  if (typeof fault.body === 'string') return { status, headers, text: fault.body };
  return fault.body === undefined
    ? { ...unexpected(), status, headers }
    : { status, headers, json: fault.body };
}

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
