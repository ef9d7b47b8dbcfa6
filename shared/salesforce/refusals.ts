import * as z from 'zod/mini';
import type { Next } from '../contracts/next.ts';
import {
  SalesforceApiError,
  SalesforceAuthError,
  type SalesforceErrorFacts,
  SalesforceRateLimitError,
} from './errors.ts';

/** A refused request, read whole. */
export interface Refusal {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What was asked, and when: what to do next depends on both. */
export interface RefusalContext {
  /** What was tried, in words without values: `query`, `describe Contact`. */
  readonly operation: string;
  /** Whether the request may be sent again although it may have been carried out. */
  readonly isRepeatable: boolean;
  readonly nowMs: number;
}

type Family = typeof SalesforceAuthError | typeof SalesforceRateLimitError | typeof SalesforceApiError;
interface Verdict {
  readonly family: Family;
  readonly next: Next;
}

/** The allowance counts a rolling 24 hours, so some of it comes back all the time: worth a look this often. */
const ALLOWANCE_PAUSE_MS = 15 * 60_000;
/** Long requests take 20 seconds or more: room comes back in about that order of time. */
const CONCURRENCY_PAUSE_MS = 10_000;
const OUTAGE_PAUSE_MS = 1_000;
const LOCK_PAUSE_MS = 1_000;
const LONG_QUERY_PAUSE_MS = 60_000;
/** No answer of Salesforce's may make us wait longer than this. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

const STOP: Next = { do: 'stop' };
const REFRESH: Next = { do: 'refresh' };
const REREAD: Next = { do: 'reread' };
const REAUTHORIZE: Next = { do: 'reauthorize' };

/** Codes whose meaning does not depend on status or message; spelt as `plain` spells them. Others are `stop`. */
const BY_CODE: Readonly<Record<string, Verdict>> = {
  INVALIDSESSIONID: { family: SalesforceAuthError, next: REFRESH },
  BADOAUTHTOKEN: { family: SalesforceAuthError, next: REFRESH },
  INVALIDAUTHHEADER: { family: SalesforceAuthError, next: STOP },
  MISSINGOAUTHTOKEN: { family: SalesforceAuthError, next: STOP },
  INVALIDOPERATIONWITHEXPIREDPASSWORD: { family: SalesforceAuthError, next: REAUTHORIZE },
  UNABLETOLOCKROW: { family: SalesforceApiError, next: { do: 'retry', afterMs: LOCK_PAUSE_MS } },
  QUERYTIMEOUT: { family: SalesforceApiError, next: { do: 'retry', afterMs: LONG_QUERY_PAUSE_MS } },
  // The cursor is gone, the records are not: the query begins again.
  INVALIDQUERYLOCATOR: { family: SalesforceApiError, next: REREAD },
  // Nothing was begun, so even a write may be sent again.
  SERVERUNAVAILABLE: { family: SalesforceApiError, next: { do: 'retry', afterMs: OUTAGE_PAUSE_MS } },
};

const errorEntry = z.object({
  errorCode: z.optional(z.string()),
  message: z.optional(z.string()),
  fields: z.nullish(z.array(z.string())),
});
// Bulk and a few old resources answer one object instead of the documented array.
const errorBody = z.union([z.array(errorEntry), errorEntry]);

/**
 * The one place that turns a refused request into an error that says what to do next.
 * Bodies may be the documented array, one object, a proxy's HTML page, or nothing at all.
 */
export function responseToError(refusal: Refusal, context: RefusalContext): InstanceType<Family> {
  const { status, headers } = refusal;
  const entry = readEntry(refusal.body);
  const code = codeOf(entry?.errorCode, status, refusal.body);
  const verdict = judge(status, code, entry?.message ?? '', context);
  const requestId = headers['x-sfdc-request-id'] ?? headers['x-request-id'];
  const facts: SalesforceErrorFacts = {
    code,
    next: honourRetryAfter(verdict.next, headers['retry-after'], context.nowMs),
    message: `Salesforce refused ${context.operation}: ${status} ${code}.`,
    status,
    fields: entry?.fields ?? [],
    detail: entry?.message ?? '',
    ...(requestId === undefined ? {} : { requestId }),
  };
  return new verdict.family(facts);
}

/** Codes are compared so, because Bulk API 2.0 writes `INVALIDJOBSTATE` where its guide has `InvalidJobState`. */
export const plainCode = (code: string): string => code.replaceAll('_', '').toUpperCase();

function judge(status: number, code: string, message: string, context: RefusalContext): Verdict {
  const plain = plainCode(code);
  if (plain === 'REQUESTLIMITEXCEEDED') return limitExceeded(message, context.nowMs);
  if (plain === 'EXCEEDEDQUOTA') return allowanceUsedUp(context.nowMs);
  const known = BY_CODE[plain];
  if (known !== undefined) return known;
  if (status === 401) return { family: SalesforceAuthError, next: REFRESH };
  if (status === 420 || status === 429) return busy();
  if (status === 412) return { family: SalesforceApiError, next: REREAD };
  if (status === 408 || status >= 500) return outage(context);
  return { family: SalesforceApiError, next: STOP };
}

/** `TotalRequests Limit exceeded.` is the day's allowance; the others speak of what runs at this moment. */
const limitExceeded = (message: string, nowMs: number): Verdict =>
  /^Concurrent/i.test(message.trim()) ? busy() : allowanceUsedUp(nowMs);

const busy = (): Verdict => ({
  family: SalesforceRateLimitError,
  next: { do: 'retry', afterMs: CONCURRENCY_PAUSE_MS },
});

const allowanceUsedUp = (nowMs: number): Verdict => ({
  family: SalesforceRateLimitError,
  next: { do: 'wait', until: new Date(nowMs + ALLOWANCE_PAUSE_MS).toISOString() },
});

/** A write may have been committed before the answer failed: then only a look at the record tells. */
const outage = (context: RefusalContext): Verdict => ({
  family: SalesforceApiError,
  next: context.isRepeatable ? { do: 'retry', afterMs: OUTAGE_PAUSE_MS } : REREAD,
});

function readEntry(body: string): z.infer<typeof errorEntry> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  const parsed = errorBody.safeParse(json);
  if (!parsed.success) return undefined;
  return Array.isArray(parsed.data) ? parsed.data[0] : parsed.data;
}

/** A code becomes part of messages, metrics and logs: only what looks like one is taken over. */
function codeOf(errorCode: string | undefined, status: number, body: string): string {
  if (errorCode !== undefined && /^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(errorCode)) return errorCode;
  // These two come as bare text, with status 403.
  const text = body.trim();
  if (text === 'Bad_OAuth_Token' || text === 'Missing_OAuth_Token') return text;
  if (status === 401) return 'INVALID_SESSION_ID';
  return status >= 500 ? 'UNAVAILABLE' : 'UNEXPECTED_RESPONSE';
}

/** Salesforce sends no `Retry-After` itself; a proxy or a maintenance page may. Seconds, or an HTTP date. */
function honourRetryAfter(next: Next, header: string | undefined, nowMs: number): Next {
  if (next.do !== 'retry' || header === undefined) return next;
  const askedMs = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  if (!(askedMs > next.afterMs)) return next;
  return { do: 'retry', afterMs: Math.min(askedMs, MAX_RETRY_AFTER_MS) };
}
