import { describe, expect, test } from '@jest/globals';
import { aConfig, MAPPING_ID } from '../schedules/a-stack.ts';
import { aSweptStack, withFormula } from './a-swept-stack.ts';

describe('a full sweep', () => {
  test('of sides that are in step counts, lists nothing, hints nothing and writes to neither side', async () => {
    const stack = await aSweptStack();
    const before = { writes: stack.org.writes, local: stack.tables.writes, sent: stack.hints.sent.length };

    expect(await stack.fullSweep()).toMatchObject({
      outcome: 'done',
      counts: { records: 1, links: 1, items: 1 },
      calls: 1,
    });

    expect(await stack.found()).toEqual([]);
    expect({ writes: stack.org.writes, local: stack.tables.writes }).toEqual({
      writes: before.writes,
      local: before.local,
    });
    expect(stack.hints.sent.slice(before.sent).filter(({ kind }) => kind !== 'full-sweep')).toEqual([]);
  });

  test('brings in an edit in Salesforce that its hint and every sweep missed', async () => {
    const stack = await aSweptStack();
    stack.editUnseen(stack.sfId, { Title: 'CTO' });
    await stack.hints.send([stack.sweepHint('ordinary')]);
    await stack.work();
    expect(stack.item(stack.key)).toMatchObject({ title: 'CEO' });

    expect(await stack.fullSweep()).toMatchObject({ counts: { 'missed-in-salesforce': 1 } });

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
    expect(await stack.found()).toEqual([
      { kind: 'missed-in-salesforce', localKey: stack.key, sfId: stack.sfId, isSettled: true },
    ]);
  });

  test('brings in a formula whose value changed, though the stamp of its record did not', async () => {
    const stack = await aSweptStack();
    stack.org.recompute(stack.sfId, 'A');

    expect(await stack.fullSweep()).toMatchObject({ counts: { 'moved-without-stamp': 1 } });
    expect(stack.item(stack.key)).toMatchObject({ grade: 'A' });
    stack.org.recompute(stack.sfId, 'B');
    await stack.fullSweep();

    expect(stack.item(stack.key)).toMatchObject({ grade: 'B' });
    expect(await stack.fullSweep()).not.toMatchObject({
      counts: { 'moved-without-stamp': expect.anything() },
    });
  });

  test('finds but once that a field for the creation alone went its own way on both sides', async () => {
    const fieldMap = {
      lastName: 'LastName',
      title: 'Title',
      source: { field: 'Department', createOnly: true } as const,
    };
    const stack = await aSweptStack({ config: withFormula({ fieldMap }) });
    stack.putItem(stack.key, { source: 'fair' });
    await stack.passes(1);
    stack.editUnseen(stack.sfId, { Department: 'street' });
    expect(await stack.fullSweep()).toMatchObject({ counts: { 'missed-in-salesforce': 1 } });
    const { length: calls } = stack.org.calls;

    const again = await stack.fullSweep();

    expect(again?.counts).not.toHaveProperty('missed-in-salesforce');
    expect(again?.counts).not.toHaveProperty('moved-without-stamp');
    // The page, and once more the pair that was touched a moment ago, for the proof.
    expect(stack.org.calls.slice(calls)).toEqual(['select', 'select']);
    expect(stack.item(stack.key)).toMatchObject({ source: 'fair' });
    expect(stack.org.records.get(stack.sfId)?.fields.Department).toBe('street');
  });

  test('sends out an edit of an item that the stream lost', async () => {
    const stack = await aSweptStack();
    stack.putItem(stack.key, { title: 'CFO' });
    stack.loseStream();

    expect(await stack.fullSweep()).toMatchObject({ counts: { 'missed-locally': 1 } });

    expect(stack.org.records.get(stack.sfId)?.fields.Title).toBe('CFO');
    expect(await stack.found('missed-locally')).toMatchObject([{ localKey: stack.key, isSettled: true }]);
  });

  test('links what only one side has', async () => {
    const stack = await aSweptStack();
    stack.putItem('bob', { lastName: 'Bob' });
    stack.loseStream();
    let carl = '';
    stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => {
      carl = stack.org.insert({ LastName: 'Carl' });
    });

    expect(await stack.fullSweep()).toMatchObject({ counts: { 'unlinked-record': 1, 'unlinked-item': 1 } });

    expect(stack.org.withKey('bob')).toBeDefined();
    expect(stack.tables.keys('contacts')).toContain(`sf-c1-${carl}`);
    expect(await stack.found()).toMatchObject([
      { kind: 'unlinked-item', localKey: 'bob', isSettled: true },
      { kind: 'unlinked-record', sfId: carl, isSettled: true },
    ]);
  });

  test('tells a deletion from a record that is not given, and deletes nothing for either', async () => {
    const stack = await aSweptStack();
    const hidden = stack.org.insert({ LastName: 'Hidden' });
    await stack.hints.send([stack.remoteHint(hidden)]);
    await stack.work();
    stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => stack.org.remove(stack.sfId));
    stack.org.hide(hidden, true);

    expect(await stack.fullSweep()).toMatchObject({
      counts: { 'missed-deletion': 1, 'record-not-given': 1 },
    });

    expect(stack.link(stack.key)).toMatchObject({ state: 'remote-deleted' });
    expect(stack.link(`sf-c1-${hidden}`)).toMatchObject({ state: 'linked' });
    expect(stack.tables.keys('contacts')).toHaveLength(2);
    expect(await stack.found('record-not-given')).toEqual([
      { kind: 'record-not-given', localKey: `sf-c1-${hidden}`, sfId: hidden, isSettled: false },
    ]);
    // It is the same once more, and the deleted pair is a tombstone now.
    expect(await stack.fullSweep()).toMatchObject({ counts: { tombstones: 1, 'record-not-given': 1 } });
  });

  test('brings back what somebody took out of the recycle bin unseen', async () => {
    const stack = await aSweptStack();
    stack.org.remove(stack.sfId);
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.work();
    expect(stack.link(stack.key)).toMatchObject({ state: 'remote-deleted' });
    stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => stack.org.undelete(stack.sfId));

    await stack.fullSweep();

    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
  });

  test('lists a vanished item, and leaves both its record and its link alone', async () => {
    const stack = await aSweptStack();
    stack.expireItem(stack.key);
    stack.loseStream();

    expect(await stack.fullSweep()).toMatchObject({ counts: { 'item-vanished': 1 } });

    expect(stack.link(stack.key)).toMatchObject({ state: 'linked' });
    expect(stack.org.alive()).toHaveLength(1);
    expect(await stack.found()).toMatchObject([
      { kind: 'item-vanished', localKey: stack.key, isSettled: false },
    ]);
  });

  test('mends the ways between links and records', async () => {
    const stack = await aSweptStack();
    const { pointers } = stack.syncStore;
    pointers.delete(`${MAPPING_ID}#${stack.sfId}`);
    const carl = stack.org.insert({ LastName: 'Carl' });
    pointers.set(`${MAPPING_ID}#${carl}`, 'nobody');

    expect(await stack.fullSweep()).toMatchObject({ counts: { 'pointer-missing': 1, 'pointer-astray': 1 } });

    expect(pointers.get(`${MAPPING_ID}#${stack.sfId}`)).toBe(stack.key);
    expect(pointers.get(`${MAPPING_ID}#${carl}`)).toBe(`sf-c1-${carl}`);
    expect(stack.item(`sf-c1-${carl}`)).toMatchObject({ lastName: 'Carl' });
  });

  test('follows linked records out of the filter, and takes no other record in', async () => {
    const stack = await aSweptStack({ config: withFormula({ filter: "Title = 'CEO'" }) });
    stack.org.asOf(stack.org.nowMs() - 40 * 60_000, () => {
      stack.org.edit(stack.sfId, { Title: 'CTO' });
      stack.org.insert({ LastName: 'Dora', Title: 'CFO' });
    });

    expect(await stack.fullSweep()).toMatchObject({
      counts: { 'outside-filter': 1, 'missed-in-salesforce': 1 },
      // A page, the record outside of the filter, and once more what was not in step.
      calls: 3,
    });

    expect(stack.item(stack.key)).toMatchObject({ title: 'CTO' });
    expect(stack.tables.keys('contacts')).toEqual([stack.key]);
  });

  test('puts back, in a mapping that only comes from Salesforce, what was edited locally', async () => {
    const stack = await aSweptStack({ config: withFormula({ direction: 'from-salesforce' }) });
    stack.putItem(stack.key, { title: 'nonsense' });
    stack.putItem('own', { lastName: 'Own' });

    expect(await stack.fullSweep()).toMatchObject({ counts: { 'missed-locally': 1 } });

    expect(stack.item(stack.key)).toMatchObject({ title: 'CEO' });
    expect(stack.org.alive()).toHaveLength(1);
  });

  test('takes nothing in, in a mapping that only goes to Salesforce', async () => {
    const stack = await aSweptStack({
      config: aConfig({ contact: { direction: 'to-salesforce' } }),
    });
    stack.org.insert({ LastName: 'Theirs' });

    expect(await stack.fullSweep()).toMatchObject({ counts: { records: 2 } });

    expect(await stack.found()).toEqual([]);
  });

  test('leaves items alone that the mapping does not send', async () => {
    const stack = await aSweptStack({
      config: withFormula({ localFilter: { attribute: 'isDraft', exists: false } }),
    });
    stack.putItem('draft', { lastName: 'Draft', isDraft: true });
    stack.putItem('ready', { lastName: 'Ready' });
    stack.loseStream();

    expect(await stack.fullSweep()).toMatchObject({ counts: { 'unlinked-item': 1 } });

    expect(stack.org.withKey('ready')).toBeDefined();
    expect(stack.org.withKey('draft')).toBeUndefined();
  });

  test('leaves alone what another worker is writing just now', async () => {
    const stack = await aSweptStack();
    const id = `${MAPPING_ID}#${stack.key}`;
    const link = stack.syncStore.storedLinks.get(id);
    if (!link) throw new Error('no link');
    const lease = { owner: 'another', until: stack.clock.nowMs() + 60_000 };
    stack.syncStore.storedLinks.set(id, { ...link, lease, pending: { title: 'CFO' } });

    expect((await stack.fullSweep())?.counts).toEqual({ records: 1, links: 1, items: 1 });

    stack.clock.advance(120_000);
    expect((await stack.fullSweep())?.counts).toMatchObject({ unfinished: 1 });
    expect(stack.link(stack.key)?.pending).toBeUndefined();
  });
});
