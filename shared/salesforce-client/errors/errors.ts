import { type Next, SyncError } from '../../contracts/next.ts';
import { requestIdOf } from '../transport/request-id.ts';
import type { SalesforceResponse } from '../transport/transport.ts';
import type { Duplicates } from './duplicates.ts';

/** What is known of a refusal or a failure besides its class. */
export interface SalesforceErrorFacts {
  readonly code: string;
  readonly next: Next;
  /** Our own sentence: what was tried and what happened; never a token, never a field's value. */
  readonly message: string;
  /** HTTP status; absent where no answer came. */
  readonly status?: number | undefined;
  /** API names of fields that the refusal is about. */
  readonly fields?: readonly string[];
  /** `X-Sfdc-Request-Id`, which Salesforce support asks for. */
  readonly requestId?: string | undefined;
  /** The platform's own text, without tokens. */
  readonly detail?: string;
  /** For `DUPLICATE_VALUE` and `DUPLICATES_DETECTED`: which records are the duplicates. */
  readonly duplicateRecords?: Duplicates | undefined;
  /** What `Retry-After` asked for, in milliseconds: nothing is repeated earlier. */
  readonly notBeforeMs?: number | undefined;
  readonly cause?: unknown;
}

/** What all errors of Salesforce have in common; thrown as one of the three families below. */
class SalesforceError extends SyncError {
  readonly status: number | undefined;
  readonly fields: readonly string[];
  readonly requestId: string | undefined;
  readonly duplicateRecords: Duplicates | undefined;
  readonly notBeforeMs: number | undefined;
  /**
   * The platform's own text. It may quote field values: for what a person reads about a record, never for a log;
   * not enumerable, so that nothing prints it by accident.
   */
  declare readonly detail: string;

  constructor(name: string, facts: SalesforceErrorFacts) {
    super(name, facts.code, facts.message, facts.next, facts.cause);
    this.status = facts.status;
    this.fields = facts.fields ?? [];
    this.requestId = facts.requestId;
    this.duplicateRecords = facts.duplicateRecords;
    this.notBeforeMs = facts.notBeforeMs;
    Object.defineProperty(this, 'detail', { value: facts.detail ?? '', enumerable: false });
  }
}

/** The connection's authorisation is stale (`refresh`), gone (`reauthorize`), or misconfigured (`stop`). */
export class SalesforceAuthError extends SalesforceError {
  constructor(facts: SalesforceErrorFacts) {
    super('SalesforceAuthError', facts);
  }
}

/** The org's allowance is used up (`wait`), or too much happens at once (`retry`). */
export class SalesforceRateLimitError extends SalesforceError {
  constructor(facts: SalesforceErrorFacts) {
    super('SalesforceRateLimitError', facts);
  }
}

/** Everything else: refused requests, outages, answers that cannot be understood. */
export class SalesforceApiError extends SalesforceError {
  constructor(facts: SalesforceErrorFacts) {
    super('SalesforceApiError', facts);
  }
}

/** Whether this is one of the three families. */
export const isSalesforceError = (error: unknown): error is SalesforceError =>
  error instanceof SalesforceError;

/** Whether an answer was too large to read at once: asking for less helps. */
export const isTooLarge = (error: unknown): boolean =>
  isSalesforceError(error) && error.code === 'RESPONSE_TOO_LARGE';

/** An answer with a good status whose content is not as documented; repeating the request would not help. */
export const unexpectedResponse = (
  operation: string,
  what: string,
  answer?: SalesforceResponse,
  cause?: unknown,
): SalesforceApiError =>
  new SalesforceApiError({
    code: 'UNEXPECTED_RESPONSE',
    next: { do: 'stop' },
    message: `Salesforce's answer to ${operation} was not understood: ${what}.`,
    ...factsOf(answer),
    cause,
  });

/** The same for a request that must not be sent twice: it may have been carried out. */
export const outcomeUnknown = (
  operation: string,
  what: string,
  answer?: SalesforceResponse,
  cause?: unknown,
): SalesforceApiError =>
  new SalesforceApiError({
    code: 'UNEXPECTED_RESPONSE',
    next: { do: 'reread' },
    message: `Salesforce's answer to ${operation} was not understood (${what}); it may have been carried out.`,
    ...factsOf(answer),
    cause,
  });

/** How long to leave an org alone that answered a query only in part. */
const INCOMPLETE_PAUSE_MS = 1_000;

/**
 * The answer to a query cannot be all of it: its rows are fewer or more than it says, or its pages lead nowhere. None
 * of it may pass for the whole; the query is run again.
 */
export const incompleteQuery = (
  operation: string,
  what: string,
  answer?: SalesforceResponse,
): SalesforceApiError =>
  new SalesforceApiError({
    code: 'QUERY_INCOMPLETE',
    next: { do: 'retry', afterMs: INCOMPLETE_PAUSE_MS },
    message: `Salesforce's answer to ${operation} is not whole: ${what}.`,
    ...factsOf(answer),
  });

const factsOf = (answer: SalesforceResponse | undefined) => ({
  status: answer?.status,
  requestId: answer && requestIdOf(answer),
});

/** Any caught value as an error that says what to do next; errors of ours pass unchanged. */
export function toSalesforceError(caught: unknown, operation: string): SyncError {
  if (caught instanceof SyncError) return caught;
  return unexpectedResponse(operation, 'reading it failed', undefined, caught);
}
