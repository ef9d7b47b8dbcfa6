import { type SalesforceRequest, TransportFailure } from './transport.ts';

/**
 * How many requests one process sends to one org at once, on each of two lanes: streams of bulk jobs have a lane of
 * their own, so that code which reads a stream can still call. One, since processes multiply it: an org allows
 * 25 requests of 20 seconds and more at once, a Developer org 5.
 *
 * @see App Limits Cheat Sheet, "Concurrent API Request Limits"
 */
export const CALLS_PER_PROCESS = 1;

/** Logins and token requests do not count as API requests. */
const API_PATH = /^\/services\/(?:data|async)\//;

/**
 * A request may wait for its turn this many times its own timeout: many calls at once are a queue, not an outage.
 * Waiting and the call together still end within the life of a function that makes one such call.
 */
const TIMES_WAITED = 2;

interface Lane {
  running: number;
  readonly waiting: (() => void)[];
}

/** Gives requests their turn, for each org separately. An org is identified by the origin of its instance. */
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
   * @param timeoutMs - how long the request itself may take; waiting for its turn may take twice as long
   * @returns a function that gives the turn back; call it once, when the answer is complete or the request has failed
   * @throws TransportFailure when the turn did not come in time: nothing was sent
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

  /** A turn passes directly to the next in line, so that no other request comes between. */
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
