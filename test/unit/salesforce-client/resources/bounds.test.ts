import { describe, expect, test } from '@jest/globals';
import {
  type ChunkRow,
  toPacks,
  WRITE_LIMITS,
} from '../../../../shared/salesforce-client/resources/collections/chunks.ts';
import type { Graph } from '../../../../shared/salesforce-client/resources/composite/graph.ts';
import type { Step } from '../../../../shared/salesforce-client/resources/composite/step.ts';
import { soql } from '../../../../shared/salesforce-client/soql/soql.ts';
import { ADA, aClient, sub } from '../a-client.ts';
import { rejection } from '../fakes.ts';

const row = (index: number, more: Partial<ChunkRow> = {}): ChunkRow => ({
  index,
  type: 'Contact',
  key: undefined,
  bytes: 1,
  isAlone: false,
  ...more,
});
const rows = (count: number, more: (index: number) => Partial<ChunkRow> = () => ({})) =>
  Array.from({ length: count }, (_, index) => row(index, more(index)));

describe('a collection', () => {
  test('has records of ten types at the most', () => {
    const chunks = toPacks(
      rows(24, (index) => ({ type: `T${index % 12}__c` })),
      WRITE_LIMITS,
    ).flat();

    expect(chunks.map((chunk) => new Set(chunk.map(({ type }) => type)).size)).toEqual([10, 2]);
  });

  test('has a body of six megabytes at the most, and so has a call', () => {
    const packs = toPacks(
      rows(1_000, () => ({ bytes: 10_000 })),
      WRITE_LIMITS,
    );

    expect(packs.flat(2)).toHaveLength(1_000);
    for (const pack of packs) expect(pack.flat().length * 10_000).toBeLessThanOrEqual(6 * 1024 * 1024);
  });

  test.each(['x', '漢', '\u0001', '"'])('is measured as it travels: %j', async (letter) => {
    const { client, sent } = aClient({}, ...Array.from({ length: 10 }, () => new Error('only sent')));
    const text = letter.repeat(5_000);
    const records = Array.from({ length: 1_000 }, () => ({ sObject: 'Contact', values: { Text__c: text } }));

    await rejection(client.createRecords(records));

    const bytes = Buffer.byteLength(String(sent[0]?.body));
    expect(bytes).toBeLessThanOrEqual(6 * 1024 * 1024 + 1_000);
    expect(bytes).toBeGreaterThan(4 * 1024 * 1024);
  });

  test('that must not travel in a composite call stays alone when another one follows', () => {
    const packs = toPacks([row(0, { key: 'a', isAlone: true }), row(1, { key: 'a' })], WRITE_LIMITS);

    expect(packs.map(({ length }) => length)).toEqual([1, 1]);
  });

  test('holds 200 deletions, and a call a thousand', async () => {
    const ids = Array.from({ length: 1_000 }, (_, index) => `003${String(index).padStart(12, '0')}`);
    const done = Array.from({ length: 200 }, () => ({ id: ADA, success: true, errors: [] }));
    const compositeResponse = [0, 1, 2, 3, 4].map((place) => sub(`chunk${place}`, done));
    const { client, sent } = aClient({}, { body: { compositeResponse } });

    expect(await client.deleteRecords(ids)).toHaveLength(1_000);
    expect(sent).toHaveLength(1);
  });
});

