import { expect, test } from '@jest/globals';
import type { GuardState } from '../../../../../shared/sync/guard/guard.ts';
import { askGuard } from '../../../../../shared/use-cases/reconciliation/records/ask-guard.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aMapping } from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';
import { InMemoryGuardStates } from '../../../../in-memory/guard-states.ts';

const BEFORE = '2026-01-01T00:00:00.000Z';
const NOW = '2026-01-02T00:00:00.000Z';
const what = 'clears:local:email';

/** Two may go in a day, and more where the mapping has more than four pairs. */
function aPass(stored?: Partial<GuardState>, pairs = 0) {
  const mapping = aMapping();
  const guardStates = new InMemoryGuardStates();
  const id = `${mapping.mappingId}#${what}`;
  if (stored) guardStates.states.set(id, { hours: {}, held: 0, version: 1, ...stored });
  const counted: number[] = [];
  const ports = {
    guardStates,
    clock: manualClock(NOW),
    deletionLimits: { most: 5, share: 0.5, least: 2 },
    linkLists: {
      countLiving: async (_mappingId: string, most: number) => {
        counted.push(most);
        return pairs;
      },
    },
  };
  const pass = { ports, open: { mapping }, owner: 'w' } as unknown as Pass;
  return { pass, guardStates, counted, state: () => guardStates.states.get(id) };
}

test('the first that ask go, the rest are held, and it counts what it let through', async () => {
  const { pass, state } = aPass();

  expect(await askGuard(pass, what, [undefined, undefined, undefined])).toEqual(['go', 'go', 'held']);
  expect(state()).toMatchObject({ held: 1, closedSince: NOW, hours: { [NOW]: 2 } });
});

test('pairs are counted where they decide, up to as many as that takes, and their number is kept', async () => {
  const few = aPass(undefined, 8);
  expect(await askGuard(few.pass, what, [undefined, undefined])).toEqual(['go', 'go']);
  expect(few.counted).toEqual([]);
  expect(few.state()).not.toHaveProperty('pairs');

  expect(await askGuard(few.pass, what, [undefined, undefined])).toEqual(['go', 'go']);
  expect(few.counted).toEqual([10]);
  expect(few.state()).toMatchObject({ pairs: { count: 8, at: NOW } });
});

test('a decision goes for what was held when it was made, and who comes after it asks', async () => {
  const later = '2026-01-03T00:00:00.000Z';
  for (const [kind, answer] of [
    ['released', 'go'],
    ['refused', 'refused'],
  ] as const) {
    const { pass } = aPass({ decisions: [{ kind, before: NOW }], closedSince: NOW });
    expect(await askGuard(pass, what, [BEFORE, later, undefined])).toEqual([answer, 'held', 'held']);
  }
});

test('where nobody has to be counted, nothing is written', async () => {
  const { pass, state } = aPass({ closedSince: BEFORE, held: 1 });

  expect(await askGuard(pass, what, [BEFORE])).toEqual(['held']);
  expect(state()?.version).toBe(1);
});

test('who was held asks again where the guard is open', async () => {
  expect(await askGuard(aPass({}).pass, what, [BEFORE])).toEqual(['go']);
});

test('who loses the race asks again, and says after the tenth that others are too many', async () => {
  for (const [losses, answer] of [
    [9, 'go'],
    [10, 'contended'],
  ] as const) {
    const { pass, guardStates } = aPass();
    const { put } = guardStates;
    let tries = 0;
    guardStates.put = async (...args) => {
      tries += 1;
      return tries > losses && put.apply(guardStates, args);
    };
    expect(await askGuard(pass, what, [undefined])).toEqual([answer]);
    expect(tries).toBe(10);
  }
});
