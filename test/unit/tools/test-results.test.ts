import { describe, expect, test } from '@jest/globals';
import { readTestRequest } from '../../../tools/testing/layers.ts';
import { isCi } from '../../../tools/testing/report.ts';
import {
  closingLine,
  countJest,
  hasSucceeded,
  type JestReport,
  type LayerResult,
  table,
} from '../../../tools/testing/results.ts';

const aReport = (counts: Partial<JestReport> = {}): JestReport => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  ...counts,
});

const aResult = (result: Partial<LayerResult> = {}): LayerResult => ({
  layer: 'unit',
  passed: 0,
  failed: 0,
  skipped: 0,
  elapsedMs: 0,
  ...result,
});

describe('the counts of a layer', () => {
  test('take skipped and todo tests together', () => {
    const report = aReport({ numPassedTests: 5, numPendingTests: 2, numTodoTests: 1 });

    expect(countJest(report, 0)).toEqual({ passed: 5, failed: 0, skipped: 3 });
  });

  test('take a file that could not run as a failure', () => {
    const report = aReport({ numPassedTests: 5, numFailedTests: 1, numRuntimeErrorTestSuites: 2 });

    expect(countJest(report, 1)).toEqual({ passed: 5, failed: 3, skipped: 0 });
  });

  test('take a Jest that failed without a failed test as one failure', () => {
    expect(countJest(aReport({ numPassedTests: 5 }), 1)).toEqual({ passed: 5, failed: 1, skipped: 0 });
  });

  test('take a Jest that wrote no report as one failure, whatever its exit code', () => {
    expect(countJest(undefined, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });
});

describe('the end of a run', () => {
  const results = [
    aResult({ layer: 'types', passed: 1, elapsedMs: 1_234 }),
    aResult({ passed: 20, skipped: 3 }),
  ];

  test('sums all layers in one line', () => {
    expect(closingLine([...results, aResult({ failed: 2 })])).toBe('21 passed, 2 failed, 3 skipped');
  });

  test('is preceded by a table of the layers', () => {
    expect(table(results)).toBe(
      [
        'layer  passed  failed  skipped  seconds',
        'types       1       0        0      1.2',
        'unit       20       0        3      0.0',
      ].join('\n'),
    );
  });

  test('is a success when nothing failed', () => {
    expect(hasSucceeded(results, false)).toBe(true);
  });

  test('is no success in CI when a test was skipped', () => {
    expect(hasSucceeded(results, true)).toBe(false);
  });

  test.each([
    ['something failed', [aResult({ passed: 9 }), aResult({ failed: 1 })]],
    ['nothing ran', [aResult()]],
  ])('is no success when %s', (_what, outcome) => {
    expect(hasSucceeded(outcome, false)).toBe(false);
  });
});

test.each([
  [undefined, false],
  ['', false],
  ['0', false],
  ['false', false],
  ['true', true],
  ['1', true],
])('CI=%s is a pipeline: %s', (value, expected) => {
  expect(isCi(value === undefined ? {} : { CI: value })).toBe(expected);
});

describe('the arguments of the test command', () => {
  test('name no layer for everything', () => {
    expect(readTestRequest([])).toEqual({ layers: [], jestArgs: [] });
  });

  test('name layers, taken in the order of a whole run, and leave the rest to Jest', () => {
    expect(readTestRequest(['e2e', 'unit', 'test/unit/sync', '-t', 'unit'])).toEqual({
      layers: ['unit', 'e2e'],
      jestArgs: ['test/unit/sync', '-t', 'unit'],
    });
  });

  test('refuse a layer that does not exist', () => {
    expect(() => readTestRequest(['untt'])).toThrow(
      'There is no test layer "untt": choose from unit, contract',
    );
  });
});
