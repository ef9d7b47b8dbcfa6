import { expect, test } from '@jest/globals';
import { Found } from '../../../../../shared/use-cases/reconciliation/full-sweep/compare.ts';

test('what a full sweep finds is looked at once more under its key and its id before anything is proven of it', () => {
  const found = new Found();
  expect([...found.pairs, ...found.unproven, ...found.findings]).toEqual([]);
  found.add('missed-in-salesforce', { localKey: 'ann', sfId: '003A', linkVersion: 1 });
  found.add('missed-in-salesforce', { sfId: '003B', linkVersion: 1 });
  found.add('missed-in-salesforce', { localKey: 'cyd', linkVersion: 1 });

  expect(found.unproven).toStrictEqual([
    { localKey: 'ann', sfId: '003A' },
    { sfId: '003B' },
    { localKey: 'cyd' },
  ]);
  expect(found.counts).toEqual({ 'missed-in-salesforce': 3 });
  const { sfIds, keys } = found.toLookAt();
  expect([...sfIds]).toEqual(['003A', '003B']);
  expect([...keys]).toEqual(['cyd']);
});
