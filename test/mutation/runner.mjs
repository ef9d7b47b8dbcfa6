/**
 * Stryker's test runner for `npm run mutate`. It bundles the tests once and then calls them in one process, mutant after
 * mutant: under Jest each of thousands of mutants would have every module loaded again, which took hours.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { build } from 'esbuild';
import { expect } from 'expect';
import fc from 'fast-check';
import { collect } from './collect.mjs';

const TESTS = 'test/unit/{sync,use-cases/reconciliation}/**/*.test.ts';
/** Its claim is about how many rows it saw, so it needs all its runs. */
const WITHOUT = 'decode-like-plain.test.ts';
/** The runs of a property: a mutant that lives through these is worth an example. */
const MAX_RUNS = 20;
/** The most time for the tests of one mutant, of which the quick ones come first; a test that was begun is ended. */
const BUDGET_MS = Number(process.env.MUTATION_BUDGET_MS ?? Number.POSITIVE_INFINITY);
/** How long each test took in the first run, for the processes that did not run it. */
const DURATIONS = 'mutation-durations.json';

class BundledTests {
  #load = () => [];
  #tests = [];
  /** What the code of the mutants reads, under the name that Stryker gave it. */
  #context = {};
  /** The least that each test took where it passed: what one mutant slows down is not slow for the next. */
  #leastMs = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    globalThis.__stryker__ = this.#context;
    const root = process.cwd();
    const files = globSync(TESTS, { cwd: root }).filter((file) => !file.endsWith(WITHOUT));
    const bundle = await build({
      stdin: { contents: files.map((file) => `import './${file}';`).join('\n'), resolveDir: root },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'cjs',
      packages: 'external',
      logLevel: 'error',
    });
    const run = compileFunction(bundle.outputFiles[0].text, ['require', 'module', 'exports']);
    const require = createRequire(join(root, 'package.json'));
    const properties = withFewRuns();
    this.#load = () =>
      collect(expect, (globals) => {
        const ours = { '@jest/globals': globals, 'fast-check': properties };
        run((name) => ours[name] ?? require(name), { exports: {} }, {});
      });
    // The first time takes seconds, which must not count as a mutant's.
    this.#tests = this.#load();
  }

  async dryRun({ disableBail }) {
    this.#tests = this.#load();
    const result = await this.#run(this.#tests, disableBail);
    writeFileSync(DURATIONS, JSON.stringify([...this.#leastMs]));
    return { ...result, mutantCoverage: this.#context.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, reloadEnvironment, mutantActivation, disableBail }) {
    this.#context.hitLimit = hitLimit;
    this.#context.hitCount = hitLimit === undefined ? undefined : 0;
    this.#context.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    if (reloadEnvironment) this.#tests = this.#load();
    this.#context.activeMutant = activeMutant.id;
    // Whoever was begun before the first run ended learns of it here.
    if (this.#leastMs.size === 0) this.#leastMs = new Map(JSON.parse(readFileSync(DURATIONS, 'utf8')));
    const wanted = testFilter && new Set(testFilter);
    const leastMs = ({ id }) => this.#leastMs.get(id) ?? 0;
    // The quick ones first: one that fails is enough.
    const tests = this.#tests
      .filter(({ id }) => !wanted || wanted.has(id))
      .sort((a, b) => leastMs(a) - leastMs(b));
    const result = await this.#run(tests, disableBail, BUDGET_MS);
    return toMutantRunResult(
      determineHitLimitReached(this.#context.hitCount, hitLimit) ?? result,
      disableBail,
    );
  }

  async #run(tests, disableBail, mostMs = Number.POSITIVE_INFINITY) {
    const results = [];
    const endMs = performance.now() + mostMs;
    for (const { id, run } of tests) {
      if (performance.now() > endMs) break;
      this.#context.currentTestId = id;
      const startedAt = performance.now();
      const failure = await run().then(
        () => undefined,
        (error) => ({ failureMessage: String(error?.message ?? error) }),
      );
      this.#context.currentTestId = undefined;
      const timeSpentMs = performance.now() - startedAt;
      if (!failure) this.#leastMs.set(id, Math.min(timeSpentMs, this.#leastMs.get(id) ?? timeSpentMs));
      const status = failure ? TestStatus.Failed : TestStatus.Success;
      results.push({ id, name: id, status, timeSpentMs, ...failure });
      if (failure && !disableBail) break;
    }
    return { status: DryRunStatus.Complete, tests: results };
  }
}

/** Always the same runs, so that a mutant lives or dies the same way each time; the smallest failure is of no interest. */
function withFewRuns() {
  fc.configureGlobal({ seed: 1, endOnFailure: true });
  const assert = (property, { numRuns = MAX_RUNS, ...how } = {}) =>
    fc.assert(property, { ...how, numRuns: Math.min(numRuns, MAX_RUNS) });
  const all = { ...fc, assert };
  return { ...all, default: all, __esModule: true };
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'bundled-tests', BundledTests)];
