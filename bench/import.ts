import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type Benchmark, compared, interleaved } from './comparison.ts';

const ROUNDS = 9;

/** Minimal handlers: each reads one record. */
const HANDLERS = {
  ours: `import { openSalesforceClient } from './shared/salesforce-client/client.ts';
    export const handler = ({ instanceUrl, accessToken, id }) =>
      openSalesforceClient({ instanceUrl, accessToken }).getRecord('Contact', id);`,
  peer: `import jsforce from 'jsforce';
    export const handler = ({ instanceUrl, accessToken, id }) =>
      new jsforce.Connection({ instanceUrl, accessToken, version: '59.0' }).sobject('Contact').retrieve(id);`,
  floor: 'export const handler = async () => undefined;',
} as const;
type Way = keyof typeof HANDLERS;
const WAYS = Object.keys(HANDLERS) as Way[];

/** What a cold start pays for a client: bytes of the bundle, and the time to import it in a new process. */
export const importing: Benchmark = {
  name: 'import',
  goal: { text: 'at most 0.25 times', isMet: ({ ratio }) => ratio <= 0.25 },
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'bench-import-'));
    try {
      for (const way of WAYS) bundle(way, fileOf(folder, way));
      const kilobytes = (way: Way) => statSync(fileOf(folder, way)).size / 1_024;
      const times = await interleaved(ROUNDS, {
        ours: async () => importMs(fileOf(folder, 'ours')),
        peer: async () => importMs(fileOf(folder, 'peer')),
        floor: async () => importMs(fileOf(folder, 'floor')),
      });
      const sizes = { ours: kilobytes('ours'), peer: kilobytes('peer'), floor: kilobytes('floor') };
      return [
        compared({ bench: 'import-size', unit: 'KB', peerName: 'jsforce', ...sizes }),
        compared({ bench: 'import-time', unit: 'ms', peerName: 'jsforce', ...times }),
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

const fileOf = (folder: string, way: Way): string => join(folder, `${way}.cjs`);

/** As the functions are bundled, but as CommonJS, which is all that jsforce can be bundled as. */
function bundle(way: Way, outfile: string): void {
  buildSync({
    stdin: { contents: HANDLERS[way], resolveDir: process.cwd(), loader: 'ts' },
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    logLevel: 'error',
  });
}

/** Measured inside a new process, so that its own start does not count. */
function importMs(file: string): number {
  const script =
    'const begin = performance.now(); require(process.argv[1]); console.log(performance.now() - begin)';
  return Number(execFileSync(process.execPath, ['-e', script, file], { encoding: 'utf8' }));
}
