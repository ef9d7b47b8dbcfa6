import { type SalesforceRequest, TransportFailure } from './transport.ts';

/**
 * Requests of one process to one org at once, on each of two lanes: answers and bodies of bulk jobs stream on a lane
 * of their own, so that what reads a stream can still call. One, since processes multiply it: 20 workers make 20
 * calls, and two steps of bulk jobs, with a call and a stream each, make 4; that is 24, below the 25 requests of 20
 * seconds and more that an org allows at once. A Developer org allows 5, which 4 workers leave room in.
 *
 * @see App Limits Cheat Sheet, "Concurrent API Request Limits"
 */
export const CALLS_PER_PROCESS = 1;

/** Logins and token requests are no API requests. */
const API_PATH = /^\/services\/(?:data|async)\//;

/**
 * How often a request's own time it may wait for its turn: many calls asked for at once are a queue and no outage.
 * Waiting and call together still end inside a function that makes one such call.
 */
const TIMES_WAITED = 2;

interface Lane {
  running: number;
  readonly waiting: (() => void)[];
}

/** Gives requests their turn, for each org by itself. An org is its instance's origin. */
export class CallSlots {
  readonly #limit: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(limit: number) {
    if (!(limit >= 1)) throw new RangeError('At least one call at once');
    this.#limit = limit;
  }

  /**
   * Waits for the request's turn.
   *
   * @param timeoutMs - what the request itself may take; its turn may be twice as long in coming
   * @returns gives the turn back; call it once, when the whole answer is here or nothing more can come
   * @throws TransportFailure when the turn did not come in time: surely nothing was begun
   */
  async take(
    url: URL,
    request: SalesforceRequest,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<() => void> {
    if (!API_PATH.test(url.pathname)) return () => undefined;
    const isFlow = request.isStreamed === true || typeof request.body === 'object';
    const key = `${isFlow ? 'stream' : 'call'} ${url.origin}`;
    const lane = this.#lanes.get(key) ?? { running: 0, waiting: [] };
    this.#lanes.set(key, lane);
    if (lane.running >= this.#limit) await turn(lane, timeoutMs * TIMES_WAITED, signal);
    else lane.running += 1;
    return () => this.#release(key, lane);
  }

  /** A turn passes straight to the next in line, so nobody can slip in between. */
  #release(key: string, lane: Lane): void {
    const next = lane.waiting.shift();
    if (next === undefined) lane.running -= 1;
    else next();
    if (lane.running === 0) this.#lanes.delete(key);
  }
}

function turn(lane: Lane, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (reason: 'timeout' | 'aborted') => {
      done();
      lane.waiting.splice(lane.waiting.indexOf(come), 1);
      reject(new TransportFailure(reason, false));
    };
    const timer = setTimeout(() => leave('timeout'), waitMs);
    const onAbort = () => leave('aborted');
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const come = () => {
      done();
      resolve();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    lane.waiting.push(come);
    if (signal?.aborted) onAbort();
  });
}
