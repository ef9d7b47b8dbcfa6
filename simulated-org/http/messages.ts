import type { IncomingHttpHeaders } from 'node:http';
import { JsonNumber } from '../store/decimals.ts';

/** One request, read whole, as the handlers see it; `headers` have lower-case names. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** It is part of an all-or-none composite request; then its rows are all or none too, whatever it asks for itself. */
  readonly isAllOrNone?: boolean;
}

/** One answer. `json` is serialised, `text` is sent as it is; neither means an empty body. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

/** Whether a value is a plain JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

/** A request's target as an address: a path, or a whole address as proxies are sent; anything else is `/`. */
export function targetOf(target: string): URL {
  const address = target.startsWith('/') ? `http://org.invalid${target}` : target;
  return new URL(URL.canParse(address) ? address : 'http://org.invalid/');
}

/** A header's single value; the first where it was repeated. */
export function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** A date as HTTP headers write it. */
export function toHttpDate(epochMs: number): string {
  return new Date(epochMs).toUTCString();
}
