import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { csvLine } from '../../../local/stack/certificate.ts';
import { toItem } from '../../../shared/aws/attribute-values.ts';
import { must } from '../../../shared/sync/assert.ts';
import { OPEN_REASONS } from '../../../shared/sync/proof/judge-pair.ts';
import { NOT_WHOLE, type Statement } from '../../../shared/sync/proof/proof.ts';
import { showProof, signCertificate } from '../../../shared/use-cases/operations/proofs.ts';
import { InMemoryCertificateSigner } from '../../in-memory/certificate-signer.ts';
import { aSweptStack } from '../use-cases/reconciliation/full-sweep/a-swept-stack.ts';
import { MAPPING_ID as mappingId } from '../use-cases/reconciliation/schedules/a-stack.ts';
import { between, fences, firstCells, readPage } from './markdown.ts';

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

test('the page checks a certificate as the verifier is asked to', async () => {
  const stack = await aSweptStack();
  await stack.fullSweep();
  const signer = new InMemoryCertificateSigner();
  const signed = await signCertificate({ proofs: stack.ports.proofs, signer }, { mappingId });
  const { fields } = JSON.parse(signed.certificate.statement) as Statement;
  const names = fields.map(({ field }) => field);
  const record = must(stack.org.records.get(stack.sfId), 'a record');
  const folder = mkdtempSync(join(tmpdir(), 'proof-'));
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  write('certificate.json', JSON.stringify(signed));
  // As the page's `jq` makes it of what `scan` answers.
  write('items.jsonl', `${JSON.stringify({ Item: toItem(must(stack.item(stack.key), 'an item')) })}\n`);
  write(
    'records.csv',
    `Id,${names.join()}\n${csvLine([record.Id, ...names.map((name) => record.fields[name])])}\n`,
  );

  const [, command = ''] = /^npm run verify-certificate -- (.+)$/m.exec(PAGE.text) ?? [];
  const args = [resolve('cli/verify-certificate.ts'), ...command.split(' ')];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  rmSync(folder, { recursive: true });

  expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('1 pairs') });
});

test('the page gives every option of the verifier', () => {
  const source = readPage('cli/verify-certificate.ts');
  const options = between(source, 'options: {', '},').matchAll(/'?([a-z-]+)'?: text/g);
  const table = firstCells(between(PAGE, '| option | is |', 'Who signed'));
  expect(table.sort()).toEqual([...options].map(([, name]) => `--${name}`).sort());
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
