import { describe, expect, test } from '@jest/globals';
import { KNOWN_ERRORS } from '../../../../simulated-org/errors/known-errors.ts';
import { call, orgForEachTest, type Reply, requestToken } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

const arm = (fault: object): Promise<Reply> => simulated.admin('POST', '/faults', fault);
const create = (token = simulated.token): Promise<Reply> =>
  call(simulated, token, 'POST', '/sobjects/Contact', { LastName: 'x', Sync_Key__c: 'k' });
const codesOf = (level: string): string[] =>
  Object.entries(KNOWN_ERRORS)
    .filter(([, error]) => error.level === level)
    .map(([code]) => code);

describe('a fault by the name of an error', () => {
  test.each(codesOf('row'))('%s refuses one row, alone and in a collection', async (code) => {
    await arm({ code, times: 2 });

    const single = await create();
    const many = await simulated.send('POST', '/composite/sobjects', {
      records: [1, 2].map((at) => ({ attributes: { type: 'Contact' }, LastName: `${at}` })),
    });
    const after = await create();

    expect(single.status).toBe(KNOWN_ERRORS[code]?.status);
    expect(single.body).toMatchObject([{ errorCode: code, message: expect.stringMatching(/./) }]);
    expect(many.body).toMatchObject([{ success: false, errors: [{ statusCode: code }] }, { success: true }]);
    expect(after.status).toBe(201);
  });

  test.each(codesOf('request'))('%s refuses a whole request, which does nothing', async (code) => {
    await arm({ code });

    const reply = await create();

    const { status, message, isBare } = KNOWN_ERRORS[code] ?? {};
    expect(reply.status).toBe(status);
    expect(reply.body).toEqual(isBare ? code : [{ errorCode: code, message }]);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
  });

  test.each(codesOf('token'))('%s refuses a request for tokens with an object', async (code) => {
    await arm({ code });
    const form = {
      grant_type: 'refresh_token',
      refresh_token: simulated.org.issueTokens().refresh_token ?? '',
    };

    const [refused, after] = [await requestToken(simulated, form), await requestToken(simulated, form)];

    expect([refused.status, refused.body]).toEqual([
      KNOWN_ERRORS[code]?.status,
      { error: code, error_description: KNOWN_ERRORS[code]?.message },
    ]);
    expect(after.status).toBe(200);
  });

  test('takes another text, path and level', async () => {
    await arm([
      { code: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentPerOrgLongTxn Limit exceeded.', path: '/query' },
      { code: 'UNABLE_TO_LOCK_ROW', level: 'request' },
    ]);

    const [write, query] = [await create(), await simulated.send('GET', '/query?q=x')];

    expect(write.body[0].errorCode).toBe('UNABLE_TO_LOCK_ROW');
    expect(query.body[0].message).toBe('ConcurrentPerOrgLongTxn Limit exceeded.');
  });

  test('shows the row that is locked, and the matches of a duplicate', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'x' });
    const update = (): Promise<Reply> => simulated.send('PATCH', `/sobjects/Contact/${id}`, {});

    await arm({ code: 'UNABLE_TO_LOCK_ROW', method: 'update' });
    const locked = await update();
    await arm({ code: 'DUPLICATES_DETECTED' });
    const duplicate = await update();

    expect(locked.body[0].message).toBe(
      `unable to obtain exclusive access to this record or 1 records: ${id}`,
    );
    expect(duplicate.body[0]).toMatchObject({
      duplicateResut: { allowSave: true, matchResults: [{ size: 1 }] },
    });
    expect(duplicate.body[0].fields).toBeUndefined();
  });

  test('INVALID_SESSION_ID ends the session for good', async () => {
    await arm({ code: 'INVALID_SESSION_ID' });

    expect([(await create()).status, (await create()).status]).toEqual([401, 401]);
  });

  test.each([409, 410, 414, 420, 428, 431, 502, 503])(
    'HTTP_%i answers a page without a code',
    async (status) => {
      await arm({ code: `HTTP_${status}` });

      const reply = await create();

      expect([reply.status, reply.headers.get('content-type')]).toEqual([status, 'text/html;charset=UTF-8']);
    },
  );

  test.each([...codesOf('row'), ...codesOf('request')])(
    '%s is found however it is spelt, and comes back so',
    async (code) => {
      const spelling = code
        .split('_')
        .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
        .join('');

      await arm({ code });
      const known = await create();
      await arm({ code: spelling });
      const same = await create(simulated.org.issueTokens().access_token);

      const spelt = KNOWN_ERRORS[code]?.isBare ? spelling : [{ ...known.body[0], errorCode: spelling }];
      expect([same.status, same.body]).toEqual([known.status, spelt]);
    },
  );

  test.each(['InvalidGrant', 'INVALID_GRANT', 'oauth_app_blocked', 'constructor', '__proto__'])(
    '%s is unknown, since codes of token requests have one spelling only',
    async (code) => {
      expect((await arm({ code })).status).toBe(400);
    },
  );

  test('must be one that the platform has', async () => {
    const unknown = await arm({ code: 'NO_SUCH_CODE' });
    const level = await arm({ code: 'UNABLE_TO_LOCK_ROW', level: 'org' });

    expect([unknown.status, level.status]).toEqual([400, 400]);
    expect(unknown.body.error).toContain('UNABLE_TO_LOCK_ROW');
  });
});
