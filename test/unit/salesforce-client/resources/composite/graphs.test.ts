import { describe, expect, test } from '@jest/globals';
import { aClient, refusal, step, sub } from '../../a-client.ts';
import { rejection } from '../../fakes.ts';
import { fixtureJson, replay } from '../../fixtures.ts';

const HALTED = refusal('PROCESSING_HALTED', 'The transaction was rolled back …');

describe('graphs', () => {
  replay('read the recorded answer', async () => {
    const recorded = fixtureJson<{ output: unknown }>(
      'nango-integration-templates/composite-graph-request.test.json',
    );
    const { client, paths, bodies } = aClient({ apiVersion: 'v66.0' }, { body: recorded.output });

    const outcomes = await client.compositeGraph([
      { graphId: 'test1', steps: [step('newAccount', { path: '/sobjects/Account' })] },
    ]);

    expect(outcomes).toMatchObject([
      {
        graphId: 'test1',
        isSuccessful: true,
        outcomes: [{ kind: 'done', status: 201, body: { success: true } }],
      },
    ]);
    expect(paths()).toEqual(['/services/data/v66.0/composite/graph']);
    expect(bodies()[0].graphs[0]).toMatchObject({ graphId: 'test1', compositeRequest: [{ method: 'POST' }] });
  });

  test('that failed undo themselves alone, and may come back without their steps', async () => {
    const graphs = [
      { graphId: 'c', isSuccessful: false, graphResponse: { compositeResponse: [] } },
      { graphId: 'a', isSuccessful: true, graphResponse: { compositeResponse: [sub('x', null, 204)] } },
      {
        graphId: 'b',
        isSuccessful: false,
        graphResponse: {
          compositeResponse: [sub('x', HALTED, 400), sub('y', refusal('DUPLICATE_VALUE'), 400)],
        },
      },
    ];
    const { client } = aClient({}, { body: { graphs } });

    const outcomes = await client.compositeGraph([
      { graphId: 'a', steps: [step('x')] },
      { graphId: 'b', steps: [step('x'), step('y')] },
      { graphId: 'c', steps: [step('x')] },
    ]);

    expect(outcomes.map((one) => [one.isSuccessful, ...one.outcomes.map(({ kind }) => kind)])).toEqual([
      [true, 'done'],
      [false, 'halted', 'refused'],
      [false, 'halted'],
    ]);
  });

  const chain = (length: number) =>
    Array.from({ length }, (_, index) =>
      step(`s${index}`, index === 0 ? {} : { body: { ParentId: `@{s${index - 1}.id}` } }),
    );
  test.each([
    ['an empty list', [], 'there is no graph'],
    [
      '76 of them',
      Array.from({ length: 76 }, (_, index) => ({ graphId: `g${index}`, steps: [step('a')] })),
      '76 graphs, and 75',
    ],
    [
      '501 steps',
      Array.from({ length: 3 }, (_, index) => ({
        graphId: `g${index}`,
        steps: Array.from({ length: 167 }, (_unused, place) => step(`s${place}`)),
      })),
      '501 steps in all graphs, and 500',
    ],
    ['no name', [{ graphId: '', steps: [step('a')] }], 'graphId number 1'],
    ['no steps', [{ graphId: 'g', steps: [] }], 'in graph "g" there is no step'],
    [
      'a query',
      [{ graphId: 'g', steps: [step('a', { path: '/query?q=x' })] }],
      'step "a" does not address a row',
    ],
    ['a name twice', [{ graphId: 'g', steps: [step('a'), step('a')] }], 'referenceId "a" comes twice'],
    ['too deep a chain', [{ graphId: 'g', steps: chain(16) }], '16 levels deep, and 15'],
    [
      'a circle',
      [
        {
          graphId: 'g',
          steps: [step('a', { body: { X: '@{b.id}' } }), step('b', { body: { X: '@{a.id}' } })],
        },
      ],
      'step "a", step "b" refer to each other in a circle',
    ],
    [
      'too many kinds in all of them together',
      ['g', 'h'].map((graphId) => ({
        graphId,
        steps: Array.from({ length: 8 }, (_, i) => step(`s${i}`, { path: `/sobjects/${graphId}${i}__c` })),
      })),
      '16 kinds of step (sObject, version, method) in all graphs',
    ],
    ['a graph without a name', [{ graphId: undefined as never, steps: [step('a')] }], 'graphId number 1'],
    [
      'a step without an address',
      [{ graphId: 'g', steps: [step('a', { path: undefined as never })] }],
      'the path of step "a"',
    ],
    [
      'a header of the whole call',
      [{ graphId: 'g', steps: [step('a', { headers: { Accept: 'application/json' } })] }],
      'step "a" has the header Accept',
    ],
    ['a lost reference', [{ graphId: 'g', steps: [step('a', { body: { X: '@{z.id}' } })] }], 'refers to "z"'],
  ])('are refused before anything is sent: %s', async (_, graphs, message) => {
    const { client, sent } = aClient({});

    expect(await rejection(client.compositeGraph(graphs))).toMatchObject({
      code: 'INVALID_GRAPH',
      message: expect.stringContaining(message),
    });
    expect(sent).toEqual([]);
  });

  test('do not count an invalid path among the kinds of step', async () => {
    const steps = Array.from({ length: 15 }, (_, i) => step(`s${i}`, { path: `/sobjects/T${i}__c` }));
    const graph = { graphId: 'g', steps: [...steps, step('a', { path: '/limits' })] };

    expect(await rejection(aClient({}).client.compositeGraph([graph]))).toMatchObject({
      message: expect.not.stringContaining('kinds'),
    });
  });

  test('need a version that knows them, and take the deepest chain that is allowed', async () => {
    const old = aClient({ apiVersion: 'v49.0' });
    expect(await rejection(old.client.compositeGraph([{ graphId: 'g', steps: [step('a')] }]))).toMatchObject({
      message: expect.stringContaining('50.0'),
    });

    const compositeResponse = chain(15).map(({ referenceId }) => sub(referenceId, null, 204));
    const answer = { graphs: [{ graphId: 'g', isSuccessful: true, graphResponse: { compositeResponse } }] };
    const { client } = aClient({}, { body: answer });
    expect(await client.compositeGraph([{ graphId: 'g', steps: chain(15) }])).toMatchObject([
      { isSuccessful: true },
    ]);
  });
});
