import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { buffered, readBytes, readText } from '../../../shared/salesforce-client/transport/bodies.ts';
import { bodyOf, failure, get, later, listening, SHORT_MS, serve, transport } from './a-transport.ts';

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

  test('is not text when its bytes are not UTF-8', async () => {
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

  test.each([0, -1, Number.NaN])('must be above 0, not %i', async (timeoutMs) => {
    await expect(transport.send(get('http://127.0.0.1:9/', { timeoutMs }))).rejects.toThrow('timeoutMs');
  });
});
