import { allTestAws, type TestAwsAccess } from '../../tools/testing/test-access.ts';

/** Which of Jest's workers this is, from 0. Jest counts from 1, and has one where it runs all by itself. */
export const workerIndex = (): number => Number(process.env.JEST_WORKER_ID ?? 1) - 1;

/** The emulated AWS of this worker, which no other worker's tests touch; undefined where none was started. */
export const workerAws = (): TestAwsAccess | undefined => allTestAws(process.env)[workerIndex()];
