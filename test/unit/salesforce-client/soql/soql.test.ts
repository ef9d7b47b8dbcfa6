import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  date,
  dateTime,
  id,
  identifier,
  joinSoql,
  like,
  soql,
  trustedCondition,
} from '../../../../shared/salesforce-client/soql/soql.ts';
import { anyText } from './parsed-back.ts';

describe('text in a query', () => {
  test('is always well-formed, so that it can be put into an address', () => {
    fc.assert(fc.property(anyText, (text) => soql`${text}`.toString().isWellFormed()));
  });
});

describe('values in a query', () => {
  test.each([
    [soql`${'O\'Neil \\ "x"'}`, `'O\\'Neil \\\\ "x"'`],
    [soql`${true} ${false} ${null}`, 'true false null'],
    [
      soql`${0} ${-0} ${-1.5} ${1e21} ${1.5e-7} ${-2.25e22}`,
      '0 0 -1.5 1000000000000000000000 0.00000015 -22500000000000000000000',
    ],
    [soql`${new Date('2024-01-01T01:00:00+01:00')}`, '2024-01-01T00:00:00.000Z'],
    [soql`${dateTime('2024-01-01T00:00:00.000+0000')}`, '2024-01-01T00:00:00.000Z'],
    [soql`${date('2024-02-29')}`, '2024-02-29'],
    [soql`${id('00D8H0000004dNl')}`, "'00D8H0000004dNlUAI'"],
    [soql`${[1, 'a', null]}`, "(1,'a',null)"],
    [soql`${identifier('Account.Owner.Name__c')}`, 'Account.Owner.Name__c'],
    [soql`WHERE ${joinSoql([soql`A = ${1}`, soql`B = ${'x'}`], ' AND ')}`, "WHERE A = 1 AND B = 'x'"],
  ])('writes %#', (query, text) => {
    expect(query.toString()).toBe(text);
  });

  test.each([
    ['not a number', () => soql`${Number.NaN}`],
    ['an infinity', () => soql`${Number.NEGATIVE_INFINITY}`],
    ['an empty list', () => soql`${[]}`],
    ['an invalid date', () => soql`${new Date('x')}`],
    ['a year that the platform has not', () => soql`${new Date('1600-01-01')}`],
    ['a day that does not exist', () => date('2023-02-29')],
    ['a day with a time', () => date('2023-02-28T00:00:00Z')],
    ['a time without a zone', () => dateTime('2023-02-28T00:00:00')],
    ['a time on a day that does not exist', () => dateTime('2024-02-30T00:00:00Z')],
    ['a time with more behind it', () => dateTime("2023-02-28T00:00:00Z OR Name != ''")],
    ['an id with a wrong checksum', () => id('00D8H0000004dNl1AI')],
    ['a string over 4,000 characters', () => soql`${'x'.repeat(4_001)}`],
    ['a pattern over 4,000 characters', () => like`${'x'.repeat(2_000)}%${'x'.repeat(2_000)}`],
    ['a pattern whose text is missing', () => like`${undefined as never}%`],
    ['a pattern of a number', () => like`${5 as never}%`],
    ['a query over 100,000 characters', () => soql`${Array.from({ length: 30 }, () => 'x'.repeat(3_900))}`],
    ['a value inside quotes', () => soql`WHERE Name = '${'x'}'`],
    ['a value inside quotes behind an escaped one', () => soql`WHERE Name = 'it\\'s ${'x'}'`],
    ['open quotes', () => soql`WHERE Name = 'x`],
    ['an object that looks like a piece of SOQL', () => soql`${{ toString: () => 'x OR y' } as never}`],
    ['an undefined value', () => soql`${undefined as never}`],
  ])('refuses %s', (_, build) => {
    expect(build).toThrow(TypeError);
  });

  test('says nothing of a value that it refuses', () => {
    expect(() => dateTime('secret-value')).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret') }),
    );
  });
});

test('a list holds at most 10,000 values', () => {
  const numbers = Array.from({ length: 10_001 }, (_, index) => index);

  expect(soql`N IN ${numbers.slice(1)}`.toString()).toMatch(/,10000\)$/);
  expect(() => soql`N IN ${numbers}`).toThrow('10000');
});

test('text that the template itself quotes may hold escaped quotes', () => {
  expect(soql`WHERE A = 'O\\'Brien' AND B = ${'x'}`.toString()).toBe("WHERE A = 'O\\'Brien' AND B = 'x'");
});

describe('names in a query', () => {
  test.each([
    '',
    ' ',
    'a b',
    'a-b',
    "a'b",
    'a,b',
    '1a',
    '_a',
    '.a',
    'a.',
    'a..b',
    'a\n',
    'Id FROM User',
    'select',
    'Account.null',
    'a.b.c.d.e.f.g',
    'x'.repeat(81),
    'é',
  ])('refuses %j', (name) => {
    expect(() => identifier(name)).toThrow(TypeError);
  });
});

describe('what only claims to be what it should', () => {
  const hostile = "'x' OR Name != ''";
  class Lying extends Date {
    override toISOString = () => `2024-01-01T00:00:00Z OR ${hostile}`;
  }
  class LyingList extends Array<string> {
    override map = (() => [hostile]) as never;
  }

  test.each<[string, () => unknown]>([
    ['text as a piece', () => joinSoql([hostile as never], ', ')],
    ['an object as a piece', () => joinSoql([{ toString: () => hostile } as never], ', ')],
    ['another separator', () => joinSoql([identifier('A'), identifier('B')], hostile as never)],
    ['a list as a condition', () => trustedCondition([') OR (', hostile] as never)],
    ['an object as a name', () => identifier({ split: () => ['Id'], toString: () => hostile } as never)],
    ['a list of parts as a template', () => soql([`WHERE Name = ${hostile}`] as never)],
    ['a list with holes', () => soql`WHERE Name IN ${new Array(3)}`],
  ])('is refused: %s', (_, build) => {
    expect(build).toThrow(TypeError);
  });

  test('is read by the language’s own ways', () => {
    const piece = Object.assign(soql`Name`, { toString: () => hostile });
    const list = LyingList.from(['a']);

    expect(soql`${new Lying(0)} ${list} ${piece}`.toString()).toBe("1970-01-01T00:00:00.000Z ('a') Name");
  });

  test('cannot come from a polluted prototype', () => {
    const polluted = '\u0001';
    Object.defineProperty(Object.prototype, polluted, { value: hostile, configurable: true });
    try {
      expect(soql`${`a${polluted}`}`.toString()).toBe("'a\\u0001'");
    } finally {
      Reflect.deleteProperty(Object.prototype, polluted);
    }
  });
});

describe('a condition from the configuration', () => {
  test.each([
    "Name = 'a)b'",
    "(A = 1) OR (B = 'it\\'s (')",
    'A = 1 AND (B = 2 OR (C = 3 AND D = 4))',
    'IsActive__c = true',
  ])('is taken in brackets: %s', (text) => {
    expect(trustedCondition(text).toString()).toBe(`(${text})`);
  });

  test.each(['A = 1) OR (B = 2', ')(', "A = 'x", "A = 'x\\'", '(A = 1', 'A = 1)'])(
    'cannot reach out of its brackets: %s',
    (text) => {
      expect(() => trustedCondition(text)).toThrow(TypeError);
    },
  );
});
