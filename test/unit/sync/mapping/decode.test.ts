import { describe, expect, test } from '@jest/globals';
import {
  decodeLocal,
  decodeRemote,
  decodeRemotes,
  encodeLocal,
  encodeRemote,
  fieldsToRead,
} from '../../../../shared/sync/mapping/decode.ts';
import { SchemaDrift } from '../../../../shared/sync/mapping/errors.ts';
import { aField, aMapping } from '../../../builders/sync.ts';

const mapping = aMapping({
  localIdField: 'sfId',
  fields: [
    aField({ localField: 'name', sfField: 'Name' }),
    aField({ localField: 'isVip', sfField: 'Is_Vip__c', type: 'boolean' }),
    aField({ localField: 'score', sfField: 'Score__c', type: 'number' }),
  ],
});
const READ_AT = '2024-01-01T00:00:10.000Z';
const ROW = {
  attributes: { type: 'Contact', url: '/x' },
  Id: '0038c00002eIHpr',
  SystemModstamp: '2024-01-01T00:00:00.000+0000',
  LastModifiedDate: '2024-01-01T00:00:00.000+0000',
  IsDeleted: false,
  External_Id__c: 'contact-1',
  Name: ' Ann ',
  Is_Vip__c: true,
  Score__c: 9.0,
};

describe('a row from Salesforce', () => {
  test('is read from REST', () => {
    expect(decodeRemote(mapping, ROW, READ_AT)).toEqual({
      sfId: expect.stringMatching(/^0038c00002eIHpr[A-Z0-5]{3}$/),
      externalId: 'contact-1',
      values: { name: 'Ann', isVip: true, score: 9 },
      systemModstamp: '2024-01-01T00:00:00.000Z',
      lastModifiedDate: '2024-01-01T00:00:00.000Z',
      isDeleted: false,
      readAt: READ_AT,
    });
  });

  test('reads the same from Bulk CSV', () => {
    const csv = {
      ...ROW,
      SystemModstamp: '2024-01-01T00:00:00.000Z',
      LastModifiedDate: '2024-01-01T00:00:00.000Z',
      IsDeleted: 'false',
      Is_Vip__c: 'true',
      Score__c: '9.0',
    };

    expect(decodeRemote(mapping, csv, READ_AT)).toEqual(decodeRemote(mapping, ROW, READ_AT));
  });

  test('is a deleted one where it says so', () => {
    expect(decodeRemote(mapping, { ...ROW, IsDeleted: 'true' }, READ_AT).isDeleted).toBe(true);
  });

  test.each(['Name', 'External_Id__c', 'SystemModstamp', 'Id'])(
    'without %s is drift, never a cleared field',
    (field) => {
      const { [field]: _, ...row } = ROW as Record<string, unknown>;

      expect(() => decodeRemote(mapping, row, READ_AT)).toThrow(SchemaDrift);
    },
  );

  test('of another type is drift that names the field and quotes no value', () => {
    const row = { ...ROW, Score__c: 'secret' };

    expect(() => decodeRemote(mapping, row, READ_AT)).toThrow(/Contact\.Score__c: expected a finite number/);
    expect(() => decodeRemote(mapping, row, READ_AT)).not.toThrow(/secret/);
  });
});

describe('a page of rows', () => {
  test('sets a row aside whose value is not of its field, and keeps its neighbours', () => {
    const other = { ...ROW, Id: '003000000000001AAA' };
    const rows = [{ ...ROW, Score__c: 'secret' }, other, { ...ROW, Id: 7 }, { ...ROW, SystemModstamp: null }];

    const { records, unreadable } = decodeRemotes(mapping, rows, READ_AT);

    expect(records).toEqual([decodeRemote(mapping, other, READ_AT)]);
    const sfId = expect.stringMatching(/^0038c00002eIHpr/);
    expect(unreadable).toEqual([
      { sfId, externalId: ROW.External_Id__c, field: 'Score__c' },
      { sfId: undefined, externalId: ROW.External_Id__c, field: 'Id' },
      { sfId, externalId: ROW.External_Id__c, field: 'SystemModstamp' },
    ]);
  });

  test.each(['Name', 'External_Id__c', 'LastModifiedDate', 'Id'])(
    'is drift where a row lacks %s, even one with an unreadable value before it',
    (field) => {
      const { [field]: _, ...row } = ROW as Record<string, unknown>;

      expect(() => decodeRemotes(mapping, [ROW, row], READ_AT)).toThrow(SchemaDrift);
      const worse = { ...row, ...(field === 'External_Id__c' ? { Id: 7 } : { External_Id__c: 7 }) };
      const ofBadRow = () => decodeRemotes(mapping, [worse], READ_AT);
      expect(ofBadRow).toThrow(field === 'Id' ? /Contact\.Id: expected the field/ : SchemaDrift);
    },
  );

  test('has one time for all its rows, in the one form, or is refused', () => {
    const page = decodeRemotes(mapping, [ROW, ROW], '2024-01-01T01:00:10+01:00');

    expect(page.records.map(({ readAt }) => readAt)).toEqual([READ_AT, READ_AT]);
    expect(() => decodeRemotes(mapping, [], 'yesterday')).toThrow(SchemaDrift);
  });
});

