import { describe, expect, test } from '@jest/globals';
import type { Mapping } from '../../../../../shared/sync/model/mapping.ts';
import type { PlanAction } from '../../../../../shared/sync/plan/entry.ts';
import { NOTHING, type Plan, REASONS } from '../../../../../shared/sync/reconcile/plan.ts';
import { entryOf, inputOf } from '../../../../../shared/use-cases/reconciliation/plan/dry-look.ts';
import type { Planned } from '../../../../../shared/use-cases/reconciliation/records/applied.ts';
import type { Decided } from '../../../../../shared/use-cases/reconciliation/records/apply.ts';
import type { Subject } from '../../../../../shared/use-cases/reconciliation/records/subject.ts';
import { type Waiting, waitingOf } from '../../../../../shared/use-cases/reconciliation/records/waiting.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aSubject, aWrite } from '../../../../builders/a-subject.ts';
import {
  ANN,
  aLink,
  aLocalItem,
  aMapping,
  aRemoteRecord,
  LOCAL_KEY,
  SF_ID,
} from '../../../../builders/sync.ts';
import { manualClock } from '../../../../in-memory/clock.ts';

const MARKS = { fromSalesforce: { mark: 'deletedAt' }, toSalesforce: { mark: 'Gone__c' } };
const passOf = (change: Partial<Mapping> = {}) =>
  ({
    ports: { clock: manualClock('2026-01-01T00:00:00.000Z') },
    open: { mapping: aMapping(change) },
    owner: '',
  }) as unknown as Pass;

const decidedOn = (plan: Plan | undefined, subject: Partial<Subject> = {}, more: Partial<Decided> = {}) => {
  const about = aSubject(subject);
  const planned = plan && ({ subject: about, plan } as unknown as Planned);
  return { subject: about, ...(planned && { planned }), waiting: [], ...more } satisfies Decided;
};
const NOBODY: ReadonlySet<string> = new Set();
const entry = (decided: Decided, { mapping = {}, asked = NOBODY, withValues = true } = {}) =>
  entryOf(passOf(mapping), decided, asked, withValues);

