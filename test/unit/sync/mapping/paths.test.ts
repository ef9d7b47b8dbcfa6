import { describe, expect, test } from '@jest/globals';
import { ExactNumber } from '../../../../shared/contracts/exact-number.ts';
import { comparedPaths, isMap, NOT_A_MAP, pathOf, plainAt } from '../../../../shared/sync/mapping/paths.ts';
import { aField, aMapping } from '../../../builders/sync.ts';

const at = (attributes: Readonly<Record<string, unknown>>, localField: string) =>
  plainAt(attributes, pathOf({ localField }));

describe('an attribute in a map', () => {
  test.each([
    ['has its value', { address: { city: 'Rome' } }, 'Rome'],
    ['is not there where it was never set', { address: {} }, undefined],
    ['is not there where its map is not', {}, undefined],
    // DynamoDB's NULL is how many applications write that an item has no address.
    ['is not there where its map is null', { address: null }, undefined],
    ['is not what every map inherits', { address: Object.create({ city: 'Rome' }) }, NOT_A_MAP],
  ])('%s', (_what, attributes, value) => {
    expect(at(attributes, 'address.city')).toBe(value);
  });

  test.each([
    ['text', 'Rome'],
    ['a list', ['Rome']],
    ['a set', new Set(['Rome'])],
    ['bytes', new Uint8Array([1])],
    ['a number of many digits', ExactNumber.of('12345678901234567890')],
  ])('cannot be where %s is in the way', (_what, address) => {
    expect(at({ address }, 'address.city')).toBe(NOT_A_MAP);
  });

  test('may be in a map that inherits from nothing', () => {
    expect(at({ address: Object.assign(Object.create(null), { city: 'Rome' }) }, 'address.city')).toBe(
      'Rome',
    );
  });
});

test('null is no map', () => {
  expect(isMap(null)).toBe(false);
});

test('a comparison reads the fields, and the attribute with the Salesforce id where there is one', () => {
  const fields = [aField({ localField: 'name' }), aField({ localField: 'address.city' })];

  expect(comparedPaths(aMapping({ fields }))).toEqual([['name'], ['address', 'city']]);
  expect(comparedPaths(aMapping({ fields, localIdField: 'sfId' }))).toEqual([
    ['name'],
    ['address', 'city'],
    ['sfId'],
  ]);
});
