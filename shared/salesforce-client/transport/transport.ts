/** The body of an upload, which is sent as it comes and can therefore be sent only once. */
export interface StreamedBody {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly bodyBytes: number;
}

export interface SalesforceRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Absolute, or a path on the connection's own instance. */
  readonly url: string;
  /** What is tried, in words without values: stands in errors and logs. */
  readonly operation: string;
  /** Whether it may be sent again although it may have been carried out: reads, and writes that change nothing twice. */
  readonly isRepeatable: boolean;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | StreamedBody;
  /** The answer's body is handed on as it comes, instead of being read whole first. */
  readonly isStreamed?: boolean;
  /**
   * Finds in a good answer, read whole, the refusal of what was asked for. It is then refreshed and repeated for like a
   * refusal of the request itself.
   */
  readonly refusalIn?: (response: SalesforceResponse) => Promise<unknown>;
  /** The whole exchange, or for what is streamed the longest silence, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Takes secrets out of a text from outside. */
export type Clean = (text: string) => string;

export interface SalesforceResponse {
  readonly status: number;
  /** Lower-case names; of a repeated header the values joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decompressed. Read it to its end, or begin and leave it: else its connection comes back only with the time-out. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Frees a text of this answer from what was sent with its request; absent on what a transport itself gives. */
  readonly clean?: Clean;
}

/**
 * All Salesforce traffic is this one function. What a connection needs (token, repeats, counting) is wrapped round
 * it, each a function from a transport to a transport.
 */
export type Transport = (request: SalesforceRequest, signal?: AbortSignal) => Promise<SalesforceResponse>;

/** A request that got no whole answer. */
export class TransportFailure extends Error {
  /** Whether the other side can have begun to carry the request out. */
  readonly wasBegun: boolean;
  readonly reason: 'connection' | 'timeout' | 'body' | 'aborted';

  constructor(reason: TransportFailure['reason'], wasBegun: boolean, cause?: unknown) {
    super(`No whole answer (${reason})`, { cause });
    this.name = 'TransportFailure';
    this.reason = reason;
    this.wasBegun = wasBegun;
  }
}

/** The body was longer than its reader takes. */
export class BodyTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`The body is longer than ${maxBytes} bytes`);
    this.name = 'BodyTooLarge';
  }
}
