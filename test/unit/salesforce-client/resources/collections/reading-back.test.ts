import { describe, expect, test } from '@jest/globals';
import { ADA, aClient, BOB, sub } from '../../a-client.ts';
import { rejection } from '../../fakes.ts';

const ok = (id = ADA, more = {}) => ({ id, success: true, errors: [], ...more });
const page = (...records: readonly object[]) => ({ totalSize: records.length, done: true, records });
const read = (Id: string, LastName: string) => ({ attributes: { type: 'Contact' }, Id, LastName });
const answeredAt = '2026-11-23T12:00:03.000Z';
const queryOf = (step: { url: string }) => decodeURIComponent(step.url).replace(/^.*\?q=/, '');

const idAt = (index: number) => `003${String(index).padStart(12, '0')}`;
const changes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: idAt(index), values: { LastName: `L${index}` } }));
/** Answers to two collections and to their queries, of which the second failed. */
const halfRead = (counts: readonly number[]) => ({
  body: {
    compositeResponse: counts.flatMap((count, place) => [
      sub(
        `chunk${place}`,
        Array.from({ length: count }, (_, index) => ok(idAt(place * 200 + index))),
      ),
      place === 0 ? sub('after0', page(read(idAt(0), 'L0'))) : sub(`after${place}`, [{}], 400),
    ]),
  },
});

describe('records that are read back in the call that writes them', () => {
  test('are 400 a call: two collections, each with its query, since five steps may be of these kinds', async () => {
    const { client, bodies } = aClient({}, halfRead([200, 200]), halfRead([1]));

    const outcomes = await client.updateAndRead('Contact', changes(401), ['LastName']);

    expect(bodies().map((body) => body.compositeRequest.map((step: { url: string }) => step.url))).toEqual([
      Array.from({ length: 2 }, () => [
        '/services/data/v59.0/composite/sobjects',
        expect.stringMatching(/\/query\?q=/),
      ]).flat(),
      ['/services/data/v59.0/composite/sobjects', expect.stringMatching(/\/query\?q=/)],
    ]);
    expect(outcomes).toHaveLength(401);
    expect(outcomes[0]).toMatchObject({
      kind: 'written',
      created: false,
      answeredAt,
      after: { LastName: 'L0' },
    });
    for (const place of [1, 200, 399]) {
      expect(outcomes[place]).toMatchObject({ kind: 'written', answeredAt });
      expect(outcomes[place]).not.toHaveProperty('after');
    }
  });

  test('are asked for by id, each field once', async () => {
    const { client, bodies } = aClient({}, { body: { compositeResponse: [] } });

    await client.updateAndRead('Contact', changes(2), ['id', 'LastName', 'lastname', 'Account.Name']);

    expect(queryOf(bodies()[0].compositeRequest[1])).toMatch(
      /^SELECT Id, LastName, Account\.Name FROM Contact WHERE Id IN \('003\w{15}','003\w{15}'\)$/,
    );
  });

  test('are asked for by the external id, which may be the id itself', async () => {
    const answer = {
      body: {
        compositeResponse: [
          sub('chunk0', [ok(ADA, { created: false })]),
          sub('after0', page(read(ADA, 'A'))),
        ],
      },
    };
    const { client, bodies } = aClient({}, answer, answer);
    const values = { LastName: 'A' };

    const byId = await client.upsertAndRead(
      'Contact',
      'id',
      [{ key: ADA.slice(0, 15), values }],
      ['LastName'],
    );
    await client.upsertAndRead('Contact', 'Key__c', [{ key: "o'1", values }], []);

    expect(byId).toMatchObject([{ kind: 'written', id: ADA, after: { LastName: 'A' } }]);
    const queries = bodies().map(({ compositeRequest }) => queryOf(compositeRequest[1]));
    expect(queries).toEqual([
      `SELECT Id, LastName FROM Contact WHERE id IN ('${ADA}')`,
      "SELECT Id FROM Contact WHERE Key__c IN ('o\\'1')",
    ]);
  });

  test('are written without being read where their text would be a reference inside a composite call', async () => {
    const { client, paths } = aClient(
      {},
      { body: { compositeResponse: [sub('chunk0', [ok()]), sub('after0', page(read(ADA, 'A')))] } },
      { body: [ok(BOB)] },
    );

    const outcomes = await client.upsertAndRead(
      'Contact',
      'Key__c',
      [
        { key: '@{b.id}', values: {} },
        { key: 'a', values: {} },
      ],
      [],
    );

    expect(paths()).toEqual([
      '/services/data/v59.0/composite',
      '/services/data/v59.0/composite/sobjects/Contact/Key__c',
    ]);
    expect(outcomes).toEqual([
      { kind: 'written', id: BOB, created: false, answeredAt },
      { kind: 'written', id: ADA, created: false, answeredAt, after: read(ADA, 'A') },
    ]);
  });

  test('are written without being read where no query can hold their keys', async () => {
    const answer = { body: { compositeResponse: [sub('chunk0', [ok()])] } };
    const { client, bodies } = aClient({}, answer, answer);
    const quotes = Array.from({ length: 200 }, (_, index) => ({
      key: `${index}${"'".repeat(252)}`,
      values: {},
    }));

    const [long] = await client.upsertAndRead(
      'Contact',
      'Key__c',
      [{ key: 'x'.repeat(4_001), values: {} }],
      [],
    );
    await client.upsertAndRead('Contact', 'Key__c', quotes, []);

    expect(long).toEqual({ kind: 'written', id: ADA, created: false, answeredAt });
    expect(bodies().map(({ compositeRequest }) => compositeRequest.length)).toEqual([1, 1]);
  });

  test('are not written where what is to be read has a name that is not one', async () => {
    const { client, sent } = aClient({});

    expect(await rejection(client.updateAndRead('Contact', changes(1), ['Id', 'a b']))).toMatchObject({
      code: 'INVALID_NAME',
      message: expect.stringContaining('Field 2'),
    });
    expect(sent).toEqual([]);
  });
});

describe('keys that differ in case alone', () => {
  const keys = Array.from({ length: 12 }, (_, index) =>
    [...'abcd'].map((letter, bit) => ((index >> bit) & 1 ? letter.toUpperCase() : letter)).join(''),
  );
  const records = keys.map((key) => ({ key, values: {} }));

  test('travel together where the caller says that the field tells them apart', async () => {
    const { client, bodies } = aClient({}, { body: keys.map(() => ok()) });

    await client.upsertRecords('Contact', 'Key__c', records, { caseSensitiveKeys: true });

    expect(bodies()[0].records).toHaveLength(12);
  });

  test('count as one record otherwise, and eleven of them are refused', async () => {
    const { client, sent } = aClient({});

    expect(await rejection(client.upsertRecords('Contact', 'Key__c', records))).toMatchObject({
      code: 'TOO_MANY_REPEATS',
    });
    expect(sent).toEqual([]);
  });
});
