import { describe, expect, test } from '@jest/globals';
import { parseSyncConfig } from '../../../infra/sync-config/check-sync-config.ts';
import { localItemOf, writeItem } from '../../../shared/aws/reconciliation/local-items.ts';
import { MAX_COMPARED_ATTRIBUTES, MAX_EXPRESSION_BYTES } from '../../../shared/contracts/dynamodb-limits.ts';
import { must } from '../../../shared/sync/assert.ts';
import { aField, aMapping } from '../../builders/sync.ts';
import { hasTooManyOperators } from '../../in-memory/dynamodb-limits.ts';

const withMapping = (change: Record<string, unknown>) => ({
  localTables: { contacts: { keyField: 'id', tenantField: 'tenant', matchIndexes: { sf: 'bySf' } } },
  mappings: {
    contact: {
      localTable: 'contacts',
      sfObject: 'Contact',
      externalIdField: 'Key__c',
      schedule: { everyMinutes: 5 },
      fieldMap: { name: 'LastName' },
      ...change,
    },
  },
});
const problemsOf = (change: Record<string, unknown>): string => {
  try {
    parseSyncConfig(withMapping(change));
    return '';
  } catch (error) {
    return String(error);
  }
};

describe('options of fields and of new records', () => {
  test.each<[string, Record<string, unknown>, string]>([
    [
      'both times',
      { fieldMap: { a: { field: 'A__c', createOnly: true, updateOnly: true } } },
      'a.updateOnly',
    ],
    [
      'a time where nothing is sent',
      { fieldMap: { a: { field: 'A__c', createOnly: true, direction: 'from-salesforce' } } },
      'a.createOnly',
    ],
    ['false', { fieldMap: { a: { field: 'A__c', createOnly: false } } }, 'a.createOnly'],
    [
      'an unknown form',
      { fieldMap: { a: { field: 'A__c', as: 'json' } } },
      'list, set, label, developerName',
    ],
    ['the name of another field', { fieldMap: { a: { field: 'A__c', as: 'developerName' } } }, 'a.as'],
    ['constants that nothing gets', { direction: 'from-salesforce', onCreate: { A__c: 1 } }, 'onCreate.A__c'],
    ['a record type that nothing gets', { direction: 'from-salesforce', recordType: 'X' }, 'recordType'],
    ['two record types', { recordType: 'X', onCreate: { RecordTypeId: 'y' } }, 'onCreate.RecordTypeId'],
    ['a constant key', { onCreate: { Key__c: 'x' } }, 'onCreate.Key__c'],
    ['a constant id', { onCreate: { Id: 'x' } }, 'onCreate.Id'],
    ['an empty constant', { onCreate: { A__c: '' } }, 'onCreate.A__c'],
    ['a constant list', { onCreate: { A__c: ['x'] } }, 'onCreate.A__c'],
    ['defaults that nothing gets', { direction: 'to-salesforce', defaults: { a: 1 } }, 'defaults.a'],
    ['a default of a mapped attribute', { defaults: { name: 'x' } }, 'defaults.name'],
    ['a default key', { defaults: { id: 'x' } }, 'defaults.id'],
    ['a default tenant', { defaults: { tenant: 'x' } }, 'defaults.tenant'],
  ])('%s is refused', (_what, change, path) => {
    expect(problemsOf(change)).toContain(path);
  });

  test('what makes sense is taken', () => {
    const change = {
      fieldMap: {
        a: { field: 'A__c', createOnly: true },
        b: { field: 'B__c', updateOnly: true },
        c: { field: 'C__c', as: 'list' },
        d: { field: 'D__c', as: 'label' },
        kind: { field: 'RecordTypeId', as: 'developerName' },
      },
      onCreate: { LeadSource: 'Web', A__c: 5, Opted_In__c: true },
      recordType: 'Partner',
      defaults: { source: 'salesforce' },
    };
    expect(problemsOf(change)).toBe('');
  });
});

