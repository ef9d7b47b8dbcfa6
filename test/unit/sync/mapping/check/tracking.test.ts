import { describe, expect, test } from '@jest/globals';
import { systemFieldsOf, trackingOf } from '../../../../../shared/sync/mapping/check/tracking.ts';
import { anObject, checked, findingsOf, without } from './an-object.ts';

const READ = { direction: 'from-salesforce' };
const history = without(
  anObject([], { name: 'ContactHistory', createable: false, updateable: false }),
  'SystemModstamp',
  'LastModifiedDate',
);
const share = without(anObject([], { name: 'ContactShare' }), 'SystemModstamp', 'CreatedDate');
const user = without(anObject([], { name: 'User' }), 'IsDeleted');

describe('how an object is followed', () => {
  test('is not kept where it is the usual way', () => {
    expect(checked().schema).not.toHaveProperty('tracking');
    expect(findingsOf()).toEqual([]);
  });

  test('without IsDeleted, no query names it, and deletions are not seen', () => {
    const { schema } = checked(READ, user);

    expect(schema.tracking).toEqual({
      stamp: 'SystemModstamp',
      modified: 'LastModifiedDate',
      tellsDeletions: false,
    });
    expect(systemFieldsOf(schema.tracking ?? never())).toEqual(['Id', 'SystemModstamp', 'LastModifiedDate']);
    expect(findingsOf(READ, user)).toEqual(['DELETIONS_NOT_SEEN notice sfObject']);
  });

  test('without SystemModstamp, is by LastModifiedDate', () => {
    expect(trackingOf(share)).toMatchObject({ stamp: 'LastModifiedDate', modified: 'LastModifiedDate' });
    expect(findingsOf(READ, share)).toEqual(['STAMP_MISSES_CHANGES notice sfObject']);
  });

  test('with CreatedDate alone, is by that where records never change', () => {
    expect(trackingOf(history)).toMatchObject({ stamp: 'CreatedDate', modified: 'CreatedDate' });
    expect(systemFieldsOf(trackingOf(history) ?? never())).toEqual(['Id', 'CreatedDate', 'IsDeleted']);
    expect(findingsOf(READ, history)).toEqual(['STAMP_MISSES_CHANGES notice sfObject']);
  });

  test('with CreatedDate alone, is not at all where they may be changed', () => {
    expect(findingsOf(READ, { ...history, updateable: true })).toEqual([
      'OBJECT_NOT_FOLLOWED stops sfObject',
    ]);
  });

  test.each([
    ['User', user],
    ['ContactShare', share],
  ])('keeps %s from being written', (_name, sObject) => {
    expect(findingsOf({}, sObject)).toEqual(['OBJECT_ONLY_READ stops sfObject']);
  });
});

const never = (): never => {
  throw new Error('it was there a line before');
};
