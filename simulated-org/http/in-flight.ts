/** The requests in progress. How long they have run is measured in real time, not the org's. */
export class InFlight {
  readonly #startedMs = new Set<{ readonly atMs: number }>();
  /** The largest number that was ever in progress at once. */
  peak = 0;

  /** Counts a request in; call the returned function when it is done. */
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
