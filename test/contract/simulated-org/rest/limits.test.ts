import { expect, test } from '@jest/globals';
import { orgForEachTest, type Reply } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 1, contacts: 6 });
const { send } = simulated;

const set = (settings: object): Promise<Reply> => simulated.admin('POST', '/settings', settings);

test('the limit header is behind now and then when it lags', async () => {
  await set({ limitInfoLag: 5 });
  for (let count = 0; count < 10; count += 1) await send('GET', '/limits');

  const replies = await Promise.all(Array.from({ length: 6 }, () => send('GET', '/limits')));

  const used = replies.map(({ headers }) =>
    Number(/api-usage=(\d+)/.exec(headers.get('sforce-limit-info') ?? '')?.[1]),
  );
  expect(used).not.toEqual([...used].sort((a, b) => a - b));
  expect(replies[0]?.body.DailyApiRequests.Remaining).toBeGreaterThan(15_000 - 16);
});

test('a count of records is of all objects when none is named', async () => {
  const reply = await send('GET', '/limits/recordCount');

  expect(reply.body.sObjects).toEqual(
    expect.arrayContaining([
      { count: 6, name: 'Contact' },
      { count: 4, name: 'RecordType' },
    ]),
  );
});
