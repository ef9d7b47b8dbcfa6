import { describe, expect, test } from '@jest/globals';
import { SyncError } from '../../../../../shared/contracts/next.ts';
import type { SObjectField } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import { aConfig, aSettledStack, type Stack } from '../schedules/a-stack.ts';

/**
 * An admin changes how the title is described, or takes it away: Salesforce refuses every query and write that names it.
 *
 * @returns puts it back
 */
function changeTitle(stack: Stack, change: (field: SObjectField) => SObjectField | undefined): () => void {
  const { describe: real } = stack.org;
  stack.org.describe = async (sObject) => {
    const found = await Reflect.apply(real, stack.org, [sObject]);
    const changed = found.fields.flatMap((field) => (field.name === 'Title' ? (change(field) ?? []) : field));
    return { ...found, fields: changed };
  };
  stack.org.before = (call) => {
    if (call === 'describe') return;
    throw new SyncError('SalesforceApiError', 'INVALID_FIELD', 'No such column', { do: 'recheck' });
  };
  return () => {
    stack.org.describe = real;
    stack.org.before = () => undefined;
  };
}

const CHANGES: readonly [string, (field: SObjectField) => SObjectField | undefined][] = [
  ['is removed', () => undefined],
  ['gets a type that cannot be synced', (field) => ({ ...field, type: 'unsupported' })],
  ['may not be written any more', (field) => ({ ...field, updateable: false })],
];

describe('a mapped field that an admin changes', () => {
  test.each(CHANGES)(
    'so that it %s: the mapping names it within two intervals, and no item loses a value',
    async (_what, change) => {
      const stack = await aSettledStack();
      const before = stack.item(stack.key);
      changeTitle(stack, change);

      await stack.passes(11);
      expect(await stack.state()).toMatchObject({
        status: 'invalid',
        problems: [expect.stringContaining('mappings.contact.fieldMap.title')],
      });
      stack.org.calls.length = 0;
      await stack.passes(24 * 60);

      expect(stack.item(stack.key)).toEqual(before);
      expect(stack.dead).toEqual([]);
      expect(stack.org.calls.filter((call) => call !== 'describe')).toEqual([]);
    },
  );

  test.each(CHANGES)(
    'so that it %s, and puts back: the edits of both sides arrive without anybody’s doing',
    async (_what, change) => {
      const stack = await aSettledStack();
      const other = stack.org.insert({ LastName: 'Ray' });
      await stack.passes(10);
      const putBack = changeTitle(stack, change);
      stack.putItem(stack.key, { title: 'CTO' });
      stack.org.edit(other, { Email: 'theirs@example.com' });
      await stack.hints.send([stack.remoteHint(other)]);
      await stack.passes(3 * 24 * 60);

      putBack();
      await stack.passes(60);

      expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
      const emails = stack.tables.keys('contacts').map((key) => stack.item(key)?.email);
      expect(emails.sort()).toEqual(['ann@example.com', 'theirs@example.com']);
      expect(await stack.state()).toMatchObject({ status: 'active' });
      expect(await stack.state()).not.toHaveProperty('trouble');
      expect(stack.conflicts()).toEqual([]);
      expect(stack.parked()).toEqual([]);
    },
  );

  test('so that it is removed, and that leaves the mapping: everything else goes on, and the items keep it', async () => {
    const stack = await aSettledStack();
    changeTitle(stack, () => undefined);
    stack.putItem(stack.key, { email: 'ours@example.com' });
    await stack.passes(24 * 60);

    stack.org.before = () => undefined;
    stack.deploy(
      aConfig({ contact: { fieldMap: { firstName: 'FirstName', lastName: 'LastName', email: 'Email' } } }),
    );
    await stack.passes(75);

    expect(stack.org.records.get(stack.sfId)?.fields.Email).toBe('ours@example.com');
    expect(stack.item(stack.key)).toMatchObject({ title: 'CEO', email: 'ours@example.com' });
    expect(await stack.state()).toMatchObject({ status: 'active' });
  });
});

describe('a field that is new in Salesforce', () => {
  test('is filled within minutes, though the mapping was deployed and checked before it was there', async () => {
    const stack = await aSettledStack();
    stack.org.edit(stack.sfId, { Department: 'Sales' });
    const { describe: real } = stack.org;
    stack.org.describe = async (sObject) => {
      const found = await Reflect.apply(real, stack.org, [sObject]);
      return { ...found, fields: found.fields.filter(({ name }) => name !== 'Department') };
    };
    stack.deploy(
      aConfig({ contact: { fieldMap: { lastName: 'LastName', title: 'Title', department: 'Department' } } }),
    );
    await stack.passes(60);
    expect(await stack.state()).toMatchObject({
      status: 'invalid',
      problems: [expect.stringContaining('mappings.contact.fieldMap.department')],
    });

    stack.org.describe = real;
    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ department: 'Sales', title: 'CEO' });
  });
});
