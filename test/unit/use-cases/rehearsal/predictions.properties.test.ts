import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Intention, SideIntention } from '../../../../shared/sync/plan/intention.ts';
import { reconcileRecords } from '../../../../shared/use-cases/reconciliation/reconcile-records.ts';
import {
  digestOfIntention,
  sidesOf as intendedSides,
} from '../../../../shared/use-cases/rehearsal/intentions.ts';
import { rehearsalIdOf } from '../../../../shared/use-cases/rehearsal/rehearsal-links.ts';
import { rehearse } from '../../../../shared/use-cases/rehearsal/rehearse.ts';
import { aConfig, aStack, MAPPING_ID, type Stack } from '../reconciliation/schedules/a-stack.ts';

const FIELDS = { lastName: 'LastName', email: 'Email', title: 'Title' } as const;
const READS = new Set(['select', 'nextPage', 'describe', 'count']);

/** Both sides, the real links, and what anybody outside is told; not what a rehearsal keeps for itself. */
const stateOf = (stack: Stack) =>
  structuredClone({
    items: stack.tables.keys('contacts').map((key) => stack.item(key)),
    writes: stack.tables.writes,
    records: [...stack.org.records.values()],
    links: [...stack.syncStore.storedLinks].filter(([name]) => !name.startsWith(APART)),
    pointers: [...stack.syncStore.pointers].filter(([name]) => !name.startsWith(APART)),
    conflicts: [...stack.journal.storedConflicts],
    held: [...stack.syncStore.openConflicts.stored.values()],
    guards: [...stack.guardStates.states].filter(([name]) => !name.startsWith(APART)),
    events: stack.ports.events.published.length,
  });

const APART = rehearsalIdOf(MAPPING_ID);

/** Looks at the keys in rehearsal, of pairs that were linked in it, and says what would have been done. */
async function predicted({ stack, asked, open }: Awaited<ReturnType<typeof edited>>) {
  const { storedLinks, pointers, overlays } = stack.syncStore;
  for (const [name, link] of [...storedLinks])
    storedLinks.set(name.replace(MAPPING_ID, APART), { ...link, mappingId: APART });
  for (const [name, key] of [...pointers]) pointers.set(name.replace(MAPPING_ID, APART), key);
  const dry = rehearse(stack.ports, open);
  const { counts } = await reconcileRecords(dry.ports, dry.open, asked);
  const { pairs } = await overlays.page(MAPPING_ID);
  const sides = await intendedSides(dry.ports.syncStore, open.mapping, pairs);
  const intentions = [...sides].map(([key, one]): Intention => ({ key, ...one }));
  return { counts, intentions };
}

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

test('a rehearsed look at any pairs writes to neither side, and asks Salesforce by reads alone', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (input) => {
      const made = await edited(input);
      const { stack } = made;
      const before = stateOf(stack);
      const calls = stack.org.calls.length;

      await predicted(made);

      expect(stateOf(stack)).toEqual(before);
      expect(stack.org.calls.slice(calls).filter((call) => !READS.has(call))).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('what it says is what the engine then writes, holds, refuses and leaves waiting, key by key', async () => {
  await fc.assert(
    fc.asyncProperty(world, async (input) => {
      // Two worlds that are the same: one is rehearsed, in the other it happens.
      const said = await edited(input);
      const { counts, intentions } = await predicted(said);
      const { stack, asked, open } = await edited(input);
      const [items, records] = [itemsOf(stack), recordsOf(stack)];

      const done = await reconcileRecords(stack.ports, open, asked);

      expect({ ...counts, calls: 0 }).toEqual({ ...done.counts, calls: 0 });
      const [itemsAfter, recordsAfter] = [itemsOf(stack), recordsOf(stack)];
      const links = [...stack.syncStore.storedLinks.values()];
      const happened = new Map<string, Pick<Intention, 'item' | 'record'>>();
      for (const { localKey, sfId = '' } of links) {
        const item = changeOf(items[localKey], itemsAfter[localKey]);
        const record = changeOf(records[sfId], recordsAfter[sfId]);
        if (item ?? record) happened.set(localKey, { ...(item && { item }), ...(record && { record }) });
      }
      const meant = intentions.filter(({ item, record }) => item ?? record);
      expect(Object.fromEntries(meant.map(({ key, item, record }) => [key, { item, record }]))).toEqual(
        Object.fromEntries(happened),
      );
      const held = links.flatMap(({ localKey, held: some = [] }) =>
        some.map(({ field }) => `${localKey} ${field}`),
      );
      const saidHeld = intentions.flatMap(({ key, held: some }) => some.map((field) => `${key} ${field}`));
      expect(saidHeld.toSorted()).toEqual(held.toSorted());
      expect(await said.stack.rejections()).toEqual(await stack.rejections());
      const waiting = (of: Stack) => of.parked().map(({ kind, key }) => `${kind} ${key}`);
      expect(waiting(said.stack)).toEqual(waiting(stack));
    }),
    { numRuns: 100 },
  );
}, 120_000);

test('an intention has one digest, whatever the order in which it is said', () => {
  const one: Intention = {
    key: 'k',
    item: { kind: 'update', values: { a: 1, b: null } },
    held: ['x', 'y'],
  };
  const other: Intention = {
    held: ['y', 'x'],
    item: { values: { b: null, a: 1 }, kind: 'update' },
    key: 'k',
  };
  expect(digestOfIntention(other)).toBe(digestOfIntention(one));
  for (const change of [
    { key: 'l' },
    { item: { kind: 'create' as const, values: { a: 1, b: null } } },
    { item: { kind: 'update' as const, values: { a: 2, b: null } } },
    { held: ['x'] },
  ])
    expect(digestOfIntention({ ...one, ...change })).not.toBe(digestOfIntention(one));
});
