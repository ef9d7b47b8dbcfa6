import { expect, test } from '@jest/globals';
import { OPEN_REASONS } from '../../../shared/sync/proof/judge-pair.ts';
import { NOT_WHOLE } from '../../../shared/sync/proof/proof.ts';
import { showProof } from '../../../shared/use-cases/operations/proofs.ts';
import { aSweptStack } from '../use-cases/reconciliation/full-sweep/a-swept-stack.ts';
import { MAPPING_ID as mappingId } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, readPage } from './markdown.ts';

const PAGE = readPage('docs/19-proof.md');

test('the example of a proof comes out as the page shows it', async () => {
  const stack = await aSweptStack();
  for (const key of ['bob', 'carla', 'dan', 'eve']) stack.putItem(key, { lastName: key });
  await stack.passes(10);
  stack.org.hide(stack.sfId, true);

  await stack.fullSweep();

  const { proof } = await showProof({ proofs: stack.ports.proofs }, { mappingId });
  expect(proof).toMatchObject(JSON.parse(fences(PAGE, 'json')[0] ?? '') as object);
});

test('the page gives every reason for which there is no certificate, in the words of the code', () => {
  const rows = between(PAGE, '| `notWhole` | means |', '## A certificate').matchAll(
    /^\| `([^`]+)` \| (.+) \|$/gm,
  );
  const said = [...rows].map(([, reason = '', means = '']) => [reason, means]);
  expect(Object.fromEntries(said)).toEqual({ notWhole: 'means', ...NOT_WHOLE });
});

test('the page gives every reason, in the words of the code', () => {
  const rows = between(PAGE, '| reason | means |', 'Where there is no certificate').matchAll(
    /^\| `([^`]+)` \| (.+) \|$/gm,
  );
  const text = [...rows].map(([, reason = '', means = '']) => [
    reason,
    means.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1'),
  ]);
  expect(Object.fromEntries(text)).toEqual(OPEN_REASONS);
});
