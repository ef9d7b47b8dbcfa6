import { describe, expect, test } from '@jest/globals';
import { eachDuePage } from '../../../../shared/use-cases/schedules/due-pages.ts';
import { manualClock } from '../../../in-memory/clock.ts';

/** Works through an index that answers each read with the next of these pages, and with nothing after the last. */
const workThrough = async (pages: readonly (readonly number[])[], deadlineInMs = 60_000, pageMs = 0) => {
  const clock = manualClock();
  const left = [...pages];
  const handled: number[][] = [];
  let reads = 0;
  await eachDuePage(clock, clock.nowMs() + deadlineInMs, {
    read: async () => {
      reads += 1;
      return left.shift() ?? [];
    },
    identify: String,
    handle: async (entries) => {
      handled.push([...entries]);
      clock.advance(pageMs);
    },
  });
  return { handled, reads };
};

const pageFrom = (first: number, size = 500): number[] => Array.from({ length: size }, (_, n) => first + n);

describe('what is due', () => {
  test('is worked through page by page, until one is not full', async () => {
    const pages = [pageFrom(0), pageFrom(500), pageFrom(1_000, 3)];

    expect(await workThrough(pages)).toEqual({ handled: pages, reads: 3 });
  });

  test('is handled once, though the index still shows what was just ticked off', async () => {
    const { handled } = await workThrough([pageFrom(0), pageFrom(100), pageFrom(100)]);

    expect(handled).toEqual([pageFrom(0), pageFrom(500, 100)]);
  });

  test('waits for the next tick once the time is up, or after twenty pages', async () => {
    const pages = Array.from({ length: 30 }, (_, page) => pageFrom(page * 500));

    expect((await workThrough(pages, 60_000, 25_000)).reads).toBe(3);
    expect((await workThrough(pages)).reads).toBe(20);
  });
});
