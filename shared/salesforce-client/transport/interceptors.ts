import type { Clock } from '../../contracts/clock.ts';
import type { AccessToken } from '../../contracts/salesforce.ts';
import { isSalesforceError, SalesforceApiError, SalesforceAuthError } from '../errors/errors.ts';
import { MultipleChoicesError, readChoicesText } from '../errors/multiple-choices.ts';
import { withoutTokens } from '../errors/redaction.ts';
import { responseToError } from '../errors/refusals.ts';
import type { ApiUsage } from './api-usage.ts';
import { buffered, readRefusalText } from './bodies.ts';
import { isSalesforceOrigin } from './origins.ts';
import { requestIdOf } from './request-id.ts';
import { decideRetry } from './retry.ts';
import {
  BodyTooLarge,
  type Clean,
  type SalesforceRequest,
  type SalesforceResponse,
  type Transport,
  TransportFailure,
} from './transport.ts';

/** How long to wait after a read that got no complete answer. */
const FAILURE_PAUSE_MS = 250;
/** Longer than a call waits between attempts: after a timeout, a second attempt could outlive the function. */
const TIMEOUT_PAUSE_MS = 10_000;
/** A new token was refused too: an admin's restriction, or a revocation. Not to be tried again at once. */
const NEW_TOKEN_REFUSED_PAUSE_MS = 60_000;

/** Counts requests, and reads the allowance and the clock from the answers. */
export const counting =
  (send: Transport, usage: ApiUsage, skew: ClockSkew, clock: Clock): Transport =>
  async (request, signal) => {
    let response: SalesforceResponse;
    try {
      response = await send(request, signal);
    } catch (error) {
      if (!isNeverBegun(error)) usage.countCall();
      throw error;
    }
    usage.countCall();
    usage.record(response.headers['sforce-limit-info'], clock.nowMs());
    skew.record(response.headers.date, clock.nowMs());
    return response;
  };

/**
 * Turns everything but a good answer into an error that says what to do next. Reads bodies whole, unless they are
 * streamed, so that a body that breaks off is a failed attempt like any other.
 */
export const refusing =
  (send: Transport, clock: Clock): Transport =>
  async (request, signal) => {
    const clean: Clean = (text) => withoutTokens(text, secretsOf(request));
    try {
      const response = await send(request, signal);
      // 304 answers `If-Modified-Since`. A redirect is an error, since the token must not follow it.
      if ((response.status >= 200 && response.status < 300) || response.status === 304) {
        const body = request.isStreamed
          ? failingAsOurs(response.body, request)
          : await buffered(response.body);
        const answer = { ...response, body, clean };
        const refusal = await request.refusalIn?.(answer);
        if (refusal !== undefined) throw refusal;
        return answer;
      }
      const body = await readRefusalText(response.body);
      if (response.status === 300) {
        const choices = readChoicesText(body, clean);
        throw new MultipleChoicesError(request.operation, choices, requestIdOf({ ...response, clean }));
      }
      throw responseToError({ ...response, body }, { ...request, nowMs: clock.nowMs(), clean });
    } catch (error) {
      throw failureToError(error, request);
    }
  };

/** Attaches the token to requests to the connection's own instance alone, and refreshes it once. */
export const authorised = (send: Transport, access: ConnectionAccess): Transport => {
  const originOf = rememberingLast((instanceUrl) => URL.parse(instanceUrl)?.origin);
  const isTrusted = rememberingLast((origin) => isSalesforceOrigin(origin, access.trustedOrigins));
  const attempt = (request: SalesforceRequest, token: AccessToken, signal?: AbortSignal) =>
    send(withToken(request, token, originOf(token.instanceUrl), isTrusted), signal);
  return async (request, signal) => {
    const token = await access.current();
    try {
      return await attempt(request, token, signal);
    } catch (error) {
      if (!wantsRefresh(error)) throw error;
      const fresh = await access.refreshed(token);
      // The stream is used up, so the caller has to begin again, with the new token.
      if (typeof request.body === 'object') throw refusedOnce(request, error, 0);
      return await attempt(request, fresh, signal).catch((again: unknown) => {
        throw wantsRefresh(again) ? refusedOnce(request, again, NEW_TOKEN_REFUSED_PAUSE_MS) : again;
      });
    }
  };
};

