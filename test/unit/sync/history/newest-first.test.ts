import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { newestFirst } from '../../../../shared/sync/history/newest-first.ts';

const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const line = (ms: number, version: number) => ({ at: at(ms), version });

describe('the order of the lines of a pair', () => {
  test('is that of the commits, whatever the clocks of their workers', () => {
    const skewed = fc.record({ later: fc.nat(60_000), ahead: fc.nat(2_500) });
    fc.assert(
      fc.property(fc.array(skewed, { maxLength: 12 }), fc.func(fc.nat()), (commits, shuffle) => {
        let ms = 0;
        const lines = commits.map(({ later, ahead }, index) => {
          ms += later;
          return line(ms + ahead, index + 1);
        });

        const ordered = newestFirst(lines.toSorted((a, b) => shuffle(a.version) - shuffle(b.version)));

        expect(ordered.map(({ version }) => version)).toEqual(lines.map((_, index) => lines.length - index));
      }),
    );
  });

  test('begins anew with a pair that is met anew', () => {
    const lines = [line(0, 7), line(1_000, 8), line(9_000, 1), line(20_000, 2)];

    expect(newestFirst(lines).map(({ version }) => version)).toEqual([2, 1, 8, 7]);
  });
});
