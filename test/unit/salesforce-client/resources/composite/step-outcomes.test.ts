import { describe, expect, test } from '@jest/globals';
import { reference, type Step } from '../../../../../shared/salesforce-client/resources/composite/step.ts';
import { soql } from '../../../../../shared/salesforce-client/soql/soql.ts';
import { ADA, aClient, refusal, sub } from '../../a-client.ts';
import { rejection } from '../../fakes.ts';

const account: Step = { method: 'POST', path: '/sobjects/Account', referenceId: 'a', body: { Name: 'A' } };
const referringTo = (referenceId: string, to: string, field: string): Step => ({
  method: 'POST',
  path: '/sobjects/Contact',
  referenceId,
  body: { LastName: 'x', AccountId: reference(to, field) },
});
const lost = (referenceId: string, expression: string) =>
  sub(
    referenceId,
    refusal(
      'PROCESSING_HALTED',
      `Invalid reference specified. No value for ${expression} found in ${expression.split('.')[0]}`,
    ),
    400,
  );
const ROLLED_BACK = refusal('PROCESSING_HALTED', 'The transaction was rolled back since …');
const DONE = { id: ADA, success: true, errors: [] };

/** What became of each step: its kind, and for a refused one what the platform said of it. */
const outcomesOf = async (steps: readonly Step[], answers: readonly object[], allOrNone = false) => {
  const { client } = aClient({}, { body: { compositeResponse: answers } });
  const outcomes = await client.composite(steps, { allOrNone });
  return outcomes.map((one) =>
    one.kind === 'refused' ? (one.error as { detail?: string }).detail : one.kind,
  );
};

describe('a reference to a field that the answer does not have', () => {
  const steps = [account, referringTo('b', 'a', 'Id'), referringTo('c', 'b', 'id')];
  const says = 'Invalid reference specified. No value for a.Id found in a';

  test('is the fault of the step that has it, and not of the steps that refer to that one', async () => {
    const answers = [sub('a', DONE, 201), lost('b', 'a.Id'), lost('c', 'b.id')];

    expect(await outcomesOf(steps, answers)).toEqual(['done', says, 'halted']);
  });

  test('is named when it undoes all', async () => {
    const answers = [sub('a', ROLLED_BACK, 400), lost('b', 'a.Id'), sub('c', ROLLED_BACK, 400)];

    expect(await outcomesOf(steps, answers, true)).toEqual(['halted', says, 'halted']);
  });

  test('is distinguished from one to a step that was refused', async () => {
    const answers = [
      sub('a', refusal('REQUIRED_FIELD_MISSING', 'no name'), 400),
      lost('b', 'a.Id'),
      lost('c', 'b.id'),
    ];

    expect(await outcomesOf(steps, answers)).toEqual(['no name', 'halted', 'halted']);
  });

  test.each([
    [
      'a step itself',
      sub('a', refusal('REQUIRED_FIELD_MISSING'), 400),
      ['c halted', 'b halted', 'a refused'],
    ],
    ['its reference', sub('a', ROLLED_BACK, 400), ['c halted', 'b refused', 'a halted']],
  ])('is distinguished from %s in a graph whose steps come in any order', async (_, first, kinds) => {
    const compositeResponse = [first, lost('b', 'a.Id'), sub('c', ROLLED_BACK, 400)];
    const graph = { graphId: 'g', isSuccessful: false, graphResponse: { compositeResponse } };
    const { client } = aClient({}, { body: { graphs: [graph] } });

    const [outcome] = await client.compositeGraph([{ graphId: 'g', steps: steps.toReversed() }]);

    expect(outcome?.outcomes.map(({ kind, referenceId }) => `${referenceId} ${kind}`)).toEqual(kinds);
  });
});

