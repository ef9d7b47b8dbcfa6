import { describe, expect, test } from '@jest/globals';
import { orgForEachTest, type Reply } from '../../an-org.ts';
import { fixture, fixturesTest, shapeOf } from '../../fixtures.ts';

const V = '/services/data/v59.0';
const simulated = orgForEachTest({ accounts: 0, contacts: 0 });

const send = (graphs: unknown, version = V): Promise<Reply> =>
  simulated.send('POST', `${version}/composite/graph`, { graphs });
const node = (type: string, referenceId: string, body: object) => ({
  method: 'POST',
  url: `${V}/sobjects/${type}`,
  referenceId,
  body,
});
const good = (graphId: string) => ({
  graphId,
  compositeRequest: [
    node('Account', 'a', { Name: graphId }),
    node('Contact', 'c', { LastName: graphId, AccountId: '@{a.id}' }),
  ],
});
const bad = (graphId: string) => ({
  graphId,
  compositeRequest: [
    node('Account', 'a', { Name: graphId }),
    node('Contact', 'c', {}),
    node('Contact', 'd', { LastName: 'x' }),
  ],
});

describe('composite graphs', () => {
  test('are a transaction each, as one call', async () => {
    const before = simulated.org.requests.apiUsage();

    const reply = await send([good('one'), bad('two'), good('three')]);

    expect(reply.status).toBe(200);
    const { graphs } = reply.body;
    expect(graphs.map((graph: { isSuccessful: boolean }) => graph.isSuccessful)).toEqual([true, false, true]);
    const codes = graphs[1].graphResponse.compositeResponse.map(
      (entry: { body: { errorCode: string }[] }) => entry.body[0]?.errorCode,
    );
    expect(codes).toEqual(['PROCESSING_HALTED', 'REQUIRED_FIELD_MISSING', 'PROCESSING_HALTED']);
    const rows = simulated.org.select('SELECT LastName, Account.Name FROM Contact ORDER BY LastName');
    expect(rows).toMatchObject([
      { LastName: 'one', Account: { Name: 'one' } },
      { LastName: 'three', Account: { Name: 'three' } },
    ]);
    expect(simulated.org.count('SELECT Id FROM Account')).toBe(2);
    expect(simulated.org.requests.apiUsage() - before).toBe(1);
  });

  test('stop after 14 failures', async () => {
    const graphs = [...Array.from({ length: 14 }, (_, at) => bad(`bad${at}`)), good('late')];

    const reply = await send(graphs);

    const last = reply.body.graphs[14];
    expect(last.isSuccessful).toBe(false);
    expect(last.graphResponse.compositeResponse).toMatchObject([
      { httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] },
      { httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] },
    ]);
    expect(simulated.org.count('SELECT Id FROM Account')).toBe(0);
  });

  test('find rows by external id and by references in addresses', async () => {
    const compositeRequest = [
      {
        method: 'PATCH',
        url: `${V}/sobjects/Account/Sync_Key__c/k`,
        referenceId: 'save',
        body: { Name: 'A' },
      },
      { method: 'PATCH', url: `${V}/sobjects/Account/@{save.id}`, referenceId: 'touch', body: { Site: 'x' } },
      { method: 'GET', url: `${V}/sobjects/Account/@{save.id}?fields=Site`, referenceId: 'read' },
    ];

    const reply = await send([{ graphId: 'g', compositeRequest }]);

    expect(reply.body.graphs[0].graphResponse.compositeResponse).toMatchObject([
      { httpStatusCode: 201 },
      { httpStatusCode: 204, body: null },
      { httpStatusCode: 200, body: { Site: 'x' } },
    ]);
  });

  test.each([
    ['76 graphs', Array.from({ length: 76 }, (_, at) => good(`g${at}`))],
    [
      '501 nodes',
      [
        {
          graphId: 'g',
          compositeRequest: Array.from({ length: 501 }, (_, at) =>
            node('Contact', `r${at}`, { LastName: 'x' }),
          ),
        },
      ],
    ],
    ['the same graph twice', [good('g'), good('g')]],
    ['a graph without a name', [{ compositeRequest: good('g').compositeRequest }]],
    [
      'a query',
      [{ graphId: 'g', compositeRequest: [{ method: 'GET', url: `${V}/query?q=x`, referenceId: 'q' }] }],
    ],
    [
      '16 kinds of nodes in two graphs together',
      [0, 8].map((first) => ({
        graphId: `g${first}`,
        compositeRequest: Array.from({ length: 8 }, (_, at) => ({
          ...node('Contact', `r${at}`, { LastName: 'x' }),
          url: `/services/data/v${50 + first + at}.0/sobjects/Contact`,
        })),
      })),
    ],
    [
      'a chain of 16 references',
      [
        {
          graphId: 'g',
          compositeRequest: Array.from({ length: 16 }, (_, at) =>
            node('Account', `r${at}`, { Name: 'x', ...(at > 0 ? { ParentId: `@{r${at - 1}.id}` } : {}) }),
          ),
        },
      ],
    ],
  ])('refuse %s', async (_, graphs) => {
    expect((await send(graphs)).status).toBe(400);
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(0);
  });

  test('take 500 nodes in one request, and do not exist before version 50', async () => {
    const compositeRequest = Array.from({ length: 500 }, (_, at) =>
      node('Contact', `r${at}`, { LastName: 'x' }),
    );

    const reply = await send([{ graphId: 'g', compositeRequest }]);
    const old = await send([good('old')], '/services/data/v49.0');

    expect(reply.body.graphs[0].isSuccessful).toBe(true);
    expect(old.status).toBe(404);
  });

  fixturesTest('answer as a recorded one does', async (folder) => {
    const known = fixture(folder, 'nango-integration-templates/composite-graph-request.test.json') as {
      input: { graphs: unknown };
      output: unknown;
    };

    const reply = await send(known.input.graphs, '/services/data/v66.0');

    expect(shapeOf(reply.body)).toEqual(shapeOf(known.output));
  });
});
