import { expect, test } from '@jest/globals';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { settleWritten } from '../../../../shared/sync/reconcile/settle.ts';
import { equalsBase } from '../../../../shared/sync/reconcile/snapshot.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord, SF_ID } from '../../../builders/sync.ts';

const mapping = aMapping({ fields: [aField({ localField: 'number', type: 'number' })] });
/** What we wrote, and what an org that answers with doubles makes of it. */
const WRITTEN = '123456789012345678';
const AS_DOUBLE = 123456789012345680;
const LATER = '2024-01-01T00:05:00.000Z';

const afterWrite = (answer: string | number) => {
  const after = aRemoteRecord({ values: { number: answer }, readAt: LATER });
  const pending = { number: WRITTEN };
  const link = aLink({ base: { number: 1 }, pending });
  const settled = settleWritten(mapping, link, pending, { sfId: SF_ID, readAt: LATER, after });
  return { link: { ...settled, version: 2 }, remote: after };
};
const look = (link: ReturnType<typeof afterWrite>['link'], local: string | number, remote: string | number) =>
  reconcile({
    mapping,
    link,
    local: aLocalItem({ values: { number: local } }),
    remote: aRemoteRecord({ values: { number: remote } }),
    localChangedAtSfClock: undefined,
  });

test.each([AS_DOUBLE, '123456789012345677'])('the item keeps its digits where %s comes back', (answer) => {
  const { link, remote } = afterWrite(answer);

  expect(link.adjusted).toEqual({ number: answer });
  expect(look(link, WRITTEN, answer)).toMatchObject({ kind: 'in-step' });
  expect(equalsBase(link, remote, mapping)).toBe(true);
});

test('an edit of either side is one', () => {
  const { link } = afterWrite(AS_DOUBLE);

  expect(look(link, WRITTEN, '123456789012345679')).toMatchObject({
    localWrites: { number: '123456789012345679' },
    remoteWrites: {},
  });
  expect(look(link, 5, AS_DOUBLE)).toMatchObject({ localWrites: {}, remoteWrites: { number: 5 } });
});

test('what Salesforce rounds to its decimal places comes back, as ever', () => {
  const { link } = afterWrite(12);

  expect(look(link, WRITTEN, 12)).toMatchObject({ localWrites: { number: 12 }, remoteWrites: {} });
});

test('a difference in the last digit alone is an edit', () => {
  const link = aLink({ base: { number: WRITTEN } });

  expect(look(link, WRITTEN, '123456789012345679')).toMatchObject({
    localWrites: { number: '123456789012345679' },
  });
});
