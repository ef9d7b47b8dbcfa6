import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { anOrg, call } from '../an-org.ts';

describe('a request that makes no sense', () => {
  let simulated: SimulatedOrg;
  let token: string;

  beforeAll(async () => {
    simulated = await anOrg({ accounts: 0, contacts: 1 });
    token = simulated.org.issueTokens().access_token ?? '';
  });
  afterAll(() => simulated.close());

  test.each([
    ['GET', '/nothing', undefined, 404, 'NOT_FOUND'],
    ['GET', '/services/data/v99.0/limits', undefined, 404, 'NOT_FOUND'],
    ['GET', '/services/data/v30.0/limits', undefined, 410, 'UNSUPPORTED_API_VERSION'],
    ['POST', '/services/data/v21.0/composite', '{}', 410, 'UNSUPPORTED_API_VERSION'],
    ['GET', '/services/data/v20.0/limits', undefined, 404, 'NOT_FOUND'],
    ['GET', '/services/data/v30.5/limits', undefined, 404, 'NOT_FOUND'],
    ['GET', '/services/data/v059.0/', undefined, 404, 'NOT_FOUND'],
    ['GET', '/services/data/v059.0/limits', undefined, 404, 'NOT_FOUND'],
    ['GET', '/services/data/v030.0/limits', undefined, 404, 'NOT_FOUND'],
    ['GET', '/services//', undefined, 404, 'NOT_FOUND'],
    ['DELETE', '/limits', undefined, 405, 'METHOD_NOT_ALLOWED'],
    ['POST', '/sobjects/Contact', '{"LastName":', 400, 'JSON_PARSER_ERROR'],
    ['POST', '/sobjects/Contact', '[]', 400, 'JSON_PARSER_ERROR'],
    ['POST', '/sobjects/Contact', '{"LastName":{"a":1}}', 400, 'JSON_PARSER_ERROR'],
    ['POST', '/sobjects/Contact', '{"LastName":"a","__proto__":1}', 400, 'INVALID_FIELD'],
    ['POST', '/sobjects/Contact', '{"LastName":"a","Account":{}}', 400, 'INVALID_FIELD'],
    ['POST', '/sobjects/Contact', '{"LastName":"a","Birthdate":"2024-02-31"}', 400, 'JSON_PARSER_ERROR'],
    ['POST', '/sobjects/Nothing__c', '{}', 404, 'NOT_FOUND'],
    ['POST', '/composite/sobjects', '{"records":[null]}', 400, 'JSON_PARSER_ERROR'],
    ['POST', '/composite/sobjects/Contact', '{"ids":[5],"fields":["Id"]}', 400, 'JSON_PARSER_ERROR'],
    ['POST', '/composite', '{"compositeRequest":{}}', 400, 'JSON_PARSER_ERROR'],
    ['POST', '/jobs/query', '{"query":5}', 400, 'INVALIDJOB'],
    ['POST', '/jobs/ingest', '{"object":{},"operation":"insert"}', 400, 'INVALIDENTITY'],
    ['GET', '/jobs/query/750', undefined, 404, 'NOT_FOUND'],
    ['GET', '/query', undefined, 400, 'MALFORMED_QUERY'],
    ['GET', '/query/nothing-2000', undefined, 400, 'INVALID_QUERY_LOCATOR'],
  ])('%s %s %s is refused', async (method, path, body, status, errorCode) => {
    const reply = await call(simulated, token, method, path, body);

    expect([reply.status, reply.body[0].errorCode]).toEqual([status, errorCode]);
  });

  test.each([
    ['LastName', 5, 'string from VALUE_NUMBER_INT value 5'],
    ['LastName', 0.5, 'string from VALUE_NUMBER_FLOAT value 0.5'],
    ['LastName', true, 'string from VALUE_TRUE value true'],
    ['LastName', false, 'string from VALUE_FALSE value false'],
    ['LastName', { a: 1 }, 'string from START_OBJECT value {'],
    ['LastName', ['a'], 'string from START_ARRAY value ['],
    ['Birthdate', 5, 'date from VALUE_NUMBER_INT value 5'],
    ['Birthdate', 'never', 'date from VALUE_STRING value never'],
    ['Score__c', {}, 'double from START_OBJECT value {'],
    ['Opted_In__c', 1, 'boolean from VALUE_NUMBER_INT value 1'],
  ])('with a %s of %j says what the parser met', async (name, value, met) => {
    const reply = await call(simulated, token, 'POST', '/sobjects/Contact', { LastName: 'x', [name]: value });

    expect([reply.status, reply.body]).toEqual([
      400,
      [
        {
          errorCode: 'JSON_PARSER_ERROR',
          message: `Cannot deserialize instance of ${met} or request may be missing a required field`,
        },
      ],
    ]);
  });

  test.each(['text/csv', 'application/x-www-form-urlencoded', 'application/xml'])(
    'with a body of type %s is refused, and writes nothing',
    async (type) => {
      const before = simulated.org.count('SELECT Id FROM Contact');

      const row = await call(simulated, token, 'POST', '/sobjects/Contact', '{"LastName":"a"}', {
        'content-type': type,
      });

      expect([row.status, row.body[0].errorCode]).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE']);
      expect(simulated.org.count('SELECT Id FROM Contact')).toBe(before);
    },
  );

  test('with an upload whose content type is not CSV is refused', async () => {
    const job = await call(simulated, token, 'POST', '/jobs/ingest', {
      object: 'Contact',
      operation: 'insert',
    });

    const upload = await call(simulated, token, 'PUT', `/${job.body.contentUrl}`, 'LastName\na\n');

    expect(upload.status).toBe(415);
  });

  test('with headers beyond the limit is refused', async () => {
    const reply = await call(simulated, token, 'GET', '/limits', undefined, { 'x-long': 'x'.repeat(17_000) });

    expect(reply.status).toBe(431);
  });
});
