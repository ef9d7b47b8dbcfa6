import { getEventListeners, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { buffered, readBytes, readRefusalText, readText } from '../../../shared/salesforce/bodies.ts';
import { type HttpTransport, makeHttpTransport } from '../../../shared/salesforce/http-transport.ts';
import type { SalesforceRequest } from '../../../shared/salesforce/transport.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Shorter than the transport's own for what must time out, and longer than loopback ever takes. */
const SHORT_MS = 150;
let transport: HttpTransport;
let closing: (() => void)[] = [];

beforeEach(() => {
  transport = makeHttpTransport({ timeoutMs: 5_000 });
});
afterEach(() => {
  transport.close();
  for (const close of closing) close();
  closing = [];
});

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const serve = async (handle: Handler): Promise<string> =>
  `http://127.0.0.1:${await listening(createServer(handle))}/`;

const get = (url: string, more: Partial<SalesforceRequest> = {}): SalesforceRequest => ({
  method: 'GET',
  url,
  operation: 'try',
  isRepeatable: true,
  ...more,
});

async function failure(request: SalesforceRequest, signal?: AbortSignal): Promise<unknown> {
  try {
    const response = await transport.send(request, signal);
    await readBytes(response.body, 1_000_000);
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}

describe('an exchange', () => {
  test('carries method, headers and body, and keeps the connection', async () => {
    const sockets = new Set<unknown>();
    const url = await serve(async (request, response) => {
      sockets.add(request.socket);
      response.setHeader('x-two', ['a', 'b']);
      response
        .writeHead(201)
        .end(
          `${request.method} ${request.headers['x-one']} ${request.headers['content-length']} ${await bodyOf(request)}`,
        );
    });

    for (let turn = 0; turn < 3; turn += 1) {
      const response = await transport.send(
        get(url, { method: 'POST', headers: { 'x-one': '1' }, body: 'é' }),
      );
      expect(response.status).toBe(201);
      expect(response.headers['x-two']).toBe('a, b');
      expect(await readText(response.body, 100)).toBe('POST 1 2 é');
    }
    expect(sockets.size).toBe(1);
  });

  test('decompresses, also in pieces', async () => {
    const text = 'Zoë 🦊\n'.repeat(50_000);
    const url = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(text));
    });

    for (const isStreamed of [false, true]) {
      const response = await transport.send(get(url, { isStreamed }));
      expect(await readText(response.body, 1_000_000)).toBe(text);
    }
  });

  test('comes whole, of however many pieces', async () => {
    const text = Array.from({ length: 200_000 }, (_, index) => index.toString(36)).join();
    for (const pieces of [2, 6]) {
      const pieceLength = Math.ceil(text.length / pieces);
      const url = await serve(async (_, response) => {
        for (let from = 0; from < text.length; from += pieceLength) {
          response.write(text.slice(from, from + pieceLength));
          await later(5);
        }
        response.end();
      });

      expect(await readText((await transport.send(get(url))).body, 10_000_000)).toBe(text);
    }
  });

  test('takes long headers, as content security policies are', async () => {
    const url = await serve((_, response) => response.writeHead(200, { csp: 'x'.repeat(30_000) }).end('ok'));

    expect(await readText((await transport.send(get(url))).body, 10)).toBe('ok');
  });

  test('is no text when its bytes are no UTF-8', async () => {
    const url = await serve((_, response) => response.end(Buffer.from('{"a":"é"}', 'latin1')));

    const { body } = await transport.send(get(url));

    // Of another realm, under the test runner.
    await expect(readText(body, 100)).rejects.toMatchObject({ name: 'TypeError' });
  });

  test('follows no redirect', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());

    const response = await transport.send(get(url));
    expect(response.status).toBe(302);
    expect(await readText(response.body, 1)).toBe('');
  });

  test('takes answers without a body', async () => {
    const url = await serve((_, response) => response.writeHead(204, { 'content-encoding': 'gzip' }).end());

    expect(await readText((await transport.send(get(url))).body, 1)).toBe('');

    const empty = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end());

    expect(await readText((await transport.send(get(empty))).body, 1)).toBe('');
  });

  test('uploads a stream as it comes, of the length that was announced', async () => {
    const url = await serve(async (request, response) => {
      response.end(`${request.headers['content-length']} ${await bodyOf(request)}`);
    });
    async function* pieces() {
      yield Buffer.from('ab');
      yield Buffer.from('cd');
    }

    const response = await transport.send(
      get(url, { method: 'PUT', body: { stream: pieces(), bodyBytes: 4 } }),
    );
    expect(await readText(response.body, 100)).toBe('4 abcd');

    for (const bodyBytes of [3, 5]) {
      expect(await failure(get(url, { method: 'PUT', body: { stream: pieces(), bodyBytes } }))).toMatchObject(
        { reason: 'connection' },
      );
    }
  });

  test('hears an answer that comes before the upload is over', async () => {
    const url = await serve((_, response) => response.writeHead(401).end('no'));
    async function* endless() {
      for (;;) {
        yield Buffer.alloc(1_024);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }

    const response = await transport.send(
      get(url, { method: 'PUT', body: { stream: endless(), bodyBytes: 1e9 } }),
    );

    expect(response.status).toBe(401);
    expect(await readText(response.body, 10)).toBe('no');
  });

  test('ends with its turn given back when its reader leaves early', async () => {
    const url = `${await serve((_, response) => {
      response.write('x'.repeat(100_000));
    })}services/data/v59.0/jobs/query/x/results`;

    for (let turn = 0; turn < 2; turn += 1) {
      const response = await transport.send(get(url, { isStreamed: true }));
      for await (const chunk of response.body) {
        expect(chunk.byteLength).toBeGreaterThan(0);
        break;
      }
    }
  });

  test('that cannot be made gives its turn back', async () => {
    const url = `${await serve((_, response) => response.end('ok'))}services/data/v59.0/limits`;

    await expect(transport.send(get(url, { headers: { 'x-one': 'a\nb' } }))).rejects.toThrow('x-one');

    expect(await readText((await transport.send(get(url))).body, 10)).toBe('ok');
  });

  test('refuses a body that is larger than its reader takes, also behind compression', async () => {
    const compressed = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(40 * 1024 * 1024)));
    });
    await expect(buffered((await transport.send(get(compressed))).body)).rejects.toMatchObject({
      name: 'BodyTooLarge',
    });

    const inPieces = await serve((_, response) => {
      for (let piece = 0; piece < 20; piece += 1) response.write(Buffer.alloc(60_000));
      response.end();
    });
    await expect(readBytes((await transport.send(get(inPieces))).body, 1_000_000)).rejects.toMatchObject({
      name: 'BodyTooLarge',
    });
  });

  test('leaves a connection that ends when its transport is closed', async () => {
    // The server itself hangs up on nobody.
    const server = createServer({ keepAliveTimeout: 0 }, (_, response) => response.end('ok'));
    const url = `http://127.0.0.1:${await listening(server)}/`;
    const ended = new Promise((resolve) => {
      server.once('connection', (socket) => socket.once('close', resolve));
    });
    await readText((await transport.send(get(url))).body, 10);

    transport.close();

    await ended;
  });
});

