import { expect, test } from '@jest/globals';
import type { ConfigDigest } from '../../../shared/use-cases/ports/config-digest.ts';

/** What every ConfigDigest does. There is one for each deployment. */
export const configDigestSuite = (open: () => ConfigDigest): void => {
  test('keeps how far the enrolment has come, and what was said last', async () => {
    const digest = open();
    expect(await digest.get()).toBeUndefined();

    await digest.set({ digest: 'config-1', after: 'connection-7' });
    expect(await digest.get()).toEqual({ digest: 'config-1', after: 'connection-7' });
    await digest.set({ digest: 'config-1' });

    expect(await digest.get()).toEqual({ digest: 'config-1' });
  });
};
