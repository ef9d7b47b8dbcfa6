import { expect, test } from '@jest/globals';
import type { MappingTemplate } from '../../../../shared/contracts/sync-config.ts';
import { identityOf, identityProblems } from '../../../../shared/sync/mapping/identity.ts';

const first = { localTable: 'contacts', sfObject: 'Contact', externalIdField: 'Ext__c' };
const aTemplate = (change: Partial<typeof first> = {}) =>
  ({ ...first, fieldMap: { email: { field: 'Email' } }, ...change }) as unknown as MappingTemplate;

test('a mapping is its table, its object and its external id field', () => {
  expect(identityOf(aTemplate())).toEqual(first);
  expect(identityProblems(aTemplate(), 'contact', first)).toEqual([]);
});

test('API names that differ in case alone are the same, names of tables are not', () => {
  expect(
    identityProblems(aTemplate({ sfObject: 'CONTACT', externalIdField: 'eXT__c' }), 'contact', first),
  ).toEqual([]);
  expect(identityProblems(aTemplate({ localTable: 'Contacts' }), 'contact', first)).toHaveLength(1);
});

test.each([
  ['localTable', 'people'],
  ['sfObject', 'Lead'],
  ['externalIdField', 'Other__c'],
] as const)('a template of another %s is refused, with what it was and how to go on', (part, now) => {
  expect(identityProblems(aTemplate({ [part]: now }), 'contact', first)).toEqual([
    `mappings.contact.${part}: was ${first[part]} and is now ${now}, but the records that this mapping has linked stay what they are. Use a new mapping name, or put the old value back.`,
  ]);
});
