/** The body of an upload, which is sent as it comes and can therefore be sent only once. */
export interface StreamedBody {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly bodyBytes: number;
}

export interface SalesforceRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Absolute, or a path on the connection's own instance. */
  readonly url: string;
  /** What the request does, in words without values, for errors and logs. */
  readonly operation: string;
  /** Whether it may be sent again although it may have been carried out: reads, and writes that a repeat does not change. */
  readonly isRepeatable: boolean;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | StreamedBody;
  /** The body of the answer is passed on as it comes, instead of being read whole first. */
  readonly isStreamed?: boolean;
  /**
   * Finds the refusal inside an answer with a good status, which was read whole. The token is then refreshed, or the
   * request repeated, as for a refusal by status.
   */
  readonly refusalIn?: (response: SalesforceResponse) => Promise<unknown>;
  /** In milliseconds: how long the whole exchange may take, or for a stream the longest silence. */
  readonly timeoutMs?: number;
}

/** Removes secrets from a text from outside. */
export type Clean = (text: string) => string;

export interface SalesforceResponse {
  readonly status: number;
  /** Lower-case names; the values of a repeated header are joined by a comma. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Decompressed. Read it to its end, or start and leave it: otherwise its connection is free only after the timeout. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Removes the secrets of the request from a text of this answer. Absent on answers straight from a transport. */
  readonly clean?: Clean;
}

/**
 * All Salesforce traffic is this one function. Token, repeats and counting are wrapped around it, each as a function
 * from a transport to a transport.
 */
export type Transport = (request: SalesforceRequest, signal?: AbortSignal) => Promise<SalesforceResponse>;

/** A request that got no complete answer. */
export class TransportFailure extends Error {
  /** Whether the other side can have begun to carry the request out. */
  readonly wasBegun: boolean;
  readonly reason: 'connection' | 'timeout' | 'body' | 'aborted';

  constructor(reason: TransportFailure['reason'], wasBegun: boolean, cause?: unknown) {
    super(`No complete answer (${reason})`, { cause });
    this.name = 'TransportFailure';
    this.reason = reason;
    this.wasBegun = wasBegun;
  }
}

/** A body that is longer than its reader allows. */
export class BodyTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`The body is longer than ${maxBytes} bytes`);
    this.name = 'BodyTooLarge';
  }
}
