import { describe, expect, test } from '@jest/globals';
import {
  openSalesforceClient,
  type SalesforceClient,
} from '../../../../../shared/salesforce-client/client.ts';
import {
  toPacks,
  WRITE_LIMITS,
} from '../../../../../shared/salesforce-client/resources/collections/chunks.ts';
import {
  BodyTooLarge,
  type SalesforceRequest,
  TransportFailure,
} from '../../../../../shared/salesforce-client/transport/transport.ts';
import { ADA, aClient, BOB, refusal, sub } from '../../a-client.ts';
import { fakeClock, INSTANCE, rejection, toResponse } from '../../fakes.ts';

const row = (index: number, more = {}) => ({
  index,
  type: 'Contact',
  key: undefined,
  bytes: 100,
  isAlone: false,
  ...more,
});
const ok = (id = ADA, more = {}) => ({ id, success: true, errors: [], ...more });
const bad = (statusCode: string) => ({ success: false, errors: [{ statusCode, message: 'no', fields: [] }] });

/** Writes whatever it is sent; `sent` are the records of each collection, by call. */
function anObligingOrg(answer: (call: number) => 'ok' | Error = () => 'ok') {
  const sent: (readonly Record<string, unknown>[])[][] = [];
  const transport = async (request: SalesforceRequest) => {
    const body = request.body === undefined ? {} : JSON.parse(String(request.body));
    const chunksOf = (url: string, records: unknown) =>
      (records ??
        new URL(url, INSTANCE).searchParams
          .get('ids')
          ?.split(',')
          .map((id) => ({ id }))) as Record<string, unknown>[];
    const steps = body.compositeRequest ?? [{ url: request.url, body, referenceId: 'only' }];
    const chunks = steps.map((step: { url: string; body?: { records?: unknown } }) =>
      chunksOf(step.url, step.body?.records),
    ) as Record<string, unknown>[][];
    sent.push(chunks);
    const outcome = answer(sent.length);
    if (outcome !== 'ok') throw outcome;
    const results = chunks.map((chunk) => chunk.map(() => ok()));
    return toResponse({
      body: body.compositeRequest
        ? { compositeResponse: results.map((one, index) => sub(steps[index].referenceId, one)) }
        : results[0],
    });
  };
  const client = openSalesforceClient({
    instanceUrl: INSTANCE,
    accessToken: 't',
    transport,
    clock: fakeClock(),
  });
  return { client, sent };
}

const contacts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ sObject: 'Contact', values: { LastName: `L${index}` } }));

describe('dividing records into calls', () => {
  test('takes 200 a collection and five collections a call', () => {
    const packs = toPacks(
      Array.from({ length: 10_000 }, (_, index) => row(index)),
      WRITE_LIMITS,
    );

    expect(packs).toHaveLength(10);
    expect(packs.flat().every((chunk) => chunk.length === 200)).toBe(true);
  });

  test('keeps types together, at most ten of them in a collection', () => {
    const rows = Array.from({ length: 240 }, (_, index) => row(index, { type: `Type${index % 12}__c` }));

    const chunks = toPacks(rows, WRITE_LIMITS).flat();

    for (const chunk of chunks) {
      const runs = chunk.filter((one, index) => one.type !== chunk[index - 1]?.type).length;
      expect(runs).toBeLessThanOrEqual(10);
      expect(new Set(chunk.map((one) => one.type)).size).toBe(runs);
    }
    expect(chunks).toHaveLength(2);
    expect(
      chunks
        .flat()
        .map((one) => one.index)
        .sort((a, b) => a - b),
    ).toEqual(rows.map((one) => one.index));
  });

  test('puts a key that comes again into a later collection', () => {
    const rows = [row(0, { key: 'a' }), row(1, { key: 'b' }), row(2, { key: 'a' }), row(3, { key: 'a' })];

    expect(
      toPacks(rows, WRITE_LIMITS)
        .flat()
        .map((chunk) => chunk.map((one) => one.index)),
    ).toEqual([[0, 1], [2], [3]]);
  });

  test('refuses a key that comes again and again', () => {
    const rows = Array.from({ length: 11 }, (_, index) => row(index, { key: 'a' }));

    expect(() => toPacks(rows, WRITE_LIMITS)).toThrow('More than 10');
  });

  test('keeps a body within bounds', () => {
    const rows = Array.from({ length: 20 }, (_, index) => row(index, { bytes: 1024 * 1024 }));

    for (const pack of toPacks(rows, WRITE_LIMITS)) expect(pack.flat().length).toBeLessThanOrEqual(6);
    expect(toPacks(rows, WRITE_LIMITS).flat(2)).toHaveLength(20);
  });

  test('lets what looks like a reference travel alone', () => {
    const rows = Array.from({ length: 400 }, (_, index) => row(index, { isAlone: index === 7 }));

    const packs = toPacks(rows, WRITE_LIMITS);

    expect(packs.map((pack) => pack.map((chunk) => chunk.length))).toEqual([[200, 199], [1]]);
  });
});

