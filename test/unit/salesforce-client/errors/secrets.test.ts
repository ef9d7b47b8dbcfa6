import { inspect } from 'node:util';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { openSalesforceClient } from '../../../../shared/salesforce-client/client.ts';
import { readDuplicates } from '../../../../shared/salesforce-client/errors/duplicates.ts';
import { isTokenFree, withoutTokens } from '../../../../shared/salesforce-client/errors/redaction.ts';
import { responseToError } from '../../../../shared/salesforce-client/errors/refusals.ts';
import { makeWebServerFlow } from '../../../../shared/salesforce-client/oauth/oauth.ts';
import { type CannedAnswer, cannedTransport, INSTANCE, NOW, openOrg, rejection } from '../fakes.ts';

const SESSION = '00D8H0000004dNl!AQoAQ.x_y-Zz1234567890abcdefghijklmnop';
const REFRESH = '5Aep861TSESvWeug_xvFHRBTTbf_YrTWgEyjBJrOZ9U4SVKMiwW';
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl';

/** Everything that a log, a serialiser or a careless `console` could get hold of, causes among it. */
const everythingOf = (error: unknown): string => {
  const { detail, stack } = error as { detail?: string; stack?: string };
  return [inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error), detail, stack].join('\n');
};

describe('an error holds no token', () => {
  const entry = (text: string) =>
    JSON.stringify([{ errorCode: text, message: `refused: ${text}`, fields: [text] }]);

  test.each([
    ['a session', SESSION],
    ['a refresh token', REFRESH],
    ['a JSON Web Token', JWT],
    ['an opaque token that was sent', 'opaque/token+of=another.kind'],
    ['an opaque token that looks like a code', 'OPAQUE_TOKEN_THAT_LOOKS_LIKE_A_CODE'],
  ])('%s, planted wherever an answer has room', (_, token) => {
    const bodies = [
      entry(token),
      JSON.stringify({ errorCode: 'X', message: `Authorization: Bearer ${token}` }),
      `<html>GET /x\nAuthorization: Bearer ${token}</html>`,
      token,
      JSON.stringify([
        {
          errorCode: 'DUPLICATES_DETECTED',
          message: token,
          duplicateResut: {
            duplicateRule: token,
            matchResults: [{ matchRecords: [{ record: { Id: token } }] }],
          },
        },
      ]),
    ];

    for (const status of [400, 401, 403, 500])
      for (const body of bodies) {
        const headers = {
          'x-sfdc-request-id': token,
          'x-request-id': token,
          'retry-after': token,
          'www-authenticate': `Bearer ${token}`,
          'set-cookie': `sid=${token}`,
        };
        const error = responseToError(
          { status, headers, body },
          {
            operation: 'query Contact',
            isRepeatable: true,
            nowMs: NOW,
            clean: (text) => withoutTokens(text, [token]),
          },
        );
        expect(everythingOf(error)).not.toContain(token);
      }
  });

  test('not even the one that was sent with the request', async () => {
    const echo = {
      status: 400,
      body: [{ errorCode: 'INVALID_FIELD', message: 'sent: Bearer token-1, token-1' }],
    };
    const { org } = await openOrg(echo);

    const error = await rejection(org.select({ sObject: 'Contact', fields: [], where: { kind: 'all' } }));

    expect(error).toMatchObject({ code: 'INVALID_FIELD' });
    expect(everythingOf(error)).not.toContain('token-1');
  });

  test('nor in a step of a composite call, or a row of a collection', async () => {
    const text = 'sent: opaque.token';
    const step = {
      referenceId: 'a',
      httpStatusCode: 400,
      body: [{ errorCode: 'INVALID_FIELD', message: text, fields: ['opaque.token'] }],
    };
    const row = {
      success: false,
      errors: [{ statusCode: 'INVALID_FIELD', message: text, fields: ['opaque.token'] }],
    };
    const { send } = cannedTransport({ body: { compositeResponse: [step] } }, { body: [row] });
    const client = openSalesforceClient({
      instanceUrl: INSTANCE,
      accessToken: 'opaque.token',
      transport: send,
    });

    const outcomes = [
      ...(await client.composite([{ method: 'GET', path: '/limits', referenceId: 'a' }])),
      ...(await client.createRecords([{ sObject: 'Contact', values: {} }])),
    ];

    expect(outcomes).toMatchObject([
      { error: { code: 'INVALID_FIELD', detail: 'sent: [hidden]', fields: [] } },
      { code: 'INVALID_FIELD', message: 'sent: [hidden]', fields: [] },
    ]);
  });

  test('nor what was sent to the authorisation server', async () => {
    const secrets = ['very-secret-refresh', 'very-secret-client'];
    const { send } = cannedTransport({
      status: 400,
      body: { error: 'invalid_grant', error_description: `no good: ${secrets.join(' and ')} ${JWT}` },
    });
    const refreshed = makeWebServerFlow({ transport: send }).refresh({
      loginUrl: 'https://login.salesforce.com',
      refreshToken: secrets[0] ?? '',
      credentials: { clientId: 'id', clientSecret: secrets[1] ?? '', redirectUri: 'https://sync.example/' },
    });

    const error = await rejection(refreshed);

    expect(error).toMatchObject({ code: 'invalid_grant', next: { do: 'reauthorize' } });
    expect(everythingOf(error)).not.toMatch(/very-secret|eyJhbGci/);
  });
});

