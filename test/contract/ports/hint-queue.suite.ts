import { expect, test } from '@jest/globals';
import type { Hint } from '../../../shared/contracts/hints.ts';
import type { HintQueue } from '../../../shared/use-cases/ports/hint-queue.ts';

/** A queue of its own, and what is in it. */
export interface HintQueueHarness {
  readonly queue: HintQueue;
  /** Takes everything off the queue. */
  receiveAll(): Promise<readonly Hint[]>;
}

const aHint = (mappingId: string, key = 'contact-1'): Hint => ({
  kind: 'local-keys',
  mappingId,
  keys: [{ key, changedAt: '2026-01-01T00:00:00.000Z' }],
});

/** What every HintQueue does. */
export const hintQueueSuite = (open: () => Promise<HintQueueHarness>): void => {
  test('holds every hint that was sent, as it was sent', async () => {
    const { queue, receiveAll } = await open();
    const sent = Array.from({ length: 23 }, (_, index) => aHint('a.contact', `contact-${index}`));
    const others: Hint[] = [
      { kind: 'remote-ids', mappingId: 'a.contact', sfIds: ['003'] },
      { kind: 'sweep', mappingId: 'b.contact', runId: 'run-1' },
      {
        kind: 'sweeps',
        sweeps: [
          { mappingId: 'b.contact', runId: 'run-2' },
          { mappingId: 'b.account', runId: 'run-3' },
        ],
      },
    ];

    await queue.send([...sent, ...others]);

    const received = await receiveAll();
    expect(received).toHaveLength(26);
    expect(received).toEqual(expect.arrayContaining([...sent, ...others]));
  });

  test('never takes a hint for the repetition of another one: each edit of a key has its own', async () => {
    const { queue, receiveAll } = await open();

    await queue.send([aHint('a.contact'), aHint('a.contact')]);
    await queue.send([aHint('a.contact')]);

    expect(await receiveAll()).toHaveLength(3);
  });

  test('takes none for done', async () => {
    const { queue, receiveAll } = await open();

    await queue.send([]);

    expect(await receiveAll()).toEqual([]);
  });
};
