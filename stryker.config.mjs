/**
 * `npm run mutate`: test/mutation/README.md
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['shared/sync/**/*.ts', 'shared/use-cases/reconciliation/**/*.ts'],
  testRunner: 'bundled-tests',
  plugins: ['./test/mutation/runner.mjs', './test/mutation/assertion-texts.mjs'],
  ignorers: ['assertion-texts'],
  coverageAnalysis: 'perTest',
  // Stryker would rewrite it by an API that TypeScript no longer has.
  tsconfigFile: 'none',
  concurrency: 2,
  tempDirName: '.local/mutation/sandbox',
  reporters: ['clear-text', 'progress-append-only', 'json'],
  jsonReporter: { fileName: '.local/mutation/report.json' },
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  ignorePatterns: ['/.local', '/cdk.out', '/docs'],
  thresholds: { high: 95, low: 90, break: 90 },
};
