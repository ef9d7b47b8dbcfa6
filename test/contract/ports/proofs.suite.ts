import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Proof } from '../../../shared/sync/proof/proof.ts';
import type { Proofs } from '../../../shared/use-cases/ports/proofs.ts';

const aProof = (change: Partial<Proof> = {}): Proof => ({
  mappingId: `${randomUUID()}.contact`,
  sweepId: 'one',
  from: '2026-01-01T00:00:00.000Z',
  to: '2026-01-01T00:01:00.000Z',
  pairs: 7,
  open: { differs: 2, 'outside-filter': 1 },
  openBuckets: [
    { side: 'local', bucket: 3, open: { differs: 2 } },
    { side: 'salesforce', bucket: 15, open: { differs: 2, 'outside-filter': 1 } },
  ],
  tooMany: 12_000,
  notWhole: 'too-many',
  statement: '{"form":"salesforce-sync-certificate-1"}',
  digestKey: 'a2V5',
  ...change,
});

/** What every Proofs does. */
export const proofsSuite = (open: () => Proofs): void => {
  test('has nothing of a mapping that was never swept in full', async () => {
    expect(await open().get(`${randomUUID()}.contact`)).toBeUndefined();
  });

  test('keeps the last proof of each mapping, in full', async () => {
    const proofs = open();
    const proof = aProof();
    const other = aProof();
    await proofs.put(proof);
    await proofs.put(other);
    const { statement: _, ...later } = aProof({ mappingId: proof.mappingId, sweepId: 'two', open: {} });

    await proofs.put(later);

    expect(await proofs.get(proof.mappingId)).toEqual(later);
    expect(await proofs.get(other.mappingId)).toEqual(other);
  });
};
