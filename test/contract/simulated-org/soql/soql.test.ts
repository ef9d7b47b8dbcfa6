import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SimulatedOrg } from '../../../../simulated-org/simulated-org.ts';
import { soqlToSql } from '../../../../simulated-org/soql/soql-to-sql.ts';
import { anOrg, call } from '../an-org.ts';

/** Writes a SOQL string as the platform's rules say: the backslash first, then the quote. */
const literal = (value: string): string =>
  `'${value
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')}'`;

const NOW = Date.parse('2024-05-15T12:00:00Z');
const translate = (soql: string) => soqlToSql(soql, { nowMs: NOW });

describe('a string in SOQL', () => {
  const anyText = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom("'", '\\', '"', '%', '_', ' OR ', '--', ';', '\n', '\r', ')', 'é', '\u0000'),
    }),
  );

  test('never changes the structure of a query, and arrives as it was', () => {
    const query = (value: string): string =>
      `SELECT Id FROM Contact WHERE (LastName = ${literal(value)} OR Title != ${literal(value)}) AND Email IN ('a@b.c', ${literal(value)})`;
    const model = translate(query('x'));

    fc.assert(
      fc.property(
        anyText.filter((text) => text !== ''),
        (value) => {
          const plan = translate(query(value));
          expect(plan.main.sql).toBe(model.main.sql);
          expect(plan.main.params).toEqual([value, value, 'a@b.c', value]);
        },
      ),
    );
  });

  test('finds exactly the row that holds it', async () => {
    const simulated = await anOrg({ accounts: 0, contacts: 0 });
    fc.assert(
      fc.property(
        anyText.filter(
          (text) => text.trim() === text && text !== '' && text.length <= 80 && !text.includes('\r'),
        ),
        (value) => {
          const id = simulated.org.insert('Contact', { LastName: value });
          const found = simulated.org.select(`SELECT Id FROM Contact WHERE LastName = ${literal(value)}`);
          expect(found.map((record) => record.Id)).toContain(id);
          simulated.org.delete('Contact', id);
        },
      ),
      { numRuns: 50 },
    );
    await simulated.close();
  });

  test.each(["'\\q'", "'\\x41'", "'\\%'", "'100\\_'"])('refuses the escape in %s', (text) => {
    expect(() => translate(`SELECT Id FROM Contact WHERE LastName = ${text}`)).toThrow('MALFORMED_QUERY');
  });
});