describe('a time-out', () => {
  test.each([2 ** 31, 1e12, Number.POSITIVE_INFINITY])(
    'may be as long as anybody likes: %i',
    async (timeoutMs) => {
      const url = await serve((_, response) => setTimeout(() => response.end('late'), 20));

      const response = await transport.send(get(url, { timeoutMs }));

      expect(await readText(response.body, 100)).toBe('late');
    },
  );

  test('is for silence only: an upload may take as long as it goes on, and a reader its time', async () => {
    const url = await serve(async (request, response) => {
      await bodyOf(request);
      response.end('x'.repeat(300_000));
    });
    async function* slowly() {
      for (let piece = 0; piece < 6; piece += 1) {
        await later(SHORT_MS / 3);
        yield Buffer.from('x');
      }
    }

    const { body } = await transport.send(
      get(url, { method: 'PUT', timeoutMs: SHORT_MS, body: { stream: slowly(), bodyBytes: 6 } }),
    );
    let gotBytes = 0;
    for await (const chunk of body) {
      if (gotBytes === 0) await later(SHORT_MS * 2);
      gotBytes += chunk.byteLength;
    }

    expect(gotBytes).toBe(300_000);
  });

  test.each([0, -1, Number.NaN])('is a length of time: %i is none', async (timeoutMs) => {
    await expect(transport.send(get('http://127.0.0.1:9/', { timeoutMs }))).rejects.toThrow('timeoutMs');
  });
});

