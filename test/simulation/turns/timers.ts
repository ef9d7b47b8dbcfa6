import type { Timers } from '../../../shared/use-cases/ports/runtime.ts';
import type { Scheduler } from './scheduler.ts';

/**
 * Timers of the code under test, on the clock of the simulation: bundled in the place of `node:timers`, and set as the
 * global ones. One simulation runs in a process.
 */
let scheduler: Scheduler | undefined;
let nextId = 1;
const cancels = new Map<number, () => void>();

/** Has timers run on this scheduler from now on. */
export function timersOf(of: Scheduler): void {
  scheduler = of;
  cancels.clear();
  Object.assign(globalThis, { setTimeout, clearTimeout });
}

/** @public by whoever imports it from `node:timers` */
export function setTimeout(work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): number {
  if (!scheduler) throw new Error('no simulation runs');
  const id = nextId;
  nextId += 1;
  cancels.set(
    id,
    scheduler.later(ms, () => {
      cancels.delete(id);
      work(...args);
    }),
  );
  return id;
}

/** @public by whoever imports it from `node:timers` */
export function clearTimeout(id: number | undefined): void {
  if (id === undefined) return;
  cancels.get(id)?.();
  cancels.delete(id);
}

/** The same as a port. */
export const virtualTimers: Timers = {
  after(ms, run) {
    const id = setTimeout(run, ms);
    return () => clearTimeout(id);
  },
};
