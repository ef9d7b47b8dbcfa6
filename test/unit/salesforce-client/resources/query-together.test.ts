import { describe, expect, test } from '@jest/globals';
import { soql } from '../../../../shared/salesforce-client/soql/soql.ts';
import type { Transport } from '../../../../shared/salesforce-client/transport/transport.ts';
import { aClient, refusal, sub } from '../a-client.ts';
import { cannedTransport, fakeClock, rejection } from '../fakes.ts';

const CONTACTS = soql`SELECT Id FROM Contact`;
const ACCOUNTS = soql`SELECT Id FROM Account`;
const LONG = soql`SELECT Id FROM Contact WHERE LastName IN ${Array.from({ length: 900 }, (_, n) => `name ${n}`)}`;
const page = (...ids: string[]) => ({
  totalSize: ids.length,
  done: true,
  records: ids.map((Id) => ({ attributes: { type: 'x' }, Id })),
});
const answer = (...subs: ReturnType<typeof sub>[]) => ({ body: { compositeResponse: subs } });
const both = [{ query: CONTACTS }, { query: ACCOUNTS, includeDeleted: true }];

describe('queries together', () => {
  test('are steps of one call, each with its own page size', async () => {
    const { client, sent, paths } = aClient(
      {},
      answer(sub('Account_2', page('a')), sub('Contact_1', page('c'))),
    );

    const pages = await client.queryTogether(both, { batchSize: 400 });

    expect(pages).toMatchObject([
      { kind: 'page', page: { records: [{ Id: 'c' }] } },
      { kind: 'page', page: { records: [{ Id: 'a' }] } },
    ]);
    expect(paths()).toEqual(['/services/data/v59.0/composite']);
    const httpHeaders = { 'sforce-query-options': 'batchSize=400' };
    expect(JSON.parse(String(sent[0]?.body))).toMatchObject({
      allOrNone: false,
      compositeRequest: [
        {
          method: 'GET',
          url: '/services/data/v59.0/query?q=SELECT%20Id%20FROM%20Contact',
          referenceId: 'Contact_1',
          httpHeaders,
        },
        { url: '/services/data/v59.0/queryAll?q=SELECT%20Id%20FROM%20Account', httpHeaders },
      ],
    });
  });

  test.each([
    ['has fewer rows than it counts', { ...page('c'), totalSize: 2 }, 'QUERY_INCOMPLETE'],
    [
      'says that there is more and not where',
      { ...page('c'), totalSize: 2, done: false },
      'QUERY_INCOMPLETE',
    ],
    ['is no page', { records: 'none' }, 'UNEXPECTED_RESPONSE'],
  ])('one whose answer %s fails by itself', async (_, body, code) => {
    const { client } = aClient({}, answer(sub('Contact_1', body), sub('Account_2', page('a'))));

    expect(await client.queryTogether(both)).toMatchObject([
      { kind: 'failed', error: { code } },
      { kind: 'page', page: { records: [{ Id: 'a' }] } },
    ]);
  });

  test('one without an answer fails by itself, and so does one whose session ended meanwhile', async () => {
    const { client } = aClient(
      {},
      answer(sub('Account_2', refusal('INVALID_SESSION_ID'), 401), sub('Contact_3', page('c'))),
    );

    expect(await client.queryTogether([...both, { query: CONTACTS }])).toMatchObject([
      { kind: 'failed', error: { code: 'UNEXPECTED_RESPONSE' } },
      { kind: 'failed', error: { code: 'INVALID_SESSION_ID', next: { do: 'retry', afterMs: 0 } } },
      { kind: 'page' },
    ]);
  });

  test('are as old as the call, of which nobody knows when it read which', async () => {
    const slow = cannedTransport(answer(sub('Contact_1', page('c')), sub('Account_2', page())));
    const clock = fakeClock();
    const transport: Transport = async (...request) => {
      clock.move(5_000);
      return slow.send(...request);
    };
    const { client } = aClient({ clock, transport });

    const [one] = await client.queryTogether(both);

    expect(one).toMatchObject({ page: { readAt: '2026-11-23T11:59:58.000Z' } });
  });

  test('those that are too long for a request line go alone, and none fails with another', async () => {
    const { client, paths } = aClient(
      {},
      answer(sub('Account_1', page('a'))),
      answer(sub('rows', refusal('MALFORMED_QUERY'), 400)),
    );

    expect(await client.queryTogether([{ query: LONG }, { query: ACCOUNTS }])).toMatchObject([
      { kind: 'failed', error: { code: 'MALFORMED_QUERY' } },
      { kind: 'page', page: { records: [{ Id: 'a' }] } },
    ]);
    expect(paths()).toHaveLength(2);
  });

  test('are 1 to 5, and none in plain text', async () => {
    const { client, sent } = aClient({});

    expect(await rejection(client.queryTogether([]))).toBeInstanceOf(RangeError);
    const six = Array.from({ length: 6 }, () => ({ query: CONTACTS }));
    expect(await rejection(client.queryTogether(six))).toBeInstanceOf(RangeError);
    const text = 'SELECT Id FROM Contact' as unknown as typeof CONTACTS;
    expect(await rejection(client.queryTogether([{ query: text }]))).toBeInstanceOf(TypeError);
    expect(sent).toEqual([]);
  });
});
