import type { Clock } from '../../contracts/clock.ts';

/** How often something is tried, and what lies between two tries. */
export interface Tries {
  /** Tries in all, the first one included. */
  readonly most: number;
  /** Milliseconds to wait after the failed try of this number, from 1. */
  readonly pauseMs: (attempt: number) => number;
  /** Whether another try can come to a better end. @default after any error */
  readonly isWorthwhile?: (error: unknown) => boolean;
}

/**
 * Tries until it succeeds, a bounded number of times.
 *
 * @throws the error of the last try
 */
export const tryUpTo = async <T>(
  clock: Pick<Clock, 'sleep'>,
  { most, pauseMs, isWorthwhile = () => true }: Tries,
  work: () => Promise<T>,
): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= most || !isWorthwhile(error)) throw error;
      await clock.sleep(pauseMs(attempt));
    }
  }
};
