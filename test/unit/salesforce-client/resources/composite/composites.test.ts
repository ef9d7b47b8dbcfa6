import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import type { Step } from '../../../../../shared/salesforce-client/resources/composite/step.ts';
import { reference } from '../../../../../shared/salesforce-client/resources/composite/step.ts';
import { referencesOf } from '../../../../../shared/salesforce-client/resources/composite/step-checks.ts';
import { ADA, aClient, step, sub } from '../../a-client.ts';
import { rejection } from '../../fakes.ts';
import { fixtureJson, replay } from '../../fixtures.ts';

describe('a composite call', () => {
  test('runs steps that refer to each other, as one call', async () => {
    const body = {
      compositeResponse: [
        sub('account', { id: 'x', success: true }, 201, {
          Location: '/services/data/v59.0/sobjects/Account/x',
        }),
        sub('contact', null, 204),
      ],
    };
    const { client, bodies, sent } = aClient({}, { body });

    const outcomes = await client.composite(
      [
        step('account', { path: '/sobjects/Account', options: { assignmentRule: 'none' } }),
        step('contact', {
          method: 'PATCH',
          path: `/sobjects/Contact/${ADA}`,
          body: { AccountId: reference('account', 'id') },
        }),
      ],
      { allOrNone: true },
    );

    expect(outcomes).toEqual([
      {
        kind: 'done',
        referenceId: 'account',
        status: 201,
        body: { id: 'x', success: true },
        location: '/services/data/v59.0/sobjects/Account/x',
      },
      { kind: 'done', referenceId: 'contact', status: 204, body: null },
    ]);
    expect(bodies()[0]).toEqual({
      allOrNone: true,
      collateSubrequests: false,
      compositeRequest: [
        {
          method: 'POST',
          url: '/services/data/v59.0/sobjects/Account',
          referenceId: 'account',
          body: { LastName: 'A' },
          httpHeaders: { 'Sforce-Call-Options': 'client=salesforce-sync', 'sforce-auto-assign': 'FALSE' },
        },
        {
          method: 'PATCH',
          url: `/services/data/v59.0/sobjects/Contact/${ADA}`,
          referenceId: 'contact',
          body: { AccountId: '@{account.id}' },
          httpHeaders: { 'Sforce-Call-Options': 'client=salesforce-sync' },
        },
      ],
    });
    expect(sent).toHaveLength(1);
  });

  replay('tells the step that was refused from those that it halted', async () => {
    const body = fixtureJson('apache-camel/composite_response_example_failure.json');
    const { client } = aClient({}, { body });

    expect(
      await client.composite([step('NewPayment1'), step('NewPayment2')], { allOrNone: true }),
    ).toMatchObject([
      { kind: 'halted', referenceId: 'NewPayment1' },
      { kind: 'refused', referenceId: 'NewPayment2', status: 400, error: { code: 'INVALID_FIELD' } },
    ]);
  });

  replay('gives a step its own status, though the call was fine', async () => {
    const body = fixtureJson('cumulusci/extracted/composite-404-subrequest.json');
    const { client } = aClient({}, { body });

    expect(
      await client.composite([
        { method: 'GET', path: '/sobjects/Nope/describe', referenceId: 'CCI__RefId__0__' },
      ]),
    ).toMatchObject([{ kind: 'refused', status: 404, error: { code: 'NOT_FOUND' } }]);
  });

  test('gives the steps that share a key their choices, and what is unchanged no error', async () => {
    const urls = ['/services/data/v59.0/sobjects/Contact/a'];
    const { client } = aClient(
      {},
      { body: { compositeResponse: [sub('b', null, 304), sub('a', urls, 300)] } },
    );
    const get = { method: 'GET', body: undefined } as const;

    const outcomes = await client.composite([
      { ...get, referenceId: 'a', path: '/sobjects/Contact/Key__c/x' },
      { ...get, referenceId: 'b', path: '/sobjects/Contact/describe', headers: { 'If-Modified-Since': 'x' } },
    ]);

    expect(outcomes).toMatchObject([
      { kind: 'refused', error: { code: 'MULTIPLE_CHOICES', recordUrls: urls } },
      { kind: 'done', status: 304 },
    ]);
  });

  test('repeats what only reads, and nothing else', async () => {
    const down = { status: 503, body: '' };
    const reading = aClient({}, down, { body: { compositeResponse: [sub('a', {})] } });
    await reading.client.composite([{ method: 'GET', path: '/limits', referenceId: 'a' }]);
    expect(reading.sent).toHaveLength(2);

    const writing = aClient({}, down);
    expect(await rejection(writing.client.composite([step('a')]))).toMatchObject({ next: { do: 'reread' } });
  });

  test('a write whose answer is missing may have been carried out', async () => {
    const { client } = aClient({}, { body: { compositeResponse: [] } });

    expect(await rejection(client.composite([step('a')]))).toMatchObject({ next: { do: 'reread' } });
  });

  const query = (referenceId: string): Step => ({ method: 'GET', path: '/query?q=SELECT%20Id', referenceId });
  test.each([
    ['no step', [], 'there is no step'],
    ['too many', Array.from({ length: 26 }, (_, index) => step(`s${index}`)), '26 steps, and 25'],
    ['too many queries', Array.from({ length: 6 }, (_, index) => query(`q${index}`)), '6 steps are queries'],
    ['a bad name', [step('_a')], 'referenceId number 1 must begin'],
    ['a name with a dot', [step('a'), step('a.b')], 'referenceId number 2 must begin'],
    ['no name', [step(undefined as never)], 'referenceId number 1'],
    ['no path', [step('a', { path: undefined as never })], 'the path of step "a"'],
    ['a token of its own', [step('a', { headers: { authorization: 'Bearer x' } })], 'header authorization'],
    ['a type of its own', [step('a', { headers: { 'Content-Type': 'text/xml' } })], 'header Content-Type'],
    ['a name twice', [step('a'), step('a')], '"a" comes twice'],
    ['a bad path', [step('a', { path: 'sobjects/Contact' })], 'the path of step "a"'],
    [
      'an unknown reference',
      [step('a', { body: { X: '@{nope.id}' } })],
      'refers to "nope", which does not exist',
    ],
    [
      'a reference forward',
      [step('a', { path: '/sobjects/Contact/@{b.id}' }), step('b')],
      'refers to "b", which does not come before it',
    ],
  ])('names what is wrong before anything is sent: %s', async (_, steps, message) => {
    const { client, sent } = aClient({});

    expect(await rejection(client.composite(steps))).toMatchObject({
      code: 'INVALID_COMPOSITE',
      next: { do: 'stop' },
      message: expect.stringContaining(message),
    });
    expect(sent).toEqual([]);
  });

  test.each<[string, (text: string) => Step]>([
    ['a reference', (text) => step('a', { body: { Description: `Hi @{${text}} and @{${text}.x}` } })],
    ['a name', (text) => step(text)],
    ['a long name', (text) => step(text.replaceAll(/\W/g, '').repeat(5), { headers: { accept: 'x' } })],
  ])('quotes nothing that is in the place of %s', async (_, toStep) => {
    const { client } = aClient({});
    const steps = [toStep('Ada Lovelace, card 4111 1111'), step('b'), step('b')];
    const graph = client.compositeGraph([{ graphId: 'Ada 4111', steps }]);

    for (const error of [await rejection(client.composite(steps)), await rejection(graph)]) {
      expect(String(error)).toContain('"b" comes twice');
      expect(String(error)).not.toMatch(/Ada|4111/);
    }
  });

  test('says which step refers to what, though a name may be too long to quote', async () => {
    const { client } = aClient({});
    const long = 'a'.repeat(81);
    const message = String(
      await rejection(
        client.composite([
          step('a', { path: `/x/@{${long}.id}` }),
          step(long),
          step('b', { path: '/x/@{no.id}' }),
        ]),
      ),
    );

    expect(message).toContain('step "a" refers to a step, which does not come before it');
    expect(message).toContain('step "b" refers to "no", which does not exist');
  });

  const circle: Record<string, unknown> = {};
  circle.itself = circle;
  test.each([[{ deep: circle }], [{ Amount: 1n }]])('cannot hold what JSON cannot: %#', async (body) => {
    const { client, sent } = aClient({});
    const steps = [step('a', { body })];

    const message = expect.stringContaining('cannot be written as JSON');
    expect(await rejection(client.composite(steps))).toMatchObject({ code: 'INVALID_COMPOSITE', message });
    expect(await rejection(client.compositeBatch(steps))).toMatchObject({ code: 'INVALID_BATCH', message });
    expect(await rejection(client.compositeGraph([{ graphId: 'g', steps }]))).toMatchObject({
      code: 'INVALID_GRAPH',
      message,
    });
    expect(sent).toEqual([]);
  });

  test('reads long text once, not once from each beginning of a reference in it', () => {
    const search = () => {
      for (const text of ['@{'.repeat(500_000), `@{${'a'.repeat(1_000_000)}`, '@{a.'.repeat(250_000)])
        expect(referencesOf(step('a', { body: { text } }))).toEqual([]);
    };

    // Takes milliseconds, or else hours, which only this way come to an end.
    expect(() => runInNewContext('search()', { search }, { timeout: 60_000 })).not.toThrow();
  });

  test.each([
    ['@{a.id} @{b[0].Id} @{c} @{a.x}', ['a', 'b', 'c']],
    ['mail me @{home. Thanks', []],
    ['@{x', []],
    ['@{a","b":"c}', []],
  ])('finds the references of %j', (text, names) => {
    expect(referencesOf(step('z', { body: { text } }))).toEqual(names);
  });

  test('tells names by their case, as the platform does', async () => {
    const { client } = aClient({}, { body: { compositeResponse: [sub('a', {}), sub('A', {})] } });

    expect(await client.composite([step('a'), step('A')])).toHaveLength(2);
  });
});
