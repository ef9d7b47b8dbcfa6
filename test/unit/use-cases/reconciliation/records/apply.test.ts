import { describe, expect, test } from '@jest/globals';
import type { DeletePolicies } from '../../../../../shared/contracts/delete-policies.ts';
import type { Mapping } from '../../../../../shared/sync/model/mapping.ts';
import { NO_COUNTS } from '../../../../../shared/use-cases/ports/counts.ts';
import type { Commit } from '../../../../../shared/use-cases/ports/sync-store.ts';
import { lookAgainAt } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import { type Admits, apply } from '../../../../../shared/use-cases/reconciliation/records/apply.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject } from '../../../../builders/a-subject.ts';
import { ANN, aLink, aLocalItem, aMapping, aRemoteRecord, SF_ID } from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';
import { InMemoryEvents } from '../../../../in-memory/events.ts';
import { InMemoryGuardStates } from '../../../../in-memory/guard-states.ts';
import { InMemoryJournal } from '../../../../in-memory/journal.ts';

const NOW = '2026-01-01T00:00:00.000Z';
const OTHER_ID = '003000000000002AAA';

/** What becomes of subjects of which nothing is written to Salesforce; every commit is taken. */
async function applied(subjects: readonly Subject[], change: Partial<Mapping> = {}, admits?: Admits) {
  const commits: Commit[] = [];
  const ports = {
    clock: manualClock(NOW),
    guardStates: new InMemoryGuardStates(),
    journal: new InMemoryJournal(),
    events: new InMemoryEvents(),
    linkLists: { countLiving: async () => 0 },
    syncStore: {
      commit: async (some: readonly Commit[]) => {
        commits.push(...some);
        return some.map(() => 'committed');
      },
    },
  };
  const open = { mapping: aMapping(change), org: { clockSkewMs: () => 0 } };
  const { counts, ...rest } = await apply({ ports, open, owner: 'w' } as unknown as Pass, subjects, admits);
  const counted = Object.entries(counts).filter(([name, n]) => n !== NO_COUNTS[name as keyof typeof counts]);
  return { ...rest, commits, counts: Object.fromEntries(counted) };
}
const one = (change: Partial<Subject>, mapping: Partial<Mapping> = {}) =>
  applied([aSubject(change)], mapping);

const policy = (fromSalesforce: DeletePolicies['fromSalesforce']) => ({
  deletePolicy: { fromSalesforce, toSalesforce: 'ignore' as const },
});
const EDIT = { email: 'new@example.com' };
const theirs = aRemoteRecord({ values: EDIT });
const gone = aRemoteRecord({ isDeleted: true, systemModstamp: '2024-01-02T00:00:00.000Z' });
const { sfId: _id, ...unborn } = aLink({ state: 'creating', pending: ANN });

