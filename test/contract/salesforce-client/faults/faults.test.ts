import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openSalesforceClient } from '../../../../shared/salesforce-client/client.ts';
import { soql } from '../../../../shared/salesforce-client/soql/soql.ts';
import { rejection } from '../../../unit/salesforce-client/fakes.ts';
import {
  type AServer,
  aServer,
  type Behaviour,
  EXPIRED,
  HTML_TYPE,
  half,
  hang,
  PROXY_PAGE,
  page,
  resetAfter,
  respond,
} from './a-server.ts';

let server: AServer;
afterEach(() => server.close());

const start = async (behaviours: readonly Behaviour[], options?: { readonly timeoutMs?: number }) => {
  server = await aServer(behaviours, options);
  return server;
};
const ALL = { sObject: 'Contact', fields: ['LastName'], where: { kind: 'all' } } as const;
const NEXT = '/services/data/v59.0/query/0r8xx5R2yF2gs3VASQ-2000';
const sfId = '0031I0000081tbPQAQ';
const ids = Array.from({ length: 100 }, (_, index) => `0031I00000${String(index).padStart(5, '0')}`);
const write = (text = 'Ada') =>
  server.org.update(
    'Contact',
    ids.map((id) => ({ sfId: id, values: { LastName: text } })),
    [],
  );
const written = {
  compositeResponse: [
    {
      referenceId: 'chunk0',
      httpStatusCode: 200,
      httpHeaders: {},
      body: ids.map((id) => ({ id, success: true, errors: [] })),
    },
  ],
};
/** Shorter than the tests' patience, longer than loopback takes. */
const SHORT_MS = 200;
const OUTCOME_UNKNOWN = { name: 'SalesforceApiError', next: { do: 'reread' } };

describe('half a body', () => {
  test('of a read is read again', async () => {
    const { org, seen } = await start([half(page(3)), respond(200, page(3))]);

    expect((await org.select(ALL)).records).toHaveLength(3);
    expect(seen).toHaveLength(2);
  });

  test('after a write leaves its outcome unknown, and nothing is sent again', async () => {
    const { seen } = await start([half(written), respond(200, written)]);

    expect(await rejection(write())).toMatchObject({ ...OUTCOME_UNKNOWN, code: 'CONNECTION_FAILED' });
    expect(seen).toHaveLength(1);
  });

  test('that comes three times is given up', async () => {
    const { org, seen } = await start([half(page(3)), half(page(3)), half(page(3))]);

    expect(await rejection(org.select(ALL))).toMatchObject({
      code: 'CONNECTION_FAILED',
      next: { do: 'retry' },
    });
    expect(seen).toHaveLength(3);
  });

  test('of a stream ends in an error where it is read, never in silence', async () => {
    const csv = 'Id\n'.repeat(10_000);
    const { org } = await start([
      (request, response) => {
        const headers = {
          'content-type': 'text/csv',
          'sforce-numberofrecords': '9999',
          'content-length': csv.length,
        };
        response.writeHead(200, headers);
        response.write(csv.slice(0, 5_000), () => setTimeout(() => request.socket.destroy(), 10));
      },
    ]);
    const { csv: body } = await org.bulk.queryResults('750R0000000zlh9IAA', { maxRecords: 9_999 });

    const read = async () => {
      for await (const _ of body);
    };
    expect(await rejection(read())).toMatchObject({ code: 'CONNECTION_FAILED', next: { do: 'retry' } });
  });
});

describe('a reset in the middle of an upload', () => {
  test('of a write leaves its outcome unknown', async () => {
    const { seen } = await start([resetAfter(1_000), respond(200, written)]);

    // Random enough that compression leaves more than what comes before the reset.
    const text = Array.from({ length: 3_000 }, (_, index) => (index * 7919).toString(36)).join('');
    expect(await rejection(write(text))).toMatchObject(OUTCOME_UNKNOWN);
    expect(seen).toHaveLength(1);
  });

  test('of a streamed file leaves its outcome unknown, and the file is not read again', async () => {
    const { org, seen } = await start([resetAfter(100_000), respond(201, '')]);
    let reads = 0;
    async function* file() {
      reads += 1;
      for (let chunk = 0; chunk < 1_000; chunk += 1) yield Buffer.alloc(10_000, 'x');
    }

    expect(await rejection(org.bulk.upload('750R0000000zlh9IAA', file(), 10_000_000))).toMatchObject(
      OUTCOME_UNKNOWN,
    );
    expect([reads, seen.length]).toEqual([1, 1]);
  });
});

