import { describe, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import { orgForEachTest, type Reply } from '../../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

const send = (body: unknown): Promise<Reply> => simulated.send('POST', '/composite/batch', body);
const create = (fields: object) => ({ method: 'POST', url: 'v59.0/sobjects/Contact', richInput: fields });

describe('a batch', () => {
  test('runs independent requests, keeps what succeeded and counts each', async () => {
    const before = simulated.org.requests.apiUsage();

    const reply = await send({
      batchRequests: [
        create({ LastName: 'One' }),
        create({}),
        { method: 'GET', url: 'v59.0/query?q=SELECT+LastName+FROM+Contact' },
        { method: 'GET', url: 'v58.0/limits/recordCount?sObjects=Contact' },
      ],
    });

    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      hasErrors: true,
      results: [
        { statusCode: 201, result: { success: true } },
        { statusCode: 400, result: [{ errorCode: 'REQUIRED_FIELD_MISSING' }] },
        { statusCode: 200, result: { totalSize: 1, records: [{ LastName: 'One' }] } },
        { statusCode: 200, result: { sObjects: [{ count: 1, name: 'Contact' }] } },
      ],
    });
    expect(simulated.org.requests.apiUsage() - before).toBe(4);
  });

  test('answers null for a change whose answer has no body', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'One' });
    const url = `v59.0/sobjects/Contact/${id}`;

    const reply = await send({ batchRequests: [{ method: 'PATCH', url, richInput: { Title: 'x' } }] });

    expect(reply.body).toEqual({ hasErrors: false, results: [{ statusCode: 204, result: null }] });
  });

  test('runs nothing after a failure when told to halt', async () => {
    const batchRequests = [create({ LastName: 'One' }), create({}), create({ LastName: 'Three' })];

    const reply = await send({ haltOnError: true, batchRequests });

    expect(reply.body.results).toMatchObject([
      { statusCode: 201 },
      { statusCode: 400 },
      { statusCode: 412, result: [{ errorCode: 'BATCH_PROCESSING_HALTED' }] },
    ]);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(1);
  });

  test.each([
    ['26 requests', Array(26).fill({ method: 'GET', url: 'v59.0/limits' })],
    ['none', []],
    ['an absolute address', [{ method: 'GET', url: '/services/data/v59.0/limits' }]],
    ['a collection', [{ method: 'POST', url: 'v59.0/composite/sobjects', richInput: {} }]],
  ])('with %s is refused, and nothing of it runs', async (_, batchRequests) => {
    const reply = await send({ batchRequests: [...batchRequests] });

    expect(reply.status).toBe(400);
    expect(simulated.org.requests.counts().requests['composite-batch/limits']).toBeUndefined();
  });

  test('is driven by jsforce', async () => {
    const connection = new jsforce.Connection({
      instanceUrl: simulated.origin,
      accessToken: simulated.token,
      version: '59.0',
    });

    const reply = await connection.requestPost<{ results: { statusCode: number }[] }>('/composite/batch', {
      batchRequests: [create({ LastName: 'One' }), create({})],
    });

    expect(reply.results.map(({ statusCode }) => statusCode)).toEqual([201, 400]);
  });
});
