import { expect, test } from '@jest/globals';
import type { SweepPlace } from '../../../../../shared/use-cases/ports/full-sweeps.ts';
import { ProofPage } from '../../../../../shared/use-cases/reconciliation/full-sweep/proof/proof-page.ts';
import { StagedProof } from '../../../../../shared/use-cases/reconciliation/full-sweep/proof/staged.ts';
import { aMapping } from '../../../../builders/sync.ts';
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

test('a look that is repeated leaves out what it sees then, and not what it saw before it died', async () => {
  const staging = new InMemoryStaging();
  const staged = new StagedProof(staging, { mappingId: 'c1.contact', sweepId: 's' });
  const look = async (...differing: readonly string[]) => {
    const page = new ProofPage(aMapping(), 'a2V5');
    for (const localKey of differing) page.leaveOut({ localKey }, 'differs');
    await page.stage(staged, { phase: 'open', round: 1 });
    return (await staged.left()).length;
  };

  expect(await look('a', 'b')).toBe(2);
  expect(await look('a')).toBe(1);
  expect(await look()).toBe(0);
});
