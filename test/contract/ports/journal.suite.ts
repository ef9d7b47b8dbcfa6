import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { NO_COUNTS } from '../../../shared/use-cases/ports/counts.ts';
import type { Conflict, Journal, Rejection, SyncRun } from '../../../shared/use-cases/ports/journal.ts';

const t = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const someMappingId = (): string => `${randomUUID()}.contact`;

const aConflict = (change: Partial<Conflict> = {}): Conflict => ({
  mappingId: 'nobody.contact',
  localKey: 'contact-1',
  sfId: '003000000000001AAA',
  field: 'name',
  base: 'Ann',
  local: 'Bea',
  remote: null,
  policy: 'last-write-wins',
  winner: 'local',
  reason: 'later',
  at: t(0),
  linkVersion: 1,
  ...change,
});

const aRejection = (change: Partial<Rejection> = {}): Rejection => ({
  mappingId: 'nobody.contact',
  by: 'salesforce',
  key: 'contact-1',
  code: 'REQUIRED_FIELD_MISSING',
  message: 'Required fields are missing: [LastName]',
  fields: ['LastName'],
  at: t(0),
  ...change,
});

const aRun = (change: Partial<SyncRun> = {}): SyncRun => ({
  mappingId: 'nobody.contact',
  runId: 'run-1',
  cause: 'schedule',
  startedAt: t(0),
  counts: { ...NO_COUNTS, read: 10, calls: 1 },
  ...change,
});

