import { describe, expect, test } from '@jest/globals';
import { makeHandler, type WorkerPorts } from '../../../functions/sync-worker/make-handler.ts';
import { Throttled } from '../../../shared/aws/errors.ts';
import type { Hint } from '../../../shared/contracts/hints.ts';
import { TAKEN_VISIBILITY_SECONDS } from '../../../shared/contracts/lifetimes.ts';
import { InMemoryOrgSlots } from '../../in-memory/org-slots.ts';
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
  const hide: WorkerPorts['hide'] = async (messages) => void hidden.push(...messages);
  const log = aLog();
  const slots = new InMemoryOrgSlots();
  // Nothing here is silent for long enough.
  const timers = { after: () => () => undefined };
  const ports = { ...world.ports, slots, timers, hide };
  const handler = makeHandler(ports, log, { count: () => {}, flush: () => {} });
  return {
    ...world,
    key,
    /** What was hidden after it was looked at. */
    hidden: () => hidden.filter(({ seconds }) => seconds !== TAKEN_VISIBILITY_SECONDS),
    taken: () => hidden.filter(({ seconds }) => seconds === TAKEN_VISIBILITY_SECONDS),
    log,
    invoke: (Records: unknown[], handle = handler) => handle({ Records }, aContext()),
    handlerWith: (change: Partial<WorkerPorts>) =>
      makeHandler({ ...ports, ...change }, log, { count: () => {}, flush: () => {} }),
  };
}

const record = (hint: Hint | string, change: { id?: string; receives?: number } = {}) => ({
  messageId: change.id ?? 'm1',
  receiptHandle: `receipt of ${change.id ?? 'm1'}`,
  body: typeof hint === 'string' ? hint : JSON.stringify(hint),
  attributes: { MessageGroupId: 'c1', ApproximateReceiveCount: String(change.receives ?? 1) },
});

describe('the worker', () => {
  test('is done with a message whose keys are in step', async () => {
    const { invoke, localHint, key, hidden } = await aWorker();

    expect(await invoke([record(localHint(key))])).toEqual({ batchItemFailures: [] });
    expect(hidden()).toEqual([]);
  });

  test('hides what it has taken no longer than a dead worker holds its keys', async () => {
    const { invoke, localHint, key, taken } = await aWorker();

    await invoke([record(localHint(key), { id: 'a' }), record('no hint', { id: 'b' })]);

    expect(taken().map(({ receiptHandle }) => receiptHandle)).toEqual(['receipt of a', 'receipt of b']);
  });

  test('works on all the same where SQS does not hide', async () => {
    const { invoke, localHint, key, putItem, org, handlerWith } = await aWorker();
    putItem(key, { title: 'x' });
    const hide = () => Promise.reject(new Throttled('hiding hints'));

    const answer = await invoke([record(localHint(key))], handlerWith({ hide }));

    expect(answer).toEqual({ batchItemFailures: [] });
    expect(org.writes).toBe(1);
  });

  test('brings back what Salesforce did not take, and none of its neighbours that need no call', async () => {
    const { invoke, localHint, key, org, putItem, hidden } = await aWorker();
    putItem(key, { title: 'x' });
    org.failNext('read', 'unavailable');
    const other: Hint = { kind: 'local-keys', mappingId: 'c2.contact', keys: [{ key: 'nobody' }] };

    const answer = await invoke([record(localHint(key), { id: 'a' }), record(other, { id: 'b' })]);

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: 'a' }]);
    expect(hidden()).toEqual([{ receiptHandle: 'receipt of a', seconds: 1 }]);
  });

  test('waits longer with each return', async () => {
    const { invoke, localHint, key, org, putItem, hidden } = await aWorker();
    putItem(key, { title: 'x' });
    org.failNext('read', 'unavailable');

    await invoke([record(localHint(key), { receives: 3 })]);

    expect(hidden()).toMatchObject([{ seconds: 4 }]);
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
