import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { WireRecord } from '../../../../shared/contracts/salesforce.ts';
import { decodeRemote, decodeRemotes } from '../../../../shared/sync/mapping/decode.ts';
import { SchemaDrift } from '../../../../shared/sync/mapping/errors.ts';
import type { RemoteRecord } from '../../../../shared/sync/model/record.ts';
import type { FieldType } from '../../../../shared/sync/model/values.ts';
import { aField, aMapping, SF_ID } from '../../../builders/sync.ts';
import { plainDecode } from './plain-decode.ts';

/** As the fields of a mapping may be called: nothing forbids an attribute the names that every object has. */
const LOCAL_FIELDS = ['__proto__', 'constructor', 'toString', 'name', 'hasOwnProperty', '0'];
const READ_AT = '2024-01-01T00:00:10.000Z';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const piece = (...usual: string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.string() });

/** A time, or what is one but for a digit: all that the quick way and the slow one could see differently. */
const nearlyTime = fc
  .tuple(
    fc.oneof(fc.constantFrom('2024', '2023', '1900', '2000', '0000', '9999'), digits(4)),
    fc.oneof(fc.constantFrom('01', '02', '04', '12', '00', '13'), digits(2)),
    fc.oneof(fc.constantFrom('01', '28', '29', '30', '31', '00', '32'), digits(2)),
    piece('T', 'T', 'T', ' ', 't', ''),
    fc.oneof(fc.constantFrom('00', '23', '24', '12'), digits(2)),
    piece(':', ':', ':', '', '-'),
    fc.oneof(fc.constantFrom('00', '59', '60'), digits(2)),
    fc.oneof(fc.constantFrom('00', '59', '60'), digits(2)),
    piece('.000', '.123', '', '.1', '.1234', '.000000001', '.', '.00a', '.:00'),
    piece('Z', '+0000', '+00:00', '-0000', '+0100', '-05:30', '+2400', '+0060', '', 'z'),
  )
  .map(([year, month, day, t, hour, colon, minute, second, fraction, end]) =>
    [`${year}-${month}-${day}`, t, [hour, minute, second].join(colon), fraction, end].join(''),
  );
const someDate = fc.date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') });
const nearlyNumber = fc.stringMatching(/^[-+]?[0-9]{0,3}\.?[0-9]{0,3}([eE][-+]?[0-9]{0,3})?[ x]?$/);
const anything = fc.oneof(
  nearlyTime,
  nearlyTime.map((text) => text.slice(0, 10)),
  nearlyNumber,
  fc.string({ unit: 'binary' }),
  fc.constantFrom('true', 'FALSE', 'True', '0', '1', 'tru', '', ' a \r\n b\r ', null, true, false),
  fc.double(),
  fc.jsonValue(),
);
const ofType: Readonly<Record<FieldType, fc.Arbitrary<unknown>>> = {
  text: fc.oneof(fc.string(), fc.constantFrom(' a\r\nb\r', '', null)),
  id: fc.oneof(
    fc.stringMatching(/^[0-9A-Za-z]{15}$/),
    fc.constantFrom('001ak00000OQTieAAH', '001AK00000OQTIEAAH', ' 001ak00000OQTie', 'no id', '', null),
  ),
  rich: fc.oneof(fc.string(), fc.constantFrom(' a\r\nb\r', '\u00a0', '', null)),
  options: fc.oneof(fc.string(), fc.constantFrom('a;b', ' b; a;;b ', ';', '', null)),
  number: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer().map(String),
    fc.constantFrom('9.12E8', '1.50', '1e-400', '123456789012345678', '1234567890123456.780', '', null),
  ),
  boolean: fc.constantFrom('true', 'false', 'TRUE', '1', true, false, '', null),
  date: fc.oneof(
    someDate.map((date) => date.toISOString().slice(0, 10)),
    fc.constantFrom('2024-02-29', '0000-01-01', '', null),
  ),
  time: fc.oneof(
    someDate.map((date) => date.toISOString().slice(11)),
    fc.constantFrom('13:05', '13:05:30', '00:30:00.1234+01:00', '23:30:00-0100', '24:00', '', null),
  ),
  datetime: fc.oneof(
    someDate.map((date) => date.toISOString()),
    someDate.map((date) => date.toISOString().replace('Z', '+0000')),
    fc.constantFrom('2024-02-29T23:59:59.1239-05:30', '2024-01-01T00:00:00Z', '', null),
  ),
};