describe('a record that was refused inside a collection', () => {
  const collection: Step = {
    method: 'POST',
    path: '/composite/sobjects',
    referenceId: 'rows',
    body: { records: [] },
  };
  const failed = (statusCode: string, message: string) => ({
    success: false,
    errors: [{ statusCode, message, fields: ['LastName'] }],
  });
  const rows = [
    failed('ALL_OR_NONE_OPERATION_ROLLED_BACK', 'undone'),
    failed('REQUIRED_FIELD_MISSING', 'no last name'),
  ];
  const answers = [sub('a', ROLLED_BACK, 400), sub('rows', rows)];

  test('is the cause when a call that is all or none was undone', async () => {
    const { client } = aClient({}, { body: { compositeResponse: answers } });

    expect(await client.composite([account, collection], { allOrNone: true })).toMatchObject([
      { kind: 'halted', referenceId: 'a' },
      {
        kind: 'refused',
        referenceId: 'rows',
        error: { code: 'REQUIRED_FIELD_MISSING', detail: 'no last name', fields: ['LastName'] },
      },
    ]);
  });

  test('concerns nobody else in any other call: its result is in the body', async () => {
    const { client } = aClient({}, { body: { compositeResponse: [sub('rows', rows)] } });

    expect(await client.composite([collection])).toEqual([
      { kind: 'done', referenceId: 'rows', status: 200, body: rows },
    ]);
  });
});

describe('an error from inside an answer names the request that Salesforce can look up', () => {
  const headers = { 'x-sfdc-request-id': 'TID:0000abc' };
  const refused = sub('a', refusal('REQUIRED_FIELD_MISSING'), 400);
  const named = { requestId: 'TID:0000abc', status: 400 };

  test('of a step, a batch and a graph', async () => {
    const inComposite = aClient({}, { headers, body: { compositeResponse: [refused] } });
    expect(await inComposite.client.composite([account])).toMatchObject([{ error: named }]);

    const results = [{ statusCode: 400, result: refusal('REQUIRED_FIELD_MISSING') }];
    const inBatch = aClient({}, { headers, body: { hasErrors: true, results } });
    expect(await inBatch.client.compositeBatch([account])).toMatchObject([{ error: named }]);

    const graphs = [{ graphId: 'g', isSuccessful: false, graphResponse: { compositeResponse: [refused] } }];
    const inGraph = aClient({}, { headers, body: { graphs } });
    expect(await inGraph.client.compositeGraph([{ graphId: 'g', steps: [account] }])).toMatchObject([
      { outcomes: [{ error: named }] },
    ]);
  });

  test('of a collection among several, and of a session that ended between two steps', async () => {
    const ended = sub('chunk0', refusal('INVALID_SESSION_ID'), 401);
    const { client } = aClient(
      {},
      { headers, body: { compositeResponse: [ended, { ...refused, referenceId: 'chunk1' }] } },
    );
    const rows = Array.from({ length: 201 }, () => ({ sObject: 'Contact', values: { LastName: 'x' } }));

    const outcomes = await client.createRecords(rows);

    expect(outcomes[0]).toMatchObject({ error: { ...named, status: 401, next: { do: 'reread' } } });
    expect(outcomes[200]).toMatchObject({ error: named });
  });

  test('that was not understood, or has no answer for a step', async () => {
    const page = aClient({}, { headers, body: '<html>' });
    expect(await rejection(page.client.count(soql`SELECT COUNT() FROM Contact`))).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      status: 200,
      requestId: 'TID:0000abc',
    });

    const empty = aClient({}, { headers, body: { compositeResponse: [] } });
    expect(await rejection(empty.client.composite([account]))).toMatchObject({
      next: { do: 'reread' },
      requestId: 'TID:0000abc',
    });
  });

  test('unless it quotes the token', async () => {
    const { client } = aClient({}, { headers: { 'x-sfdc-request-id': 'token-1' }, body: '<html>' });

    expect(await rejection(client.count(soql`SELECT COUNT() FROM Contact`))).toMatchObject({
      requestId: undefined,
    });
  });
});
