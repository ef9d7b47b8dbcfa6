import { describe, expect, test } from '@jest/globals';
import type { HeldField } from '../../../../../shared/sync/model/link.ts';
import type { FieldConflict, Plan, WritePlan } from '../../../../../shared/sync/reconcile/plan.ts';
import type { Planned } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import {
  conflictsOf,
  recordOverflow,
  shown,
} from '../../../../../shared/use-cases/reconciliation/records/conflicts.ts';
import {
  announceHeld,
  heldChangesOf,
  openedBy,
} from '../../../../../shared/use-cases/reconciliation/records/held.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import { withoutTooLong } from '../../../../../shared/use-cases/reconciliation/records/too-long.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject, aWrite } from '../../../../builders/a-subject.ts';
import { aField, aLink, aMapping, aRemoteRecord, LOCAL_KEY, SF_ID } from '../../../../builders/sync.ts';
import { InMemoryEvents } from '../../../../in-memory/events.ts';
import { InMemoryJournal } from '../../../../in-memory/journal.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();

function aPass() {
  const ports = { journal: new InMemoryJournal(), events: new InMemoryEvents() };
  const pass = { ports, open: { mapping: aMapping() }, owner: 'w' } as unknown as Pass;
  return { pass, ...ports };
}

const planned = (plan: Plan, subject: Subject = aSubject(), atSfClock?: string): Planned => ({
  subject,
  plan,
  pair: {
    mapping: aMapping(),
    localKey: subject.localKey,
    link: subject.link,
    remote: typeof subject.remote === 'string' ? undefined : subject.remote,
    localChangedAt: subject.localChangedAt,
  },
  localChangedAtSfClock: atSfClock,
});

const aConflict = (field: string, change: Partial<FieldConflict> = {}): FieldConflict => ({
  field,
  base: 'base',
  local: 'ours',
  remote: 'theirs',
  policy: 'last-write-wins',
  winner: 'local',
  reason: 'the local edit is later',
  ...change,
});

describe('the record of a conflict', () => {
  test('names the pair, both values, and the stamp of the later edit on the clock of its own side', () => {
    const { pass } = aPass();
    const remote = aRemoteRecord({ lastModifiedDate: at(10), systemModstamp: at(20) });
    const told = (minute: number, sfMinute: number, change: Partial<Subject> = {}) =>
      conflictsOf(
        pass,
        planned(
          aWrite({ conflicts: [aConflict('email')] }),
          aSubject({ remote, localChangedAt: at(minute), ...change }),
          at(sfMinute),
        ),
      ).conflicts;

    expect(told(5, 11)).toEqual([
      {
        ...aConflict('email'),
        mappingId: 'conn1.contact',
        localKey: LOCAL_KEY,
        sfId: SF_ID,
        at: at(5),
        linkVersion: 1,
      },
    ]);
    expect(told(15, 9)).toMatchObject([{ at: at(10) }]);
    expect(told(15, 10)).toMatchObject([{ at: at(10) }]);
    expect(told(5, 11, { link: undefined })).toMatchObject([{ linkVersion: 0 }]);
    // A deletion moves the modstamp alone.
    expect(told(15, 15, { remote: { ...remote, isDeleted: true } })).toMatchObject([{ at: at(20) }]);
    const [untold] =
      conflictsOf(pass, planned(aWrite({ conflicts: [aConflict('email')] }), aSubject({ remote })))
        .conflicts ?? [];
    expect(untold?.at).toBe(at(10));
  });

  test('is none without a record, and none of a plan that decides nothing', () => {
    const { pass } = aPass();

    expect(conflictsOf(pass, planned(aWrite()))).toEqual({});
    expect(conflictsOf(pass, planned({ kind: 'both-deleted' }))).toEqual({});
    for (const remote of ['missing', 'unseen'] as const) {
      const subject = aSubject({ remote, link: undefined });
      expect(conflictsOf(pass, planned(aWrite({ conflicts: [aConflict('email')] }), subject))).toEqual({});
    }
  });

  test('is of the linked record where only a person says that it was deleted, at the time of the edit of its item', () => {
    const { pass } = aPass();
    const plan = aWrite({ conflicts: [aConflict('email')] });
    const link = aLink({ localChangedAt: at(1) });
    const told = (localChangedAt?: string) =>
      conflictsOf(pass, planned(plan, aSubject({ remote: 'unseen', localChangedAt, link }))).conflicts;

    expect(told(at(5))).toMatchObject([{ at: at(5), sfId: link.sfId }]);
    expect(told()).toMatchObject([{ at: at(1), sfId: link.sfId }]);
  });

  test('shows a long text by its beginning and its length, cut between characters', () => {
    const { pass } = aPass();
    const long = `${'x'.repeat(9_999)}😀 and more`;
    expect(shown('x'.repeat(10_000))).toBe('x'.repeat(10_000));
    expect(shown(12)).toBe(12);
    expect(shown(long)).toBe(`${'x'.repeat(9_999)}\uFFFD … (${long.length} characters)`);

    const conflict = aConflict('email', { base: long, local: long, remote: long });
    const [one] = conflictsOf(pass, planned(aWrite({ conflicts: [conflict] }))).conflicts ?? [];

    expect([one?.base, one?.local, one?.remote]).toEqual([shown(long), shown(long), shown(long)]);
  });

  test('goes into the commit with twenty-nine others, and the rest before it, so that none is lost', async () => {
    const { pass, journal } = aPass();
    const conflicts = Array.from({ length: 35 }, (_, n) => aConflict(`field${n}`));
    const many = planned(aWrite({ conflicts }));
    await recordOverflow(pass, [planned(aWrite({ conflicts: conflicts.slice(0, 30) }))]);
    expect(journal.storedConflicts.size).toBe(0);

    await recordOverflow(pass, [many, planned(aWrite())]);

    const stored = [...journal.storedConflicts.values()].map(({ field }) => field);
    expect(stored).toEqual(conflicts.slice(30).map(({ field }) => field));
    expect(conflictsOf(pass, many).conflicts?.map(({ field }) => field)).toEqual(
      conflicts.slice(0, 30).map(({ field }) => field),
    );
  });
});

