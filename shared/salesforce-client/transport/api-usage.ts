/** After this long a maximum no longer tells of the present: the allowance counts a rolling day. */
const MAXIMUM_LIFE_MS = 5 * 60_000;

/**
 * What the answers tell of the org's allowance. `Sforce-Limit-Info` lags and runs backwards (a recording reads 490,
 * then 483), so the greatest of the last minutes counts.
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
