/** What became of one layer of tests, or of one static check (which counts as one test). */
export interface LayerResult {
  layer: string;
  passed: number;
  failed: number;
  skipped: number;
  elapsedMs: number;
}

/** What of Jest's `--json` report counts. */
export interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  /** Files that failed before their first test, by a syntax error for example. */
  numRuntimeErrorTestSuites: number;
}

/** The counts of a layer. */
export type Counts = Pick<LayerResult, 'passed' | 'failed' | 'skipped'>;

/**
 * Counts what Jest ran. A file that could not run is one failure, and so is whatever else makes Jest end in failure,
 * such as a crash or an obsolete snapshot in CI.
 *
 * @param report - undefined when Jest wrote none
 */
export function countJest(report: JestReport | undefined, exitCode: number): Counts {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** The sums over all layers. */
export function sum(results: readonly LayerResult[]): Counts {
  const add = (pick: (result: LayerResult) => number) =>
    results.reduce((all, result) => all + pick(result), 0);
  return { passed: add((r) => r.passed), failed: add((r) => r.failed), skipped: add((r) => r.skipped) };
}

/** The line that ends every run, read by people and by machines. */
export function closingLine(results: readonly LayerResult[]): string {
  const { passed, failed, skipped } = sum(results);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A plain table, one line a layer, in the order of the run. */
export function table(results: readonly LayerResult[]): string {
  const header = ['layer', 'passed', 'failed', 'skipped', 'seconds'];
  const rows = results.map(({ layer, passed, failed, skipped, elapsedMs }) => [
    layer,
    String(passed),
    String(failed),
    String(skipped),
    (elapsedMs / 1_000).toFixed(1),
  ]);
  const widths = header.map((title, column) =>
    Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length), title.length),
  );
  const pad = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return [header, ...rows].map((row) => row.map(pad).join('  ')).join('\n');
}

/**
 * Nothing may have failed, something must have run, and in CI a skipped test is a failure: there nobody notices that
 * it stays away.
 */
export function hasSucceeded(results: readonly LayerResult[], isCi: boolean): boolean {
  const { passed, failed, skipped } = sum(results);
  return passed > 0 && failed === 0 && !(isCi && skipped > 0);
}
