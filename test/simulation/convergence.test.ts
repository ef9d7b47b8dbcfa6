import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Hint } from '../../shared/contracts/hints.ts';
import { nextOf } from '../../shared/contracts/next.ts';
import type { RemoteRecord } from '../../shared/sync/model/record.ts';
import { REASONS } from '../../shared/sync/reconcile/plan.ts';
import { dyingStore, Killed } from './faults.ts';
import { aWorld, MAPPING_ID, type World } from './world.ts';

/** What may happen, in any order. `n` picks a record, a hint or a moment, by remainder. */
type Happening =
  | { readonly what: 'local-edit'; readonly n: number; readonly field: string; readonly value: string }
  | { readonly what: 'org-edit'; readonly n: number; readonly field: string; readonly value: string }
  | { readonly what: 'local-new' | 'org-new'; readonly value: string }
  | { readonly what: 'deliver' | 'deliver-twice'; readonly n: number }
  | { readonly what: 'killed-delivery'; readonly n: number; readonly at: number }
  | { readonly what: 'lost-answer' | 'unavailable' | 'unreached' | 'sweep' | 'read-page' | 'use-page' }
  | { readonly what: 'time'; readonly seconds: number };

const LOCAL_FIELDS = {
  firstName: 'FirstName',
  lastName: 'LastName',
  email: 'Email',
  title: 'Title',
} as const;
const n = fc.nat({ max: 50 });
const value = fc.constantFrom('a', 'b', 'c', 'd');

const happening = (ours: readonly string[], theirs: readonly string[]): fc.Arbitrary<Happening> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        what: fc.constant('local-edit' as const),
        n,
        field: fc.constantFrom(...ours),
        value,
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        what: fc.constant('org-edit' as const),
        n,
        field: fc.constantFrom(...theirs),
        value,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ what: fc.constantFrom('local-new' as const, 'org-new' as const), value }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ what: fc.constantFrom('deliver' as const, 'deliver-twice' as const), n }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        what: fc.constant('killed-delivery' as const),
        n,
        at: fc.integer({ min: -8, max: 8 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        what: fc.constantFrom(
          'lost-answer' as const,
          'unavailable' as const,
          'unreached' as const,
          'sweep' as const,
          'read-page' as const,
          'use-page' as const,
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ what: fc.constant('time' as const), seconds: fc.integer({ min: 1, max: 200 }) }),
    },
  );

/** A world with its stream and its queue; the queue here gives its messages in any order. */
function aRunningWorld() {
  const world = aWorld();
  const waiting: Hint[] = [];
  /** Pages that were read some time ago, as a slow bulk job has them. */
  const pages: RemoteRecord[][] = [];
  let keys = 0;
  world.tables.onChange(({ key }) => waiting.push(world.localHint(key)));

  const deliver = async (hint: Hint, overrides = {}) => {
    try {
      const outcome = await world.handle(hint, overrides);
      if (outcome.kind === 'again') waiting.push(hint);
    } catch (error) {
      // A dead worker's message comes back, and so does one that failed.
      if (!(error instanceof Killed) && nextOf(error).do === 'stop') throw error;
      waiting.push(hint);
    }
    waiting.push(...world.hints.take(100));
  };
  const take = (index: number) => waiting.splice(index % Math.max(1, waiting.length), 1)[0];

  async function happen(event: Happening): Promise<void> {
    const ids = [...world.org.records.keys()];
    const items = world.tables.keys('contacts');
    switch (event.what) {
      case 'local-edit': {
        const key = items[event.n % Math.max(1, items.length)];
        if (key !== undefined) world.putItem(key, { [event.field]: event.value });
        return;
      }
      case 'org-edit': {
        const id = ids[event.n % Math.max(1, ids.length)];
        if (id === undefined) return;
        world.org.edit(id, { [event.field]: event.value });
        waiting.push(world.remoteHint(id));
        return;
      }
      case 'local-new':
        return world.putItem(`new-${++keys}`, { lastName: event.value });
      case 'org-new':
        waiting.push(world.remoteHint(world.org.insert({ LastName: event.value })));
        return;
      case 'deliver': {
        const hint = take(event.n);
        return hint && deliver(hint);
      }
      case 'deliver-twice': {
        const hint = waiting[event.n % Math.max(1, waiting.length)];
        return hint && deliver(hint);
      }
      case 'killed-delivery': {
        const hint = take(event.n);
        return (
          hint && deliver(hint, { syncStore: dyingStore(world.syncStore, event.at === 0 ? 1 : event.at) })
        );
      }
      case 'sweep':
        return deliver({ kind: 'sweep', mappingId: MAPPING_ID, runId: `r${event.what}${world.clock.now()}` });
      case 'read-page':
        pages.push(await world.readAll());
        return;
      case 'use-page': {
        const page = pages.shift();
        if (page) await world.reconcile(page);
        return;
      }
      case 'lost-answer':
      case 'unavailable':
      case 'unreached':
        return world.org.failNext('write', event.what);
      case 'time':
        return world.clock.advance(event.seconds * 1000);
    }
  }

  /** Until nothing waits: every message delivered, every parked key brought back, every lease run out. */
  async function settle(): Promise<void> {
    for (let round = 0; round < 60; round++) {
      world.clock.advance(300_000);
      for (const hint of waiting.splice(0)) await deliver(hint);
      const parked = await world.parkedKeys.due(world.clock.now(), 100);
      await world.parkedKeys.postpone(parked, new Date(world.clock.nowMs() + 120_000).toISOString());
      for (const one of parked) {
        waiting.push(one.kind === 'local' ? world.wakeHint(one.key) : world.remoteHint(one.key));
      }
      await world.sweep();
      const isWaiting = [...world.parkedKeys.parked.values()].some(
        ({ waitUntil }) => waitUntil !== undefined,
      );
      if (waiting.length === 0 && !isWaiting) return;
    }
    throw new Error('work never ends');
  }
  return { ...world, happen, settle };
}

