/**
 * `npm test`: everything. `npm run test:unit` and its sisters: one layer, with Jest's arguments after `--`.
 * The last line printed is the count of all that ran.
 */
import { ExpectedFailure } from './expected-failure.mjs';
import { runScript } from './script.ts';
import { runLayer } from './testing/jest-layer.ts';
import { hasTests, type Layer, layers, layersOnAws, readTestRequest, turnsOf } from './testing/layers.ts';
import { isCi, report } from './testing/report.ts';
import type { LayerResult } from './testing/results.ts';
import { runStaticChecks } from './testing/static-checks.ts';
import { startTestAws } from './testing/test-aws.ts';

/** Files wait more than they compute, so two of them at a time. Who names files or tests has few. */
const AWS_OF_WHOLE_LAYERS = 2;

await runScript(async () => {
  const request = readTestRequest(process.argv.slice(2));
  const isWholeRun = request.layers.length === 0;
  refuseEmptyLayers(request.layers);
  const results = isWholeRun ? await runStaticChecks() : [];
  results.push(...(await runLayers(isWholeRun ? layers : request.layers, request.jestArgs)));
  return report(results, isCi(process.env));
});

/** In turns: what is in one turn runs at the same time. */
async function runLayers(wanted: readonly Layer[], jestArgs: readonly string[]): Promise<LayerResult[]> {
  const results: LayerResult[] = [];
  let aws: Promise<NodeJS.ProcessEnv> | undefined;
  const run = async (layer: Layer, isPatient: boolean): Promise<LayerResult> => {
    if (!hasTests(layer)) return { layer, passed: 0, failed: 0, skipped: 0, elapsedMs: 0 };
    if (!layersOnAws.includes(layer)) return runLayer(layer, jestArgs, process.env, isPatient);
    aws ??= startTestAws(jestArgs.length > 0 ? 1 : AWS_OF_WHOLE_LAYERS);
    return runLayer(layer, jestArgs, await aws, isPatient);
  };
  for (const turn of turnsOf(wanted)) {
    const isShared = turn.length > 1;
    results.push(
      ...(await Promise.all(turn.map((layer) => run(layer, isShared && !layersOnAws.includes(layer))))),
    );
  }
  return results;
}

/** In a whole run an empty layer is only mentioned; who asks for it alone expects something to run. */
function refuseEmptyLayers(wanted: readonly Layer[]): void {
  const empty = wanted.filter((layer) => !hasTests(layer));
  if (empty.length > 0)
    throw new ExpectedFailure(`There are no tests in ${empty.map((layer) => `test/${layer}`).join(', ')}.`);
}
