import { expect, test } from '@jest/globals';
import type { KeysLook } from '../../../../shared/use-cases/reconciliation/look.ts';
import { deletionsLast } from '../../../../shared/use-cases/reconciliation/masters-first.ts';
import { aConfig } from './schedules/a-stack.ts';

const config = aConfig({
  account: { sfObject: 'Account', fieldMap: { name: 'Name' } },
  contact: { fieldMap: { lastName: 'LastName', accountId: { field: 'AccountId', reference: 'account' } } },
});

const aLook = (name: string, key: string, change: { isDeleted?: true; work?: 'interactive' } = {}) => {
  const { isDeleted, work } = change;
  const look: KeysLook = {
    kind: 'keys',
    mappingId: `c1.${name}`,
    localKeys: [{ key, ...(isDeleted && { isDeleted }) }],
    sfIds: [],
    ...(work && { work }),
  };
  return { look };
};

test('no deletion goes before an edit, not even one that somebody waits for: it may take with it what leaves its parent', () => {
  const released = aLook('account', 'acme', { isDeleted: true, work: 'interactive' });
  const [moved, gone] = [aLook('contact', 'ann'), aLook('contact', 'bob', { isDeleted: true })];
  const decided = aLook('contact', 'carla', { work: 'interactive' });
  const made = aLook('account', 'beta');

  expect(deletionsLast(config, [released, gone, moved, made, decided])).toEqual([
    decided,
    made,
    moved,
    gone,
    released,
  ]);
});
