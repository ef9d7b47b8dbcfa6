import { describe, expect, test } from '@jest/globals';
import { BodyTooLarge } from '../../../../shared/salesforce-client/transport/transport.ts';
import { ADA, aClient, BOB, refusal } from '../a-client.ts';
import { rejection } from '../fakes.ts';
import { fixtureJson, replay } from '../fixtures.ts';

const LAST_MODIFIED = 'Fri, 26 Jun 2015 20:00:41 GMT';
const START = '2026-11-20T10:00:30Z';
const END = '2026-11-20T11:00:59Z';

test.each(['', 'acme.my.salesforce.com', 'ftp://acme.my.salesforce.com', '/services/data'])(
  'an org is opened by its whole address: %j',
  (instanceUrl) => {
    expect(() => aClient({ instanceUrl })).toThrow(
      expect.objectContaining({ name: 'SalesforceApiError', code: 'INVALID_INSTANCE_URL' }),
    );
  },
);

test('counting the records of no sObject costs no call', async () => {
  const { client, sent } = aClient({});

  expect(await client.recordCounts([])).toEqual({});
  expect(sent).toEqual([]);
});

describe('descriptions', () => {
  replay('keep all that the platform tells', async () => {
    const body = fixtureJson<{ fields: unknown[] }>('cumulusci/extracted/contact_describe.json');
    const { client } = aClient({}, { body });

    const contact = await client.describe('Contact');

    expect(contact).toMatchObject({ name: 'Contact', keyPrefix: '003', mergeable: true });
    expect(contact.fields).toHaveLength(body.fields.length);
    expect(await client.recordTypeId('Contact', 'Master')).toBe('012000000000000AAA');
  });

  replay('of the whole org are remembered, and asked for again with a condition', async () => {
    const body = fixtureJson('cumulusci/extracted/global_describe.json');
    const { client, sent, clock } = aClient(
      {},
      { body, headers: { 'last-modified': LAST_MODIFIED } },
      { status: 304 },
    );

    const org = await client.describeGlobal();
    expect(await client.describeGlobal()).toBe(org);
    clock.move(6 * 60_000);
    expect(await client.describeGlobal()).toBe(org);

    expect(org.sobjects[0]).toMatchObject({ name: 'Account', keyPrefix: '001' });
    expect(sent.map((one) => one.headers?.['if-modified-since'])).toEqual([undefined, LAST_MODIFIED]);
  });

  replay.each([
    ['restforce/sobject/sobject_describe_success_response.json'],
    ['cumulusci/extracted/custom__c_describe.json'],
    ['cumulusci/extracted/opportunitycontactrole_describe.json'],
  ])('of other orgs and versions are read too: %s', async (path) => {
    const { client } = aClient({}, { body: fixtureJson(path) });

    expect((await client.describe('Any__c')).fields.length).toBeGreaterThan(2);
  });

  const info = (developerName: string, recordTypeId: string) => ({
    name: `Label of ${developerName}`,
    developerName,
    recordTypeId,
    active: true,
    available: true,
  });
  const described = {
    name: 'Contact',
    fields: [],
    recordTypeInfos: [info('Business', '0121I000000abcdQAA'), info('Person', '0121I000000abceQAA')],
  };

  test('give record types by developer name, from what is remembered', async () => {
    const { client, sent } = aClient({}, { body: described });

    expect(await client.recordTypeId('Contact', 'person')).toBe('0121I000000abceQAA');
    expect(await client.recordTypeId('Contact', 'Business')).toBe('0121I000000abcdQAA');
    expect(sent).toHaveLength(1);
  });

  test('are asked for once, however many ask at the same time, and again after a failure', async () => {
    const { client, sent } = aClient({}, { status: 404, body: refusal('NOT_FOUND') }, { body: described });
    const ask = () => Promise.allSettled(Array.from({ length: 10 }, () => client.describe('Contact')));

    expect(new Set((await ask()).map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(new Set((await ask()).map(({ status }) => status))).toEqual(new Set(['fulfilled']));
    expect(sent).toHaveLength(2);
  });

  test('do not stay young when the clock is set back', async () => {
    const { client, sent, clock } = aClient({}, { body: described }, { body: described });

    await client.describe('Contact');
    clock.move(-24 * 60 * 60_000);
    await client.describe('Contact');

    expect(sent).toHaveLength(2);
  });

  test('tell the record types that there are', async () => {
    const { client } = aClient({}, { body: described }, { body: { name: 'Task', fields: [] } });

    expect(await rejection(client.recordTypeId('Contact', 'Busines'))).toMatchObject({
      code: 'UNKNOWN_RECORD_TYPE',
      message: expect.stringContaining('there are Business, Person'),
    });
    expect(await rejection(client.recordTypeId('Task', 'X'))).toMatchObject({
      message: expect.stringContaining('none is visible'),
    });
  });
});

describe('limits', () => {
  replay('are read from a recording, shares of one app included', async () => {
    const { client } = aClient({}, { body: fixtureJson('swiftly-salesforce/MockLimits.json') });

    const limits = await client.limits();

    expect(limits.DailyApiRequests).toEqual({ max: 15_000, remaining: 14_953 });
    expect(limits['PermissionSets.CreateCustom']).toEqual({ max: 1_000, remaining: 992 });
  });

  test('of a shape that nobody knows yet are left out', async () => {
    const { client } = aClient(
      {},
      { body: { New: 'soon', Odd: { Max: 'many' }, Fine: { Max: 1, Remaining: 0 } } },
    );

    expect(await client.limits()).toEqual({ Fine: { max: 1, remaining: 0 } });
  });

  test('counts of records are 0 for what the platform leaves out', async () => {
    const { client, paths } = aClient({}, { body: { sObjects: [{ count: 3, name: 'Account' }] } });

    expect(await client.recordCounts(['account', 'Lead'])).toEqual({ account: 3, Lead: 0 });
    expect(paths()).toEqual(['/services/data/v59.0/limits/recordCount?sObjects=account,Lead']);
  });

  test('of more sObjects than one call can name are not asked for', async () => {
    const { client, sent } = aClient({});
    const names = Array.from({ length: 400 }, (_, index) => `An_sObject_of_a_long_name_${index}__c`);

    expect(await rejection(client.recordCounts(names))).toMatchObject({ code: 'TOO_MANY_NAMES' });
    expect(sent).toEqual([]);
  });

  replay('versions are asked for without a token', async () => {
    const { client, sent } = aClient(
      {},
      { body: fixtureJson('restforce/services_data_success_response.json') },
    );

    expect(await client.versions()).toMatchObject([{ version: 'v20.0' }, { version: 'v100' }]);
    expect(sent[0]?.url).toBe('https://acme.my.salesforce.com/services/data');
    expect(sent[0]?.headers).not.toHaveProperty('authorization');
    expect(client.usage()).toEqual({ calls: 0 });
  });
});

describe('what changed', () => {
  replay('is read from a recording, to whole minutes', async () => {
    const body = fixtureJson('restforce/sobject/get_updated_success_response.json');
    const { client, paths } = aClient({}, { body });

    const updated = await client.getUpdated('Contact', { start: START, end: new Date(END) });

    expect(updated.ids).toHaveLength(7);
    expect(updated.latestDateCovered).toBe('2015-08-19T08:17:00.000Z');
    expect(paths()).toEqual([
      '/services/data/v59.0/sobjects/Contact/updated/?start=2026-11-20T10%3A00%3A00%2B00%3A00&end=2026-11-20T11%3A00%3A00%2B00%3A00',
    ]);
  });

  replay('and was deleted', async () => {
    const body = fixtureJson('restforce/sobject/get_deleted_success_response.json');
    const { client } = aClient({}, { body }, { body });

    expect(await client.getDeleted('Thing__c', { start: START, end: END })).toEqual({
      records: [{ id: 'a00D0000008pQRAIA2', deletedDate: '2013-05-07T22:07:19.000Z' }],
      earliestDateAvailable: '2013-05-03T15:57:00.000Z',
      latestDateCovered: '2013-05-08T21:20:00.000Z',
      isComplete: true,
    });
    const early = { start: '2013-05-01T00:00:00Z', end: END };
    expect(await client.getDeleted('Thing__c', early)).toMatchObject({ isComplete: false });
  });

  test.each([
    ['less than a minute', { start: '2026-11-20T10:00:01Z', end: '2026-11-20T10:00:59Z' }],
    ['backwards', { start: END, end: START }],
  ])('needs a window of a minute: %s', async (_, window) => {
    const { client, sent } = aClient({});

    expect(await rejection(client.getUpdated('Contact', window))).toMatchObject({
      code: 'INVALID_REPLICATION_DATE',
    });
    expect(sent).toEqual([]);
  });

  test.each([
    ['no time', { start: 'yesterday', end: END }],
    ['nothing', { start: null as never, end: END }],
    ['no date', { start: new Date(Number.NaN), end: END }],
    ['a time without a zone', { start: START, end: '2026-12-20T10:00:00' }],
    ['a day that does not exist', { start: '2026-02-30T10:00:00Z', end: END }],
  ])('needs real times: %s', async (_, window) => {
    const { client, sent } = aClient({});

    expect(await rejection(client.getDeleted('Contact', window))).toMatchObject({
      code: 'INVALID_TIME',
      message: expect.stringContaining('with a zone'),
    });
    expect(sent).toEqual([]);
  });

  test('halves a window whose answer is too large to read', async () => {
    const { client, sent } = aClient(
      {},
      new BodyTooLarge(1),
      part([ADA], '2026-11-20T10:30:00.000+0000'),
      part([BOB], '2026-11-20T11:00:00.000+0000'),
    );

    expect(await client.getUpdated('Contact', { start: START, end: END })).toMatchObject({ ids: [ADA, BOB] });
    expect(sent).toHaveLength(3);
  });

  const tooMany = { status: 400, body: refusal('EXCEEDED_ID_LIMIT') };
  const part = (ids: string[], latestDateCovered: string) => ({ body: { ids, latestDateCovered } });

  test('halves a window that holds too much', async () => {
    const { client, paths } = aClient(
      {},
      tooMany,
      part([ADA], '2026-11-20T10:30:00.000+0000'),
      tooMany,
      part([BOB], '2026-11-20T10:45:00.000+0000'),
      part([ADA], '2026-11-20T11:00:00.000+0000'),
    );

    expect(await client.getUpdated('Contact', { start: START, end: END })).toEqual({
      ids: [ADA, BOB],
      latestDateCovered: '2026-11-20T11:00:00.000Z',
    });
    const windows = paths().map((path) =>
      [...path.matchAll(/T(\d\d)%3A(\d\d)/g)].map(([, h, m]) => `${h}:${m}`),
    );
    expect(windows.map((one) => one.join('-'))).toEqual([
      '10:00-11:00',
      '10:00-10:30',
      '10:30-11:00',
      '10:30-10:45',
      '10:45-11:00',
    ]);
  });

  test('covers no more than its first part does', async () => {
    const { client } = aClient(
      {},
      tooMany,
      part([ADA], '2026-11-20T10:20:00.000+0000'),
      part([BOB], '2026-11-20T11:00:00.000+0000'),
    );

    expect(await client.getUpdated('Contact', { start: START, end: END })).toMatchObject({
      latestDateCovered: '2026-11-20T10:20:00.000Z',
    });
  });

  test('gives up at a minute that holds too much', async () => {
    const { client } = aClient({}, tooMany);
    const window = { start: '2026-11-20T10:00:00Z', end: '2026-11-20T10:01:00Z' };

    expect(await rejection(client.getUpdated('Contact', window))).toMatchObject({
      code: 'EXCEEDED_ID_LIMIT',
    });
  });
});
