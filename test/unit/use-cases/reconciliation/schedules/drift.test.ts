import { describe, expect, test } from '@jest/globals';
import { aConfig, aSettledStack, type Stack } from './a-stack.ts';

const LEAVE_OUT = aConfig({ contact: { onDrift: 'leave-out' } });
const WEEKS = 3 * 24 * 60;

/** The events about mappings, in short. */
const told = ({ events }: Stack) =>
  events.published.flatMap((event) =>
    event.type === 'Mapping Drifted' || event.type === 'Mapping Mended' ? [event] : [],
  );

describe('a field that is hidden, of a mapping that leaves out', () => {
  test('leaves the others in step on both sides, and nothing is listed', async () => {
    const stack = await aSettledStack({ config: LEAVE_OUT });
    stack.org.hideField('Title', true);
    stack.putItem(stack.key, { email: 'ours@example.com', title: 'CTO' });
    stack.org.edit(stack.sfId, { FirstName: 'Anna' });
    await stack.passes(20);

    expect(await stack.state()).toMatchObject({ status: 'active', schema: { leftOut: ['title'] } });
    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({
      Email: 'ours@example.com',
      Title: 'CEO',
    });
    expect(stack.item(stack.key)).toMatchObject({ firstName: 'Anna', title: 'CTO' });
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    expect(stack.dead).toEqual([]);
  });

  test('has new records and new items made without it', async () => {
    const stack = await aSettledStack({ config: LEAVE_OUT });
    stack.org.hideField('Title', true);
    stack.putItem('p1', { lastName: 'Ray', title: 'CFO' });
    const sfId = stack.org.insert({ LastName: 'Poe', Title: 'COO' });
    await stack.passes(30);

    expect(stack.org.withKey('p1')?.fields).toMatchObject({ LastName: 'Ray', Title: null });
    expect(stack.item(`sf-c1-${sfId}`)).toMatchObject({ lastName: 'Poe' });
    expect(stack.item(`sf-c1-${sfId}`)).not.toHaveProperty('title');
  });

  test('is compared as at a first meeting when it is back: what either side has arrives, nothing counts as cleared', async () => {
    const stack = await aSettledStack({ config: LEAVE_OUT });
    const filled = stack.org.insert({ LastName: 'Poe' });
    await stack.passes(10);
    stack.org.hideField('Title', true);
    stack.putItem('p1', { lastName: 'Ray', title: 'CFO' });
    await stack.passes(30);
    stack.org.edit(filled, { Title: 'COO' });
    stack.putItem(stack.key, { title: null });
    await stack.passes(30);

    stack.org.hideField('Title', false);
    await stack.mappingStates.expireCheck('c1.contact');
    await stack.passes(60);

    expect(await stack.state()).toMatchObject({ status: 'active', schema: { leftOut: [] } });
    expect(stack.org.withKey('p1')?.fields.Title).toBe('CFO');
    expect(stack.item(`sf-c1-${filled}`)).toMatchObject({ title: 'COO' });
    // Nobody knows whether an empty side was cleared.
    expect(stack.item(stack.key)).toMatchObject({ title: 'CEO' });
    expect(stack.parked()).toEqual([]);
  });

  test('is told of once when it is gone, and once when it is back, by names alone', async () => {
    const stack = await aSettledStack({ config: LEAVE_OUT });
    stack.org.hideField('Title', true);
    stack.org.edit(stack.sfId, { FirstName: 'Anna', Title: 'secret words' });
    await stack.passes(WEEKS);
    const about = {
      mappingId: 'c1.contact',
      connectionId: 'c1',
      orgId: 'acme',
      cause: 'org',
      isStopped: false,
    };
    const where = 'mappings.contact.fieldMap.title';
    const drifted = {
      type: 'Mapping Drifted',
      detail: { ...about, leftOut: ['title'], findings: [{ where, code: 'FIELD_NOT_SEEN' }] },
    };
    expect(told(stack)).toEqual([drifted]);

    stack.org.hideField('Title', false);
    await stack.passes(WEEKS);

    const mended = { type: 'Mapping Mended', detail: { ...about, leftOut: [], mended: [where] } };
    expect(told(stack)).toEqual([drifted, mended]);
    expect(JSON.stringify(stack.events.published)).not.toContain('secret words');
  });

  test('stops the mapping where it is the key', async () => {
    const stack = await aSettledStack({ config: LEAVE_OUT });
    stack.org.hideField('External_Id__c', true);
    await stack.passes(10);

    expect(await stack.state()).toMatchObject({ status: 'invalid', schema: { leftOut: [] } });
    expect(told(stack)).toMatchObject([{ detail: { isStopped: true } }]);
  });

  test('stops the mapping once the config wants that', async () => {
    const stack = await aSettledStack({ config: LEAVE_OUT });
    stack.org.hideField('Title', true);
    await stack.passes(10);
    stack.deploy(aConfig());
    await stack.passes(20);

    expect(await stack.state()).toMatchObject({ status: 'invalid', schema: { leftOut: [] } });
  });
});

