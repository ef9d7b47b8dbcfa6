import type { Timers } from '../../shared/use-cases/ports/runtime.ts';

/** Timers that run when a test says so. */
export interface ManualTimers extends Timers {
  /** Runs whatever waits, however long it would, and lets what follows from it happen. */
  fire(): Promise<void>;
}

export const manualTimers = (): ManualTimers => {
  const waiting = new Set<() => void>();
  return {
    after(_ms, run) {
      waiting.add(run);
      return () => void waiting.delete(run);
    },
    async fire() {
      const due = [...waiting];
      waiting.clear();
      for (const run of due) run();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
};
