import { describe, expect, test } from '@jest/globals';
import { must } from '../../../../../shared/sync/assert.ts';
import type { PlanSubject } from '../../../../../shared/sync/plan/entry.ts';
import { dryLook } from '../../../../../shared/use-cases/reconciliation/plan/dry-look.ts';
import { aPlannedStack, everythingOf } from './a-planned-stack.ts';

async function aDryLook() {
  const stack = await aPlannedStack();
  const look = async (...subjects: readonly PlanSubject[]) =>
    dryLook(stack.ports, await stack.opened(), subjects, false);
  return { ...stack, look };
}
const byKey = (key: string) => ({ by: 'key', key }) as const;
const byId = (key: string) => ({ by: 'id', key }) as const;
const digest = expect.stringMatching(/^[0-9a-f]{64}$/);

describe('a dry look', () => {
  test('finds what would come of each key, and leaves all as it is', async () => {
    const { look, stack, idOf } = await aDryLook();
    const before = everythingOf(stack);
    expect(await look(byId(idOf('ann')), byKey('bob'), byKey('fay'))).toEqual([
      {
        ...byId(idOf('ann')),
        localKey: 'ann',
        actions: [{ kind: 'change-item', fields: ['title'] }],
        digest,
      },
      { ...byKey('bob'), actions: [{ kind: 'change-record', fields: ['title'] }], digest },
    ]);
    expect(everythingOf(stack)).toEqual(before);
  });

  test('says that a key waits which another worker holds', async () => {
    const { look, stack, clock } = await aDryLook();
    const lease = { owner: 'another', until: clock.nowMs() + 60_000 };
    stack.syncStore.storedLinks.set('c1.contact#ann', { ...must(stack.link('ann'), 'a pair'), lease });
    expect(await look(byKey('ann'), byKey('bob'))).toEqual([
      expect.objectContaining(byKey('bob')),
      { ...byKey('ann'), actions: [{ kind: 'wait', code: 'LEASE_HELD' }], digest },
    ]);
  });

  test('says of an item that cannot be used which fields are at fault', async () => {
    const { look, putItem, stream } = await aDryLook();
    putItem('bob', { title: 5 });
    stream.length = 0;
    expect(await look(byKey('bob'))).toEqual([
      {
        ...byKey('bob'),
        actions: [{ kind: 'refuse', code: 'INVALID_ATTRIBUTE', fields: ['title'] }],
        digest,
      },
    ]);
  });

  test('names a record that cannot be read, and that nothing leads to, by its id', async () => {
    const { look, org } = await aDryLook();
    const gus = org.insert({ LastName: 'gus' });
    const { select } = org;
    org.select = async (selection) => {
      const page = await select.call(org, selection);
      return { ...page, records: page.records.map((row) => ({ ...row, Title: 5 })) };
    };
    expect(await look(byId(gus))).toEqual([
      { ...byId(gus), actions: [expect.objectContaining({ code: 'UNREADABLE_VALUE' })], digest },
    ]);
  });

  test('has one entry for a key that is named by its record and by its item', async () => {
    const { look, idOf } = await aDryLook();
    const entries = await look(byId(idOf('ann')), byKey('ann'));
    expect(entries.map(({ key, localKey }) => localKey ?? key)).toEqual(['ann']);
  });
});
