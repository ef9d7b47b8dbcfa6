import { describe, expect, test } from '@jest/globals';
import { isQueryValid } from '@jetstreamapp/soql-parser-js';
import { bulkSelectionQuery, countQuery, selectionQuery } from '../../../shared/salesforce/selection.ts';
import type { RecordSelection } from '../../../shared/use-cases/ports/salesforce-org.ts';

const selection = (change: Partial<RecordSelection> = {}): RecordSelection => ({
  sObject: 'Contact',
  fields: ['LastName', 'Email'],
  where: { kind: 'all' },
  ...change,
});
const FIELDS = 'Id, SystemModstamp, LastModifiedDate, IsDeleted, LastName, Email';

describe('the query of a selection', () => {
  test.each<[string, RecordSelection, string]>([
    ['everything', selection(), `SELECT ${FIELDS} FROM Contact`],
    [
      'changes in their order',
      selection({ where: { kind: 'changed-since', since: '2024-01-01T00:00:00.000+0000' } }),
      `SELECT ${FIELDS} FROM Contact WHERE SystemModstamp >= 2024-01-01T00:00:00.000Z ORDER BY SystemModstamp ASC, Id ASC`,
    ],
    [
      'records by id',
      selection({ where: { kind: 'ids', ids: ['00D8H0000004dNl'] } }),
      `SELECT ${FIELDS} FROM Contact WHERE Id IN ('00D8H0000004dNlUAI')`,
    ],
    [
      'records by external id',
      selection({ where: { kind: 'external-ids', field: 'Key__c', values: ["o'neil"] } }),
      `SELECT ${FIELDS} FROM Contact WHERE Key__c IN ('o\\'neil')`,
    ],
    [
      'a filter in brackets beside the condition',
      selection({
        where: { kind: 'changed-since', since: '2024-01-01T00:00:00Z' },
        filter: "A__c = 1 OR B__c = ')'",
      }),
      `SELECT ${FIELDS} FROM Contact WHERE SystemModstamp >= 2024-01-01T00:00:00.000Z AND (A__c = 1 OR B__c = ')') ORDER BY SystemModstamp ASC, Id ASC`,
    ],
  ])('reads %s', (_, input, text) => {
    expect(selectionQuery(input).toString()).toBe(text);
    expect(isQueryValid(text)).toBe(true);
  });

  test('names no field twice, in whatever case it is asked for', () => {
    const query = selectionQuery(
      selection({ fields: ['id', 'Email', 'EMAIL', 'systemmodstamp', 'LastName'] }),
    );

    expect(query.toString()).toBe(
      'SELECT Id, SystemModstamp, LastModifiedDate, IsDeleted, Email, LastName FROM Contact',
    );
  });

  test('has no order for Bulk API, and no fields for a count', () => {
    const changed = selection({ where: { kind: 'changed-since', since: '2024-01-01T00:00:00Z' } });

    expect(bulkSelectionQuery(changed).toString()).not.toContain('ORDER BY');
    expect(countQuery(changed).toString()).toBe(
      'SELECT COUNT() FROM Contact WHERE SystemModstamp >= 2024-01-01T00:00:00.000Z',
    );
  });

  test.each<[string, Partial<RecordSelection>]>([
    ['a field that is not a name', { fields: ['Id FROM User'] }],
    ['an sObject that is not a name', { sObject: 'Contact WHERE' }],
    ['an id that is not a Salesforce id', { where: { kind: 'ids', ids: ["x' OR Id != '"] } }],
    ['a filter that leaves its brackets', { filter: 'A = 1) OR (B = 2' }],
    [
      'more than 200 records',
      { where: { kind: 'external-ids', field: 'Key__c', values: Array(201).fill('x') } },
    ],
    ['no record', { where: { kind: 'ids', ids: [] } }],
  ])('is refused for %s', (_, change) => {
    expect(() => selectionQuery(selection(change))).toThrow();
  });
});
