import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isNativeError } from 'node:util/types';
import { REQUEST_TIMEOUT_MS } from '../../contracts/lifetimes.ts';
import { collected, decompress, decompressed, isCompressed } from './answer-body.ts';
import type { WholeBody } from './bodies.ts';
import { CALLS_PER_PROCESS, CallSlots } from './call-slots.ts';
import { GZIP_FROM_BYTES, toWireBody, type WireBody } from './request-body.ts';
import {
  BodyTooLarge,
  type SalesforceRequest,
  type SalesforceResponse,
  type StreamedBody,
  type Transport,
  TransportFailure,
} from './transport.ts';

export interface HttpTransportOptions {
  /** For requests without a timeout of their own. @default REQUEST_TIMEOUT_MS */
  readonly timeoutMs?: number;
  /** How many API calls run to one org at once, and as many streams beside them. @default CALLS_PER_PROCESS */
  readonly callsAtOnce?: number;
  /** Compress JSON bodies from this size on. @default GZIP_FROM_BYTES */
  readonly gzipFromBytes?: number;
}

/** A transport with connections of its own. */
export interface HttpTransport {
  readonly send: Transport;
  /** Ends the connections. */
  close(): void;
}

/** Shorter than the idle time after which load balancers usually close a connection. */
const IDLE_SOCKET_MS = 15_000;
/** Salesforce's headers are about 2 KB; content security policies can make them longer than Node's 16 KB. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Sends requests over `node:http` and `node:https`. Keeps connections alive, bounds the calls to one org, compresses
 * large JSON. Does not follow redirects, handle tokens or repeat requests. Bodies are passed on decompressed.
 *
 * @throws TransportFailure where no answer with a status came; reading the body may throw it too
 */
