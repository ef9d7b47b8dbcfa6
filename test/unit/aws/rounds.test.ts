import { describe, expect, test } from '@jest/globals';
import { inRounds, type Round } from '../../../shared/aws/rounds.ts';

/** Work that goes through these results, and what was done beside it. */
const aWork = (...results: readonly Round<string>[]) => {
  const pauses: number[] = [];
  const rounds: number[] = [];
  return {
    pauses,
    rounds,
    run: (bound: number) =>
      inRounds<string>(
        bound,
        async (round) => {
          rounds.push(round);
          return results[round] ?? 'pause';
        },
        () => 'given up',
        async (round) => {
          pauses.push(round);
        },
      ),
  };
};

describe('work in rounds', () => {
  test('ends with the first answer', async () => {
    const { run, rounds, pauses } = aWork('pause', { answer: 'done' }, { answer: 'never' });

    expect(await run(5)).toBe('done');
    expect([rounds, pauses]).toEqual([[0, 1], [0]]);
  });

  test('pauses only where it did not get on', async () => {
    const { run, pauses } = aWork('at-once', 'pause', 'at-once', { answer: 'done' });

    expect(await run(5)).toBe('done');
    expect(pauses).toEqual([1]);
  });

  test('is given up after its bound, without a last pause', async () => {
    const { run, rounds, pauses } = aWork();

    expect(await run(3)).toBe('given up');
    expect([rounds, pauses]).toEqual([
      [0, 1, 2],
      [0, 1],
    ]);
  });

  test('stops at an error', async () => {
    const failing = () => Promise.reject(new Error('broken'));

    await expect(inRounds(3, failing, () => 'given up')).rejects.toThrow('broken');
  });

  test('pauses a little longer each time unless told otherwise', async () => {
    const begunAt = performance.now();
    const work = async (round: number): Promise<Round<string>> => (round < 2 ? 'pause' : { answer: 'done' });

    await inRounds(3, work, () => 'given up');

    // At least half of 25 and of 50 ms; timers may end a millisecond early.
    expect(performance.now() - begunAt).toBeGreaterThan(35);
  });
});
