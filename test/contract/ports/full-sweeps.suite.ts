import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { must } from '../../../shared/sync/assert.ts';
import type { Finding } from '../../../shared/sync/full-sweep/findings.ts';
import type { FullSweep, FullSweeps } from '../../../shared/use-cases/ports/full-sweeps.ts';

const AT = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-01T00:01:00.000Z';

const aSweep = (change: Partial<FullSweep> = {}): Omit<FullSweep, 'version'> => {
  const { version: _, ...rest } = change;
  return {
    mappingId: `${randomUUID()}.contact`,
    sweepId: 'one',
    revision: 3,
    startedAt: AT,
    movedAt: AT,
    place: { phase: 'records' },
    counts: {},
    calls: 0,
    ...rest,
  };
};

/** What every FullSweeps does. It may hold the sweeps of others. */
export const fullSweepsSuite = (open: () => FullSweeps): void => {
  const begun = async (change: Partial<FullSweep> = {}) => {
    const sweeps = open();
    return { sweeps, sweep: must(await sweeps.begin(aSweep(change), undefined), 'a sweep') };
  };

  describe('a full sweep', () => {
    test('is as it was begun, and there is none before', async () => {
      const { sweeps, sweep } = await begun();

      expect(await sweeps.get(sweep.mappingId)).toEqual(sweep);
      expect(await sweeps.get(`${randomUUID()}.contact`)).toBeUndefined();
    });

    test('of formulas is another one than that of the whole mapping', async () => {
      const { sweeps, sweep } = await begun();
      const { mappingId } = sweep;
      const other = aSweep({ mappingId, sweepId: 'formulas', scope: 'formulas' });
      const formulas = must(await sweeps.begin(other, undefined), 'a second sweep');
      const moved = await sweeps.move(formulas, { ...formulas, calls: 5, movedAt: LATER });

      expect(moved).toMatchObject({ scope: 'formulas', calls: 5 });
      expect(await sweeps.get(mappingId)).toEqual(sweep);
      expect(await sweeps.get(mappingId, 'formulas')).toEqual(moved);
      expect(await sweeps.ofConnection(mappingId.replace('.contact', ''))).toEqual([sweep, moved]);
    });

    test('is begun over the one that was read alone', async () => {
      const { sweeps, sweep } = await begun();
      const { mappingId } = sweep;

      expect(await sweeps.begin(aSweep({ mappingId, sweepId: 'two' }), undefined)).toBeUndefined();
      const second = await sweeps.begin(aSweep({ mappingId, sweepId: 'two' }), sweep);
      expect(second).toMatchObject({ sweepId: 'two' });
      expect(await sweeps.begin(aSweep({ mappingId, sweepId: 'three' }), sweep)).toBeUndefined();

      expect(await sweeps.get(mappingId)).toEqual(second);
    });

    test('moves for whoever read it last, and keeps what does not change', async () => {
      const { sweeps, sweep } = await begun();
      const move = {
        place: { phase: 'links', bucket: 3, after: 'key' },
        counts: { records: 7, 'moved-without-stamp': 1 },
        calls: 2,
        movedAt: LATER,
      } as const;

      const moved = await sweeps.move(sweep, move);

      expect(moved).toEqual({ ...sweep, ...move, version: sweep.version + 1 });
      expect(await sweeps.move(sweep, { ...move, calls: 9 })).toBeUndefined();
      expect(await sweeps.get(sweep.mappingId)).toEqual(moved);
    });

    test('ends, and says how', async () => {
      const { sweeps, sweep } = await begun();
      const { place, counts, calls } = sweep;

      await sweeps.move(sweep, { place, counts, calls, movedAt: LATER, endedAt: LATER, outcome: 'done' });

      expect(await sweeps.get(sweep.mappingId)).toMatchObject({ endedAt: LATER, outcome: 'done' });
    });

    test('of another beginning is not moved by one of the same version', async () => {
      const { sweeps, sweep } = await begun();
      const { mappingId } = sweep;
      const second = must(await sweeps.begin(aSweep({ mappingId, sweepId: 'two' }), sweep), 'a sweep');
      const { place, counts, calls } = sweep;
      const move = { place, counts, calls, movedAt: LATER };

      expect(await sweeps.move({ ...sweep, version: second.version }, move)).toBeUndefined();
    });

    test('is listed with those of its connection alone', async () => {
      const sweeps = open();
      const connectionId = randomUUID();
      for (const name of ['contact', 'account'])
        await sweeps.begin(aSweep({ mappingId: `${connectionId}.${name}` }), undefined);
      await sweeps.begin(aSweep({ mappingId: `${connectionId}0.contact` }), undefined);

      const listed = await sweeps.ofConnection(connectionId);

      expect(listed.map(({ mappingId }) => mappingId)).toEqual([
        `${connectionId}.account`,
        `${connectionId}.contact`,
      ]);
    });
  });

  describe('what it found', () => {
    const findings: readonly Finding[] = [
      { kind: 'missed-locally', localKey: 'a', sfId: '003000000000001AAA', linkVersion: 4 },
      { kind: 'unlinked-item', localKey: 'b', linkVersion: 0 },
      { kind: 'unlinked-record', sfId: '003000000000002AAA', linkVersion: 0 },
      { kind: 'unlinked-item', localKey: 'c', linkVersion: 0 },
    ];
    const all = async (sweeps: FullSweeps, of: FullSweep, limit: number, kind?: Finding['kind']) => {
      const found: Finding[] = [];
      let after: string | undefined;
      do {
        const page = await sweeps.findings(of, {
          limit,
          ...(kind && { kind }),
          ...(after !== undefined && { after }),
        });
        expect(page.findings.length).toBeLessThanOrEqual(limit);
        found.push(...page.findings);
        after = page.next;
      } while (after !== undefined);
      return found;
    };

    test('is kept once however often it is kept, and comes in pages of one kind or of all', async () => {
      const { sweeps, sweep } = await begun();
      await sweeps.keep(sweep, AT, findings);
      await sweeps.keep(sweep, AT, findings.slice(1));
      await sweeps.keep(sweep, AT, []);

      expect(await all(sweeps, sweep, 2)).toEqual([findings[0], findings[1], findings[3], findings[2]]);
      expect(await all(sweeps, sweep, 100)).toHaveLength(4);
      expect(await all(sweeps, sweep, 1, 'unlinked-item')).toEqual([findings[1], findings[3]]);
      expect(await all(sweeps, sweep, 10, 'item-vanished')).toEqual([]);
      expect(await all(sweeps, { ...sweep, sweepId: 'other' }, 10)).toEqual([]);
    });

    test('may be of the longest key that a table holds', async () => {
      const { sweeps, sweep } = await begun();
      const localKey = 'k'.repeat(2_000);

      await sweeps.keep(sweep, AT, [{ kind: 'item-vanished', localKey, linkVersion: 1 }]);

      expect(await all(sweeps, sweep, 10)).toMatchObject([{ localKey }]);
    });
  });
};
