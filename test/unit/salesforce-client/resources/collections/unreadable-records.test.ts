import { describe, expect, test } from '@jest/globals';
import { openSalesforceClient } from '../../../../../shared/salesforce-client/client.ts';
import type { SalesforceRequest } from '../../../../../shared/salesforce-client/transport/transport.ts';
import { ADA, aClient, refusal, sub } from '../../a-client.ts';
import { fakeClock, INSTANCE, rejection, toResponse } from '../../fakes.ts';

const NO_DATE = '31.12.1999';
const unreadable = refusal('JSON_PARSER_ERROR', `Cannot deserialize instance of date from ${NO_DATE}`);

/**
 * Reads all of a collection, or with `isWhole` of a call, before it writes any of it; `keys` are those written, in
 * their order.
 */
function aReadingOrg(fails: (call: number) => boolean = () => false, isWhole = false) {
  const keys: string[] = [];
  let calls = 0;
  const write = (records: readonly Record<string, string>[]) => {
    if (records.some(({ Birthdate }) => Birthdate === NO_DATE)) return { status: 400, body: unreadable };
    keys.push(...records.map(({ LastName }) => String(LastName)));
    return { status: 200, body: records.map(() => ({ id: ADA, success: true, errors: [] })) };
  };
  const transport = async (request: SalesforceRequest) => {
    calls += 1;
    if (fails(calls)) return toResponse({ status: 503, body: '<html>' });
    const { compositeRequest, records } = JSON.parse(String(request.body));
    if (compositeRequest === undefined) return toResponse(write(records));
    if (isWhole && String(request.body).includes(NO_DATE))
      return toResponse({ status: 400, body: unreadable });
    const compositeResponse = compositeRequest.map(
      (step: { referenceId: string; body: { records: Record<string, string>[] } }) => {
        const { status, body } = write(step.body.records);
        return sub(step.referenceId, body, status);
      },
    );
    return toResponse({ body: { compositeResponse } });
  };
  const client = openSalesforceClient({
    instanceUrl: INSTANCE,
    accessToken: 't',
    transport,
    clock: fakeClock(),
  });
  return { client, keys, calls: () => calls };
}

const contacts = (count: number, bad: readonly number[], more = {}) =>
  Array.from({ length: count }, (_, index) => ({
    sObject: 'Contact',
    values: { LastName: `L${index}`, ...(bad.includes(index) ? { Birthdate: NO_DATE } : {}), ...more },
  }));
const kindsOf = (outcomes: readonly { kind: string }[], kind: string) =>
  outcomes.flatMap((outcome, index) => (outcome.kind === kind ? [index] : []));

describe('a value that the platform cannot read as its field’s type', () => {
  test.each([
    [1, [0], 1],
    [2, [1], 2],
    [200, [137], 9],
    [1_001, [5], 10],
    [2_500, [0, 999, 1_000, 2_499], 3 + 24],
  ])('of %i records refuses %j alone', async (count, bad, mostCalls) => {
    const { client, keys, calls } = aReadingOrg();

    const outcomes = await client.createRecords(contacts(count, bad));

    expect(kindsOf(outcomes, 'refused')).toEqual(bad);
    expect(outcomes[bad[0] ?? 0]).toMatchObject({ code: 'JSON_PARSER_ERROR' });
    expect(kindsOf(outcomes, 'written')).toHaveLength(count - bad.length);
    expect(new Set(keys).size).toBe(count - bad.length);
    expect(keys).toHaveLength(count - bad.length);
    expect(calls()).toBeLessThanOrEqual(mostCalls);
  });

  test.each([
    [2, [1]],
    [200, [137]],
    [201, [200]],
  ])('of %i records refuses %j alone, though the call is refused as a whole', async (count, bad) => {
    const { client, keys, calls } = aReadingOrg(undefined, true);

    const outcomes = await client.createRecords(contacts(count, bad));

    expect(kindsOf(outcomes, 'refused')).toEqual(bad);
    expect(kindsOf(outcomes, 'written')).toHaveLength(count - bad.length);
    expect(keys).toHaveLength(count - bad.length);
    expect(calls()).toBeLessThanOrEqual(2 + 24);
  });

  test.each([[[5]], [[5, 777]], [Array.from({ length: 20 }, (_, index) => index * 50)]])(
    'refuses no innocent record where the search ends before all are found: %j',
    async (bad) => {
      const { client } = aReadingOrg(undefined, true);

      const outcomes = await client.createRecords(contacts(1_001, bad));

      for (const index of kindsOf(outcomes, 'refused')) expect(bad).toContain(index);
      for (const index of bad) expect(['refused', 'failed']).toContain(outcomes[index]?.kind);
      expect(outcomes).toHaveLength(1_001);
    },
  );

  test('is not searched for where the platform itself may not have said it', async () => {
    const unsure = { status: 503, body: unreadable };
    const alone = aClient({}, unsure);
    expect(await rejection(alone.client.createRecords(contacts(2, [])))).toMatchObject({
      next: { do: 'reread' },
    });
    expect(alone.sent).toHaveLength(1);

    for (const status of [405, 415, 429, 503]) {
      const written = Array.from({ length: 200 }, () => ({ id: ADA, success: true, errors: [] }));
      const answers = [sub('chunk0', written), sub('chunk1', unreadable, status)];
      const { client, sent } = aClient({}, { body: { compositeResponse: answers } });

      const outcomes = await client.createRecords(contacts(201, []));

      expect(kindsOf(outcomes, 'written')).toHaveLength(200);
      expect(outcomes[200]).toMatchObject({ kind: 'failed' });
      expect(sent).toHaveLength(1);
    }
  });

  test('in every record costs no more than a few calls', async () => {
    const { client, keys, calls } = aReadingOrg();
    const all = Array.from({ length: 10_000 }, (_, index) => index);

    const outcomes = await client.createRecords(contacts(10_000, all));

    expect(kindsOf(outcomes, 'failed').length + kindsOf(outcomes, 'refused').length).toBe(10_000);
    expect(outcomes[9_999]).toMatchObject({ error: { code: 'JSON_PARSER_ERROR', next: { do: 'stop' } } });
    expect(keys).toEqual([]);
    expect(calls()).toBeLessThanOrEqual(10 + 24);
  });

  test('is not looked for where one refused record undoes the others', async () => {
    const { client, keys, calls } = aReadingOrg();

    const outcomes = await client.createRecords(contacts(201, [3]), { allOrNone: true });

    expect(kindsOf(outcomes, 'failed')).toHaveLength(200);
    expect(outcomes[200]).toMatchObject({ kind: 'written' });
    expect([keys, calls()]).toEqual([['L200'], 1]);
  });

  test('leaves each record one outcome when the search is cut off', async () => {
    const { client, keys } = aReadingOrg((call) => call === 3);

    const outcomes = await client.createRecords(contacts(1_200, [0]));

    const written = kindsOf(outcomes, 'written');
    expect(written).toHaveLength(keys.length);
    expect(kindsOf(outcomes, 'failed')).toHaveLength(100);
    expect(kindsOf(outcomes, 'unsent')).toHaveLength(200);
    expect(written.length + 300).toBe(1_200);
  });

  test('travels alone again where its text would be read as a reference', async () => {
    const { client, keys } = aReadingOrg();

    const outcomes = await client.createRecords(contacts(10, [4], { Description: '@{x.id}' }));

    expect(kindsOf(outcomes, 'refused')).toEqual([4]);
    expect(keys).toHaveLength(9);
  });

  test('keeps repeated keys in their order', async () => {
    const { client, keys } = aReadingOrg();
    const change = (LastName: string, more = {}) => ({ key: 'k', values: { LastName, ...more } });
    const other = { key: 'x', values: { LastName: 'x', Birthdate: NO_DATE } };

    await client.upsertRecords('Contact', 'Key__c', [change('1'), other, change('2'), change('3')]);

    expect(keys).toEqual(['1', '2', '3']);
  });

  test('is a refusal of a single record too', async () => {
    for (const act of ['create', 'update', 'upsert'] as const) {
      const { client } = aClient({}, { status: 400, body: unreadable });
      const outcome = await {
        create: () => client.createRecord('Contact', {}),
        update: () => client.updateRecord('Contact', ADA, {}),
        upsert: () => client.upsertRecord('Contact', 'Key__c', 'k', {}),
      }[act]();

      expect(outcome).toMatchObject({ kind: 'refused', code: 'JSON_PARSER_ERROR' });
    }
  });
});

