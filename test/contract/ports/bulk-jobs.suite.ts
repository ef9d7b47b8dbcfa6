import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { BulkJob, BulkJobs } from '../../../shared/use-cases/ports/bulk-jobs.ts';

const t = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const ALL = 10_000;

/** What every BulkJobs does. It may hold the jobs of others. */
export const bulkJobsSuite = (open: () => BulkJobs): void => {
  const aJob = (change: Partial<BulkJob> = {}): BulkJob => ({
    bulkJobId: randomUUID(),
    mappingId: 'connection.contact',
    connectionId: 'connection',
    kind: 'query',
    state: 'submitting',
    sObject: 'Contact',
    operation: 'query',
    startedAt: t(0),
    deadlineAt: t(1440),
    updatedAt: t(0),
    ...change,
  });

  test('keeps a job as it was created, and creates it once', async () => {
    const jobs = open();
    const job = aJob();

    expect(await jobs.create(job)).toBe(true);
    expect(await jobs.create({ ...job, sObject: 'Account' })).toBe(false);

    expect(await jobs.get(job.bulkJobId)).toEqual(job);
    expect(await jobs.get(randomUUID())).toBeUndefined();
  });

  test('changes what is named and nothing else', async () => {
    const jobs = open();
    const job = aJob();
    await jobs.create(job);
    const change = { state: 'InProgress', jobId: '750', jobCreatedAt: t(1), updatedAt: t(2) } as const;

    await jobs.update(job.bulkJobId, change);

    expect(await jobs.get(job.bulkJobId)).toEqual({ ...job, ...change });
    await expect(jobs.update(randomUUID(), change)).rejects.toMatchObject({ name: 'NotFound' });
  });

  test('takes a change of nothing for done', async () => {
    const jobs = open();
    const job = aJob();
    await jobs.create(job);

    await jobs.update(job.bulkJobId, {});
    await jobs.update(randomUUID(), {});

    expect(await jobs.get(job.bulkJobId)).toEqual(job);
  });

  test('refuses a job that it cannot hold', async () => {
    const created = open().create(aJob({ operation: 'x'.repeat(410_000) }));

    await expect(created).rejects.toMatchObject({ name: 'Refused', next: { do: 'stop' } });
  });

  test('lists the jobs that have not ended, oldest first', async () => {
    const jobs = open();
    const made = [5, 1, 3, 2, 4].map((minute) => aJob({ startedAt: t(minute) }));
    for (const job of made) await jobs.create(job);
    const [running, done, failed, submitting, complete] = made.map((job) => job.bulkJobId);
    await jobs.update(running ?? '', { state: 'InProgress', updatedAt: t(9) });
    await jobs.update(done ?? '', { state: 'done', updatedAt: t(9) });
    await jobs.update(failed ?? '', { state: 'Failed', updatedAt: t(9) });
    await jobs.update(complete ?? '', { state: 'JobComplete', updatedAt: t(9) });

    const listed = (await jobs.open(ALL)).map((job) => job.bulkJobId);

    const ids = new Set(made.map((job) => job.bulkJobId));
    expect(listed.filter((id) => ids.has(id))).toEqual([submitting, complete, running]);
    expect(await jobs.open(1)).toHaveLength(1);
    expect((await jobs.get(done ?? ''))?.state).toBe('done');
  });

  test("lists Salesforce's ids of the jobs that have not ended", async () => {
    const jobs = open();
    const [running, done, submitting] = [aJob(), aJob(), aJob()];
    for (const job of [running, done, submitting]) await jobs.create(job);
    await jobs.update(running.bulkJobId, { state: 'InProgress', jobId: `running-${running.bulkJobId}` });
    await jobs.update(done.bulkJobId, { state: 'done', jobId: `done-${done.bulkJobId}` });

    const ids = await jobs.openIds(ALL);

    expect(ids).toContain(`running-${running.bulkJobId}`);
    expect(ids).not.toContain(`done-${done.bulkJobId}`);
    expect(ids).not.toContain(undefined);
  });
};
