import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { decideHeld, NEW_GUARD, reserve } from '../../../shared/sync/guard/guard.ts';
import type { Guarded, GuardStates } from '../../../shared/use-cases/ports/guard-states.ts';

const NOW = Date.UTC(2026, 0, 1);

/** What every GuardStates does. */
export const guardStatesSuite = (open: () => GuardStates): void => {
  const some = (): Guarded => ({ mappingId: `${randomUUID()}.contact`, what: 'deletions' });

  test('has nothing of what never happened', async () => {
    expect(await open().get(some())).toBeUndefined();
  });

  test('gives back what was stored, in full', async () => {
    const guards = open();
    const guarded = some();
    const { state } = reserve(NEW_GUARD, 25, { most: 500, share: 0.05, least: 20 }, NOW);
    const full = {
      ...decideHeld(state, 'refused', '2026-01-01T00:00:00.000Z'),
      closedSince: '2026-01-01T01:00:00.000Z',
      pairs: { count: 7, at: '2026-01-01T00:00:00.000Z' },
      version: 1,
    };

    expect(await guards.put(guarded, full, 0)).toBe(true);

    expect(await guards.get(guarded)).toEqual(full);
    expect(await guards.get(some())).toBeUndefined();
  });

  test('takes a state only over the version that was read', async () => {
    const guards = open();
    const guarded = some();
    const state = (version: number) => ({ ...NEW_GUARD, version });
    expect(await guards.put(guarded, state(1), 0)).toBe(true);
    expect(await guards.put(guarded, state(1), 0)).toBe(false);
    expect(await guards.put(guarded, state(2), 1)).toBe(true);
    expect(await guards.put(guarded, state(3), 1)).toBe(false);
    expect(await guards.get(guarded)).toEqual(state(2));
  });

  test('lists all that is guarded of a mapping, and of no other', async () => {
    const guards = open();
    const guarded = some();
    const cleared = { ...guarded, what: 'clears:local:address.city' as const };
    const state = { ...NEW_GUARD, version: 1 };
    await guards.put(guarded, state, 0);
    await guards.put(cleared, { ...state, held: 3 }, 0);
    await guards.put(some(), state, 0);

    const listed = [...(await guards.ofMapping(guarded.mappingId))];
    expect(listed.sort((a, b) => (a.what < b.what ? -1 : 1))).toEqual([
      { what: cleared.what, state: { ...state, held: 3 } },
      { what: guarded.what, state },
    ]);
    expect(await guards.ofMapping(some().mappingId)).toEqual([]);
  });

  test('loses no count of many who are at it at once', async () => {
    const guards = open();
    const guarded = some();
    const one = async (): Promise<void> => {
      for (;;) {
        const before = await guards.get(guarded);
        const { state } = reserve(before ?? NEW_GUARD, 1, { most: 500, share: 0, least: 20 }, NOW);
        if (await guards.put(guarded, state, before?.version ?? 0)) return;
      }
    };

    await Promise.all(Array.from({ length: 8 }, one));

    expect((await guards.get(guarded))?.hours).toEqual({ '2026-01-01T00:00:00.000Z': 8 });
  });
};
