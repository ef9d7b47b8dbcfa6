import type { Clock } from '../../shared/contracts/clock.ts';

/** A clock that a test moves. `sleep` moves it too, so that nothing ever waits in earnest. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** ISO 8601. */
  set(time: string): void;
  now(): string;
  /** Every sleep asked for, in milliseconds. */
  readonly sleeps: readonly number[];
}

export const manualClock = (start = '2026-01-01T00:00:00.000Z'): ManualClock => {
  let nowMs = Date.parse(start);
  const sleeps: number[] = [];
  return {
    nowMs: () => nowMs,
    now: () => new Date(nowMs).toISOString(),
    async sleep(ms) {
      const until = nowMs + ms;
      sleeps.push(ms);
      // Gives whoever else is ready the turn that a real sleep would; sleepers side by side sleep together.
      await new Promise((resolve) => setImmediate(resolve));
      nowMs = Math.max(nowMs, until);
    },
    advance(ms) {
      nowMs += ms;
    },
    set(time) {
      nowMs = Date.parse(time);
    },
    sleeps,
  };
};