describe('queries', () => {
  let simulated: SimulatedOrg;

  beforeAll(async () => {
    simulated = await anOrg({ accounts: 0, contacts: 0 });
    const { org } = simulated;
    org.clock.freeze();
    org.clock.set(NOW);
    const acme = org.insert('Account', { Name: 'Ácme', Rating: 'Hot' });
    org.insert('Contact', {
      LastName: 'Adams',
      Score__c: 1,
      Birthdate: '2000-02-29',
      AccountId: acme,
      Title: '50% off',
    });
    org.clock.advance(24 * 60 * 60_000);
    org.insert('Contact', {
      LastName: 'BECK',
      Score__c: 2,
      Opted_In__c: true,
      Sync_Key__c: 'Key',
      Title: '50 off',
    });
    org.insert('Contact', { LastName: 'Öz', AccountId: acme });
  });
  afterAll(() => simulated.close());

  test.each([
    ["LastName = 'adams'", ['Adams']],
    ["LastName = 'öZ'", ['Öz']],
    ["LastName != 'adams'", ['BECK', 'Öz']],
    ['Score__c = null', ['Öz']],
    ['Score__c != 1', ['BECK', 'Öz']],
    ['Score__c < 5', ['Adams', 'BECK']],
    ['NOT Score__c < 2', ['BECK', 'Öz']],
    ['Score__c IN (1, 2)', ['Adams', 'BECK']],
    ['Score__c NOT IN (1)', ['BECK', 'Öz']],
    ['Opted_In__c = TRUE', ['BECK']],
    ["LastName LIKE 'b%'", ['BECK']],
    ["LastName LIKE '_z'", ['Öz']],
    ["Title LIKE '50\\% %'", ['Adams']],
    ["(NOT LastName LIKE '%e%') AND Score__c != null", ['Adams']],
    ["(LastName = 'Adams' AND Score__c = 2) OR LastName = 'Öz'", ['Öz']],
    ["Account.Name = 'ácme'", ['Adams', 'Öz']],
    ['Account.Name = null', ['BECK']],
    ["AccountId IN (SELECT Id FROM Account WHERE Rating = 'hot')", ['Adams', 'Öz']],
    ['Id NOT IN (SELECT ReportsToId FROM Contact)', ['Adams', 'BECK', 'Öz']],
    ["Sync_Key__c = 'Key'", ['BECK']],
    ["Sync_Key__c = 'KEY'", []],
    ['Birthdate = 2000-02-29', ['Adams']],
    ['CreatedDate < 2024-05-16T00:00:00Z', ['Adams']],
    ['CreatedDate >= 2024-05-16T14:00:00+02:00', ['BECK', 'Öz']],
    ['CreatedDate = TODAY', ['BECK', 'Öz']],
    ['CreatedDate = YESTERDAY', ['Adams']],
    ['CreatedDate = LAST_N_DAYS:1', ['Adams', 'BECK', 'Öz']],
    ['CreatedDate < TODAY', ['Adams']],
  ])('WHERE %s', (where, names) => {
    const rows = simulated.org.select(`SELECT LastName FROM Contact WHERE ${where} ORDER BY CreatedDate, Id`);

    expect(rows.map((row) => row.LastName)).toEqual(names);
  });

  test.each([
    ['Score__c', ['Öz', 'Adams', 'BECK']],
    ['Score__c DESC', ['Öz', 'BECK', 'Adams']],
    ['Score__c DESC NULLS LAST', ['BECK', 'Adams', 'Öz']],
    ['Account.Name NULLS LAST, LastName DESC', ['Öz', 'Adams', 'BECK']],
    ['LastName LIMIT 1 OFFSET 1', ['BECK']],
  ])('ORDER BY %s', (order, names) => {
    const rows = simulated.org.select(`SELECT LastName FROM Contact ORDER BY ${order}`);

    expect(rows.map((row) => row.LastName)).toEqual(names);
  });

  test.each([
    ['SELECT Id FRM Contact', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE', 'MALFORMED_QUERY'],
    ["SELECT Id FROM Contact WHERE Name = 'a' AND Title = 'b' OR Title = 'c'", 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE Id IN ()', 'MALFORMED_QUERY'],
    ['SELECT FIELDS(ALL) FROM Contact', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Nothing__c', 'INVALID_TYPE'],
    ['SELECT Nothing__c FROM Contact', 'INVALID_FIELD'],
    ["SELECT Id FROM Contact WHERE Nothing__c = 'x'", 'INVALID_FIELD'],
    ['SELECT Nobody.Name FROM Contact', 'INVALID_FIELD'],
    ['SELECT Id, Id FROM Contact', 'INVALID_FIELD'],
    ["SELECT Id FROM Contact WHERE CreatedDate > '2024-01-01T00:00:00Z'", 'INVALID_FIELD'],
    ['SELECT Id FROM Contact WHERE Birthdate = 2024-02-30', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE Birthdate IN (2024-02-29, 2023-02-29)', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE Birthdate = 2024-13-01', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE CreatedDate > 2024-02-30T00:00:00Z', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE CreatedDate > 2024-02-31T00:00:00.000+02:00', 'MALFORMED_QUERY'],
    ['SELECT Id FROM Contact WHERE LastName = 5', 'INVALID_FIELD'],
    ["SELECT Id FROM Contact WHERE Score__c = '5'", 'INVALID_FIELD'],
    ["SELECT Id FROM Contact WHERE Id = 'short'", 'INVALID_QUERY_FILTER_OPERATOR'],
    [`SELECT Id FROM Contact WHERE LastName = '${'x'.repeat(4_001)}'`, 'MALFORMED_QUERY'],
  ])('refuses %s', async (soql, errorCode) => {
    const token = simulated.org.issueTokens().access_token ?? '';

    const reply = await call(simulated, token, 'GET', `/query?q=${encodeURIComponent(soql)}`);

    expect([reply.status, reply.body[0].errorCode]).toEqual([400, errorCode]);
  });

  test.each([
    'SELECT COUNT(Id) FROM Contact GROUP BY LastName HAVING COUNT(Id) > 1',
    'SELECT toLabel(LeadSource) FROM Contact',
    'SELECT TYPEOF Who WHEN Contact THEN LastName END FROM Task',
    'SELECT Id FROM Contact USING SCOPE mine',
    'SELECT Id FROM Contact WHERE CALENDAR_YEAR(CreatedDate) = 2024',
    'SELECT COUNT(Id) FROM Contact GROUP BY CALENDAR_YEAR(CreatedDate)',
    'SELECT LastName, COUNT(Id) FROM Contact GROUP BY LastName ORDER BY COUNT(Id)',
    'SELECT Id FROM Contact WHERE CreatedDate = THIS_FISCAL_YEAR',
    'SELECT Id FROM Contact WHERE Score__c > 1e3',
    'SELECT Id FROM Contact ALL ROWS',
  ])('refuses what it does not know instead of ignoring it: %s', (soql) => {
    expect(() => translate(soql)).toThrow('MALFORMED_QUERY');
  });

  test('keeps a page to the rows that the first page found', async () => {
    simulated.org.settings.queryPageRows = 2;
    const token = simulated.org.issueTokens().access_token ?? '';
    const soql = encodeURIComponent('SELECT LastName FROM Contact ORDER BY LastName');
    const first = await call(simulated, token, 'GET', `/query?q=${soql}`);
    const early = simulated.org.insert('Contact', { LastName: 'Aaron' });

    const second = await call(simulated, token, 'GET', first.body.nextRecordsUrl);
    simulated.org.delete('Contact', early);

    expect(first.body).toMatchObject({ totalSize: 3, done: false });
    expect(first.body.nextRecordsUrl).toMatch(/^\/services\/data\/v59\.0\/query\/\w+-2$/);
    expect(second.body).toMatchObject({ totalSize: 3, done: true, records: [{ LastName: 'Öz' }] });
    expect(second.body).not.toHaveProperty('nextRecordsUrl');
  });

  test('shows the recycle bin only to queryAll', async () => {
    const token = simulated.org.issueTokens().access_token ?? '';
    const soql = encodeURIComponent("SELECT IsDeleted FROM Contact WHERE LastName = 'Aaron'");

    const live = await call(simulated, token, 'GET', `/query?q=${soql}`);
    const all = await call(simulated, token, 'GET', `/queryAll?q=${soql}`);

    expect(live.body.totalSize).toBe(0);
    expect(all.body.records).toMatchObject([{ IsDeleted: true }]);
  });

  test.each(['AND', 'OR'])('take a long chain of %s', (operator) => {
    const conditions = Array.from({ length: 2_500 }, (_, index) => `LastName != 'x${index}'`);

    const rows = simulated.org.select(`SELECT Id FROM Contact WHERE ${conditions.join(` ${operator} `)}`);

    expect(rows).toHaveLength(3);
  });

  test('find rows by 200 ids, keys or addresses without reading them all', () => {
    const list = Array.from({ length: 200 }, (_, index) => `'${index}'`).join();
    const ids = list.replaceAll(
      /'(\d+)'/g,
      (_, number: string) => `'003000000000${number.padStart(3, '0')}'`,
    );

    const lists = ['Sync_Key__c', 'Legacy_Key__c', 'Email'].map((name) => `${name} IN (${list})`);
    for (const where of [`Id IN (${ids})`, ...lists]) {
      const { main } = translate(`SELECT Id FROM Contact WHERE ${where}`);
      const steps = simulated.org.store.prepare(`EXPLAIN QUERY PLAN ${main.sql}`).all(...main.params);
      expect(steps.map(({ detail }) => String(detail))).toEqual([expect.stringMatching(/^SEARCH t0 USING/)]);
    }
  });

  test('refuses an address that is too long', async () => {
    const token = simulated.org.issueTokens().access_token ?? '';

    const reply = await call(simulated, token, 'GET', `/query?q=${'x'.repeat(17_000)}`);

    expect(reply.status).toBe(414);
  });
});