const typed = fc
  .array(fc.constantFrom<FieldType>('text', 'id', 'number', 'boolean', 'date', 'datetime', 'time'), {
    minLength: LOCAL_FIELDS.length,
    maxLength: LOCAL_FIELDS.length,
  })
  .map((types) =>
    aMapping({
      fields: LOCAL_FIELDS.map((localField, index) =>
        aField({ localField, sfField: sfFieldOf(localField), type: types[index] ?? 'text' }),
      ),
    }),
  );

/** No field of Salesforce's is called `__proto__`, and a row may inherit what is called as the others. */
const sfFieldOf = (localField: string) => (localField === '__proto__' ? 'Proto__c' : localField);

/** Mostly values of the field's type; now and then another, or none. */
const pages = typed.chain((mapping) => {
  const mostly = (usual: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: anything });
  const row = fc
    .record({
      Id: mostly(fc.constantFrom(SF_ID, SF_ID.slice(0, 15), SF_ID.toLowerCase())),
      External_Id__c: mostly(ofType.text),
      SystemModstamp: mostly(fc.constantFrom('2024-01-01T00:00:00.000+0000', READ_AT)),
      LastModifiedDate: mostly(ofType.datetime),
      IsDeleted: mostly(ofType.boolean),
      ...Object.fromEntries(mapping.fields.map(({ sfField, type }) => [sfField, mostly(ofType[type])])),
    })
    .chain((whole) =>
      fc
        .oneof(
          { weight: 12, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: fc.constantFrom(...Object.keys(whole)) },
        )
        .map((left): WireRecord => {
          const { [left ?? '']: _, ...rest } = whole as Record<string, unknown>;
          return rest;
        }),
    );
  return fc.tuple(fc.constant(mapping), fc.array(row, { minLength: 1, maxLength: 5 }));
});

test('every row is decoded, or refused in the same words, as by the plain decoder', () => {
  let read = 0;
  let refused = 0;
  fc.assert(
    fc.property(pages, ([mapping, rows]) => {
      for (const row of rows) {
        const expected = plainDecode(mapping, row, READ_AT);
        const outcome = decodedOrRefused(() => decodeRemote(mapping, row, READ_AT));
        expect(outcome).toStrictEqual(expected);
        if (typeof outcome === 'string' || typeof expected === 'string') {
          refused += 1;
        } else {
          expect(Object.entries(outcome.values)).toStrictEqual(Object.entries(expected.values));
          read += 1;
        }
      }
    }),
    { numRuns: 1500 },
  );
  expect(Math.min(read, refused)).toBeGreaterThan(500);
});

test('a page has each of its rows, in order: decoded, or set aside with its id and the field', () => {
  fc.assert(
    fc.property(pages, ([mapping, rows]) => {
      const lacks = rows.some((row) =>
        ['Id', 'External_Id__c', 'SystemModstamp', 'LastModifiedDate']
          .concat(mapping.fields.map(({ sfField }) => sfField))
          .some((name) => !Object.hasOwn(row, name)),
      );
      if (lacks) {
        expect(() => decodeRemotes(mapping, rows, READ_AT)).toThrow(SchemaDrift);
        return;
      }

      const { records, unreadable } = decodeRemotes(mapping, rows, READ_AT);

      const plain = rows.map((row) => plainDecode(mapping, row, READ_AT));
      expect(records).toStrictEqual(plain.filter((one) => typeof one !== 'string'));
      const refusals = plain.filter((one) => typeof one === 'string');
      expect(unreadable).toHaveLength(refusals.length);
      for (const [index, { sfId, field }] of unreadable.entries()) {
        expect(refusals[index]).toContain(field === 'Id' ? ' Id: ' : ` Contact.${field}: `);
        expect(sfId === undefined).toBe(field === 'Id');
      }
    }),
    { numRuns: 1000 },
  );
});

function decodedOrRefused(decode: () => RemoteRecord): RemoteRecord | string {
  try {
    return decode();
  } catch (error) {
    if (error instanceof SchemaDrift) return error.message;
    throw error;
  }
}