describe('a plan says', () => {
  const creation = { kind: 'create-remote', nextBase: {}, baseBeforeRemote: {} } as const;
  const NEW = { lastName: 'Ray', email: null };
  const both = { fields: ['email', 'lastName'], values: NEW };
  const held = [{ field: 'lastName', local: 'Lee', remote: 'Ray', since: '2024-01-01', version: 1 }];

  test.each<[string, Plan, readonly PlanAction[], Partial<Mapping>?]>([
    ['which fields an item gets', aWrite({ localWrites: NEW }), [{ kind: 'change-item', ...both }]],
    ['which a record gets', aWrite({ remoteWrites: NEW }), [{ kind: 'change-record', ...both }]],
    [
      'that an item gets its record’s id',
      aWrite({ setLocalSfId: SF_ID }),
      [{ kind: 'change-item', fields: ['sfId'], values: { sfId: SF_ID } }],
      { localIdField: 'sfId' },
    ],
    [
      'that a record gets its item’s key',
      aWrite({ setKey: true }),
      [{ kind: 'change-record', fields: [], values: {} }],
    ],
    [
      'that an item loses its mark',
      aWrite({ unmark: 'item' }),
      [{ kind: 'change-item', fields: ['deletedAt'], values: { deletedAt: null } }],
      { deletePolicy: MARKS },
    ],
    [
      'that a record loses its mark',
      aWrite({ unmark: 'record' }),
      [{ kind: 'change-record', fields: [], values: {} }],
      { deletePolicy: MARKS },
    ],
    ['which fields begin to wait for a person', aWrite({ held }), [{ kind: 'hold', fields: ['lastName'] }]],
    ['that a pair is only linked', aWrite(), [{ kind: 'pair' }]],
    ['that a pair is found in step', { kind: 'in-step', nextBase: ANN }, [{ kind: 'pair' }]],
    [
      'what an item is made of',
      { kind: 'create-local', values: NEW, nextBase: {} },
      [{ kind: 'create-item', ...both }],
    ],
    ['what a record is made of', { ...creation, values: NEW }, [{ kind: 'create-record', ...both }]],
    [
      'that an item is made again with its record',
      { ...creation, values: {}, localWrites: NEW, restores: true },
      [
        { kind: 'create-item', ...both },
        { kind: 'create-record', fields: [], values: {} },
      ],
    ],
    [
      'that an item is changed as its record is made again',
      { ...creation, values: {}, localWrites: NEW },
      [
        { kind: 'change-item', ...both },
        { kind: 'create-record', fields: [], values: {} },
      ],
    ],
    ['that an item is deleted', { kind: 'delete-local', conflicts: [] }, [{ kind: 'delete-item' }]],
    ['that a record is', { kind: 'delete-remote', conflicts: [] }, [{ kind: 'delete-record' }]],
    [
      'that both are',
      { kind: 'delete-pair', conflicts: [] },
      [{ kind: 'delete-item' }, { kind: 'delete-record' }],
    ],
    [
      'that an item is marked',
      { kind: 'mark-local', conflicts: [] },
      [{ kind: 'change-item', fields: ['deletedAt'] }],
      { deletePolicy: MARKS },
    ],
    [
      'that a record is marked',
      { kind: 'mark-remote', conflicts: [] },
      [{ kind: 'change-record', fields: ['Gone__c'] }],
      { deletePolicy: MARKS },
    ],
    ['that a pair is known to have ended', { kind: 'both-deleted' }, [{ kind: 'pair' }]],
    ['that its item is known to be gone', { kind: 'local-deleted' }, [{ kind: 'pair' }]],
  ])('%s', (_what, plan, actions, mapping = {}) => {
    expect(entry(decidedOn(plan), { mapping })?.actions).toEqual(actions);
  });

  test('that a record’s deletion is known, and leaves an edit of its item behind', () => {
    const edited = { local: aLocalItem({ values: { email: 'new' } }) };
    expect(entry(decidedOn({ kind: 'remote-deleted' }))?.actions).toEqual([{ kind: 'pair' }]);
    expect(entry(decidedOn({ kind: 'remote-deleted' }, edited))?.actions).toEqual([
      { kind: 'pair' },
      { kind: 'refuse', code: 'RECORD_DELETED' },
    ]);
  });

  test('nothing of what is already in step, or of which nothing comes', () => {
    expect(entry(decidedOn({ kind: 'in-step' }))).toBeUndefined();
    expect(entry(decidedOn({ kind: 'nothing', reason: NOTHING.bothGone }))).toBeUndefined();
  });

  test('the fields that begin to wait in one order', () => {
    const two = ['lastName', 'email'].map((field) => ({ ...held[0], field }) as (typeof held)[number]);
    expect(entry(decidedOn(aWrite({ held: two })))?.actions).toEqual([
      { kind: 'hold', fields: ['email', 'lastName'] },
    ]);
  });

  test('nothing of what is held already', () => {
    const link = aLink({ held });
    expect(entry(decidedOn(aWrite({ held }), { link }))?.actions).toEqual([{ kind: 'pair' }]);
  });

  test('what has to wait, and what a rule refuses, with its fields', () => {
    const subject = aSubject();
    const refusal = (fields: readonly string[]): Waiting =>
      waitingOf(subject, {
        rejection: { code: 'TEXT_TOO_LONG', message: 'm', fields: [...fields], by: 'local-rules' },
      });
    const waiting = [waitingOf(subject, { reason: 'LEASE_HELD' }), refusal([]), refusal(['email'])];
    expect(entry(decidedOn(undefined, {}, { waiting }))?.actions).toEqual([
      { kind: 'wait', code: 'LEASE_HELD' },
      { kind: 'refuse', code: 'TEXT_TOO_LONG' },
      { kind: 'refuse', code: 'TEXT_TOO_LONG', fields: ['email'] },
    ]);
  });

  test('that a row which is too old is looked at again', () => {
    expect(entry(decidedOn(undefined, {}, { isAged: true }))?.actions).toEqual([
      { kind: 'wait', code: 'CONTENDED' },
    ]);
  });

  describe('of what is to be taken back', () => {
    const undo = { fields: new Map([['email', { from: 'b', to: 'a' }]]), obstacles: [] };

    test('only that, and nothing that would come of an ordinary look', () => {
      const back = aWrite({ localWrites: { email: 'a' }, undone: ['email'] });
      expect(entry(decidedOn(back, { undo }))?.actions).toMatchObject([{ kind: 'change-item' }]);
      const ordinary = aWrite({ localWrites: { email: 'c' } });
      expect(entry(decidedOn(ordinary, { undo }))?.actions).toEqual([
        { kind: 'keep', code: 'UNDO_OUT_OF_STEP', fields: ['email'] },
      ]);
    });

    test('why a pair as a whole stays, without fields', () => {
      const pair = { fields: new Map(), pair: 'delete', obstacles: [] } as const;
      expect(entry(decidedOn({ kind: 'in-step' }, { undo: pair }))?.actions).toEqual([
        { kind: 'keep', code: 'UNDO_EDITED_SINCE' },
      ]);
    });
  });
});

