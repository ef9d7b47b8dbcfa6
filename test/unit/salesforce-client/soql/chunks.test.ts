import { describe, expect, test } from '@jest/globals';
import { parseQuery } from '@jetstreamapp/soql-parser-js';
import fc from 'fast-check';
import { MAX_QUERY_BYTES, soqlChunks } from '../../../../shared/salesforce-client/soql/chunks.ts';
import {
  id,
  like,
  type SoqlValue,
  soql,
  trustedCondition,
} from '../../../../shared/salesforce-client/soql/soql.ts';
import { anyText, onlyCondition, textOf } from './parsed-back.ts';

const byEmail = (emails: readonly string[]) => [
  ...soqlChunks`SELECT Id FROM Contact WHERE Email IN ${emails}`,
];
/** As it travels: the parser of addresses encodes quotes too. */
const addressBytes = (query: unknown) =>
  new URL(`https://x/?q=${encodeURIComponent(String(query))}`).search.length - '?q='.length;

describe('a list of any length', () => {
  test('becomes queries that each fit into a request line, and together ask for all of it in its order', () => {
    const emails = Array.from({ length: 5_000 }, (_, index) => `someone.${index}+tag@example.com`);

    const queries = byEmail(emails);

    expect(queries.length).toBeGreaterThan(10);
    for (const query of queries) expect(addressBytes(query)).toBeLessThanOrEqual(MAX_QUERY_BYTES);
    // Each but the last is as full as it can be.
    for (const query of queries.slice(0, -1))
      expect(addressBytes(query)).toBeGreaterThan(MAX_QUERY_BYTES - 100);
    const asked = queries.flatMap((query) => onlyCondition(query).value as string[]);
    expect(asked.map((one) => textOf(one))).toEqual(emails);
  });

  test('asks for each of its values exactly once', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 300 }), (texts) => {
        const queries = byEmail(texts);
        const asked = queries.flatMap((query) => onlyCondition(query).value as string[]);
        expect(asked.map((one) => textOf(one))).toEqual([...new Set(texts)]);
        expect(queries.every((query) => addressBytes(query) <= MAX_QUERY_BYTES)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('counts bytes as they travel, not characters', () => {
    const foxes = Array.from({ length: 400 }, (_, index) => `${'🦊'.repeat(20)}${index}`);

    for (const query of byEmail(foxes)) expect(addressBytes(query)).toBeLessThanOrEqual(MAX_QUERY_BYTES);
  });

  test('of ids, beside other values, keeps them in each query', () => {
    const ids = Array.from({ length: 1_000 }, (_, index) =>
      id(`0030P00000${String(index).padStart(5, '0')}`),
    );

    const queries = [
      ...soqlChunks`SELECT Id FROM Contact WHERE Name LIKE ${like`A%`} AND Id IN ${ids} AND IsDeleted = ${false} ORDER BY Id`,
    ];

    expect(queries.length).toBeGreaterThan(1);
    for (const query of queries) {
      expect(parseQuery(query.toString())).toMatchObject({ orderBy: [{ field: 'Id' }] });
      expect(query.toString()).toMatch(/LIKE 'A%' AND Id IN \('0030P.* AND IsDeleted = false ORDER BY Id$/);
    }
  });

  test('that is empty asks nothing', () => {
    expect(byEmail([])).toEqual([]);
  });
});

const tag = (strings: readonly string[], ...values: readonly SoqlValue[]) => [
  ...soqlChunks(Object.freeze(Object.assign([...strings], { raw: strings })), ...values),
];

describe('chunks are not refused', () => {
  test.each<[string, string[], SoqlValue[]]>([
    ['for words in a text', ['WHERE B = ', ' AND A IN ', ''], ["not 'or' LIMIT (SELECT", ['a']]],
    ['for words in a piece’s text', ['WHERE ', ' AND A IN ', ''], [soql`B = ${'this OR NOT that'}`, ['a']]],
    ['for what is in brackets of its own', ['WHERE (B = 1 OR NOT C = 2) AND A IN ', ''], [['a']]],
    ['for brackets round the list', ['WHERE B = 1 AND ((A IN ', ' AND C = 2))'], [['a']]],
    [
      'for a subquery beside it',
      ['SELECT Id, (SELECT Id FROM Contacts LIMIT 5) FROM Account WHERE A IN ', ''],
      [['a']],
    ],
    ['for names that hold such words', ['SELECT Order_Limit__c FROM Note WHERE Not_Or__c IN ', ''], [['a']]],
  ])('%s', (_, strings, values) => {
    expect(tag(strings, ...values)).toHaveLength(1);
  });
});

describe('chunks are refused', () => {
  const APART = 'around its list';
  test.each<[string, string[], unknown[], string]>([
    ['without a list', ['SELECT Id FROM Contact WHERE Email = ', ''], ['a'], 'exactly one list'],
    ['with two lists', ['WHERE A IN ', ' AND B IN ', ''], [['a'], ['b']], 'exactly one list'],
    ['with the list elsewhere', ['WHERE A INCLUDES ', ''], [['a']], 'must follow IN'],
    ['with NOT IN', ['WHERE A NOT IN ', ''], [['a']], APART],
    ['with NOT round it', ['WHERE NOT (A IN ', ')'], [['a']], APART],
    ['with NOT beside it', ["WHERE NOT B = 'x' AND A IN ", ''], [['a']], 'into brackets'],
    ['with OR beside it', ['WHERE A IN ', ' OR B = 1'], [['a']], APART],
    ['with OR round its brackets', ["WHERE C = 'x' OR (A IN ", ' AND B = 1)'], [['a']], APART],
    ['with a limit', ['WHERE A IN ', ' LIMIT 10'], [['a']], APART],
    ['with a count', ['SELECT COUNT() FROM A WHERE A IN ', ''], [['a']], APART],
    ['with a count of what differs', ['SELECT COUNT_DISTINCT(B) FROM A WHERE A IN ', ''], [['a']], APART],
    ...['limit 5', 'offset 5', 'OFFSET 5', 'group  by A', 'Group By A'].map(
      (end): [string, string[], unknown[], string] => [
        `with ${end}`,
        ['WHERE A IN ', ` ${end}`],
        [['a']],
        APART,
      ],
    ),
    ...['SUM (A)', 'AVG(A)', 'min(A)', 'MAX (A)', 'COUNT (Id)'].map(
      (what): [string, string[], unknown[], string] => [
        `with ${what}`,
        [`SELECT ${what} FROM A WHERE A IN `, ''],
        [['a']],
        APART,
      ],
    ),
    ['in a subquery', ['SELECT Id FROM A WHERE Id IN (SELECT A FROM B WHERE C IN ', ')'], [['a']], APART],
    ['with groups', ['WHERE A IN ', ' GROUP BY A'], [['a']], APART],
    ['with a list in the list', ['WHERE A IN ', ''], [[['a']]], 'cannot stand in a query'],
    [
      'with names that no request line holds',
      [`SELECT ${'A,'.repeat(6_000)} FROM A WHERE A IN `, ''],
      [['a']],
      'round the list',
    ],
    [
      'with brackets as deep as no request line holds',
      ['WHERE ', ' AND A IN ', ''],
      [trustedCondition(`${'('.repeat(9_000)}A = 1${')'.repeat(9_000)}`), ['a']],
      'round the list',
    ],
    [
      'with a value that no request line holds',
      ['WHERE A IN ', ''],
      [['🦊'.repeat(1_900)]],
      'A value is too long',
    ],
    ['with a value over 4,000 characters', ['WHERE A IN ', ''], [['x'.repeat(4_001)]], 'at most 4000'],
  ])('%s', (_, strings, values, message) => {
    expect(() => tag(strings, ...(values as SoqlValue[]))).toThrow(
      expect.objectContaining({ name: 'SoqlError', message: expect.stringContaining(message) }),
    );
  });

  test('with a limit that a piece brings', () => {
    expect(() => tag(['WHERE A IN ', ' ', ''], ['a'], soql`LIMIT 1`)).toThrow(TypeError);
  });
});