describe('a key', () => {
  test('that differs in white space alone is the same, since the platform takes it away', async () => {
    const { client, keys, calls } = aReadingOrg();
    const named = (key: string, LastName: string) => ({ key, values: { LastName } });

    await client.upsertRecords('Contact', 'Key__c', [
      ...[named('K', '1'), named('K', '2'), named(' k\t', '3')],
      ...[named('a\nb', '4'), named('a\r\nb', '5')],
    ]);

    expect(keys).toEqual(['1', '4', '2', '5', '3']);
    expect(calls()).toBe(3);
  });

  test('travels as text, which a field of text wants and one of numbers takes', async () => {
    const { client, bodies } = aClient({}, { body: [{ id: ADA, success: true, created: true, errors: [] }] });

    await client.upsertRecords('Contact', 'Key__c', [{ key: 12_345, values: {} }]);

    expect(bodies()[0].records[0].Key__c).toBe('12345');
  });
});

describe('an error that is not a refusal of a record', () => {
  test.each([
    [400, 'UNKNOWN_EXCEPTION'],
    [403, 'APEX_ERROR'],
    [400, 'SERVER_UNAVAILABLE'],
    [404, 'TIMEOUT'],
  ])('is a write of unknown outcome, whatever its status: %i %s', async (status, code) => {
    const { client } = aClient({}, { status, body: refusal(code) });

    expect(await rejection(client.updateRecord('Contact', ADA, {}))).toMatchObject({
      code,
      next: { do: 'reread' },
    });
  });

  test('is an sObject that does not exist, unless only a record can be missing', async () => {
    const missing = { status: 404, body: refusal('NOT_FOUND') };
    const { client } = aClient({}, missing, missing, missing);

    expect(await rejection(client.upsertRecord('Nope__c', 'Key__c', 'k', {}))).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await client.upsertRecord('Contact', 'Key__c', 'k', {}, { updateOnly: true })).toMatchObject({
      kind: 'refused',
    });
    expect(await client.upsertRecord('Contact', 'id', ADA, {})).toMatchObject({ kind: 'refused' });
  });
});

test('an unknown outcome of a collection has the request id that support asks for', async () => {
  const headers = { 'x-sfdc-request-id': 'TID:7' };
  const { client } = aClient({}, { body: [], headers }, { body: [{ success: true, errors: [] }], headers });

  for (let call = 0; call < 2; call += 1)
    expect(await client.createRecords(contacts(1, []))).toMatchObject([
      { kind: 'failed', error: { next: { do: 'reread' }, requestId: 'TID:7' } },
    ]);
});

test('a record read without fields has its id alone, and not all of them', async () => {
  const { client, paths } = aClient({}, { body: { attributes: { type: 'Contact' }, Id: ADA } });

  await client.getRecord('Contact', ADA, { fields: [] });

  expect(paths()).toEqual([`/services/data/v59.0/sobjects/Contact/${ADA}?fields=Id`]);
});
