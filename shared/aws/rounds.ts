import { setTimeout as sleep } from 'node:timers/promises';

/** What a round came to: the answer, or another round after a pause, or another one at once because it got on. */
export type Round<T> = { readonly answer: T } | 'pause' | 'at-once';

/** 25 ms, doubling up to a second, and somewhere between half and all of it, so that callers spread out. */
const pause = (round: number): Promise<void> =>
  sleep(Math.min(1000, 25 * 2 ** round) * (0.5 + Math.random() / 2));

/**
 * Runs a piece of work again until it has its answer, with a growing pause where it did not get on.
 *
 * @param rounds - the bound: 9 rounds are some three seconds of pauses in all, each further one a second more
 * @param work - gets the number of the round, from 0
 * @param giveUp - what it comes to when the rounds are used up: throws, or answers all the same
 */
export const inRounds = async <T>(
  rounds: number,
  work: (round: number) => Promise<Round<T>>,
  giveUp: () => T,
  wait: (round: number) => Promise<void> = pause,
): Promise<T> => {
  for (let round = 0; round < rounds; round += 1) {
    const result = await work(round);
    if (typeof result === 'object') return result.answer;
    const isLast = round + 1 === rounds;
    if (result === 'pause' && !isLast) await wait(round);
  }
  return giveUp();
};
