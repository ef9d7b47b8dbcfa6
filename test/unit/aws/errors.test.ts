import { describe, expect, test } from '@jest/globals';
import { attempt, LostRace, StoreError, toStoreError } from '../../../shared/aws/errors.ts';
import { SyncError } from '../../../shared/contracts/next.ts';
import { InvariantError } from '../../../shared/sync/assert.ts';

const serviceError = (name: string, httpStatusCode?: number): Error =>
  Object.assign(new Error('quotes a value: s3cret'), {
    name,
    ...(httpStatusCode !== undefined && { $metadata: { httpStatusCode } }),
  });

describe('what an AWS service threw', () => {
  test.each([
    ['ProvisionedThroughputExceededException', 400, 'Throttled', 'retry'],
    ['ThrottlingException', 400, 'Throttled', 'retry'],
    ['AnythingElse', 429, 'Throttled', 'retry'],
    ['ConditionalCheckFailedException', 400, 'LostRace', 'reread'],
    ['TransactionConflictException', 400, 'LostRace', 'reread'],
    ['InternalServerError', 500, 'StoreUnavailable', 'retry'],
    ['TimeoutError', undefined, 'StoreUnavailable', 'retry'],
    ['AccessDeniedException', 400, 'Refused', 'stop'],
    ['ValidationException', 400, 'Refused', 'stop'],
  ])('as %s with status %s is %s, and next is to %s', (name, status, ours, next) => {
    const error = toStoreError(serviceError(name, status), 'reading links');

    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ name: ours, next: { do: next } });
  });

  test('is never quoted', () => {
    const error = toStoreError(serviceError('ValidationException', 400), 'reading links');

    expect(error.message).toBe('reading links was refused (ValidationException)');
  });

  test('stays what it is when it is ours already', async () => {
    const ours = new LostRace('the link');

    await expect(attempt('x', () => Promise.reject(ours))).rejects.toBe(ours);
    const other = new SyncError('Other', 'other', 'other', { do: 'stop' });
    expect(toStoreError(other, 'x')).toBe(other);
  });

  test('stays a failed assertion of ours, which nobody repeats', async () => {
    const mistake = new InvariantError('a tenant id is not empty');

    await expect(attempt('saving', () => Promise.reject(mistake))).rejects.toBe(mistake);
  });

  test('may be no error at all', () => {
    expect(toStoreError('text', 'reading links')).toMatchObject({ name: 'StoreUnavailable' });
  });
});