describe('writing many records', () => {
  test('costs ten calls for 10,000, and answers in the order of the input', async () => {
    const { client, sent } = anObligingOrg();

    const outcomes = await client.createRecords(contacts(10_000));

    expect(sent).toHaveLength(10);
    expect(outcomes).toHaveLength(10_000);
    expect(client.usage().calls).toBe(10);
  });

  test('sends up to 200 without an envelope, and names ourselves', async () => {
    const { client, sent, paths, bodies } = aClient({}, { body: [ok(), bad('REQUIRED_FIELD_MISSING')] });

    const outcomes = await client.createRecords(contacts(2), { allOrNone: true, updateMru: false });

    expect(paths()).toEqual(['/services/data/v59.0/composite/sobjects']);
    expect(bodies()[0]).toEqual({
      allOrNone: true,
      records: [
        { attributes: { type: 'Contact' }, LastName: 'L0' },
        { attributes: { type: 'Contact' }, LastName: 'L1' },
      ],
    });
    expect(sent[0]?.headers).toMatchObject({
      'sforce-call-options': 'client=salesforce-sync',
      'sforce-mru': 'updateMru=false',
    });
    expect(outcomes).toEqual([
      { kind: 'written', id: ADA, created: true },
      { kind: 'refused', code: 'REQUIRED_FIELD_MISSING', message: 'no', fields: [] },
    ]);
  });

  test('gives each step of a composite call the headers', async () => {
    const steps: unknown[] = [];
    const body = {
      compositeResponse: [
        sub(
          'chunk0',
          contacts(200).map(() => ok()),
        ),
        sub('chunk1', [ok()]),
      ],
    };
    const { client, bodies } = aClient({}, { body });

    await client.createRecords(contacts(201), { duplicateRule: { allowSave: true } });

    steps.push(...bodies()[0].compositeRequest.map((step: { httpHeaders: unknown }) => step.httpHeaders));
    expect(steps).toEqual([
      { 'Sforce-Call-Options': 'client=salesforce-sync', 'sforce-duplicate-rule-header': 'allowSave=true' },
      { 'Sforce-Call-Options': 'client=salesforce-sync', 'sforce-duplicate-rule-header': 'allowSave=true' },
    ]);
    expect(bodies()[0]).toMatchObject({ allOrNone: false });
  });

  test('tell of duplicates what the org tells, and no token', async () => {
    const entry = {
      statusCode: 'DUPLICATES_DETECTED',
      message: 'see eyJhbGciOiJ9.eyJzdWIiOiJ4In0.c2ln',
      fields: [],
    };
    const found = { allowSave: true, matchResults: [{ matchRecords: [{ record: { Id: BOB } }] }] };
    const body = [
      { success: false, errors: [{ ...entry, duplicateResut: found }] },
      { success: false, errors: [entry] },
    ];
    const { client } = aClient({}, { body });

    const refused = { kind: 'refused', code: 'DUPLICATES_DETECTED', message: 'see [hidden]', fields: [] };
    expect(await client.createRecords(contacts(2))).toEqual([
      { ...refused, duplicates: { allowSave: true, recordIds: [BOB] } },
      refused,
    ]);
  });

  test('one collection that fails as a whole leaves the others their outcomes', async () => {
    const body = {
      compositeResponse: [sub('chunk0', refusal('UNKNOWN_EXCEPTION'), 500), sub('chunk1', [ok(BOB)])],
    };
    const { client } = aClient({}, { body });

    const outcomes = await client.createRecords(contacts(201));

    expect(outcomes[0]).toMatchObject({ kind: 'failed', error: { next: { do: 'reread' } } });
    expect(outcomes[200]).toEqual({ kind: 'written', id: BOB, created: true });
  });

  test('an error of the first call is thrown', async () => {
    const { client } = anObligingOrg(() => new TransportFailure('timeout', true));

    expect(await rejection(client.createRecords(contacts(3_000)))).toMatchObject({ next: { do: 'reread' } });
  });

  test('an error of a later call is its records’ outcome, and what follows is not sent', async () => {
    const { client, sent } = anObligingOrg((call) =>
      call === 2 ? new TransportFailure('body', true) : 'ok',
    );

    const outcomes = await client.createRecords(contacts(3_500));

    expect(sent).toHaveLength(2);
    expect([0, 999, 1_000, 1_999, 2_000, 3_499].map((index) => outcomes[index]?.kind)).toEqual([
      'written',
      'written',
      'failed',
      'failed',
      'unsent',
      'unsent',
    ]);
    expect(outcomes[1_000]).toMatchObject({ error: { next: { do: 'reread' } } });
  });

  test('however a later call ends, the outcomes of earlier ones are kept', async () => {
    let asked = 0;
    const accessToken = async () => {
      asked += 1;
      if (asked > 1) throw new TypeError('fetch failed');
      return 'token-1';
    };
    const results = {
      body: {
        compositeResponse: [0, 1, 2, 3, 4].map((at) =>
          sub(
            `chunk${at}`,
            Array.from({ length: 200 }, () => ok()),
          ),
        ),
      },
    };
    const expired = { status: 401, body: refusal('INVALID_SESSION_ID') };
    const { client } = aClient({ accessToken }, results, expired);

    const outcomes = await client.createRecords(contacts(2_500));

    expect([0, 999, 1_000, 1_999, 2_000, 2_499].map((index) => outcomes[index]?.kind)).toEqual([
      'written',
      'written',
      'failed',
      'failed',
      'unsent',
      'unsent',
    ]);
    expect(outcomes[1_000]).toMatchObject({ error: { code: 'NO_ACCESS_TOKEN' } });
  });

  test('a bug of ours in a later call leaves the outcome of its records unknown, and keeps its cause', async () => {
    const accident = new TypeError('a mistake');
    const { client } = anObligingOrg((call) => (call === 2 ? accident : 'ok'));

    const outcomes = await client.createRecords(contacts(2_500));

    expect([0, 1_000, 2_000].map((index) => outcomes[index]?.kind)).toEqual(['written', 'failed', 'unsent']);
    expect(outcomes[1_000]).toMatchObject({ error: { next: { do: 'reread' }, cause: accident } });
  });

  test('a missing result is an unknown outcome', async () => {
    const { client } = aClient({}, { body: [ok()] });

    expect(await client.createRecords(contacts(2))).toMatchObject([
      { kind: 'failed', error: { next: { do: 'reread' } } },
      { kind: 'failed', error: { next: { do: 'reread' } } },
    ]);
  });

  test('an empty list costs no call', async () => {
    const { client, sent } = aClient({});

    expect(await client.createRecords([])).toEqual([]);
    expect(await client.retrieveRecords('Contact', [], ['Id'])).toEqual([]);
    expect(sent).toEqual([]);
  });

  test('changes by id, upserts by key, each key once in a call', async () => {
    const { client, sent } = anObligingOrg();

    await client.updateRecords([{ sObject: 'Contact', id: ADA.slice(0, 15), values: { LastName: 'A' } }]);
    await client.upsertRecords('Contact', 'Key__c', [
      { key: 'a', values: { LastName: '1' } },
      { key: 'b', values: { LastName: '2' } },
      { key: 'A', values: { LastName: '3' } },
    ]);

    const attributes = { type: 'Contact' };
    expect(sent).toEqual([
      [[{ attributes, id: ADA, LastName: 'A' }]],
      [
        [
          { attributes, Key__c: 'a', LastName: '1' },
          { attributes, Key__c: 'b', LastName: '2' },
        ],
      ],
      [[{ attributes, Key__c: 'A', LastName: '3' }]],
    ]);
  });

  test('deletes by id', async () => {
    const { client, sent, paths } = aClient(
      {},
      { body: [ok(ADA), { ...bad('ENTITY_IS_DELETED'), id: BOB }] },
    );

    expect(await client.deleteRecords([ADA, BOB])).toMatchObject([
      { kind: 'deleted', id: ADA },
      { kind: 'refused', code: 'ENTITY_IS_DELETED' },
    ]);
    expect(sent[0]?.method).toBe('DELETE');
    expect(paths()).toEqual([`/services/data/v59.0/composite/sobjects?ids=${ADA},${BOB}&allOrNone=false`]);
  });

  test.each([
    ['an empty key', { key: '', values: {} }, 'EMPTY_KEY'],
    ['no key', { key: null as never, values: {} }, 'EMPTY_KEY'],
    ['a key that is not a number', { key: Number.NaN, values: {} }, 'UNWRITABLE_VALUE'],
    ['a key of several spellings', { key: 1e21, values: {} }, 'UNWRITABLE_VALUE'],
    ['the key among the values', { key: 'x', values: { KEY__C: 'x' } }, 'KEY_IN_VALUES'],
    ['a value that JSON cannot carry', { key: 'x', values: { Score__c: Number.NaN } }, 'UNWRITABLE_VALUE'],
    ['no values', { key: 'x', values: undefined as never }, 'UNWRITABLE_VALUE'],
  ])('refuses %s before anything is sent, and says of which record', async (_, record, code) => {
    const { client, sent } = aClient({});
    const records = [{ key: 'first', values: {} }, record];

    expect(await rejection(client.upsertRecords('Contact', 'Key__c', records))).toMatchObject({
      code,
      message: expect.stringMatching(/record 2\b.*Nothing was sent\.$/),
    });
    expect(sent).toEqual([]);
  });

  test.each<[string, (client: SalesforceClient) => Promise<unknown>, string]>([
    ['an id', (client) => client.deleteRecords([ADA, 'x']), 'The id of record 2'],
    ['an id', (client) => client.retrieveRecords('Contact', [ADA, 'x'], []), 'Id 2'],
    [
      'an id',
      (client) => client.upsertRecords('Contact', 'Id', [{ key: 'x', values: {} }]),
      'The Id of record 1',
    ],
    ['a name', (client) => client.createRecords([{ sObject: 'a b', values: {} }]), 'The sObject of record 1'],
    ['a name', (client) => client.upsertRecords('Contact', 'a b', []), 'The external id field'],
    ['a name', (client) => client.retrieveRecords('Contact', [ADA], ['Id', 'a b']), 'Field 2'],
  ])('refuses something that is not %s', async (_, act, what) => {
    const { client, sent } = aClient({});

    expect(await rejection(act(client))).toMatchObject({
      message: expect.stringContaining(what),
      next: { do: 'stop' },
    });
    expect(sent).toEqual([]);
  });

  test('keeps the two forms of one id apart from each other, and ids that differ in case together', async () => {
    const { client, bodies } = aClient({}, { body: [ok(), ok()] }, { body: [ok()] });
    const ids = [ADA, ADA.slice(0, 15), '0031I0000081TBP'];

    await client.upsertRecords(
      'Contact',
      'Id',
      ids.map((key) => ({ key, values: { LastName: 'x' } })),
    );

    const chunks = bodies().map(({ records }: { records: { Id: string }[] }) =>
      records.map(({ Id }) => Id.slice(0, 15)),
    );
    expect(chunks).toEqual([[ADA.slice(0, 15), '0031I0000081TBP'], [ADA.slice(0, 15)]]);
  });
});

