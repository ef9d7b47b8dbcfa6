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

describe('an ingest job', () => {
  const create = async (fields: object): Promise<string> =>
    (
      await send('POST', '/jobs/ingest', {
        object: 'Contact',
        contentType: 'CSV',
        lineEnding: 'LF',
        ...fields,
      })
    ).body.id;
  const upload = (id: string, csv: string) =>
    send('PUT', `/jobs/ingest/${id}/batches`, csv, { 'content-type': 'text/csv' });
  const close = (id: string) => send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  const run = async (fields: object, csv: string): Promise<string> => {
    const id = await create(fields);
    await upload(id, csv);
    await close(id);
    finish();
    return id;
  };
  const results = async (id: string, kind: string): Promise<string[]> =>
    (await send('GET', `/jobs/ingest/${id}/${kind}/`)).body.trimEnd().split('\n').sort();

  test('is created with a relative address for its data and closed with a shorter answer', async () => {
    const created = await send('POST', '/jobs/ingest', { object: 'Contact', operation: 'insert' });
    const put = await upload(created.body.id, 'LastName\nA\n');
    const closed = await close(created.body.id);

    expect([created.status, put.status, put.body, closed.status]).toEqual([200, 201, '', 200]);
    expect(created.body.contentUrl).toBe(`services/data/v59.0/jobs/ingest/${created.body.id}/batches`);
    expect(closed.body).not.toHaveProperty('contentUrl');
    expect(closed.body).not.toHaveProperty('lineEnding');
  });

  test('upserts row by row and tells what became of each', async () => {
    const known = simulated.org.insert('Contact', {
      LastName: 'Old',
      Title: 'Keep',
      Phone: '1',
      Sync_Key__c: 'a',
    });
    simulated.org.insert('Account', { Name: 'Acme', Sync_Key__c: 'acme' });
    const csv =
      'Sync_Key__c,LastName,Title,Phone,Birthdate,Account.Sync_Key__c\n' +
      'a,New,,#N/A,,acme\nb,"Comma, ""quote""",,,,\nc,Bad,,,never,\nd,,,,,\n';

    const id = await run({ operation: 'upsert', externalIdFieldName: 'Sync_Key__c' }, csv);

    expect((await send('GET', `/jobs/ingest/${id}`)).body).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: 4,
      numberRecordsFailed: 2,
      apiVersion: 59,
    });
    expect(await results(id, 'successfulResults')).toEqual([
      `"${known}","false",a,New,,#N/A,,acme`,
      expect.stringMatching(/^"003\w{15}","true",b,"Comma, ""quote""",,,,$/),
      '"sf__Id","sf__Created",Sync_Key__c,LastName,Title,Phone,Birthdate,Account.Sync_Key__c',
    ]);
    expect(await results(id, 'failedResults')).toEqual([
      `"","INVALID_FIELD:Failed to deserialize field at col 4. Due to, 'never' is not a valid value for the type xsd:date:Birthdate --",c,Bad,,,never,`,
      '"","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --",d,,,,,',
      '"sf__Id","sf__Error",Sync_Key__c,LastName,Title,Phone,Birthdate,Account.Sync_Key__c',
    ]);
    const [changed] = simulated.org.select(
      "SELECT LastName, Title, Phone, Account.Name FROM Contact WHERE Sync_Key__c = 'a'",
    );
    expect(changed).toMatchObject({ LastName: 'New', Title: 'Keep', Phone: null, Account: { Name: 'Acme' } });
  });

  test('updates and deletes by Id', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'A' });

    await run({ operation: 'update' }, `Id,Title\n${id},New\n`);
    const [changed] = simulated.org.select('SELECT Title FROM Contact');
    const job = await run({ operation: 'delete' }, `Id\n${id}\n003AB0000000zzz\n`);

    expect(changed?.Title).toBe('New');
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
    expect((await results(job, 'failedResults'))[0]).toContain(
      'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--',
    );
  });

  test('fails as a whole over an unknown column or the wrong line ending', async () => {
    const unknown = await run({ operation: 'insert' }, 'LastName,Nothing__c\nA,1\n');
    const ending = await run({ operation: 'insert' }, 'LastName\r\nA\r\n');

    const [first, second] = await Promise.all(
      [unknown, ending].map((id) => send('GET', `/jobs/ingest/${id}`)),
    );
    expect(first?.body).toMatchObject({
      state: 'Failed',
      numberRecordsProcessed: 0,
      errorMessage: 'InvalidBatch : Field name not found : Nothing__c',
    });
    expect(second?.body).toMatchObject({
      state: 'Failed',
      errorMessage: expect.stringContaining('LineEnding is invalid'),
    });
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
  });

  test('takes one upload, and none once it is closed', async () => {
    const id = await create({ operation: 'insert' });
    await upload(id, 'LastName\nA\n');

    const second = await upload(id, 'LastName\nB\n');
    await close(id);
    const third = await upload(id, 'LastName\nC\n');
    const closedTwice = await close(id);

    expect([second.status, third.status, closedTwice.status]).toEqual([400, 400, 400]);
    expect(closedTwice.body[0].message).toBe('Closing already Completed Job not allowed');
  });

  test('aborted half way keeps what it had written and hands back the rest', async () => {
    const id = await create({ operation: 'insert' });
    await upload(id, 'LastName\nA\nB\nC\nD\n');
    await close(id);
    passState();

    await send('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' });
    passState();

    expect(await results(id, 'successfulResults')).toHaveLength(3);
    expect(await results(id, 'unprocessedrecords')).toEqual(['C', 'D', 'LastName']);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(2);
  });

  test('is listed, and can be deleted only when it has ended', async () => {
    const open = await create({ operation: 'insert' });
    const ended = await run({ operation: 'insert' }, 'LastName\nA\n');

    const refused = await send('DELETE', `/jobs/ingest/${open}`);
    const deleted = await send('DELETE', `/jobs/ingest/${ended}`);
    const list = await send('GET', '/jobs/ingest');

    expect([refused.status, deleted.status]).toEqual([400, 204]);
    expect(list.body).toMatchObject({
      done: true,
      nextRecordsUrl: null,
      records: [{ id: open, state: 'Open' }],
    });
  });

  test.each([
    ['', 1],
    ['?jobType=V2Ingest', 1],
    ['?jobType=Classic', 0],
    ['?jobType=BigObjectIngest', 0],
  ])('is listed only among its own kind: %s', async (query, count) => {
    await create({ operation: 'insert' });

    const list = await send('GET', `/jobs/ingest${query}`);

    expect(list.body).toEqual({ done: true, nextRecordsUrl: null, records: expect.any(Array) });
    expect(list.body.records).toHaveLength(count);
  });

  test('refuses rows that a fault strikes', async () => {
    simulated.org.faults.add({ kind: 'row', method: 'create', path: '"LastName":"B"' });

    const id = await run({ operation: 'insert' }, 'LastName\nA\nB\n');

    expect((await results(id, 'failedResults'))[0]).toContain(
      'UNABLE_TO_LOCK_ROW:unable to obtain exclusive access',
    );
  });

  test('lists its rows in another order than they came in', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `N${String(index).padStart(2, '0')}`);
    const id = await run({ operation: 'insert' }, `LastName\n${names.join('\n')}\n`);

    const { body } = await send('GET', `/jobs/ingest/${id}/successfulResults/`);

    const listed = body.trimEnd().split('\n').slice(1);
    const written = listed.map((line: string) => line.split(',').at(-1));
    expect(written).not.toEqual(names);
    expect(written.toSorted()).toEqual(names);
  });
});
