import type { Clock } from '../../../shared/contracts/clock.ts';
import { incompleteQuery } from '../../../shared/salesforce-client/errors/errors.ts';
import { ApiUsage } from '../../../shared/salesforce-client/transport/api-usage.ts';
import { refusing } from '../../../shared/salesforce-client/transport/interceptors.ts';
import { type Transport, TransportFailure } from '../../../shared/salesforce-client/transport/transport.ts';
import { RequestRefusal } from './refusals.ts';
import { isoSecond } from './values.ts';

/** Every call, and whether the client may send it twice: reads, and what changes nothing the second time. */
const IS_REPEATABLE = {
  describe: true,
  count: true,
  select: true,
  selectTogether: true,
  nextPage: true,
  dailyCalls: true,
  update: false,
  upsert: false,
  deleteRecords: false,
  submitQuery: false,
  submitIngest: false,
  upload: false,
  close: true,
  abort: true,
  info: true,
  listOpen: true,
  queryResults: true,
  ingestResults: true,
} as const;
export type CallName = keyof typeof IS_REPEATABLE;

/** What goes wrong with a call. */
export type OrgFault =
  /** 503 before anything happens. Its caller cannot know that: of a write the outcome is unknown. */
  | 'unavailable'
  /** No connection, so surely nothing happens. */
  | 'unreached'
  /** Everything happens, and the answer is lost. */
  | 'lost-answer'
  /** The allowance of calls is used up, and nothing happens. */
  | 'used-up'
  /** The org has worked on it for too long and gives up. */
  | 'timed-out'
  /** It would go over more records than the user may. */
  | 'too-large'
  /** Of a query: an answer with a good status that lacks rows which it counts. */
  | 'rows-missing';

/** Which calls a fault strikes: those of one name, reads or writes of records, or any. */
export type Struck = CallName | 'read' | 'write' | 'any';

const READS: readonly CallName[] = ['describe', 'count', 'select', 'selectTogether', 'nextPage'];
const WRITES: readonly CallName[] = ['update', 'upsert', 'deleteRecords'];
const ALL = Object.keys(IS_REPEATABLE) as CallName[];

function callsOf(struck: Struck): readonly CallName[] {
  if (struck === 'any') return ALL;
  if (struck === 'read') return READS;
  return struck === 'write' ? WRITES : [struck];
}

interface ArmedFault {
  readonly struck: Struck;
  readonly fault: OrgFault;
  skip: number;
}

/** A Developer Edition's. */
const ALLOWANCE = 15_000;
const HOUR_MS = 3_600_000;

/**
 * The calls of the org: logs each, lets faults strike, and has the product's own client make every error, of the answer
 * or the failure of a connection that it would have seen. So no error can come from here that the client never gives.
 */
export class OrgCalls {
  readonly log: CallName[] = [];
  /** Throws to end the caller's process before a call, or (`after`) after it. */
  before: (call: CallName) => void = () => {};
  after: (call: CallName) => void = () => {};
  /** How far the org's clock is ahead of ours. */
  aheadMs = 0;
  /** Calls of 24 hours that the org allows, and those of them that others made. */
  allowance = ALLOWANCE;
  others = 0;
  readonly #byHour = new Map<number, number>();
  readonly #clock: Pick<Clock, 'nowMs'>;
  #faults: ArmedFault[] = [];
  readonly #usage = new ApiUsage();
  #skewMs = 0;

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  /** Has a fault strike the next such call, or one after it. */
  failNext(struck: Struck, fault: OrgFault, skip = 0): void {
    this.#faults.push({ struck, fault, skip });
  }

  /** The org's time. */
  readonly nowMs = (): number => this.#clock.nowMs() + this.aheadMs;

  /** The org's time as an answer tells it. */
  readonly now = (): string => isoSecond(this.nowMs());

  /** Of the call that is being done. */
  readonly requestId = (): string => `request-${this.log.length}`;

