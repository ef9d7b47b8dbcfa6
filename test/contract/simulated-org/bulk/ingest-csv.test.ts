import { beforeEach, describe, expect, test } from '@jest/globals';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });
beforeEach(() => {
  simulated.org.clock.freeze();
});
const { send } = simulated;

/** A job with its data; still open. */
async function upload(fields: object, csv?: string): Promise<string> {
  const { body } = await send('POST', '/jobs/ingest', { object: 'Contact', operation: 'insert', ...fields });
  if (csv !== undefined) {
    const type = { 'content-type': 'text/csv' };
    await send('PUT', `/jobs/ingest/${body.id}/batches`, csv, type);
  }
  return body.id;
}
const become = (id: string, state: string) => send('PATCH', `/jobs/ingest/${id}`, { state });
async function run(fields: object, csv?: string): Promise<string> {
  const id = await upload(fields, csv);
  await become(id, 'UploadComplete');
  simulated.org.clock.advance(1_000);
  return id;
}

/** The successful, the failed and the unprocessed rows, each as the lines of its CSV. */
async function results(id: string): Promise<string[][]> {
  const kinds = ['successfulResults', 'failedResults', 'unprocessedrecords'];
  const replies = await Promise.all(kinds.map((kind) => send('GET', `/jobs/ingest/${id}/${kind}/`)));
  return replies.map(({ body }) => {
    const [header, ...rows] = body.split('\n').slice(0, -1);
    return header === undefined ? [] : [header, ...rows.sort()];
  });
}
const jobOf = async (id: string) => (await send('GET', `/jobs/ingest/${id}`)).body;

describe('rows that a job did not process', () => {
  const nothingDone = ['"sf__Id","sf__Created",LastName,Title', '"sf__Id","sf__Error",LastName,Title'];
  const csv = 'LastName,Title\nA,"x, y"\nB,\n';
  const all = ['LastName,Title', 'A,"x, y"', 'B,'];

  test('are unprocessed when it is aborted before it runs', async () => {
    const open = await upload({}, csv);
    const closed = await upload({}, csv);
    await become(closed, 'UploadComplete');

    for (const id of [open, closed]) await become(id, 'Aborted');
    simulated.org.clock.advance(1_000);

    for (const id of [open, closed]) expect(await results(id)).toEqual([...nothingDone.map((h) => [h]), all]);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
  });

  test.each([
    ['an unknown column', { lineEnding: 'LF' }, csv.replaceAll('Title', 'Nothing__c')],
    ['no column with its key', { operation: 'upsert', externalIdFieldName: 'Sync_Key__c' }, csv],
    ['another line ending', { lineEnding: 'CRLF' }, csv],
  ])('are unprocessed when it fails over %s', async (_, fields, data) => {
    const id = await run(fields, data);

    const ending = 'lineEnding' in fields && fields.lineEnding === 'CRLF' ? '\r' : '';
    const named = (line: string) =>
      line.replace('Title', data.includes('Nothing__c') ? 'Nothing__c' : 'Title');
    expect((await jobOf(id)).state).toBe('Failed');
    expect(await results(id)).toEqual(
      [...nothingDone.map((h) => [h]), all].map((lines) => lines.map((line) => named(line) + ending)),
    );
  });

  test('are known up to the place where its CSV cannot be read', async () => {
    const id = await run({}, 'LastName,Title\nA,x\nB,"y\nC,z\n');

    expect(await jobOf(id)).toMatchObject({ state: 'Failed', numberRecordsProcessed: 0 });
    expect(await results(id)).toEqual([...nothingDone.map((h) => [h]), ['LastName,Title', 'A,x']]);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
  });

  test.each([
    ['no data', undefined],
    ['data whose header cannot be read', '"LastName\nA\n'],
  ])('have no header if the job has %s', async (_, data) => {
    const id = await upload({}, data);
    await become(id, 'Aborted');

    expect(await results(id)).toEqual([['"sf__Id","sf__Created"'], ['"sf__Id","sf__Error"'], []]);
  });
});

describe('a job that deletes', () => {
  test.each([
    ['delete', (id: string) => `Id,LastName\n${id},A\n`],
    ['hardDelete', (id: string) => `Id,LastName\n${id},A\n`],
    ['delete', (id: string) => `AccountId\n${id}\n`],
    ['delete', (id: string) => `Account.Id\n${id}\n`],
    ['delete', () => 'LastName\nA\n'],
  ])('takes only ids, and fails as a whole over anything else (%s)', async (operation, csv) => {
    const contact = simulated.org.insert('Contact', { LastName: 'A' });

    const id = await run({ operation }, csv(contact));

    expect(await jobOf(id)).toMatchObject({
      state: 'Failed',
      numberRecordsProcessed: 0,
      errorMessage: `InvalidBatch : The '${operation}' batch must contain only ids`,
    });
    expect((await results(id))[2]).toHaveLength(2);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(1);
  });
});

describe('a row with another number of cells than the header', () => {
  const csv = 'LastName,Title\nA\nB,x\nC,x,y\nD,\n';

  test('fails alone, and has one cell for each column in the results', async () => {
    const id = await run({}, csv);

    const [, failed] = await results(id);
    expect(failed).toEqual([
      '"sf__Id","sf__Error",LastName,Title',
      '"","CLIENT_INPUT_ERROR:The row has 1 values where the header has 2:--",A,',
      '"","CLIENT_INPUT_ERROR:The row has 3 values where the header has 2:--",C,x',
    ]);
    expect(simulated.org.select('SELECT LastName FROM Contact ORDER BY LastName')).toMatchObject([
      { LastName: 'B' },
      { LastName: 'D' },
    ]);
  });

  test('has one cell for each column when it was not processed', async () => {
    const id = await upload({}, csv);
    await become(id, 'Aborted');

    expect((await results(id))[2]).toEqual(['LastName,Title', 'A,', 'B,x', 'C,x', 'D,']);
  });
});
