import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { StoreUnavailable } from '../../../../../shared/aws/errors.ts';
import { CALL_RESERVE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { SyncError } from '../../../../../shared/contracts/next.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { failFullSweep } from '../../../../../shared/use-cases/reconciliation/full-sweep/full-sweep.ts';
import { InMemoryLinkPages } from '../../../../in-memory/link-pages.ts';
import { aConfig, afterNext, beforeNext, MAPPING_ID } from '../schedules/a-stack.ts';
import { aSweptStack, withFormula } from './a-swept-stack.ts';

const sweepOf = async (stack: Awaited<ReturnType<typeof aSweptStack>>) =>
  must(await stack.fullSweeps.get(MAPPING_ID), 'a full sweep');

/** Time for one page in an invocation, and none for another. */
const onePage = () => CALL_RESERVE_MS + 1_000;

describe('a full sweep that is interrupted', () => {
  test('goes on where it was, in one turn or a page at a time, and misses nothing however small pages are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          pageRows: fc.integer({ min: 1, max: 7 }),
          links: fc.integer({ min: 1, max: 7 }),
          isOneTurn: fc.boolean(),
        }),
        fc.array(fc.constantFrom('in-step', 'edited', 'unlinked', 'hidden', 'item-edited'), {
          maxLength: 14,
        }),
        async ({ pageRows, links, isOneTurn }, kinds) => {
          const stack = await aSweptStack({ pageRows });
          const ids = kinds.map((_, n) => stack.org.insert({ LastName: `R${n}` }));
          // Its id is before those of others, and no sweep finds it once it is shown.
          for (const [n, kind] of kinds.entries())
            if (kind === 'unlinked') stack.org.hide(ids[n] ?? '', true);
          await stack.hints.send([stack.sweepHint('all')]);
          await stack.work();
          stack.stream.length = 0;
          stack.clock.advance(30 * 60_000);
          for (const [n, kind] of kinds.entries()) {
            const sfId = ids[n] ?? '';
            if (kind === 'edited') stack.org.recompute(sfId, `G${n}`);
            if (kind === 'unlinked') stack.org.hide(sfId, false);
            if (kind === 'hidden') stack.org.hide(sfId, true);
            if (kind === 'item-edited') stack.putItem(`sf-c1-${sfId}`, { email: `e${n}@example.com` });
          }
          stack.stream.length = 0;
          const of = (kind: string) => kinds.filter((one) => one === kind).length;

          await stack.ask();
          await stack.work({
            linkPages: new InMemoryLinkPages(stack.syncStore, links),
            ...(!isOneTurn && { remainingMs: onePage }),
          });

          expect(await sweepOf(stack)).toMatchObject({ outcome: 'done' });
          const { counts } = await sweepOf(stack);
          expect({
            records: counts.records,
            links: counts.links,
            stampless: counts['moved-without-stamp'] ?? 0,
            unlinked: counts['unlinked-record'] ?? 0,
            hidden: counts['record-not-given'] ?? 0,
            local: counts['missed-locally'] ?? 0,
          }).toEqual({
            records: kinds.length + 1 - of('hidden'),
            // Those that were linked by the sweep's own hints may lie before or behind it.
            links: expect.any(Number),
            stampless: of('edited'),
            unlinked: of('unlinked'),
            hidden: of('hidden'),
            local: of('item-edited'),
          });
          expect(counts.links).toBeGreaterThanOrEqual(kinds.length + 1 - of('unlinked'));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('by an org whose allowance is used up stays where it is, and goes on with the mapping’s next sweeps', async () => {
    const stack = await aSweptStack();
    stack.org.recompute(stack.sfId, 'A');
    stack.org.failNext('select', 'used-up');
    await stack.ask();
    await stack.work();
    expect(await sweepOf(stack)).toMatchObject({ place: { phase: 'records' } });
    expect((await stack.state()).fullSweepAt).toBeDefined();

    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(40);

    expect(await sweepOf(stack)).toMatchObject({ outcome: 'done' });
    expect(stack.item(stack.key)).toMatchObject({ grade: 'A' });
    expect((await stack.state()).fullSweepAt).toBeUndefined();
  });

  test('and lost with its message goes on within an hour or so', async () => {
    const stack = await aSweptStack();
    await stack.ask();
    await stack.work({ remainingMs: onePage });
    stack.hints.take(100);
    await stack.fullSweeps.move(await sweepOf(stack), {
      ...(await sweepOf(stack)),
      place: { phase: 'items' },
    });
    const again = await sweepOf(stack);
    const { endedAt: _ended, outcome: _outcome, ...open } = again;
    stack.fullSweeps.sweeps.set(MAPPING_ID, open);
    await stack.mappingStates.setFullSweepAt(MAPPING_ID, stack.clock.now());

    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(10);

    expect(await sweepOf(stack)).toMatchObject({ outcome: 'done', sweepId: again.sweepId });
  });

  test('before its hints are sent finds the same once more, and counts it once', async () => {
    const stack = await aSweptStack();
    stack.org.recompute(stack.sfId, 'A');
    await stack.ask();
    const { hints } = stack;
    const down = Object.assign(Object.create(hints), {
      send: async () => {
        throw new StoreUnavailable('sending hints');
      },
    });
    await stack.work({ hints: down });
    expect(await sweepOf(stack)).toMatchObject({ counts: {} });
    stack.clock.advance(60_000);

    await stack.work();

    expect(await sweepOf(stack)).toMatchObject({ outcome: 'done', counts: { 'moved-without-stamp': 1 } });
    expect(stack.item(stack.key)).toMatchObject({ grade: 'A' });
  });

  test('by Salesforce for good ends, and says by which code', async () => {
    const stack = await aSweptStack();
    beforeNext(stack.org, 'select', () => {
      throw new SyncError('SalesforceApiError', 'MALFORMED_QUERY', 'no such query', { do: 'stop' });
    });
    await stack.ask();
    await stack.work();

    const { endedAt, outcome } = await sweepOf(stack);
    expect({ isEnded: endedAt !== undefined, outcome }).toEqual({
      isEnded: true,
      outcome: 'MALFORMED_QUERY',
    });
    await failFullSweep(stack.ports, { mappingId: MAPPING_ID }, { fullSweepEveryDays: 7 }, 'LATER');
    expect((await sweepOf(stack)).outcome).toBe(outcome);
  });
});

test('records in another order than that of their ids end it, before anything is taken for missing', async () => {
  const stack = await aSweptStack();
  const other = stack.org.insert({ LastName: 'Other' });
  await stack.hints.send([stack.remoteHint(other)]);
  await stack.work();
  const { select } = stack.org;
  stack.org.select = async (selection) => {
    const page = await select.call(stack.org, selection);
    return { ...page, records: page.records.toReversed() };
  };
  await stack.ask();

  await stack.work();

  expect(await sweepOf(stack)).toMatchObject({ outcome: 'IDS_OUT_OF_ORDER', counts: {} });
});

describe('two full sweeps', () => {
  test('of one mapping at the same time do no harm: whoever moved first goes on', async () => {
    const stack = await aSweptStack();
    stack.org.recompute(stack.sfId, 'A');
    await stack.ask();
    beforeNext(stack.org, 'select', async () => {
      await stack.ask();
      await stack.work();
    });

    await stack.work();

    const sweep = await sweepOf(stack);
    expect(sweep).toMatchObject({ outcome: 'done', counts: { records: 1, links: 1, items: 1 } });
    expect(stack.dead).toEqual([]);
    expect(stack.item(stack.key)).toMatchObject({ grade: 'A' });
  });

  test('of one connection take turns: the later one waits while the earlier one moves', async () => {
    const stack = await aSweptStack();
    const other = { ...(await aSweptStack().then((one) => one.fullSweep().then(() => sweepOf(one)))) };
    const { endedAt: _, outcome: __, ...open } = other;
    const at = stack.clock.now();
    stack.fullSweeps.sweeps.set('c1.another', {
      ...open,
      mappingId: 'c1.another',
      startedAt: at.replace('2026', '2020'),
      movedAt: at,
    });
    await stack.ask();
    await stack.work();
    expect(await sweepOf(stack)).toMatchObject({ place: { phase: 'records' }, counts: {} });

    // The other one is not seen to move any more.
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(15);

    expect(await sweepOf(stack)).toMatchObject({ outcome: 'done' });
  });
});

describe('a full sweep and its mapping’s revision', () => {
  test('a deployment that changes the mapping ends it, and it says so', async () => {
    const stack = await aSweptStack();
    await stack.ask();
    await stack.work({
      remainingMs: onePage,
      hints: { ...stack.hints, send: async () => undefined } as never,
    });
    stack.deploy(withFormula({ filter: "Title = 'CEO'" }));
    stack.clock.advance(10 * 60_000);

    await stack.ask();
    await stack.work();

    expect(await sweepOf(stack)).toMatchObject({ outcome: 'MAPPING_CHANGED' });
  });

  test('old code moves nothing of a sweep that new code has begun', async () => {
    const stack = await aSweptStack();
    await stack.ask();
    afterNext(stack.org, 'select', async () => {
      // Another function, of the code that is deployed now.
      const revision = must((await stack.state()).revision, 'a revision');
      await stack.mappingStates.saveSchema(
        MAPPING_ID,
        { problems: [] },
        { before: revision, after: { ...revision, revision: revision.revision + 1 }, at: stack.clock.now() },
      );
      const ended = await stack.fullSweeps.move(await sweepOf(stack), {
        ...(await sweepOf(stack)),
        endedAt: stack.clock.now(),
        outcome: 'MAPPING_CHANGED',
      });
      await stack.fullSweeps.begin(
        { ...must(ended, 'the ended sweep'), sweepId: 'new', revision: revision.revision + 1, counts: {} },
        ended,
      );
    });

    await stack.work();

    expect(await sweepOf(stack)).toMatchObject({ sweepId: 'new', counts: {} });
  });

  test('waits for the first pass, which looks at everything anyhow', async () => {
    const stack = await aSweptStack();
    await stack.mappingStates.forgetPasses(MAPPING_ID);
    await stack.ask();
    await stack.work();
    expect(await sweepOf(stack)).toMatchObject({ counts: {} });

    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(20);

    expect(await sweepOf(stack)).toMatchObject({ outcome: 'done' });
  });
});

describe('the schedule of full sweeps', () => {
  test('begins one within so many days, and the next so many days after', async () => {
    const stack = await aSweptStack({ config: withFormula({ fullSweep: { everyDays: 1 } }) });
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(25 * 60);
    const first = await sweepOf(stack);
    expect(first).toMatchObject({ outcome: 'done' });

    await stack.passes(25 * 60);

    const second = await sweepOf(stack);
    expect(second.sweepId).not.toBe(first.sweepId);
    const apartMs = Date.parse(second.startedAt) - Date.parse(first.startedAt);
    expect(Math.round(apartMs / 3_600_000)).toBe(24);
    expect((await stack.journal.runs(MAPPING_ID, 500)).map(({ cause }) => cause)).toContain('full-sweep');
  }, 60_000);

  test('that is taken out of the config ends with it', async () => {
    const stack = await aSweptStack({ config: withFormula({ fullSweep: { everyDays: 1 } }) });
    await stack.mappingStates.setFullSweepAt(MAPPING_ID, stack.clock.now());
    stack.deploy(withFormula());
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());

    await stack.passes(10);

    expect(await stack.fullSweeps.get(MAPPING_ID)).toBeUndefined();
    expect((await stack.state()).fullSweepAt).toBeUndefined();
  });

  test('is no change of what the mapping means', async () => {
    const stack = await aSweptStack();
    const before = (await stack.state()).revision;
    stack.deploy(withFormula({ fullSweep: { everyDays: 7 } }));
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(10);

    expect((await stack.state()).revision).toEqual(before);
  });
});

test('without a schedule nothing is swept in full', async () => {
  const stack = await aSweptStack({ config: aConfig() });
  await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
  await stack.passes(30);

  expect(await stack.fullSweeps.get(MAPPING_ID)).toBeUndefined();
});
