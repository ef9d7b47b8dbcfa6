import { describe, expect, test } from '@jest/globals';
import { orgForEachTest, type Reply } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

/** Accounts `a0`, `a1`, … with that many contacts each, named from `0` up. */
function accountsWith(...contacts: readonly number[]): void {
  contacts.forEach((count, at) => {
    const AccountId = simulated.org.insert('Account', { Name: `a${at}` });
    for (let index = 0; index < count; index += 1)
      simulated.org.insert('Contact', { LastName: String(index).padStart(4, '0'), AccountId });
  });
}

const get = (path: string, batchSize?: number): Promise<Reply> =>
  simulated.send(
    'GET',
    path,
    undefined,
    batchSize === undefined ? {} : { 'sforce-query-options': `batchSize=${batchSize}` },
  );
const query = (soql: string, batchSize?: number): Promise<Reply> =>
  get(`/query?q=${encodeURIComponent(soql)}`, batchSize);
const withContacts = (contacts = 'SELECT LastName FROM Contacts ORDER BY LastName') =>
  `SELECT Name, (${contacts}) FROM Account ORDER BY Name`;
const namesOf = (records: readonly { LastName: string }[]) => records.map(({ LastName }) => LastName);

describe('the children of one row', () => {
  test('page separately, with their count known from the first page on', async () => {
    accountsWith(450);

    const { body } = await query(withContacts(), 200);
    const { Contacts: first } = body.records[0];
    const second = (await get(first.nextRecordsUrl)).body;
    const third = (await get(second.nextRecordsUrl)).body;

    expect(Object.keys(first)).toEqual(['totalSize', 'done', 'nextRecordsUrl', 'records']);
    expect([first, second, third].map(({ totalSize, done }) => [totalSize, done])).toEqual([
      [450, false],
      [450, false],
      [450, true],
    ]);
    expect(third.nextRecordsUrl).toBeUndefined();
    const names = [first, second, third].flatMap(({ records }) => namesOf(records));
    expect(names).toEqual(Array.from({ length: 450 }, (_, at) => String(at).padStart(4, '0')));
    expect([body.totalSize, body.done]).toEqual([1, true]);
  });

  test.each([
    [200, undefined],
    [201, expect.stringMatching(/^\/services\/data\/v59\.0\/query\/.+-200$/)],
  ])('%i of them with pages of 200 lead to %s', async (count, next) => {
    accountsWith(count);

    const { body } = await query(withContacts(), 200);

    expect(body.records[0].Contacts.nextRecordsUrl).toEqual(next);
  });

  test('are cut at 2,000 without a hint', async () => {
    accountsWith(2_001);

    const { Contacts } = (await query(withContacts())).body.records[0];

    expect([Contacts.records.length, Contacts.done, Contacts.totalSize]).toEqual([2_000, false, 2_001]);
    expect(namesOf((await get(Contacts.nextRecordsUrl)).body.records)).toEqual(['2000']);
  });

  test('stay the ones that the query found', async () => {
    accountsWith(201);
    const { Contacts } = (await query(withContacts(), 200)).body.records[0];
    const [account] = simulated.org.select('SELECT Id FROM Account');

    simulated.org.insert('Contact', { LastName: 'new', AccountId: account?.Id });

    const { body } = await get(Contacts.nextRecordsUrl);
    expect([body.totalSize, namesOf(body.records)]).toEqual([201, ['0200']]);
  });

  test('are limited for each row, by the name of the relationship in any case', async () => {
    accountsWith(3, 0, 1);

    const { body } = await query(
      withContacts('SELECT LastName FROM contacts ORDER BY LastName LIMIT 2 OFFSET 1'),
    );

    expect(body.records).toMatchObject([
      { Name: 'a0', Contacts: { totalSize: 2, records: [{ LastName: '0001' }, { LastName: '0002' }] } },
      { Name: 'a1', Contacts: null },
      { Name: 'a2', Contacts: null },
    ]);
    expect(body.records[0]).not.toHaveProperty('contacts');
  });
});

describe('a page of rows', () => {
  test.each([
    ['none', [0, 0, 0], [3]],
    ['as many as fit', [99, 99, 0], [2, 1]],
    ['one too many', [99, 100, 0], [1, 2]],
    ['more than a page in the second', [0, 250, 0], [1, 1, 1]],
    ['more than a page in each', [201, 202, 203], [1, 1, 1]],
  ])('is as short as its children make it: %s', async (_, contacts, pages) => {
    accountsWith(...contacts);

    const lengths: number[] = [];
    const counts: number[] = [];
    for (let page = (await query(withContacts(), 200)).body; page; ) {
      lengths.push(page.records.length);
      for (const { Contacts } of page.records) counts.push(Contacts?.totalSize ?? 0);
      page = page.done ? undefined : (await get(page.nextRecordsUrl)).body;
    }

    expect(lengths).toEqual(pages);
    expect(counts).toEqual(contacts);
  });
});
