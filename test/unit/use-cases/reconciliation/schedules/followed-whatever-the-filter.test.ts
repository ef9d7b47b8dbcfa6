import { describe, expect, test } from '@jest/globals';
import { aConfig, aSettledStack } from './a-stack.ts';

const CEOS = aConfig({ contact: { filter: "Title = 'CEO'" } });

describe('a linked record that leaves the filter', () => {
  test('by the same save that changes another field brings that edit, and later ones', async () => {
    const stack = await aSettledStack({ config: CEOS });

    stack.org.edit(stack.sfId, { Title: 'CTO', Email: 'first@example.com' });
    await stack.passes(10);
    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', email: 'first@example.com' });
    stack.org.edit(stack.sfId, { Email: 'second@example.com' });
    await stack.passes(10);

    expect(stack.item(stack.key)).toMatchObject({ email: 'second@example.com' });
  });

  test('long before a pass over everything is not forgotten over that pass', async () => {
    const stack = await aSettledStack({ config: CEOS });
    await stack.passes(30);
    stack.org.edit(stack.sfId, { Title: 'CTO', Email: 'first@example.com' });
    // No function runs for a while.
    stack.clock.advance(3_600_000);

    stack.deploy(aConfig({ contact: { filter: "Title = 'CFO'" } }));
    await stack.passes(20);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO', email: 'first@example.com' });
  });

  test('is known for deleted all the same', async () => {
    const stack = await aSettledStack({ config: CEOS });
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    await stack.passes(30);

    stack.org.remove(stack.sfId);
    await stack.passes(10);

    expect(stack.link(stack.key)).toMatchObject({ state: 'remote-deleted' });
  });
});

describe('a record that nothing is linked to', () => {
  test('stays outside as long as it does not meet the filter, and comes in when it does', async () => {
    const stack = await aSettledStack({ config: CEOS });
    const sfId = stack.org.insert({ LastName: 'Ray', Title: 'CTO' });
    await stack.passes(10);
    expect(stack.tables.keys('contacts')).toHaveLength(1);

    stack.org.edit(sfId, { Title: 'CEO' });
    await stack.passes(10);

    expect(stack.tables.keys('contacts')).toHaveLength(2);
  });
});