/** Repeats requests whose errors say that a repeat is safe. */
export const retrying =
  (send: Transport, clock: Clock, random: () => number): Transport =>
  async (request, signal) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(request, signal);
      } catch (error) {
        const decision = decideRetry(error, attempt, random());
        if (decision.do === 'give-up' || typeof request.body === 'object' || signal?.aborted) throw error;
        await clock.sleep(decision.afterMs);
      }
    }
  };

/** The token of one connection. */
export interface ConnectionAccess {
  current(): Promise<AccessToken>;
  refreshed(stale: AccessToken): Promise<AccessToken>;
  readonly trustedOrigins: readonly string[];
}

/** Salesforce's clock minus ours, from the `Date` header, which has whole seconds. */
export class ClockSkew {
  #skewMs = 0;

  record(dateHeader: string | undefined, nowMs: number): void {
    const theirs = Date.parse(dateHeader ?? '');
    if (!Number.isNaN(theirs)) this.#skewMs = theirs - nowMs;
  }

  get skewMs(): number {
    return this.#skewMs;
  }
}

function withToken(
  request: SalesforceRequest,
  token: AccessToken,
  instanceOrigin: string | undefined,
  isTrusted: (origin: string) => boolean,
): SalesforceRequest {
  const url = URL.parse(request.url, token.instanceUrl);
  if (
    url === null ||
    instanceOrigin === undefined ||
    url.origin !== instanceOrigin ||
    !url.pathname.startsWith('/services/')
  ) {
    throw foreignOrigin(request, 'it leads away from the connected org');
  }
  if (!isTrusted(instanceOrigin)) {
    throw foreignOrigin(request, "the connection's instance is neither Salesforce's nor a trusted origin");
  }
  return {
    ...request,
    url: url.href,
    headers: { ...request.headers, authorization: `Bearer ${token.accessToken}` },
  };
}

/** The secrets of a request, which its answer might quote. */
const secretsOf = ({ headers }: SalesforceRequest): readonly string[] => {
  const authorization = headers?.authorization?.replace(/^Bearer /, '');
  return authorization === undefined ? [] : [authorization];
};

/** Remembers the last answer: a connection nearly always asks about the same instance. */
function rememberingLast<T>(ask: (text: string) => T): (text: string) => T {
  let last: { readonly text: string; readonly answer: T } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, answer: ask(text) };
    return last.answer;
  };
}

const foreignOrigin = (request: SalesforceRequest, why: string): SalesforceApiError =>
  new SalesforceApiError({
    code: 'FOREIGN_ORIGIN',
    next: { do: 'stop' },
    message: `The address for ${request.operation} was refused: ${why}. Nothing was sent.`,
  });

const wantsRefresh = (error: unknown): boolean => isSalesforceError(error) && error.next.do === 'refresh';

const refusedOnce = (request: SalesforceRequest, cause: unknown, afterMs: number): SalesforceAuthError =>
  new SalesforceAuthError({
    code: isSalesforceError(cause) ? cause.code : 'INVALID_SESSION_ID',
    next: { do: 'retry', afterMs },
    message: `Salesforce refused the session for ${request.operation}; its token was refreshed meanwhile.`,
    status: 401,
    cause,
  });

async function* failingAsOurs(
  body: AsyncIterable<Uint8Array>,
  request: SalesforceRequest,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw failureToError(error, request);
  }
}

/** The error for an incomplete answer: retry where the request is repeatable or was never begun, else the outcome is unknown. */
function failureToError(error: unknown, request: SalesforceRequest): unknown {
  if (error instanceof BodyTooLarge) {
    return new SalesforceApiError({
      code: 'RESPONSE_TOO_LARGE',
      next: { do: request.isRepeatable ? 'stop' : 'reread' },
      message: `Salesforce's answer to ${request.operation} is too large to read at once.`,
      cause: error,
    });
  }
  if (!(error instanceof TransportFailure)) return error;
  const isSafe = request.isRepeatable || !error.wasBegun;
  const afterMs = error.reason === 'timeout' ? TIMEOUT_PAUSE_MS : FAILURE_PAUSE_MS;
  const { operation } = request;
  return new SalesforceApiError({
    code: error.reason === 'timeout' ? 'TIMEOUT' : 'CONNECTION_FAILED',
    next: isSafe ? { do: 'retry', afterMs } : { do: 'reread' },
    message: isNeverBegun(error)
      ? `Nothing of ${operation} reached Salesforce (${error.reason}).`
      : `No complete answer came from Salesforce to ${operation} (${error.reason}).`,
    cause: error,
  });
}

const isNeverBegun = (error: unknown): boolean => error instanceof TransportFailure && !error.wasBegun;
