import { expect, test } from '@jest/globals';
import type { SweepPlace } from '../../../../../shared/use-cases/ports/full-sweeps.ts';
import { StagedProof } from '../../../../../shared/use-cases/reconciliation/full-sweep/proof/staged.ts';
import { InMemoryStaging } from '../../../../in-memory/staging.ts';

test('what a later look saw comes after what an earlier one did, whatever the steps are called', async () => {
  const staged = new StagedProof(new InMemoryStaging(), { mappingId: 'c1.contact', sweepId: 's' });
  const entry = (text: string) => [Buffer.from(text)];
  // Many steps, since their names are hashes, whose order is anything.
  const steps = Array.from({ length: 12 }, (_, n) => String(n));
  const again =
    (round: number) =>
    (after: string): SweepPlace => ({ phase: 'open', round, after });
  for (const place of steps.map(again(1))) await staged.addRows(place, 'local', 3, entry('last'));
  for (const place of steps.map(again(0))) await staged.addRows(place, 'local', 3, entry('again'));
  for (const after of steps) await staged.addRows({ phase: 'records', after }, 'local', 3, entry('first'));

  const seen: string[] = [];
  for await (const rows of staged.rows('local', 3)) seen.push(rows.toString());

  expect(seen).toEqual([
    ...steps.map(() => 'first'),
    ...steps.map(() => 'again'),
    ...steps.map(() => 'last'),
  ]);
});
