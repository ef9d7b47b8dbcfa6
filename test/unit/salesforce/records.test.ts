import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { makeSalesforceOrgs } from '../../../shared/salesforce/org.ts';
import { composite } from '../../../shared/salesforce-client/resources/composite/subrequests.ts';
import type { SalesforceRequest } from '../../../shared/salesforce-client/transport/transport.ts';
import { must } from '../../../shared/sync/assert.ts';
import type { WriteOutcome } from '../../../shared/use-cases/ports/salesforce-org.ts';
import { fakeClock, fakeTokens, openOrg, rejection, toResponse } from '../salesforce-client/fakes.ts';
import { fixtureJson, replay } from '../salesforce-client/fixtures.ts';

const ALL = { sObject: 'Contact', fields: ['LastName'], where: { kind: 'all' } } as const;
const ADA = '0031I0000081tbPQAQ';
const BOB = '0031I0000081tb0QAA';
const row = (Id: string, LastName: string) => ({ attributes: { type: 'Contact', url: '/x' }, Id, LastName });
const answeredAt = '2026-11-23T12:00:03.000Z';
const written = (body: unknown, httpStatusCode = 200) => ({
  body,
  httpHeaders: {},
  httpStatusCode,
  referenceId: 'chunk0',
});
const readBack = (records: unknown[], httpStatusCode = 200) => ({
  body:
    httpStatusCode === 200
      ? { totalSize: records.length, done: true, records }
      : [{ errorCode: 'X', message: '' }],
  httpHeaders: {},
  httpStatusCode,
  referenceId: 'after0',
});
const ok = (id: string, more = {}) => ({ id, success: true, errors: [], ...more });
const refused = (statusCode: string, message = '', fields: string[] = []) => ({
  success: false,
  errors: [{ statusCode, message, fields }],
});
const two = [
  { sfId: ADA, values: { LastName: 'Ada' } },
  { sfId: BOB.slice(0, 15), values: { LastName: null } },
];

describe('reading records', () => {
  test('gives a page of rows without their attributes, and the address of the next', async () => {
    const next = '/services/data/v59.0/query/0r8xx5R2yF2gs3VASQ-2000';
    const { org, sent } = await openOrg(
      { body: { totalSize: 3, done: false, nextRecordsUrl: next, records: [row(ADA, 'Ada')] } },
      { body: { totalSize: 3, done: false, nextRecordsUrl: `${next}1`, records: [] } },
      { body: { totalSize: 3, done: true, records: [row(BOB, 'Bob')] } },
    );

    const page = await org.select(ALL);
    expect(page).toEqual({
      records: [{ Id: ADA, LastName: 'Ada' }],
      next,
      readAt: '2026-11-23T12:00:03.000Z',
    });
    expect((await org.nextPage(next)).next).toBe(`${next}1`);
    expect('next' in (await org.nextPage(`${next}1`))).toBe(false);
    expect(sent[1]?.url).toBe(`https://acme.my.salesforce.com${next}`);
  });

  test('sends a query that is too long for a request line inside a composite call', async () => {
    const values = Array.from({ length: 200 }, (_, index) => `key-é-${'x'.repeat(60)}-${index}`);
    const { org, sent, bodies } = await openOrg({
      body: {
        compositeResponse: [
          {
            body: { totalSize: 1, done: true, records: [row(ADA, 'Ada')] },
            httpStatusCode: 200,
            httpHeaders: {},
            referenceId: 'rows',
          },
        ],
      },
    });

    const page = await org.select({ ...ALL, where: { kind: 'external-ids', field: 'Key__c', values } });

    expect(page.records).toEqual([{ Id: ADA, LastName: 'Ada' }]);
    expect(sent[0]).toMatchObject({
      method: 'POST',
      url: 'https://acme.my.salesforce.com/services/data/v59.0/composite',
      isRepeatable: true,
    });
    const step = bodies()[0].compositeRequest[0];
    expect(step).toMatchObject({ method: 'GET', referenceId: 'rows' });
    expect(decodeURIComponent(step.url)).toContain(values.at(-1));
  });

  test.each([
    ['is not JSON', '<html>'],
    ['is another thing', []],
    ['has rows that are not objects', { totalSize: 1, done: true, records: ['x'] }],
  ])('stops at an answer that %s', async (_, body) => {
    const { org } = await openOrg({ body });

    expect(await rejection(org.select(ALL))).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      next: { do: 'stop' },
    });
  });

  test.each([
    ['has more, but no address of it', { totalSize: 1, done: false, records: [] }],
    ['lacks rows that it counts', { totalSize: 2, done: true, records: [row(ADA, 'Ada')] }],
    ['has none of the rows that it counts', { totalSize: 2, done: true, records: [] }],
  ])('takes no answer for the whole that %s, and asks again', async (_, body) => {
    const { org } = await openOrg({ body });

    expect(await rejection(org.select(ALL))).toMatchObject({
      code: 'QUERY_INCOMPLETE',
      next: { do: 'retry', afterMs: 1_000 },
    });
  });

  test('does not read the same page for ever', async () => {
    const next = '/services/data/v59.0/query/0r8xx5R2yF2gs3VASQ-2000';
    const { org } = await openOrg({ body: { totalSize: 9, done: false, nextRecordsUrl: next, records: [] } });

    expect(await rejection(org.nextPage(next))).toMatchObject({ code: 'QUERY_INCOMPLETE' });
  });

  test.each(['QUERY_TIMEOUT', 'OPERATION_TOO_LARGE'])(
    'that cannot even be counted (%s) are too many, and that is no failure',
    async (errorCode) => {
      const status = errorCode === 'QUERY_TIMEOUT' ? 400 : 403;
      const { org, sent } = await openOrg(
        { status, body: [{ errorCode, message: '' }] },
        { status, body: [{ errorCode, message: '' }] },
      );

      expect(await org.count(ALL)).toBe('too-many');
      expect(sent).toHaveLength(1);
      expect(await rejection(org.select(ALL))).toMatchObject({ code: errorCode });
    },
  );

  test('are counted, and any other failure of that is one', async () => {
    const { org } = await openOrg(
      { body: { totalSize: 17, done: true, records: [] } },
      { status: 400, body: [{ errorCode: 'INVALID_FIELD', message: '' }] },
    );

    expect(await org.count(ALL)).toBe(17);
    expect(await rejection(org.count(ALL))).toMatchObject({ code: 'INVALID_FIELD' });
  });

  replay('takes recorded pages', async () => {
    const recorded = fixtureJson('amp-labs-connectors/read-opportunity-with-account.json');
    const nifi = fixtureJson('apache-nifi/query_sobject.json');
    const first = fixtureJson('restforce/sobject/query_paginated_first_page_response.json');
    const { org } = await openOrg({ body: recorded }, { body: nifi }, { body: first });

    expect((await org.select(ALL)).records[1]).toMatchObject({
      Id: '006ak00000OQ4RyAAL',
      Amount: 30000,
      AccountId: null,
    });
    expect((await org.select(ALL)).records[0]).toMatchObject({ date__c: '2025-12-16' });
    expect((await org.select(ALL)).next).toMatch(/^\/services\/data\//);
  });
});

