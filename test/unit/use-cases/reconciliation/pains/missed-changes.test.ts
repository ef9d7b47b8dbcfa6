import { describe, expect, test } from '@jest/globals';
import { to18 } from '../../../../../shared/contracts/salesforce-id.ts';
import { aConfig, afterNext, aSettledStack, aStack, beforeNext, type Stack } from '../schedules/a-stack.ts';

/** Stamps a record as Salesforce does whose transaction began at that time and ends now. */
function stamp(stack: Stack, sfId: string, at: string): void {
  Object.assign(stack.org.records.get(sfId) ?? {}, { SystemModstamp: at, LastModifiedDate: at });
}

const minutesAgo = (stack: Stack, minutes: number): string =>
  new Date(Math.floor(stack.clock.nowMs() / 1000) * 1000 - minutes * 60_000).toISOString();

describe('an edit in Salesforce of which no message comes', () => {
  test('arrives by the next sweep, each of a week', async () => {
    const stack = await aSettledStack();
    const missed: number[] = [];

    for (let day = 0; day < 7; day += 1) {
      stack.org.edit(stack.sfId, { Title: `day ${day}` });
      await stack.passes(6);
      if (stack.item(stack.key)?.title !== `day ${day}`) missed.push(day);
      await stack.passes(24 * 60 - 6);
    }

    expect(missed).toEqual([]);
    expect(await stack.state()).not.toHaveProperty('trouble');
  });

  test('arrives though it becomes visible after a sweep, with a stamp that the watermark has passed', async () => {
    const stack = await aSettledStack();
    const begunAt = minutesAgo(stack, 0);
    await stack.passes(8);
    expect((await stack.state()).watermark ?? '').toMatch(/./);
    expect(Date.parse((await stack.state()).watermark ?? '')).toBeGreaterThan(Date.parse(begunAt));

    stack.org.edit(stack.sfId, { Title: 'CTO' });
    stamp(stack, stack.sfId, begunAt);
    await stack.passes(6);

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
  });

  test('of a field that is not mapped brings what a formula makes of it', async () => {
    const fieldMap = {
      lastName: 'LastName',
      score: { field: 'Score__c', direction: 'from-salesforce' as const },
    };
    const stack = await aSettledStack({ config: aConfig({ contact: { fieldMap } }) });
    stack.org.trigger = (fields) => {
      fields.Score__c = String(fields.Department ?? '').length;
    };

    stack.org.edit(stack.sfId, { Department: 'Sales' });
    await stack.passes(6);
    expect(stack.item(stack.key)).toMatchObject({ score: 5 });

    stack.putItem(stack.key, { lastName: 'Ray' });
    await stack.passes(6);
    expect(stack.item(stack.key)).toMatchObject({ lastName: 'Ray', score: 5 });
    expect(stack.conflicts()).toEqual([]);
  });

  test('arrives though it is made while a pass is under way, and that pass has dealt with its record', async () => {
    const stack = aStack({ pageRows: 10 });
    const sfIds = Array.from({ length: 30 }, (_, n) => stack.org.insert({ LastName: `L${n}` }));
    stack.clock.advance(3_600_000);
    afterNext(stack.org, 'nextPage', () => {
      stack.clock.advance(300_000);
      stack.org.edit(sfIds[0] ?? '', { Title: 'CTO' });
      stack.clock.advance(3_600_000);
    });

    await stack.passes(5);
    await stack.passes(10);

    const titles = stack.tables.keys('contacts').map((key) => stack.item(key)?.title);
    expect(titles.filter((title) => title === 'CTO')).toHaveLength(1);
    expect(titles).toHaveLength(30);
  });

  test('arrives though it is made while a bulk load is under way, after its rows were read', async () => {
    const stack = aStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    const sfId = stack.org.insert({ LastName: 'Lee' });
    stack.clock.advance(3_600_000);
    stack.beside.step = (step) => {
      if (step !== 'reconcile-page') return;
      stack.clock.advance(600_000);
      stack.org.edit(sfId, { Title: 'CTO' });
      stack.clock.advance(3_600_000);
    };

    await stack.passes(5);
    await stack.passes(10);

    expect(stack.tables.keys('contacts').map((key) => stack.item(key)?.title)).toEqual(['CTO']);
  });
});

describe('a local edit', () => {
  test('that is made while a pass is under way reaches Salesforce, whichever came first', async () => {
    const stack = await aSettledStack();
    stack.org.edit(stack.sfId, { Email: 'new@example.com' });
    afterNext(stack.org, 'select', () => {
      stack.putItem(stack.key, { title: 'CTO' });
    });

    await stack.passes(10);

    expect(stack.org.records.get(stack.sfId)?.fields).toMatchObject({
      Email: 'new@example.com',
      Title: 'CTO',
    });
    expect(stack.item(stack.key)).toMatchObject({ email: 'new@example.com', title: 'CTO' });
    expect(stack.conflicts()).toEqual([]);
  });

  test('that is made while its own predecessor is being written reaches Salesforce too', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    beforeNext(stack.org, 'update', () => stack.putItem(stack.key, { title: 'CFO' }));
    stack.putItem(stack.key, { title: 'CTO' });

    await stack.passes(5);

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CFO');
    expect(stack.item(stack.key)).toMatchObject({ title: 'CFO' });
  });
});

