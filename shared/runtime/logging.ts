import { Logger } from '@aws-lambda-powertools/logger';
import { SyncError } from '../contracts/next.ts';

/** What functions log with: one sentence of ours, and ids and counts beside it. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'appendKeys' | 'resetKeys'>;

/**
 * A JSON logger.
 *
 * @param service - the entry's name, as in `functions/`
 */
export const makeLogger = (service: string): Logger => new Logger({ serviceName: service });

/** The name, the code and what to do next; messages and causes may quote what came from outside. */
export interface LoggedError {
  readonly error: string;
  readonly code?: string;
  readonly next?: string;
  /** What a service called it, where the error says so in words that hold nothing of a record. */
  readonly reason?: string;
  /** Where an unexpected one was thrown, without its message. */
  readonly frames?: readonly string[];
}

/** Enough to find the place; a log line holds 256 KB. */
const MAX_FRAMES = 20;

/** What may be logged of anything that was caught. */
export const describeError = (error: unknown): LoggedError => {
  if (error instanceof SyncError) {
    const reason = 'reason' in error && typeof error.reason === 'string' ? { reason: error.reason } : {};
    return { error: error.name, code: error.code, next: error.next.do, ...reason };
  }
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  // The stack begins with the message, which may have several lines.
  const frames = (error.stack ?? '')
    .replace(error.message, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, MAX_FRAMES);
  return { error: error.name, ...code, frames };
};

/** Logs an error where it is decided upon: as `info` where it passes with time, as `error` where a person is needed. */
export const logError = (log: Pick<Log, 'info' | 'error'>, what: string, error: unknown): void => {
  const described = describeError(error);
  const needsPerson =
    !(error instanceof SyncError) || ['stop', 'recheck', 'reauthorize'].includes(error.next.do);
  // Spread, since Powertools would print the message of an `Error` that it is given.
  if (needsPerson) log.error(what, { ...described });
  else log.info(what, { ...described });
};
