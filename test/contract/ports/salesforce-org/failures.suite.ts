import { describe, expect, test } from '@jest/globals';
import { rejection } from '../../../unit/salesforce-client/fakes.ts';
import { aKey, contacts, inOnePiece, type OrgUnderTest } from './org-under-test.ts';

const READS = [
  'describe',
  'count',
  'select',
  'selectTogether',
  'nextPage',
  'dailyCalls',
  'info',
  'listOpen',
  'queryResults',
  'ingestResults',
] as const;
/** They change nothing the second time, so they may be sent twice too. */
const MOVES = ['close', 'abort'] as const;
const WRITES = ['update', 'upsert', 'submitQuery', 'submitIngest', 'upload'] as const;
type Call = (typeof READS)[number] | (typeof MOVES)[number] | (typeof WRITES)[number];
const ALL: readonly Call[] = [...READS, ...MOVES, ...WRITES];

/** What every SalesforceOrg does when a call fails. */
export const failuresSuite = (open: () => OrgUnderTest): void => {
  /** Readies whatever the calls need; each of them would succeed. */
  async function everyCall(): Promise<Record<Call, () => Promise<unknown>>> {
    const { org, keyField, insert, pageRows, advance } = open();
    const { bulk } = org;
    for (let index = 0; index < pageRows; index += 1) insert({ LastName: `L${index}` });
    const sfId = insert({ LastName: 'Lee' });
    const body = Buffer.from('LastName\nRay\n');
    const newJob = () => bulk.submitIngest({ sObject: 'Contact', operation: 'insert' });
    const { next = '' } = await org.select(contacts());
    const { jobId: queryId } = await bulk.submitQuery(contacts());
    for (let turn = 0; turn < 10; turn += 1) {
      if ((await bulk.info('query', queryId)).state === 'JobComplete') break;
      advance(2_000);
    }
    const [aborted, toAbort, toClose, toUpload] = [
      await newJob(),
      await newJob(),
      await newJob(),
      await newJob(),
    ];
    await bulk.abort('ingest', aborted.jobId);
    await bulk.upload(toClose.jobId, inOnePiece(body), body.byteLength);
    return {
      describe: () => org.describe('Contact'),
      count: () => org.count(contacts()),
      select: () => org.select(contacts()),
      selectTogether: () => org.selectTogether([contacts(), contacts()]),
      nextPage: () => org.nextPage(next),
      dailyCalls: () => org.dailyCalls(),
      update: () => org.update('Contact', [{ sfId, values: { LastName: 'Kim' } }], []),
      upsert: () => org.upsert('Contact', keyField, [{ externalId: 'new', values: { LastName: 'New' } }], []),
      submitQuery: () => bulk.submitQuery(contacts()),
      submitIngest: newJob,
      upload: () => bulk.upload(toUpload.jobId, inOnePiece(body), body.byteLength),
      close: () => bulk.close(toClose.jobId),
      abort: () => bulk.abort('ingest', toAbort.jobId),
      info: () => bulk.info('query', queryId),
      listOpen: () => bulk.listOpen('ingest'),
      queryResults: () => bulk.queryResults(queryId, { maxRecords: 10 }),
      ingestResults: () => bulk.ingestResults(aborted.jobId, 'unprocessed'),
    };
  }

  describe('an outage', () => {
    test.each([...READS, ...MOVES])('of %s is worth another try', async (name) => {
      const calls = await everyCall();

      expect(await rejection(open().under('unavailable', calls[name]))).toMatchObject({
        name: 'SalesforceApiError',
        code: 'SERVER_UNAVAILABLE',
        next: { do: 'retry', afterMs: 1_000 },
      });
      await calls[name]();
    });

    test.each(WRITES)('of %s leaves open what became of it', async (name) => {
      const calls = await everyCall();

      expect(await rejection(open().under('unavailable', calls[name]))).toMatchObject({
        name: 'SalesforceApiError',
        code: 'SERVER_UNAVAILABLE',
        next: { do: 'reread' },
      });
      await calls[name]();
    });
  });

  test.each(ALL)('a connection that cannot be made is worth another try, of %s too', async (name) => {
    const { org, under } = open();
    const calls = await everyCall();
    const before = org.usage().calls;

    expect(await rejection(under('unreached', calls[name]))).toMatchObject({
      name: 'SalesforceApiError',
      code: 'CONNECTION_FAILED',
      next: { do: 'retry' },
    });
    expect(org.usage().calls).toBe(before);
    await calls[name]();
  });

  test.each(ALL)('an allowance that is used up has %s wait', async (name) => {
    const calls = await everyCall();

    expect(await rejection(open().under('used-up', calls[name]))).toMatchObject({
      name: 'SalesforceRateLimitError',
      code: 'REQUEST_LIMIT_EXCEEDED',
      next: { do: 'wait', until: expect.stringMatching(/Z$/) },
    });
    await calls[name]();
  });

  test('an answer that lacks rows which it counts is worth another try, and never a page', async () => {
    const { org, insert, under } = open();
    const ids = [insert({ LastName: 'Lee' }), insert({ LastName: 'Ray' })];

    for (const where of [{ kind: 'all' }, { kind: 'ids', ids }] as const) {
      const failed = await rejection(under('rows-missing', () => org.select(contacts({ where }))));
      expect(failed).toMatchObject({
        name: 'SalesforceApiError',
        code: 'QUERY_INCOMPLETE',
        next: { do: 'retry', afterMs: 1_000 },
      });
      expect((await org.select(contacts({ where }))).records).toHaveLength(2);
    }
  });

  test.each([
    ['timed-out', 'QUERY_TIMEOUT', 'retry'],
    ['too-large', 'OPERATION_TOO_LARGE', 'stop'],
  ] as const)('what is %s has too many records to be counted, and is not read', async (fault, code, next) => {
    const { org, insert, under } = open();
    insert({ LastName: 'Lee' });

    expect(await under(fault, () => org.count(contacts()))).toBe('too-many');
    expect(await rejection(under(fault, () => org.select(contacts())))).toMatchObject({
      name: 'SalesforceApiError',
      code,
      next: { do: next },
    });
    expect(await org.count(contacts())).toBe(1);
  });

  describe('a lost answer', () => {
    test.each([...READS, ...MOVES])('to %s is worth another try', async (name) => {
      const calls = await everyCall();

      expect(await rejection(open().under('lost-answer', calls[name]))).toMatchObject({
        name: 'SalesforceApiError',
        code: 'CONNECTION_FAILED',
        next: { do: 'retry' },
      });
      await calls[name]();
    });

    test.each(WRITES)('to %s leaves open what became of it', async (name) => {
      const calls = await everyCall();

      expect(await rejection(open().under('lost-answer', calls[name]))).toMatchObject({
        name: 'SalesforceApiError',
        code: 'CONNECTION_FAILED',
        next: { do: 'reread' },
      });
    });

    test('undoes no write', async () => {
      const { org, keyField, insert, under } = open();
      const sfId = insert({ LastName: 'Lee' });
      const before = (await org.bulk.listOpen('query')).length;

      await rejection(
        under('lost-answer', () => org.update('Contact', [{ sfId, values: { LastName: 'Ray' } }], [])),
      );
      const fresh = [{ externalId: aKey(), values: { LastName: 'New' } }];
      await rejection(under('lost-answer', () => org.upsert('Contact', keyField, fresh, [])));
      await rejection(under('lost-answer', () => org.bulk.submitQuery(contacts())));

      const { records } = await org.select(contacts());
      expect(records.map(({ LastName }) => LastName).sort()).toEqual(['New', 'Ray']);
      expect(await org.bulk.listOpen('query')).toHaveLength(before + 1);
    });
  });

  test('an outage and a failed connection change nothing', async () => {
    const { org, keyField, under } = open();
    const fresh = [{ externalId: aKey(), values: { LastName: 'New' } }];

    for (const fault of ['unavailable', 'unreached', 'used-up'] as const) {
      await rejection(under(fault, () => org.upsert('Contact', keyField, fresh, [])));
      await rejection(under(fault, () => org.bulk.submitIngest({ sObject: 'Contact', operation: 'insert' })));
    }

    expect(await org.count(contacts())).toBe(0);
    expect(await org.bulk.listOpen('ingest')).toEqual([]);
  });

  test('a later call of a write that fails leaves what came before, and the rest unsent', async () => {
    const { org, keyField, under } = open();
    const externalId = aKey();
    // A key that comes again goes into a call of its own.
    const records = ['first', 'second', 'third'].map((LastName) => ({ externalId, values: { LastName } }));

    const outcomes = await under(
      'unavailable',
      () => org.upsert('Contact', keyField, records, ['LastName']),
      1,
    );

    const error = { code: 'SERVER_UNAVAILABLE', next: { do: 'reread' } };
    expect(outcomes).toMatchObject([
      { kind: 'written', created: true, after: { LastName: 'first' } },
      { kind: 'failed', error },
      { kind: 'unsent', error },
    ]);
    const { records: kept } = await org.select(contacts());
    expect(kept).toMatchObject([{ LastName: 'first' }]);
  });
};
