import { describe, expect, test } from '@jest/globals';
import { UnreadableItem } from '../../../../../shared/aws/errors.ts';
import type { WireRecord } from '../../../../../shared/contracts/salesforce.ts';
import type { Mapping } from '../../../../../shared/sync/model/mapping.ts';
import type { RecordSelection } from '../../../../../shared/use-cases/ports/salesforce-org.ts';
import { followMerged } from '../../../../../shared/use-cases/reconciliation/records/follow-merged.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject } from '../../../../builders/a-subject.ts';
import { aLink, aLocalItem, aMapping, aRemoteRecord, LOCAL_KEY, SF_ID } from '../../../../builders/sync.ts';

const WINNER = '003000000000009AAA';
const OTHER = '003000000000002AAA';
const NOW = '2026-01-01T00:00:00.000Z';

const row = (Id: string, change: Partial<WireRecord> = {}): WireRecord => ({
  Id,
  External_Id__c: null,
  SystemModstamp: NOW,
  LastModifiedDate: NOW,
  IsDeleted: false,
  FirstName: 'Anna',
  LastName: 'Lee',
  Email: 'ann@example.com',
  ...change,
});
const merged = (Id: string, into: unknown = WINNER, change: Partial<WireRecord> = {}): WireRecord => ({
  Id,
  IsDeleted: true,
  MasterRecordId: into,
  ...change,
});

/** An org with these rows; the records in `linked` belong to other items, and the pointers of `damaged` cannot be read. */
function aPass(
  rows: { masters?: readonly WireRecord[]; records?: readonly WireRecord[] },
  change: { mapping?: Mapping; linked?: readonly string[]; damaged?: readonly string[] } = {},
) {
  const asked: RecordSelection[] = [];
  const { linked = [], damaged = [] } = change;
  const org = {
    select: async (selection: RecordSelection) => {
      asked.push(selection);
      const isMasters = selection.fields.includes('MasterRecordId');
      const ids = selection.where.kind === 'ids' ? selection.where.ids : [];
      const found = (isMasters ? rows.masters : rows.records) ?? [];
      return { records: found.filter(({ Id }) => ids.includes(String(Id))), readAt: NOW };
    },
  };
  const syncStore = {
    lookByIds: async (_mappingId: string, ids: readonly string[]) => {
      if (ids.some((id) => damaged.includes(id))) throw new UnreadableItem('links', 'localKey');
      return {
        found: new Map(ids.filter((id) => linked.includes(id)).map((id) => [id, 'k'])),
        parked: new Map(),
      };
    },
  };
  const pass = {
    ports: { syncStore },
    open: { mapping: change.mapping ?? aMapping({ isMergeable: true }), org },
    owner: 'w',
  };
  return { pass: pass as unknown as Pass, asked };
}

const gone = (change: Partial<Subject> = {}): Subject =>
  aSubject({ remote: aRemoteRecord({ isDeleted: true }), isOldRow: true, ...change });
const goneOther = (localKey: string): Subject =>
  gone({
    localKey,
    link: aLink({ localKey, sfId: OTHER }),
    remote: aRemoteRecord({ sfId: OTHER, externalId: localKey, isDeleted: true }),
  });

