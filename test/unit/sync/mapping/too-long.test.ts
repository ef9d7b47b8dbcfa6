import { expect, test } from '@jest/globals';
import { tooLongIn } from '../../../../shared/sync/mapping/too-long.ts';
import { aField, aMapping } from '../../../builders/sync.ts';

const found = (change: Partial<ReturnType<typeof aField>>, value: string | number) =>
  tooLongIn(aMapping({ fields: [aField({ localField: 'one', maxLength: 3, ...change })] }), { one: value });

const TOO_LONG = [{ field: 'one', maxLength: 3 }];

test('of a picklist by its labels the value counts', () => {
  const names = { abc: 'a long label', abcd: 'short' };

  expect(found({ as: 'label', names }, 'a long label')).toEqual([]);
  expect(found({ as: 'label', names }, 'short')).toEqual(TOO_LONG);
});

test('a name without a value is for others to say', () => {
  expect(found({ as: 'label', names: {} }, 'unknown')).toEqual([]);
});

test('of a reference the key is not sent, however long', () => {
  const reference = { targets: [{ mappingId: 'conn1.account', prefix: '' }], isCyclic: false };

  expect(found({ reference }, 'a long key')).toEqual([]);
});

test('a number has no length, and rich text counts as it is sent', () => {
  expect(found({ type: 'number' }, 123_456)).toEqual([]);
  expect(found({ type: 'rich' }, '<b>x</b>')).toEqual(TOO_LONG);
});
