import { describe, expect, test } from '@jest/globals';
import type { Looked } from '../../../../shared/sync/reconcile/looked.ts';
import type { Plan } from '../../../../shared/sync/reconcile/plan.ts';
import { takeBack } from '../../../../shared/sync/undo/take-back.ts';
import type { TakenBack, Undo } from '../../../../shared/sync/undo/undo.ts';
import { ANN, aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

const IN_STEP: Plan = { kind: 'in-step' };
const NEW = { email: 'new@example.com' };
const OLD = { email: 'old@example.com' };
/** Both sides have `NEW`, and agree on all else. */
const settled = (change: Partial<Looked> = {}): Looked => ({
  mapping: aMapping(),
  link: aLink({ base: { ...ANN, ...NEW } }),
  local: aLocalItem({ values: NEW }),
  remote: aRemoteRecord({ values: NEW }),
  ...change,
});

describe('fields that are taken back', () => {
  const undoing = (fields: Readonly<Record<string, TakenBack>>): Undo => ({
    fields: new Map(Object.entries(fields)),
    obstacles: [],
  });
  const email = undoing({ email: { from: NEW.email, to: OLD.email } });

  test('are written to both sides, and Salesforce has what it has until that has arrived', () => {
    expect(takeBack(settled(), email, IN_STEP)).toEqual({
      kind: 'write',
      localWrites: OLD,
      remoteWrites: OLD,
      nextBase: { ...ANN, ...OLD },
      baseBeforeRemote: { ...ANN, ...NEW },
      adjusted: {},
      held: [],
      conflicts: [],
      undone: ['email'],
    });
  });

  test('may have been empty, and may become it', () => {
    const both = undoing({ email: { from: NEW.email, to: null }, lastName: { from: null, to: 'Lee' } });
    const looked = settled({
      local: aLocalItem({ values: { ...NEW, lastName: null } }),
      remote: aRemoteRecord({ values: { ...NEW, lastName: null } }),
    });
    expect(takeBack(looked, both, IN_STEP)).toMatchObject({
      localWrites: { email: null, lastName: 'Lee' },
      remoteWrites: { email: null, lastName: 'Lee' },
      undone: ['lastName', 'email'],
    });
  });

  test.each([
    ['the item', { local: aLocalItem({ values: { email: 'newer' } }) }],
    ['the record', { remote: aRemoteRecord({ values: { email: 'newer' } }) }],
  ])('are no fields of which %s has something else by now', (_side, change) => {
    expect(takeBack(settled(change), email, IN_STEP)).toBe(IN_STEP);
    const two = undoing({
      email: { from: NEW.email, to: OLD.email },
      lastName: { from: 'Lee', to: 'Ray' },
    });
    expect(takeBack(settled(change), two, IN_STEP)).toMatchObject({
      localWrites: { lastName: 'Ray' },
      undone: ['lastName'],
    });
  });

  test('leave what else the look has found, and what the link knows, as it is', () => {
    const held = [{ field: 'lastName', local: 'Lee', remote: 'Ray', since: '2024-01-01', version: 1 }];
    const missing = { local: ['parent'], remote: [] };
    const base = { ...ANN, ...NEW, firstName: 'Anna' };
    const found: Plan = { kind: 'in-step', nextBase: base, adjusted: { firstName: 'A' }, held, missing };
    expect(takeBack(settled(), email, found)).toMatchObject({
      nextBase: { ...base, ...OLD },
      adjusted: { firstName: 'A' },
      held,
      missing,
    });
    const link = aLink({ base, adjusted: { firstName: 'A' }, held, contested: ['firstName'] });
    expect(takeBack(settled({ link }), email, IN_STEP)).toMatchObject({
      nextBase: { ...base, ...OLD },
      baseBeforeRemote: base,
      adjusted: { firstName: 'A' },
      held,
      contested: ['firstName'],
    });
  });

  test('forget what Salesforce had made of the value that goes', () => {
    const link = aLink({ base: { ...ANN, ...NEW }, adjusted: { email: 'NEW', firstName: 'A' } });
    expect(takeBack(settled({ link }), email, IN_STEP)).toHaveProperty('adjusted', { firstName: 'A' });
  });

  test('make the base of a pair that nobody has linked yet', () => {
    expect(takeBack(settled({ link: undefined }), email, IN_STEP)).toMatchObject({
      nextBase: OLD,
      baseBeforeRemote: NEW,
      adjusted: {},
      held: [],
    });
  });

  test('stand in Salesforce as they are written there, until what goes has arrived', () => {
    const skills = aField({ localField: 'skills', type: 'options' });
    const plan = takeBack(
      {
        mapping: aMapping({ fields: [skills] }),
        link: aLink({ base: { skills: 'a;b' } }),
        local: aLocalItem({ values: { skills: 'a;b' } }),
        remote: aRemoteRecord({ values: { skills: 'b;a' } }),
      },
      undoing({ skills: { from: 'a;b', to: 'c' } }),
      IN_STEP,
    );
    expect(plan).toHaveProperty('baseBeforeRemote', { skills: 'b;a' });
    expect(plan).toHaveProperty('nextBase', { skills: 'c' });
  });

  test.each<[string, Partial<Looked>]>([
    ['the item', { local: 'missing' }],
    ['the record', { remote: 'unseen' }],
  ])('are not given to a pair of which %s is not there, though that has nothing in them', (_side, change) => {
    const emptied = undoing({ email: { from: null, to: OLD.email } });
    const empty = { email: null };
    const sides = {
      local: aLocalItem({ values: empty }),
      remote: aRemoteRecord({ values: empty }),
    };
    expect(takeBack(settled({ ...sides, ...change }), emptied, IN_STEP)).toBe(IN_STEP);
  });

  test.each<[string, Partial<Looked>, Plan]>([
    ['one side was edited since', {}, { kind: 'local-deleted' }],
    ['a write of ours is under way', { link: aLink({ pending: { firstName: 'A' } }) }, IN_STEP],
    ['the item is not there', { local: 'missing' }, IN_STEP],
    ['the record is not to be seen', { remote: 'unseen' }, IN_STEP],
  ])('wait where %s', (_what, change, ordinary) => {
    expect(takeBack(settled(change), email, ordinary)).toBe(ordinary);
  });
});

describe('a pair that had come with what is taken back', () => {
  const TOLD = '2024-01-01T00:02:00.000Z';
  const undo: Undo = { fields: new Map(), pair: 'delete', obstacles: [], toldSince: TOLD, asOf: 1 };
  const run = (at: string) => aLink({ base: { ...ANN, ...NEW }, run: { by: 'load', runId: 'r', at } });
  const edited = { email: 'newer@example.com' };
  const gone = aRemoteRecord({ values: NEW, isDeleted: true });
  const { sfId: _, ...announced } = aLink({ state: 'creating', base: { ...ANN, ...NEW } });
  const base = { ...ANN, ...NEW };
  const EMPTY = { firstName: null, lastName: null, email: null };

  test.each<[string, Partial<Looked>, Plan['kind']]>([
    ['goes', {}, 'delete-pair'],
    ['goes, whatever a job had done before its newest line', { link: run(TOLD) }, 'delete-pair'],
    [
      'goes, as far as this undo has announced it',
      { link: aLink({ base, version: 6, endsPair: 'undo' }) },
      'delete-pair',
    ],
    ['goes with the item where the record has gone already', { remote: gone }, 'delete-local'],
    ['goes with the record where the item has gone already', { local: 'missing' }, 'delete-remote'],
  ])('%s', (_what, change, kind) => {
    expect(takeBack(settled(change), undo, IN_STEP)).toEqual({ kind, conflicts: [] });
  });

  test('goes where no line tells of a time', () => {
    const { toldSince: _, ...untold } = undo;
    expect(takeBack(settled({ link: run(TOLD) }), untold, IN_STEP)).toMatchObject({ kind: 'delete-pair' });
  });

  test.each<[string, Partial<Looked>]>([
    ['it is no pair', { link: undefined }],
    ['a job has written it since', { link: run('2024-01-01T00:02:00.001Z') }],
    ['its record is another one', { remote: aRemoteRecord({ sfId: '003000000000002AAA' }) }],
    ['its record is not to be seen', { remote: 'unseen' }],
    [
      'the item was edited after the record had gone',
      { remote: gone, local: aLocalItem({ values: edited }) },
    ],
    ['both have gone already', { remote: gone, local: 'missing' }],
    [
      'the record was edited after the item had gone',
      { local: 'missing', remote: aRemoteRecord({ values: edited }) },
    ],
    ['its record was announced and is not there', { link: announced, remote: 'missing' }],
    ['both have gone, and it was empty', { link: aLink({ base: EMPTY }), remote: gone, local: 'missing' }],
    ['others have committed something since', { link: aLink({ base, version: 6 }) }],
    ['a write of ours is under way', { link: aLink({ base: { ...ANN, ...NEW }, pending: NEW }) }],
    ['a field of it waits for a person', { link: aLink({ base: { ...ANN, ...NEW }, held: [] }) }],
  ])('stays where %s', (_what, change) => {
    expect(takeBack(settled(change), undo, IN_STEP)).toBe(IN_STEP);
  });

  test('stays where the look has found an edit', () => {
    const ordinary: Plan = { kind: 'local-deleted' };
    expect(takeBack(settled(), undo, ordinary)).toBe(ordinary);
  });
});

describe('a pair that had gone with what is taken back', () => {
  const undo: Undo = {
    fields: new Map(Object.entries(ANN).map(([name, to]) => [name, { from: null, to }])),
    pair: 'restore',
    obstacles: [],
  };
  const NOTHING_LEFT: Plan = { kind: 'both-deleted' };
  const both = (change: Partial<Looked> = {}): Looked => ({
    mapping: aMapping(),
    link: aLink({ state: 'both-deleted' }),
    local: 'missing',
    remote: 'missing',
    ...change,
  });

  test.each<[string, Looked['remote']]>([
    ['purged', 'missing'],
    ['in the recycle bin, where it stays', aRemoteRecord({ isDeleted: true })],
    ['not to be seen', 'unseen'],
  ])('is made again where the record is %s', (_where, remote) => {
    expect(takeBack(both({ remote }), undo, NOTHING_LEFT)).toMatchObject({
      kind: 'create-remote',
      restores: true,
      values: ANN,
      localWrites: ANN,
    });
  });

  test('is made without what it did not have', () => {
    const fields = new Map([...undo.fields, ['email', { from: null, to: null }]] as const);
    const plan = takeBack(both(), { ...undo, fields }, NOTHING_LEFT);
    expect(plan).toHaveProperty('localWrites', { firstName: 'Ann', lastName: 'Lee' });
  });

  test.each<[string, Partial<Looked>]>([
    ['the item is back', { local: aLocalItem() }],
    ['the record is back', { remote: aRemoteRecord() }],
    ['it lives', { link: aLink() }],
    ['nothing is known of it', { link: undefined }],
    [
      'its parent is not linked',
      {
        mapping: aMapping({
          fields: [aField({ localField: 'account', reference: { targets: [], isCyclic: false } })],
        }),
        unlinked: new Set(['account']),
      },
    ],
  ])('is not made again where %s', (_what, change) => {
    expect(takeBack(both(change), undo, NOTHING_LEFT)).toBe(NOTHING_LEFT);
  });
});
