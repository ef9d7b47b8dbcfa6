import { describe, expect, test } from '@jest/globals';
import type { SalesforceClient } from '../../../../shared/salesforce-client/client.ts';
import { BodyTooLarge, TransportFailure } from '../../../../shared/salesforce-client/transport/transport.ts';
import { ADA, aClient, refusal, sub } from '../a-client.ts';
import { openOrg, rejection } from '../fakes.ts';

const lost = new TransportFailure('body', true);
const ok = { id: ADA, success: true, errors: [] };
const contact = { sObject: 'Contact', values: { LastName: 'A' } };
const read = { method: 'GET', path: '/limits' } as const;
const create = { method: 'POST', path: '/sobjects/Contact', body: {} } as const;

/** Every write of the client, and what only looks like a read. */
const WRITES: readonly (readonly [string, (client: SalesforceClient) => Promise<unknown>])[] = [
  ['a record created', (client) => client.createRecord('Contact', {})],
  ['a record changed', (client) => client.updateRecord('Contact', ADA, {})],
  ['a record upserted', (client) => client.upsertRecord('Contact', 'Key__c', 'k', {})],
  ['a record deleted', (client) => client.deleteRecord('Contact', ADA)],
  ['one collection', (client) => client.createRecords([contact])],
  ['several collections', (client) => client.createRecords(Array.from({ length: 201 }, () => contact))],
  ['deletions', (client) => client.deleteRecords([ADA])],
  [
    'a graph',
    (client) => client.compositeGraph([{ graphId: 'g', steps: [{ ...create, referenceId: 'a' }] }]),
  ],
  ['a batch of reads and a write', (client) => client.compositeBatch([read, create])],
  [
    'a composite of a read and a write',
    (client) =>
      client.composite([
        { ...read, referenceId: 'r' },
        { ...create, referenceId: 'w' },
      ]),
  ],
];

describe('a write whose answer was lost is not sent again', () => {
  test.each(WRITES)('%s', async (_, act) => {
    const { client, sent } = aClient({}, lost);

    expect(await rejection(act(client))).toMatchObject({ next: { do: 'reread' } });
    expect(sent).toHaveLength(1);
  });

  test.each(WRITES)('%s, when a server fails', async (_, act) => {
    const { client, sent } = aClient({}, { status: 503, body: '<html>' });

    expect(await rejection(act(client))).toMatchObject({ status: 503, next: { do: 'reread' } });
    expect(sent).toHaveLength(1);
  });

  test('text of the product’s own that goes without a composite', async () => {
    const { org, sent } = await openOrg(lost);

    expect(
      await rejection(org.update('Contact', [{ sfId: ADA, values: { LastName: '@{x}' } }], [])),
    ).toMatchObject({ next: { do: 'reread' } });
    expect(sent).toHaveLength(1);
  });
});

describe('an unknown outcome inside an answer', () => {
  const failed = refusal('UNKNOWN_EXCEPTION');

  test('is a write’s, not a read’s', async () => {
    const steps = [
      { ...create, referenceId: 'w' },
      { ...read, referenceId: 'r' },
    ];
    const inComposite = aClient(
      {},
      { body: { compositeResponse: [sub('w', failed, 500), sub('r', failed, 500)] } },
    );
    const results = [
      { statusCode: 500, result: failed },
      { statusCode: 500, result: failed },
    ];
    const inBatch = aClient({}, { body: { hasErrors: true, results } });

    const expected = [{ error: { next: { do: 'reread' } } }, { error: { next: { do: 'retry' } } }];
    expect(await inComposite.client.composite(steps)).toMatchObject(expected);
    expect(await inBatch.client.compositeBatch([create, read])).toMatchObject(expected);
  });

  test('is that of a batch with too few answers, if it writes', async () => {
    const body = { hasErrors: false, results: [{ statusCode: 204, result: null }] };
    const writing = aClient({}, { body });
    const reading = aClient({}, { body });

    expect(await rejection(writing.client.compositeBatch([read, create]))).toMatchObject({
      next: { do: 'reread' },
    });
    expect(await rejection(reading.client.compositeBatch([read, read]))).toMatchObject({
      next: { do: 'stop' },
    });
  });

  test('is that of a write in a call whose session ended; one that only reads is repeated', async () => {
    const ended = refusal('INVALID_SESSION_ID');
    const writing = aClient({}, { body: { compositeResponse: [sub('a', ended, 401)] } });
    const reading = aClient({}, { body: { compositeResponse: [sub('a', ended, 401)] } });

    expect(await writing.client.composite([{ ...create, referenceId: 'a' }])).toMatchObject([
      { error: { next: { do: 'reread' } } },
    ]);
    expect(await reading.client.composite([{ ...read, referenceId: 'a' }])).toMatchObject([
      { error: { next: { do: 'retry', afterMs: 0 } } },
    ]);
  });

  test('is not that of a collection that was refused as a whole: it keeps its own decision', async () => {
    const limit = refusal('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.');
    const { client } = aClient(
      {},
      { body: { compositeResponse: [sub('chunk0', limit, 403), sub('chunk1', [ok])] } },
    );

    const outcomes = await client.createRecords(Array.from({ length: 201 }, () => contact));

    expect(outcomes[0]).toMatchObject({ kind: 'failed', error: { next: { do: 'wait' } } });
    expect(outcomes[200]).toMatchObject({ kind: 'written' });
  });
});

test('an answer larger than we read is a mistake of a read, and an unknown outcome of a write', async () => {
  const { client } = aClient({}, new BodyTooLarge(1), new BodyTooLarge(1));

  expect(await rejection(client.limits())).toMatchObject({
    code: 'RESPONSE_TOO_LARGE',
    next: { do: 'stop' },
  });
  expect(await rejection(client.createRecord('Contact', {}))).toMatchObject({
    code: 'RESPONSE_TOO_LARGE',
    next: { do: 'reread' },
  });
});

test('reads that travel by POST are repeated like others', async () => {
  const down = { status: 503, body: '' };
  const { client, sent } = aClient({}, down, { body: [null] });

  expect(await client.retrieveRecords('Contact', [ADA], [])).toEqual([undefined]);
  expect(sent).toHaveLength(2);
});

test('versions are asked for again after an outage, and come in their order', async () => {
  const body = [
    { label: 'b', url: '/b', version: '60.0' },
    { label: 'a', url: '/a', version: '9.0' },
  ];
  const { client, sent } = aClient({}, { status: 503, body: '' }, { body });

  expect((await client.versions()).map(({ version }) => version)).toEqual(['v9.0', 'v60.0']);
  expect(sent).toHaveLength(2);
});