describe('reading many records', () => {
  test('asks for 2,000 a call, each once, and knows them by id', async () => {
    const ids = Array.from({ length: 2_001 }, (_, index) => `003${String(index).padStart(12, '0')}`);
    const found = { attributes: { type: 'Contact' }, Id: ids[2_000] };
    const { client, bodies } = aClient({}, { body: [null] }, { body: [found, null] });

    const records = await client.retrieveRecords('Contact', [...ids, ids[2_000] ?? ''], ['Id', 'LastName']);

    expect(bodies().map((body) => body.ids.length)).toEqual([2_000, 1]);
    expect(bodies()[0].fields).toEqual(['Id', 'LastName']);
    expect(records).toHaveLength(2_002);
    expect(records.slice(1_999)).toEqual([undefined, found, found]);
  });

  test('asks for fewer where an answer would be too large', async () => {
    const record = { attributes: { type: 'Contact' }, Id: ADA };
    const { client, bodies } = aClient({}, new BodyTooLarge(1), { body: [record] }, { body: [null] });

    expect(await client.retrieveRecords('Contact', [ADA, BOB], ['Id'])).toEqual([record, undefined]);
    expect(bodies().map(({ ids }) => ids)).toEqual([[ADA, BOB], [ADA], [BOB]]);

    const alone = aClient({}, new BodyTooLarge(1));
    expect(await rejection(alone.client.retrieveRecords('Contact', [ADA], ['Id']))).toMatchObject({
      code: 'RESPONSE_TOO_LARGE',
      next: { do: 'stop' },
    });
  });
});
