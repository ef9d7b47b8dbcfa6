import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Exports of both sides: items as JSON, records with a column for each field. */
export interface Exported {
  readonly items: readonly object[];
  readonly columns: readonly string[];
  readonly records: readonly Readonly<Record<string, unknown>>[];
}

/** Has the verifier, a process of its own, check what `operate certificate` answered against exports. */
export function checkCertificate(
  signed: object,
  { items, columns, records }: Exported,
): { readonly code: number | null; readonly text: string } {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const file = (name: string, lines: readonly string[]): string => {
    writeFileSync(join(folder, name), lines.join('\n'));
    return join(folder, name);
  };
  const cell = (value: unknown): string => `"${String(value ?? '').replaceAll('"', '""')}"`;
  const rows = records.map((record) => columns.map((name) => cell(record[name])).join());
  const args = [
    ...['cli/verify-certificate.ts', '--certificate', file('certificate.json', [JSON.stringify(signed)])],
    ...[
      '--local',
      file(
        'items.jsonl',
        items.map((item) => JSON.stringify(item)),
      ),
    ],
    ...['--salesforce', file('records.csv', [columns.join(), ...rows])],
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  return { code: status, text: stdout + stderr };
}
