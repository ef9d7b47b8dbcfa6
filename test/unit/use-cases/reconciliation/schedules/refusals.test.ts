import { describe, expect, test } from '@jest/globals';
import type { DuplicatesOfRefused } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import { aConfig, aSettledStack } from './a-stack.ts';

type Route = 'rest' | 'bulk';
const LOCKED = 'trigger: execution of BeforeUpdate caused by: UNABLE_TO_LOCK_ROW, unable to obtain lock';

const PASSING: readonly (readonly [string, string, string])[] = [
  ['an overload', 'SERVER_UNAVAILABLE', 'busy'],
  ['read-only maintenance', 'INVALID_READ_ONLY_USER_DML', 'read-only'],
  ['a locked row', 'UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access'],
  ['a lock that a trigger met', 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', LOCKED],
  ['a lock that a flow met', 'CANNOT_EXECUTE_FLOW_TRIGGER', LOCKED],
  ['a lock in a rule of Apex', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', LOCKED],
  ['triggers that took too long', 'REQUEST_RUNNING_TOO_LONG', 'too long'],
  ['an approval', 'ENTITY_IS_LOCKED', 'entity is locked'],
  ['a field that the user may not see', 'INVALID_FIELD', "No such column 'Title' on sobject of type Contact"],
  ['a field that the user may not edit', 'INVALID_FIELD_FOR_INSERT_UPDATE', 'Unable to create/update fields'],
  ['a picklist without the value', 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'bad value'],
  ['full storage', 'STORAGE_LIMIT_EXCEEDED', 'storage limit exceeded'],
  ['access that the user lacks', 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights'],
  ['a reference that the user may not use', 'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY', 'no access'],
  ['an allowance that is used up', 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'],
];

interface Refusing {
  readonly duplicates?: DuplicatesOfRefused;
  readonly duplicateRules?: 'allow';
}

/** A stack with a change that its org refuses: an edit of Ann, or Bob in a bulk push. */
async function aRefusingStack(
  route: Route,
  code: string,
  message: string,
  { duplicates, duplicateRules }: Refusing = {},
) {
  const contact = { bulkThreshold: 1, ...(duplicateRules && { duplicateRules }) };
  const stack = await aSettledStack({ config: aConfig({ contact }) });
  await stack.withoutSweeps();
  const refuse = stack.org.refuse;
  stack.org.refuse = ({ Title }) =>
    Title === 'CTO' ? { code, message, ...(duplicates && { duplicates }) } : undefined;
  if (route === 'rest') stack.putItem(stack.key, { title: 'CTO' });
  else {
    stack.putItem('bob', { lastName: 'Ray', title: 'CTO' });
    stack.stream.length = 0;
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });
  }
  await stack.passes(180);
  const arrived = () => stack.org.alive().some(({ fields }) => fields.Title === 'CTO');
  const yields = () => {
    stack.org.refuse = refuse;
  };
  const messages = async () =>
    (await stack.journal.rejections('c1.contact', 10)).map((rejection) => rejection.message);
  return { ...stack, arrived, yields, messages };
}

describe.each<Route>(['rest', 'bulk'])(
  'a record that is refused for a reason that time or an admin mends (%s)',
  (route) => {
    test.each(PASSING)(
      'such as %s (%s) arrives when it is over, without anybody’s edit',
      async (_why, code, message) => {
        const stack = await aRefusingStack(route, code, message);
        expect(stack.arrived()).toBe(false);
        expect(stack.parked()).toMatchObject([{ local: { reason: code }, waitUntil: expect.any(String) }]);

        stack.yields();
        await stack.passes(70);

        expect(stack.arrived()).toBe(true);
        expect(await stack.rejections()).toEqual([]);
        expect(stack.parked()).toEqual([]);
        expect(stack.dead).toEqual([]);
      },
    );

    test('is shown to a person after a day', async () => {
      const stack = await aRefusingStack(route, 'UNABLE_TO_LOCK_ROW', 'locked');
      expect(await stack.rejections()).toEqual([]);

      await stack.passes(24 * 60);

      expect((await stack.rejections()).map(({ code }) => code)).toEqual(['STILL_WAITING']);
    });
  },
);

describe.each<Route>(['rest', 'bulk'])('what a duplicate rule found (%s)', (route) => {
  const duplicates = (allowSave: boolean) => ({
    recordIds: ['003000000000777AAA'],
    allowSave,
    rule: 'One_Boss',
  });

  test('is saved where the mapping allows it and the rule only warns', async () => {
    const stack = await aRefusingStack(route, 'DUPLICATES_DETECTED', 'Use one of these?', {
      duplicates: duplicates(true),
      duplicateRules: 'allow',
    });

    expect(stack.arrived()).toBe(true);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('is rejected where the rule blocks it, whatever the mapping says, by the record and the rule', async () => {
    const stack = await aRefusingStack(route, 'DUPLICATES_DETECTED', 'Use one of these?', {
      duplicates: duplicates(false),
      duplicateRules: 'allow',
    });
    const calls = stack.org.calls.length;
    await stack.passes(24 * 60);

    expect(stack.arrived()).toBe(false);
    expect(stack.org.calls).toHaveLength(calls);
    expect(await stack.messages()).toEqual([
      'Use one of these? The duplicate rule One_Boss found: 003000000000777AAA. It blocks such records, whatever the mapping says.',
    ]);
  });

  test('is rejected where the mapping respects it', async () => {
    const stack = await aRefusingStack(route, 'DUPLICATES_DETECTED', 'Use one of these?', {
      duplicates: duplicates(true),
    });

    expect(stack.arrived()).toBe(false);
    // A row of a bulk job has a text alone.
    const named =
      " The duplicate rule One_Boss found: 003000000000777AAA. It only warns: with duplicateRules 'allow' the mapping saves such records.";
    expect(await stack.messages()).toEqual([`Use one of these?${route === 'rest' ? named : ''}`]);
  });
});

describe.each<Route>(['rest', 'bulk'])('a record that is refused for what it holds (%s)', (route) => {
  test.each([
    ['a rule', 'FIELD_CUSTOM_VALIDATION_EXCEPTION', 'a title, please'],
    ['a value of the wrong type', 'INVALID_TYPE_ON_FIELD_IN_RECORD', 'bad type'],
    ['a text that is too long', 'STRING_TOO_LONG', 'too long'],
    ['a duplicate', 'DUPLICATES_DETECTED', 'Use one of these records?'],
  ])(
    'such as %s (%s) is listed, costs no more calls, and goes with the next edit',
    async (_why, code, message) => {
      const stack = await aRefusingStack(route, code, message);
      expect((await stack.rejections()).map((one) => one.code)).toEqual([code]);
      const calls = stack.org.calls.length;
      await stack.passes(24 * 60);
      expect(stack.org.calls).toHaveLength(calls);

      const key = route === 'rest' ? stack.key : 'bob';
      stack.putItem(key, { title: 'CFO' });
      await stack.passes(10);

      expect(stack.org.alive().some(({ fields }) => fields.Title === 'CFO')).toBe(true);
      expect(await stack.rejections()).toEqual([]);
      expect(stack.parked()).toEqual([]);
    },
  );
});

test.each<Route>(['rest', 'bulk'])(
  'a refusal is told of only when its key is parked: a writer who dies in between leaves nothing that nobody takes back (%s)',
  async (route) => {
    const stack = await aSettledStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    await stack.withoutSweeps();
    stack.org.refuse = ({ Title }) =>
      Title === 'CTO' ? { code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no' } : undefined;
    const { recordRejections } = stack.journal;
    const told: string[] = [];
    stack.journal.recordRejections = async (rejections) => {
      const parked = new Set(stack.parked().map(({ key }) => key));
      told.push(...rejections.map(({ key }) => `${key} ${parked.has(key) ? 'is' : 'is not'} parked`));
      return Reflect.apply(recordRejections, stack.journal, [rejections]);
    };
    const key = route === 'rest' ? stack.key : 'bob';
    stack.putItem(key, { lastName: 'Lee', title: 'CTO' });
    if (route === 'bulk') {
      stack.stream.length = 0;
      await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });
    }
    await stack.passes(10);

    expect(told).toEqual([`${key} is parked`]);
  },
);
