import { expect, test } from '@jest/globals';
import { nearestNames } from '../../../shared/contracts/nearest-names.ts';

const OPTIONS = ['keyField', 'tenantField', 'tenant', 'filter', 'schedule', 'everyMinutes'];

test.each([
  ['keyfield', ['keyField']],
  ['fliter', ['filter']],
  ['schedul', ['schedule']],
  ['tenat', ['tenant']],
  ['key', []],
  ['somethingElse', []],
])('of the options, %s is nearest to %j', (written, near) => {
  expect(nearestNames(written, OPTIONS)).toEqual(near);
});

test('two letters that changed places are near in a name of five letters, and half of a shorter name is not', () => {
  expect(nearestNames('Emial', ['Email', 'Phone'])).toEqual(['Email']);
  expect(nearestNames('city', ['Site', 'City__c'])).toEqual(['City__c']);
});

test('letter case, underscores and the custom suffix do not count', () => {
  expect(nearestNames('last_seen', ['Last_Seen__c', 'LastName'])).toEqual(['Last_Seen__c']);
});

test('three suggestions are enough, the nearest first', () => {
  const names = ['Phones', 'Phone', 'Fone', 'Phon', 'Phane'];

  expect(nearestNames('Phone', names)).toEqual(['Phone', 'Phane', 'Phon']);
});
