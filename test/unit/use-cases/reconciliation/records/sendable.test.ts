import { describe, expect, test } from '@jest/globals';
import type { FieldConflict, Plan } from '../../../../../shared/sync/reconcile/plan.ts';
import {
  sentBy,
  withoutClears,
  withoutWrites,
} from '../../../../../shared/use-cases/reconciliation/records/sendable.ts';
import { aWrite } from '../../../../builders/a-subject.ts';
import { ANN, aLink } from '../../../../builders/sync.ts';

const conflict = (field: string, base: string | undefined): FieldConflict => ({
  field,
  base,
  local: 'ours',
  remote: null,
  policy: 'salesforce-wins',
  winner: 'salesforce',
  reason: 'the policy says so' as never,
});
const missing = { local: ['account'], remote: [] };
const sides = { link: aLink(), local: { ...ANN, email: 'local' }, remote: { ...ANN, email: 'remote' } };
const local = { side: 'local', field: 'email' } as const;
const salesforce = { side: 'salesforce', field: 'email' } as const;

test('what is sent are the values of a record that is made, and the writes of a pair', () => {
  const values = { email: 'x' };
  expect(sentBy({ kind: 'create-remote', values, nextBase: {}, baseBeforeRemote: {} })).toBe(values);
  expect(sentBy(aWrite({ remoteWrites: values }))).toBe(values);
  expect(sentBy({ kind: 'create-local', values, nextBase: {} })).toEqual({});
  expect(sentBy({ kind: 'both-deleted' })).toEqual({});
});

describe('a plan without a field that it clears', () => {
  const clears = aWrite({
    localWrites: { email: null, firstName: 'Bea' },
    remoteWrites: { lastName: null },
    nextBase: { email: null, firstName: 'Bea', lastName: null },
    baseBeforeRemote: { email: null, firstName: 'Bea', lastName: 'Lee' },
    adjusted: { email: 'made of it', firstName: 'BEA' },
  });

  test('leaves it on that side, and does all else', () => {
    expect(withoutClears(clears, [local], sides)).toEqual({
      ...clears,
      localWrites: { firstName: 'Bea' },
      nextBase: { email: 'local', firstName: 'Bea', lastName: null },
      baseBeforeRemote: { email: 'local', firstName: 'Bea', lastName: 'Lee' },
      adjusted: { firstName: 'BEA' },
    });
  });

  test('leaves the writes of the same field to the other side', () => {
    const both = aWrite({ localWrites: { email: null }, remoteWrites: { email: null } });

    expect(withoutClears(both, [local], sides)).toMatchObject({
      localWrites: {},
      remoteWrites: { email: null },
    });
    expect(withoutClears(both, [salesforce], sides)).toMatchObject({
      localWrites: { email: null },
      remoteWrites: {},
    });
  });

  test('keeps as its base what the side has that was not edited, or what both had before they were', () => {
    const baseOf = (
      plan: Plan,
      clear: typeof local | typeof salesforce,
      change: Partial<Parameters<typeof withoutClears>[2]> = {},
    ) => {
      const left = withoutClears(plan, [clear], { ...sides, ...change });
      return 'nextBase' in left ? left.nextBase?.email : 'none';
    };
    const others = { localWrites: { firstName: 'Bea' } };

    expect(baseOf(aWrite(others), local)).toBe('local');
    expect(baseOf(aWrite(others), salesforce)).toBe('remote');
    expect(baseOf(aWrite(others), local, { local: { ...ANN, email: null } })).toBe(null);
    const decided = aWrite({ ...others, conflicts: [conflict('firstName', 'a'), conflict('email', 'b')] });
    expect(baseOf(decided, local)).toBe('b');
    expect(baseOf(aWrite({ ...others, conflicts: [conflict('email', undefined)] }), local)).toBe('local');
  });

  test('keeps what Salesforce had made of that field, and decides no conflict of it', () => {
    const plan = aWrite({
      ...clears,
      conflicts: [conflict('email', 'base'), conflict('firstName', 'base')],
    });
    const link = aLink({ adjusted: { email: 'as before', lastName: 'LEE' } });

    expect(withoutClears(plan, [local], { ...sides, link })).toMatchObject({
      adjusted: { email: 'as before', firstName: 'BEA' },
      conflicts: [{ field: 'firstName' }],
    });
    expect(withoutClears(plan, [local], { ...sides, link })).not.toHaveProperty('adjusted.lastName');
    expect(withoutClears(plan, [local], { ...sides, link: undefined })).toHaveProperty('adjusted', {
      firstName: 'BEA',
    });
  });

  test('of which nothing is left is in step, with the parents that it waits for and what is contested', () => {
    const alone = aWrite({ localWrites: { email: null }, conflicts: [conflict('email', 'base')] });

    expect(withoutClears(alone, [local], sides)).toStrictEqual({ kind: 'in-step' });
    expect(withoutClears({ ...alone, missing, contested: ['title'] }, [local], sides)).toStrictEqual({
      kind: 'in-step',
      missing,
      contested: ['title'],
    });
  });

  test('is still to be done where the record, its key, its mark or a person has something of it', () => {
    const held = { field: 'title', local: 'a', remote: 'b', since: '2026-01-01T00:00:00.000Z', version: 1 };
    for (const change of [
      { remoteWrites: { firstName: 'Bea' } },
      { setLocalSfId: '003000000000001AAA' },
      { setKey: true as const },
      { unmark: 'item' as const },
      { conflicts: [conflict('firstName', 'base')] },
      { held: [held] },
      { held: [held], conflicts: [conflict('firstName', 'base')] },
    ])
      expect(withoutClears(aWrite({ localWrites: { email: null }, ...change }), [local], sides).kind).toBe(
        'write',
      );
  });

  test('is any other plan as it is', () => {
    const plan: Plan = { kind: 'both-deleted' };
    expect(withoutClears(plan, [local], sides)).toBe(plan);
  });
});

describe('a plan without writes of some fields', () => {
  test('does all else, and keeps of these fields the base of before', () => {
    const plan = aWrite({
      localWrites: { firstName: 'Bea' },
      remoteWrites: { email: 'new', lastName: 'Ray' },
      nextBase: { email: 'new', lastName: 'Ray', firstName: 'Bea' },
      baseBeforeRemote: { email: 'old', lastName: 'Lee', firstName: 'Bea' },
    });

    expect(withoutWrites(plan, ['email'])).toEqual({
      ...plan,
      remoteWrites: { lastName: 'Ray' },
      nextBase: { email: 'old', lastName: 'Ray', firstName: 'Bea' },
    });
    expect(withoutWrites(plan, ['title'])).toEqual(plan);
  });

  test('is in step where nothing else is to be done, with what is contested', () => {
    const plan = aWrite({ remoteWrites: { email: 'new' } });

    expect(withoutWrites(plan, ['email'])).toStrictEqual({ kind: 'in-step' });
    expect(withoutWrites({ ...plan, contested: ['title'] }, ['email'])).toStrictEqual({
      kind: 'in-step',
      contested: ['title'],
    });
    expect(
      withoutWrites({ kind: 'create-remote', values: {}, nextBase: {}, baseBeforeRemote: {} }, []),
    ).toEqual({
      kind: 'in-step',
    });
  });
});
