import { describe, expect, test } from '@jest/globals';
import { invoke } from '../../cli/invoke.ts';
import { mappingStates, until } from '../../local/stack/tenant.ts';
import { describeObject } from '../../simulated-org/describe/describe.ts';
import { mustFindObject } from '../../simulated-org/describe/schema.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connect, dispatch, tablesOf } from './deployment/tenants.ts';

const stack = stackWith('operations');
const unknown = 'c000000000000000000000000';

describe('An operation that cannot be done', () => {
  test.each([
    [
      'an action that is not known',
      { action: 'explode' },
      'INVALID_INPUT',
      /^action must be one of .*issue-ticket/,
    ],
    ['no action', {}, 'INVALID_INPUT', /action/],
    [
      'a connection id that is none',
      { action: 'mappings', connectionId: 'a b' },
      'INVALID_INPUT',
      /^connectionId /,
    ],
    ['a mapping id that is none', { action: 'runs', mappingId: 'contact' }, 'INVALID_INPUT', /^mappingId /],
    [
      'a limit out of bounds',
      { action: 'runs', mappingId: `${unknown}.contact`, limit: 5_000 },
      'INVALID_INPUT',
      /^limit /,
    ],
    ['a key too many', { action: 'pause', connectionId: unknown, force: true }, 'INVALID_INPUT', /force/],
    ['a tenant that cannot be one', { action: 'issue-ticket', orgId: 'a#b' }, 'INVALID_INPUT', /^orgId /],
    [
      "a login host that is not Salesforce's",
      { action: 'issue-ticket', orgId: 'acme', loginHost: 'https://login.example.com' },
      'INVALID_LOGIN_HOST',
      /My Domain/,
    ],
    [
      'an unknown connection',
      { action: 'mappings', connectionId: unknown },
      'UNKNOWN_CONNECTION',
      new RegExp(unknown),
    ],
    [
      'an unknown mapping',
      { action: 'run-now', mappingId: `${unknown}.contact` },
      'UNKNOWN_MAPPING',
      new RegExp(unknown),
    ],
  ])('is answered with what is wrong: %s', async (_, operation, code, message) => {
    const answer = await invoke(stack.clients.lambda, stack.outputs.OperationsFunctionName, operation);

    expect(answer).toEqual({ error: { code, message: expect.stringMatching(message) } });
  });
});

describe('A mapping that does not fit the org', () => {
  test('is shown as invalid with what is missing, and nothing of it is loaded', async () => {
    const contact = mustFindObject('Contact');
    const body = describeObject(
      { ...contact, fields: contact.fields.filter(({ name }) => name !== 'Score__c') },
      '59.0',
      stack.org.origin,
    );
    await stack.admin.faults({ kind: 'answer', path: 'sobjects/Contact/describe', status: 200, body });

    const { connectionId } = await connect(stack, 'misfit');
    await dispatch(stack);

    const state = await until('The verdict', async () =>
      (await mappingStates(stack, connectionId)).find(
        ({ name, status }) => name === 'contact' && status === 'invalid',
      ),
    );
    expect(state.problems?.join()).toMatch(/Contact.*Score__c|Score__c.*Contact/);
    expect(await tablesOf(stack).contacts.countOfTenant('misfit')).toBe(0);
  });
});
