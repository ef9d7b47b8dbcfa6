import { expect, test } from '@jest/globals';
import { call, orgForEachTest, type Reply } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 1, contacts: 6 });
const { send } = simulated;

const set = (settings: object): Promise<Reply> => simulated.admin('POST', '/settings', settings);

test('a user’s oldest cursor ends when there are too many', async () => {
  await set({ queryPageRows: 2, openCursors: 2 });
  const open = async (): Promise<string> =>
    (await send('GET', '/query?q=SELECT+Id+FROM+Contact')).body.nextRecordsUrl;
  const [first, second, third] = [await open(), await open(), await open()];

  const replies = [await send('GET', first), await send('GET', second), await send('GET', third)];

  expect(replies.map(({ status }) => status)).toEqual([400, 200, 200]);
  expect(replies[0]?.body[0].errorCode).toBe('INVALID_QUERY_LOCATOR');
  const { client, users, tokens } = simulated.org;
  const other = tokens.grant({ clientId: client.clientId, userId: users.admin.id, scope: 'api' });
  await call(simulated, other.accessToken, 'GET', '/query?q=SELECT+Id+FROM+Contact');
  expect((await send('GET', second)).status).toBe(200);
});