/** Both sides as pairs of item and record; fails where one has no other. */
function pairs(world: World) {
  const records = world.org.alive();
  const items = world.tables.keys('contacts');
  expect(items).toHaveLength(records.length);
  return items.map((key) => {
    const item = world.item(key) ?? {};
    const record = records.find(({ Id }) => Id === item.salesforceId);
    expect(record).toBeDefined();
    const ours = Object.keys(LOCAL_FIELDS).map((field) => item[field] ?? null);
    const theirs = Object.values(LOCAL_FIELDS).map((field) => record?.fields[field] ?? null);
    return { key, ours, theirs };
  });
}

async function run(happenings: readonly Happening[]) {
  const world = aRunningWorld();
  world.org.insert({ LastName: 'first' });
  await world.sweep();
  for (const event of happenings) await world.happen(event);
  await world.settle();
  return world;
}

describe('whatever happens, in whatever order, with workers killed at any moment', () => {
  const anything = fc.array(happening(Object.keys(LOCAL_FIELDS), Object.values(LOCAL_FIELDS)), {
    maxLength: 40,
  });

  test('both sides end up equal, with no twin, and then nothing is written any more', async () => {
    await fc.assert(
      fc.asyncProperty(anything, async (happenings) => {
        const world = await run(happenings);

        for (const { ours, theirs } of pairs(world)) expect(ours).toEqual(theirs);
        const before = { local: world.tables.writes, org: world.org.writes };
        await world.settle();
        expect({ local: world.tables.writes, org: world.org.writes }).toEqual(before);
      }),
      { numRuns: 400 },
    );
  });

  const apart = fc.array(happening(['firstName', 'email'], ['LastName', 'Title']), { maxLength: 40 });

  test('no edit is lost where the sides edit different fields', async () => {
    await fc.assert(
      fc.asyncProperty(apart, async (happenings) => {
        const world = aRunningWorld();
        const sfId = world.org.insert({ LastName: 'first' });
        await world.sweep();
        const key = world.tables.keys('contacts')[0] ?? '';
        const last: Record<string, string> = { LastName: 'first' };
        const ours: Record<string, string> = {};
        for (const event of happenings) {
          // Edits go to the one record; everything else happens as it comes.
          if (event.what === 'local-edit') {
            ours[event.field] = event.value;
            world.putItem(key, { [event.field]: event.value });
          } else {
            await world.happen(event.what === 'org-edit' ? { ...event, n: 0 } : event);
            if (event.what === 'org-edit') last[event.field] = event.value;
          }
        }
        await world.settle();

        expect(world.item(key)).toMatchObject(ours);
        expect(world.org.records.get(sfId)?.fields).toMatchObject(last);
        // Of a write whose outcome nobody knows, it is recorded that there may have been one.
        const conflicts = [...world.journal.storedConflicts.values()];
        expect(conflicts.filter(({ reason }) => reason !== REASONS.outcomeUnknown)).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