describe('attributes inside maps', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a dot at the end', { fieldMap: { 'a.': 'A__c' } }, 'a dot at an end'],
    ['two dots', { fieldMap: { 'a..b': 'A__c' } }, 'a dot at an end'],
    ['a map and what is in it', { fieldMap: { a: 'A__c', 'a.b': 'B__c' } }, '"a.b" is in'],
    ['a map in a map and what is in it', { fieldMap: { 'a.b': 'A__c', 'a.b.c': 'B__c' } }, '"a.b.c" is in'],
    ['too deep a path', { fieldMap: { 'a.b.c.d.e': 'A__c' } }, 'the most is 4'],
    ['the key', { fieldMap: { 'id.a': 'A__c' } }, '"id" is an attribute'],
    ['the tenant', { fieldMap: { 'tenant.a': 'A__c' } }, '"tenant" is an attribute'],
    ['the Salesforce id', { localIdField: 'sf', fieldMap: { 'sf.a': 'A__c' } }, '"sf" is an attribute'],
    ['a default', { defaults: { a: 1 }, fieldMap: { 'a.b': 'A__c' } }, '"a" is an attribute'],
  ])('%s is refused', (_what, change, part) => {
    expect(problemsOf(change)).toContain(part);
  });

  test.each([{ 'a.b': 'A__c', 'a.c': 'B__c', ab: 'C__c' }, { 'a.b.c.d': 'A__c' }])(
    '%j is taken',
    (fieldMap) => {
      expect(problemsOf({ fieldMap })).toBe('');
    },
  );

  test.each([
    ['flat', MAX_COMPARED_ATTRIBUTES - 1, (index: number) => `attribute${index}`],
    ['each in a map of its own', 59, (index: number) => `map${index}.a`],
    ['all in one map', 110, (index: number) => `map.a${index}`],
    ['deep in one map', 82, (index: number) => `a.b.c.d${index}`],
  ])('as many as are taken fit into an expression: %s', (_how, count, nameOf) => {
    const names = Array.from({ length: count }, (_, index) => nameOf(index));
    const fieldMap = (some: readonly string[]) =>
      Object.fromEntries(some.map((name, index) => [name, `F${index}__c`]));
    expect(problemsOf({ fieldMap: fieldMap(names), localIdField: 'sf' })).toBe('');

    const mapping = aMapping({
      fields: names.map((localField) => aField({ localField })),
      localIdField: 'sf',
      tenantField: 'tenant',
      tenantId: 't',
    });
    const roots = Object.fromEntries(
      names
        .map((name) => name.split('.'))
        .filter(([, inner]) => inner)
        .map(([root = '']) => [root, { M: { b: { M: { c: { M: {} } } } } }]),
    );
    const read = localItemOf(mapping, 'k', { id: { S: 'k' }, tenant: { S: 't' }, ...roots });
    if ('invalid' in read) throw new Error(read.invalid.join());
    const values = Object.fromEntries(names.map((name) => [name, 'x']));
    const { Update } = writeItem('table', mapping, 'k', { kind: 'update', read, values, sfId: 'x' });

    const { ConditionExpression = '', UpdateExpression = '' } = must(Update, 'there is something to change');
    expect(Buffer.byteLength(ConditionExpression)).toBeLessThanOrEqual(MAX_EXPRESSION_BYTES);
    expect(Buffer.byteLength(UpdateExpression)).toBeLessThanOrEqual(MAX_EXPRESSION_BYTES);
    expect(hasTooManyOperators(ConditionExpression)).toBe(false);
  });

  test('more are refused', () => {
    const many = (count: number, nameOf: (index: number) => string) => ({
      fieldMap: Object.fromEntries(
        Array.from({ length: count }, (_, index) => [nameOf(index), `F${index}__c`]),
      ),
    });
    expect(problemsOf(many(61, (index) => `map${index}.a`))).toContain('61 attributes, in 61 maps');
    expect(problemsOf(many(113, (index) => `map.a${index}`))).toContain('113 attributes, in 1 maps');
    expect(problemsOf(many(86, (index) => `a.b.c.d${index}`))).toContain('86 attributes, in 3 maps');
    expect(problemsOf(many(MAX_COMPARED_ATTRIBUTES + 1, (index) => `a${index}`))).toContain(
      'has 131 attributes',
    );
  });
});
