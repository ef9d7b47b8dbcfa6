import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Intention, SideIntention } from '../../../../shared/sync/plan/intention.ts';
import { reconcileRecords } from '../../../../shared/use-cases/reconciliation/reconcile-records.ts';
import { predict } from '../../../../shared/use-cases/rehearsal/dry-run.ts';
import { digestOfIntention } from '../../../../shared/use-cases/rehearsal/intentions.ts';
import { aConfig, aStack, type Stack } from '../reconciliation/schedules/a-stack.ts';

const FIELDS = { lastName: 'LastName', email: 'Email', title: 'Title' } as const;
const READS = new Set(['select', 'nextPage', 'describe', 'count']);

/** Everything that anybody could see of a stack, but what it was asked. */
const stateOf = (stack: Stack) =>
  structuredClone({
    items: stack.tables.keys('contacts').map((key) => stack.item(key)),
    writes: stack.tables.writes,
    records: [...stack.org.records.values()],
    links: [...stack.syncStore.storedLinks],
    pointers: [...stack.syncStore.pointers],
    parked: [...stack.parkedKeys.parked],
    awaiting: [...stack.parkedKeys.awaiting],
    rejections: [...stack.journal.storedRejections],
    conflicts: [...stack.journal.storedConflicts],
    runs: [...stack.journal.storedRuns],
    held: [...stack.syncStore.openConflicts.stored.values()],
    guards: [...stack.guardStates.states],
    states: [...stack.mappingStates.states],
    hints: stack.hints.sent.length,
    events: stack.ports.events.published.length,
  });

type Sides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const itemsOf = (stack: Stack): Sides =>
  Object.fromEntries(
    stack.tables.keys('contacts').map((key) => {
      const item = stack.item(key) ?? {};
      return [key, { ...pick(item, Object.keys(FIELDS)), key: item.salesforceId }];
    }),
  );

const recordsOf = (stack: Stack): Sides =>
  Object.fromEntries(
    stack.org.alive().map(({ Id, fields }) => [
      Id,
      {
        ...Object.fromEntries(
          Object.entries(FIELDS).map(([name, field]) => [name, fields[field] ?? undefined]),
        ),
        key: fields.External_Id__c ?? undefined,
      },
    ]),
  );

const pick = (from: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, from[name]]));

/** What became of one side, said as an intention says it. */
function changeOf(
  before: Sides[string] | undefined,
  after: Sides[string] | undefined,
): SideIntention | undefined {
  if (after === undefined) return before && { kind: 'delete', values: {} };
  const values: Record<string, string | null> = {};
  for (const name of Object.keys(FIELDS))
    if (after[name] !== before?.[name]) values[name] = (after[name] as string | undefined) ?? null;
  const setsKey = after.key !== before?.key ? { setsKey: true as const } : {};
  if (before === undefined) return { kind: 'create', values, ...setsKey };
  return Object.keys(values).length > 0 || 'setsKey' in setsKey
    ? { kind: 'update', values, ...setsKey }
    : undefined;
}

const value = fc.constantFrom(undefined, 'x', 'y', 'z');
const edit = fc.constantFrom('none', 'item', 'record', 'both', 'item-gone', 'record-gone');
const world = fc.record({
  pairs: fc.array(fc.record({ title: value, edit, mine: value, theirs: value }), { maxLength: 5 }),
  items: fc.array(value, { maxLength: 2 }),
  records: fc.array(value, { maxLength: 2 }),
  policy: fc.constantFrom('last-write-wins' as const, 'local-wins' as const, 'manual' as const),
  deletePolicy: fc.constantFrom('ignore' as const, 'propagate' as const),
});

