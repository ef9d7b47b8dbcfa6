import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { SalesforceClient } from '../../../shared/salesforce-client/client.ts';
import { reference, type Step } from '../../../shared/salesforce-client/resources/composite/step.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { aClientAndItsOrg } from './a-client-and-its-org.ts';

let simulated: SimulatedOrg;
let client: SalesforceClient;
let close: () => Promise<void>;

beforeEach(async () => {
  ({ simulated, client, close } = await aClientAndItsOrg({ accounts: 0, contacts: 0 }));
});
afterEach(() => close());

const lastNames = () => simulated.org.select('SELECT LastName FROM Contact').map((row) => row.LastName);

describe('a batch', () => {
  const create = (body: object) => ({ method: 'POST', path: '/sobjects/Contact', body }) as const;

  test('keeps what went well, and tells each request its own outcome', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'Before' });

    const outcomes = await client.compositeBatch([
      create({ LastName: 'One' }),
      create({ FirstName: 'no last name' }),
      { method: 'PATCH', path: `/sobjects/Contact/${id}`, body: { Title: 'x' } },
      { method: 'GET', path: '/query?q=SELECT+Title+FROM+Contact+WHERE+Title+%21%3D+null' },
      { method: 'GET', path: '/sobjects/Contact/003000000000000AAA' },
      { method: 'DELETE', path: `/sobjects/Contact/${id}` },
    ]);

    expect(outcomes).toMatchObject([
      { kind: 'done', status: 201, body: { success: true } },
      { kind: 'refused', status: 400, error: { code: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] } },
      { kind: 'done', status: 204, body: null },
      { kind: 'done', status: 200, body: { records: [{ Title: 'x' }] } },
      { kind: 'refused', status: 404, error: { code: 'NOT_FOUND' } },
      { kind: 'done', status: 204 },
    ]);
    expect(lastNames()).toEqual(['One']);
  });

  test('starts nothing after a refusal with haltOnError, and undoes nothing', async () => {
    const requests = [create({ LastName: 'One' }), create({}), create({ LastName: 'Three' })];

    const outcomes = await client.compositeBatch(requests, { haltOnError: true });

    expect(outcomes).toMatchObject([
      { kind: 'done', status: 201 },
      { kind: 'refused', status: 400, error: { code: 'REQUIRED_FIELD_MISSING' } },
      { kind: 'halted', status: 412 },
    ]);
    expect(lastNames()).toEqual(['One']);
  });
});

describe('a graph', () => {
  const account = (referenceId: string): Step => ({
    method: 'POST',
    path: '/sobjects/Account',
    referenceId,
    body: { Name: referenceId },
  });
  const contact = (referenceId: string, body: object): Step => ({
    method: 'POST',
    path: '/sobjects/Contact',
    referenceId,
    body,
  });

  test('uses what its steps answered, whatever their order', async () => {
    const child = contact('child', { LastName: 'Child', AccountId: reference('parent', 'id') });
    const read: Step = {
      method: 'GET',
      path: `/sobjects/Contact/${reference('child', 'id')}?fields=AccountId`,
      referenceId: 'read',
    };

    const [graph] = await client.compositeGraph([
      { graphId: 'family', steps: [read, child, account('parent')] },
    ]);

    expect(graph).toMatchObject({ graphId: 'family', isSuccessful: true });
    expect(graph?.outcomes.map(({ referenceId, kind }) => [referenceId, kind])).toEqual([
      ['read', 'done'],
      ['child', 'done'],
      ['parent', 'done'],
    ]);
    const [row] = simulated.org.select('SELECT Id FROM Account');
    expect(graph?.outcomes[0]).toMatchObject({ body: { AccountId: row?.Id } });
  });

  test('that fails is undone whole, and no other with it', async () => {
    const [good, bad] = await client.compositeGraph([
      { graphId: 'good', steps: [account('kept')] },
      {
        graphId: 'bad',
        steps: [account('undone'), contact('wrong', { AccountId: reference('undone', 'id') })],
      },
    ]);

    expect(good).toMatchObject({ isSuccessful: true, outcomes: [{ kind: 'done', status: 201 }] });
    expect(bad).toMatchObject({
      isSuccessful: false,
      outcomes: [
        { kind: 'halted', referenceId: 'undone' },
        { kind: 'refused', referenceId: 'wrong', error: { code: 'REQUIRED_FIELD_MISSING' } },
      ],
    });
    expect(simulated.org.select('SELECT Name FROM Account').map((row) => row.Name)).toEqual(['kept']);
  });
});
