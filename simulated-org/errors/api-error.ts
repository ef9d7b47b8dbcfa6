import type { Answer } from '../http/messages.ts';
import { KNOWN_ERRORS, type KnownCode, textOf } from './known-errors.ts';

/** One entry of the REST API's error array. */
export interface ApiErrorEntry {
  readonly message: string;
  readonly errorCode: string;
  readonly fields?: readonly string[];
  /** What only one code has, such as the matches of `DUPLICATES_DETECTED`. */
  readonly [detail: string]: unknown;
}

/** The refusal of a whole request; becomes the REST API's array body. */
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

/** A refusal with the status and the text that the platform gives to the code. */
export const knownRefusal = (code: KnownCode): ApiError =>
  new ApiError(KNOWN_ERRORS[code]?.status ?? 400, code, textOf(code));

/** What the platform answers when it fails itself. */
export const unexpected = (): Answer => knownRefusal('UNKNOWN_EXCEPTION').toAnswer();

/** The refusal of a resource that does not exist. */
export const notFound = (): ApiError => knownRefusal('NOT_FOUND');
