import { isoOf } from './time.ts';

/** Time as one function sees it; handed in, so that tests wait for nothing. */
export interface Clock {
  /** Milliseconds since the epoch, by this machine's clock. */
  nowMs(): number;
  /** Resolves after this many milliseconds. */
  sleep(ms: number): Promise<void>;
}

/** Now, by this clock: ISO 8601, UTC. */
export const nowIso = (clock: Pick<Clock, 'nowMs'>): string => isoOf(clock.nowMs());