/** A stack whose pairs are in step, and then edited on both sides, while nobody looks. */
async function edited({
  pairs,
  items,
  records,
  policy,
  deletePolicy,
}: typeof world extends fc.Arbitrary<infer T> ? T : never) {
  const stack = aStack({
    config: aConfig({
      contact: {
        fieldMap: { ...FIELDS, title: { field: 'Title', conflictPolicy: policy } },
        deletePolicy,
      },
    }),
  });
  for (const [n, { title }] of pairs.entries())
    stack.putItem(`p${n}`, { lastName: 'Lee', ...(title !== undefined && { title }) });
  await stack.passes(10);
  stack.clock.advance(60_000);
  for (const [n, { edit: what, mine, theirs }] of pairs.entries()) {
    const sfId = stack.link(`p${n}`)?.sfId ?? '';
    if (what === 'item' || what === 'both')
      stack.tables.put('contacts', `p${n}`, { ...stack.item(`p${n}`), title: mine ?? 'mine' });
    if (what === 'record' || what === 'both') stack.org.edit(sfId, { Title: theirs ?? null });
    if (what === 'item-gone') stack.deleteItem(`p${n}`);
    if (what === 'record-gone') stack.org.remove(sfId);
  }
  for (const [n, title] of items.entries())
    stack.putItem(`i${n}`, { lastName: 'Poe', ...(title !== undefined && { title }) });
  const ids = records.map((title) => stack.org.insert({ LastName: 'Kay', Title: title ?? null }));
  const asked = {
    localKeys: [
      ...pairs.map(({ edit: what }, n) => ({
        key: `p${n}`,
        changedAt: stack.clock.now(),
        isRemote: true,
        ...(what === 'item-gone' && { isDeleted: true as const }),
      })),
      ...items.map((_, n) => ({ key: `i${n}`, changedAt: stack.clock.now() })),
    ],
    sfIds: ids,
  };
  return { stack, asked, open: await stack.opened() };
}

test('a dry run of any pairs writes nothing anywhere, and asks Salesforce by reads alone', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (input) => {
      const { stack, asked, open } = await edited(input);
      const before = stateOf(stack);
      const calls = stack.org.calls.length;

      await predict(stack.ports, open, asked);

      expect(stateOf(stack)).toEqual(before);
      expect(stack.org.calls.slice(calls).filter((call) => !READS.has(call))).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('what a dry run predicts is what the engine then writes, holds and refuses, key by key', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (input) => {
      const { stack, asked, open } = await edited(input);
      const [items, records] = [itemsOf(stack), recordsOf(stack)];
      const parked = new Set(stack.parkedKeys.parked.keys());

      const predicted = await predict(stack.ports, open, asked);
      const again = await predict(stack.ports, open, asked);
      const { counts } = await reconcileRecords(stack.ports, open, asked);

      expect(again.intentions.map(digestOfIntention)).toEqual(predicted.intentions.map(digestOfIntention));
      expect({ ...predicted.counts, calls: 0 }).toEqual({ ...counts, calls: 0 });
      const [itemsAfter, recordsAfter] = [itemsOf(stack), recordsOf(stack)];
      const links = [...stack.syncStore.storedLinks.values()];
      const done = new Map<string, Pick<Intention, 'item' | 'record'>>();
      for (const { localKey, sfId = '' } of links) {
        const item = changeOf(items[localKey], itemsAfter[localKey]);
        const record = changeOf(records[sfId], recordsAfter[sfId]);
        if (item ?? record) done.set(localKey, { ...(item && { item }), ...(record && { record }) });
      }
      const meant = predicted.intentions.filter(({ item, record }) => item ?? record);
      expect(Object.fromEntries(meant.map(({ key, item, record }) => [key, { item, record }]))).toEqual(
        Object.fromEntries(done),
      );
      const held = new Map(
        links.flatMap(({ localKey, held: fields }) =>
          fields ? [[localKey, fields.map(({ field }) => field)] as const] : [],
        ),
      );
      for (const { key, held: fields } of predicted.intentions)
        if (fields.length > 0) expect(held.get(key)).toEqual(fields);
      const refusals = predicted.intentions.flatMap(({ key, refused }) =>
        refused.map(({ code }) => `${key} ${code}`),
      );
      const rejections = (await stack.rejections()).map(({ key, code }) => `${key} ${code}`);
      expect(refusals.toSorted()).toEqual(rejections.toSorted());
      const waiting = [...stack.parkedKeys.parked]
        .filter(([name]) => !parked.has(name))
        .map(([, { key }]) => key);
      expect(
        predicted.intentions
          .filter((one) => one.waiting.length > 0)
          .map(({ key }) => key)
          .toSorted(),
      ).toEqual(waiting.toSorted());
    }),
    { numRuns: 150 },
  );
}, 120_000);