describe('a field that is hidden, of a mapping that stops', () => {
  test('is told of, and told of again when it is back', async () => {
    const stack = await aSettledStack();
    stack.org.hideField('Title', true);
    await stack.passes(20);
    stack.org.hideField('Title', false);
    await stack.passes(90);

    expect(told(stack).map(({ type, detail }) => [type, detail.isStopped])).toEqual([
      ['Mapping Drifted', true],
      ['Mapping Mended', false],
    ]);
  });

  test('and put back is swept with the first look that finds it, not when the trouble would have been over', async () => {
    const stack = await aSettledStack();
    stack.org.hideField('Title', true);
    await stack.passes(WEEKS);
    const waits = await stack.state();
    expect(Date.parse(waits.nextRunAt) - stack.clock.nowMs()).toBeGreaterThan(10 * 60_000);
    stack.org.hideField('Title', false);
    stack.org.edit(stack.sfId, { Title: 'CTO' });

    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.passes(2);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
    expect(await stack.state()).not.toHaveProperty('trouble');
  });

  test('and taken out of the config is swept within two minutes of the deployment', async () => {
    const stack = await aSettledStack();
    stack.org.hideField('Title', true);
    await stack.passes(WEEKS);
    stack.org.edit(stack.sfId, { FirstName: 'Anna' });

    stack.deploy(aConfig({ contact: { fieldMap: { firstName: 'FirstName', lastName: 'LastName' } } }));
    await stack.passes(2);

    expect(stack.item(stack.key)).toMatchObject({ firstName: 'Anna' });
    expect(await stack.state()).not.toHaveProperty('trouble');
  });
});

describe('what shows that the org has changed', () => {
  test.each(['INVALID_FIELD', 'INVALID_FIELD_FOR_INSERT_UPDATE'])(
    'is a record that is refused with %s: the mapping is checked with the next look',
    async (code) => {
      const stack = await aSettledStack();
      await stack.withoutSweeps();
      stack.org.refuse = () => ({ code, message: 'no', fields: ['Title'] });
      stack.putItem(stack.key, { title: 'CTO' });
      await stack.deliverStream();
      await stack.work();

      expect(await stack.state()).not.toHaveProperty('checkedAt');
    },
  );
});

test('an object that is not there any more stops the mapping, and says so', async () => {
  const stack = await aSettledStack();
  const { describe: real } = stack.org;
  stack.org.describe = () => Reflect.apply(real, stack.org, ['Gone__c']);
  await stack.mappingStates.expireCheck('c1.contact');
  await stack.passes(10);

  expect(await stack.state()).toMatchObject({
    status: 'invalid',
    problems: [expect.stringContaining('The org has no object Contact')],
  });

  stack.org.describe = real;
  await stack.passes(90);
  expect(await stack.state()).toMatchObject({ status: 'active' });
});
