/** A task that waits for a moment of simulated time. */
interface ScheduledTask {
  readonly atMs: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** Longest delay that `setTimeout` takes without firing at once (2^31 - 1 ms); longer waits are armed again. */
const MAX_TIMER_MS = 2_147_483_647;

/** From the year 10000 on, years no longer have four digits. */
const MAX_DATE_MS = Date.UTC(9_900, 0, 1);

/** A time cut to whole seconds, as the platform stores times. */
export const toWholeSecond = (epochMs: number): number => Math.floor(epochMs / 1000) * 1000;

/**
 * The org's own time: real time plus an offset, or constant while it is frozen.
 * Scheduled tasks run when simulated time reaches them, whether it passes or is moved; tasks that
 * are passed by one move run in order, each seeing its own due time. Timers never keep a process alive.
 */
export class SimulatedClock {
  #offsetMs = 0;
  #frozenAtMs: number | undefined;
  #tasks: ScheduledTask[] = [];
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #moving = false;

  /** Simulated time in epoch milliseconds. */
  now(): number {
    return this.#frozenAtMs ?? Date.now() + this.#offsetMs;
  }

  /** Simulated time to whole seconds, the precision in which the platform stamps records. */
  nowSecondMs(): number {
    return toWholeSecond(this.now());
  }

  /** Moves time by `byMs` (may be negative) and runs what became due. */
  advance(byMs: number): void {
    this.set(this.now() + byMs);
  }

  /** Sets time to `toMs` and runs what became due on the way; throws `RangeError` outside of 1970 to 9900. */
  set(toMs: number): void {
    // Outside this range dates cannot be written in the platform's format, and every later answer would fail.
    if (!(toMs >= 0 && toMs <= MAX_DATE_MS)) throw new RangeError('time must be between 1970 and 9900');
    this.#moving = true;
    try {
      for (let task = this.#next(toMs); task; task = this.#next(toMs)) {
        this.#jump(Math.max(task.atMs, Math.min(this.now(), toMs)));
        task.run();
      }
    } finally {
      this.#moving = false;
      this.#jump(toMs);
      this.#arm();
    }
  }

  /** Stops time; scheduled tasks wait until it is moved or released. */
  freeze(): void {
    this.#frozenAtMs = this.now();
    this.#arm();
  }

  /** Lets time continue from where it was stopped. */
  unfreeze(): void {
    if (this.#frozenAtMs === undefined) return;
    this.#offsetMs = this.#frozenAtMs - Date.now();
    this.#frozenAtMs = undefined;
    this.#arm();
  }

  /** Runs `run` once, `delayMs` of simulated time from now. */
  schedule(delayMs: number, run: () => void): void {
    this.#sequence += 1;
    this.#tasks.push({ atMs: this.now() + delayMs, sequence: this.#sequence, run });
    this.#tasks.sort((a, b) => a.atMs - b.atMs || a.sequence - b.sequence);
    if (!this.#moving) this.#arm();
  }

  /** Forgets every scheduled task. */
  stop(): void {
    this.#tasks = [];
    clearTimeout(this.#timer);
  }

  #next(untilMs: number): ScheduledTask | undefined {
    const first = this.#tasks[0];
    return first && first.atMs <= untilMs ? this.#tasks.shift() : undefined;
  }

  #jump(toMs: number): void {
    if (this.#frozenAtMs !== undefined) this.#frozenAtMs = toMs;
    else this.#offsetMs = toMs - Date.now();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const first = this.#tasks[0];
    if (!first || this.#frozenAtMs !== undefined) return;
    const waitMs = Math.min(Math.max(first.atMs - this.now(), 0), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#runDue(), waitMs);
    this.#timer.unref();
  }

  #runDue(): void {
    for (let task = this.#next(this.now()); task; task = this.#next(this.now())) task.run();
    this.#arm();
  }
}