describe('a local item', () => {
  test('is read with absent attributes as null and its attributes as they stand', () => {
    const attributes = { id: 'contact-1', name: ' Ann ', sfId: '0038c00002eIHpr', other: [1] };

    expect(decodeLocal(mapping, 'contact-1', attributes)).toEqual({
      localKey: 'contact-1',
      values: { name: 'Ann', isVip: null, score: null },
      sfId: expect.stringMatching(/^0038c00002eIHpr/),
      attributes,
    });
  });

  test('names every attribute that cannot be compared', () => {
    expect(decodeLocal(mapping, 'k', { name: { first: 'Ann' }, isVip: 'yes', score: 1 })).toEqual({
      invalid: ['name', 'isVip'],
    });
  });

  test('has no Salesforce id where its attribute holds something else', () => {
    expect(decodeLocal(mapping, 'k', { sfId: 'not an id' })).toHaveProperty('sfId', null);
  });

  test('does not take what every object has for an attribute', () => {
    const odd = aMapping({ fields: [aField({ localField: 'constructor' })] });

    expect(decodeLocal(odd, 'k', {})).toMatchObject({ values: { constructor: null } });
  });
});

test('writes by API name, only what is given, and never a null boolean', () => {
  expect(encodeRemote(mapping, { isVip: null, name: null })).toEqual({ Is_Vip__c: false, Name: null });
});

test('reads the mapped fields and the external id, each once', () => {
  expect(fieldsToRead(mapping)).toEqual(['Name', 'Is_Vip__c', 'Score__c', 'External_Id__c']);
});

describe('an attribute within a map', () => {
  const nested = aMapping({
    fields: [
      aField({ localField: 'address.city', sfField: 'City' }),
      aField({ localField: 'age', sfField: 'Age', type: 'number' }),
    ],
  });
  const local = (attributes: Record<string, unknown>) => decodeLocal(nested, 'k', attributes);

  test('is read from there, and is empty where the map is not there', () => {
    expect(local({ address: { city: ' Bern ' }, age: 5 })).toMatchObject({
      values: { 'address.city': 'Bern', age: 5 },
    });
    expect(local({ 'address.city': 'elsewhere' })).toMatchObject({ values: { 'address.city': null } });
    expect(local({ age: 5 })).toMatchObject({ values: { 'address.city': null, age: 5 } });
  });

  test('cannot be compared where something else is in the map’s place', () => {
    expect(local({ address: 'Bern', age: 5 })).toEqual({ invalid: ['address.city'] });
    expect(local({ address: ['Bern'] })).toEqual({ invalid: ['address.city'] });
  });
});

describe('values on their way', () => {
  test('to an item take the form of their own field, and go as they are where the mapping has none', () => {
    const days = aMapping({
      fields: [
        aField({ localField: 'tags', type: 'options', as: 'set' } as never),
        aField({ localField: 'list', type: 'options', as: 'list' } as never),
      ],
    });

    expect(encodeLocal(days, { list: 'a;b', tags: 'a;b', old: 'x;y' })).toEqual({
      list: ['a', 'b'],
      tags: new Set(['a', 'b']),
      old: 'x;y',
    });
  });

  test('to Salesforce clear a lookup without asking for a parent, and need the parent of any other', () => {
    const reference = { targets: [{ mappingId: 'conn1.account', prefix: '' }], isCyclic: false };
    const child = aMapping({ fields: [aField({ localField: 'account', sfField: 'AccountId', reference })] });

    expect(encodeRemote(child, { account: null })).toEqual({ AccountId: null });
    expect(() => encodeRemote(child, { account: 'acme' })).toThrow('a lookup is written with a known parent');
    expect(() => encodeRemote(child, { nobody: 'x' })).toThrow('the mapping has no field for nobody');
  });
});

describe('rows of a page', () => {
  test('that lack a field altogether are of another schema, whatever the others say', () => {
    const { Name: _, ...lacking } = ROW;

    expect(() => decodeRemotes(mapping, [ROW, lacking], READ_AT)).toThrow(SchemaDrift);
    expect(() => decodeRemotes(mapping, [{ ...ROW, Score__c: 'many', Name: undefined }], READ_AT)).toThrow(
      SchemaDrift,
    );
    expect(() => decodeRemotes(mapping, [{ ...ROW, Id: 'no id', IsDeleted: undefined }], 'no time')).toThrow(
      /time of the answer.*ISO 8601/,
    );
  });

  test('say who changed them last, and which key they carry, where they say so', () => {
    const changedBy = (row: object) => decodeRemotes(mapping, [{ ...ROW, ...row }], READ_AT).records[0];
    expect(changedBy({ LastModifiedById: '005A' })).toHaveProperty('lastModifiedById', '005A');
    for (const row of [{}, { LastModifiedById: '' }, { LastModifiedById: 5 }])
      expect(changedBy(row)).not.toHaveProperty('lastModifiedById');
    expect(changedBy({ External_Id__c: null })).toHaveProperty('externalId', null);

    const unreadable = (row: object) =>
      decodeRemotes(mapping, [{ ...ROW, Score__c: 'many', ...row }], READ_AT).unreadable[0];
    expect(unreadable({})).toMatchObject({ externalId: 'contact-1', field: 'Score__c' });
    for (const key of ['', 5, null]) expect(unreadable({ External_Id__c: key })?.externalId).toBeUndefined();
    expect(unreadable({ Id: 5 })).toMatchObject({ sfId: undefined, field: 'Id' });
    expect(unreadable({ Score__c: 5, SystemModstamp: '' })?.field).toBe('SystemModstamp');
  });

  test('of a mapping without a field for keys carry none, nor do items one for ids', () => {
    const { externalIdField: _, localIdField: __, ...plain } = mapping;
    const { records } = decodeRemotes(plain, [ROW], READ_AT);

    expect(records[0]?.externalId).toBeNull();
    expect(decodeLocal(plain, 'k', { name: 'Ann', undefined: ROW.Id })).toMatchObject({ sfId: null });
  });
});
