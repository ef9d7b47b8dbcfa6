import { describe, expect, test } from '@jest/globals';
import { soql } from '../../../../shared/salesforce-client/soql/soql.ts';
import { ADA, aClient, refusal, sub } from '../a-client.ts';
import { rejection } from '../fakes.ts';

const ok = { id: ADA, success: true, errors: [] };
const NO_CONTENT = { status: 204 };
const OPTIONS = { assignmentRule: 'none', timeoutMs: 5 } as const;

describe('what a caller asks for', () => {
  test('goes along with each write of one record', async () => {
    const created = { status: 201, body: ok };
    const { client, sent } = aClient({}, created, NO_CONTENT, NO_CONTENT, NO_CONTENT);

    await client.createRecord('Lead', {}, OPTIONS);
    await client.updateRecord('Lead', ADA, {}, OPTIONS);
    await client.upsertRecord('Lead', 'Key__c', 'a', {}, OPTIONS);
    await client.deleteRecord('Lead', ADA, OPTIONS);

    for (const { headers, timeoutMs } of sent) {
      expect(headers).toMatchObject({ 'sforce-auto-assign': 'FALSE', accept: 'application/json' });
      expect(timeoutMs).toBe(5);
    }
    expect(sent).toHaveLength(4);
  });

  test('goes along with each write of many', async () => {
    const { client, sent, bodies } = aClient({}, { body: [ok] }, { body: [ok] }, { body: [ok] });
    const options = { ...OPTIONS, allOrNone: true };

    await client.createRecords([{ sObject: 'Lead', values: {} }], options);
    await client.updateRecords([{ sObject: 'Lead', id: ADA, values: {} }], options);
    await client.upsertRecords('Lead', 'Key__c', [{ key: 'a', values: {} }], options);

    expect(bodies().map(({ allOrNone }) => allOrNone)).toEqual([true, true, true]);
    for (const { headers, timeoutMs } of sent) {
      expect(headers).toMatchObject({ 'sforce-auto-assign': 'FALSE' });
      expect(timeoutMs).toBe(5);
    }
  });

  test('as long as a call may take: two minutes for many records, else the transport’s own time', async () => {
    const { client, sent } = aClient({}, { body: [ok] }, { body: {} });

    await client.createRecords([{ sObject: 'Lead', values: {} }]);
    await client.limits();

    expect(sent.map(({ timeoutMs }) => timeoutMs)).toEqual([120_000, undefined]);
  });

  test('as long as several collections, a composite, a batch and a graph may take', async () => {
    const rows = Array.from({ length: 201 }, () => ({ sObject: 'Lead', values: {} }));
    const chunk = (name: string, count: number) =>
      sub(
        name,
        Array.from({ length: count }, () => ok),
      );
    const step = { method: 'POST', path: '/sobjects/Lead', referenceId: 'a', body: {} } as const;
    const done = { compositeResponse: [sub('a', null, 204)] };
    const { client, sent } = aClient(
      {},
      { body: { compositeResponse: [chunk('chunk0', 200), chunk('chunk1', 1)] } },
      { body: done },
      { body: { hasErrors: false, results: [{ statusCode: 204, result: null }] } },
      { body: { graphs: [{ graphId: 'g', isSuccessful: true, graphResponse: done }] } },
    );

    await client.createRecords(rows, { timeoutMs: 7 });
    await client.composite([step], { timeoutMs: 7 });
    await client.compositeBatch([step], { timeoutMs: 7 });
    await client.compositeGraph([{ graphId: 'g', steps: [step] }], { timeoutMs: 7 });

    expect(sent.map(({ timeoutMs }) => timeoutMs)).toEqual([7, 7, 7, 7]);
  });
});

describe('a step of a composite call', () => {
  test('brings headers of its own, and the whole path if it has one', async () => {
    const { client, bodies } = aClient({}, { body: { compositeResponse: [sub('a', null, 204)] } });

    await client.composite([
      {
        method: 'PATCH',
        path: '/services/data/v60.0/sobjects/Contact/x',
        referenceId: 'a',
        body: {},
        headers: { 'If-Unmodified-Since': 'then' },
      },
    ]);

    expect(bodies()[0].compositeRequest).toMatchObject([
      {
        url: '/services/data/v60.0/sobjects/Contact/x',
        httpHeaders: { 'If-Unmodified-Since': 'then', 'Sforce-Call-Options': 'client=salesforce-sync' },
      },
    ]);
  });

  test('learns when to come back, however its headers are written', async () => {
    const refused = sub('a', refusal('SERVER_UNAVAILABLE'), 503, { 'Retry-After': '30' });
    const { client } = aClient({}, { body: { compositeResponse: [refused] } });

    expect(await client.composite([{ method: 'GET', path: '/limits', referenceId: 'a' }])).toMatchObject([
      { error: { next: { do: 'retry', afterMs: 30_000 } } },
    ]);
  });
});

describe('reading', () => {
  test('of more fields than an address holds travels in a composite call', async () => {
    const body = { compositeResponse: [sub('rows', { attributes: { type: 'A' }, Id: ADA })] };
    const { client, paths } = aClient({}, { body });
    const fields = Array.from({ length: 500 }, (_, index) => `Field_With_A_Long_Name_${index}__c`);

    expect(await client.getRecord('A', ADA, { fields })).toMatchObject({ Id: ADA });
    expect(paths()).toEqual(['/services/data/v59.0/composite']);
  });

  test('counts the living', async () => {
    const { client, paths } = aClient({}, { body: { totalSize: 2, done: true, records: [] } });

    await client.count(soql`SELECT COUNT() FROM A`);

    expect(paths()[0]).toMatch(/\/query\?/);
  });

  test('takes our own time for an answer without one', async () => {
    const { client } = aClient(
      {},
      { body: { totalSize: 0, done: true, records: [] }, headers: { date: '' } },
    );

    for await (const { readAt } of client.query(soql`SELECT Id FROM A`).pages())
      expect(readAt).toBe('2026-11-23T12:00:00.000Z');
    expect(client.clockSkewMs()).toBe(0);
  });
});

describe('writing', () => {
  test('under a condition takes a Date, and refuses text that is not a time', async () => {
    const { client, sent } = aClient({}, NO_CONTENT);
    const update = (since: string | Date) => client.updateRecord('A', ADA, {}, { ifUnmodifiedSince: since });

    await update(new Date('2026-11-23T12:00:00Z'));

    expect(sent[0]?.headers?.['if-unmodified-since']).toBe('Mon, 23 Nov 2026 12:00:00 GMT');
    for (const since of [new Date(Number.NaN), '2026-11-23', 'yesterday'])
      expect(await rejection(update(since))).toMatchObject({ code: 'INVALID_TIME' });
    expect(sent).toHaveLength(1);
  });

  test('by an old version learns the id from the address alone', async () => {
    const location = `/services/data/v45.0/sobjects/A/${ADA}`;
    const { client } = aClient({ apiVersion: 'v45.0' }, { status: 204, headers: { location } });

    expect(await client.upsertRecord('A', 'Key__c', 'x', {})).toEqual({
      kind: 'written',
      created: false,
      id: ADA,
    });
  });

  test('tells a change from a creation', async () => {
    const { client } = aClient({}, { body: [ok] });

    expect(await client.updateRecords([{ sObject: 'A', id: ADA, values: {} }])).toEqual([
      { kind: 'written', id: ADA, created: false },
    ]);
  });
});