describe('a 503', () => {
  test('is met again after a moment, for a read', async () => {
    const { org, slept } = await start([respond(503, PROXY_PAGE, HTML_TYPE), respond(200, page(1))]);

    expect((await org.select(ALL)).records).toHaveLength(1);
    expect(slept).toEqual([500]);
  });

  test('with Retry-After is not met again before', async () => {
    const later = { ...HTML_TYPE, 'retry-after': '2' };
    const { org, slept } = await start([respond(503, PROXY_PAGE, later), respond(200, page(1))]);

    expect((await org.select(ALL)).records).toHaveLength(1);
    expect(slept).toEqual([2_000 + 1_000]);
  });

  test('with a Retry-After that no function should sit out goes to the caller', async () => {
    const later = { ...HTML_TYPE, 'retry-after': '120' };
    const { org, seen, slept } = await start([respond(503, PROXY_PAGE, later)]);

    expect(await rejection(org.select(ALL))).toMatchObject({
      status: 503,
      next: { do: 'retry', afterMs: 120_000 },
      notBeforeMs: 120_000,
    });
    expect([seen.length, slept]).toEqual([1, []]);
  });

  test.each<[string, unknown, Readonly<Record<string, string>> | undefined]>([
    ['a proxy', PROXY_PAGE, HTML_TYPE],
    ['the platform itself', [{ errorCode: 'SERVER_UNAVAILABLE', message: 'x' }], undefined],
  ])('of %s leaves a write’s outcome unknown, and nothing is sent again', async (_, body, headers) => {
    const { seen } = await start([respond(503, body, headers), respond(200, written)]);

    expect(await rejection(write())).toMatchObject(OUTCOME_UNKNOWN);
    expect(seen).toHaveLength(1);
  });
});

describe('a server that hangs', () => {
  test('is left after the timeout, and the call says when to come back', async () => {
    const { org, seen } = await start([hang], { timeoutMs: SHORT_MS });

    expect(await rejection(org.select(ALL))).toMatchObject({ code: 'TIMEOUT', next: { do: 'retry' } });
    expect(seen).toHaveLength(1);
  });

  test('leaves a write’s outcome unknown', async () => {
    await start([hang], { timeoutMs: SHORT_MS });

    expect(await rejection(write())).toMatchObject({ ...OUTCOME_UNKNOWN, code: 'TIMEOUT' });
  });

  test('keeps calls waiting no longer than twice their own timeout, and they surely never began', async () => {
    const { org, seen } = await start([hang, hang, hang], { timeoutMs: SHORT_MS });
    const earlier = [org.select(ALL), org.select(ALL), org.select(ALL)].map(rejection);

    expect(await rejection(write())).toMatchObject({ code: 'TIMEOUT', next: { do: 'retry' } });
    await Promise.all(earlier);
    expect(new Set(seen)).toEqual(new Set(['GET /services/data/v59.0/query']));
  });
});

test('a 401 in the middle of paging costs one refresh, and no page', async () => {
  const { org, seen, tokens, refreshes } = await start([
    respond(200, page(2, NEXT)),
    EXPIRED,
    respond(200, page(1)),
  ]);

  const first = await org.select(ALL);
  const second = await org.nextPage(first.next ?? '');

  expect([...first.records, ...second.records]).toHaveLength(3);
  expect(seen.slice(1)).toEqual([`GET ${NEXT}`, `GET ${NEXT}`]);
  expect(tokens).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2']);
  expect(refreshes()).toBe(1);
});

