import * as z from 'zod/mini';
import type { Next } from '../../contracts/next.ts';
import { requestIdOf } from '../transport/request-id.ts';
import type { Clean } from '../transport/transport.ts';
import { readDuplicates } from './duplicates.ts';
import {
  type Action,
  BY_STATUS,
  ELSEWHERE,
  type Explained,
  explain,
  type Family,
  OUTAGE,
  UNKNOWN,
  UNNAMED,
  type Verdict,
} from './error-catalogue.ts';
import {
  SalesforceApiError,
  SalesforceAuthError,
  type SalesforceErrorFacts,
  SalesforceRateLimitError,
} from './errors.ts';
import { isCode, isFieldName, withoutTokens } from './redaction.ts';

/** A refused request, read whole. */
export interface Refusal {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What was tried, and when: what to do next depends on both. */
export interface RefusalContext {
  /** What was tried, in words without values: `query`, `describe Contact`. */
  readonly operation: string;
  /** Whether the request may be sent again although it may have been carried out. */
  readonly isRepeatable: boolean;
  readonly nowMs: number;
  /** Removes secrets of the request from texts of the answer. @default removes what looks like a token */
  readonly clean?: Clean | undefined;
  /** The id of the call that carried this step, for an answer that has no id itself. */
  readonly requestId?: string | undefined;
}

const FAMILIES = {
  auth: SalesforceAuthError,
  'rate-limit': SalesforceRateLimitError,
  api: SalesforceApiError,
} as const satisfies Record<Family, unknown>;
/** One of the three families, as a refusal. */
export type RefusalError = InstanceType<(typeof FAMILIES)[Family]>;

/** No answer may make a caller wait longer than this. */
const MAX_RETRY_AFTER_MS = 60 * 60_000;

// Loose, because the list of duplicates stands beside the known keys.
const errorEntry = z.looseObject({
  errorCode: z.optional(z.string()),
  message: z.optional(z.string()),
  fields: z.nullish(z.array(z.string())),
});
// Bulk API and a few old resources answer one object instead of the documented array.
const errorBody = z.union([z.array(errorEntry), errorEntry]);
type ErrorEntry = z.infer<typeof errorEntry>;

/**
 * Turns a refused request into an error that says what to do next, by the catalogue. The one place that does.
 * Bodies may be the documented array, one object, a proxy's HTML page, or nothing at all.
 */
export function responseToError(refusal: Refusal, context: RefusalContext): RefusalError {
  const { status, headers } = refusal;
  const { clean = withoutTokens } = context;
  const entry = readEntry(refusal.body, clean);
  const code = codeOf(entry?.errorCode, status, refusal.body);
  const verdict = judge(status, code, entry?.message ?? '');
  const action = context.isRepeatable ? verdict.next : nextOfWrite(verdict, status);
  const askedMs = askedPauseMs(headers['retry-after'], context.nowMs);
  const facts: SalesforceErrorFacts = {
    code,
    next: honouring(toNext(action, context.nowMs), askedMs),
    message: `Salesforce refused ${context.operation}: ${status} ${code}. ${verdict.means}`,
    status,
    fields: (entry?.fields ?? []).filter(isFieldName),
    detail: entry?.message ?? '',
    requestId: requestIdOf({ headers, clean }) ?? context.requestId,
    duplicateRecords: entry === undefined ? undefined : readDuplicates(entry),
    notBeforeMs: askedMs,
  };
  return new FAMILIES[verdict.family](facts);
}

/** The code decides if it says more than `stop`; otherwise the status does, since a gateway's 503 may quote any text. */
function judge(status: number, code: string, message: string): Explained {
  const verdict = explain(code, message);
  const byStatus = explained(status);
  // The answer had no code, so only its status says anything.
  if (code === 'UNEXPECTED_RESPONSE') return byStatus ?? UNNAMED;
  if (verdict === undefined) return byStatus ?? UNKNOWN;
  const saysLittle = verdict.family === 'api' && (verdict.next === 'stop' || verdict.next === 'recheck');
  return saysLittle && byStatus !== undefined && byStatus.next !== 'stop' ? byStatus : verdict;
}

function explained(status: number): Explained | undefined {
  if (status >= 500) return OUTAGE;
  return BY_STATUS[status] ?? (status > 300 && status < 400 ? ELSEWHERE : undefined);
}

/** A write that a failing server answered may have been committed, whatever the code says. */
function nextOfWrite({ next, nextOfWrite = next }: Verdict, status: number): Action {
  const isFinal = nextOfWrite === 'stop' || nextOfWrite === 'recheck' || nextOfWrite === 'reauthorize';
  return status >= 500 && !isFinal ? 'reread' : nextOfWrite;
}

function toNext(action: Action, nowMs: number): Next {
  if (typeof action === 'string') return { do: action };
  return 'retryAfterMs' in action
    ? { do: 'retry', afterMs: action.retryAfterMs }
    : { do: 'wait', until: new Date(nowMs + action.waitMs).toISOString() };
}

/**
 * Reads the first error of a body. Each text in it loses its secrets after parsing, whatever its member is called;
 * to clean the body before would break its JSON.
 */
function readEntry(body: string, clean: Clean): ErrorEntry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(body, (_, value) => (typeof value === 'string' ? clean(value) : value));
  } catch {
    return undefined;
  }
  const parsed = errorBody.safeParse(json);
  if (!parsed.success) return undefined;
  return Array.isArray(parsed.data) ? parsed.data[0] : parsed.data;
}

function codeOf(errorCode: string | undefined, status: number, body: string): string {
  if (errorCode !== undefined && isCode(errorCode)) return errorCode;
  // These two come as plain text, with status 403.
  const text = body.trim();
  if (text === 'Bad_OAuth_Token' || text === 'Missing_OAuth_Token') return text;
  if (status === 401) return 'INVALID_SESSION_ID';
  return status >= 500 ? 'UNAVAILABLE' : 'UNEXPECTED_RESPONSE';
}

/** Salesforce sends no `Retry-After` itself; a proxy or a maintenance page may. Seconds, or an HTTP date. */
function askedPauseMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const askedMs = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return askedMs > 0 ? Math.min(askedMs, MAX_RETRY_AFTER_MS) : undefined;
}

const honouring = (next: Next, askedMs: number | undefined): Next =>
  next.do === 'retry' && askedMs !== undefined && askedMs > next.afterMs
    ? { do: 'retry', afterMs: askedMs }
    : next;
