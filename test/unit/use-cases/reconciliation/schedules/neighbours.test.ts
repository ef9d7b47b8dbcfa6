import { describe, expect, test } from '@jest/globals';
import { aConfig, aStack, type Stack } from './a-stack.ts';

const LONG_FIELDS = {
  lastName: 'LastName',
  email: 'Email',
  title: 'Title',
  birthday: 'Birthdate',
};
const config = (bulkThreshold = 2000) => aConfig({ contact: { fieldMap: LONG_FIELDS, bulkThreshold } });

/** Writes a value that the field's type does not allow, as an org whose admin has just changed the type has it. */
function spoil(stack: Stack, sfId: string): void {
  const record = stack.org.records.get(sfId);
  Object.assign(record ?? {}, { fields: { ...record?.fields, Birthdate: 'some day' } });
}

describe('one bad record', () => {
  test.each([
    ['a sweep’s page', 2000],
    ['a bulk page', 1],
  ])('of %s is told to a person, and its 199 neighbours come in', async (_where, bulkThreshold) => {
    const stack = aStack({ config: config(bulkThreshold), pageRows: 200 });
    const sfIds = Array.from({ length: 200 }, (_, n) => stack.org.insert({ LastName: `L${n}` }));
    spoil(stack, sfIds[100] ?? '');

    await stack.passes(5);

    expect(stack.tables.keys('contacts')).toHaveLength(199);
    expect(await stack.rejections()).toEqual([{ key: sfIds[100], code: 'UNREADABLE_VALUE' }]);
    expect(await stack.state()).toMatchObject({ status: 'active', watermark: expect.any(String) });
    expect(stack.dead).toEqual([]);
  });

  test('of a hint by Salesforce ids is told to a person, and its neighbour comes in', async () => {
    const stack = aStack({ config: config() });
    await stack.passes(5);
    await stack.withoutSweeps();
    const [bad = '', good = ''] = [
      stack.org.insert({ LastName: 'Bad' }),
      stack.org.insert({ LastName: 'Good' }),
    ];
    spoil(stack, bad);

    await stack.hints.send([stack.remoteHint(bad, good)]);
    await stack.passes(5);

    expect(stack.tables.keys('contacts')).toHaveLength(1);
    expect(await stack.rejections()).toEqual([{ key: bad, code: 'UNREADABLE_VALUE' }]);
  });

  test('of a read before a write is told to a person, and its neighbours are written', async () => {
    const stack = aStack({ config: config() });
    for (const key of ['ann', 'bob']) stack.putItem(key, { lastName: key });
    await stack.passes(10);
    await stack.withoutSweeps();
    spoil(stack, stack.link('ann')?.sfId ?? '');

    for (const key of ['ann', 'bob']) stack.putItem(key, { title: 'CTO' });
    await stack.passes(5);

    expect(stack.org.withKey('bob')?.fields.Title).toBe('CTO');
    expect(stack.org.withKey('ann')?.fields.Title).toBeNull();
    expect(await stack.rejections()).toEqual([{ key: 'ann', code: 'UNREADABLE_VALUE' }]);
    expect(stack.dead).toEqual([]);
  });

  test('of a write, whose value Salesforce cannot parse, is told to a person, and its neighbours are written', async () => {
    const stack = aStack({ config: config() });
    await stack.passes(5);
    stack.org.refuse = ({ LastName }) =>
      LastName === 'L7' ? { code: 'JSON_PARSER_ERROR', message: 'Cannot deserialize' } : undefined;

    for (let n = 0; n < 20; n += 1) stack.putItem(`k${n}`, { lastName: `L${n}` });
    await stack.passes(5);

    expect(stack.org.alive()).toHaveLength(19);
    expect(await stack.rejections()).toEqual([{ key: 'k7', code: 'JSON_PARSER_ERROR' }]);
    expect(stack.dead).toEqual([]);
  });

  test('of a bulk push is told to a person, and its neighbours are written', async () => {
    const stack = aStack({ config: config(1) });
    stack.org.refuse = ({ LastName }) =>
      LastName === 'L7' ? { code: 'INVALID_EMAIL_ADDRESS', message: 'no email' } : undefined;
    for (let n = 0; n < 20; n += 1) stack.putItem(`k${n}`, { lastName: `L${n}` });
    stack.stream.length = 0;

    await stack.passes(20);

    expect(stack.org.alive()).toHaveLength(19);
    expect(await stack.rejections()).toEqual([{ key: 'k7', code: 'INVALID_EMAIL_ADDRESS' }]);
  });

  test('of an org, whose values make a conflict of more than 400 KB, is decided, recorded by its beginnings, and holds up none', async () => {
    const stack = aStack({ config: config() });
    for (const key of ['ann', 'bob']) stack.putItem(key, { lastName: key, title: 'old' });
    await stack.passes(10);
    stack.putItem('ann', { title: 'o'.repeat(131_072), email: 'o'.repeat(131_072) });
    stack.stream.length = 0;
    stack.org.edit(stack.link('ann')?.sfId ?? '', {
      Title: 't'.repeat(131_072),
      Email: 't'.repeat(131_072),
      LastName: 't'.repeat(100_000),
    });
    stack.org.edit(stack.link('bob')?.sfId ?? '', { Title: 'new' });

    await stack.passes(10);

    expect(stack.item('bob')).toMatchObject({ title: 'new' });
    expect(String(stack.item('ann')?.title).startsWith('t')).toBe(true);
    const recorded = stack.conflicts().filter(({ field }) => field === 'title');
    expect(
      recorded.map(({ local, remote }) => [String(local), String(remote)].map((text) => text.length)),
    ).toEqual([[10_022, 10_022]]);
    expect(await stack.state()).toMatchObject({ status: 'active' });
    expect(stack.dead).toEqual([]);
  });
});
