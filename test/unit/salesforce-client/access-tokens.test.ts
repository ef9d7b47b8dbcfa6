import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { SyncError } from '../../../shared/contracts/next.ts';
import type { Transport } from '../../../shared/salesforce-client/transport/transport.ts';
import { aClient, refusal } from './a-client.ts';
import { rejection, toResponse } from './fakes.ts';

describe('the token', () => {
  const EXPIRED = { status: 401, body: refusal('INVALID_SESSION_ID', 'Session expired or invalid') };

  test('is asked for again, once, when it was refused', async () => {
    const asked: (string | undefined)[] = [];
    const accessToken = async (stale?: string) => {
      asked.push(stale);
      return `token-${asked.length}`;
    };
    const { client, sent } = aClient({ accessToken }, EXPIRED, { body: {} }, { body: {} });

    await client.limits();
    await client.limits();

    expect(asked).toEqual([undefined, 'token-1']);
    expect(sent.map((one) => one.headers?.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-2',
      'Bearer token-2',
    ]);
  });

  test('is asked for once, however many calls need another, and a failure is shared too', async () => {
    let asked = 0;
    const accessToken = async (stale?: string) => {
      if (stale === undefined) return 'token-1';
      asked += 1;
      await new Promise((resolve) => setImmediate(resolve));
      throw new TypeError('fetch failed');
    };
    const { client } = aClient({ accessToken }, ...Array.from({ length: 10 }, () => EXPIRED));

    const errors = await Promise.all(Array.from({ length: 10 }, () => rejection(client.limits())));

    expect(asked).toBe(1);
    for (const error of errors)
      expect(error).toMatchObject({
        name: 'SalesforceAuthError',
        code: 'NO_ACCESS_TOKEN',
        next: { do: 'retry', afterMs: 10_000 },
      });
  });

  test('is not asked for again by a call whose refusal comes after the refresh of another', async () => {
    const asked: (string | undefined)[] = [];
    const accessToken = async (stale?: string) => {
      asked.push(stale);
      return `token-${asked.length}`;
    };
    const late: (() => void)[] = [];
    const transport: Transport = async ({ headers }) => {
      if (headers?.authorization !== 'Bearer token-1') return toResponse({ body: {} });
      if (late.length === 0) await new Promise<void>((resolve) => late.push(resolve));
      return toResponse(EXPIRED);
    };
    const { client } = aClient({ accessToken, transport });

    const first = client.limits();
    await new Promise((resolve) => setImmediate(resolve));
    await client.limits();
    late[0]?.();
    await first;

    expect(asked).toEqual([undefined, 'token-1']);
  });

  test('is in no error, whatever the function’s own error quotes', async () => {
    const accessToken = async () => {
      throw new Error('POST grant_type=refresh_token&refresh_token=5Aep861TSESvWeug failed');
    };
    const { client } = aClient({ accessToken });

    const error = await rejection(client.limits());

    const everything = inspect(error, { depth: 9, showHidden: true });
    expect(everything).toContain('grant_type=refresh_token');
    expect(everything).not.toContain('5Aep861');
  });

  test('that cannot be had for a reason of ours is refused with that reason', async () => {
    const reason = new SyncError('StoreError', 'THROTTLED', 'x', { do: 'retry', afterMs: 9_999 });
    const accessToken = () => Promise.reject(reason);
    const { client } = aClient({ accessToken });

    expect(await rejection(client.limits())).toBe(reason);
  });

  test('is asked for anew after the function failed, at once or later', async () => {
    let asked = 0;
    const accessToken = (() => {
      asked += 1;
      if (asked === 1) throw new Error('not yet');
      return Promise.resolve('token-1');
    }) as () => Promise<string>;
    const { client } = aClient({ accessToken }, { body: {} });

    expect(await rejection(client.limits())).toMatchObject({ code: 'NO_ACCESS_TOKEN' });
    expect(await client.limits()).toEqual({});
  });

  test.each([undefined, '', 'token\n', 'two words', 7])(
    'that cannot travel in a header is not sent: %j',
    async (token) => {
      const { client, sent } = aClient({ accessToken: async () => token as string });

      expect(await rejection(client.limits())).toMatchObject({
        code: 'NO_ACCESS_TOKEN',
        next: { do: 'stop' },
      });
      expect(sent).toEqual([]);
    },
  );

  test('that cannot be renewed needs a person', async () => {
    const { client } = aClient({}, EXPIRED);

    expect(await rejection(client.limits())).toMatchObject({ next: { do: 'reauthorize' } });
  });
});
