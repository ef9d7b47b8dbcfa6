import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 1, contacts: 6 });
const { send } = simulated;

describe('requests', () => {
  test('may be compressed, and are refused when they only claim to be', async () => {
    const body = gzipSync(JSON.stringify({ LastName: 'Packed' }));
    const post = (bytes: Uint8Array): Promise<Response> =>
      fetch(`${simulated.origin}/services/data/v59.0/sobjects/Contact`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${simulated.token}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
        body: new Uint8Array(bytes),
      });

    const [packed, plain] = [await post(body), await post(Buffer.from('{}'))];

    expect([packed.status, plain.status]).toEqual([201, 413]);
    expect(simulated.org.count("SELECT Id FROM Contact WHERE LastName = 'Packed'")).toBe(1);
  });

  test('have an id that is in the log, with their Sforce- headers', async () => {
    const headers = { 'sforce-auto-assign': 'FALSE', 'sforce-call-options': 'client=Mine/1.0' };

    const reply = await send('POST', '/sobjects/Account', { Name: 'x' }, headers);

    const [logged] = simulated.org.requests.entries().slice(-1);
    expect(reply.status).toBe(201);
    expect(reply.headers.get('x-sfdc-request-id')).toMatch(/^[0-9a-f]{32}$/);
    expect(reply.headers.get('x-request-id')).toBe(reply.headers.get('x-sfdc-request-id'));
    expect(logged).toMatchObject({ requestId: reply.headers.get('x-sfdc-request-id'), headers });
  });
});
