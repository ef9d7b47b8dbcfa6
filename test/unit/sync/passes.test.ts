import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pollWaitSeconds } from '../../../shared/sync/bulk-job/polling.ts';
import { type BulkJobPhase, isTerminal, mayFollow } from '../../../shared/sync/bulk-job/transitions.ts';
import { chunk } from '../../../shared/sync/plan/chunk.ts';
import { chooseRoute } from '../../../shared/sync/plan/route.ts';
import { nextSweepFrom } from '../../../shared/sync/watermark/watermark.ts';

test('a sweep looks behind its watermark by the overlap', () => {
  expect(nextSweepFrom('2024-01-01T00:10:00.000Z')).toBe('2024-01-01T00:00:00.000Z');
  expect(nextSweepFrom('2024-01-01T00:00:00.000+0000')).toBe('2023-12-31T23:50:00.000Z');
});

test('chunks hold everything in order, and none is too long or empty', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 10 }), (list, size) => {
      const chunks = chunk(list, size);

      expect(chunks.flat()).toEqual(list);
      expect(chunks.every((piece) => piece.length > 0 && piece.length <= size)).toBe(true);
    }),
  );
  for (const size of [0, -1, 1.5]) expect(() => chunk([1], size)).toThrow('at least one place');
});

test('a bulk job begins to pay at the threshold', () => {
  expect([1999, 2000, 2001].map((records) => chooseRoute(records, 2000))).toEqual(['rows', 'bulk', 'bulk']);
  expect(chooseRoute('too-many', Number.MAX_SAFE_INTEGER)).toBe('bulk');
  expect([10_000_000, 10_000_001].map((records) => chooseRoute(records, 2000))).toEqual(['bulk', 'rows']);
});

describe('a bulk job', () => {
  const PHASES: readonly BulkJobPhase[] = [
    'submitting',
    'Open',
    'UploadComplete',
    'InProgress',
    'JobComplete',
    'Failed',
    'Aborted',
    'done',
  ];

  test('never goes back', () => {
    for (const before of PHASES) {
      for (const after of PHASES.filter((phase) => phase !== before)) {
        expect(mayFollow(before, after) && mayFollow(after, before)).toBe(false);
      }
    }
  });

  test('has ended where Salesforce will do nothing more with it', () => {
    expect(PHASES.filter(isTerminal)).toEqual(['JobComplete', 'Failed', 'Aborted', 'done']);
  });

  test('that ended goes nowhere but to done', () => {
    for (const ended of PHASES.filter(isTerminal)) {
      const next = PHASES.filter((phase) => phase !== ended && mayFollow(ended, phase));
      expect(next).toEqual(ended === 'done' ? [] : ['done']);
    }
  });

  test('may be seen later than its states change', () => {
    expect(mayFollow('Open', 'JobComplete')).toBe(true);
    expect(mayFollow('InProgress', 'InProgress')).toBe(true);
    expect(mayFollow('JobComplete', 'InProgress')).toBe(false);
  });

  test('is asked often at first and seldom later, a day long with few thousand steps', () => {
    expect([0, 5, 10, 30, 120, 600, 3600].map(pollWaitSeconds)).toEqual([3, 3, 10, 20, 30, 60, 120]);
    let polls = 0;
    for (let at = 0; at < 24 * 3600; at += pollWaitSeconds(at)) polls += 1;
    expect(polls).toBeLessThan(1000);
  });
});