/** What every Journal does. */
export const journalSuite = (open: () => Journal): void => {
  describe('conflicts', () => {
    test('come back newest first, as they were recorded', async () => {
      const journal = open();
      const mappingId = someMappingId();
      const recorded = [1, 3, 2].map((minute) => aConflict({ mappingId, at: t(minute) }));
      await journal.recordConflicts(recorded);

      expect(await journal.conflicts(mappingId, 2)).toEqual([recorded[1], recorded[2]]);
      expect(await journal.conflicts(someMappingId(), 2)).toEqual([]);
    });

    test('are found by their pair, newest first', async () => {
      const journal = open();
      const mappingId = someMappingId();
      const recorded = [1, 3, 2].map((minute) => aConflict({ mappingId, at: t(minute) }));
      await journal.recordConflicts([...recorded, aConflict({ mappingId, localKey: 'another' })]);
      const localKey = recorded[0]?.localKey ?? '';

      expect(await journal.conflictsOf(mappingId, localKey, 2)).toEqual([recorded[1], recorded[2]]);
      expect(await journal.conflictsOf(someMappingId(), localKey, 2)).toEqual([]);
    });

    test('of a first meeting have no base', async () => {
      const journal = open();
      const mappingId = someMappingId();
      const conflict = aConflict({ mappingId, base: undefined, local: 1.5, remote: false, winner: 'nobody' });
      await journal.recordConflicts([conflict]);

      const [found] = await journal.conflicts(mappingId, 1);

      expect(found).toEqual(conflict);
    });

    test('are there once, however often the same one is recorded', async () => {
      const journal = open();
      const mappingId = someMappingId();
      const many = Array.from({ length: 60 }, (_, index) =>
        aConflict({ mappingId, localKey: `key-${index % 30}` }),
      );

      await journal.recordConflicts(many);
      await journal.recordConflicts(many.slice(0, 3));

      expect(await journal.conflicts(mappingId, 100)).toHaveLength(30);
    });
  });

  test.each([
    ['whose values are too large together', { local: 'é'.repeat(131_072), remote: 'ü'.repeat(131_072) }],
    ['of a key that is too long', { localKey: 'é'.repeat(1_100) }],
    ['of a field whose name is too long', { field: 'é'.repeat(600) }],
  ])('refuses a conflict %s', async (_, change) => {
    const recorded = open().recordConflicts([aConflict({ mappingId: someMappingId(), ...change })]);

    await expect(recorded).rejects.toMatchObject({
      name: 'Refused',
      message: 'recording conflicts was refused (ValidationException)',
    });
  });

  describe('rejections', () => {
    test('are kept of an item with the longest key that a table takes', async () => {
      const journal = open();
      const mappingId = someMappingId();
      const keys = ['k', 'l'].map((letter) => letter.repeat(2_048));

      await journal.recordRejections(keys.map((key) => aRejection({ mappingId, key })));
      expect((await journal.rejections(mappingId, 3)).map(({ key }) => key).sort()).toEqual(keys);

      await journal.clearRejections(mappingId, keys.slice(0, 1));
      expect((await journal.rejections(mappingId, 3)).map(({ key }) => key)).toEqual(keys.slice(1));
    });

    test('that are too large are refused', async () => {
      const refused = open().recordRejections([aRejection({ message: 'x'.repeat(410_000) })]);

      await expect(refused).rejects.toMatchObject({ name: 'Refused', next: { do: 'stop' } });
    });

    test('come back newest first, one for each key', async () => {
      const journal = open();
      const mappingId = someMappingId();
      await journal.recordRejections([
        aRejection({ mappingId, key: 'a', at: t(1) }),
        aRejection({ mappingId, key: 'b', at: t(2) }),
      ]);
      const again = aRejection({ mappingId, key: 'a', code: 'INVALID_EMAIL_ADDRESS', at: t(3) });
      await journal.recordRejections([again]);

      const found = await journal.rejections(mappingId, 10);

      expect(found).toEqual([again, aRejection({ mappingId, key: 'b', at: t(2) })]);
    });

    test('come page by page, each once, and newest first', async () => {
      const journal = open();
      const mappingId = someMappingId();
      const keys = ['a', 'b', 'c', 'd', 'e'];
      await journal.recordRejections(
        keys.map((key, index) => aRejection({ mappingId, key, at: t(1 + Math.floor(index / 2)) })),
      );
      await journal.recordRejections([aRejection({ mappingId: someMappingId(), key: 'other' })]);

      const paged: string[][] = [];
      for (let after: string | undefined; paged.length < 9; ) {
        const { rejections, next } = await journal.rejectionsPage(mappingId, 2, after);
        paged.push(rejections.map(({ key }) => key));
        after = next;
        if (next === undefined) break;
      }

      const [first = [], ...rest] = paged;
      expect(first[0]).toBe('e');
      expect([first, ...rest].flat().toSorted()).toEqual(keys);
      expect(paged.every((page) => page.length <= 2)).toBe(true);
      expect((await journal.rejectionsPage(mappingId, 9, 'no place')).rejections).toHaveLength(5);
    });

    test('are found by their keys', async () => {
      const journal = open();
      const mappingId = someMappingId();
      const [a, b] = ['a', 'b'].map((key) => aRejection({ mappingId, key }));
      await journal.recordRejections([a, b].filter((one) => one !== undefined));

      expect(await journal.rejectionsOf(mappingId, ['a', 'none', 'a'])).toEqual([a]);
      expect(await journal.rejectionsOf(mappingId, [])).toEqual([]);
    });

    test('are gone when their keys went through', async () => {
      const journal = open();
      const mappingId = someMappingId();
      const rejections = Array.from({ length: 140 }, (_, index) =>
        aRejection({ mappingId, key: `key-${index}` }),
      );
      await journal.recordRejections(rejections);

      const through = rejections.slice(0, 138).map((rejection) => rejection.key);
      await journal.clearRejections(mappingId, [...through, 'never-rejected', 'key-0']);

      const left = (await journal.rejections(mappingId, 100)).map((rejection) => rejection.key);
      expect(left.sort()).toEqual(['key-138', 'key-139']);
    });
  });

  describe('runs', () => {
    test('are made by the first report, and later ones add to its counts', async () => {
      const journal = open();
      const mappingId = someMappingId();
      await journal.recordRun(aRun({ mappingId }));
      await journal.recordRun(
        aRun({
          mappingId,
          cause: 'hint',
          startedAt: t(7),
          endedAt: t(9),
          counts: { ...NO_COUNTS, read: 5, conflicts: 2 },
        }),
      );

      expect(await journal.runs(mappingId, 10)).toEqual([
        aRun({ mappingId, endedAt: t(9), counts: { ...NO_COUNTS, read: 15, calls: 1, conflicts: 2 } }),
      ]);
    });

    test('lose no count when reports come at once', async () => {
      const journal = open();
      const mappingId = someMappingId();

      await Promise.all(Array.from({ length: 8 }, () => journal.recordRun(aRun({ mappingId }))));

      const [run] = await journal.runs(mappingId, 1);
      expect(run?.counts).toEqual({ ...NO_COUNTS, read: 80, calls: 8 });
    });

    test('come back newest first', async () => {
      const journal = open();
      const mappingId = someMappingId();
      for (const minute of [2, 9, 4]) {
        await journal.recordRun(aRun({ mappingId, runId: `run-${minute}`, startedAt: t(minute) }));
      }

      const runs = await journal.runs(mappingId, 2);
      expect(await journal.run(mappingId, 'run-2')).toMatchObject({ runId: 'run-2', startedAt: t(2) });
      expect(await journal.run(mappingId, 'none')).toBeUndefined();

      expect(runs.map((run) => run.runId)).toEqual(['run-9', 'run-4']);
    });
  });
};
