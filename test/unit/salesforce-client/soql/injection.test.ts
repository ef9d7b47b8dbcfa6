import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SoqlError } from '../../../../shared/salesforce-client/soql/literals.ts';
import {
  date,
  dateTime,
  id,
  identifier,
  joinSoql,
  like,
  type Soql,
  soql,
} from '../../../../shared/salesforce-client/soql/soql.ts';
import { anyText, onlyCondition, RUNS, structureOf, TEST_MS, textOf } from './parsed-back.ts';

const check = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean, numRuns = RUNS) =>
  fc.assert(fc.property(arbitrary, holds), { numRuns });
/** Fewer, where a run parses more or builds more. */
const SOME = Math.ceil(RUNS / 10);

const ID_CHARACTER = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz');
const anyTime = fc.date({ min: new Date('1700-01-01'), max: new Date('4000-12-31'), noInvalidDate: true });

/** What a builder makes, or `undefined` where it refuses as it should. */
function built(make: () => Soql): Soql | undefined {
  try {
    return make();
  } catch (error) {
    expect(error).toBeInstanceOf(SoqlError);
    return undefined;
  }
}

describe('any text', () => {
  test(
    'comes back from the parser as exactly one literal that equals it',
    () =>
      check(anyText, (text) => {
        const { literalType, value } = onlyCondition(soql`SELECT Id FROM Contact WHERE Name = ${text}`);
        return literalType === 'STRING' && textOf(value) === text;
      }),
    TEST_MS,
  );

  test(
    'comes back from a list as one literal of as many',
    () =>
      check(
        fc.array(anyText, { minLength: 1, maxLength: 5 }),
        (texts) => {
          const { value } = onlyCondition(soql`SELECT Id FROM Contact WHERE Name IN ${texts}`);
          return JSON.stringify((value as unknown[]).map((one) => textOf(one))) === JSON.stringify(texts);
        },
        SOME,
      ),
    TEST_MS,
  );

  test(
    'has no wildcard in a pattern but those of the pattern itself',
    () =>
      check(
        anyText,
        (text) => {
          const query = soql`SELECT Id FROM Contact WHERE Name LIKE ${like`%${text}_`}`;
          const pattern = textOf(onlyCondition(query).value, true);
          const inner = pattern.slice(1, -1);
          // A backslash of the text itself arrives as one, before which another escapes nothing.
          const isFree = /^(?:[^%_]|\\[%_])*$/s.test(inner);
          return (
            pattern.startsWith('%') &&
            pattern.endsWith('_') &&
            isFree &&
            inner.replaceAll(/\\([%_])/g, '$1') === text
          );
        },
        SOME,
      ),
    TEST_MS,
  );

  test(
    'changes no structure, wherever it is',
    () => {
      const build = (a: string, b: string, c: string, n: number) =>
        soql`SELECT Id, Account.Name FROM Contact WHERE (Name = ${a} OR Email IN ${[b, c]}) AND (Title LIKE ${like`${b}%`} OR Score__c > ${n}) AND IsDeleted = ${false} ORDER BY Name LIMIT 10`;
      const plain = structureOf(build('a', 'b', 'c', 1));
      check(
        fc.tuple(anyText, anyText, anyText, fc.double({ noNaN: true, noDefaultInfinity: true })),
        ([a, b, c, n]) => structureOf(build(a, b, c, n)) === structureOf(build('a', 'b', 'c', n)),
        SOME,
      );
      expect(plain).toContain('"limit":10');
    },
    TEST_MS,
  );

  test(
    'where a name is expected is one name or refused',
    () => {
      const almost = fc
        .string({ unit: fc.constantFrom(...'abzAZ019__.., \'"()\n'), maxLength: 20 })
        .map((text) => text);
      check(
        fc.oneof(anyText, almost),
        (text) => {
          const name = built(() => identifier(text));
          if (name === undefined) return true;
          const condition = onlyCondition(soql`SELECT Id FROM Contact WHERE ${name} = ${'x'}`);
          return condition.field === text && textOf(condition.value) === 'x';
        },
        RUNS,
      );
    },
    TEST_MS,
  );

  test(
    'where an id, a day or a time is expected is one or refused',
    () =>
      check(
        anyText,
        (text) =>
          [id, date, dateTime].every((make) => {
            const literal = built(() => make(text));
            return literal === undefined || /^(?:'[0-9A-Za-z]{18}'|\d[\d:.TZ-]+)$/.test(literal.toString());
          }),
        SOME,
      ),
    TEST_MS,
  );
});

describe('any value of a type', () => {
  test(
    'that is an id comes back as itself, of 18 characters',
    () =>
      check(
        fc.string({ unit: ID_CHARACTER, minLength: 15, maxLength: 15 }),
        (id15) => {
          const { value, literalType } = onlyCondition(soql`SELECT Id FROM Contact WHERE Id = ${id(id15)}`);
          return literalType === 'STRING' && textOf(value).length === 18 && textOf(value).startsWith(id15);
        },
        SOME,
      ),
    TEST_MS,
  );

  test(
    'that is a day or a time comes back as itself, unquoted',
    () =>
      check(
        anyTime,
        (time) => {
          const day = time.toISOString().slice(0, 10);
          const days = onlyCondition(soql`SELECT Id FROM Contact WHERE Birthdate = ${date(day)}`);
          const times = [time, dateTime(time.toISOString())].map((value) =>
            onlyCondition(soql`SELECT Id FROM Contact WHERE CreatedDate >= ${value}`),
          );
          return (
            days.literalType === 'DATE' &&
            days.value === day &&
            times.every((one) => one.literalType === 'DATETIME' && one.value === time.toISOString())
          );
        },
        SOME,
      ),
    TEST_MS,
  );

  test(
    'that is a number comes back as that number',
    () =>
      check(
        fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.maxSafeInteger()),
        (number) => {
          const { value, literalType } = onlyCondition(
            soql`SELECT Id FROM Contact WHERE Score__c = ${number}`,
          );
          return /^(?:INTEGER|DECIMAL)/.test(literalType) && Number(value) === number;
        },
        SOME,
      ),
    TEST_MS,
  );

  test(
    'that is a name stays one, wherever it is',
    () => {
      const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,10}(?:__c)?$/);
      check(
        fc.array(name, { minLength: 1, maxLength: 6 }),
        (parts) => {
          const path = built(() => identifier(parts.join('.')));
          if (path === undefined) return true;
          const fields = joinSoql([identifier('Id'), path], ', ');
          const query = soql`SELECT ${fields} FROM Contact ORDER BY ${path} ASC`;
          return JSON.parse(structureOf(query)).fields.length === 2;
        },
        SOME,
      );
    },
    TEST_MS,
  );

  test.each(
    'As ASC Desc Nulls By Limit Offset For End When Then Else And Or Not Null Where From Select Having Order Group Case Update First Last View Scope'.split(
      ' ',
    ),
  )('that is the word %s is one field or refused', (word) => {
    const name = built(() => identifier(word));
    if (name === undefined) return;
    const fields = joinSoql([identifier('Id'), name], ', ');

    expect(JSON.parse(structureOf(soql`SELECT ${fields} FROM Contact`)).fields).toMatchObject([
      { field: 'Id' },
      { field: word },
    ]);
    expect(JSON.parse(structureOf(soql`SELECT Id FROM ${name} LIMIT 1`))).toMatchObject({
      sObject: word,
      limit: 1,
    });
  });
});
