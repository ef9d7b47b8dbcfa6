import { describe, expect, test } from '@jest/globals';
import type { BulkJobInfo, CsvCells, CsvRow } from '../../../../shared/contracts/salesforce.ts';
import { readCsv, writeCsv } from '../../../../shared/salesforce-client/csv/csv.ts';
import { rejection } from '../../../unit/salesforce-client/fakes.ts';
import { aKey, bytesOf, contacts, inOnePiece, type OrgUnderTest, SOME_JOB } from './org-under-test.ts';

/** Long enough for a job to come from each state to the next one. */
const STATE_MS = 2_000;
/** Which states may follow which, the same one left out. */
const NEXT_STATES: Readonly<Record<string, readonly string[]>> = {
  Open: [],
  UploadComplete: ['InProgress', 'JobComplete', 'Failed'],
  InProgress: ['JobComplete', 'Failed'],
};
const WRONG_STATE = {
  name: 'SalesforceApiError',
  code: expect.stringMatching(/^INVALID_?JOB_?STATE$/i),
  next: { do: 'stop' },
};
const UNKNOWN_JOB = { name: 'SalesforceApiError', code: 'NOT_FOUND', next: { do: 'stop' } };

/** What every SalesforceOrg does about bulk jobs. */
export const bulkSuite = (open: () => OrgUnderTest): void => {
  /** Looks at a job until it has ended, and holds its states to the allowed order. */
  async function ended({ kind, jobId, state }: BulkJobInfo): Promise<BulkJobInfo> {
    let last: string = state;
    for (let turn = 0; turn < 10; turn += 1) {
      const info = await open().org.bulk.info(kind, jobId);
      if (info.state !== last) expect(NEXT_STATES[last]).toContain(info.state);
      last = info.state;
      if (last === 'JobComplete' || last === 'Failed' || last === 'Aborted') return info;
      open().advance(STATE_MS);
    }
    throw new Error('the job never ended');
  }

  const rowsOf = async (csv: AsyncIterable<Uint8Array>): Promise<CsvRow[]> => {
    const rows: CsvRow[] = [];
    for await (const row of readCsv(csv)) rows.push(row);
    return rows;
  };
  const results = async (jobId: string, which: 'successful' | 'failed' | 'unprocessed') =>
    rowsOf(await open().org.bulk.ingestResults(jobId, which));

  /** An ingest job with its file. */
  async function uploaded(
    operation: 'insert' | 'update' | 'upsert',
    columns: readonly string[],
    rows: readonly CsvCells[],
  ): Promise<BulkJobInfo> {
    const { org, keyField } = open();
    const key = operation === 'upsert' ? { externalIdField: keyField } : {};
    const job = await org.bulk.submitIngest({ sObject: 'Contact', operation, ...key });
    const csv = await bytesOf(writeCsv(columns, rows));
    await org.bulk.upload(job.jobId, inOnePiece(csv), csv.byteLength);
    return job;
  }

  async function ingested(...args: Parameters<typeof uploaded>): Promise<BulkJobInfo> {
    const job = await uploaded(...args);
    await open().org.bulk.close(job.jobId);
    return ended({ ...job, state: 'UploadComplete' });
  }

  describe('a query job', () => {
    test('is told apart from others until it has ended', async () => {
      const { org, insert, nowMs } = open();
      for (const LastName of ['a', 'b', 'c']) insert({ LastName });
      const createdAt = new Date(Math.floor(nowMs() / 1_000) * 1_000).toISOString();

      const job = await org.bulk.submitQuery(contacts());
      expect(job).toMatchObject({ kind: 'query', sObject: 'Contact', operation: 'query', createdAt });
      expect(job.state).toBe('UploadComplete');
      expect(job.jobId).toMatch(/^750\w{15}$/);
      expect(job.createdById).toMatch(/^005\w{15}$/);
      expect((await org.bulk.listOpen('query')).map(({ jobId }) => jobId)).toEqual([job.jobId]);
      expect(await org.bulk.listOpen('ingest')).toEqual([]);

      expect(await ended(job)).toMatchObject({ ...job, state: 'JobComplete', recordsProcessed: 3 });
      expect(await org.bulk.listOpen('query')).toEqual([]);
    });

    test('brings its rows in pages, each with the header and as many rows as it says', async () => {
      const { org, insert, bulkPageRows, keyField } = open();
      const key = aKey();
      const ids = Array.from({ length: 2 * bulkPageRows + 1 }, (_, index) =>
        insert({ LastName: `L${index}`, ...(index === 0 ? { Title: 'a "b",\nc', [keyField]: key } : {}) }),
      );
      const fields = ['LastName', 'Title', 'Opted_In__c', keyField];
      const { jobId } = await ended(await org.bulk.submitQuery(contacts({ fields })));

      const all: CsvRow[] = [];
      let locator: string | undefined;
      for (let count = 0; count < 10; count += 1) {
        const page = await org.bulk.queryResults(jobId, {
          maxRecords: 1_000,
          ...(locator === undefined ? {} : { locator }),
        });
        const rows = await rowsOf(page.csv);
        expect(rows).toHaveLength(page.records);
        expect(rows.length).toBeLessThanOrEqual(bulkPageRows);
        all.push(...rows);
        locator = page.nextLocator;
        if (locator === undefined) break;
      }

      expect(all.map(({ Id }) => Id).sort()).toEqual(ids.sort());
      const head = ['Id', 'SystemModstamp', 'LastModifiedDate', 'IsDeleted', ...fields];
      expect(Object.keys(all[0] ?? {})).toEqual(head);
      expect(all.find((row) => row.LastName === 'L0')).toMatchObject({
        SystemModstamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
        IsDeleted: 'false',
        Title: 'a "b",\nc',
        Opted_In__c: 'false',
        [keyField]: key,
      });
      expect(all.find((row) => row.LastName === 'L1')).toMatchObject({ Title: null });
    });

    test('gives a page again, and smaller ones where they are asked for', async () => {
      const { org, insert } = open();
      for (const LastName of ['a', 'b', 'c']) insert({ LastName });
      const { jobId } = await ended(await org.bulk.submitQuery(contacts()));
      const read = async (page: { maxRecords: number; locator?: string }) => {
        const { csv, ...rest } = await org.bulk.queryResults(jobId, page);
        return { ...rest, csv: (await bytesOf(csv)).toString() };
      };

      const first = await read({ maxRecords: 2 });
      const second = await read({ maxRecords: 2, locator: first.nextLocator ?? '' });

      expect([first.records, second.records, second.nextLocator]).toEqual([2, 1, undefined]);
      expect(await read({ maxRecords: 2 })).toEqual(first);
      expect(await read({ maxRecords: 2, locator: first.nextLocator ?? '' })).toEqual(second);
    });

    test('of nothing has one page without rows', async () => {
      const { org } = open();
      const { jobId, recordsProcessed } = await ended(await org.bulk.submitQuery(contacts()));

      const page = await org.bulk.queryResults(jobId, { maxRecords: 10 });

      expect([recordsProcessed, page.records, page.nextLocator]).toEqual([0, 0, undefined]);
      expect(await rowsOf(page.csv)).toEqual([]);
    });

    test('takes deleted records and a filter as a selection does', async () => {
      const { org, insert, remove } = open();
      const kept = insert({ LastName: 'kept', Title: 'CEO' });
      insert({ LastName: 'other', Title: 'CTO' });
      const gone = insert({ LastName: 'gone', Title: 'CEO' });
      remove(gone);
      const filter = "Title = 'CEO'";

      const job = await org.bulk.submitQuery(contacts({ filter, includeDeleted: true }));
      expect(job.operation).toBe('queryAll');
      await ended(job);

      const { csv } = await org.bulk.queryResults(job.jobId, { maxRecords: 100 });
      expect((await rowsOf(csv)).map(({ Id, IsDeleted }) => [Id, IsDeleted]).sort()).toEqual(
        [
          [kept, 'false'],
          [gone, 'true'],
        ].sort(),
      );
    });

    test.each([
      ['an sObject', { sObject: 'Nope__c' }, 'INVALID_TYPE'],
      ['a field', { fields: ['Nope__c'] }, 'INVALID_FIELD'],
    ])('of %s that is not there is not made', async (_, change, code) => {
      const { org } = open();

      expect(await rejection(org.bulk.submitQuery(contacts(change)))).toMatchObject({
        code,
        next: { do: 'recheck' },
      });
      expect(await org.bulk.listOpen('query')).toEqual([]);
    });
  });

  describe('an ingest job', () => {
    test('upserts its rows, and tells of each what became of it', async () => {
      const { org, keyField, insert } = open();
      const [known, fresh, wrong] = [aKey(), aKey(), aKey()];
      const sfId = insert({ LastName: 'Old', FirstName: 'kept', Title: 'cleared', [keyField]: known });

      const info = await ingested(
        'upsert',
        [keyField, 'LastName', 'FirstName', 'Title'],
        [
          { [keyField]: known, LastName: 'New "x",\né', FirstName: undefined, Title: null },
          { [keyField]: fresh, LastName: 'Made' },
          { [keyField]: wrong, LastName: null, Title: 'no name' },
        ],
      );

      expect(info).toMatchObject({ state: 'JobComplete', recordsProcessed: 3, recordsFailed: 1 });
      const successful = await results(info.jobId, 'successful');
      expect(successful).toHaveLength(2);
      expect(successful).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            sf__Id: sfId,
            sf__Created: 'false',
            [keyField]: known,
            LastName: 'New "x",\né',
          }),
          expect.objectContaining({
            sf__Id: expect.stringMatching(/^003\w{15}$/),
            sf__Created: 'true',
            [keyField]: fresh,
          }),
        ]),
      );
      const failed = await results(info.jobId, 'failed');
      expect(failed).toMatchObject([{ sf__Id: null, [keyField]: wrong, Title: 'no name' }]);
      expect(failed[0]?.sf__Error).toBe(
        'REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --',
      );
      expect(org.bulk.refusalOf(failed[0]?.sf__Error ?? null)).toMatchObject({
        code: 'REQUIRED_FIELD_MISSING',
        message: 'Required fields are missing: [LastName]',
        fields: ['LastName'],
      });
      expect(await results(info.jobId, 'unprocessed')).toEqual([]);
      const { records } = await org.select(
        contacts({
          fields: ['LastName', 'FirstName', 'Title'],
          where: { kind: 'external-ids', field: keyField, values: [known] },
        }),
      );
      expect(records).toMatchObject([{ LastName: 'New "x",\né', FirstName: 'kept', Title: null }]);
    });

    test('updates by id, and names the record that it could not', async () => {
      const { insert, remove } = open();
      const [kept, gone] = [insert({ LastName: 'kept' }), insert({ LastName: 'gone' })];
      remove(gone);

      const info = await ingested(
        'update',
        ['Id', 'Title'],
        [
          { Id: kept, Title: 'CEO' },
          { Id: gone, Title: 'CTO' },
        ],
      );

      expect(await results(info.jobId, 'successful')).toEqual([
        { sf__Id: kept, sf__Created: 'false', Id: kept, Title: 'CEO' },
      ]);
      expect(await results(info.jobId, 'failed')).toEqual([
        { sf__Id: gone, sf__Error: 'ENTITY_IS_DELETED:entity is deleted:--', Id: gone, Title: 'CTO' },
      ]);
    });

    test('inserts, and refuses a value that cannot be read in its row alone', async () => {
      const { org } = open();

      const info = await ingested(
        'insert',
        ['LastName', 'Birthdate'],
        [
          { LastName: 'Lee', Birthdate: '2000-01-01' },
          { LastName: 'Ray', Birthdate: 'tomorrow' },
        ],
      );

      expect(info).toMatchObject({ recordsProcessed: 2, recordsFailed: 1 });
      const [failed] = await results(info.jobId, 'failed');
      expect(org.bulk.refusalOf(failed?.sf__Error ?? null)).toMatchObject({
        code: 'INVALID_FIELD',
        fields: ['Birthdate'],
      });
      expect(await org.count(contacts())).toBe(1);
    });

    test('that names a column which is not there fails whole, and says so', async () => {
      const { org } = open();

      const info = await ingested('insert', ['LastName', 'Nope__c'], [{ LastName: 'Lee', Nope__c: 'x' }]);

      expect(info).toMatchObject({
        state: 'Failed',
        errorMessage: 'InvalidBatch : Field name not found : Nope__c',
      });
      expect(await results(info.jobId, 'unprocessed')).toEqual([{ LastName: 'Lee', Nope__c: 'x' }]);
      expect(await org.count(contacts())).toBe(0);
    });

    test('that is aborted before it runs leaves its rows unprocessed', async () => {
      const { org } = open();
      const { jobId } = await uploaded('insert', ['LastName'], [{ LastName: 'Lee' }]);
      await org.bulk.close(jobId);

      await org.bulk.abort('ingest', jobId);

      expect(await results(jobId, 'unprocessed')).toEqual([{ LastName: 'Lee' }]);
      expect(await results(jobId, 'successful')).toEqual([]);
      expect(await org.bulk.listOpen('ingest')).toEqual([]);
      expect(await org.count(contacts())).toBe(0);
    });

    test('takes exactly one PUT, and none once it is closed', async () => {
      const { org } = open();
      const { jobId } = await uploaded('insert', ['LastName'], [{ LastName: 'Lee' }]);
      const again = () => org.bulk.upload(jobId, inOnePiece(Buffer.from('LastName\nRay\n')), 13);

      expect(await rejection(again())).toMatchObject(WRONG_STATE);
      await org.bulk.close(jobId);
      expect(await rejection(again())).toMatchObject(WRONG_STATE);

      await ended({ ...(await org.bulk.info('ingest', jobId)) });
      expect(await org.count(contacts())).toBe(1);
    });

    test.each([
      ['shorter', 14],
      ['longer', 12],
    ])('does not take a body that is %s than announced', async (_, bodyBytes) => {
      const { org } = open();
      const { jobId } = await org.bulk.submitIngest({ sObject: 'Contact', operation: 'insert' });
      const csv = Buffer.from('LastName\nRay\n');

      expect(await rejection(org.bulk.upload(jobId, inOnePiece(csv), bodyBytes))).toMatchObject({
        code: 'CONNECTION_FAILED',
        next: { do: 'reread' },
      });
      expect((await org.bulk.info('ingest', jobId)).state).toBe('Open');
      // Nothing of it arrived, so the one PUT is still to come.
      await org.bulk.upload(jobId, inOnePiece(csv), csv.byteLength);
    });

    test('needs a key to upsert by', async () => {
      const job = { sObject: 'Contact', operation: 'upsert', externalIdField: 'Title' } as const;

      expect(await rejection(open().org.bulk.submitIngest(job))).toMatchObject({
        code: 'INVALIDJOB',
        next: { do: 'stop' },
      });
    });
  });

  describe('moving a job', () => {
    test('does nothing the second time', async () => {
      const { org } = open();
      const { jobId } = await uploaded('insert', ['LastName'], [{ LastName: 'Lee' }]);
      expect((await org.bulk.info('ingest', jobId)).state).toBe('Open');

      await org.bulk.close(jobId);
      await org.bulk.close(jobId);
      expect(await org.bulk.info('ingest', jobId)).toMatchObject({
        state: expect.stringMatching(/^(UploadComplete|InProgress|JobComplete)$/),
      });
      await org.bulk.abort('ingest', jobId);
      await org.bulk.abort('ingest', jobId);
      expect(await org.bulk.info('ingest', jobId)).toMatchObject({
        state: expect.stringMatching(/^(Aborted|JobComplete)$/),
      });
    });

    test('leaves one that has ended as it is', async () => {
      const { org } = open();
      const query = await ended(await org.bulk.submitQuery(contacts()));
      const ingest = await ingested('insert', ['LastName'], [{ LastName: 'Lee' }]);

      await org.bulk.abort('query', query.jobId);
      await org.bulk.abort('ingest', ingest.jobId);
      await org.bulk.close(ingest.jobId);

      expect((await org.bulk.info('query', query.jobId)).state).toBe('JobComplete');
      expect((await org.bulk.info('ingest', ingest.jobId)).state).toBe('JobComplete');
    });

    test('cannot close one that was aborted', async () => {
      const { org } = open();
      const { jobId } = await org.bulk.submitIngest({ sObject: 'Contact', operation: 'insert' });
      await org.bulk.abort('ingest', jobId);

      expect(await rejection(org.bulk.close(jobId))).toMatchObject(WRONG_STATE);
      expect((await org.bulk.info('ingest', jobId)).state).toBe('Aborted');
    });
  });

  describe('results', () => {
    test('are there only once a job has ended, and of a query only if it ended well', async () => {
      const { org } = open();
      const query = await org.bulk.submitQuery(contacts());
      const ingest = await uploaded('insert', ['LastName'], [{ LastName: 'Lee' }]);
      const pageOf = () => org.bulk.queryResults(query.jobId, { maxRecords: 10 });

      expect(await rejection(pageOf())).toMatchObject(WRONG_STATE);
      expect(await rejection(org.bulk.ingestResults(ingest.jobId, 'failed'))).toMatchObject(WRONG_STATE);
      await org.bulk.abort('query', query.jobId);
      expect(await rejection(pageOf())).toMatchObject(WRONG_STATE);
    });
  });

  test('a job that is not there, or of the other kind, is not found', async () => {
    const { org } = open();
    const { jobId: ingest } = await org.bulk.submitIngest({ sObject: 'Contact', operation: 'insert' });
    const { jobId: query } = await org.bulk.submitQuery(contacts());
    const body = Buffer.from('LastName\nLee\n');

    for (const work of [
      () => org.bulk.info('query', SOME_JOB),
      () => org.bulk.info('query', ingest),
      () => org.bulk.info('ingest', query),
      () => org.bulk.abort('query', SOME_JOB),
      () => org.bulk.abort('ingest', query),
      () => org.bulk.close(SOME_JOB),
      () => org.bulk.upload(SOME_JOB, inOnePiece(body), body.byteLength),
      () => org.bulk.queryResults(ingest, { maxRecords: 10 }),
      () => org.bulk.ingestResults(query, 'failed'),
    ]) {
      expect(await rejection(work())).toMatchObject(UNKNOWN_JOB);
    }
  });

  test('what is not an id names no job', async () => {
    const { org } = open();

    expect(await rejection(org.bulk.info('query', '750x'))).toBeInstanceOf(RangeError);
    expect(org.usage().calls).toBe(0);
  });
};
