/** The requests that an org is busy with. The platform counts the long ones; here `now` is real time. */
export class InFlight {
  readonly #startedMs = new Set<{ readonly atMs: number }>();
  /** The most that were ever in progress at once. */
  peak = 0;

  /** Notes a request; call what comes back when it is done. */
  enter(nowMs: number): () => void {
    const entry = { atMs: nowMs };
    this.#startedMs.add(entry);
    this.peak = Math.max(this.peak, this.#startedMs.size);
    return () => this.#startedMs.delete(entry);
  }

  /** How many have been running for that long. */
  runningFor(durationMs: number, nowMs: number): number {
    return [...this.#startedMs].filter(({ atMs }) => nowMs - atMs >= durationMs).length;
  }
}
