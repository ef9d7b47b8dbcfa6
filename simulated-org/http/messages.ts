import type { IncomingHttpHeaders } from 'node:http';

/** One request, read whole, as the handlers see it; `headers` have lower-case names. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** It is part of a composite request that is all or none; so are its rows then, whatever it says of them itself. */
  readonly isAllOrNone?: boolean;
}

/** One answer. `json` is serialised, `text` is sent as it is; neither means an empty body. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly text?: string;
}

/** One entry of the REST API's error array. */
export interface ApiErrorEntry {
  readonly message: string;
  readonly errorCode: string;
  readonly fields?: readonly string[];
  /** What one code alone has, such as the matches of `DUPLICATES_DETECTED`. */
  readonly [detail: string]: unknown;
}

/** A refusal of a whole request; becomes the REST API's array body. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly entry: ApiErrorEntry;

  constructor(
    status: number,
    errorCode: string,
    message: string,
    fields?: readonly string[],
    details?: Readonly<Record<string, unknown>>,
  ) {
    super(`${errorCode}: ${message}`);
    this.status = status;
    this.entry = { ...details, message, errorCode, ...(fields ? { fields } : {}) };
  }

  /** The answer that goes out for this refusal. */
  toAnswer(): Answer {
    return { status: this.status, json: [this.entry] };
  }
}

/** What the platform answers when it made a mistake itself. */
export function unexpected(): Answer {
  const message = 'An unexpected error occurred. Please include this ErrorId if you contact support: 0-0 (0)';
  return new ApiError(500, 'UNKNOWN_EXCEPTION', message).toAnswer();
}

/** The refusal of a resource that is not there. */
export function notFound(): ApiError {
  return new ApiError(404, 'NOT_FOUND', 'The requested resource does not exist');
}

/**
 * Reads a request's JSON body.
 *
 * @throws ApiError `JSON_PARSER_ERROR` unless it is one JSON object
 */
export function readJsonObject(request: Request): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw new ApiError(
      400,
      'JSON_PARSER_ERROR',
      'The HTTP entity body is required, but this HTTP request has no entity body or it is no JSON.',
    );
  }
  if (!isRecord(value))
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'Unexpected value: an object is required');
  return value;
}

/** Whether a value is a plain JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