describe('of what needs no write to Salesforce', () => {
  test('a pair in step is unchanged, and nothing is committed', async () => {
    expect(await one({})).toMatchObject({ counts: { unchanged: 1 }, commits: [], waiting: [], linked: [] });
  });

  test('an edit of the record is an update of the item, as it was read', async () => {
    const { counts, commits } = await one({ remote: theirs });

    expect(counts).toEqual({ updatedLocally: 1 });
    expect(commits).toMatchObject([
      {
        expectedVersion: 1,
        link: { base: EDIT },
        item: { kind: 'update', values: EDIT, read: aLocalItem() },
      },
    ]);
  });

  test('what both sides have by themselves is agreed upon, which is no update', async () => {
    const { counts, commits } = await one({ local: aLocalItem({ values: EDIT }), remote: theirs });

    expect(counts).toEqual({});
    expect(commits).toMatchObject([{ link: { base: EDIT }, item: { kind: 'update', values: {} } }]);
  });

  test('a record without an item makes one, and is linked', async () => {
    const { counts, commits, linked } = await one({ link: undefined, local: 'missing' });

    expect(counts).toEqual({ createdLocally: 1 });
    expect(commits).toMatchObject([
      { expectedVersion: 0, item: { kind: 'create', values: ANN, sfId: null } },
    ]);
    expect(linked).toMatchObject([{ sfId: SF_ID }]);
    const withId = await one({ link: undefined, local: 'missing' }, { localIdField: 'salesforceId' });
    expect(withId.commits).toMatchObject([{ item: { sfId: SF_ID } }]);
  });

  test('a deleted record takes its item with it, or marks it since then, or leaves it', async () => {
    const deleted = await one({ remote: gone }, policy('propagate'));
    expect(deleted.counts).toEqual({ deletedLocally: 1 });
    expect(deleted.commits).toMatchObject([{ link: { state: 'both-deleted' }, item: { kind: 'delete' } }]);

    const marked = await one({ remote: gone }, policy({ mark: 'deletedAt' }));
    expect(marked.counts).toEqual({ updatedLocally: 1 });
    expect(marked.commits).toMatchObject([
      { link: { marked: 'item' }, item: { kind: 'update', values: {}, mark: gone.systemModstamp } },
    ]);

    const left = await one({ remote: gone }, policy('ignore'));
    expect(left.counts).toEqual({});
    expect(left.commits).toMatchObject([{ link: { state: 'remote-deleted' } }]);
    expect(left.commits[0]).not.toHaveProperty('item');
  });

  test('a record that a person says is deleted, and that nobody sees, marks its item since now', async () => {
    const asked = { key: aSubject().localKey, isRecordDeleted: true };
    const { commits } = await one({ remote: 'unseen', asked }, policy({ mark: 'deletedAt' }));

    expect(commits).toMatchObject([{ item: { kind: 'update', mark: NOW } }]);
    expect((await one({ remote: 'unseen' }, policy({ mark: 'deletedAt' }))).commits).toEqual([]);
  });

  test('a deleted item is not there when that is noted, whatever becomes of its record', async () => {
    for (const [remote, toSalesforce, state] of [
      [aRemoteRecord(), 'ignore', 'local-deleted'],
      [gone, 'propagate', 'both-deleted'],
    ] as const) {
      const mapping = { deletePolicy: { fromSalesforce: 'ignore', toSalesforce } } as const;
      const { counts, commits } = await one({ local: 'missing', isLocalDeleted: true, remote }, mapping);
      expect(counts).toEqual({});
      expect(commits).toMatchObject([{ link: { state }, item: { kind: 'absent' } }]);
    }
  });

  test('a creation that arrived is noted though its item is gone, and its key is looked at again', async () => {
    const subject = aSubject({ link: unborn, local: 'missing' });
    const { commits, lookAgain } = await applied([subject]);

    expect(commits).toHaveLength(1);
    expect(commits[0]).not.toHaveProperty('item');
    expect(lookAgain).toEqual([lookAgainAt(subject)]);
    const there = await one({ link: unborn });
    expect(there.commits).toHaveLength(1);
    expect(there.lookAgain).toEqual([]);
  });

  test('what nobody has is unchanged, and what a person has to see to is a rejection instead', async () => {
    expect(await one({ link: undefined, local: 'missing', remote: 'missing' })).toMatchObject({
      counts: { unchanged: 1 },
      commits: [],
      waiting: [],
    });
    const other = await one({ remote: aRemoteRecord({ sfId: OTHER_ID }) });
    expect(other.counts).toEqual({ rejections: 1 });
    expect(other.waiting).toMatchObject([{ reason: 'ALREADY_LINKED' }]);
  });
});

test('only what is told to a person counts as a rejection', async () => {
  const local = aLocalItem({ values: { email: 'ours@example.com' } });
  const { counts, waiting } = await applied([
    aSubject({ local, remote: theirs }),
    aSubject({
      localKey: 'other',
      link: aLink({ localKey: 'other' }),
      remote: aRemoteRecord({ sfId: OTHER_ID }),
    }),
  ]);

  expect(waiting.map(({ reason }) => reason).toSorted()).toEqual(['ALREADY_LINKED', 'LOCAL_TIME_UNKNOWN']);
  expect(counts).toEqual({ rejections: 1 });
});

test('what is not admitted is skipped, and what is, is done', async () => {
  const bob = aSubject({ localKey: 'bob', link: aLink({ localKey: 'bob' }), remote: theirs });
  const { commits, skipped, counts } = await applied(
    [aSubject({ remote: theirs }), bob],
    {},
    ({ subject }) => subject.localKey === 'bob',
  );

  expect(skipped).toEqual([aSubject().localKey]);
  expect(commits.map(({ link }) => link.localKey)).toEqual(['bob']);
  expect(counts).toEqual({ updatedLocally: 1 });
  expect((await applied([bob])).skipped).toEqual([]);
});

test('a record that an item found by something else than its key is linked to it', async () => {
  const unkeyed = aRemoteRecord({ externalId: null });
  const { commits, linked } = await one({ link: undefined, remote: unkeyed, isMatched: true });

  expect(linked).toMatchObject([{ sfId: SF_ID }]);
  expect(commits).toMatchObject([{ history: { event: 'matched' } }]);
  expect((await one({ link: undefined })).commits).toMatchObject([{ history: { event: 'linked' } }]);
});