describe('what is held for a person', () => {
  const held = (field: string, change: Partial<HeldField> = {}): HeldField => ({
    field,
    local: 'ours',
    remote: 'theirs',
    since: at(1),
    version: 1,
    ...change,
  });
  const [email, lastName] = [held('email'), held('lastName')];

  test('is listed as its link has it, and nothing is written of what stays', () => {
    const subject = aSubject({ link: aLink({ held: [email, lastName] }) });
    const changes = (...after: HeldField[]) =>
      heldChangesOf(planned(aWrite(), subject), aLink({ held: after })).openConflicts;

    expect(changes(email, lastName)).toBeUndefined();
    expect(heldChangesOf(planned(aWrite()), aLink())).toEqual({});
    expect(changes(email)).toEqual({ put: [], remove: ['lastName'] });
    expect(changes()).toEqual({ put: [], remove: ['email', 'lastName'] });
    const newer = held('email', { local: 'ours too' });
    expect(changes(newer, lastName)).toMatchObject({
      put: [{ field: 'email', local: 'ours too' }],
      remove: [],
    });
  });

  test('is listed with who changed what and when, as far as that is known', () => {
    const remote = aRemoteRecord({ lastModifiedDate: at(7) });
    const entryOf = (subject: Subject) =>
      heldChangesOf(planned(aWrite(), subject), aLink({ base: { email: 'base' }, held: [email] }))
        .openConflicts?.put[0];

    expect(entryOf(aSubject({ remote }))).toStrictEqual({
      ...email,
      mappingId: 'conn1.contact',
      localKey: LOCAL_KEY,
      sfId: SF_ID,
      base: 'base',
      remoteChangedAt: at(7),
    });
    const known = { ...remote, lastModifiedById: '005A' };
    expect(entryOf(aSubject({ remote: known, localChangedAt: at(5) }))).toMatchObject({
      remoteChangedBy: '005A',
      localChangedAt: at(5),
    });
    expect(entryOf(aSubject({ remote, link: aLink({ localChangedAt: at(3) }) }))).toMatchObject({
      localChangedAt: at(3),
    });
  });

  test('begins with the fields that were not held before, of plans that write', () => {
    const subject = aSubject({ link: aLink({ held: [email] }) });

    expect(openedBy(planned(aWrite({ held: [email, lastName] }), subject))).toEqual(['lastName']);
    expect(openedBy(planned(aWrite({ held: [email] }), aSubject({ link: undefined })))).toEqual(['email']);
    expect(openedBy(planned({ kind: 'in-step', held: [lastName] }, subject))).toEqual([]);
  });

  test('is told of by names alone, in as many events as it takes', async () => {
    const { pass, events } = aPass();
    const opening = (localKey: string) =>
      planned(aWrite({ held: [email] }), aSubject({ localKey, link: undefined }));
    await announceHeld(pass, [planned(aWrite()), opening('ann'), opening('bob')]);

    expect(events.published).toEqual([
      {
        type: 'Conflicts Held',
        detail: {
          connectionId: 'conn1',
          orgId: 'tenant-1',
          mappingId: 'conn1.contact',
          conflicts: ['ann', 'bob'].map((localKey) => ({ localKey, sfId: SF_ID, fields: ['email'] })),
        },
      },
    ]);
    events.published.length = 0;
    const large = (letter: string) => opening(letter.repeat(90_000));
    await announceHeld(pass, [large('a'), large('b'), large('c'), large('d'), large('e')]);
    const sizes = events.published.map(({ detail }) => 'conflicts' in detail && detail.conflicts.length);
    expect(sizes).toEqual([2, 2, 1]);
    events.published.length = 0;
    await announceHeld(pass, [planned(aWrite())]);
    expect(events.published).toEqual([]);
  });
});