export function makeHttpTransport(options: HttpTransportOptions = {}): HttpTransport {
  const agentOptions = {
    keepAlive: true,
    scheduling: 'lifo' as const,
    timeout: IDLE_SOCKET_MS,
  };
  const http = new HttpAgent(agentOptions);
  const https = new HttpsAgent(agentOptions);
  const slots = new CallSlots(options.callsAtOnce ?? CALLS_PER_PROCESS);
  const gzipFromBytes = options.gzipFromBytes ?? GZIP_FROM_BYTES;
  const open = (url: URL, request: SalesforceRequest, headers: WireBody['headers']): ClientRequest => {
    const isSecure = url.protocol === 'https:';
    return (isSecure ? httpsRequest : httpRequest)({
      protocol: url.protocol,
      // Without the brackets of an IPv6 address.
      hostname: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
      port: url.port === '' ? undefined : Number(url.port),
      path: `${url.pathname}${url.search}`,
      method: request.method,
      agent: isSecure ? https : http,
      headers,
      maxHeaderSize: MAX_HEADER_BYTES,
    });
  };
  const send: Transport = async (request, signal) => {
    const url = new URL(request.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new RangeError('Only HTTP and HTTPS');
    const timeoutMs = bounded(request.timeoutMs ?? options.timeoutMs ?? REQUEST_TIMEOUT_MS);
    const { headers, bytes } = await toWireBody(request, gzipFromBytes);
    const release = await slots.take(url, request, timeoutMs, signal);
    let wire: ClientRequest;
    try {
      wire = open(url, request, headers);
    } catch (error) {
      release();
      throw error;
    }
    // Always fires: when the answer was read, or when the connection has ended.
    wire.once('close', release);
    return new Exchange(wire, { ...request, bytes, timeoutMs, signal }).run();
  };
  return {
    send,
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

/** Node's timers fire at once for more than 2³¹ ms, and waiting for a turn takes up to twice as long as this. */
const MAX_TIMEOUT_MS = 2 ** 30 - 1;

function bounded(timeoutMs: number): number {
  if (timeoutMs > 0) return Math.min(timeoutMs, MAX_TIMEOUT_MS);
  throw new RangeError('timeoutMs must be a number of milliseconds above 0');
}

interface ExchangeOptions extends SalesforceRequest {
  readonly timeoutMs: number;
  readonly bytes: WireBody['bytes'] | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One request and its answer, with one timer. */
class Exchange {
  readonly #wire: ClientRequest;
  readonly #request: ExchangeOptions;
  /** A stream may last as long as it does not fall silent; anything else has one deadline for the whole exchange. */
  #isFlow: boolean;
  #watch: NodeJS.Timeout | undefined;
  #wasBegun = false;
  #isTimedOut = false;
  #isOver = false;

  constructor(wire: ClientRequest, request: ExchangeOptions) {
    this.#wire = wire;
    this.#request = request;
    this.#isFlow = request.isStreamed === true || typeof request.body === 'object';
  }

  async run(): Promise<SalesforceResponse> {
    this.#startWatch();
    this.#request.signal?.addEventListener('abort', this.#hangUp, { once: true });
    if (this.#request.signal?.aborted) this.#hangUp();
    // For an answer that nobody reads.
    this.#wire.once('close', () => this.#end());
    try {
      const message = await this.#exchange();
      const status = message.statusCode ?? 0;
      // A refusal is read whole, even if a stream was expected.
      if (status >= 300) this.#isFlow = false;
      return {
        status,
        headers: joined(message),
        body: this.#isFlow ? this.#bodyOf(message) : this.#wholeOf(message),
      };
    } catch (error) {
      this.#end();
      this.#wire.destroy();
      throw this.#failure('connection', error);
    }
  }

  #exchange(): Promise<IncomingMessage> {
    const answer = this.#answer();
    const { body } = this.#request;
    if (typeof body !== 'object') {
      this.#wire.end(this.#request.bytes);
      return answer;
    }
    const upload = this.#upload(body);
    upload.catch(() => undefined);
    // An early refusal may come before the upload ends; the upload then fails because of it.
    return Promise.race([answer, upload.then(() => answer)]);
  }

  #answer(): Promise<IncomingMessage> {
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      let isAnswered = false;
      this.#wire.once('response', (message) => {
        isAnswered = true;
        resolve(message);
      });
      this.#wire.on('error', reject);
      this.#wire.once('close', () => {
        // An answer that changes the protocol fires no other event. The error is created only then: its stack costs time.
        if (!isAnswered) reject(new Error('The connection ended'));
      });
      this.#wire.once('socket', (socket) => this.#noteBeginning(socket));
    });
    answer.catch(() => undefined);
    return answer;
  }

  /** Bytes can reach the other side only once the connection and its TLS are established. */
  #noteBeginning(socket: Socket): void {
    const isSecure = 'encrypted' in socket;
    if (this.#wire.reusedSocket || !(isSecure || socket.connecting)) {
      this.#wasBegun = true;
      return;
    }
    socket.once(isSecure ? 'secureConnect' : 'connect', () => {
      this.#wasBegun = true;
    });
  }

  #upload(body: StreamedBody): Promise<void> {
    return pipeline(Readable.from(this.#outgoing(body), { objectMode: false }), this.#wire);
  }

  /** A byte more than `content-length` would be read as the next request on this connection. */
  async *#outgoing(body: StreamedBody): AsyncGenerator<Uint8Array> {
    let sentBytes = 0;
    for await (const chunk of body.stream) {
      sentBytes += chunk.byteLength;
      if (sentBytes > body.bodyBytes) throw new RangeError('The body is longer than announced');
      this.#startWatch();
      yield chunk;
    }
    if (sentBytes < body.bodyBytes) throw new RangeError('The body is shorter than announced');
    this.#startWatch();
  }

  /** Reading chunk by chunk costs the overhead of a stream, which a small answer need not pay. */
  #wholeOf(message: IncomingMessage): WholeBody {
    return {
      [Symbol.asyncIterator]: () => this.#bodyOf(message),
      readAll: (maxBytes) => this.#readAll(message, maxBytes),
    };
  }

  async #readAll(message: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
    try {
      const bytes = await collected(message, maxBytes);
      return isCompressed(message) && bytes.byteLength > 0 ? await decompress(bytes, maxBytes) : bytes;
    } catch (error) {
      this.#wire.destroy();
      throw error instanceof BodyTooLarge ? error : this.#failure('body', error);
    } finally {
      this.#end();
      if (!this.#wire.writableFinished) this.#wire.destroy();
    }
  }

  async *#bodyOf(message: IncomingMessage): AsyncGenerator<Uint8Array> {
    const source = decompressed(message);
    const chunks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        if (this.#isFlow) this.#startWatch();
        const next = await chunks.next();
        // The reader may be slow: only the silence of the other side counts.
        if (this.#isFlow) this.#stopWatch();
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      throw this.#failure('body', error);
    } finally {
      this.#end();
      if (!(source.readableEnded && message.complete && this.#wire.writableFinished)) this.#wire.destroy();
    }
  }

  #startWatch(): void {
    this.#stopWatch();
    // An upload that an early answer overtook may still be sending its last chunk.
    if (this.#isOver) return;
    this.#watch = setTimeout(() => {
      this.#isTimedOut = true;
      this.#hangUp();
    }, this.#request.timeoutMs);
  }

  #stopWatch(): void {
    clearTimeout(this.#watch);
  }

  #hangUp = (): void => {
    this.#wire.destroy(new Error('Hung up'));
  };

  #end(): void {
    this.#isOver = true;
    this.#stopWatch();
    this.#request.signal?.removeEventListener('abort', this.#hangUp);
  }

  #failure(reason: 'connection' | 'body', caught: unknown): TransportFailure {
    const cause = withoutBytes(caught);
    if (this.#request.signal?.aborted) return new TransportFailure('aborted', this.#wasBegun, cause);
    return new TransportFailure(this.#isTimedOut ? 'timeout' : reason, this.#wasBegun, cause);
  }
}

/** Node's parser attaches the bytes that it could not read to its error; in the answer of a login they hold the token. */
function withoutBytes(caught: unknown): unknown {
  if (!isNativeError(caught)) return caught;
  const { code } = caught as NodeJS.ErrnoException;
  return new Error(caught.message, code === undefined ? {} : { cause: code });
}

function joined(message: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
