import { describe, expect, test } from '@jest/globals';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 1, contacts: 6 });
const { send } = simulated;

describe('what a client has already', () => {
  test.each(['/sobjects', '/sobjects/Account/describe'])(
    '%s is sent again once it has changed',
    async (path) => {
      const first = await send('GET', path);
      const since = { 'if-modified-since': first.headers.get('last-modified') ?? '' };
      const tag = { 'if-none-match': first.headers.get('etag') ?? '' };

      const same = [await send('GET', path, undefined, since), await send('GET', path, undefined, tag)];
      simulated.org.clock.advance(5_000);
      await simulated.admin('POST', '/metadata-changed');
      const changed = await send('GET', path, undefined, since);

      expect(same.map(({ status, body }) => [status, body])).toEqual([
        [304, ''],
        [304, ''],
      ]);
      expect(first.headers.get('etag')).toMatch(/^"[0-9a-f]{8}--gzip"$/);
      expect(changed.status).toBe(200);
    },
  );

  test('is identified by an ETag for accounts, and for no other rows', async () => {
    const path = `/sobjects/Account/${simulated.org.select('SELECT Id FROM Account')[0]?.Id}`;
    const etag = (await send('GET', path)).headers.get('etag') ?? '';

    const same = await send('GET', path, undefined, { 'if-none-match': etag });
    const first = await send('PATCH', path, { Site: 'a' }, { 'if-match': etag });
    const second = await send('PATCH', path, { Site: 'b' }, { 'if-match': etag });
    const contact = await send(
      'GET',
      `/sobjects/Contact/${simulated.org.select('SELECT Id FROM Contact')[0]?.Id}`,
    );

    expect([same.status, first.status, second.status]).toEqual([304, 204, 412]);
    expect(contact.headers.get('etag')).toBeNull();
  });
});
