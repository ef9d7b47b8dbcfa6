import { describe, expect, test } from '@jest/globals';
import type { FieldMapping } from '../../../../shared/sync/model/mapping.ts';
import type { Plan } from '../../../../shared/sync/reconcile/plan.ts';
import { obstaclesOf, type Tried, takesBack } from '../../../../shared/sync/undo/obstacles.ts';
import { type Undo, withLinkedParents } from '../../../../shared/sync/undo/undo.ts';
import { aWrite } from '../../../builders/a-subject.ts';
import { aField, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

const OLD = { email: 'old@example.com' };
const WRITE = aWrite();
const tried = (change: Partial<Tried> = {}): Tried => ({
  mapping: aMapping(),
  local: aLocalItem(),
  remote: aRemoteRecord(),
  plan: { kind: 'in-step' },
  ...change,
});
const EARLIER = { code: 'UNDO_ONE_WAY', fields: ['lastName'] } as const;

describe('of fields', () => {
  const undo: Undo = { fields: new Map([['email', { from: 'x', to: OLD.email }]]), obstacles: [EARLIER] };
  const edited = { code: 'UNDO_EDITED_SINCE', fields: ['email'] };
  const outOfStep = { code: 'UNDO_OUT_OF_STEP', fields: ['email'] };

  test.each<[string, Partial<Tried>, readonly unknown[]]>([
    ['one that is taken back is no obstacle', { plan: { ...WRITE, undone: ['email'] } }, []],
    [
      'nor one that both sides have again already',
      { local: aLocalItem({ values: OLD }), remote: aRemoteRecord({ values: OLD }) },
      [],
    ],
    ['one that the item alone has again was edited', { local: aLocalItem({ values: OLD }) }, [edited]],
    ['as was one that the record alone has', { remote: aRemoteRecord({ values: OLD }) }, [edited]],
    ['sides in step that have another value were edited', {}, [edited]],
    [
      'as was what stays beside another field that is taken back',
      { plan: { ...WRITE, undone: ['firstName'] } },
      [edited],
    ],
    ['sides that are not in step wait', { plan: WRITE }, [outOfStep]],
    ['so do those about which nothing can be decided now', { plan: undefined }, [outOfStep]],
    ['and one whose item is gone', { local: 'missing', plan: { kind: 'local-deleted' } }, [outOfStep]],
  ])('%s', (_what, change, found) => {
    expect(obstaclesOf(tried(change), undo)).toEqual([EARLIER, ...found]);
  });
});

describe('of the pair', () => {
  const deleting: Undo = { fields: new Map(), pair: 'delete', obstacles: [] };
  const restoring: Undo = { fields: new Map(), pair: 'restore', obstacles: [] };
  const gone = { local: 'missing', remote: 'missing', plan: { kind: 'both-deleted' } } as const;
  const inBin = aRemoteRecord({ isDeleted: true });

  test.each<[string, Undo, Partial<Tried>, readonly string[]]>([
    ['one that goes is no obstacle', deleting, { plan: { kind: 'delete-pair', conflicts: [] } }, []],
    ['nor one that has gone already', deleting, gone, []],
    ['nor one whose record lies in the bin', deleting, { ...gone, remote: inBin }, []],
    ['one that stays was edited', deleting, {}, ['UNDO_EDITED_SINCE']],
    ['as was one of which the item stays', deleting, { remote: inBin }, ['UNDO_EDITED_SINCE']],
    ['or the record', deleting, { local: 'missing' }, ['UNDO_EDITED_SINCE']],
    [
      'one that comes back is no obstacle',
      restoring,
      { ...gone, plan: { ...WRITE, kind: 'create-remote', values: {}, restores: true } },
      [],
    ],
    ['nor one that is back already', restoring, {}, []],
    ['one that does not come back is out of step', restoring, gone, ['UNDO_OUT_OF_STEP']],
  ])('%s', (_what, undo, change, codes) => {
    expect(obstaclesOf(tried(change), undo)).toEqual(codes.map((code) => ({ code, fields: [] })));
  });
});

test.each<[string, Plan | undefined, Undo['pair'], boolean]>([
  ['a write of ours', { ...WRITE, undone: ['email'] }, undefined, true],
  ['an ordinary write', WRITE, undefined, false],
  ['a record made again', { ...WRITE, kind: 'create-remote', values: {}, restores: true }, 'restore', true],
  ['an ordinary creation', { ...WRITE, kind: 'create-remote', values: {} }, 'restore', false],
  ['the deletion of a pair', { kind: 'delete-pair', conflicts: [] }, 'delete', true],
  ['of the item that is left', { kind: 'delete-local', conflicts: [] }, 'delete', true],
  ['of the record that is left', { kind: 'delete-remote', conflicts: [] }, 'delete', true],
  ['a deletion that the policy asks for', { kind: 'delete-local', conflicts: [] }, undefined, false],
  ['a mark', { kind: 'mark-local', conflicts: [] }, 'delete', false],
  ['nothing that could be decided', undefined, 'delete', false],
])('whether %s takes anything back: %#', (_what, plan, pair, isTaken) => {
  expect(takesBack(plan, { fields: new Map(), obstacles: [], ...(pair && { pair }) })).toBe(isTaken);
});

describe('a lookup whose parent is not linked', () => {
  const targets = [{ mappingId: 'conn1.account', prefix: '' }];
  const reference = { targets, isCyclic: false };
  const mapping = aMapping({
    fields: [aField({ localField: 'account', reference }), aField({ localField: 'email' })],
  });
  const undo: Undo = {
    fields: new Map([
      ['account', { from: null, to: 'acme' }],
      ['email', { from: 'b', to: 'a' }],
    ]),
    obstacles: [EARLIER],
  };
  const nobody = new Map();
  const acme = new Map([['conn1.account', new Map([['acme', '001000000000001AAA']])]]);

  test('is not taken back, and all else is', () => {
    expect(withLinkedParents(mapping, undo, nobody)).toEqual({
      fields: new Map([['email', { from: 'b', to: 'a' }]]),
      obstacles: [EARLIER, { code: 'PARENT_MISSING', fields: ['account'] }],
    });
  });

  test('is taken back once it is', () => {
    expect(withLinkedParents(mapping, undo, acme)).toBe(undo);
  });

  test('keeps a record from being made again, unless it may get its parent later', () => {
    const restoring: Undo = { ...undo, pair: 'restore' };
    const later = (change: Partial<FieldMapping>) =>
      aMapping({
        fields: [aField({ localField: 'account', reference, ...change }), aField({ localField: 'email' })],
      });
    const cyclic = { reference: { ...reference, isCyclic: true } };

    expect(withLinkedParents(mapping, restoring, nobody)).toEqual({
      fields: new Map(),
      obstacles: [EARLIER, { code: 'PARENT_MISSING', fields: ['account'] }],
    });
    expect(withLinkedParents(later({ ...cyclic, sentAt: 'create' }), restoring, nobody).pair).toBeUndefined();
    for (const change of [cyclic, { sentAt: 'update' }] as const)
      expect(withLinkedParents(later(change), restoring, nobody)).toBe(restoring);
  });
});
