import { describe, expect, test } from '@jest/globals';
import { filterProblem } from '../../../infra/sync-config/filter.ts';

describe('a filter', () => {
  test.each([
    "Industry = 'Energy'",
    "(Industry = 'Energy' OR Rating != null) AND NOT IsActive__c = false",
    'CreatedDate >= 2024-01-01T00:00:00Z',
    "Name = 'TODAY' OR Title IN ('LAST_N_DAYS:5', 'YESTERDAY')",
    'CALENDAR_YEAR(CreatedDate) >= 2020',
    "Products__c INCLUDES ('a;b', 'c')",
    "Name LIKE ') OR (%'",
    "Id IN ('001000000000001AAA')",
  ])('may be the condition %s', (filter) => {
    expect(filterProblem(filter, 'Contact')).toBeUndefined();
  });

  test.each([
    ['x = 1) OR (y = 2', 'is not a SOQL condition'],
    ['x = 1) LIMIT (1', 'is not a SOQL condition'],
    ['(x = 1', 'is not a SOQL condition'],
    ["x = 'open", 'is not a SOQL condition'],
    ['x = :bind', 'is not a SOQL condition'],
    ['x = 1 ALL ROWS', 'is not a SOQL condition'],
    ['x = 1; SELECT Id FROM User', 'is not a SOQL condition'],
    ['x = 1 /* and more */', 'is not a SOQL condition'],
    ['x = 1 // and more', 'is not a SOQL condition'],
    ['   ', 'is not a SOQL condition'],
    ['WHERE x = 1', 'is not a SOQL condition'],
    ['x = 1 LIMIT 5', 'leave out limit'],
    ['x = 1 LIMIT 5 OFFSET 5', 'leave out limit, offset'],
    ['x = 1 ORDER BY Name', 'leave out orderBy'],
    ['x = 1 GROUP BY Name', 'leave out groupBy'],
    ['x = 1 WITH SECURITY_ENFORCED', 'leave out withSecurityEnforced'],
    ['x = 1 FOR UPDATE', 'leave out for'],
    ['x = 1 UPDATE TRACKING', 'leave out update'],
    ['Id IN (SELECT AccountId FROM Contact)', 'must not hold a subquery'],
    ['x = 1 AND (y = 2 OR Id NOT IN (SELECT AccountId FROM Contact))', 'must not hold a subquery'],
    ['NOT Id IN (SELECT AccountId FROM Contact)', 'must not hold a subquery'],
    ['CreatedDate = LAST_N_DAYS:5', 'must not depend on the day it is read (LAST_N_DAYS:5)'],
    ['x = 1 AND NOT (y = 2 OR D__c > last_week)', '(last_week)'],
    ['D__c IN (2024-01-01, TODAY) OR E__c < N_YEARS_AGO:2', '(TODAY, N_YEARS_AGO:2)'],
    ['D__c NOT IN (YESTERDAY)', '(YESTERDAY)'],
    ['DAY_ONLY(CreatedDate) = THIS_QUARTER', '(THIS_QUARTER)'],
  ])('must not be %s', (filter, reason) => {
    expect(filterProblem(filter, 'Contact')).toContain(reason);
  });
});
