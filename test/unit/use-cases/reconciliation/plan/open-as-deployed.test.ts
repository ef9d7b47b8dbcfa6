import { describe, expect, test } from '@jest/globals';
import { must } from '../../../../../shared/sync/assert.ts';
import type { WhatIf } from '../../../../../shared/sync/plan/what-if.ts';
import { openAsDeployed } from '../../../../../shared/use-cases/reconciliation/plan/open-as-deployed.ts';
import { aConfig, aSettledStack, MAPPING_ID } from '../schedules/a-stack.ts';

const open = (
  { ports }: Awaited<ReturnType<typeof aSettledStack>>,
  mappingId = MAPPING_ID,
  whatIf: WhatIf = {},
) => openAsDeployed(ports, mappingId, whatIf);
const closed = (reason: string) => ({ kind: 'closed', reason });

describe('a mapping is not planned for', () => {
  test('that the config does not have, or whose connection is gone', async () => {
    const stack = await aSettledStack();
    expect(await open(stack, 'c1.nothing')).toEqual(closed('UNKNOWN_MAPPING'));
    expect(await open(stack, 'c2.contact')).toEqual(closed('UNKNOWN_CONNECTION'));
    stack.mappingStates.states.clear();
    expect(await open(stack)).toEqual(closed('UNKNOWN_CONNECTION'));
  });

  test('whose table is another tenant’s', async () => {
    const stack = await aSettledStack();
    const config = aConfig();
    const localTables = { contacts: { keyField: 'id', tenant: 'another' } };
    stack.deploy({ ...config, localTables });
    expect(await open(stack)).toEqual(closed('UNKNOWN_MAPPING'));
  });

  test('that is in rehearsal: applied, the plan would write', async () => {
    const stack = await aSettledStack();
    const rehearsal = { since: stack.clock.now() } as never;
    stack.mappingStates.states.set(MAPPING_ID, { ...(await stack.state()), rehearsal });
    expect(await open(stack)).toEqual(closed('MAPPING_REHEARSED'));
  });

  test.each([
    ['revoked', 'CONNECTION_REVOKED'],
    ['paused', 'CONNECTION_NOT_ACTIVE'],
    ['reauthorization-required', 'CONNECTION_NOT_ACTIVE'],
  ] as const)('whose connection is %s', async (status, reason) => {
    const stack = await aSettledStack();
    const connection = must(stack.connections.stored.get('c1'), 'a connection');
    stack.connections.stored.set('c1', { ...connection, status });
    expect(await open(stack)).toEqual(closed(reason));
  });

  test('that would pair items with records of another object, which it says', async () => {
    const stack = await aSettledStack();
    stack.deploy(aConfig({ contact: { sfObject: 'Lead' } }));
    expect(await open(stack)).toEqual({
      ...closed('MAPPING_INVALID'),
      problems: [expect.stringContaining('mappings.contact.sfObject: was Contact and is now Lead')],
    });
  });
});

describe('a mapping that is planned for', () => {
  const describes = (stack: Awaited<ReturnType<typeof aSettledStack>>) =>
    stack.org.calls.filter((call) => call === 'describe').length;

  test('is opened without a question where it was last checked as it is deployed', async () => {
    const stack = await aSettledStack();
    const before = describes(stack);
    const state = await stack.state();
    expect(await open(stack)).toMatchObject({ kind: 'open', state, mapping: { mappingId: MAPPING_ID } });
    expect(describes(stack)).toBe(before);
  });

  test('is the mapping that work goes by, with all that the check found', async () => {
    const stack = await aSettledStack();
    expect(await open(stack)).toHaveProperty('mapping', (await stack.opened()).mapping);
  });

  test.each<[string, object]>([
    ['it was never checked', { fieldTypes: undefined }],
    ['it did not fit the org', { status: 'invalid' }],
    ['the last check was of another template', { checkedTemplate: 'another' }],
  ])('is checked where %s, and nothing is stored', async (_what, change) => {
    const stack = await aSettledStack();
    const state = { ...(await stack.state()), ...change };
    stack.mappingStates.states.set(MAPPING_ID, state);
    const before = describes(stack);

    expect(await open(stack)).toMatchObject({
      kind: 'open',
      state: { fieldTypes: { LastName: 'text' } },
    });

    expect(describes(stack)).toBe(before + 1);
    expect(await stack.state()).toEqual(state);
  });

  test('has the revision that it would have, and the policies that the plan asks about', async () => {
    const stack = await aSettledStack();
    const before = must((await stack.state()).revision, 'a revision');
    stack.deploy(aConfig({ contact: { fieldMap: { lastName: 'LastName', job: 'Title' } } }));

    const opened = await open(stack, MAPPING_ID, { conflictPolicy: 'manual', deletePolicy: 'propagate' });

    expect(opened).toMatchObject({
      state: { revision: { revision: before.revision + 1 } },
      mapping: {
        fields: [
          { localField: 'lastName', conflictPolicy: 'manual', since: 1 },
          { localField: 'job', conflictPolicy: 'manual', since: before.revision + 1 },
        ],
        deletePolicy: { fromSalesforce: 'propagate', toSalesforce: 'propagate' },
      },
    });
    expect((await stack.state()).revision).toEqual(before);
  });
});
