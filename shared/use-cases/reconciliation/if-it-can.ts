import { SyncError } from '../../contracts/next.ts';

/** Awaits what is worth no failure and no message where it cannot be done, as long as the error is one that is expected. */
export async function ifItCan(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
}
