/** After this long the highest number seen is out of date: the allowance counts the last 24 hours. */
const MAXIMUM_LIFE_MS = 5 * 60_000;

/** Requests that went out, and, as soon as an answer has told it, the org's allowance. */
export interface KnownUsage {
  readonly calls: number;
  readonly used?: number;
  readonly max?: number;
  /** Of when that answer is (epoch milliseconds). */
  readonly atMs?: number;
}

/**
 * The org's allowance as its answers report it. `Sforce-Limit-Info` lags and may fall (a recording has 490, then 483),
 * so the highest number of the last minutes counts.
 */
export class ApiUsage {
  #calls = 0;
  #seen: Required<Omit<KnownUsage, 'calls'>> | undefined;

  /** One request went out. */
  countCall(): void {
    this.#calls += 1;
  }

  /** @param header - such as `api-usage=488/5000000, per-app-api-usage=1/250(appName=x)` */
  record(header: string | undefined, nowMs: number): void {
    const match = /(?:^|[,;\s])api-usage=(\d{1,15})\/(\d{1,15})/.exec(header ?? '');
    if (match === null) return;
    const [used, max] = [Number(match[1]), Number(match[2])];
    const isStale = this.#seen === undefined || nowMs - this.#seen.atMs > MAXIMUM_LIFE_MS;
    if (isStale || used >= (this.#seen?.used ?? 0)) this.#seen = { used, max, atMs: nowMs };
  }

  read(): KnownUsage {
    return { calls: this.#calls, ...this.#seen };
  }
}
