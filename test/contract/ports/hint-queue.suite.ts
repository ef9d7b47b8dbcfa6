import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Hint } from '../../../shared/contracts/hints.ts';
import type { HintMessage, HintQueue } from '../../../shared/use-cases/ports/hint-queue.ts';

/** A queue of its own, and what is in it. */
export interface HintQueueHarness {
  readonly queue: HintQueue;
  /** Takes everything off the queue. */
  receiveAll(): Promise<readonly Hint[]>;
}

const aHint = (mappingId: string, key = 'contact-1'): HintMessage => ({
  hint: { kind: 'local-keys', mappingId, keys: [{ key, changedAt: '2026-01-01T00:00:00.000Z' }] },
  cause: `stream/${randomUUID()}`,
});

/** What every HintQueue does. */
export const hintQueueSuite = (open: () => Promise<HintQueueHarness>): void => {
  test('holds every hint that was sent, as it was sent', async () => {
    const { queue, receiveAll } = await open();
    const sent = Array.from({ length: 23 }, (_, index) => aHint('a.contact', `contact-${index}`));
    const others: HintMessage[] = [
      { hint: { kind: 'remote-ids', mappingId: 'a.contact', sfIds: ['003'] }, cause: 'notification/1' },
      { hint: { kind: 'sweep', mappingId: 'a.contact', runId: 'run-1' }, cause: 'run-1/0' },
    ];

    await queue.send([...sent, ...others]);

    const received = await receiveAll();
    expect(received).toHaveLength(25);
    expect(received).toEqual(expect.arrayContaining([...sent, ...others].map(({ hint }) => hint)));
  });

  test('takes the same cause once, and two causes of the same key twice', async () => {
    const { queue, receiveAll } = await open();
    const message = aHint('a.contact');

    await queue.send([message, message]);
    await queue.send([message, { ...message, cause: 'another' }]);

    expect(await receiveAll()).toHaveLength(2);
  });

  test('takes the same cause for two mappings twice', async () => {
    const { queue, receiveAll } = await open();
    const cause = 'notification/2';

    await queue.send([
      { ...aHint('a.contact'), cause },
      { ...aHint('b.contact'), cause },
    ]);

    expect(await receiveAll()).toHaveLength(2);
  });

  test('takes none for done', async () => {
    const { queue, receiveAll } = await open();

    await queue.send([]);

    expect(await receiveAll()).toEqual([]);
  });
};