describe('an answer of something before Salesforce', () => {
  test.each<[string, Behaviour]>([
    ['a page with a good status', respond(200, PROXY_PAGE, HTML_TYPE)],
    [
      'JSON that calls itself HTML, and is not an answer of Salesforce',
      respond(200, '{"ok":true}', HTML_TYPE),
    ],
    ['another encoding', respond(200, Buffer.from(JSON.stringify({ ...page(1), ö: 'é' }), 'latin1'))],
    ['XML', respond(200, '<?xml version="1.0"?><QueryResult/>', { 'content-type': 'application/xml' })],
  ])('is not understood: %s', async (_, behave) => {
    const { org } = await start([behave, behave]);

    expect(await rejection(org.select(ALL))).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      next: { do: 'stop' },
    });
    expect(await rejection(write())).toMatchObject({ code: 'UNEXPECTED_RESPONSE', next: { do: 'reread' } });
  });

  test('is taken for what it says, whatever it calls its type', async () => {
    const { org } = await start([respond(200, page(1), { 'content-type': 'text/plain' })]);

    expect((await org.select(ALL)).records).toHaveLength(1);
  });

  test.each([
    [407, 'stop'],
    [413, 'stop'],
    [502, 'retry'],
    [504, 'retry'],
  ])('with status %i means %s, and no message quotes its page', async (status, next) => {
    const behave = respond(status, PROXY_PAGE, HTML_TYPE);
    const { org } = await start([behave, behave, behave]);

    const error = await rejection(org.select(ALL));

    expect(error).toMatchObject({ status, next: { do: next } });
    expect(`${error}${JSON.stringify(error)}`).not.toMatch(/nginx|html/i);
  });

  test('that leads elsewhere is not followed with a token', async () => {
    const { org, seen } = await start([
      (_, response) => response.writeHead(302, { location: `${server.origin}/elsewhere` }).end(),
    ]);

    expect(await rejection(org.select(ALL))).toMatchObject({ status: 302, next: { do: 'stop' } });
    expect(seen).toHaveLength(1);
  });

  test('that is not HTTP leaves nothing of its bytes in the error', async () => {
    const { org } = await start([
      (request) => request.socket.end('HTTP/1.1 200 OK\r\nx: 00D8H0000004dNl!AQ.secret\x00\r\n\r\n'),
      (request) => request.socket.end('secret nonsense\r\n\r\n'),
      (request) => request.socket.end('secret nonsense\r\n\r\n'),
    ]);

    const error = (await rejection(org.select(ALL))) as Error & { cause: Error };

    expect(error).toMatchObject({ code: 'CONNECTION_FAILED' });
    expect(JSON.stringify(Object.getOwnPropertyDescriptors(error.cause.cause))).not.toMatch(
      /rawPacket|secret/,
    );
  });
});

describe('a large request', () => {
  test('travels compressed, and the receiver reads what was sent', async () => {
    const seen: { encoding: string | undefined; announced: number; got: number; text: string }[] = [];
    const record: Behaviour = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const encoding = request.headers['content-encoding'];
        const announced = Number(request.headers['content-length']);
        const text = (encoding === 'gzip' ? gunzipSync(body) : body).toString();
        seen.push({ encoding, announced, got: body.length, text });
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(written));
      });
    };
    await start([record, record]);

    await write('Zoë '.repeat(100));
    await server.org.update('Contact', [{ sfId, values: { LastName: 'é' } }], []).catch(() => undefined);

    const [large, small] = seen;
    expect(large?.encoding).toBe('gzip');
    expect(large?.announced).toBe(large?.got);
    expect(large?.got).toBeLessThan(5_000);
    expect(JSON.parse(large?.text ?? '').compositeRequest[0].body.records[99].LastName).toBe(
      'Zoë '.repeat(100),
    );
    expect(small).toMatchObject({ encoding: undefined, announced: small?.got });
  });
});

describe('one process has one call in an org at a time', () => {
  function aSlowOrg() {
    let running = 0;
    let most = 0;
    const slow: Behaviour = (_, response) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page(1)));
      }, 5);
    };
    return { behaviours: Array.from({ length: 12 }, () => slow), most: () => most };
  }

  test('however many are asked for', async () => {
    const slow = aSlowOrg();
    const { org } = await start(slow.behaviours);

    await Promise.all(Array.from({ length: 12 }, () => org.select(ALL)));

    expect(slow.most()).toBe(1);
  });

  test('by however many clients that bring no transport of their own', async () => {
    const slow = aSlowOrg();
    const { origin } = await start(slow.behaviours);
    const options = { instanceUrl: origin, accessToken: 't', trustedOrigins: [origin] };
    const clients = Array.from({ length: 3 }, () => openSalesforceClient(options));

    await Promise.all(clients.map((client) => client.query(soql`SELECT Id FROM Contact`).all()));

    expect(slow.most()).toBe(1);
  });
});
