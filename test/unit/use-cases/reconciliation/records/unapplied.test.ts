import { describe, expect, test } from '@jest/globals';
import { NOTHING, type NothingReason, type Plan } from '../../../../../shared/sync/reconcile/plan.ts';
import type { Planned } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import { unappliedOf } from '../../../../../shared/use-cases/reconciliation/records/unapplied.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject, aWrite } from '../../../../builders/a-subject.ts';
import { aLink, aLocalItem, aMapping, aRemoteRecord, LOCAL_KEY } from '../../../../builders/sync.ts';

const pass = { open: { mapping: aMapping() } } as unknown as Pass;
const codes = (plan: Plan, subject: Partial<Subject> = {}) =>
  unappliedOf(pass, { plan, subject: aSubject(subject) } as Planned).map(({ rejection }) => rejection?.code);
const nothing = (reason: NothingReason, subject: Partial<Subject> = {}) =>
  codes({ kind: 'nothing', reason }, subject);

const edited = { local: aLocalItem({ values: { email: 'new@example.com' } }) };
const newRecord = { remote: aRemoteRecord({ values: { email: 'new@example.com' } }) };
const asked = (change: Partial<Subject['asked']>) => ({ asked: { key: LOCAL_KEY, ...change } });

describe('a person is told', () => {
  test('of a pair that cannot be one, and of a deletion that the other side disputes, changed or not', () => {
    expect(nothing(NOTHING.otherRecord)).toEqual(['ALREADY_LINKED']);
    expect(nothing(NOTHING.otherKey)).toEqual(['ALREADY_LINKED']);
    expect(nothing(NOTHING.deletionDisputed)).toEqual(['DELETION_DISPUTED']);
  });

  test('of an item that changed though its record is deleted', () => {
    for (const told of [
      (subject: Partial<Subject>) => nothing(NOTHING.remoteGone, subject),
      (subject: Partial<Subject>) => codes({ kind: 'remote-deleted' }, subject),
    ]) {
      expect(told(edited)).toEqual(['RECORD_DELETED']);
      expect(told({})).toEqual([]);
      expect(told({ ...edited, link: undefined })).toEqual([]);
      expect(told({ local: 'missing' })).toEqual([]);
    }
  });

  test('of a record that nobody may see, where its item or the record changed, or the item was deleted', () => {
    for (const subject of [edited, asked({ isRemote: true }), { isLocalDeleted: true }])
      expect(nothing(NOTHING.recordUnseen, subject)).toEqual(['RECORD_NOT_VISIBLE']);
    expect(nothing(NOTHING.recordUnseen)).toEqual([]);
  });

  test('of an item that is away, where its record changed, or old word says that it was deleted', () => {
    const away = { local: 'missing' } as const;
    for (const subject of [newRecord, asked({ isDeleted: true })])
      expect(nothing(NOTHING.itemVanished, { ...away, ...subject })).toEqual(['ITEM_VANISHED']);
    for (const subject of [
      {},
      { ...newRecord, link: undefined },
      { remote: 'missing' as const },
      { remote: aRemoteRecord({ isDeleted: true, values: { email: 'new@example.com' } }) },
    ])
      expect(nothing(NOTHING.itemVanished, { ...away, ...subject })).toEqual([]);
  });

  test('of no edit that was held for a person already', () => {
    const held = (local: string, remote: string) =>
      aLink({ held: [{ field: 'email', local, remote, since: '2026-01-01T00:00:00.000Z', version: 1 }] });

    expect(nothing(NOTHING.remoteGone, { ...edited, link: held('new@example.com', 'x') })).toEqual([
      'RECORD_DELETED',
    ]);
    expect(nothing(NOTHING.remoteGone, { link: held('other@example.com', 'x') })).toEqual([]);
  });

  test('of nothing where the mapping wants it so, and of nothing that is carried out', () => {
    for (const reason of [NOTHING.neitherSide, NOTHING.notToSalesforce, NOTHING.localGone, NOTHING.bothGone])
      expect(nothing(reason, { ...edited, ...newRecord })).toEqual([]);
    expect(codes(aWrite(), edited)).toEqual([]);
    expect(codes({ kind: 'in-step' }, edited)).toEqual([]);
    expect(codes({ kind: 'both-deleted' }, edited)).toEqual([]);
  });
});
