import { beforeEach, describe, expect, test } from '@jest/globals';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });
beforeEach(() => {
  simulated.org.clock.freeze();
});
const { send } = simulated;

/** Lets each state of a job pass. */
const passState = () => simulated.org.clock.advance(simulated.org.settings.bulkStateMs);
const finish = () => {
  passState();
  passState();
};

describe('a query job', () => {
  const query = 'SELECT Id, LastName, Account.Name, Opted_In__c, Score__c, Last_Seen__c FROM Contact';

  const begin = async (soql = query): Promise<string> =>
    (await send('POST', '/jobs/query', { operation: 'query', query: soql })).body.id;

  test('goes through its states as time passes', async () => {
    const id = await begin();
    const states = [];
    for (let step = 0; step < 3; step += 1) {
      states.push((await send('GET', `/jobs/query/${id}`)).body.state);
      passState();
    }

    expect(states).toEqual(['UploadComplete', 'InProgress', 'JobComplete']);
  });

  test('gives its rows in pages, each with the header line, the last one with the word null', async () => {
    for (const LastName of ['A', 'B', 'C']) simulated.org.insert('Contact', { LastName });
    const id = await begin('SELECT LastName FROM Contact ORDER BY LastName');
    finish();

    const first = await send('GET', `/jobs/query/${id}/results?maxRecords=2`);
    const locator = first.headers.get('sforce-locator') ?? '';
    const second = await send('GET', `/jobs/query/${id}/results?maxRecords=2&locator=${locator}`);
    const again = await send('GET', `/jobs/query/${id}/results?maxRecords=2&locator=${locator}`);

    expect(first.body).toBe('"LastName"\n"A"\n"B"\n');
    expect(first.headers.get('sforce-numberofrecords')).toBe('2');
    expect(second.body).toBe('"LastName"\n"C"\n');
    expect(second.headers.get('sforce-locator')).toBe('null');
    expect(again.body).toBe(second.body);
  });

  test('writes every value as text, and quotes them all', async () => {
    simulated.org.insert('Contact', {
      LastName: 'Say "hi",\nthere',
      Score__c: 12_345_678,
      Last_Seen__c: '2024-01-01T00:00:00Z',
    });
    const id = await begin();
    finish();

    const { body } = await send('GET', `/jobs/query/${id}/results`);

    const [recordId] = simulated.org.select('SELECT Id FROM Contact').map((row) => row.Id);
    expect(body).toBe(
      `"Id","LastName","Account.Name","Opted_In__c","Score__c","Last_Seen__c"\n` +
        `"${recordId}","Say ""hi"",\nthere","","false","1.2345678E7","2024-01-01T00:00:00.000Z"\n`,
    );
  });

  test('shows rows as they were while it ran, not as they are', async () => {
    const recordId = simulated.org.insert('Contact', { LastName: 'Before' });
    const id = await begin('SELECT LastName FROM Contact');
    passState();
    simulated.org.update('Contact', recordId, { LastName: 'After' });
    passState();

    expect((await send('GET', `/jobs/query/${id}/results`)).body).toContain('Before');
  });

  test('refuses results before its end or in another version, and deletion before its end', async () => {
    const id = await begin();

    const early = await send('GET', `/jobs/query/${id}/results`);
    const deletion = await send('DELETE', `/jobs/query/${id}`);
    finish();
    const otherVersion = await send('GET', `/services/data/v60.0/jobs/query/${id}/results`);
    const deleted = await send('DELETE', `/jobs/query/${id}`);

    expect([early.status, deletion.status, otherVersion.status, deleted.status]).toEqual([
      400, 400, 409, 204,
    ]);
    expect(deletion.body[0].message).toContain('because the job is not terminated');
  });

  test('can be aborted, and stays so', async () => {
    const id = await begin();

    const aborted = await send('PATCH', `/jobs/query/${id}`, { state: 'Aborted' });
    finish();

    expect(aborted.body.state).toBe('Aborted');
    expect((await send('GET', `/jobs/query/${id}`)).body.state).toBe('Aborted');
  });

  test.each([
    'SELECT COUNT() FROM Contact',
    'SELECT LeadSource, COUNT(Id) FROM Contact GROUP BY LeadSource',
    'SELECT MailingAddress FROM Contact',
    'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
    'SELECT Id FROM Contact LIMIT 5 OFFSET 5',
  ])('cannot run %s', async (soql) => {
    expect((await send('POST', '/jobs/query', { operation: 'query', query: soql })).status).toBe(400);
  });

  test('gives its rows in random order, unless the query asks for one', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `N${String(index).padStart(2, '0')}`);
    for (const LastName of names) simulated.org.insert('Contact', { LastName });
    const jobs = [
      await begin('SELECT LastName FROM Contact'),
      await begin('SELECT LastName FROM Contact ORDER BY LastName'),
    ];
    finish();

    const [shuffled, ordered] = await Promise.all(
      jobs.map(async (id) => {
        const { body } = await send('GET', `/jobs/query/${id}/results`);
        return body.replaceAll('"', '').trimEnd().split('\n').slice(1);
      }),
    );

    expect(ordered).toEqual(names);
    expect(shuffled).not.toEqual(names);
    expect(shuffled.toSorted()).toEqual(names);
  });
});