describe('what is exactly at a limit is sent', () => {
  const isSent = new Error('sent');
  const step = (index: number, more: Partial<Step> = {}): Step => ({
    method: 'POST',
    path: '/sobjects/A',
    referenceId: `s${index}`,
    body: {},
    ...more,
  });
  const many = <T>(count: number, make: (index: number) => T): T[] =>
    Array.from({ length: count }, (_, at) => make(at));

  test.each<[string, Graph[]]>([
    ['75 graphs', many(75, (at) => ({ graphId: `g${at}`, steps: [step(0)] }))],
    ['500 steps', many(5, (at) => ({ graphId: `g${at}`, steps: many(100, step) }))],
    [
      '15 kinds of step',
      [{ graphId: 'g', steps: many(15, (at) => step(at, { path: `/sobjects/T${at}__c` })) }],
    ],
  ])('%s, by the first version that knows graphs', async (_, graphs) => {
    const { client } = aClient({ apiVersion: 'v50.0' }, isSent);

    expect(await rejection(client.compositeGraph(graphs))).toBe(isSent);
  });

  test.each<[string, Step[]]>([
    ['25 steps that are not queries', many(25, step)],
    ['5 queries', many(5, (at) => step(at, { method: 'GET', path: '/query?q=x' }))],
  ])('%s', async (_, steps) => {
    const { client } = aClient({}, isSent);

    expect(await rejection(client.composite(steps))).toBe(isSent);
  });

  test('25 requests of a batch', async () => {
    const { client } = aClient({}, isSent);

    expect(await rejection(client.compositeBatch(many(25, () => ({ method: 'GET', path: '/limits' }))))).toBe(
      isSent,
    );
  });

  test.each([
    '/query?q=x',
    '/queryAll?q=x',
    '/services/data/v59.0/query?q=x',
    '/composite/sobjects',
    '/composite/sobjects/A',
    '/services/data/v59.0/composite/sobjects?ids=x',
  ])('but six of %s are not', async (path) => {
    const { client } = aClient({});
    const steps = many(6, (at) => step(at, { method: 'GET', path }));

    expect(await rejection(client.composite(steps))).toMatchObject({
      code: 'INVALID_COMPOSITE',
      message: expect.stringContaining('6 steps are queries'),
    });
  });

  test.each(['/a b', '/a#b', '/sobjects/A b'])('nor is an address that is not encoded: %s', async (path) => {
    const { client } = aClient({});
    const steps = [step(0, { path })];

    expect(await rejection(client.composite(steps))).toMatchObject({ code: 'INVALID_COMPOSITE' });
    expect(await rejection(client.compositeGraph([{ graphId: 'g', steps }]))).toMatchObject({
      code: 'INVALID_GRAPH',
    });
  });
});

describe('a query', () => {
  const QUERY = soql`SELECT Id FROM A`;
  const record = { attributes: { type: 'A' }, Id: ADA };

  test('has pages of 200 to 2,000 records', () => {
    const { client } = aClient({});

    for (const batchSize of [199, 2_001, 200.5, Number.NaN])
      expect(() => client.query(QUERY, { batchSize })).toThrow(RangeError);
    for (const batchSize of [200, 2_000]) client.query(QUERY, { batchSize });
  });

  test('gives all that was allowed at once, and no more', async () => {
    const exact = aClient({}, { body: { totalSize: 2, done: true, records: [record, record] } });
    expect(await exact.client.query(QUERY).all(2)).toHaveLength(2);

    const next = '/services/data/v59.0/query/x';
    const goingOn = aClient(
      {},
      { body: { totalSize: 2, done: false, nextRecordsUrl: `${next}2`, records: [record, record] } },
      { body: { totalSize: 2, done: true, records: [record] } },
    );
    expect(await rejection(goingOn.client.queryMore(next).all(2))).toMatchObject({
      code: 'TOO_MANY_RECORDS',
    });
  });

  test('has a first record, or undefined', async () => {
    const { client } = aClient(
      {},
      { body: { totalSize: 1, done: true, records: [record] } },
      { body: { totalSize: 0, done: true, records: [] } },
    );

    expect(await client.query(QUERY).first()).toEqual(record);
    expect(await client.query(QUERY).first()).toBeUndefined();
  });
});

test('descriptions of the fifty sObjects that were asked for last are remembered', async () => {
  const described = (index: number) => ({ body: { name: `T${index}__c`, fields: [] } });
  const { client, sent } = aClient({}, ...Array.from({ length: 60 }, (_, index) => described(index)));

  for (let index = 0; index <= 50; index += 1) await client.describe(`T${index}__c`);
  await client.describe('T1__c');
  expect(sent).toHaveLength(51);

  await client.describe('T0__c');
  expect(sent).toHaveLength(52);
});

test('a description that is unchanged is young again, and keeps the condition for the next time', async () => {
  const first = { body: { name: 'A', fields: [] }, headers: { 'last-modified': 'then' } };
  const { client, clock, sent } = aClient({}, first, { status: 304 }, { status: 304 });

  await client.describe('A');
  clock.move(301_000);
  await client.describe('A');
  await client.describe('A');
  clock.move(301_000);
  await client.describe('A');

  expect(sent.map(({ headers }) => headers?.['if-modified-since'])).toEqual([undefined, 'then', 'then']);
});

test('a window of changes is halved for too many ids alone', async () => {
  const { client, sent } = aClient({}, { status: 400, body: [{ errorCode: 'INVALID_TYPE', message: '' }] });
  const window = { start: '2026-11-01T00:00:00Z', end: '2026-11-20T00:00:00Z' };

  expect(await rejection(client.getUpdated('Nope__c', window))).toMatchObject({ code: 'INVALID_TYPE' });
  expect(sent).toHaveLength(1);
});
