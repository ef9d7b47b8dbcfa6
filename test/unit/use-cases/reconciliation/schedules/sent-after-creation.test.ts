import { describe, expect, test } from '@jest/globals';
import type { SyncConfigInput } from '../../../../../shared/contracts/sync-config.ts';
import { aConfig, afterNext, aStack } from './a-stack.ts';

type Template = SyncConfigInput['mappings'][string];

const configWith = (change: Partial<Template>, direction: 'both' | 'to-salesforce' = 'both') =>
  aConfig({
    contact: {
      fieldMap: {
        lastName: 'LastName',
        status: { field: 'Title', updateOnly: true, direction },
        isVip: { field: 'Opted_In__c', updateOnly: true, direction },
      },
      ...change,
    },
  });

/** A stack whose org gives a new record a status where it has none, and a new item in it. */
async function aStackWithDefault(
  change: Partial<Template>,
  item: object,
  direction?: 'both' | 'to-salesforce',
) {
  const stack = aStack({ config: configWith(change, direction) });
  stack.org.trigger = (fields) => {
    fields.Title ??= 'Draft';
  };
  await stack.passes(6);
  await stack.withoutSweeps();
  stack.putItem('ann', { lastName: 'Lee', ...item });
  return stack;
}

type Stack = Awaited<ReturnType<typeof aStackWithDefault>>;

const byPush = async (stack: Stack): Promise<void> => {
  stack.stream.length = 0;
  await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });
  await stack.runJobs();
  await stack.passes(2);
  // What the org put into a record of which its item says nothing comes in with the next sweep.
  await stack.mappingStates.makeDue('c1.contact', stack.clock.now());
  await stack.passes(4);
};

const ROUTES: readonly (readonly [string, Partial<Template>, (stack: Stack) => Promise<void>])[] = [
  ['a call', {}, (stack) => stack.passes(2)],
  ['a call, by an item without a place for the id', { localIdField: undefined }, (stack) => stack.passes(2)],
  [
    'a call whose answer is lost',
    {},
    async (stack) => {
      afterNext(stack.org, 'upsert', () => {
        throw new Error('the worker dies');
      });
      await stack.passes(30);
    },
  ],
  ['a bulk push', { bulkThreshold: 1 }, byPush],
];

const POLICIES = ['last-write-wins', 'salesforce-wins', 'local-wins', 'manual'] as const;

describe.each(ROUTES)('a record that is made by %s', (_, change, make) => {
  test.each(POLICIES)(
    'gets what follows its creation, whatever the org put there (%s)',
    async (conflictPolicy) => {
      const options = { ...change, conflictPolicy };
      const stack = await aStackWithDefault(options, { status: 'Activated', isVip: true });

      await make(stack);

      expect(stack.org.alive().map(({ fields }) => fields)).toMatchObject([
        { LastName: 'Lee', Title: 'Activated', Opted_In__c: true },
      ]);
      expect(stack.item('ann')).toMatchObject({ status: 'Activated', isVip: true });
      expect(stack.link('ann')?.base).toMatchObject({ status: 'Activated', isVip: true });
      expect(stack.conflicts()).toEqual([]);
    },
  );

  test('gets it where the field only goes out', async () => {
    const stack = await aStackWithDefault(change, { status: 'Activated', isVip: true }, 'to-salesforce');

    await make(stack);

    expect(stack.org.withKey('ann')?.fields).toMatchObject({ Title: 'Activated', Opted_In__c: true });
    expect(stack.conflicts()).toEqual([]);
  });

  test('keeps what the org put there where its item has nothing, which comes in', async () => {
    const stack = await aStackWithDefault(change, {});

    await make(stack);

    expect(stack.org.withKey('ann')?.fields).toMatchObject({ Title: 'Draft', Opted_In__c: false });
    expect(stack.item('ann')).toMatchObject({ status: 'Draft' });
    expect(stack.conflicts()).toEqual([]);
  });

  test('keeps it where the field only goes out and its item has nothing', async () => {
    const stack = await aStackWithDefault(change, {}, 'to-salesforce');

    await make(stack);

    expect(stack.org.withKey('ann')?.fields).toMatchObject({ Title: 'Draft' });
    expect(stack.item('ann')).not.toHaveProperty('status');
  });
});

describe('a record that a bulk push made', () => {
  test('keeps what somebody edits before anybody looks at it, by the policy', async () => {
    const change = { bulkThreshold: 1, conflictPolicy: 'salesforce-wins' } as const;
    const stack = await aStackWithDefault(change, { status: 'Activated' });
    stack.stream.length = 0;
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });
    await stack.runJobs();
    stack.clock.advance(5_000);
    stack.org.edit(stack.org.withKey('ann')?.Id ?? '', { Title: 'Cancelled' });

    await stack.passes(2);

    expect(stack.item('ann')).toMatchObject({ status: 'Cancelled' });
    expect(stack.conflicts()).toMatchObject([{ field: 'status', winner: 'salesforce' }]);
  });

  test('goes with its item, though the org put a default into it', async () => {
    const change = {
      bulkThreshold: 1,
      conflictPolicy: 'salesforce-wins',
      deletePolicy: { toSalesforce: 'propagate' },
    } as const;
    const stack = await aStackWithDefault(change, {});
    stack.stream.length = 0;
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });
    await stack.runJobs();
    stack.hints.take(10);
    stack.deleteItem('ann');

    await stack.passes(2);

    expect(stack.org.alive()).toEqual([]);
  });
});

test('a record that came to exist while it was pushed is met by the policy', async () => {
  const change = { bulkThreshold: 1, conflictPolicy: 'salesforce-wins' } as const;
  const stack = await aStackWithDefault(change, { status: 'Activated' });
  stack.stream.length = 0;
  stack.beside.step = (step) => {
    if (step === 'upload-push')
      stack.org.insert({ LastName: 'Lee', External_Id__c: 'ann', Title: 'Cancelled' });
  };
  await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });
  await stack.runJobs();

  await stack.passes(2);

  expect(stack.item('ann')).toMatchObject({ status: 'Cancelled' });
});
