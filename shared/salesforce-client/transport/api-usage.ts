/** After this long the highest number seen is out of date: the allowance counts the last 24 hours. */
const MAXIMUM_LIFE_MS = 5 * 60_000;

/**
 * The org's allowance as its answers report it. `Sforce-Limit-Info` lags and may fall (a recording has 490, then 483),
 * so the highest number of the last minutes counts.
 */
export class ApiUsage {
  #calls = 0;
  #seen: { readonly used: number; readonly max: number; readonly atMs: number } | undefined;

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

  read(): { readonly calls: number; readonly used?: number; readonly max?: number } {
    return this.#seen === undefined
      ? { calls: this.#calls }
      : { calls: this.#calls, used: this.#seen.used, max: this.#seen.max };
  }
}
