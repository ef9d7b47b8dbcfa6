import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../contracts/clock.ts';

/** This machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(ms) {
    await sleep(Math.max(0, ms));
  },
};