describe('an entry of a plan', () => {
  const decided = decidedOn(aWrite({ localWrites: { email: 'new' } }));

  test('is named by the key, and by the record where that was asked for', () => {
    expect(entry(decided)).toMatchObject({ by: 'key', key: LOCAL_KEY });
    expect(entry(decided)).not.toHaveProperty('localKey');
    const asked = new Set([SF_ID]);
    expect(entry(decided, { asked })).toMatchObject({ by: 'id', key: SF_ID, localKey: LOCAL_KEY });
    const unseen = decidedOn({ kind: 'remote-deleted' }, { remote: 'missing' });
    expect(entry(unseen, { asked })).toMatchObject({ by: 'id', key: SF_ID });
    const alone = decidedOn({ kind: 'local-deleted' }, { remote: 'missing', link: undefined });
    expect(entry(alone, { asked })).toMatchObject({ by: 'key', key: LOCAL_KEY });
  });

  test('has values only where they are asked for, and the same digest without', () => {
    const [with_, without] = [entry(decided), entry(decided, { withValues: false })];
    expect(with_?.actions).toEqual([{ kind: 'change-item', fields: ['email'], values: { email: 'new' } }]);
    expect(without?.actions).toEqual([{ kind: 'change-item', fields: ['email'] }]);
    expect(without?.digest).toBe(with_?.digest);
  });

  const digestOf = (plan: Plan | undefined, subject: Partial<Subject> = {}, more: Partial<Decided> = {}) =>
    entry(decidedOn(plan, subject, more))?.digest;
  const write = aWrite({ localWrites: { email: 'new' } });
  const link = aLink();

  test.each<[string, () => string | undefined]>([
    ['another item', () => digestOf(write, { local: aLocalItem({ values: { email: 'x' } }) })],
    ['no item', () => digestOf(write, { local: 'missing' })],
    ['another record', () => digestOf(write, { remote: aRemoteRecord({ values: { email: 'x' } }) })],
    ['a deleted record', () => digestOf(write, { remote: aRemoteRecord({ isDeleted: true }) })],
    ['no record', () => digestOf(write, { remote: 'missing' })],
    ['a record that is not to be seen', () => digestOf(write, { remote: 'unseen' })],
    ['another pair', () => digestOf(write, { remote: aRemoteRecord({ sfId: '003000000000002AAA' }) })],
    ['another key', () => digestOf(write, { localKey: 'contact-2' })],
    ['another outcome', () => digestOf(aWrite({ localWrites: { email: 'newer' } }))],
    ['something that waits', () => digestOf(write, {}, { isAged: true })],
  ])('has another digest with %s', (_what, digestWithIt) => {
    const digest = digestWithIt();
    expect(digest).toEqual(expect.stringMatching(/^[0-9a-f]{64}$/));
    expect(digest).not.toBe(digestOf(write));
  });

  test('has the same digest whenever it is looked at, and however long a field has waited', () => {
    const held = (since: string, version: number, remote = 'Ray') => [
      { field: 'lastName', local: 'Lee', remote, since, version },
    ];
    const first = digestOf(aWrite({ held: held('2024-01-01', 1) }));
    const more = { adjusted: { email: 'x' }, adoptions: { count: 1, at: '2024-01-01' } };
    expect(digestOf(aWrite({ held: held('2025-01-01', 7), ...more }))).toBe(first);
    expect(digestOf(aWrite({ held: held('2024-01-01', 1, 'Roe') }))).not.toBe(first);
    const agreed = (since: string) =>
      digestOf({ kind: 'in-step', nextBase: ANN, adjusted: { email: since }, held: held(since, 1) });
    expect(agreed('2025-01-01')).toBe(agreed('2024-01-01'));
    const later = { sfReadAt: '2025-01-01T00:00:00.000Z', version: 9 };
    expect(digestOf(write, { link: { ...link, ...later } })).toBe(digestOf(write));
  });

  test('has another digest with another code or other fields of what waits, and nothing decided', () => {
    const subject = aSubject();
    const waiting = (code: string, fields: string[]) =>
      digestOf(
        undefined,
        {},
        {
          waiting: [waitingOf(subject, { rejection: { code, message: 'm', fields, by: 'local-rules' } })],
        },
      );
    const all = [
      waiting('A', ['email']),
      waiting('B', ['email']),
      waiting('A', ['lastName']),
      waiting('A', []),
    ];
    expect(new Set(all).size).toBe(4);
    expect(waiting('A', ['email'])).toBe(all[0]);
  });

  test('has another digest with another base that an agreement makes', () => {
    const agreed = (nextBase: typeof ANN) => digestOf({ kind: 'in-step', nextBase });
    expect(agreed(ANN)).not.toBe(agreed({ ...ANN, email: 'new' }));
  });

  test('has the same digest whatever is in attributes that are not mapped', () => {
    const item = aLocalItem();
    const local = { ...item, attributes: { ...item.attributes, seenAt: 'now' } };
    expect(digestOf(write, { local })).toBe(digestOf(write));
  });

  test('has the digest of all that is decided, conflicts too', () => {
    const conflict = { field: 'email', base: 'a', local: 'b', remote: 'c' } as const;
    const decision = { ...conflict, policy: 'manual', winner: 'local' } as const;
    const by = (reason: (typeof REASONS)[keyof typeof REASONS]) =>
      digestOf(aWrite({ localWrites: { email: 'new' }, conflicts: [{ ...decision, reason }] }));
    expect(by(REASONS.personsSide)).not.toBe(by(REASONS.personsValue));
  });
});

describe('what is looked at for a plan', () => {
  const subjects = [
    { by: 'key', key: 'ann' },
    { by: 'id', key: SF_ID },
  ] as const;

  test('is read on both sides, and nobody notes a cause of what writes nothing', () => {
    expect(inputOf(subjects)).toEqual({ localKeys: [{ key: 'ann', isRemote: true }], sfIds: [SF_ID] });
  });

  test('is noted with its cause where it is applied, and takes back what the undo says of the key', () => {
    const causes = [{ by: 'undo', runId: 'u' }] as const;
    const undo = { fields: new Map(), obstacles: [] };
    const { causesOf, ...input } = inputOf(subjects, { causes, undos: new Map([['ann', undo]]) });
    expect(input).toEqual({ localKeys: [{ key: 'ann', isRemote: true, causes, undo }], sfIds: [SF_ID] });
    expect(causesOf?.(SF_ID)).toBe(causes);
  });
});
