/** `npm run check`: what to run before each commit, in the time of a breath. The last line printed is the count. */
import { runScript } from './script.ts';
import { runLayer } from './testing/jest-layer.ts';
import { hasTests } from './testing/layers.ts';
import { isCi, report } from './testing/report.ts';
import { runStaticChecks } from './testing/static-checks.ts';

await runScript(async () => {
  const results = await runStaticChecks();
  if (hasTests('unit')) results.push(await runLayer('unit', process.argv.slice(2), process.env));
  return report(results, isCi(process.env));
});
