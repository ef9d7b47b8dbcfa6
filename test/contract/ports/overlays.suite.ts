import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { OverlaidItem, OverlaidRecord } from '../../../shared/sync/rehearsal/overlaid.ts';
import type { Overlays } from '../../../shared/use-cases/ports/overlay.ts';
import type { SyncStore } from '../../../shared/use-cases/ports/sync-store.ts';
import { aMapping } from '../../builders/sync.ts';

/** Overlays, and the store whose commits write to them. A page has fewer pairs than the suite makes. */
export interface OverlaysHarness {
  readonly overlays: Overlays;
  readonly store: Pick<SyncStore, 'commit' | 'links'>;
}

const item = (change: Partial<OverlaidItem> = {}): OverlaidItem => ({
  kind: 'changed',
  values: { lastName: 'Lee', 'odd.name': null, amount: '12345678901234567890.5' },
  seen: { lastName: '0123456789abcdef' },
  sfId: '003000000000001AAA',
  ...change,
});
const record = (n: number, change: Partial<OverlaidRecord> = {}): OverlaidRecord => ({
  sfId: `00300000000000${n}AAA`,
  kind: 'created',
  values: { LastName: 'Lee', Score__c: 1.5, Email: null },
  seen: {},
  at: '2026-01-01T00:00:00.000Z',
  ...change,
});

/** What every Overlays does. */
export const overlaysSuite = (open: () => OverlaysHarness): void => {
  const some = () => {
    const { overlays, store } = open();
    const connectionId = randomUUID();
    const mapping = aMapping({ connectionId, mappingId: `${connectionId}.contact` });
    const { mappingId } = mapping;
    const commit = (
      localKey: string,
      expectedVersion: number,
      overlaid: Partial<{ item: OverlaidItem; held: string[] }>,
    ) =>
      store.commit([
        {
          mapping,
          link: { mappingId: `${mappingId}~rehearsal`, localKey, state: 'linked', revision: 1, base: {} },
          expectedVersion,
          overlaid: { localKey, ...overlaid },
        },
      ]);
    const pairOf = async (key: string) => (await overlays.pairs(mappingId, [key])).get(key);
    return { overlays, store, mappingId, commit, pairOf };
  };

  test('keeps what a commit overlays, with its link or not at all', async () => {
    const { commit, pairOf, store, mappingId } = some();

    expect(await commit('k', 0, { item: item(), held: ['lastName'] })).toEqual(['committed']);
    expect(await pairOf('k')).toEqual({ localKey: 'k', item: item(), held: ['lastName'], records: [] });

    expect(await commit('k', 0, { item: item({ kind: 'deleted' }) })).toEqual(['lost-race']);
    expect(await pairOf('k')).toMatchObject({ item: { kind: 'changed' } });
    expect((await store.links(`${mappingId}~rehearsal`, ['k'])).get('k')?.version).toBe(1);
  });

  test('keeps the parts of a pair apart: a record is not lost with its item, nor what is held', async () => {
    const { commit, pairOf, overlays, mappingId } = some();
    await overlays.putRecords(mappingId, [{ localKey: 'k', record: record(1) }]);
    await commit('k', 0, { item: item() });
    await commit('k', 1, { held: [] });

    expect(await pairOf('k')).toEqual({ localKey: 'k', item: item(), held: [], records: [record(1)] });
  });

  test('replaces what was said of a record, and adds another one after it', async () => {
    const { pairOf, overlays, mappingId } = some();
    await overlays.putRecords(mappingId, [{ localKey: 'k', record: record(1) }]);
    await overlays.putRecords(mappingId, [
      { localKey: 'k', record: record(1, { kind: 'deleted' }) },
      { localKey: 'k', record: record(2) },
    ]);

    expect((await pairOf('k'))?.records).toEqual([record(1, { kind: 'deleted' }), record(2)]);
  });

  test('lists a mapping whole, page by page, and forgets what it is told to', async () => {
    const { overlays, mappingId, pairOf } = some();
    const keys = Array.from({ length: 40 }, (_, n) => `k${n}`);
    await overlays.putRecords(
      mappingId,
      keys.map((localKey) => ({ localKey, record: record(1) })),
    );
    const all: string[] = [];
    let after: string | undefined;
    do {
      const page = await overlays.page(mappingId, after);
      all.push(...page.pairs.map(({ localKey }) => localKey));
      after = page.next;
    } while (after !== undefined);
    expect(all.toSorted()).toEqual(keys.toSorted());

    await overlays.forget(mappingId, ['k1', 'k2', 'not there']);

    expect(await pairOf('k1')).toBeUndefined();
    expect((await overlays.pairs(mappingId, keys)).size).toBe(38);
  });

  test('has nothing of another mapping', async () => {
    const [one, other] = [some(), some()];
    await one.overlays.putRecords(one.mappingId, [{ localKey: 'k', record: record(1) }]);
    expect(await other.pairOf('k')).toBeUndefined();
    expect(await other.overlays.pairs(other.mappingId, [])).toEqual(new Map());
  });
};
