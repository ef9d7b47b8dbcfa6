import { describe, expect, test } from '@jest/globals';
import { CALL_RESERVE_MS } from '../../../../../shared/contracts/lifetimes.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import { onlyCalculated } from '../../../../../shared/sync/full-sweep/formulas.ts';
import { selectionAfter } from '../../../../../shared/use-cases/reconciliation/full-sweep/compare-records.ts';
import { aConfig, MAPPING_ID, type StackOptions } from '../schedules/a-stack.ts';
import { aSweptStack, withFormula } from './a-swept-stack.ts';

/** With a way to ask for a refresh, and to see what the last one came to. */
async function aStack(options: StackOptions = {}) {
  const stack = await aSweptStack(options);
  const last = () => stack.fullSweeps.get(MAPPING_ID, 'formulas');
  let asked = 0;
  const ask = () => {
    asked += 1;
    const sweepId = `formulas-${asked}`;
    return stack.hints.send([
      { kind: 'full-sweep', mappingId: MAPPING_ID, sweepId, isAsked: true, scope: 'formulas' },
    ]);
  };
  const refresh = async () => {
    await ask();
    await stack.work();
    return last();
  };
  return { ...stack, last, refresh, askToRefresh: ask };
}

describe('a refresh of formulas', () => {
  test('brings in a formula whose value changed without a stamp, for a call a page', async () => {
    const stack = await aStack();
    stack.org.recompute(stack.sfId, 'A');

    expect(await stack.refresh()).toMatchObject({
      outcome: 'done',
      counts: { records: 1, 'moved-without-stamp': 1 },
      calls: 1,
    });

    expect(stack.item(stack.key)).toMatchObject({ grade: 'A' });
    const [line] = await stack.history.ofRecord(MAPPING_ID, stack.key, 1);
    expect(line?.causes).toEqual([{ by: 'formulas', runId: 'formulas-1' }]);
    expect((await stack.refresh())?.counts).toEqual({ records: 1 });
  });

  test('reads no field but the key, and those that Salesforce computes and that come in', async () => {
    const stack = await aStack();
    const open = await stack.opened();

    const { fields } = selectionAfter(onlyCalculated(open.mapping), undefined);

    expect(fields).toEqual(['Grade__c', 'External_Id__c']);
    const [grade] = onlyCalculated(open.mapping).fields;
    const outward = { ...must(grade, 'the formula'), direction: 'to-salesforce' as const };
    expect(onlyCalculated({ ...open.mapping, fields: [outward] }).fields).toEqual([]);
  });

  test('leaves all else to sweeps and full sweeps: it hints nothing, lists nothing and mends nothing', async () => {
    const stack = await aStack();
    const carl = stack.org.insert({ LastName: 'Carl' });
    stack.syncStore.pointers.set(`${MAPPING_ID}#${carl}`, 'nobody');
    stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => {
      stack.org.insert({ LastName: 'Dora' });
      stack.org.edit(stack.sfId, { Title: 'CTO' });
    });
    stack.putItem('own', { lastName: 'Own' });
    stack.loseStream();
    const sent = stack.hints.sent.length;

    expect((await stack.refresh())?.counts).toEqual({ records: 3 });

    expect(stack.hints.sent.slice(sent).map(({ kind }) => kind)).toEqual(['full-sweep']);
    expect(stack.syncStore.pointers.get(`${MAPPING_ID}#${carl}`)).toBe('nobody');
    expect(stack.item(stack.key)).toMatchObject({ title: 'CEO' });
    expect(stack.fullSweeps.found.size).toBe(0);
  });

  test('neither hints nor lists a linked record that is deleted, or that Salesforce does not give', async () => {
    const stack = await aStack();
    stack.org.remove(stack.sfId);
    const sent = stack.hints.sent.length;
    expect((await stack.refresh())?.counts).toEqual({});

    stack.org.hide(stack.sfId, true);
    expect((await stack.refresh())?.counts).toEqual({});
    expect(stack.hints.sent.slice(sent)).toHaveLength(2);
  });

  test('follows linked records out of the filter', async () => {
    const stack = await aStack({ config: withFormula({ filter: "Title = 'CEO'" }) });
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    stack.org.recompute(stack.sfId, 'A');

    expect(await stack.refresh()).toMatchObject({ counts: { 'missed-in-salesforce': 1 }, calls: 2 });

    expect(stack.item(stack.key)).toMatchObject({ grade: 'A', title: 'CTO' });
  });

  test('looks at none where the record’s other fields are edited meanwhile and the formula is as it was', async () => {
    const stack = await aStack();
    stack.org.edit(stack.sfId, { Title: 'CTO' });

    expect((await stack.refresh())?.counts).toEqual({ records: 1 });
  });

  test('of a mapping without such fields reads nothing', async () => {
    const stack = await aStack({ config: aConfig() });
    const calls = stack.org.calls.length;

    expect(await stack.refresh()).toBeUndefined();

    expect(stack.org.calls).toHaveLength(calls);
  });

  test('leaves the last full sweep of the mapping, and what it found, as they are', async () => {
    const stack = await aStack();
    stack.editUnseen(stack.sfId, { Title: 'CTO' });
    const full = await stack.fullSweep();
    stack.org.recompute(stack.sfId, 'A');
    await stack.refresh();

    expect(await stack.fullSweeps.get(MAPPING_ID)).toMatchObject({ sweepId: full?.sweepId });
    expect(await stack.found()).toMatchObject([{ kind: 'missed-in-salesforce' }]);
    expect((await stack.journal.runs(MAPPING_ID, 10)).map(({ cause }) => cause)).toEqual(
      expect.arrayContaining(['full-sweep', 'formulas']),
    );
  });

  test('waits for the full sweep that is at work, and goes on where that has ended', async () => {
    const stack = await aStack();
    await stack.fullSweep();
    const done = must(await stack.fullSweeps.get(MAPPING_ID), 'a full sweep');
    const { endedAt: _, outcome: __, ...open } = done;
    stack.fullSweeps.sweeps.set(MAPPING_ID, { ...open, movedAt: stack.clock.now() });
    stack.org.recompute(stack.sfId, 'A');

    expect(await stack.refresh()).not.toHaveProperty('outcome');
    expect(stack.item(stack.key)).not.toMatchObject({ grade: 'A' });

    await stack.ask();
    await stack.work();
    expect(await stack.last()).toMatchObject({ outcome: 'done' });
    expect(stack.item(stack.key)).toMatchObject({ grade: 'A' });
  });

  test('goes on after an interruption where it came to, and not under another revision of its mapping', async () => {
    const stack = await aStack({ pageRows: 1 });
    stack.org.insert({ LastName: 'Bob' });
    await stack.askToRefresh();
    await stack.work({
      remainingMs: () => CALL_RESERVE_MS + 1_000,
      hints: { ...stack.hints, send: async () => undefined } as never,
    });
    expect(await stack.last()).toMatchObject({ place: { phase: 'records', after: stack.sfId } });

    stack.deploy(withFormula({ filter: "Title = 'CEO'" }));
    stack.clock.advance(10 * 60_000);
    expect(await stack.refresh()).toMatchObject({ outcome: 'MAPPING_CHANGED' });
  });
});