describe('a plan with a text that is longer than its field', () => {
  const mapping = aMapping({
    fields: ['title', 'email', 'note'].map((localField) => aField({ localField, maxLength: 3 })),
  });
  const sent = (plan: Plan) => withoutTooLong(mapping, planned(plan));
  const long = { title: 'long', email: 'long', note: 'ok' };

  test('goes as it is where all of them fit, or nothing is sent', () => {
    const fits = planned(aWrite({ remoteWrites: { title: 'ok' }, localWrites: { note: 'long' } }));
    expect(withoutTooLong(mapping, fits)).toEqual({ planned: fits, waiting: [] });
    const other = planned({ kind: 'create-local', values: long, nextBase: {} });
    expect(withoutTooLong(mapping, other)).toEqual({ planned: other, waiting: [] });
  });

  test('sends nothing, and lists the fields by their names', () => {
    const { waiting, planned: left } = sent({
      kind: 'create-remote',
      values: long,
      nextBase: long,
      baseBeforeRemote: {},
    });

    expect(left.plan).toEqual({ kind: 'in-step' });
    expect(waiting).toMatchObject([{ reason: 'TEXT_TOO_LONG', rejection: { fields: ['email', 'title'] } }]);
    expect(waiting[0]?.rejection?.message).toContain('email (3 characters), title (3 characters)');
    expect(sent(aWrite({ remoteWrites: long })).planned.plan).toEqual({ kind: 'in-step' });
    const all = sent(aWrite({ remoteWrites: { ...long, note: 'long' } }));
    expect(all.waiting[0]?.rejection?.fields).toEqual(['email', 'note', 'title']);
  });

  test.each<[string, Partial<WritePlan>]>([
    ['the item gets values', { localWrites: { note: 'theirs' } }],
    ['the item gets its Salesforce id', { setLocalSfId: SF_ID }],
    ['the record is owed its key', { setKey: true }],
    ['a conflict was decided', { conflicts: [aConflict('note')] }],
    ['a field is held', { held: [{ field: 'note', local: 'a', remote: 'b', since: at(1), version: 1 }] }],
  ])('still brings in what Salesforce has: %s', (_what, change) => {
    const plan = aWrite({
      remoteWrites: long,
      nextBase: long,
      baseBeforeRemote: { note: 'base' },
      ...change,
    });

    expect(sent(plan).planned.plan).toEqual({ ...plan, remoteWrites: {}, nextBase: { note: 'base' } });
  });
});
