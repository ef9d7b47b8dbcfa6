import { describe, expect, test } from '@jest/globals';
import { parseRowError } from '../../../../shared/salesforce-client/bulk/row-errors.ts';
import { CATALOGUE } from '../../../../shared/salesforce-client/errors/error-catalogue.ts';
import { toRefusal } from '../../../../shared/salesforce-client/errors/row-results.ts';

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
  ['something else', 'UNNAMED_REFUSAL', 'something else', []],
  [null, 'UNNAMED_REFUSAL', '', []],
])('reads the error %s', (text, code, message, fields) => {
  expect(parseRowError(text)).toEqual({ kind: 'refused', code, message, fields });
});

describe('what passes by itself', () => {
  const wrapped =
    'T: execution of AfterUpdate caused by: UNABLE_TO_LOCK_ROW, unable to obtain exclusive access';

  test.each([
    ['UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record'],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', wrapped],
    ['CANNOT_EXECUTE_FLOW_TRIGGER', `The process failed. This error occurred: ${wrapped}`],
    ['FIELD_CUSTOM_VALIDATION_EXCEPTION', wrapped],
    ['UNKNOWN_EXCEPTION', wrapped],
    ['APEX_ERROR', `System.DmlException: Update failed. First error: ${wrapped}`],
    ['SERVER_UNAVAILABLE', 'try later'],
    ['REQUEST_RUNNING_TOO_LONG', 'Your request was running for too long'],
    ['ENTITY_IS_LOCKED', 'the entity is locked for editing'],
  ])('%s does: %s', (code, message) => {
    expect(parseRowError(`${code}:${message}:--`).retryAfterMs).toBeGreaterThan(0);
  });

  test.each([
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'T: execution of AfterUpdate caused by: a rule of ours'],
    ['UNKNOWN_EXCEPTION', 'An unexpected error occurred'],
    ['APEX_ERROR', 'System.NullPointerException'],
    ['REQUIRED_FIELD_MISSING', 'Required fields are missing'],
    ['SOMETHING_NEW', 'nobody knows'],
    ['STRING_TOO_LONG', 'Description: data value too large: Log: UNABLE_TO_LOCK_ROW (max length=255)'],
    ['SOMETHING_NEW', 'bad value: UNABLE_TO_LOCK_ROW'],
  ])('%s does not: %s', (code, message) => {
    expect(parseRowError(`${code}:${message}:--`)).not.toHaveProperty('retryAfterMs');
  });

  test.each(Object.keys(CATALOGUE).map((code) => code.toUpperCase()))(
    'is the same for %s by every route',
    (code) => {
      for (const message of ['', 'text', wrapped, 'ConcurrentRequests Limit exceeded']) {
        const row = toRefusal({ success: false, errors: [{ statusCode: code, message, fields: [] }] });
        expect(parseRowError(`${code}:${message}:--`)).toEqual(row);
      }
    },
  );
});
