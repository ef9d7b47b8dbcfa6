import { describe, expect, test } from '@jest/globals';
import { createLocal, createRemote } from '../../../../shared/sync/reconcile/creation.ts';
import { NOTHING } from '../../../../shared/sync/reconcile/plan.ts';
import { ANN, aField, aLocalItem, aMapping, aRemoteRecord, SF_ID } from '../../../builders/sync.ts';

const reference = (isCyclic: boolean) => ({
  targets: [{ mappingId: 'conn1.account', prefix: '' }],
  isCyclic,
});
const account = (isCyclic = false) => aField({ localField: 'account', reference: reference(isCyclic) });
const name = aField({ localField: 'firstName' });

describe('the item that a record makes', () => {
  test('has all that comes in, and what the record has not is base too', () => {
    const mapping = aMapping({
      fields: [
        name,
        aField({ localField: 'lastName', direction: 'to-salesforce' }),
        aField({ localField: 'email', direction: 'from-salesforce' }),
      ],
    });
    expect(createLocal(mapping, aRemoteRecord({ values: { email: null } }))).toEqual({
      kind: 'create-local',
      values: { firstName: 'Ann' },
      nextBase: { firstName: 'Ann', email: null },
    });
  });

  test('is made without a parent that has no item, of which nothing is agreed', () => {
    const mapping = aMapping({ fields: [name, account()], localIdField: 'sfId' });
    // So `withParentKeys` writes a record's id that stands for no item.
    const remote = aRemoteRecord({ values: { account: ' 001000000000001AAA' } });
    expect(createLocal(mapping, remote)).toEqual({
      kind: 'create-local',
      values: { firstName: 'Ann' },
      nextBase: { firstName: 'Ann' },
      setLocalSfId: SF_ID,
      missing: { local: [], remote: ['account'] },
    });
  });

  test('has the parent that is there', () => {
    const mapping = aMapping({ fields: [account()] });
    expect(createLocal(mapping, aRemoteRecord({ values: { account: 'acme' } }))).toEqual({
      kind: 'create-local',
      values: { account: 'acme' },
      nextBase: { account: 'acme' },
    });
  });
});

describe('the record that an item makes', () => {
  test('has all that goes out with a creation, and is known to be empty in what the item has not', () => {
    const mapping = aMapping({
      fields: [
        name,
        aField({ localField: 'lastName', direction: 'from-salesforce' }),
        aField({ localField: 'email', direction: 'to-salesforce', sentAt: 'create' }),
        aField({ localField: 'title', sentAt: 'update' }),
      ],
    });
    const local = aLocalItem({ values: { email: null, title: 'CTO' } });
    expect(createRemote(mapping, local)).toEqual({
      kind: 'create-remote',
      values: { firstName: 'Ann' },
      nextBase: { firstName: 'Ann', email: null },
      baseBeforeRemote: { email: null },
    });
  });

  test.each([
    ['a parent that does not lead back', account()],
    ['one that can be named with the creation alone', { ...account(true), sentAt: 'create' as const }],
  ])('waits for %s', (_which, field) => {
    const local = aLocalItem({ values: { account: 'acme' } });
    const unlinked = new Set([field.localField]);
    expect(createRemote(aMapping({ fields: [field] }), local, unlinked)).toEqual({
      kind: 'nothing',
      reason: NOTHING.parentMissing,
      missing: { local: [field.localField], remote: [] },
    });
  });

  test('is made without a parent that leads back to it, which it gets when that is there', () => {
    const mapping = aMapping({ fields: [name, account(true)] });
    const local = aLocalItem({ values: { account: 'acme' } });
    expect(createRemote(mapping, local, new Set(['account']))).toEqual({
      kind: 'create-remote',
      values: { firstName: 'Ann' },
      nextBase: { firstName: 'Ann' },
      baseBeforeRemote: {},
      missing: { local: ['account'], remote: [] },
    });
    expect(createRemote(mapping, local)).toMatchObject({
      values: { firstName: ANN.firstName, account: 'acme' },
    });
  });

  test('does not wait for a parent that it would not name', () => {
    const fields = [name, { ...account(), direction: 'from-salesforce' as const }];
    expect(createRemote(aMapping({ fields }), aLocalItem(), new Set(['account']))).toMatchObject({
      kind: 'create-remote',
      values: { firstName: 'Ann' },
    });
  });
});
