import type { Clock } from '../../shared/contracts/clock.ts';
import type { Timers } from '../../shared/use-cases/ports/runtime.ts';

interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

/**
 * Time that passes only when everybody waits. Whatever is begun in it must wait for nothing but its own `sleep` and
 * `after`; then the same beginning always has the same course.
 */
export class VirtualTime implements Clock, Timers {
  #nowMs: number;
  /** In the order of their times; those of one moment in the order of their asking. */
  readonly #events: Event[] = [];

  constructor(start = '2026-01-01T00:00:00.000Z') {
    this.#nowMs = Date.parse(start);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  after(ms: number, run: () => void): () => void {
    const event = { atMs: this.#nowMs + Math.max(0, ms), run };
    const place = this.#events.findLastIndex(({ atMs }) => atMs <= event.atMs);
    this.#events.splice(place + 1, 0, event);
    return () => {
      const index = this.#events.indexOf(event);
      if (index >= 0) this.#events.splice(index, 1);
    };
  }

  /** Lets this much time pass, and everything happen that happens in it. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      // All that is ready runs before this comes back.
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#events[0];
      if (!next || next.atMs > endMs) break;
      this.#events.shift();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = endMs;
  }
}
