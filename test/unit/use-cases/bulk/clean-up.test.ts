import { describe, expect, test } from '@jest/globals';
import { callsOfDay } from '../../../../shared/sync/allowance/ledger.ts';
import { cleanUpExecution, cleanUpJobs } from '../../../../shared/use-cases/bulk/clean-up.ts';
import { aWorld, drive, MAPPING_ID, type World } from './world.ts';

const state = { bulkJobId: 'load1', mappingId: MAPPING_ID };

const submitted = async (): Promise<World> => {
  const world = await aWorld();
  world.org.runs.pollsToEnd = Number.POSITIVE_INFINITY;
  await world.step('submit-load', state);
  return world;
};

const HOUR = 3_600_000;

describe('the clean-up', () => {
  test.each(['TIMED_OUT', 'ABORTED', 'FAILED'])(
    'aborts the job of an execution that ended as %s',
    async (status) => {
      const world = await submitted();

      await cleanUpExecution(world.ports, { bulkJobId: 'load1', status });
      await cleanUpExecution(world.ports, { bulkJobId: 'load1', status });

      expect(world.org.calls.filter((call) => call === 'abort')).toHaveLength(1);
      expect(world.bulkJobs.jobs.get('load1')?.state).toBe('Aborted');
      expect((await world.mappingStates.get(MAPPING_ID))?.bulkJobId).toBeUndefined();
    },
  );

  test('leaves a job alone that has ended well', async () => {
    const world = await aWorld();
    await drive(world, 'load', 'load1');

    await cleanUpExecution(world.ports, { bulkJobId: 'load1', status: 'ABORTED' });

    expect(world.bulkJobs.jobs.get('load1')?.state).toBe('done');
  });

  test('frees the mapping of a load that never came to a job', async () => {
    const world = await aWorld();
    await world.mappingStates.setBulkJob(MAPPING_ID, 'load1');

    await cleanUpExecution(world.ports, { ...state, status: 'FAILED' });

    const mapping = await world.mappingStates.get(MAPPING_ID);
    expect([mapping?.bulkJobId, mapping?.pushDueSince]).toEqual([undefined, undefined]);
  });

  test('leaves an execution alone that it knows nothing of', async () => {
    const world = await submitted();

    await cleanUpExecution(world.ports, { bulkJobId: 'other', status: 'FAILED' });

    expect(world.org.bulk.open('query')).toHaveLength(1);
  });

  test('aborts jobs whose execution was not heard of for an hour, and no others', async () => {
    const world = await submitted();

    world.clock.advance(HOUR / 2);
    expect(await cleanUpJobs(world.ports)).toEqual({ aborted: [], left: [] });
    await world.step('poll', state);
    world.clock.advance(HOUR - 1);
    expect(await cleanUpJobs(world.ports)).toEqual({ aborted: [], left: [] });
    world.clock.advance(2);
    expect(await cleanUpJobs(world.ports)).toEqual({ aborted: ['load1'], left: [] });
    expect(world.org.bulk.open('query')).toEqual([]);
  });

  test('aborts a job past its deadline, however much alive it is', async () => {
    const world = await submitted();

    world.clock.advance(25 * HOUR);
    await world.bulkJobs.update('load1', { updatedAt: world.clock.now() });

    expect(await cleanUpJobs(world.ports)).toEqual({ aborted: ['load1'], left: [] });
  });

  test('aborts what a submission left behind that nobody came back to', async () => {
    const world = await aWorld();
    world.org.after = (call) => {
      if (call === 'submitQuery') throw new Error('killed');
    };
    await expect(world.step('submit-load', state)).rejects.toThrow('killed');
    expect(world.org.bulk.open('query')).toHaveLength(1);

    world.clock.advance(HOUR / 4 + 1);
    await cleanUpJobs(world.ports);

    expect(world.org.bulk.open('query')).toEqual([]);
    expect(world.bulkJobs.jobs.get('load1')?.state).toBe('Aborted');
  });

  test('goes on to the next job when one gives trouble, and comes back to it', async () => {
    const world = await submitted();
    const job = world.bulkJobs.jobs.get('load1');
    if (!job) throw new Error('no job');
    const other = await world.org.bulk.submitQuery({
      sObject: 'Contact',
      fields: [],
      where: { kind: 'all' },
    });
    await world.bulkJobs.create({ ...job, bulkJobId: 'load2', jobId: other.jobId });
    world.clock.advance(2 * HOUR);
    world.org.failNext('abort', 'unavailable');

    expect(await cleanUpJobs(world.ports)).toEqual({
      aborted: ['load2'],
      left: [{ bulkJobId: 'load1', code: 'SERVER_UNAVAILABLE' }],
    });
    expect(await cleanUpJobs(world.ports)).toEqual({ aborted: ['load1'], left: [] });
  });

  test('closes the record of a job that Salesforce no longer knows', async () => {
    const world = await submitted();
    world.org.jobs.clear();
    world.clock.advance(2 * HOUR);

    expect(await cleanUpJobs(world.ports)).toEqual({ aborted: ['load1'], left: [] });
  });

  test('counts its calls as those of loads, also where the abort fails', async () => {
    const world = await submitted();
    const loads = async (): Promise<number> => {
      const { ledger } = await world.ports.slots.allowance('conn1');
      return callsOfDay(ledger, world.clock.nowMs(), 'at-most', 'loads');
    };
    const before = await loads();
    world.clock.advance(2 * HOUR);
    world.org.failNext('abort', 'unavailable');

    await cleanUpJobs(world.ports);
    const afterFailure = await loads();
    await cleanUpExecution(world.ports, { bulkJobId: 'load1', status: 'ABORTED' });

    // Each looks at the job, and aborts it.
    expect([afterFailure - before, (await loads()) - before]).toEqual([2, 4]);
  });
});
