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
import { createGunzip } from 'node:zlib';
import { REQUEST_TIMEOUT_MS } from '../contracts/lifetimes.ts';
import {
  type SalesforceRequest,
  type SalesforceResponse,
  type StreamedBody,
  type Transport,
  TransportFailure,
} from './transport.ts';

export interface HttpTransportOptions {
  /** For requests that name none. @default REQUEST_TIMEOUT_MS */
  readonly timeoutMs?: number;
  /** Connections to one org at once. @default 10, so that two busy functions stay below an org's 25 long requests */
  readonly maxSockets?: number;
}

/** A transport with connections of its own. */
export interface HttpTransport {
  readonly send: Transport;
  /** Ends the connections. */
  close(): void;
}

/** Shorter than the idle time after which load balancers usually hang up. */
const IDLE_SOCKET_MS = 15_000;
/** Salesforce's headers are about 2 KB; content security policies can make them longer than Node's 16 KB. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Sends requests over `node:http` and `node:https` with kept connections. Follows no redirect, knows nothing of
 * tokens, repeats nothing. Bodies are handed on decompressed.
 *
 * @throws TransportFailure for anything but an answer with a status; the body's iteration throws it too
 */
export function makeHttpTransport(options: HttpTransportOptions = {}): HttpTransport {
  const agentOptions = {
    keepAlive: true,
    maxSockets: options.maxSockets ?? 10,
    scheduling: 'lifo' as const,
    timeout: IDLE_SOCKET_MS,
  };
  const http = new HttpAgent(agentOptions);
  const https = new HttpsAgent(agentOptions);
  const send: Transport = async (request, signal) => {
    const url = new URL(request.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new RangeError('Only HTTP and HTTPS');
    const isSecure = url.protocol === 'https:';
    const wire = (isSecure ? httpsRequest : httpRequest)(url, {
      method: request.method,
      agent: isSecure ? https : http,
      headers: headersOf(request),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    const timeoutMs = request.timeoutMs ?? options.timeoutMs ?? REQUEST_TIMEOUT_MS;
    return new Exchange(wire, request, timeoutMs, signal).run();
  };
  return {
    send,
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

function headersOf(request: SalesforceRequest): Record<string, string> {
  const { body } = request;
  const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body?.bodyBytes;
  const length: Record<string, string> =
    bodyBytes === undefined ? {} : { 'content-length': String(bodyBytes) };
  return { 'accept-encoding': 'gzip', ...length, ...request.headers };
}

/** One request and its answer, under one watch. */
class Exchange {
  readonly #wire: ClientRequest;
  readonly #request: SalesforceRequest;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  /** What flows for as long as it takes may only not fall silent; anything else has one deadline for all of it. */
  readonly #isFlow: boolean;
  #watch: NodeJS.Timeout | undefined;
  #wasBegun = false;
  #isTimedOut = false;
  #isOver = false;

  constructor(wire: ClientRequest, request: SalesforceRequest, timeoutMs: number, signal?: AbortSignal) {
    this.#wire = wire;
    this.#request = request;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#isFlow = request.isStreamed === true || typeof request.body === 'object';
  }

  async run(): Promise<SalesforceResponse> {
    this.#startWatch();
    this.#signal?.addEventListener('abort', this.#hangUp, { once: true });
    if (this.#signal?.aborted) this.#hangUp();
    try {
      const answer = this.#answer();
      const upload = this.#upload();
      // An early refusal may overtake the upload, whose failure then only follows from it.
      const message = await Promise.race([answer, upload.then(() => answer)]);
      upload.catch(() => undefined);
      return { status: message.statusCode ?? 0, headers: joined(message), body: this.#bodyOf(message) };
    } catch (error) {
      this.#end();
      this.#wire.destroy();
      throw this.#failure('connection', error);
    }
  }

  #answer(): Promise<IncomingMessage> {
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      this.#wire.once('response', resolve);
      this.#wire.on('error', reject);
      this.#wire.once('socket', (socket) => this.#noteBeginning(socket));
    });
    answer.catch(() => undefined);
    return answer;
  }

  /** Bytes can only reach the other side once the connection, and over it TLS, stands. */
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

  async #upload(): Promise<void> {
    const { body } = this.#request;
    if (typeof body === 'object') {
      await pipeline(Readable.from(this.#outgoing(body), { objectMode: false }), this.#wire);
    } else {
      this.#wire.end(body);
    }
  }

  /** A byte more than announced would be read as the next request on this connection. */
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

  async *#bodyOf(message: IncomingMessage): AsyncGenerator<Uint8Array> {
    const source = decompressed(message);
    const chunks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        if (this.#isFlow) this.#startWatch();
        const next = await chunks.next();
        // The consumer may take its time: only the other side's silence counts.
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
    // An upload that was overtaken may still be at its last chunk.
    if (this.#isOver) return;
    this.#watch = setTimeout(() => {
      this.#isTimedOut = true;
      this.#hangUp();
    }, this.#timeoutMs);
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
    this.#signal?.removeEventListener('abort', this.#hangUp);
  }

  #failure(reason: 'connection' | 'body', cause: unknown): TransportFailure {
    if (this.#signal?.aborted) return new TransportFailure('aborted', this.#wasBegun, cause);
    return new TransportFailure(this.#isTimedOut ? 'timeout' : reason, this.#wasBegun, cause);
  }
}

function decompressed(message: IncomingMessage): Readable {
  const isGzip = /^(?:x-)?gzip$/i.test(message.headers['content-encoding'] ?? '');
  // Nothing at all is no gzip member, whatever the header says.
  if (!isGzip || message.statusCode === 204 || message.statusCode === 304) return message;
  const unzipped = message.pipe(createGunzip());
  message.once('error', (error) => unzipped.destroy(error));
  return unzipped;
}

function joined(message: IncomingMessage): Record<string, string | undefined> {
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
