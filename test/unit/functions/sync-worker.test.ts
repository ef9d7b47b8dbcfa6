import { describe, expect, test } from '@jest/globals';
import { makeHandler } from '../../../functions/sync-worker/make-handler.ts';
import type { Hint } from '../../../shared/contracts/hints.ts';
import { aWorld } from '../../simulation/world.ts';
import { aContext } from './a-context.ts';
import { aLog } from './a-log.ts';

/** The worker over a world whose Ann is on both sides. */
async function aWorker() {
  const world = aWorld();
  world.org.insert({ FirstName: 'Ann', LastName: 'Lee' });
  await world.sweep();
  const [key = ''] = world.tables.keys('contacts');
  const hidden: { receiptHandle: string; seconds: number }[] = [];
  const hideFor = async (receiptHandle: string, seconds: number) =>
    void hidden.push({ receiptHandle, seconds });
  const log = aLog();
  const handler = makeHandler({ ...world.ports, hideFor }, log, { count: () => {}, flush: () => {} });
  return { ...world, key, hidden, log, invoke: (Records: unknown[]) => handler({ Records }, aContext()) };
}

const record = (hint: Hint | string, change: { id?: string; group?: string; receives?: number } = {}) => ({
  messageId: change.id ?? 'm1',
  receiptHandle: `receipt of ${change.id ?? 'm1'}`,
  body: typeof hint === 'string' ? hint : JSON.stringify(hint),
  attributes: { MessageGroupId: change.group ?? 'g1', ApproximateReceiveCount: String(change.receives ?? 1) },
});

describe('the worker', () => {
  test('is done with a message whose keys are in step', async () => {
    const { invoke, localHint, key } = await aWorker();

    expect(await invoke([record(localHint(key))])).toEqual({ batchItemFailures: [] });
  });

  test('brings back the message that failed, and none of its neighbours', async () => {
    const { invoke, localHint, key, org, putItem, hidden } = await aWorker();
    putItem(key, { title: 'x' });
    org.failNext('read', 'unavailable');

    const answer = await invoke([
      record(localHint(key), { id: 'a', group: 'one' }),
      record(localHint(key), { id: 'b', group: 'one' }),
      record(localHint('nobody'), { id: 'c', group: 'two' }),
    ]);

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'a' }]);
    expect(hidden).toEqual([{ receiptHandle: 'receipt of a', seconds: 1 }]);
  });

  test('waits longer with each return', async () => {
    const { invoke, localHint, key, org, putItem, hidden } = await aWorker();
    putItem(key, { title: 'x' });
    org.failNext('read', 'unavailable');

    await invoke([record(localHint(key), { receives: 3 })]);

    expect(hidden).toMatchObject([{ seconds: 4 }]);
  });

  test('sets the keys aside, with their time, before an org that stays away makes a dead letter of the message', async () => {
    const { invoke, localHint, key, org, putItem, parkedKeys, clock } = await aWorker();
    putItem(key, { title: 'x' });
    org.failNext('read', 'unavailable');

    expect(await invoke([record(localHint(key), { receives: 5 })])).toEqual({ batchItemFailures: [] });
    expect([...parkedKeys.parked.values()]).toMatchObject([
      { key, kind: 'local', local: { reason: 'SERVER_UNAVAILABLE', changedAt: clock.now() } },
    ]);
  });

  test.each(['', '{', '{"kind":"local-keys"}', '{"kind":"other","mappingId":"c1.contact"}'])(
    'leaves %j, which is no hint, for the dead-letter queue, and says nothing of its content',
    async (body) => {
      const { invoke, log } = await aWorker();

      expect(await invoke([record(body)])).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
      expect(log.lines.join()).not.toContain('local-keys');
    },
  );
});