describe('the schedule of formulas', () => {
  const formulas = { everyMinutes: 60 };

  test('refreshes them so often, and no full sweep comes of it', async () => {
    const stack = await aStack({ config: withFormula({ formulas }) });
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    stack.org.recompute(stack.sfId, 'A');
    await stack.passes(70);
    expect(stack.item(stack.key)).toMatchObject({ grade: 'A' });
    const first = must(await stack.last(), 'a refresh');

    stack.org.recompute(stack.sfId, 'B');
    await stack.passes(70);

    expect(stack.item(stack.key)).toMatchObject({ grade: 'B' });
    const apartMs = Date.parse(must(await stack.last(), 'a refresh').startedAt) - Date.parse(first.startedAt);
    expect(apartMs % 3_600_000).toBeLessThan(6 * 60_000);
    expect(await stack.fullSweeps.get(MAPPING_ID)).toBeUndefined();
  });

  test('that is new tells which fields are formulas at once, without a new revision', async () => {
    const stack = await aStack();
    const before = (await stack.state()).revision;
    stack.deploy(withFormula({ formulas }));
    const described = stack.org.calls.filter((name) => name === 'describe').length;
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(5);

    expect((await stack.state()).revision).toEqual(before);
    expect(stack.org.calls.filter((name) => name === 'describe')).toHaveLength(described + 1);
    expect((await stack.state()).schema).toMatchObject({ calculated: ['Grade__c'] });
  });

  test('that is taken out of the config ends with it', async () => {
    const stack = await aStack({ config: withFormula({ formulas }) });
    const before = must(await stack.last(), 'a refresh');
    await stack.mappingStates.setFullSweepAt(MAPPING_ID, stack.clock.now(), undefined, 'formulas');
    stack.deploy(withFormula());
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    await stack.passes(10);

    expect(await stack.last()).toEqual(before);
    expect((await stack.state()).formulasAt).toBeUndefined();
  });

  test('of a mapping that has no formulas is a notice, and costs nothing', async () => {
    const stack = await aStack({ config: aConfig({ contact: { formulas } }) });
    await stack.mappingStates.makeDue(MAPPING_ID, stack.clock.now());
    const { state } = stack;
    await stack.passes(130);

    expect(await stack.last()).toBeUndefined();
    expect((await state()).status).toBe('active');
    expect((await state()).schema?.findings).toMatchObject([
      { code: 'FORMULAS_NOT_MAPPED', weight: 'notice', where: 'mappings.contact.formulas' },
    ]);
  });
});
