import { describe, expect, test } from '@jest/globals';
import { ADA, aClient, refusal } from '../../a-client.ts';
import { rejection } from '../../fakes.ts';

describe('a batch', () => {
  test('gives each request its own outcome', async () => {
    const results = [
      { statusCode: 200, result: { x: 1 } },
      { statusCode: 404, result: refusal('NOT_FOUND') },
      { statusCode: 412, result: refusal('BATCH_PROCESSING_HALTED') },
    ];
    const { client, bodies, paths } = aClient({}, { body: { hasErrors: true, results } });

    const outcomes = await client.compositeBatch(
      [
        { method: 'GET', path: '/limits' },
        { method: 'PATCH', path: `/sobjects/Contact/${ADA}`, body: { LastName: 'A' } },
        { method: 'DELETE', path: `/sobjects/Contact/${ADA}` },
      ],
      { haltOnError: true },
    );

    expect(outcomes).toMatchObject([
      { kind: 'done', status: 200, body: { x: 1 } },
      { kind: 'refused', status: 404, error: { code: 'NOT_FOUND' } },
      { kind: 'halted', status: 412 },
    ]);
    expect(paths()).toEqual(['/services/data/v59.0/composite/batch']);
    expect(bodies()[0]).toEqual({
      haltOnError: true,
      batchRequests: [
        { method: 'GET', url: 'v59.0/limits' },
        { method: 'PATCH', url: `v59.0/sobjects/Contact/${ADA}`, richInput: { LastName: 'A' } },
        { method: 'DELETE', url: `v59.0/sobjects/Contact/${ADA}` },
      ],
    });
  });

  const get = (path: string) => ({ method: 'GET', path }) as const;
  test.each([
    [[], 'there is no request'],
    [Array.from({ length: 26 }, () => get('/limits')), '26 requests, and 25'],
    [[get('/limits'), get('limits')], 'the path of request number 2'],
    [[get('/query?q=SELECT Id')], 'the path of request number 1'],
    [[get(undefined as never)], 'the path of request number 1'],
  ])('names what is wrong before anything is sent: %#', async (requests, message) => {
    const { client, sent } = aClient({});

    expect(await rejection(client.compositeBatch(requests))).toMatchObject({
      code: 'INVALID_BATCH',
      message: expect.stringContaining(message),
    });
    expect(sent).toEqual([]);
  });
});
