import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../contracts/clock.ts';
import type { Timers } from '../use-cases/ports/runtime.ts';

/** This machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(ms) {
    await sleep(Math.max(0, ms));
  },
};

/** This process's timers. */
export const systemTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
