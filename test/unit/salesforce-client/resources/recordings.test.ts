import { describe, expect } from '@jest/globals';
import { soql } from '../../../../shared/salesforce-client/soql/soql.ts';
import { ADA, aClient } from '../a-client.ts';
import { openOrg, rejection } from '../fakes.ts';
import { fixtureJson, replay } from '../fixtures.ts';

const QUERY = soql`SELECT Id FROM Account`;
const account = { sObject: 'Account', values: { Name: 'A' } };
const contact = { sObject: 'Contact', values: { LastName: 'A' } };
/** One recorded exchange of the newest recordings: its answer, and how it was asked for. */
const recorded = (name: string) => {
  const { api } = fixtureJson<{ api: Record<string, Record<string, { response: unknown; status: number }>> }>(
    `nango-integration-templates/${name}.test.json`,
  );
  const [[method = '', paths = {}] = []] = Object.entries(api);
  const [[path = '', { response, status }] = ['', { response: undefined, status: 0 }]] =
    Object.entries(paths);
  return {
    method: method.toUpperCase(),
    path,
    answer: { status, body: response === '' ? undefined : response },
  };
};

describe('recorded answers', () => {
  replay.each([
    'restforce/sobject/query_success_response.json',
    'restforce/sobject/query_empty_response.json',
    'restforce/sobject/org_query_response.json',
    'amp-labs-connectors/read-opportunity-with-account.json',
    'amp-labs-connectors/read-opportunity-with-contacts.json',
    'swiftly-salesforce/MockAggregateQueryResult.json',
  ])('of queries give their records as they are: %s', async (path) => {
    const body = fixtureJson<{ records: unknown[]; done: boolean }>(path);
    const { client } = aClient({}, { body });

    for await (const page of client.query(QUERY).pages()) {
      expect(page.records).toEqual(body.records);
      break;
    }
  });

  replay('of later pages are asked for at the address that was given', async () => {
    const { path, answer } = recorded('retrieve-query-more');
    const { client, paths } = aClient({ apiVersion: 'v60.0' }, answer);

    expect((await client.queryMore(path).all()).length).toBeGreaterThan(5);
    expect(paths()).toEqual([path]);
  });

  replay('of single rows come from the addresses that we ask', async () => {
    const [create, change, remove] = ['upsert-record', 'update-record-by-external-id', 'delete-record'].map(
      recorded,
    );
    const { client, sent, paths } = aClient(
      { apiVersion: 'v60.0' },
      ...[create, change, remove].map((one) => one?.answer ?? {}),
    );

    expect(
      await client.upsertRecord('Contact', 'Email', 'test_upsert_004@example.com', { LastName: 'TestUser' }),
    ).toEqual({ kind: 'written', id: '003dM00001wBXYDQA4', created: true });
    expect(await client.upsertRecord('Account', 'Id', '001dM00003kReWpQAK', { Phone: '555' })).toEqual({
      kind: 'written',
      id: '001dM00003kReWpQAK',
      created: false,
    });
    expect(await client.deleteRecord('Account', '001dM00003kS5tZQAS')).toMatchObject({ kind: 'deleted' });
    const below = (path: string | undefined) => path?.replace(/v\d\d\.0/, 'v60.0');
    expect(paths()).toEqual([create, change, remove].map((one) => below(one?.path)));
    expect(sent.map(({ method }) => method)).toEqual([create, change, remove].map((one) => one?.method));
  });

  replay('of collections give each record its outcome', async () => {
    const batch = (name: string) => ({ body: fixtureJson(`amp-labs-connectors/batch/${name}.json`) });
    const { client } = aClient(
      {},
      recorded('create-sobject-collection').answer,
      recorded('update-sobject-collection').answer,
      batch('create/contacts/success'),
      batch('create/contacts/partial-but-allOrNone'),
      { status: 400, ...batch('create/contacts/err-bad-request') },
    );

    expect(await client.createRecords([account])).toEqual([
      { kind: 'written', id: '001dM00003kS2ndQAC', created: true },
    ]);
    expect(await client.updateRecords([{ ...account, id: '001xx000003DHP0AAO' }])).toMatchObject([
      { kind: 'refused', code: 'INVALID_CROSS_REFERENCE_KEY' },
    ]);
    expect(await client.createRecords([contact, contact])).toMatchObject([
      { kind: 'written' },
      { kind: 'written' },
    ]);
    expect(await client.createRecords([contact, contact], { allOrNone: true })).toMatchObject([
      { kind: 'refused', code: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] },
      { kind: 'refused', code: 'ALL_OR_NONE_OPERATION_ROLLED_BACK', fields: [] },
    ]);
    expect(await rejection(client.createRecords([contact]))).toMatchObject({
      code: 'REQUIRED_FIELD_MISSING',
    });
  });

  replay('of a row that was refused with a good status are values too', async () => {
    const { client } = aClient(
      {},
      { status: 201, body: fixtureJson('amp-labs-connectors/success-with-errors.json') },
    );

    expect(await client.createRecord('Account', { Name: 'A' })).toMatchObject({
      kind: 'refused',
      code: 'MALFORMED_ID',
    });
  });
});

describe('the product’s own writes', () => {
  replay('keep text with @{ in it out of composite calls, which would read it as a reference', async () => {
    const { org, sent } = await openOrg({ body: [{ id: ADA, success: true, errors: [] }] });

    const outcomes = await org.update(
      'Contact',
      [{ sfId: ADA, values: { LastName: '@{written[0].id}' } }],
      ['LastName'],
    );

    expect(outcomes).toEqual([
      { kind: 'written', sfId: ADA, created: false, answeredAt: expect.any(String) },
    ]);
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'PATCH https://acme.my.salesforce.com/services/data/v59.0/composite/sobjects',
    ]);
  });
});
