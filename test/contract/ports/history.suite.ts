import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { digestOf } from '../../../shared/aws/reconciliation/history-items.ts';
import type { FieldChange, HistoryEntry } from '../../../shared/sync/history/line.ts';
import type { HistoryOptions } from '../../../shared/sync/model/mapping.ts';
import type { History, HistoryLine } from '../../../shared/use-cases/ports/history.ts';
import type { Commit, SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aMapping } from '../../builders/sync.ts';

export interface HistoryHarness {
  readonly history: History;
  /** On the same tables. */
  readonly store: Pick<SyncStore, 'commit'>;
}

const t = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const VALUES: HistoryOptions = { days: 7, keep: 'values' };

const anEntry = (at: string, change: Partial<HistoryEntry> = {}): HistoryEntry => ({
  at,
  event: 'edit',
  causes: [{ by: 'sweep', runId: 'run-1' }],
  changes: [
    { field: 'title', side: 'local', rule: 'salesforceWins', before: 'CEO', after: 'CTO', isMeeting: true },
  ],
  ...change,
});

/** What every History does, with the store that makes its lines. */
export const historySuite = (open: () => HistoryHarness): void => {
  const someMapping = (history: HistoryOptions | undefined = VALUES) => {
    const connectionId = randomUUID();
    return aMapping({ connectionId, mappingId: `${connectionId}.contact`, history });
  };
  const aCommit = (
    mapping: ReturnType<typeof someMapping>,
    localKey: string,
    expectedVersion: number,
    history: HistoryEntry,
  ): Commit => {
    const { mappingId } = mapping;
    const link = {
      mappingId,
      localKey,
      state: 'linked' as const,
      revision: 3,
      base: {},
      sfId: `003${localKey}`,
    };
    return { mapping, link, expectedVersion, history };
  };
  const read = async (
    { history }: HistoryHarness,
    mappingId: string,
    from = t(0),
    to = t(59),
  ): Promise<readonly HistoryLine[]> => {
    const lines: HistoryLine[] = [];
    let after: string | undefined;
    do {
      const page = await history.between(mappingId, { from, to }, after);
      lines.push(...page.lines);
      after = page.next;
    } while (after !== undefined);
    return lines;
  };

  test('a line is kept with its commit, whole', async () => {
    const { store, history } = open();
    const mapping = someMapping();
    const entry = anEntry(t(1), {
      held: ['email'],
      requestId: '123',
      causes: [{ by: 'woken' }, { by: 'stream', isWaiting: true }],
    });

    expect(await store.commit([aCommit(mapping, 'ann', 0, entry)])).toEqual(['committed']);

    const { changes: _, ...rest } = entry;
    expect(await history.ofRecord(mapping.mappingId, 'ann', 9)).toEqual([
      {
        ...rest,
        mappingId: mapping.mappingId,
        localKey: 'ann',
        sfId: '003ann',
        version: 1,
        revision: 3,
        salt: expect.stringMatching(/^[\w-]{16}$/),
        changes: [
          {
            ...{ field: 'title', side: 'local', rule: 'salesforceWins', isMeeting: true },
            ...{ before: { value: 'CEO' }, after: { value: 'CTO' } },
          },
        ],
      },
    ]);
  });

  test('a commit that is not done leaves no line', async () => {
    const { store, history } = open();
    const mapping = someMapping();

    expect(await store.commit([aCommit(mapping, 'ann', 5, anEntry(t(1)))])).toEqual(['lost-race']);

    expect(await history.ofRecord(mapping.mappingId, 'ann', 9)).toEqual([]);
  });

  test('lines come newest first, those of one moment by version, and no more than are asked for', async () => {
    const { store, history } = open();
    const mapping = someMapping();
    for (const [version, second] of [1, 2, 2, 2].entries())
      await store.commit([aCommit(mapping, 'ann', version, anEntry(t(second)))]);
    await store.commit([aCommit(mapping, 'bob', 0, anEntry(t(3)))]);

    const lines = await history.ofRecord(mapping.mappingId, 'ann', 3);

    expect(lines.map(({ version }) => version)).toEqual([4, 3, 2]);
  });

  test('lines of workers whose clocks differ come in the order of their commits', async () => {
    const { store, history } = open();
    const mapping = someMapping();
    const seconds = [5, 7, 6, 20];
    for (const [version, second] of seconds.entries())
      await store.commit([aCommit(mapping, 'ann', version, anEntry(t(second)))]);

    const versionsOf = async (limit: number) =>
      (await history.ofRecord(mapping.mappingId, 'ann', limit)).map(({ version }) => version);

    expect(await versionsOf(9)).toEqual([4, 3, 2, 1]);
    // The one that belongs there is not among the two that the times alone would bring.
    expect(await versionsOf(2)).toEqual([4, 3]);
  });

  test('without kept values only digests are stored, which differ from line to line', async () => {
    const { store, history } = open();
    const mapping = someMapping({ days: 7, keep: 'digests' });
    await store.commit([aCommit(mapping, 'ann', 0, anEntry(t(1)))]);
    await store.commit([aCommit(mapping, 'ann', 1, anEntry(t(2)))]);

    const lines = await history.ofRecord(mapping.mappingId, 'ann', 9);

    expect(JSON.stringify(lines)).not.toMatch(/CEO|CTO/);
    const digests = lines.map(({ salt, changes: [change] }) => {
      expect(change?.after).toEqual({ digest: digestOf(salt, 'title', 'CTO') });
      return change?.after;
    });
    expect(digests[0]).not.toEqual(digests[1]);
  });

  test('a mapping that says nothing keeps digests', async () => {
    const { store, history } = open();
    const { history: _, ...mapping } = someMapping();
    await store.commit([aCommit(mapping, 'ann', 0, anEntry(t(1)))]);

    const [line] = await history.ofRecord(mapping.mappingId, 'ann', 9);
    expect(line?.changes[0]?.after).toHaveProperty('digest');
  });

  test('a large value, and what finds no room beside others, is kept as its digest', async () => {
    const { store, history } = open();
    const mapping = someMapping();
    const change = (field: string, after: string): FieldChange => ({
      ...{ field, side: 'local', rule: 'salesforceEdit', before: undefined, after },
    });
    const changes = [
      change('note', 'x'.repeat(1_100)),
      ...['a', 'b', 'c', 'd', 'e'].map((field) => change(field, field.repeat(1_000))),
    ];
    await store.commit([aCommit(mapping, 'ann', 0, anEntry(t(1), { changes }))]);

    const [line] = await history.ofRecord(mapping.mappingId, 'ann', 9);

    const kept = line?.changes.map(({ field, after }) => [field, 'value' in after]);
    expect(kept).toEqual([
      ['note', false],
      ...['a', 'b', 'c', 'd'].map((field) => [field, true]),
      ['e', false],
    ]);
  });

  test('the lines of a mapping are found by their time, both ends included', async () => {
    const harness = open();
    const mapping = someMapping();
    const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);
    await harness.store.commit(keys.map((key, index) => aCommit(mapping, key, 0, anEntry(t(index)))));
    await harness.store.commit([aCommit(someMapping(), 'foreign', 0, anEntry(t(5)))]);

    const found = await read(harness, mapping.mappingId, t(3), t(9));

    expect(found.map(({ localKey }) => localKey).sort()).toEqual(keys.slice(3, 10).sort());
  });

  test('a mapping can be dropped, and no other with it', async () => {
    const harness = open();
    const [mapping, other] = [someMapping(), someMapping()];
    const keys = Array.from({ length: 12 }, (_, index) => `key-${index}`);
    await harness.store.commit(keys.map((key) => aCommit(mapping, key, 0, anEntry(t(1)))));
    await harness.store.commit([aCommit(other, 'ann', 0, anEntry(t(1)))]);

    let dropped = 0;
    for (let some = -1; some !== 0; dropped += some) some = await harness.history.drop(mapping.mappingId);

    expect(dropped).toBe(12);
    expect(await read(harness, mapping.mappingId)).toEqual([]);
    expect(await harness.history.ofRecord(mapping.mappingId, 'key-1', 9)).toEqual([]);
    expect(await harness.history.ofRecord(other.mappingId, 'ann', 9)).toHaveLength(1);
  });

  test('a key that is as long as a table takes one has a history too', async () => {
    const { store, history } = open();
    const mapping = someMapping();
    const key = 'k'.repeat(1_000);

    expect(await store.commit([aCommit(mapping, key, 0, anEntry(t(1)))])).toEqual(['committed']);

    expect(await history.ofRecord(mapping.mappingId, key, 9)).toHaveLength(1);
  });
};
