import { describe, expect, test } from '@jest/globals';
import {
  allOf,
  anyOf,
  conditionOf,
  differs,
  equals,
  equalsStored,
  exists,
  isAbsent,
  isAtMost,
  isGreater,
  isNoneOf,
  projectionOf,
  queryOf,
  scanOf,
  updateOf,
} from '../../../shared/aws/expressions.ts';

describe('an update', () => {
  test('sets, adds and removes, each name and value by a placeholder', () => {
    const update = updateOf({
      set: { status: 'paused', 'a.b': null },
      setOnce: { at: 'now' },
      add: { count: 2 },
      remove: ['lease', 'size'],
    });

    expect(update).toEqual({
      UpdateExpression: 'SET #n0 = :v0, #n1 = :v1, #n2 = if_not_exists(#n2, :v2) ADD #n3 :v3 REMOVE #n4, #n5',
      ExpressionAttributeNames: {
        '#n0': 'status',
        '#n1': 'a.b',
        '#n2': 'at',
        '#n3': 'count',
        '#n4': 'lease',
        '#n5': 'size',
      },
      ExpressionAttributeValues: {
        ':v0': { S: 'paused' },
        ':v1': { NULL: true },
        ':v2': { S: 'now' },
        ':v3': { N: '2' },
      },
    });
  });

  test('leaves out what is undefined, and the set of values where there is none', () => {
    expect(updateOf({ set: { a: undefined }, remove: ['b'] })).toEqual({
      UpdateExpression: 'REMOVE #n0',
      ExpressionAttributeNames: { '#n0': 'b' },
    });
  });

  test('that changes nothing is a mistake', () => {
    expect(() => updateOf({ set: { a: undefined } })).toThrow('changes something');
  });

  test('shares its placeholders with its condition', () => {
    expect(updateOf({ set: { version: 2 } }, equals('version', 1))).toEqual({
      UpdateExpression: 'SET #n0 = :v0',
      ConditionExpression: '#n0 = :v1',
      ExpressionAttributeNames: { '#n0': 'version' },
      ExpressionAttributeValues: { ':v0': { N: '2' }, ':v1': { N: '1' } },
    });
  });
});

describe('a condition', () => {
  test.each([
    [exists('a'), 'attribute_exists(#n0)'],
    [isAbsent('a'), 'attribute_not_exists(#n0)'],
    [equals('a', 1), '#n0 = :v0'],
    [differs('a', 1), '#n0 <> :v0'],
    [isAtMost(['a', 'until'], 1), '#n0.#n1 <= :v0'],
    [isGreater('a', 1), '#n0 > :v0'],
    [isNoneOf('a', [1, 2]), 'NOT #n0 IN (:v0, :v1)'],
    [
      allOf(equals('a', 1), anyOf(exists('b'), isAbsent('a'))),
      '#n0 = :v0 AND (attribute_exists(#n1) OR attribute_not_exists(#n0))',
    ],
  ])('%# is written as %s', (condition, text) => {
    expect(conditionOf(condition).ConditionExpression).toBe(text);
  });

  test('compares with a stored value to its last digit', () => {
    const stored = { N: '0.10000000000000000000001' };

    expect(conditionOf(equalsStored('a', stored)).ExpressionAttributeValues).toEqual({ ':v0': stored });
  });

  test('on a list holds between one and a hundred values', () => {
    const numbers = (length: number) => Array.from({ length }, (_, index) => index);

    expect(() => isNoneOf('a', numbers(100))).not.toThrow();
    expect(() => isNoneOf('a', numbers(101))).toThrow('1 to 100');
    expect(() => isNoneOf('a', [])).toThrow('1 to 100');
  });
});

describe('a read', () => {
  test('names each attribute once', () => {
    expect(projectionOf(['a', 'b', 'a'])).toEqual({
      ProjectionExpression: '#n0,#n1',
      ExpressionAttributeNames: { '#n0': 'a', '#n1': 'b' },
    });
  });

  test('has one set of placeholders for key, filter and attributes', () => {
    const query = queryOf({ key: equals('pk', 'x'), filter: differs('a', 1), attributes: ['a', 'pk'] });

    expect(query).toEqual({
      KeyConditionExpression: '#n0 = :v0',
      FilterExpression: '#n1 <> :v1',
      ProjectionExpression: '#n1,#n0',
      ExpressionAttributeNames: { '#n0': 'pk', '#n1': 'a' },
      ExpressionAttributeValues: { ':v0': { S: 'x' }, ':v1': { N: '1' } },
    });
    expect(scanOf({ attributes: ['a'] })).toEqual({
      ProjectionExpression: '#n0',
      ExpressionAttributeNames: { '#n0': 'a' },
    });
  });
});
