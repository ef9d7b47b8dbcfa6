import type { SimulatedClock } from '../org/clock.ts';

/** One request as the log keeps it; holds no secret, no body and no value of a query string. */
export interface LoggedRequest {
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly kind: string;
  /** The name that the client gave in `Sforce-Call-Options`. */
  readonly client: string | null;
  /** The platform's own request headers, such as `sforce-duplicate-rule-header`. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the answer's `X-Sfdc-Request-Id` said. */
  readonly requestId: string;
  /** The kind of the fault that struck it. */
  readonly fault: string | null;
}

/** Counters since the last reset. */
export interface Counts {
  /** Requests by kind, such as `query`, `row-write` or `token-refresh`; inside a composite with that prefix. */
  readonly requests: Readonly<Record<string, number>>;
  /** Token requests that were answered with tokens, by grant. */
  readonly granted: Readonly<Record<string, number>>;
  /** Rows written over the API. */
  readonly rows: Readonly<{ created: number; updated: number; deleted: number; refused: number }>;
  /** Requests that counted against the allowance in the last 24 hours. */
  readonly apiUsage: number;
}

const KEPT = 10_000;
const HOUR_MS = 60 * 60 * 1000;

/** The requests that reached the org, and counters of them. */
export class RequestLog {
  readonly #clock: SimulatedClock;
  #entries: LoggedRequest[] = [];
  #requests = new Map<string, number>();
  #granted = new Map<string, number>();
  #rows = { created: 0, updated: 0, deleted: 0, refused: 0 };
  /** API requests by the hour of simulated time in which they came. */
  readonly #usage = new Map<number, number>();

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** Adds a finished request. */
  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    if (this.#entries.length > KEPT * 1.1) this.#entries = this.#entries.slice(-KEPT);
    this.countRequest(entry.kind);
    if (entry.status === 200 && entry.kind.startsWith('token-')) increment(this.#granted, entry.kind);
  }

  /** Counts a request of that kind without logging it. */
  countRequest(kind: string): void {
    increment(this.#requests, kind);
  }

  /** Counts a row that an API call wrote, or that was refused. */
  countRow(outcome: 'created' | 'updated' | 'deleted' | 'refused'): void {
    this.#rows[outcome] += 1;
  }

  /** Counts a request against the allowance and returns the usage of the last 24 hours. */
  countApiUse(): number {
    const hour = Math.floor(this.#clock.now() / HOUR_MS);
    this.#usage.set(hour, (this.#usage.get(hour) ?? 0) + 1);
    return this.apiUsage();
  }

  /** Requests that counted in the last 24 hours. */
  apiUsage(): number {
    const hour = Math.floor(this.#clock.now() / HOUR_MS);
    let used = 0;
    for (const [at, count] of this.#usage) if (at > hour - 24 && at <= hour) used += count;
    return used;
  }

  /** The latest requests, oldest first. */
  entries(limit = KEPT): LoggedRequest[] {
    return this.#entries.slice(-limit);
  }

  /** The counters. */
  counts(): Counts {
    return {
      requests: Object.fromEntries(this.#requests),
      granted: Object.fromEntries(this.#granted),
      rows: { ...this.#rows },
      apiUsage: this.apiUsage(),
    };
  }

  /** Sets every counter to zero and forgets the entries; the allowance's usage stays. */
  reset(): void {
    this.#entries = [];
    this.#requests = new Map();
    this.#granted = new Map();
    this.#rows = { created: 0, updated: 0, deleted: 0, refused: 0 };
  }
}

/** A path as the log may show it: the names of query parameters without their values. */
export function withoutQueryValues(pathAndQuery: string): string {
  const [path = '', query] = pathAndQuery.split('?', 2);
  if (!query) return path;
  return `${path}?${[...new URLSearchParams(query).keys()].map((name) => encodeURIComponent(name)).join('&')}`;
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