const isPassing = (outcome: WriteOutcome | undefined) =>
  outcome?.kind === 'refused' && outcome.retryAfterMs !== undefined;

/** Refuses every collection that has this value, and writes the others. */
const orgThatCannotRead = (value: string) => {
  let calls = 0;
  const answer = ({ method, body }: { method: string; body: { records: { id: string }[] } }) => {
    if (method !== 'PATCH') return readBack([]);
    if (!JSON.stringify(body).includes(value)) return written(body.records.map(({ id }) => ok(id)));
    return written([{ errorCode: 'JSON_PARSER_ERROR', message: 'Cannot deserialize instance of date' }], 400);
  };
  const transport = async ({ body }: SalesforceRequest) => {
    calls += 1;
    const steps = JSON.parse(String(body)).compositeRequest;
    const compositeResponse = steps.map((step: { referenceId: string } & Parameters<typeof answer>[0]) => ({
      ...answer(step),
      referenceId: step.referenceId,
    }));
    return toResponse({ body: { compositeResponse } });
  };
  return { transport, callCount: () => calls };
};

describe('writing records', () => {
  test('changes by id and reads back in one call', async () => {
    const { org, sent, bodies } = await openOrg({
      body: {
        compositeResponse: [written([ok(ADA), ok(BOB)]), readBack([row(BOB, 'Bob'), row(ADA, 'ADA')])],
      },
    });

    const answer = await org.update('Contact', two, ['LastName']);

    expect(answer).toEqual([
      { kind: 'written', sfId: ADA, created: false, answeredAt, after: { Id: ADA, LastName: 'ADA' } },
      { kind: 'written', sfId: BOB, created: false, answeredAt, after: { Id: BOB, LastName: 'Bob' } },
    ]);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.headers).toMatchObject({ 'sforce-call-options': 'client=salesforce-sync' });
    const body = bodies()[0];
    expect(body).toMatchObject({ allOrNone: false });
    expect(body.compositeRequest[0]).toEqual({
      method: 'PATCH',
      url: '/services/data/v59.0/composite/sobjects',
      referenceId: 'chunk0',
      httpHeaders: { 'Sforce-Call-Options': 'client=salesforce-sync' },
      body: {
        allOrNone: false,
        records: [
          { attributes: { type: 'Contact' }, LastName: 'Ada', id: ADA },
          { attributes: { type: 'Contact' }, LastName: null, id: BOB },
        ],
      },
    });
    expect(decodeURIComponent(body.compositeRequest[1].url)).toBe(
      `/services/data/v59.0/query?q=SELECT Id, SystemModstamp, LastModifiedDate, IsDeleted, LastName FROM Contact WHERE Id IN ('${ADA}','${BOB}')`,
    );
  });

  test('changes or creates by external id', async () => {
    const { org, bodies } = await openOrg({
      body: {
        compositeResponse: [
          written([ok(ADA, { created: true }), ok(BOB, { created: false })]),
          readBack([row(ADA, 'Ada')]),
        ],
      },
    });

    const answer = await org.upsert(
      'Contact',
      'Key__c',
      [
        { externalId: 'a/1', values: { LastName: 'Ada' } },
        { externalId: "o'2", values: { LastName: 'Bob' } },
      ],
      ['LastName'],
    );

    expect(answer).toEqual([
      { kind: 'written', sfId: ADA, created: true, answeredAt, after: { Id: ADA, LastName: 'Ada' } },
      { kind: 'written', sfId: BOB, created: false, answeredAt },
    ]);
    const [write, read] = bodies()[0].compositeRequest;
    expect(write.url).toBe('/services/data/v59.0/composite/sobjects/Contact/Key__c');
    expect(write.body.records[0]).toEqual({
      attributes: { type: 'Contact' },
      LastName: 'Ada',
      Key__c: 'a/1',
    });
    expect(decodeURIComponent(read.url)).toContain("WHERE Key__c IN ('a/1','o\\'2')");
  });

  test('sends keys that differ in case together: a mapping’s external id field tells them apart', async () => {
    const keys = ['ab', 'Ab', 'aB', 'AB'];
    const { org, bodies } = await openOrg({ body: { compositeResponse: [] } });

    await org.upsert(
      'Contact',
      'Key__c',
      keys.map((externalId) => ({ externalId, values: {} })),
      [],
    );

    expect(bodies()[0].compositeRequest[0].body.records).toHaveLength(4);
  });

  test('writes an external id once in a record, however its field is spelt', async () => {
    const { org, bodies } = await openOrg({ body: { compositeResponse: [] } });

    await org.upsert('Contact', 'Key__c', [{ externalId: 'K1', values: { key__c: 'OTHER' } }], []);

    expect(bodies()[0].compositeRequest[0].body.records).toEqual([
      { attributes: { type: 'Contact' }, Key__c: 'K1' },
    ]);
  });

  test('says that the refusal of a locked row passes, also when a trigger met the lock', async () => {
    const { org } = await openOrg({
      body: {
        compositeResponse: [
          written([
            refused('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access'),
            refused(
              'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
              'T: execution of AfterUpdate caused by: UNABLE_TO_LOCK_ROW',
            ),
          ]),
          readBack([]),
        ],
      },
    });

    const outcomes = await org.update('Contact', two, []);

    expect(outcomes).toMatchObject([{ retryAfterMs: 1_000 }, { retryAfterMs: 1_000 }]);
  });

  test.each([
    ['failed', readBack([], 400)],
    ['is missing', undefined],
    ['is another thing', { ...readBack([]), body: 'x' }],
  ])('counts as written although reading back %s', async (_, read) => {
    const { org } = await openOrg({
      body: { compositeResponse: [written([ok(ADA), ok(BOB)]), ...(read ? [read] : [])] },
    });

    expect(await org.update('Contact', two, [])).toMatchObject([{ kind: 'written' }, { kind: 'written' }]);
  });

  test.each<[string, unknown, object]>([
    [
      'a session that ended inside',
      written([{ errorCode: 'INVALID_SESSION_ID', message: '' }], 401),
      { name: 'SalesforceAuthError', next: { do: 'reread' } },
    ],
    [
      'an allowance that ended inside',
      written([{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }], 403),
      { name: 'SalesforceRateLimitError', next: { do: 'wait' } },
    ],
    [
      'a refusal of the whole write',
      written([{ errorCode: 'INVALID_TYPE', message: '' }], 400),
      { code: 'INVALID_TYPE', next: { do: 'recheck' } },
    ],
    ['an outage inside', written(null, 500), { next: { do: 'reread' } }],
    ['a result too few', written([ok(ADA)]), { next: { do: 'reread' } }],
    ['results that are something else', written('x'), { next: { do: 'reread' } }],
  ])('tells of each record that its call failed, for %s', async (_, step, error) => {
    const { org, sent } = await openOrg({ body: { compositeResponse: [step, readBack([])] } });

    const outcomes = await org.update('Contact', two, []);

    expect(outcomes).toMatchObject([
      { kind: 'failed', error },
      { kind: 'failed', error },
    ]);
    expect(sent).toHaveLength(1);
  });

  test('tells of one record alone that its result has no id', async () => {
    const results = [{ success: true }, ok(BOB)];
    const { org } = await openOrg({ body: { compositeResponse: [written(results), readBack([])] } });

    expect(await org.update('Contact', two, [])).toMatchObject([
      { kind: 'failed', error: { next: { do: 'reread' } } },
      { kind: 'written', sfId: BOB },
    ]);
  });

  test.each([6, 40, 200])(
    'finds %i unreadable values among 200, and refuses no other record',
    async (bad) => {
      const { transport, callCount } = orgThatCannotRead('31.12.1999');
      const orgs = makeSalesforceOrgs({ transport, tokens: fakeTokens(), clock: fakeClock() });
      const org = await orgs.open('connection-1');
      const records = Array.from({ length: 200 }, (_, index) => ({
        sfId: `003${String(index).padStart(12, '0')}`,
        values: { Birthdate: (index * bad) % 200 < bad ? '31.12.1999' : '1999-12-31' },
      }));
      const outcomes = new Map<string, WriteOutcome>();
      let waiting = records;
      for (let searches = 0; waiting.length > 0; searches += 1) {
        expect(searches).toBeLessThan(bad);
        const before = callCount();
        const answers = await org.update('Contact', waiting, []);
        expect(callCount() - before).toBeLessThanOrEqual(1 + 24);
        for (const [place, { sfId }] of waiting.entries())
          outcomes.set(sfId, must(answers[place], 'one each'));
        waiting = waiting.filter((_, place) => isPassing(answers[place]));
      }

      for (const { sfId, values } of records) {
        const kind = values.Birthdate === '1999-12-31' ? 'written' : 'refused';
        expect(outcomes.get(sfId)).toMatchObject({ kind });
      }
    },
  );

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [undefined], [{}], [[]], [1n]])(
    'sends nothing for the value %p, which JSON would bend',
    async (value) => {
      const { org, sent } = await openOrg();
      const records = [{ sfId: ADA, values: { Amount: value } }];

      expect(await rejection(org.update('Contact', records, []))).toMatchObject({
        code: 'UNWRITABLE_VALUE',
        fields: ['Amount'],
      });
      expect(sent).toEqual([]);
    },
  );

  replay('takes recorded results', async () => {
    const recorded = (path: string) => fixtureJson<unknown[]>(path);
    const rolledBack = recorded('amp-labs-connectors/batch/create/contacts/partial-but-allOrNone.json');
    const noIds = recorded('amp-labs-connectors/batch/update/contacts/err-each-no-ids.json');
    const created = recorded('amp-labs-connectors/batch/create/contacts/success.json');
    const { org } = await openOrg(
      ...[rolledBack, noIds, created].map((body) => ({
        body: { compositeResponse: [written(body), readBack([])] },
      })),
    );

    expect(await org.update('Contact', two, [])).toMatchObject([
      { kind: 'refused', code: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] },
      { kind: 'refused', code: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' },
    ]);
    expect(await org.update('Contact', two, [])).toMatchObject([
      { code: 'MISSING_ARGUMENT' },
      { code: 'MISSING_ARGUMENT' },
    ]);
    expect(await org.update('Contact', two, [])).toMatchObject([
      { kind: 'written', sfId: '003ak00000luKU1AAM' },
      { kind: 'written', sfId: '003ak00000luKU2AAM' },
    ]);
  });
});