describe('what an answer with a good status may quote', () => {
  const session = '00D8H0000004dNl!AQoAQ.x_y-Zz1234567890abcdefghijklmnop';

  test.each<[string, CannedAnswer]>([
    ['its content type', { body: '<html>', headers: { 'content-type': `text/html; echo=${session}` } }],
    [
      'the name of a header of a step',
      {
        body: {
          compositeResponse: [
            { body: 1, httpHeaders: { [session]: 7 }, httpStatusCode: 'x', referenceId: 'a' },
          ],
        },
      },
    ],
    [
      'codes and fields of a row',
      {
        body: [
          { success: false, errors: [{ statusCode: session, message: session, fields: [session, JWT] }] },
        ],
      },
    ],
  ])('is in no error and no outcome: %s', async (_, answer) => {
    const { send } = cannedTransport(answer, answer);
    const client = openSalesforceClient({ instanceUrl: INSTANCE, accessToken: session, transport: send });

    for (const act of [
      () => client.createRecords([{ sObject: 'Contact', values: {} }]),
      () => client.composite([{ method: 'GET', path: '/limits', referenceId: 'a' }]),
    ])
      expect(everythingOf(await act().catch((error: unknown) => error))).not.toMatch(/AQoAQ|c2lnbmF0dXJl/);
  });

  test('is hidden though JSON escapes it', () => {
    const escaped = `"\\u0065${JWT.slice(1)}"`;
    const body = `[{"errorCode":"X","message":${escaped},"fields":[${escaped}]}]`;
    const error = responseToError(
      { status: 400, headers: {}, body },
      { operation: 'x', isRepeatable: true, nowMs: NOW },
    );

    expect(JSON.parse(escaped)).toBe(JWT);
    expect(everythingOf(error)).not.toContain('c2lnbmF0dXJl');
  });
});

test('text of any length is searched once, not once from each of its characters', () => {
  const beginnings = 'eyJ-'.repeat(250_000);
  const spaces = ' '.repeat(1_000_000);
  const search = () => {
    expect(withoutTokens(beginnings)).toBe(beginnings);
    expect(withoutTokens(`sid${spaces}Bearer${spaces}`)).toHaveLength(2_000_009);
    expect(readDuplicates({ errorCode: 'DUPLICATE_VALUE', message: `x: ${spaces}y` })).toBeUndefined();
  };

  // Takes milliseconds, or else hours, which only this way come to an end.
  expect(() => runInNewContext('search()', { search }, { timeout: 60_000 })).not.toThrow();
});

describe('hiding tokens', () => {
  test.each([
    [`Session ${SESSION} expired`, 'Session [hidden] expired'],
    [`{"refresh_token":"${REFRESH}"}`, '{"refresh_token":"[hidden]"}'],
    [`id_token=${JWT}&x=1`, 'id_token=[hidden]&x=1'],
    ['Authorization: Basic dXNlcjpwYXNzd29yZHM=', 'Authorization: Basic [hidden]'],
    ['client_secret=abc&grant_type=x', 'client_secret=[hidden]&grant_type=x'],
    ['No such column Bearer__c on Contact', 'No such column Bearer__c on Contact'],
    ['expired access/refresh token', 'expired access/refresh token'],
    ['record with id: 0030P000024abcd', 'record with id: 0030P000024abcd'],
  ])('in %j', (text, clean) => {
    expect(withoutTokens(text)).toBe(clean);
    expect(isTokenFree(text)).toBe(text === clean);
  });

  test.each([SESSION, REFRESH, JWT, 'Bearer abcdefghijklmnopqrstuvw', 'OAuth abcdefghijklmnopqrstuvw'])(
    'as often as it occurs: %s',
    (one) => {
      expect(withoutTokens(`${one} and ${one}`).split(' and ')).toEqual([
        expect.stringMatching(/^(\w+ )?\[hidden\]$/),
        expect.stringMatching(/^(\w+ )?\[hidden\]$/),
      ]);
    },
  );

  test.each([
    'access_token',
    'refresh_token',
    'id_token',
    'client_secret',
    'assertion',
    'code_verifier',
    'sid',
  ])('behind the name %s, in any case', (name) => {
    expect(withoutTokens(`x&${name}=abc1&${name.toUpperCase()}: "abc2"`)).toBe(
      `x&${name}=[hidden]&${name.toUpperCase()}: "[hidden]"`,
    );
  });

  test('word for word and as an address writes it, but not every short word', () => {
    expect(withoutTokens('a+b/c=d and a%2Bb%2Fc%3Dd', ['a+b/c=d'])).toBe('[hidden] and [hidden]');
    expect(withoutTokens('client_id=x&s=a%21%28b%29%27', ["a!(b)'"])).toBe('client_id=x&s=[hidden]');
    expect(withoutTokens('x in text', ['x'])).toBe('x in text');
  });
});
