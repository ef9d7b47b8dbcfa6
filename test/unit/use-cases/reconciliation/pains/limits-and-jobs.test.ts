import { describe, expect, test } from '@jest/globals';
import { SyncError } from '../../../../../shared/contracts/next.ts';
import { aConfig, aSettledStack, aStack } from '../schedules/a-stack.ts';

const bulkConfig = () => aConfig({ contact: { bulkThreshold: 1 } });

describe('an allowance that is used up', () => {
  test('stops the calls until it is there again, and edits of both sides arrive then', async () => {
    const stack = await aSettledStack();
    const other = stack.org.insert({ LastName: 'Ray' });
    await stack.passes(10);
    stack.org.before = (call) => stack.org.failNext(call, 'used-up');
    stack.org.calls.length = 0;

    stack.putItem(stack.key, { title: 'CTO' });
    stack.org.edit(other, { Title: 'CFO' });
    await stack.hints.send([stack.remoteHint(other)]);
    await stack.passes(12 * 60);
    const calls = stack.org.calls.length;
    stack.org.before = () => undefined;
    await stack.passes(2 * 60);

    expect(calls).toBeLessThan(12 * 12);
    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
    expect(stack.tables.keys('contacts').map((key) => stack.item(key)?.title)).toContain('CFO');
    expect(stack.dead).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });
});

describe('a day of edits on both sides', () => {
  test('costs one or two descriptions of the object, and no bulk job', async () => {
    const stack = await aSettledStack({ config: bulkConfig() });
    stack.org.calls.length = 0;
    const jobs = stack.org.jobs.size;

    for (let hour = 0; hour < 24; hour += 1) {
      stack.putItem(stack.key, { title: `hour ${hour}` });
      stack.org.edit(stack.sfId, { Email: `hour${hour}@example.com` });
      await stack.passes(60);
    }

    expect(stack.item(stack.key)).toMatchObject({ title: 'hour 23', email: 'hour23@example.com' });
    expect(stack.org.calls.filter((call) => call === 'describe').length).toBeLessThanOrEqual(2);
    expect(stack.org.jobs.size).toBe(jobs);
  });
});

describe('a bulk load', () => {
  test('that fails every time begins at most fifty jobs a day, tells a person, and loads once it can', async () => {
    const stack = aStack({ config: bulkConfig() });
    for (let n = 0; n < 20; n += 1) stack.org.insert({ LastName: `L${n}` });
    stack.org.runs.failure = 'InternalServerError';

    await stack.passes(24 * 60);
    const jobs = stack.org.jobs.size;
    const told = await stack.rejections();
    stack.org.runs.failure = undefined;
    await stack.passes(60);

    expect(jobs).toBeLessThanOrEqual(50);
    expect(told).toEqual([{ key: 'bulk-job:query', code: 'BULK_JOB_FAILED' }]);
    expect(stack.tables.keys('contacts')).toHaveLength(20);
    expect(await stack.rejections()).toEqual([]);
  });

  test('whose job never ends is ended after a day, leaves no job behind, and is begun anew', async () => {
    const stack = aStack({ config: bulkConfig() });
    for (let n = 0; n < 20; n += 1) stack.org.insert({ LastName: `L${n}` });
    stack.org.runs.pollsToEnd = Number.POSITIVE_INFINITY;
    stack.beside.step = (step) => {
      if (step === 'poll') stack.clock.advance(3_600_000);
    };

    await stack.passes(5);
    expect([...stack.org.jobs.values()].map(({ info }) => info.state)).toEqual(['Aborted']);
    stack.org.runs.pollsToEnd = 1;
    await stack.passes(60);

    expect(stack.org.bulk.open('query')).toEqual([]);
    expect(stack.tables.keys('contacts')).toHaveLength(20);
  });

  test('meets an expired session in the middle, and goes on with a new one', async () => {
    const stack = aStack({ config: bulkConfig() });
    for (let n = 0; n < 20; n += 1) stack.org.insert({ LastName: `L${n}` });
    let isStale = true;
    stack.org.before = (call) => {
      if (call !== 'queryResults' || !isStale) return;
      isStale = false;
      throw new SyncError('SalesforceApiError', 'INVALID_SESSION_ID', 'Session expired', { do: 'refresh' });
    };

    await stack.passes(5);

    expect(stack.tables.keys('contacts')).toHaveLength(20);
    expect(stack.org.jobs.size).toBe(1);
  });
});

