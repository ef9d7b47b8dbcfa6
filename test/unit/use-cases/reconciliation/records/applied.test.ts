import { describe, expect, test } from '@jest/globals';
import type { ParkedKey } from '../../../../../shared/sync/reconcile/parking.ts';
import {
  conflictsIn,
  countOfWrite,
  itemUpdate,
  lookAgainAt,
  NOTHING_APPLIED,
  newlyLinked,
  settledOf,
  writesRecord,
} from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import { storedId } from '../../../../../shared/use-cases/reconciliation/records/match.ts';
import { notTaken } from '../../../../../shared/use-cases/reconciliation/records/not-taken.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import { recordWaits, waitingOf } from '../../../../../shared/use-cases/reconciliation/records/waiting.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject, aWrite } from '../../../../builders/a-subject.ts';
import { aLink, aLocalItem, aMapping, aRemoteRecord, LOCAL_KEY, SF_ID } from '../../../../builders/sync.ts';

const OTHER_ID = '003000000000002AAA';

const ASKED = { key: LOCAL_KEY, isLocal: false, changedAt: '2026-01-01T00:00:00.000Z' };
const askedSubject = (change: Partial<Subject> = {}): Subject => aSubject({ asked: ASKED, ...change });
const parked = (kind: ParkedKey['kind'], key: string): ParkedKey => ({
  mappingId: 'conn1.contact',
  kind,
  key,
  rounds: 0,
  version: 1,
});

describe('a subject that is looked at again', () => {
  const asked = { ...ASKED, isRemote: true };

  test('is named by its key, and its record is read', () => {
    expect(lookAgainAt(askedSubject())).toStrictEqual(asked);
    for (const remote of ['missing', 'unseen'] as const)
      expect(lookAgainAt(askedSubject({ remote }))).toStrictEqual(asked);
  });

  test('is named by its record too, where the link does not lead to it', () => {
    const named = { ...asked, sfId: SF_ID };
    for (const link of [undefined, aLink({ sfId: OTHER_ID }), aLink({ state: 'remote-deleted' })])
      expect(lookAgainAt(askedSubject({ link }))).toStrictEqual(named);
  });

  test('is named by its record too, where something waits under its id, and not where it does under the key', () => {
    const waits = [parked('local', LOCAL_KEY), parked('record', SF_ID)];

    expect(lookAgainAt(askedSubject({ parked: waits }))).toStrictEqual({ ...asked, sfId: SF_ID });
    expect(lookAgainAt(askedSubject({ parked: waits.slice(0, 1) }))).toStrictEqual(asked);
    expect(lookAgainAt(askedSubject({ parked: waits, remote: 'missing' }))).toStrictEqual({
      ...asked,
      sfId: SF_ID,
    });
  });

  test('is not named by a record that it found by something else than its key', () => {
    const link = undefined;

    expect(
      lookAgainAt(askedSubject({ link, isMatched: true, parked: [parked('record', SF_ID)] })),
    ).toStrictEqual(asked);
  });
});

test('settled is whoever is not looked at again, has no more to come home, and does not wait', () => {
  const subjects = ['again', 'home', 'waits', 'other', 'settled'].map((localKey) => aSubject({ localKey }));
  const waiting = [
    waitingOf(aSubject({ asked: { key: 'waits' } }), { reason: 'LEASE_HELD', waitMs: 1 }),
    // A record of that name is no item of it.
    recordWaits(
      { by: 'local-rules', key: 'settled', code: 'KEY_TAKEN', message: 'm', fields: [] },
      undefined,
    ),
  ];
  const applied = {
    ...NOTHING_APPLIED,
    waiting,
    lookAgain: [{ key: 'again' }],
    followUps: [{ localKey: 'home', after: aRemoteRecord(), linkVersion: 1 }],
  };

  expect(settledOf(subjects, applied).map(({ localKey }) => localKey)).toEqual(['other', 'settled']);
});