describe('no whole answer', () => {
  const post = (url: string) => get(url, { method: 'POST', body: '{}', isRepeatable: false });

  test('from a port where nobody listens: never begun', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');

    expect(await failure(post(`http://127.0.0.1:${port}/`))).toMatchObject({
      reason: 'connection',
      wasBegun: false,
    });
  });

  test('from a host that does not exist: never begun', async () => {
    expect(await failure(post('http://sync.invalid/'))).toMatchObject({
      reason: 'connection',
      wasBegun: false,
    });
  });

  test('from a server whose certificate nobody vouches for: never begun', async () => {
    const pems = await generate([{ name: 'commonName', value: 'localhost' }]);
    const heard: string[] = [];
    const server = createSecureServer({ key: pems.private, cert: pems.cert }, (request) =>
      heard.push(String(request.url)),
    );
    const port = await listening(server);

    expect(await failure(post(`https://127.0.0.1:${port}/`))).toMatchObject({
      reason: 'connection',
      wasBegun: false,
    });
    expect(heard).toEqual([]);
  });

  test.each([['a new'], ['a kept']])('from %s TLS connection that the server ends: begun', async (which) => {
    const pems = await generate([{ name: 'commonName', value: 'localhost' }]);
    let left = which === 'a kept' ? 1 : 0;
    const server = createSecureServer({ key: pems.private, cert: pems.cert }, (request, response) => {
      left -= 1;
      if (left >= 0) response.end('ok');
      else request.socket.destroy();
    });
    const url = `https://localhost:${await listening(server)}/`;
    const trusted = getCACertificates('default');
    setDefaultCACertificates([pems.cert]);
    try {
      if (left > 0) expect(await readText((await transport.send(post(url))).body, 10)).toBe('ok');
      expect(await failure(post(url))).toMatchObject({ reason: 'connection', wasBegun: true });
    } finally {
      setDefaultCACertificates(trusted);
    }
  });

  test('from a server that hangs up: begun', async () => {
    const url = await serve((request) => request.socket.destroy());

    expect(await failure(post(url))).toMatchObject({ reason: 'connection', wasBegun: true });
  });

  test('from a kept connection that the server has ended: begun, for all that we know', async () => {
    let turn = 0;
    const url = await serve((request, response) => {
      turn += 1;
      if (turn === 1) response.end('ok');
      else request.socket.destroy();
    });
    await readText((await transport.send(post(url))).body, 10);

    expect(await failure(post(url))).toMatchObject({ wasBegun: true });
  });

  test('from something that is no HTTP server', async () => {
    const port = await listening(createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')));

    expect(await failure(post(`http://127.0.0.1:${port}/`))).toMatchObject({
      reason: 'connection',
      wasBegun: true,
    });
  });

  test.each([['plain'], ['gzip']])('when half a body comes (%s)', async (encoding) => {
    const url = await serve((request, response) => {
      const body = encoding === 'gzip' ? gzipSync('x'.repeat(10_000)) : Buffer.alloc(10_000);
      response.writeHead(200, {
        'content-length': body.length,
        ...(encoding === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
      });
      response.write(body.subarray(0, body.length / 2), () => setTimeout(() => request.socket.destroy(), 20));
    });

    for (const isStreamed of [false, true])
      expect(await failure(get(url, { isStreamed }))).toMatchObject({ reason: 'body' });
  });

  test('when the compressed body ends too early although its length is right', async () => {
    const url = await serve((_, response) => {
      response
        .writeHead(200, { 'content-encoding': 'gzip' })
        .end(gzipSync('x'.repeat(10_000)).subarray(0, 20));
    });

    expect(await failure(get(url))).toMatchObject({ reason: 'body' });
  });

  test('when what calls itself compressed is not', async () => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('plain'),
    );

    expect(await failure(get(url))).toMatchObject({ reason: 'body' });
  });

  test('from a server that hangs', async () => {
    const url = await serve(() => undefined);

    expect(await failure(get(url, { timeoutMs: SHORT_MS }))).toMatchObject({
      reason: 'timeout',
      wasBegun: true,
    });
  });

  test('from a server that falls silent in the middle of a body', async () => {
    const url = await serve((_, response) => {
      response.write('half');
    });

    for (const isStreamed of [false, true]) {
      expect(await failure(get(url, { timeoutMs: SHORT_MS, isStreamed }))).toMatchObject({
        reason: 'timeout',
      });
    }
  });

  test('from a server that trickles, unless a stream was asked for', async () => {
    const url = await serve((_, response) => {
      let count = 0;
      const timer = setInterval(() => {
        count += 1;
        if (count < 10) return response.write('x');
        clearInterval(timer);
        return response.end();
      }, SHORT_MS / 5);
    });

    expect(await failure(get(url, { timeoutMs: SHORT_MS }))).toMatchObject({ reason: 'timeout' });
    const response = await transport.send(get(url, { timeoutMs: SHORT_MS, isStreamed: true }));
    expect(await readText(response.body, 100)).toBe('x'.repeat(9));
  });

  test('to a stream that is refused in trickles: the refusal has one deadline for all of it', async () => {
    const url = await serve((_, response) => {
      response.writeHead(503);
      const timer = setInterval(() => response.write('x'), SHORT_MS / 5);
      response.once('close', () => clearInterval(timer));
    });
    const trickling = async (isStreamed: boolean) =>
      (await transport.send(get(url, { timeoutMs: SHORT_MS, isStreamed }))).body;

    expect(await readRefusalText(await trickling(true))).toMatch(/^x+$/);
    for (const isStreamed of [false, true])
      await expect(readBytes(await trickling(isStreamed), 1_000)).rejects.toMatchObject({
        reason: 'timeout',
      });
  });

  test('when the server changes the protocol', async () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n';
    const port = await listening(
      createTcpServer((socket) => socket.once('data', () => socket.write(switching))),
    );

    expect(await failure(post(`http://127.0.0.1:${port}/`))).toMatchObject({
      reason: 'connection',
      wasBegun: true,
    });
  });

  test('when the caller has given up', async () => {
    const url = await serve(() => undefined);
    const controller = new AbortController();
    const failed = failure(get(url), controller.signal);
    controller.abort();

    expect(await failed).toMatchObject({ reason: 'aborted' });
    expect(await failure(get(url), AbortSignal.abort())).toMatchObject({ reason: 'aborted' });

    const unread = new AbortController();
    const answering = await serve((_, response) => response.end('ok'));
    await transport.send(get(answering, { timeoutMs: SHORT_MS }), unread.signal);
    await later(SHORT_MS * 2);
    expect(getEventListeners(unread.signal, 'abort')).toEqual([]);

    const running = new AbortController();
    const hanging = await serve(() => running.abort());
    const abandoned = failure(get(hanging, { timeoutMs: 1e9 }), running.signal);
    expect(await abandoned).toMatchObject({ reason: 'aborted', wasBegun: true });
  });
});
