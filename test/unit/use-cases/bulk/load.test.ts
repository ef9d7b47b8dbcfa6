import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refused, StoreUnavailable } from '../../../../shared/aws/errors.ts';
import { killAt } from './kill-at.ts';
import { aWorld, CHILD_ID, drive, MAPPING_ID, retried, twice, type World } from './world.ts';

const fill = (world: World, count: number): void => {
  for (let index = 0; index < count; index += 1) {
    world.org.insert({ LastName: `Lee ${index}`, Email: `lee${index}@example.com` });
  }
};

const linkCount = (world: World): number => world.syncStore.storedLinks.size;
const itemCount = (world: World): number => world.tables.keys('contacts').length;

describe('a load', () => {
  test('brings in every record, page by page, and leaves the watermark at the creation of the job', async () => {
    const world = await aWorld({ pageRows: 300 });
    fill(world, 700);

    const { state, steps } = await drive(world, 'load', 'load1');

    expect(state).toMatchObject({ outcome: 'done', pages: 3, records: 700 });
    expect(steps.filter((step) => step === 'fetch-page')).toHaveLength(3);
    expect([linkCount(world), itemCount(world)]).toEqual([700, 700]);
    const mapping = await world.mappingStates.get(MAPPING_ID);
    expect(mapping).toMatchObject({ status: 'active', watermark: '2026-01-01T00:00:00.000Z' });
    expect(mapping?.bulkJobId).toBeUndefined();
    expect(world.bulkJobs.jobs.get('load1')?.state).toBe('done');
    expect(world.executions.started).toEqual([
      { kind: 'push', bulkJobId: 'load1-push1', mappingId: MAPPING_ID },
    ]);
    expect(await world.journal.runs(MAPPING_ID, 10)).toMatchObject([
      { runId: 'load1', cause: 'bulk-load', counts: { read: 700, createdLocally: 700 } },
    ]);
  });

  test('has a mapping that waited for its records begin at once', async () => {
    const world = await aWorld();
    fill(world, 20);
    const state = { mappingId: CHILD_ID, connectionId: 'conn1', orgId: 'tenant-1', name: 'case' };
    await world.mappingStates.ensure(state, '2030-01-01T00:00:00.000Z');

    await drive(world, 'load', 'load1');

    const { nextRunAt = '' } = (await world.mappingStates.get(CHILD_ID)) ?? {};
    expect(Date.parse(nextRunAt)).toBeLessThanOrEqual(world.clock.nowMs());
  });

  test('comes to the same when every step runs twice', async () => {
    const world = await aWorld({ pageRows: 150 });
    fill(world, 400);

    const { state } = await drive(world, 'load', 'load1', twice(world));

    expect(state).toMatchObject({ outcome: 'done', pages: 3, records: 400 });
    expect([linkCount(world), itemCount(world), world.tables.writes]).toEqual([400, 400, 400]);
    expect(world.org.jobs.size).toBe(1);
    expect(world.executions.started).toHaveLength(1);
  });

  test('says that the staging bucket refuses its pages, not that they were cut off', async () => {
    const world = await aWorld();
    fill(world, 3);
    world.staging.get = () =>
      Promise.reject(new Refused('reading a staged object', 'AccessDenied s3:GetObject'));

    const { state } = await drive(world, 'load', 'load1');

    expect(state).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('STORE_REFUSED (AccessDenied s3:GetObject)'),
    });
  });

  test('ends with nothing to read', async () => {
    const world = await aWorld();

    const { state } = await drive(world, 'load', 'load1');

    expect(state).toMatchObject({ outcome: 'done', records: 0 });
  });

  test('aborts the job that was made in the moment of a kill, and leaves one', async () => {
    const world = await aWorld();
    fill(world, 3);
    let isKilled = false;
    world.org.after = (call) => {
      if (call !== 'submitQuery' || isKilled) return;
      isKilled = true;
      throw new Error('killed');
    };

    const { state } = await drive(world, 'load', 'load1', retried(world));

    expect(state.outcome).toBe('done');
    expect([...world.org.jobs.values()].map(({ info }) => info.state)).toEqual(['Aborted', 'JobComplete']);
  });

  test('leaves jobs alone that are known, older, of somebody else or about something else', async () => {
    const world = await aWorld();
    const bystander = async () =>
      (await world.org.bulk.submitQuery({ sObject: 'Contact', fields: [], where: { kind: 'all' } })).jobId;
    const alter = (jobId: string, change: object): void => {
      const job = world.org.jobs.get(jobId);
      if (job) job.info = { ...job.info, ...change };
    };
    alter(await bystander(), { createdById: '005000000000002AAA' });
    alter(await bystander(), { createdAt: '2025-12-31T23:00:00.000Z' });
    alter(await bystander(), { sObject: 'Account' });
    alter(await bystander(), { operation: 'queryAll' });
    const known = await bystander();
    const base = {
      mappingId: 'conn1.other',
      connectionId: 'conn1',
      kind: 'query',
      sObject: 'Contact',
    } as const;
    const at = '2026-01-01T00:00:00.000Z';
    await world.bulkJobs.create({
      ...base,
      bulkJobId: 'other',
      jobId: known,
      state: 'InProgress',
      operation: 'query',
      startedAt: at,
      deadlineAt: at,
      updatedAt: at,
    });
    const before = world.org.bulk.open('query').length;
    world.org.failNext('submitQuery', 'unavailable');
    await expect(world.step('submit-load', { bulkJobId: 'load1', mappingId: MAPPING_ID })).rejects.toThrow();

    await world.step('submit-load', { bulkJobId: 'load1', mappingId: MAPPING_ID });

    expect(world.org.calls).toContain('listOpen');
    expect(world.org.bulk.open('query')).toHaveLength(before + 1);
  });

  test.each([
    ['within a row', (csv: Uint8Array) => csv.subarray(0, csv.length - 7)],
    ['after a row', (csv: Uint8Array) => csv.subarray(0, csv.lastIndexOf(10, csv.length - 2) + 1)],
  ])('never takes a page for whole that was cut off %s', async (_, cut) => {
    const world = await aWorld();
    fill(world, 20);
    world.org.runs.cut = cut;
    let isMended = false;
    world.org.before = (call) => {
      if (call !== 'queryResults') return;
      if (isMended) world.org.runs.cut = (csv) => csv;
      isMended = true;
    };

    const { state, steps } = await drive(world, 'load', 'load1', retried(world));

    expect(state).toMatchObject({ outcome: 'done', pages: 1, records: 20 });
    expect(steps.filter((step) => step === 'fetch-page')).toHaveLength(1);
    expect(world.org.calls.filter((call) => call === 'queryResults')).toHaveLength(2);
    expect(linkCount(world)).toBe(20);
  });

  test('goes on in the middle of a page when the time of an invocation runs out', async () => {
    const world = await aWorld();
    fill(world, 1_000);
    world.remainingMs = () => 10_000;

    const { state, steps } = await drive(world, 'load', 'load1');

    expect(state.outcome).toBe('done');
    expect(steps.filter((step) => step === 'reconcile-page')).toHaveLength(5);
    expect([linkCount(world), world.tables.writes]).toEqual([1_000, 1_000]);
  });

  test('aborts a job at its deadline', async () => {
    const world = await aWorld();
    fill(world, 3);
    world.org.runs.pollsToEnd = Number.POSITIVE_INFINITY;

    const driven = await drive(world, 'load', 'load1', async (step, state) => {
      if (step === 'poll') world.clock.advance(3_600_000);
      return world.step(step, state);
    });

    expect(driven.state).toMatchObject({ outcome: 'failed', reason: 'The job did not end within its time.' });
    expect(driven.steps.filter((step) => step === 'poll')).toHaveLength(24);
    expect(world.org.bulk.open('query')).toEqual([]);
    const mapping = await world.mappingStates.get(MAPPING_ID);
    expect(mapping?.bulkJobId).toBeUndefined();
    expect(Date.parse(mapping?.nextRunAt ?? '')).toBeGreaterThan(world.clock.nowMs());
  });

  test('keeps what Salesforce says of a failed job out of the state', async () => {
    const world = await aWorld();
    fill(world, 3);
    world.org.runs.failure = 'InvalidBatch : Jane Doe is wrong';

    const { state } = await drive(world, 'load', 'load1');

    expect(JSON.stringify(state)).not.toContain('Jane Doe');
    expect(state.outcome).toBe('failed');
    expect(await world.journal.rejections(MAPPING_ID, 10)).toMatchObject([
      { key: 'bulk-job:query', code: 'BULK_JOB_FAILED', message: 'InvalidBatch : Jane Doe is wrong' },
    ]);
  });

  test('waits in its poll for what passes by itself', async () => {
    const world = await aWorld();
    fill(world, 1);
    const submitted = await world.step('submit-load', { bulkJobId: 'load1', mappingId: MAPPING_ID });
    world.org.failNext('info', 'used-up');

    const waiting = await world.step('poll', submitted);

    expect(waiting).toMatchObject({ outcome: 'running', waitSeconds: 900 });
  });

  test.each([
    ['fetch-page', 'an allowance that is used up', 900],
    ['reconcile-page', 'an outage of the store', 60],
  ] as const)('in %s outlives %s, and goes on with the same page', async (struck, _what, waitSeconds) => {
    const world = await aWorld({ pageRows: 2 });
    fill(world, 5);
    const get = world.staging.get.bind(world.staging);
    let strikes = 20;

    const { state, steps } = await drive(world, 'load', 'load1', async (step, before) => {
      if (step !== struck || before.records !== (step === 'fetch-page' ? 2 : 4) || strikes === 0)
        return world.step(step, before);
      strikes -= 1;
      if (step === 'fetch-page') world.org.failNext('queryResults', 'used-up');
      else world.staging.get = () => Promise.reject(new StoreUnavailable('the bucket'));
      const answer = await world.step(step, before);
      world.staging.get = get;
      expect(answer).toEqual({ ...before, outcome: 'running', waitSeconds });
      return answer;
    });

    expect(strikes).toBe(0);
    expect(state.outcome).toBe('done');
    expect(steps.filter((step) => step === 'submit-load')).toHaveLength(1);
    expect(linkCount(world)).toBe(5);
  });

  test('is left to the next pass, row by row, where the job finds more than an execution carries', async () => {
    const world = await aWorld();
    fill(world, 3);
    const info = world.org.bulk.info.bind(world.org.bulk);
    world.org.bulk.info = async (...asked) => ({ ...(await info(...asked)), recordsProcessed: 10_000_001 });

    const { state, steps } = await drive(world, 'load', 'load1');

    expect(steps).toEqual(['submit-load', 'poll', 'abort']);
    expect(state.reason).toBe('The query found more than 10000000 records; they are read row by row.');
    expect((await world.mappingStates.get(MAPPING_ID))?.trouble?.code).toBe('BULK_REFUSED');
  });

  test('ends where its pages lead back to themselves', async () => {
    const world = await aWorld({ pageRows: 2 });
    fill(world, 5);
    const results = world.org.bulk.queryResults.bind(world.org.bulk);
    world.org.bulk.queryResults = async (jobId, page) => {
      const answer = await results(jobId, page);
      return page?.locator === undefined ? answer : { ...answer, nextLocator: page.locator };
    };

    const { state } = await drive(world, 'load', 'load1');

    expect(state).toMatchObject({
      outcome: 'failed',
      reason: 'The step fetch-page cannot succeed: BULK_PAGE_REPEATED.',
    });
  });

  test('stops where the connection must be authorised again, and abort ends it all the same', async () => {
    const world = await aWorld();
    fill(world, 3);
    world.org.runs.pollsToEnd = 3;

    const { state, steps } = await drive(world, 'load', 'load1', async (step, state) => {
      world.isDead ||= step === 'poll';
      return world.step(step, state);
    });

    expect(steps).toEqual(['submit-load', 'poll', 'abort']);
    expect(state).toMatchObject({ reason: 'The connection must be authorised again.' });
    expect(world.bulkJobs.jobs.get('load1')?.state).toBe('Aborted');
    expect((await world.mappingStates.get(MAPPING_ID))?.bulkJobId).toBeUndefined();
  });

  test('does nothing more for a job that was aborted meanwhile', async () => {
    const world = await aWorld();
    fill(world, 3);
    const submitted = await world.step('submit-load', { bulkJobId: 'load1', mappingId: MAPPING_ID });
    await world.step('abort', submitted);
    const calls = world.org.calls.length;

    for (const step of ['submit-load', 'poll', 'fetch-page', 'reconcile-page', 'finish-load'] as const) {
      expect(await world.step(step, submitted)).toMatchObject({ outcome: 'stopped' });
    }

    expect(world.org.calls).toHaveLength(calls);
    const mapping = await world.mappingStates.get(MAPPING_ID);
    expect([mapping?.watermark, mapping?.bulkJobId]).toEqual([undefined, undefined]);
  });

  test('leaves no watermark where the passes were forgotten meanwhile, and has the next one begin at once', async () => {
    const world = await aWorld();
    fill(world, 3);

    const { state } = await drive(world, 'load', 'load1', async (step, before) => {
      if (step === 'finish-load') await world.mappingStates.forgetPasses(MAPPING_ID);
      return world.step(step, before);
    });

    expect(state.outcome).toBe('done');
    const mapping = await world.mappingStates.get(MAPPING_ID);
    expect([mapping?.watermark, mapping?.bulkJobId]).toEqual([undefined, undefined]);
    expect(mapping).toMatchObject({ status: 'loading', nextRunAt: world.clock.now() });
  });

  test('lets a second load of the mapping wait its turn', async () => {
    const world = await aWorld();
    const first = await world.step('submit-load', { bulkJobId: 'load1', mappingId: MAPPING_ID });

    const { state } = await drive(world, 'load', 'load2');

    expect(state).toMatchObject({ outcome: 'failed', reason: 'Another load of this mapping is under way.' });
    expect((await world.mappingStates.get(MAPPING_ID))?.bulkJobId).toBe(first.bulkJobId);
  });

  test('leaves exactly 5,000 links of 5,000 records, whatever is killed when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 8 }), async (kills) => {
        const world = await aWorld({ pageRows: 2_000 });
        fill(world, 5_000);
        killAt(world, new Set(kills));

        const { state } = await drive(world, 'load', 'load1', retried(world));

        expect(state.outcome).toBe('done');
        expect([linkCount(world), itemCount(world), world.tables.writes]).toEqual([5_000, 5_000, 5_000]);
        expect(world.org.bulk.open('query')).toEqual([]);
      }),
      { numRuns: 6, seed: 20260501 },
    );
  });
});