describe('the parts of a commit', () => {
  test('have the item as it was read, its values, and the id that it receives; none where there is no item', () => {
    const local = aLocalItem();

    expect(itemUpdate({ local: 'missing' } as Subject, { email: 'x' }, SF_ID)).toBeUndefined();
    expect(itemUpdate(aSubject({ local }))).toStrictEqual({ kind: 'update', read: local, values: {} });
    expect(itemUpdate(aSubject({ local }), { email: 'x' }, SF_ID)).toStrictEqual({
      kind: 'update',
      read: local,
      values: { email: 'x' },
      sfId: SF_ID,
    });
  });

  test('make a pair that was none, or one with another record, and nothing else', () => {
    const linked = (before: Subject['link'], after = aLink()) => newlyLinked({ link: before }, after).linked;
    const pair = [{ localKey: LOCAL_KEY, sfId: SF_ID }];

    expect(linked(undefined)).toEqual(pair);
    expect(linked(aLink({ state: 'creating' }))).toEqual(pair);
    expect(linked(aLink({ sfId: OTHER_ID }))).toEqual(pair);
    expect(linked(aLink())).toEqual([]);
    expect(linked(undefined, aLink({ state: 'remote-deleted' }))).toEqual([]);
    const { sfId: _, ...unborn } = aLink();
    expect(linked(undefined, unborn)).toEqual([]);
  });
});

test('a plan of a pair writes its record where it has values for it, or its key', () => {
  expect(writesRecord(aWrite({}))).toBe(false);
  expect(writesRecord(aWrite({ localWrites: { email: 'x' } }))).toBe(false);
  expect(writesRecord(aWrite({ remoteWrites: { email: 'x' } }))).toBe(true);
  expect(writesRecord(aWrite({ setKey: true }))).toBe(true);
  expect(writesRecord({ kind: 'delete-remote', conflicts: [] })).toBe(false);
});

test('what a plan of a pair counts is one local update if there is any, and each decision and each field that is held', () => {
  const conflicts = ['a', 'b'] as never[];

  expect(countOfWrite(aWrite({}), 0)).toEqual({ updatedLocally: 0, conflicts: 0 });
  expect(countOfWrite(aWrite({ localWrites: { a: 'x', b: 'y' }, conflicts }), 3)).toEqual({
    updatedLocally: 1,
    conflicts: 5,
  });
  expect(conflictsIn(aWrite({ conflicts }))).toBe(conflicts);
  expect(conflictsIn({ kind: 'create-local', values: {}, nextBase: {} })).toEqual([]);
  expect(conflictsIn({ kind: 'both-deleted' })).toEqual([]);
});

test('the id that an item carries is looked for where the mapping’s matchers say so', () => {
  const item = aLocalItem({ sfId: SF_ID });
  const matching = aMapping({
    matchers: [{ kind: 'external-id' }, { kind: 'salesforce-id', isIndexed: false }],
  });

  expect(storedId(matching, item)).toBe(SF_ID);
  expect(storedId(matching, aLocalItem())).toBeUndefined();
  expect(storedId(aMapping(), item)).toBeUndefined();
});

describe('a subject whose commit was not taken', () => {
  const pass = { open: { mapping: aMapping() } } as unknown as Pass;
  const alone = { link: undefined, local: 'missing' } as const;

  test('is looked at again where somebody else was faster, and counts nothing', () => {
    for (const [subject, outcome] of [
      [aSubject(), 'lost-race'],
      [aSubject(), undefined],
      // Another item found the record first, or a merge led a pair to it.
      [aSubject({ link: undefined, isMatched: true }), 'sf-id-taken'],
      [aSubject(alone), 'sf-id-taken'],
    ] as const)
      expect(notTaken(pass, subject, outcome)).toEqual({
        ...NOTHING_APPLIED,
        lookAgain: [lookAgainAt(subject)],
      });
  });

  test('waits for a person otherwise, and is one rejection', () => {
    for (const [subject, outcome] of [
      [aSubject(), 'sf-id-taken'],
      [aSubject({ link: undefined }), 'sf-id-taken'],
      [aSubject({ local: 'missing' }), 'sf-id-taken'],
      [aSubject(alone), 'too-large'],
      [aSubject({ link: undefined, isMatched: true }), 'refused'],
    ] as const) {
      const { counts, lookAgain, waiting } = notTaken(pass, subject, outcome);
      expect(counts.rejections).toBe(1);
      expect(lookAgain).toEqual([]);
      expect(waiting).toMatchObject([{ asked: subject.asked, rejection: { key: LOCAL_KEY } }]);
    }
  });
});