  usage(): ReturnType<ApiUsage['read']> {
    return this.#usage.read();
  }

  /** As the org's list of limits tells it. */
  dailyCalls(): Promise<{ readonly used: number; readonly max: number }> {
    return this.run('dailyCalls', () => ({ used: this.#used(), max: this.allowance }));
  }

  /** Of the last 24 hours. */
  #used(): number {
    const hour = Math.floor(this.nowMs() / HOUR_MS);
    let used = this.others;
    for (const [at, calls] of this.#byHour) if (at > hour - 24) used += calls;
    return Math.min(used, this.allowance);
  }

  #count(): void {
    const hour = Math.floor(this.nowMs() / HOUR_MS);
    this.#byHour.set(hour, (this.#byHour.get(hour) ?? 0) + 1);
    this.#usage.countCall();
  }

  /** 0 before the first answer. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /** Does one call. */
  async run<T>(name: CallName, work: () => T | Promise<T>): Promise<T> {
    this.log.push(name);
    this.before(name);
    const fault = this.#take(name) ?? (this.#used() >= this.allowance ? 'used-up' : undefined);
    if (fault !== 'unreached') this.#count();
    if (fault === 'rows-missing') throw incompleteQuery(name, 'it has 0 of 2 records, and is done');
    if (fault !== undefined && fault !== 'lost-answer') throw await this.errorOf(name, NOTHING_DONE[fault]);
    let answer: T;
    try {
      answer = await work();
    } catch (error) {
      this.#learn();
      throw error instanceof RequestRefusal ? await this.errorOf(name, answering(error)) : error;
    }
    this.after(name);
    if (fault === 'lost-answer') throw await this.errorOf(name, brokenOff);
    this.#learn();
    return answer;
  }

  /** What the product's client throws where a request meets this. */
  async errorOf(name: CallName, send: Transport): Promise<unknown> {
    const client = refusing(send, { nowMs: this.#clock.nowMs, sleep: async () => undefined });
    const request = {
      method: 'GET',
      url: '/',
      operation: name,
      isRepeatable: IS_REPEATABLE[name],
    } as const;
    const answer = await client(request).catch((error: unknown) => ({ error }));
    if ('error' in answer) return answer.error;
    throw new Error('a fault must make the client fail');
  }

  #take(name: CallName): OrgFault | undefined {
    const armed = this.#faults.find(({ struck }) => callsOf(struck).includes(name));
    if (!armed) return undefined;
    armed.skip -= 1;
    if (armed.skip >= 0) return undefined;
    this.#faults = this.#faults.filter((other) => other !== armed);
    return armed.fault;
  }

  #learn(): void {
    this.#usage.record(`api-usage=${this.#used()}/${this.allowance}`, this.#clock.nowMs());
    this.#skewMs = Date.parse(this.now()) - this.#clock.nowMs();
  }
}

/** An answer that refuses the request. */
export const answering =
  ({ status, code, message }: RequestRefusal): Transport =>
  async () => ({
    status,
    headers: {},
    body: bytesOf(JSON.stringify([{ errorCode: code, message }])),
  });

/** The connection breaks after the request has gone out. */
export const brokenOff: Transport = async () => {
  throw new TransportFailure('connection', true);
};

const NOTHING_DONE: Readonly<Record<Exclude<OrgFault, 'lost-answer' | 'rows-missing'>, Transport>> = {
  unavailable: answering(
    new RequestRefusal(503, 'SERVER_UNAVAILABLE', 'The server is temporarily unavailable.'),
  ),
  'timed-out': answering(
    new RequestRefusal(400, 'QUERY_TIMEOUT', 'Your query request was running for too long.'),
  ),
  'too-large': answering(new RequestRefusal(403, 'OPERATION_TOO_LARGE', 'exceeded 100000 distinct ids')),
  'used-up': answering(new RequestRefusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')),
  unreached: async () => {
    throw new TransportFailure('connection', false);
  },
};

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
