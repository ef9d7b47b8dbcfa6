import { describe, expect, test } from '@jest/globals';
import { Throttled } from '../../../../../shared/aws/errors.ts';
import { type Next, SyncError } from '../../../../../shared/contracts/next.ts';
import { aConfig, aSettledStack, aStack } from './a-stack.ts';

const PAGES = 30;
const FIELDS = ['FirstName', 'LastName', 'Email', 'Title', 'External_Id__c'];
const failure = (code: string, next: Next) => new SyncError('SalesforceApiError', code, code, next);

/** A first pass of thirty pages; every fifth page of a query meets this, and what was read before it was dealt with. */
function aLongPass(next: Next) {
  const stack = aStack({ pageRows: 10 });
  for (let n = 0; n < PAGES * 10; n += 1) {
    stack.org.insert({ LastName: `L${n}` });
    if (n % 7 === 0) stack.clock.advance(1000);
  }
  stack.clock.advance(3_600_000);
  const { nextPage } = stack.org;
  let pages = 0;
  stack.org.nextPage = async (url) => {
    pages += 1;
    if (pages % 5 === 0) throw failure('TROUBLE', next);
    return Reflect.apply(nextPage, stack.org, [url]);
  };
  return stack;
}

describe('a pass of thirty pages', () => {
  const in15Minutes = (): Next => ({ do: 'wait', until: '2026-01-01T01:20:00.000Z' });
  test.each<[string, Next]>([
    ['a wait', in15Minutes()],
    ['an outage', { do: 'retry', afterMs: 1_000 }],
    ['a stale token', { do: 'refresh' }],
    ['an answer that was lost', { do: 'reread' }],
    ['a cursor that has expired', { do: 'restart' }],
    ['a schema that has changed', { do: 'recheck' }],
    ['a connection that needs a person', { do: 'reauthorize' }],
    ['an error that nobody can mend', { do: 'stop' }],
  ])('that meets %s at each fifth page goes on where it was, to its end', async (_what, next) => {
    const stack = aLongPass(next);

    await stack.passes(24 * 60);

    expect(stack.tables.keys('contacts')).toHaveLength(PAGES * 10);
    expect(await stack.state()).toMatchObject({ status: 'active', watermark: expect.any(String) });
    expect(await stack.state()).not.toHaveProperty('trouble');
    const reads = stack.org.calls.filter((call) => call === 'select' || call === 'nextPage').length;
    const laterSweeps = 24 * 12;
    expect(reads - laterSweeps).toBeLessThan(2 * PAGES);
    expect(stack.dead).toEqual([]);
  });

  test('whose worker is killed at each third page goes on where it was', async () => {
    const stack = aLongPass({ do: 'stop' });
    const { nextPage } = stack.org;
    let pages = 0;
    stack.org.nextPage = async (url) => {
      pages += 1;
      if (pages % 3 === 0) throw new Error('killed');
      return Reflect.apply(nextPage, stack.org, [url]);
    };

    await stack.passes(24 * 60);

    expect(stack.tables.keys('contacts')).toHaveLength(PAGES * 10);
    expect(await stack.state()).toMatchObject({ status: 'active' });
  });

  test('whose rows never come to an end is stopped, and a person is told', async () => {
    const stack = aStack({ pageRows: 10 });
    for (let n = 0; n < 40; n += 1) {
      stack.org.insert({ LastName: `L${n}` });
      stack.clock.advance(1000);
    }
    const { select } = stack.org;
    let reads = 0;
    const again = async () => {
      reads += 1;
      // For a pass that would never end.
      if (reads > 1_000) throw new Error('too many reads');
      return Reflect.apply(select, stack.org, [everything]);
    };
    const everything = { sObject: 'Contact', fields: FIELDS, where: { kind: 'changed-since' } } as const;
    Object.assign(stack.org, { select: again, nextPage: again });

    await stack.passes(60);

    expect((await stack.state()).trouble).toMatchObject({ code: 'PAGE_REPEATED' });
    expect(stack.org.calls.length).toBeLessThan(60);
  });
});

