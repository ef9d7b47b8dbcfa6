import { expect, test } from '@jest/globals';
import { parseRowError } from '../../../../shared/use-cases/bulk/push/results.ts';

test.each([
  [
    'REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --',
    'REQUIRED_FIELD_MISSING',
    'Required fields are missing: [LastName]',
    ['LastName'],
  ],
  [
    'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--',
    'INVALID_CROSS_REFERENCE_KEY',
    'invalid cross reference id',
    [],
  ],
  ['X_Y:a, b:One__c,Two__c --', 'X_Y', 'a, b', ['One__c', 'Two__c']],
  [
    'DUPLICATE_VALUE:duplicate value found: it duplicates 003 --',
    'DUPLICATE_VALUE',
    'duplicate value found: it duplicates 003',
    [],
  ],
  ['something else', 'UNKNOWN', 'something else', []],
  [null, 'UNKNOWN', '', []],
])('reads the error %s', (text, code, message, fields) => {
  expect(parseRowError(text)).toEqual({ code, message, fields });
});
