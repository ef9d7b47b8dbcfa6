import { expect, test } from '@jest/globals';
import { isProven, statedFields } from '../../../../shared/sync/proof/proof.ts';
import { aField } from '../../../builders/sync.ts';

test('a proof is one where nothing is open but what has left the filter, and it could be stated', () => {
  const statement = '{}';
  expect(isProven({ open: {}, statement })).toBe(true);
  expect(isProven({ open: { 'outside-filter': 3 }, statement })).toBe(true);
  expect(isProven({ open: { 'outside-filter': 3, held: 1 }, statement })).toBe(false);
  expect(isProven({ open: { differs: 1 }, statement })).toBe(false);
  expect(isProven({ open: {} })).toBe(false);
});

test('a statement names each field that is covered as a verifier reads it, and why the others are not', () => {
  const fields = [
    aField({ localField: 'title' }),
    aField({ localField: 'score', sfField: 'Score__c', type: 'number' }),
    aField({ localField: 'kind', names: { A: 'a' } }),
    aField({ localField: 'source', sentAt: 'create' }),
  ];
  expect(statedFields({ fields })).toEqual({
    fields: [
      { attribute: 'score', field: 'Score__c', type: 'number' },
      { attribute: 'title', field: 'Title', type: 'text' },
    ],
    notCovered: [
      { attribute: 'kind', because: 'name' },
      { attribute: 'source', because: 'create-or-update-only' },
    ],
  });
});