describe('an object that Bulk API does not know', () => {
  const notKnown = async () => {
    throw new SyncError('SalesforceApiError', 'INVALIDENTITY', 'Bulk API does not know it', { do: 'stop' });
  };

  test('is loaded row by row within the hour, and tried as a bulk job once', async () => {
    const stack = aStack({ config: bulkConfig() });
    for (let n = 0; n < 120; n += 1) stack.org.insert({ LastName: `L${n}` });
    let tries = 0;
    stack.org.bulk.submitQuery = async () => {
      tries += 1;
      return notKnown();
    };

    await stack.passes(60);

    expect(stack.tables.keys('contacts')).toHaveLength(120);
    expect(tries).toBe(1);
    expect(await stack.state()).toMatchObject({ status: 'active', watermark: expect.any(String) });
    expect(await stack.state()).not.toHaveProperty('trouble');
  });

  test('says so to an operator while it is not loaded yet', async () => {
    const stack = aStack({ config: bulkConfig() });
    for (let n = 0; n < 20; n += 1) stack.org.insert({ LastName: `L${n}` });
    stack.org.bulk.submitQuery = notKnown;

    await stack.passes(5);

    expect((await stack.state()).trouble).toMatchObject({ code: 'BULK_REFUSED' });
  });

  test('has what exists only locally pushed row by row', async () => {
    const stack = aStack({ config: bulkConfig() });
    await stack.passes(5);
    for (let n = 0; n < 20; n += 1) stack.putItem(`k${n}`, { lastName: `L${n}` });
    stack.stream.length = 0;
    stack.org.bulk.submitIngest = notKnown;
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });

    await stack.passes(30);

    expect(stack.org.alive()).toHaveLength(20);
    expect(stack.parked()).toEqual([]);
  });
});

describe('a bulk push', () => {
  test('of which a third meets a locked row brings all of them in, without anybody’s edit', async () => {
    const stack = aStack({ config: bulkConfig() });
    await stack.passes(5);
    for (let n = 0; n < 60; n += 1) stack.putItem(`k${n}`, { lastName: `L${n}` });
    stack.stream.length = 0;
    const met = new Set<unknown>();
    stack.org.refuse = ({ LastName }) => {
      if (Number(String(LastName).slice(1)) % 3 > 0 || met.has(LastName)) return undefined;
      met.add(LastName);
      return { code: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access' };
    };
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });

    await stack.passes(30);

    expect(met.size).toBe(20);
    expect(stack.org.alive()).toHaveLength(60);
    expect(
      stack.tables.keys('contacts').filter((key) => stack.item(key)?.salesforceId === undefined),
    ).toEqual([]);
    expect(await stack.rejections()).toEqual([]);
    expect(stack.parked()).toEqual([]);
  });

  test('tells of each refused row by its own item, and links each other one to its own record', async () => {
    const stack = aStack({ config: bulkConfig() });
    await stack.passes(5);
    for (let n = 0; n < 30; n += 1) stack.putItem(`k${n}`, { lastName: `L${n}`, title: `T${n}` });
    stack.stream.length = 0;
    stack.org.refuse = ({ LastName, Title }) =>
      Number(String(LastName).slice(1)) % 7 === 3
        ? { code: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: `not ${Title}` }
        : undefined;
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });

    await stack.passes(10);

    const told = await stack.journal.rejections('c1.contact', 100);
    const refused = [3, 10, 17, 24].map((n) => ({
      key: `k${n}`,
      message: expect.stringContaining(`not T${n}`),
    }));
    expect(told).toHaveLength(refused.length);
    expect(told).toEqual(expect.arrayContaining(refused.map((one) => expect.objectContaining(one))));
    const linked = [...Array(30).keys()].filter((n) => n % 7 !== 3);
    for (const n of linked) {
      const sfId = String(stack.item(`k${n}`)?.salesforceId);
      expect(stack.org.records.get(sfId)?.fields).toMatchObject({ External_Id__c: `k${n}`, Title: `T${n}` });
    }
  });
});
