import { describe, expect, test } from '@jest/globals';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { afterLocalCommit, settleWritten } from '../../../../shared/sync/reconcile/settle.ts';
import { ANN, aLink, aLocalItem, aMapping, aRemoteRecord, LOCAL_KEY, SF_ID } from '../../../builders/sync.ts';

const READ_AT = '2024-01-01T01:00:00.000Z';
const minutesBefore = (minutes: number): string =>
  new Date(Date.parse(READ_AT) - minutes * 60_000).toISOString();

describe('an item that takes over what Salesforce made of our write', () => {
  const MADE = { email: 'ANN@example.com' };
  /** `count` times before, the last of them so many minutes ago. */
  const planAfter = (count: number, minutes = 1) =>
    reconcile({
      mapping: aMapping(),
      link: aLink({ adjusted: MADE, adoptions: { count, at: minutesBefore(minutes) } }),
      local: aLocalItem(),
      remote: aRemoteRecord({ values: MADE, readAt: READ_AT }),
    });

  test('counts that, from one on', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink({ adjusted: MADE }),
      local: aLocalItem(),
      remote: aRemoteRecord({ values: MADE, readAt: READ_AT }),
    });

    expect(plan).toMatchObject({ localWrites: MADE, adoptions: { count: 1, at: READ_AT } });
    expect(plan).not.toHaveProperty('contested');
  });

  test('does so a hundred times in a row, and then leaves the field as it is', () => {
    expect(planAfter(99)).toMatchObject({ localWrites: MADE, adoptions: { count: 100, at: READ_AT } });
    expect(planAfter(100)).toMatchObject({
      kind: 'write',
      localWrites: {},
      remoteWrites: {},
      nextBase: ANN,
      adjusted: MADE,
      contested: ['email'],
      adoptions: { count: 101 },
    });
  });

  test('begins a new row after half an hour', () => {
    expect(planAfter(100, 29)).toHaveProperty('contested', ['email']);
    expect(planAfter(100, 30)).toMatchObject({ localWrites: MADE, adoptions: { count: 1 } });
  });

  test('leaves only the contested field, and still takes what somebody edited beside it', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink({ adjusted: MADE, adoptions: { count: 100, at: minutesBefore(1) } }),
      local: aLocalItem(),
      remote: aRemoteRecord({ values: { ...MADE, lastName: 'Ray' }, readAt: READ_AT }),
    });

    expect(plan).toMatchObject({ localWrites: { lastName: 'Ray' }, contested: ['email'] });
  });

  test('counts nothing where an edit is taken that somebody made', () => {
    const plan = reconcile({
      mapping: aMapping(),
      link: aLink({ adoptions: { count: 5, at: minutesBefore(1) } }),
      local: aLocalItem(),
      remote: aRemoteRecord({ values: MADE, readAt: READ_AT }),
    });

    expect(plan).toMatchObject({ localWrites: MADE });
    expect(plan).not.toHaveProperty('adoptions');
  });
});

describe('the count of adoptions', () => {
  const ADOPTIONS = { count: 3, at: minutesBefore(1) };
  const settled = (made: string, adoptions: typeof ADOPTIONS | undefined = ADOPTIONS) =>
    settleWritten(
      aMapping(),
      aLink({ pending: { email: 'new' }, ...(adoptions && { adoptions }) }),
      { email: 'new' },
      { sfId: SF_ID, readAt: READ_AT, after: aRemoteRecord({ values: { email: made, lastName: 'Ray' } }) },
    );

  test('rises by twenty in all where Salesforce puts back what it had, and stays where it makes something else', () => {
    expect(settled(String(ANN.email)).adoptions).toEqual({ ...ADOPTIONS, count: 22 });
    expect(settled('NEW').adoptions).toEqual(ADOPTIONS);
    expect(settled('new').adoptions).toEqual(ADOPTIONS);
  });

  test('does not begin with a write', () => {
    const { adoptions, ...link } = aLink({ pending: { email: 'new' } });
    const after = aRemoteRecord();

    const next = settleWritten(aMapping(), link, { email: 'new' }, { sfId: SF_ID, readAt: READ_AT, after });

    expect(next).not.toHaveProperty('adoptions');
  });

  test('is kept by a commit that takes nothing over, and is that of a plan that does', () => {
    const pair = {
      mapping: aMapping(),
      localKey: LOCAL_KEY,
      link: aLink({ adoptions: ADOPTIONS }),
      remote: aRemoteRecord(),
    };
    const plan = {
      kind: 'write' as const,
      localWrites: {},
      remoteWrites: {},
      nextBase: ANN,
      baseBeforeRemote: ANN,
      adjusted: {},
      conflicts: [],
      held: [],
    };

    expect(afterLocalCommit(pair, plan).adoptions).toEqual(ADOPTIONS);
    expect(afterLocalCommit(pair, { ...plan, adoptions: { count: 4, at: READ_AT } }).adoptions).toEqual({
      count: 4,
      at: READ_AT,
    });
    expect(afterLocalCommit({ ...pair, link: aLink() }, plan)).not.toHaveProperty('adoptions');
  });
});