describe('a record that was merged into another one', () => {
  test('leaves its pair to that one, with what was agreed and nothing of what was open', async () => {
    const link = aLink({
      pending: { email: 'x' },
      adjusted: { email: 'y' },
      localChangedAt: NOW,
    });
    const local = aLocalItem({ sfId: SF_ID });
    const { pass, asked } = aPass({ masters: [merged(SF_ID)], records: [row(WINNER)] });

    const [after] = await followMerged(pass, [gone({ link, local })]);

    expect(after).toMatchObject({ isMerged: true, isOldRow: false, remote: { sfId: WINNER } });
    expect(after?.local).toStrictEqual({ ...local, sfId: null });
    const { sfModstamp: _at, sfReadAt: _read, pending: _open, adjusted: _ours, ...kept } = link;
    expect(after?.link).toStrictEqual({ ...kept, sfId: WINNER });
    expect(asked).toMatchObject([
      { sObject: 'Contact', fields: ['MasterRecordId'], where: { ids: [SF_ID] }, includeDeleted: true },
      { where: { ids: [WINNER] } },
    ]);
  });

  test('leaves an item alone that names another record, or is not there', async () => {
    for (const local of [aLocalItem({ sfId: OTHER }), aLocalItem(), 'missing'] as const) {
      const { pass } = aPass({ masters: [merged(SF_ID)], records: [row(WINNER)] });
      expect((await followMerged(pass, [gone({ local })]))[0]?.local).toBe(local);
    }
  });

  test('is a deleted one like any other where the record that stayed is linked, deleted, away, or of another key', async () => {
    const masters = [merged(SF_ID)];
    for (const [rows, change] of [
      [{ masters, records: [row(WINNER)] }, { linked: [WINNER] }],
      [{ masters, records: [row(WINNER)] }, { damaged: [WINNER] }],
      [{ masters, records: [row(WINNER, { IsDeleted: true })] }, {}],
      [{ masters, records: [] }, {}],
      [{ masters, records: [row(WINNER, { External_Id__c: 'own' })] }, {}],
      [{ masters: [merged(SF_ID, null)], records: [row(WINNER)] }, {}],
      [{ masters: [merged(SF_ID, 'no id')], records: [row(WINNER)] }, {}],
      // The merge was undone.
      [{ masters: [merged(SF_ID, WINNER, { IsDeleted: false })], records: [row(WINNER)] }, {}],
      [{ masters: [], records: [row(WINNER)] }, {}],
    ] as const) {
      const subject = gone();
      const [after] = await followMerged(aPass(rows, change).pass, [subject]);
      expect(after).toBe(subject);
    }
  });

  test('is followed where the record that stayed carries the key of the pair', async () => {
    const records = [row(WINNER, { External_Id__c: LOCAL_KEY })];
    const [after] = await followMerged(aPass({ masters: [merged(SF_ID)], records }).pass, [gone()]);

    expect(after).toMatchObject({ isMerged: true });
  });

  test('takes no other that went into the same one with it, and changes nothing of their neighbours', async () => {
    const rows = { masters: [merged(SF_ID), merged(OTHER)], records: [row(WINNER)] };
    const [second, neighbour] = [goneOther('bob'), aSubject({ localKey: 'cyd' })];

    const after = await followMerged(aPass(rows).pass, [neighbour, gone(), second]);

    expect(after[0]).toBe(neighbour);
    expect(after[1]).toMatchObject({ isMerged: true, localKey: LOCAL_KEY });
    expect(after[2]).toBe(second);
  });

  test('leaves its pair to its own record, and another pair to another one', async () => {
    const rows = {
      masters: [merged(SF_ID), merged(OTHER, '003000000000008AAA')],
      records: [row('003000000000008AAA'), row(WINNER)],
    };

    const after = await followMerged(aPass(rows).pass, [gone(), goneOther('bob')]);

    expect(after.map(({ link }) => link?.sfId)).toEqual([WINNER, '003000000000008AAA']);
  });
});

test('nobody is asked about a merge where no record of a pair is deleted, or records of the object are never merged', async () => {
  const rows = { masters: [merged(SF_ID)], records: [row(WINNER)] };
  for (const subject of [
    aSubject(),
    gone({ link: undefined }),
    gone({ link: aLink({ state: 'remote-deleted' }) }),
    gone({ link: aLink({ sfId: OTHER }) }),
    gone({ remote: 'missing' }),
  ]) {
    const { pass, asked } = aPass(rows);
    const subjects = [subject];
    expect(await followMerged(pass, subjects)).toBe(subjects);
    expect(asked).toEqual([]);
  }
  // Whose records say nothing of merges.
  const { isMergeable: _, ...plain } = aMapping({ isMergeable: true });
  const { pass, asked } = aPass(rows, { mapping: plain });
  await followMerged(pass, [gone()]);
  expect(asked).toEqual([]);
});
