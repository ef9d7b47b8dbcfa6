import { describe, expect, test } from '@jest/globals';
import type { BulkApi } from '../../../../shared/use-cases/ports/salesforce-org.ts';
import { bytes, openOrg, rejection } from '../fakes.ts';
import { fixtureJson, replay } from '../fixtures.ts';

const JOB = '7508d00000IhhkKAAR';
const job = (more = {}) => ({
  id: JOB,
  operation: 'query',
  object: 'Contact',
  createdById: '0058d000006mtd1AAA',
  createdDate: '2023-03-16T06:37:50.000+0000',
  state: 'UploadComplete',
  apiVersion: 59,
  ...more,
});
const CHANGED = {
  sObject: 'Contact',
  fields: ['LastName'],
  where: { kind: 'changed-since', since: '2024-01-01T00:00:00Z' },
} as const;
const badState = {
  status: 400,
  body: [{ errorCode: 'INVALIDJOBSTATE', message: 'Closing already Completed Job not allowed' }],
};
const BASE = 'https://acme.my.salesforce.com/services/data/v59.0/jobs';

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
  return text;
}

describe('a bulk job', () => {
  test('is submitted for a query without an order', async () => {
    const { org, sent, bodies } = await openOrg({ body: job() }, { body: job({ operation: 'queryAll' }) });

    expect(await org.bulk.submitQuery(CHANGED)).toEqual({
      jobId: JOB,
      kind: 'query',
      state: 'UploadComplete',
      sObject: 'Contact',
      operation: 'query',
      createdAt: '2023-03-16T06:37:50.000Z',
      createdById: '0058d000006mtd1AAA',
    });
    await org.bulk.submitQuery({ ...CHANGED, includeDeleted: true });
    expect(sent[0]).toMatchObject({ method: 'POST', url: `${BASE}/query`, isRepeatable: false });
    expect(bodies()[0]).toEqual({
      operation: 'query',
      query:
        'SELECT Id, SystemModstamp, LastModifiedDate, IsDeleted, LastName FROM Contact WHERE SystemModstamp >= 2024-01-01T00:00:00.000Z',
      contentType: 'CSV',
      columnDelimiter: 'COMMA',
      lineEnding: 'LF',
    });
    expect(bodies()[1].operation).toBe('queryAll');
  });

  test('is submitted for an upsert, filled and closed', async () => {
    const { org, sent } = await openOrg(
      { body: job({ operation: 'upsert', state: 'Open' }) },
      { status: 201 },
      { body: job({ operation: 'upsert' }) },
    );

    await org.bulk.submitIngest({ sObject: 'Contact', operation: 'upsert', externalIdField: 'Key__c' });
    const csv = bytes('Key__c\n1\n');
    await org.bulk.upload(JOB, csv, 9);
    await org.bulk.close(JOB);

    expect(JSON.parse(String(sent[0]?.body))).toMatchObject({
      object: 'Contact',
      operation: 'upsert',
      externalIdFieldName: 'Key__c',
      lineEnding: 'LF',
    });
    expect(sent[1]).toMatchObject({
      method: 'PUT',
      url: `${BASE}/ingest/${JOB}/batches`,
      headers: { 'content-type': 'text/csv', 'sforce-call-options': 'client=salesforce-sync' },
      body: { stream: csv, bodyBytes: 9 },
    });
    expect(sent[2]).toMatchObject({
      method: 'PATCH',
      url: `${BASE}/ingest/${JOB}`,
      body: '{"state":"UploadComplete"}',
    });
  });

  test.each<[string, (bulk: BulkApi) => Promise<unknown>]>([
    ['an upload', (bulk) => bulk.upload(JOB, bytes('Id\n1\n'), 5)],
    ['closing it', (bulk) => bulk.close(JOB)],
    ['submitting it', (bulk) => bulk.submitIngest({ sObject: 'Contact', operation: 'insert' })],
  ])('makes no progress by a proxy’s page with a good status: %s', async (_, act) => {
    const page = { body: '<html>maintenance</html>', headers: { 'content-type': 'text/html' } };
    const { org, sent } = await openOrg(page);

    expect(await rejection(act(org.bulk))).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      next: { do: 'reread' },
    });
    expect(sent).toHaveLength(1);
  });

  test('that was submitted, whose answer cannot be read, may be there', async () => {
    const { org } = await openOrg({ body: job({ id: 'x' }) });

    expect(await rejection(org.bulk.submitIngest({ sObject: 'Contact', operation: 'insert' }))).toMatchObject(
      { next: { do: 'reread' } },
    );
  });

  test('is not uploaded twice when its session has expired: the next try has the new token', async () => {
    const { org, sent, tokens } = await openOrg({ status: 401, body: '' });

    expect(await rejection(org.bulk.upload(JOB, bytes('x'), 1))).toMatchObject({
      next: { do: 'retry', afterMs: 0 },
    });
    expect(sent).toHaveLength(1);
    expect(tokens.refreshes).toHaveLength(1);
  });

  test('that was closed or aborted before is not an error', async () => {
    const { org, sent } = await openOrg(badState, { body: job({ state: 'InProgress' }) }, badState, {
      body: job({ state: 'Failed' }),
    });

    await org.bulk.close(JOB);
    await org.bulk.abort('query', JOB);

    expect(sent).toHaveLength(4);
  });

  test('that is elsewhere than it should be is one', async () => {
    const { org } = await openOrg(badState, { body: job({ state: 'Aborted' }) }, badState, {
      body: job({ state: 'InProgress' }),
    });

    expect(await rejection(org.bulk.close(JOB))).toMatchObject({ code: 'INVALIDJOBSTATE' });
    expect(await rejection(org.bulk.abort('query', JOB))).toMatchObject({ code: 'INVALIDJOBSTATE' });
  });

  test('is listed while it has not ended, of every user, and only of Bulk API 2.0', async () => {
    const ids = ['750ak000009E1YXAA0', '750ak000009Bq9OAAS', '750ak000009Dl5bAAC', '7508d00000Ihhl5AAB'];
    const { org, sent } = await openOrg(
      {
        body: {
          done: false,
          nextRecordsUrl: '/services/data/v59.0/jobs/ingest?queryLocator=x',
          records: [
            job({ id: ids[0], state: 'Open', jobType: 'V2Ingest', operation: 'upsert' }),
            job({ id: ids[1], state: 'JobComplete', jobType: 'V2Ingest' }),
            job({ id: ids[2], state: 'Open', jobType: 'Classic' }),
            { id: 'x', state: 'Closed', jobType: 'Classic' },
          ],
        },
      },
      {
        body: {
          done: true,
          nextRecordsUrl: null,
          records: [job({ id: ids[3], state: 'InProgress', jobType: 'V2Ingest' })],
        },
      },
    );

    const open = await org.bulk.listOpen('ingest');

    expect(open.map((one) => [one.jobId, one.state])).toEqual([
      [ids[0], 'Open'],
      [ids[3], 'InProgress'],
    ]);
    expect(sent[0]?.url).toBe(`${BASE}/ingest?jobType=V2Ingest`);
  });

  test('list that never ends is given up', async () => {
    const page = {
      body: { done: false, nextRecordsUrl: '/services/data/v59.0/jobs/query?queryLocator=x', records: [] },
    };
    const { org } = await openOrg(...Array.from({ length: 25 }, () => page));

    expect(await rejection(org.bulk.listOpen('query'))).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('has results in pages, the last of which says null in letters', async () => {
    const page = (locator: string) => ({
      body: 'Id\n1\n',
      headers: { 'content-type': 'text/csv', 'sforce-locator': locator, 'sforce-numberofrecords': '1' },
    });
    const { org, sent } = await openOrg(page('MTAwMDA'), page('null'));

    const first = await org.bulk.queryResults(JOB, { maxRecords: 10_000 });
    expect(first).toMatchObject({ records: 1, nextLocator: 'MTAwMDA' });
    expect(await textOf(first.csv)).toBe('Id\n1\n');
    const last = await org.bulk.queryResults(JOB, { maxRecords: 10_000, locator: 'MTAwMDA' });

    expect('nextLocator' in last).toBe(false);
    expect(sent.map((one) => one.url)).toEqual([
      `${BASE}/query/${JOB}/results?maxRecords=10000`,
      `${BASE}/query/${JOB}/results?maxRecords=10000&locator=MTAwMDA`,
    ]);
    expect(sent[0]).toMatchObject({ isStreamed: true });
  });

  test.each([
    {},
    { 'sforce-numberofrecords': 'x' },
    { 'sforce-numberofrecords': '1', 'sforce-locator': 'a b' },
  ])('has no results without a count and a locator that can be sent: %j', async (headers) => {
    const { org } = await openOrg({ body: 'Id\n', headers });

    expect(await rejection(org.bulk.queryResults(JOB, { maxRecords: 1 }))).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
    });
  });

  test.each([
    ['successful', 'successfulResults'],
    ['failed', 'failedResults'],
    ['unprocessed', 'unprocessedrecords'],
  ] as const)('has %s results', async (which, path) => {
    const { org, sent } = await openOrg({ body: '"sf__Id"\n' });

    expect(await textOf(await org.bulk.ingestResults(JOB, which))).toBe('"sf__Id"\n');
    expect(sent[0]?.url).toBe(`${BASE}/ingest/${JOB}/${path}/`);
  });

  test('is not addressed by an id that would bend the address', async () => {
    const { org, sent } = await openOrg();

    expect(await rejection(org.bulk.info('query', '../limits'))).toBeInstanceOf(RangeError);
    expect(sent).toEqual([]);
  });

  replay('is read as it was recorded', async () => {
    const recorded = [
      'wso2-docs/query-job-created.json',
      'airbyte/job_response.json',
      'amp-labs-connectors/bulk/read-launch-job-account.json',
      'wso2-docs/ingest-job-closed.json',
      'wso2-docs/ingest-job-info-complete.json',
      'amp-labs-connectors/bulk/info/in-progress.json',
      'amp-labs-connectors/bulk/info/partial-failure.json',
      'amp-labs-connectors/bulk/info/complete-failure.json',
    ];
    const { org } = await openOrg(...recorded.map((path) => ({ body: fixtureJson(path) })));
    const infos = [];
    for (const _ of recorded) infos.push(await org.bulk.info('ingest', JOB));

    expect(infos.map((info) => info.state)).toEqual([
      ...Array(4).fill('UploadComplete'),
      'JobComplete',
      'InProgress',
      'JobComplete',
      'Failed',
    ]);
    expect(infos[6]).toMatchObject({ recordsProcessed: 8, recordsFailed: 1 });
    expect(infos[7]).toMatchObject({
      errorMessage: expect.stringMatching(/^InvalidBatch/),
      createdAt: '2024-09-10T13:57:45.000Z',
    });
  });
});