describe('a sweep that comes to nothing', () => {
  test.each<[string, Next]>([
    ['a wait', { do: 'wait', until: '2026-01-01T00:30:00.000Z' }],
    ['an outage', { do: 'retry', afterMs: 1_000 }],
    ['a stale token', { do: 'refresh' }],
    ['a cursor that has expired', { do: 'restart' }],
    ['a filter with a field that is gone', { do: 'recheck' }],
    ['a connection that needs a person', { do: 'reauthorize' }],
    ['an error that nobody can mend', { do: 'stop' }],
  ])(
    'because of %s leaves a trace for an operator, and costs at most 150 calls a day',
    async (_what, next) => {
      const stack = await aSettledStack();
      stack.org.calls.length = 0;
      let selects = 0;
      stack.org.select = async () => {
        selects += 1;
        throw failure('INVALID_FIELD', next);
      };

      await stack.passes(24 * 60);

      expect((await stack.state()).trouble).toMatchObject({
        code: 'INVALID_FIELD',
        since: expect.any(String),
        count: expect.any(Number),
      });
      expect(selects + stack.org.calls.length).toBeLessThanOrEqual(150);
      expect(stack.dead).toEqual([]);
    },
  );

  test('goes on with the next one that does, and the trace is gone', async () => {
    const stack = await aSettledStack();
    const { select } = stack.org;
    stack.org.select = async () => {
      throw failure('INVALID_FIELD', { do: 'recheck' });
    };
    await stack.passes(60);
    Object.assign(stack.org, { select });

    await stack.passes(120);

    expect(await stack.state()).not.toHaveProperty('trouble');
  });

  test('because the object has no IsDeleted is refused at the check, and says so', async () => {
    const stack = aStack();
    const { describe: real } = stack.org;
    stack.org.describe = async (sObject) => {
      const found = await Reflect.apply(real, stack.org, [sObject]);
      return { ...found, fields: found.fields.filter(({ name }) => name !== 'IsDeleted') };
    };

    await stack.passes(60);

    expect(await stack.state()).toMatchObject({
      status: 'invalid',
      problems: [expect.stringContaining('IsDeleted')],
    });
    expect(stack.org.calls.filter((call) => call === 'select')).toEqual([]);
  });
});

describe('a push for which the allowance runs out', () => {
  test.each([
    ['in its scan', 'collect-push'],
    ['at its upload', 'upload-push'],
    ['at its results', 'settle-push'],
  ] as const)('%s is made up for, and every item comes to Salesforce', async (_where, at) => {
    const stack = aStack({ config: aConfig({ contact: { bulkThreshold: 1 } }) });
    await stack.passes(10);
    for (let n = 0; n < 20; n += 1) stack.putItem(`k${n}`, { lastName: `L${n}` });
    stack.stream.length = 0;
    stack.beside.step = (step) => {
      if (step !== at) return;
      stack.beside.step = () => undefined;
      for (let n = 0; n < 4; n += 1) stack.org.failNext('any', 'used-up');
    };
    await stack.executions.startPush({ bulkJobId: 'push', mappingId: 'c1.contact' });

    await stack.passes(120);

    expect(stack.org.alive()).toHaveLength(20);
    expect(stack.parked()).toEqual([]);
  });
});

test('a pass whose push was aborted before the pass ended starts another push, not the same once more', async () => {
  const stack = await aSettledStack();
  const { finishPass } = stack.mappingStates;
  stack.mappingStates.finishPass = async () => false;
  const sweepDueSince = async (at: string) => {
    await stack.mappingStates.setPushDue('c1.contact', at);
    await stack.hints.send([stack.sweepHint('pass')]);
    await stack.work();
  };
  stack.executions.started.length = 0;

  await sweepDueSince('2026-01-01T02:00:00.000Z');
  stack.mappingStates.finishPass = finishPass;
  await sweepDueSince('2026-01-01T02:00:01.000Z');

  const names = stack.executions.started.map(({ bulkJobId }) => bulkJobId);
  expect(new Set(names).size).toBe(2);
});

describe('a question that is asked only to choose a way', () => {
  test.each(['timed-out', 'too-large'] as const)('bars neither way: each COUNT() is %s', async (fault) => {
    const stack = aStack();
    stack.org.insert({ LastName: 'Lee' });
    for (let n = 0; n < 100; n += 1) stack.org.failNext('count', fault);

    await stack.passes(20);

    expect(stack.tables.keys('contacts')).toHaveLength(1);
  });
});

test('a push that is due anew when a message of before comes back is made anew', async () => {
  const stack = await aSettledStack();
  const there = stack.ports.config;
  const gone = aConfig({ other: {} });
  const leavesAndComesBack = async (meanwhile: () => void) => {
    stack.deploy(gone);
    await stack.tick();
    meanwhile();
    await stack.deliverStream();
    stack.deploy(there);
    stack.clock.advance(1_000);
    await stack.tick();
  };
  await leavesAndComesBack(() => undefined);
  const { finishPass } = stack.mappingStates;
  stack.mappingStates.finishPass = async () => {
    stack.mappingStates.finishPass = finishPass;
    throw new Throttled('the end of a pass');
  };
  await stack.work();
  await stack.runJobs();

  await leavesAndComesBack(() => stack.putItem(stack.key, { title: 'CTO' }));
  // What that tick sent is late.
  stack.hints.take(100);
  await stack.passes(10);

  expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CTO');
});