describe('many edits of one record', () => {
  test('arrive one after the other by their messages, none taken for a repetition of another', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();
    const seen: unknown[] = [];

    for (const title of ['one', 'two', 'three', 'two', 'one']) {
      stack.org.edit(stack.sfId, { Title: title });
      await stack.hints.send([stack.remoteHint(to18(stack.sfId))]);
      await stack.passes(1);
      seen.push(stack.item(stack.key)?.title);
    }

    expect(seen).toEqual(['one', 'two', 'three', 'two', 'one']);
  });

  test('arrive though all of them fall into one second', async () => {
    const stack = await aSettledStack();
    await stack.withoutSweeps();

    for (const title of ['one', 'two', 'three']) {
      stack.org.edit(stack.sfId, { Title: title });
      await stack.hints.send([stack.remoteHint(stack.sfId)]);
      await stack.work();
    }

    expect(stack.item(stack.key)).toMatchObject({ title: 'three' });
  });
});

describe('the first pass', () => {
  test.each([
    ['a sweep', 2000],
    ['a bulk load', 1],
  ])('brings in by %s what nobody has touched for twenty years', async (_way, bulkThreshold) => {
    const stack = aStack({ config: aConfig({ contact: { bulkThreshold } }) });
    stamp(stack, stack.org.insert({ LastName: 'Lee' }), '2006-01-01T00:00:00.000Z');

    await stack.passes(5);

    expect(stack.tables.keys('contacts')).toHaveLength(1);
  });

  test('brings in every one of 45 records of one second, though it is interrupted between them', async () => {
    const stack = aStack({ pageRows: 10 });
    for (let n = 0; n < 45; n += 1) stack.org.insert({ LastName: `L${n}` });
    for (let n = 0; n < 3; n += 1) stack.org.failNext('nextPage', 'used-up', 1);

    await stack.passes(4 * 60);

    expect(stack.tables.keys('contacts')).toHaveLength(45);
    expect(await stack.state()).toMatchObject({ status: 'active', watermark: expect.any(String) });
  });
});

describe('a query that brings nothing', () => {
  test.each(['timed-out', 'rows-missing', 'too-large'] as const)(
    'because it is %s counts for no pass: the mapping says what is wrong, and nothing is skipped',
    async (fault) => {
      const stack = aStack();
      stack.org.insert({ LastName: 'Lee' });
      stack.org.before = (call) => {
        if (call === 'select') stack.org.failNext('select', fault);
      };

      await stack.passes(60);
      const before = await stack.state();
      stack.org.before = () => undefined;
      await stack.passes(2 * 60);

      expect(before).not.toHaveProperty('watermark');
      expect(before.trouble).toMatchObject({ count: expect.any(Number) });
      expect(stack.tables.keys('contacts')).toHaveLength(1);
      expect(await stack.state()).not.toHaveProperty('trouble');
    },
  );

  test('of a bulk job that went over records counts for no load: it is begun again, and all come in', async () => {
    const stack = aStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    for (let n = 0; n < 20; n += 1) stack.org.insert({ LastName: `L${n}` });
    const { queryResults } = stack.org.bulk;
    let isEmpty = true;
    stack.org.bulk.queryResults = async (...args) => {
      const page = await Reflect.apply(queryResults, stack.org.bulk, args);
      if (!isEmpty) return page;
      return { csv: stack.csv.write(['Id'], []), records: 0 };
    };

    await stack.passes(5);
    expect(await stack.state()).not.toHaveProperty('watermark');
    isEmpty = false;
    await stack.passes(2 * 60);

    expect(stack.tables.keys('contacts')).toHaveLength(20);
    expect(await stack.state()).toMatchObject({ status: 'active', watermark: expect.any(String) });
  });
});

describe('a record that is deleted in Salesforce', () => {
  test('leaves its item as it was, known for deleted by the next sweep, whichever record goes', async () => {
    const stack = await aSettledStack();
    const other = stack.org.insert({ LastName: 'Ray' });
    await stack.passes(10);
    const before = stack.item(stack.key);

    stack.org.remove(stack.sfId);
    await stack.passes(6);

    expect(stack.item(stack.key)).toEqual(before);
    expect(stack.link(stack.key)).toMatchObject({ state: 'remote-deleted', sfId: stack.sfId });
    const others = stack.tables.keys('contacts').filter((key) => key !== stack.key);
    expect(others.map((key) => stack.link(key))).toMatchObject([{ state: 'linked', sfId: other }]);
  });
});
