import { describe, expect, test } from '@jest/globals';
import { hasChangedSince, imageFor, imageOf } from '../../../../shared/sync/mapping/item-image.ts';
import { aField, aMapping } from '../../../builders/sync.ts';

const FIELDS = ['name', 'address.city', 'address.street'];
const ITEM = {
  name: { S: 'Ann' },
  address: { M: { city: { S: 'Ulm' }, SS: { L: [{ S: 'b' }, { S: 'a' }] } } },
};
const image = (item: Readonly<Record<string, unknown>>): string => imageOf(FIELDS, item);

describe('an image of an item', () => {
  test('is the same for the same values, in whatever order they and the fields come, and whatever else it holds', () => {
    const other = { note: { S: 'x' }, address: { M: { SS: ITEM.address.M.SS, city: { S: 'Ulm' } } } };

    expect(imageOf([...FIELDS].reverse(), { ...other, name: ITEM.name })).toBe(image(ITEM));
    expect(image(ITEM)).toMatch(/^[0-9a-f]{8}\.[0-9a-f]{16}$/);
  });

  test('is that of all fields of a mapping', () => {
    const mapping = aMapping({ fields: FIELDS.map((localField) => aField({ localField })) });

    expect(imageFor(mapping, ITEM)).toBe(image(ITEM));
  });

  test('takes sets as sets, and bytes in either form', () => {
    const tags = (value: object): string => imageOf(['tags'], { tags: value });

    expect(tags({ SS: ['a', 'b'] })).toBe(tags({ SS: ['b', 'a'] }));
    expect(tags({ NS: ['1', '2'] })).toBe(tags({ NS: ['2', '1'] }));
    expect(tags({ BS: [new Uint8Array([1]), new Uint8Array([255])] })).toBe(tags({ BS: ['/w==', 'AQ=='] }));
    expect(tags({ B: new Uint8Array([1, 255]) })).toBe(tags({ B: 'Af8=' }));
  });

  test('takes as many bytes as an item may hold', () => {
    const bytes = new Uint8Array(400_000).fill(7);

    expect(imageOf(['photo'], { photo: { B: bytes } })).toBe(
      imageOf(['photo'], { photo: { B: Buffer.from(bytes).toString('base64') } }),
    );
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['another value', { ...ITEM, name: { S: 'Anna' } }],
    ['another type', { ...ITEM, name: { N: '1' } }],
    ['no value', { ...ITEM, name: { NULL: true } }],
    ['no attribute', { address: ITEM.address }],
    [
      'a map with another part, which may be of a field',
      { ...ITEM, address: { M: { ...ITEM.address.M, zip: { S: '1' } } } },
    ],
    [
      'a list in another order, under whatever name',
      { ...ITEM, address: { M: { city: { S: 'Ulm' }, SS: { L: [{ S: 'a' }, { S: 'b' }] } } } },
    ],
  ])('is another one with %s', (_what, other) => {
    expect(hasChangedSince(image(ITEM), image(other))).toBe(true);
  });

  test('says nothing of one of other fields', () => {
    expect(hasChangedSince(image(ITEM), image(ITEM))).toBe(false);
    expect(hasChangedSince(imageOf(['name'], ITEM), image({}))).toBe(false);
  });
});
