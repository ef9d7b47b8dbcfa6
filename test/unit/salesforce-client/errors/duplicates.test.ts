import { describe, expect, test } from '@jest/globals';
import { readDuplicates } from '../../../../shared/salesforce-client/errors/duplicates.ts';
import { responseToError } from '../../../../shared/salesforce-client/errors/refusals.ts';
import { NOW } from '../fakes.ts';

const found = {
  allowSave: true,
  duplicateRule: 'Standard_Contact_Duplicate_Rule',
  duplicateRuleEntityType: 'Contact',
  errorMessage: 'Use one of these records?',
  matchResults: [
    {
      entityType: 'Contact',
      errors: [],
      matchEngine: 'FuzzyMatchEngine',
      matchRecords: [
        {
          matchConfidence: 100,
          record: { attributes: { type: 'Contact', url: '/x' }, Id: '0031I0000081tbP' },
        },
        { matchConfidence: 90, record: { Id: '0031I0000081tbPQAQ' } },
        { matchConfidence: 80, record: null },
      ],
    },
    { matchRecords: null },
  ],
};
const detected = (more: object) => ({ errorCode: 'DUPLICATES_DETECTED', message: 'x', ...more });

describe('a duplicate rule', () => {
  test.each(['duplicateResut', 'duplicateResult'])('tells which records match, as %s', (key) => {
    expect(readDuplicates(detected({ [key]: found }))).toEqual({
      recordIds: ['0031I0000081tbPQAQ'],
      allowSave: true,
      rule: 'Standard_Contact_Duplicate_Rule',
    });
  });

  test.each([{}, { duplicateResut: 'x' }, { duplicateResut: null }])('may tell nothing: %j', (more) => {
    expect(readDuplicates(detected(more))).toBeUndefined();
  });

  test('that does not say whether it only warns is a blocking one', () => {
    const duplicateResut = { matchResults: [{ matchRecords: [{}] }] };

    expect(readDuplicates(detected({ duplicateResut }))).toEqual({ recordIds: [], allowSave: false });
  });

  test('is known by a row of a collection too', () => {
    expect(readDuplicates({ statusCode: 'DUPLICATES_DETECTED', duplicateResut: found })).toMatchObject({
      allowSave: true,
    });
  });
});

describe('a unique field', () => {
  test.each([
    [
      'duplicate value found: Ext__c duplicates value on record with id: 0031I0000081tbP',
      ['0031I0000081tbPQAQ'],
    ],
    [
      'duplicate value found: Ext__c duplicates value on record with id: 0031I0000081tbPQAQ',
      ['0031I0000081tbPQAQ'],
    ],
    [
      'Doppelter Wert: Ext__c dupliziert den Wert im Datensatz mit der ID: 0031I0000081tbP',
      ['0031I0000081tbPQAQ'],
    ],
  ])('tells which record has its value: %s', (message, recordIds) => {
    expect(readDuplicates({ errorCode: 'DUPLICATE_VALUE', message })).toEqual({
      recordIds,
      allowSave: false,
    });
  });

  test.each(['x record with id: 0031I0000081tbPQAQ and more', 'ID: 0031I0000081tbPQAQ.'])(
    'names it whatever is around the id: %s',
    (message) => {
      expect(readDuplicates({ errorCode: 'DUPLICATE_VALUE', message })?.recordIds).toEqual([
        '0031I0000081tbPQAQ',
      ]);
    },
  );

  test.each([
    'duplicate value found: <unknown> duplicates value on record with id: <unknown>',
    'Duplicate external id specified: 1234',
    '',
  ])('may not tell: %s', (message) => {
    expect(readDuplicates({ errorCode: 'DUPLICATE_VALUE', message })).toBeUndefined();
  });
});

test('other errors say nothing of duplicates', () => {
  expect(readDuplicates({ errorCode: 'INVALID_FIELD', duplicateResut: found })).toBeUndefined();
});

test('an error carries the ids of the records that stand in the way', () => {
  const body = JSON.stringify([detected({ duplicateResut: found })]);

  expect(
    responseToError(
      { status: 400, headers: {}, body },
      { operation: 'create Contact', isRepeatable: false, nowMs: NOW },
    ),
  ).toMatchObject({
    code: 'DUPLICATES_DETECTED',
    next: { do: 'stop' },
    duplicateRecords: { recordIds: ['0031I0000081tbPQAQ'], allowSave: true },
  });
});
