import { expect, test } from '@jest/globals';
import { makeHandler } from '../../../functions/sync-worker/make-handler.ts';
import { TAKEN_VISIBILITY_SECONDS } from '../../../shared/contracts/lifetimes.ts';
import { InMemoryOrgSlots } from '../../in-memory/org-slots.ts';
import { loadedWorld } from '../../simulation/world.ts';
import { aContext } from './a-context.ts';
import { aLog } from './a-log.ts';

/** The worker and one message that sweeps a mapping of Ann's and one that the config does not have. */
async function aWorker() {
  const world = await loadedWorld();
  const log = aLog();
  const hidden: number[] = [];
  const counted: string[] = [];
  const handler = makeHandler(
    {
      ...world.ports,
      slots: new InMemoryOrgSlots(),
      timers: { after: () => () => undefined },
      hide: async (messages) =>
        void hidden.push(
          ...messages.map(({ seconds }) => seconds).filter((s) => s !== TAKEN_VISIBILITY_SECONDS),
        ),
    },
    log,
    { count: (name) => void counted.push(name), flush: () => {} },
  );
  const sweeps = ['c1.contact', 'c1.gone'].map((mappingId) => ({ mappingId, runId: `run of ${mappingId}` }));
  const invoke = (these: typeof sweeps) =>
    handler(
      {
        Records: [
          {
            messageId: 'm1',
            receiptHandle: 'r1',
            body: JSON.stringify({ kind: 'sweeps', sweeps: these }),
            attributes: { ApproximateReceiveCount: '1' },
          },
        ],
      },
      aContext(),
    );
  return { ...world, log, hidden, counted, sweeps, invoke };
}

test('a message of several sweeps is done when each is, and each has a line of its own', async () => {
  const { invoke, sweeps, log, counted, hidden } = await aWorker();

  expect(await invoke(sweeps)).toEqual({ batchItemFailures: [] });

  expect(hidden).toEqual([]);
  const lines = log.lines.join('\n');
  expect(lines).toMatch(/c1\.contact.*done/);
  expect(lines).toMatch(/c1\.gone.*UNKNOWN_MAPPING/);
  expect(counted.filter((name) => name === 'HintsHandled')).toHaveLength(1);
});

test('one of which nothing was done comes back', async () => {
  const { invoke, sweeps, org, hidden, hints } = await aWorker();
  org.failNext('read', 'unavailable');

  expect(await invoke(sweeps.slice(0, 1))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(hidden).toEqual([1]);
  expect(hints.take()).toEqual([]);
});
