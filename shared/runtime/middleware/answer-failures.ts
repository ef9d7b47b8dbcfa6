import type { MiddlewareObj } from '@middy/core';
import { describeError, type Log, logError } from '../logging.ts';

/** Logs what a handler throws, once, and answers it. */
export const answerFailures = <Answer>(
  log: Log,
  answer: (error: unknown) => Answer,
): MiddlewareObj<unknown, Answer> => ({
  onError: (request) => {
    logError(log, 'The request failed', request.error);
    request.response = answer(request.error);
  },
});

/**
 * Logs what a handler throws, and lets the invocation fail with it, stripped: Lambda's runtime prints the message
 * and stack of what comes out, and those may quote what the handler stumbled over.
 */
export const failInvocations = <Result>(log: Log): MiddlewareObj<unknown, Result> => ({
  onError: (request) => {
    logError(log, 'The invocation failed', request.error);
    request.error = new InvocationFailed(describeError(request.error));
  },
});

/** What Lambda sees of a failure. */
class InvocationFailed extends Error {
  constructor({ error, code }: { readonly error: string; readonly code?: string }) {
    super(`${error}${code === undefined ? '' : ` (${code})`}: the log says more.`);
    this.name = 'InvocationFailed';
    this.stack = `${this.name}: ${this.message}`;
  }
}
