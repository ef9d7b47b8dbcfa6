import { describe, expect, test } from '@jest/globals';
import { soqlChunks } from '../../../../shared/salesforce-client/soql/chunks.ts';
import { soql } from '../../../../shared/salesforce-client/soql/soql.ts';
import { aClient, refusal, sub } from '../a-client.ts';
import { rejection } from '../fakes.ts';

interface Contact {
  readonly Id: string;
  readonly LastName: string | null;
}

const QUERY = soql`SELECT Id, LastName FROM Contact`;
const LONG = soql`SELECT Id FROM Contact WHERE LastName IN ${Array.from({ length: 900 }, (_, n) => `name ${n}`)}`;
const NEXT = '/services/data/v59.0/query/0r8xx5R2yF2gs3VASQ-2000';
const rows = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => ({
    attributes: { type: 'Contact' },
    Id: `c${from + index}`,
  }));
const first = { body: { totalSize: 3, done: false, nextRecordsUrl: NEXT, records: rows(0, 2) } };
const last = { body: { totalSize: 3, done: true, records: rows(2, 3) } };
const only = { body: { totalSize: 1, done: true, records: rows(0, 1) } };

describe('a query', () => {
  test('runs only when it is read, and gives records one after the other, across pages', async () => {
    const { client, sent, paths } = aClient({}, first, last);
    const query = client.query<Contact>(QUERY);
    expect(sent).toEqual([]);

    const ids: string[] = [];
    for await (const contact of query) ids.push(contact.Id);

    expect(ids).toEqual(['c0', 'c1', 'c2']);
    expect(paths()).toEqual([
      '/services/data/v59.0/query?q=SELECT%20Id%2C%20LastName%20FROM%20Contact',
      NEXT,
    ]);
  });

  test('asks for no page that nobody reads', async () => {
    const { client, sent } = aClient({}, first);

    for await (const page of client.query(QUERY).pages()) {
      expect(page).toMatchObject({ totalSize: 3, nextRecordsUrl: NEXT, readAt: '2026-11-23T12:00:03.000Z' });
      break;
    }
    expect(sent).toHaveLength(1);
  });

  test('gives everything at once, empty pages in the middle included', async () => {
    const empty = {
      body: { totalSize: 3, done: false, nextRecordsUrl: '/services/data/v59.0/query/b', records: [] },
    };
    const { client } = aClient({}, first, empty, last);

    expect((await client.query<Contact>(QUERY).all()).map((one) => one.Id)).toEqual(['c0', 'c1', 'c2']);
  });

  test('reads no more at once than it was allowed', async () => {
    const { client, sent } = aClient({}, first);

    expect(await rejection(client.query(QUERY).all(2))).toMatchObject({ code: 'TOO_MANY_RECORDS' });
    expect(sent).toHaveLength(1);
  });

  test('asks for deleted records too, and for pages of a size', async () => {
    const { client, sent, paths } = aClient({}, first, last);

    await client.queryAll(QUERY, { batchSize: 500 }).all();

    expect(paths()[0]).toMatch('/services/data/v59.0/queryAll?q=');
    expect(sent.map((one) => one.headers?.['sforce-query-options'])).toEqual([
      'batchSize=500',
      'batchSize=500',
    ]);
    expect(() => client.query(QUERY, { batchSize: 100 })).toThrow(RangeError);
  });

  test('that no request line holds travels inside a composite call', async () => {
    const body = { compositeResponse: [sub('rows', only.body)] };
    const { client, bodies, paths } = aClient({}, { body });

    expect(await client.query(LONG, { batchSize: 200 }).all()).toHaveLength(1);

    expect(paths()).toEqual(['/services/data/v59.0/composite']);
    expect(bodies()[0].compositeRequest[0]).toMatchObject({
      method: 'GET',
      httpHeaders: { 'sforce-query-options': 'batchSize=200' },
    });
  });

  test('is repeated and refreshed for inside a composite call as it would be by itself', async () => {
    const inside = (body: unknown, status?: number, headers = {}) => ({
      body: { compositeResponse: [sub('rows', body, status, headers)] },
    });
    const tokens = ['token-1', 'token-2'];
    const { client, clock, sent } = aClient(
      { accessToken: async () => tokens.shift() ?? '' },
      inside(refusal('SERVER_UNAVAILABLE'), 503, { 'Retry-After': '2' }),
      inside(refusal('INVALID_SESSION_ID'), 401),
      inside(only.body),
    );

    expect(await client.query(LONG).all()).toHaveLength(1);

    expect(clock.slept).toEqual([2_000 + 1_000]);
    expect(sent.map(({ headers }) => headers?.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  test('tells its own error where a repeat inside a composite call does not help', async () => {
    const refused = { body: { compositeResponse: [sub('rows', refusal('MALFORMED_QUERY'), 400)] } };
    const { client, sent } = aClient({}, refused);

    expect(await rejection(client.query(LONG).all())).toMatchObject({
      code: 'MALFORMED_QUERY',
      status: 400,
      message: expect.stringContaining('Salesforce refused query Contact: 400'),
    });
    expect(sent).toHaveLength(1);
  });

  test('goes on from a page that was kept', async () => {
    const { client, paths } = aClient({}, last);

    expect(await client.queryMore(NEXT).all()).toHaveLength(1);
    expect(paths()).toEqual([NEXT]);
  });

  test('counts', async () => {
    const { client } = aClient({}, { body: { totalSize: 17, done: true, records: [] } });

    expect(await client.count(soql`SELECT COUNT() FROM Contact`)).toBe(17);
  });

  test('that fills a request line is sent as one', async () => {
    const names = Array.from({ length: 2_000 }, (_, n) => `name ${n}`);
    const [full] = soqlChunks`SELECT Id FROM Contact WHERE LastName IN ${names}`;
    const { client, sent } = aClient({}, only);

    await client.query(full ?? QUERY).all();

    expect(sent[0]?.url.length).toBeGreaterThan(11_900);
    expect(sent[0]?.url.length).toBeLessThan(16_384 - 4_000);
    expect(sent[0]?.method).toBe('GET');
  });

  const INCOMPLETE = { code: 'QUERY_INCOMPLETE', next: { do: 'retry', afterMs: 1_000 } };

  test('does not run for ever: pages that lead to each other', async () => {
    const other = '/services/data/v59.0/query/other';
    const page = (nextRecordsUrl: string) => ({ body: { ...first.body, nextRecordsUrl } });
    const { client, sent } = aClient({}, page(NEXT), page(other), page(NEXT), page(other));

    expect(await rejection(client.query(QUERY).all())).toMatchObject(INCOMPLETE);
    expect(sent).toHaveLength(3);
  });

  test.each([
    ['a page that leads to itself', { totalSize: 9, done: false, nextRecordsUrl: NEXT, records: [] }],
    ['a page that leads nowhere', { totalSize: 9, done: false, records: [] }],
  ])('does not run for ever: %s', async (_, body) => {
    const { client, sent } = aClient({}, first, { body });

    expect(await rejection(client.query(QUERY).all())).toMatchObject(INCOMPLETE);
    expect(sent).toHaveLength(2);
  });

  test.each([
    ['it has not one of its rows', { totalSize: 2, done: true, records: [] }],
    ['it has some of its rows, and is done', { totalSize: 3, done: true, records: rows(0, 2) }],
    ['it has more rows than there are', { totalSize: 1, done: true, records: rows(0, 2) }],
    [
      'it has all its rows, and is not done',
      { totalSize: 2, done: false, nextRecordsUrl: NEXT, records: rows(0, 2) },
    ],
  ])('is no success where, by its first page, %s', async (_, body) => {
    const { client } = aClient({}, { body }, { body }, { body });

    expect(await rejection(client.query(QUERY).first())).toMatchObject(INCOMPLETE);
    expect(await rejection(client.queryAll(QUERY).all())).toMatchObject(INCOMPLETE);
    // Nobody here knows how rows of another system are counted.
    const { client: other } = aClient({}, { body: { ...body, done: true } });
    expect(await other.query(soql`SELECT Id FROM Order__x`).all()).toEqual(body.records);
  });

  test.each([
    ['fewer', rows(2, 2)],
    ['more', rows(2, 4)],
  ])('is no success where its pages have %s rows than its first one says', async (_, records) => {
    const { client } = aClient({}, first, { body: { ...last.body, records } });
    const seen: string[] = [];

    const reading = async () => {
      for await (const { Id } of client.query<Contact>(QUERY)) seen.push(Id);
    };

    expect(await rejection(reading())).toMatchObject(INCOMPLETE);
    expect(seen).toEqual(['c0', 'c1', ...records.map(({ Id }) => Id)]);
  });

  test('that goes on from a page that was kept may have any number of rows left', async () => {
    const next = '/services/data/v59.0/query/b';
    const { client } = aClient({}, { body: { ...first.body, nextRecordsUrl: next } }, last);

    expect(await client.queryMore(NEXT).all()).toHaveLength(3);
  });

  test('is never plain text', () => {
    const { client } = aClient({});

    expect(() => client.query('SELECT Id FROM Contact' as unknown as typeof QUERY)).toThrow(TypeError);
  });
});
