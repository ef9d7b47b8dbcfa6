import { describe, expect, test } from '@jest/globals';
import { isValueQueryCondition, parseQuery, type WhereClause } from '@jetstreamapp/soql-parser-js';
import fc from 'fast-check';
import { filterProblem } from '../../../../../infra/sync-config/filter.ts';
import { filterFields } from '../../../../../shared/sync/mapping/check/filter-fields.ts';
import { aField, anObject, findingsOf } from './an-object.ts';

describe('the fields of a filter', () => {
  test.each([
    ["Title = 'CEO'", ['Title']],
    ["Title = 'a AND Email = b' OR NOT (Email LIKE 'x\\'(%')", ['Title', 'Email']],
    ["Title NOT IN ('a', 'b') AND Tags__c INCLUDES ('x;y', 'z')", ['Title', 'Tags__c']],
    ["Account.Owner.Name = 'Ann' AND Contact.Title != null", ['Account.Owner.Name', 'Contact.Title']],
    ['CreatedDate >= 2024-01-31T12:00:00+01:00 AND Amount > -1.5', ['CreatedDate', 'Amount']],
    ['Amount > USD5000 AND IsActive = true', ['Amount', 'IsActive']],
    ["DISTANCE(Place__c, GEOLOCATION(37.7, -122.4), 'mi') < 20 AND Title != ''", ['Place__c', 'Title']],
    ['CALENDAR_YEAR(convertTimezone(CreatedDate)) = 2024', ['CreatedDate']],
    // Values that begin like a name are no fields, behind a function or in a list either.
    ['DAY_ONLY(CreatedDate) != null AND Amount > 1', ['CreatedDate', 'Amount']],
    ['Amount IN (USD5000, EUR10) AND Title = null', ['Amount', 'Title']],
    ['Amount not in (USD5000, EUR10) AND Title = null', ['Amount', 'Title']],
    ["((Title = 'a' and (Email = 'b' or Title = 'c')))", ['Title', 'Email']],
  ])('%s', (condition, fields) => {
    expect(filterProblem(condition, 'Contact')).toBeUndefined();
    expect(filterFields(condition)).toEqual(fields);
  });

  test('are those that the parser finds', () => {
    const path = fc.constantFrom(
      'Title',
      'Account.Name',
      'And__c',
      'In__c',
      'Not_Null__c',
      'Owner.Profile.Name',
    );
    const text = fc
      .string({ maxLength: 12 })
      .map((raw) => `'${raw.replace(/[\\']/g, '\\$&').replace(/[\n\r\t]/g, ' ')}'`);
    const value = fc.oneof(
      text,
      fc.integer().map(String),
      fc.constantFrom('null', 'true', '2024-01-31', '1.5'),
    );
    const comparison = fc.oneof(
      fc.tuple(path, fc.constantFrom('=', '!=', '<>', '<=', '>'), value).map((parts) => parts.join(' ')),
      fc.tuple(path, fc.constantFrom('=', '!=', '>='), value).map((parts) => parts.join('')),
      fc
        .tuple(
          path,
          fc.constantFrom('IN', 'NOT IN', 'in', 'INCLUDES'),
          fc.array(text, { minLength: 1, maxLength: 3 }),
        )
        .map(([field, operator, list]) => `${field} ${operator} (${list.join(', ')})`),
      fc.tuple(path, text).map(([field, pattern]) => `${field} LIKE ${pattern}`),
    );
    const condition = fc.letrec<{ any: string }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        comparison,
        fc
          .tuple(tie('any'), fc.constantFrom('AND', 'OR'), tie('any'))
          .map(([a, op, b]) => `(${a}) ${op} (${b})`),
        tie('any').map((inner) => `NOT (${inner})`),
      ),
    })).any;

    fc.assert(
      fc.property(condition, (soql) => {
        expect(new Set(filterFields(soql))).toEqual(new Set(parsedFields(soql)));
      }),
      { numRuns: 300 },
    );
  });
});

/** The fields by the parser. */
const parsedFields = (condition: string): string[] => {
  const { where } = parseQuery(`SELECT Id FROM Contact WHERE ${condition}`);
  return where ? fieldsIn(where) : [];
};

const fieldsIn = (where: WhereClause): string[] => {
  const { left } = where;
  const own = left !== null && 'field' in left && !isValueQueryCondition(left) ? [left.field] : [];
  return [...own, ...('right' in where && where.right ? fieldsIn(where.right) : [])];
};

describe('a filter', () => {
  const account = aField('AccountId', { relationshipName: 'Account' });

  test('that names what is there is fine, in any case', () => {
    expect(findingsOf({ filter: "TITLE = 'a' AND Contact.Email != ''" })).toEqual([]);
  });

  test('that names what nobody can see stops the mapping', () => {
    expect(findingsOf({ filter: "Gone__c = 'a'" })).toEqual(['FILTER_FIELD_NOT_SEEN stops filter']);
    expect(findingsOf({ filter: "Account.Name = 'a'" })).toEqual(['FILTER_FIELD_NOT_SEEN stops filter']);
  });

  test('that names a field of which no condition may speak stops the mapping', () => {
    const sObject = anObject([aField('Note__c', { filterable: false })]);

    expect(findingsOf({ filter: "Note__c = 'a'" }, sObject)).toEqual(['FILTER_FIELD_UNUSABLE stops filter']);
  });

  test('that names a field of a parent is left to Salesforce, and says so', () => {
    expect(findingsOf({ filter: "Account.Name = 'a'" }, anObject([account]))).toEqual([
      'FILTER_PATH_UNCHECKED notice filter',
    ]);
  });
});
