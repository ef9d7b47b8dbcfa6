import { describe, expect, test } from '@jest/globals';
import { orgForEachTest, type Reply } from '../../an-org.ts';
import { fixture, fixturesTest, shapeOf } from '../../fixtures.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

const send = (compositeRequest: unknown, version = 'v59.0', allOrNone = false): Promise<Reply> =>
  simulated.send('POST', `/services/data/${version}/composite`, {
    allOrNone,
    compositeRequest,
  });

describe('references between subrequests', () => {
  const readThenWrite = (v: string, id: string) => [
    { method: 'GET', url: `/services/data/${v}/sobjects/Contact/${id}?fields=Title`, referenceId: 'read' },
    {
      method: 'PATCH',
      url: `/services/data/${v}/sobjects/Contact/${id}`,
      referenceId: 'write',
      body: { Department: '@{read.Title}' },
    },
  ];

  test.each([
    ['v52.0', 204],
    ['v51.0', 400],
  ])('to an empty field in %s end in %i', async (version, status) => {
    const id = simulated.org.insert('Contact', { LastName: 'x', Department: 'old' });

    const reply = await send(readThenWrite(version, id), version);

    expect(reply.body.compositeResponse[1].httpStatusCode).toBe(status);
    expect(simulated.org.select('SELECT Department FROM Contact')[0]?.Department).toBe(
      status === 204 ? null : 'old',
    );
  });

  test('reach into collections and into lists of records', async () => {
    simulated.org.insert('Account', { Name: 'A', Sync_Key__c: 'A1' });
    const v = '/services/data/v59.0';
    const contact = (fields: object) => ({ attributes: { type: 'Contact' }, ...fields });

    const reply = await send([
      { method: 'GET', url: `${v}/query?q=SELECT+Id+FROM+Account`, referenceId: 'found' },
      {
        method: 'POST',
        url: `${v}/composite/sobjects`,
        referenceId: 'made',
        body: { records: [contact({ LastName: 'x', AccountId: '@{found.records[0].Id}' })] },
      },
      { method: 'GET', url: `${v}/sobjects/Contact/@{made[0].id}?fields=AccountId`, referenceId: 'read' },
    ]);

    const [found, , read] = reply.body.compositeResponse;
    expect(read.body.AccountId).toBe(found.body.records[0].Id);
  });

  test.each([
    ['no step', 'nobody', 'Invalid reference specified. No value for nobody.id found in nobody'],
    ['a later step', 'later', 'Invalid reference specified. No value for later.id found in later'],
    ['their own step', 'wrong', 'Invalid reference specified. No value for wrong.id found in wrong'],
    [
      'a step that failed',
      'failed',
      'The transaction was rolled back since another operation in the same transaction failed.',
    ],
  ])('to %s say so', async (_, referenceId, message) => {
    const url = '/services/data/v59.0/sobjects/Contact';
    const create = { method: 'POST', url };

    const reply = await send([
      { ...create, referenceId: 'failed', body: {} },
      { ...create, referenceId: 'wrong', body: { LastName: 'x', ReportsToId: `@{${referenceId}.id}` } },
      { ...create, referenceId: 'later', body: { LastName: 'x' } },
    ]);

    expect(reply.body.compositeResponse[1]).toMatchObject({
      httpStatusCode: 400,
      body: [{ errorCode: 'PROCESSING_HALTED', message }],
    });
    expect(reply.body.compositeResponse[2].httpStatusCode).toBe(201);
  });

  test('can be struck by a fault that names the path of one subrequest', async () => {
    simulated.org.faults.add({ kind: 'answer', path: '/sobjects/Contact', status: 503, body: 'no' });
    const v = '/services/data/v59.0';

    const reply = await send([
      { method: 'GET', url: `${v}/limits`, referenceId: 'a' },
      { method: 'POST', url: `${v}/sobjects/Contact`, referenceId: 'b', body: { LastName: 'x' } },
    ]);

    expect(
      reply.body.compositeResponse.map((entry: { httpStatusCode: number }) => entry.httpStatusCode),
    ).toEqual([200, 503]);
  });

  fixturesTest('a rolled back composite looks like a recorded one', async (folder) => {
    const known = fixture(folder, 'apache-camel/composite_response_example_failure.json');
    const url = '/services/data/v59.0/sobjects/Contact';

    const reply = await send(
      [
        { method: 'POST', url, referenceId: 'NewPayment1', body: { LastName: 'x' } },
        {
          method: 'POST',
          url,
          referenceId: 'NewPayment2',
          body: { LastName: 'x', Account: { Sync_Key__c: '0116' } },
        },
      ],
      'v59.0',
      true,
    );

    expect(shapeOf(reply.body)).toEqual(shapeOf(known));
    expect(reply.body.compositeResponse[1].body[0].message).toBe(
      'Foreign key external ID: 0116 not found for field Sync_Key__c in entity Account',
    );
  });
});