describe('a composite answer', () => {
  const answerTo = (body: unknown) =>
    composite(
      {
        send: async () => toResponse({ body }),
        basePath: '/services/data/v59.0',
        answeredAt: () => '2026-11-23T12:00:00.000Z',
      },
      'try',
      [],
      true,
    );

  replay('is read as it was recorded', async () => {
    const anything = z.unknown();
    const success = await answerTo(fixtureJson('apache-camel/composite_response_example_success.json'));
    expect(success.bodyOf('NewPayment2', anything)).toMatchObject({
      id: 'a1V3E000000EXomUAG',
      success: true,
    });

    const failure = await answerTo(fixtureJson('apache-camel/composite_response_example_failure.json'));
    expect(() => failure.bodyOf('NewPayment1', anything)).toThrow(
      expect.objectContaining({ code: 'PROCESSING_HALTED' }),
    );
    expect(() => failure.bodyOf('NewPayment2', anything)).toThrow(
      expect.objectContaining({ code: 'INVALID_FIELD', status: 400 }),
    );
    expect(failure.bodyIfAny('NewPayment1', anything)).toBeUndefined();

    const missing = await answerTo(fixtureJson('cumulusci/extracted/composite-404-subrequest.json'));
    expect(() => missing.bodyOf('CCI__RefId__0__', anything)).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    );
    expect(() => missing.bodyOf('other', anything)).toThrow(
      expect.objectContaining({ code: 'UNEXPECTED_RESPONSE' }),
    );
  });
});
