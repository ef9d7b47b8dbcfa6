import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { readBytes, readRefusalText, readText } from '../../../shared/salesforce-client/transport/bodies.ts';
import { failure, get, later, listening, SHORT_MS, serve, transport } from './a-transport.ts';

describe('no complete answer', () => {
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

  test('from something that is not an HTTP server', async () => {
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
