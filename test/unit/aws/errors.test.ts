import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { attempt, isPassing, LostRace, StoreError, toStoreError } from '../../../shared/aws/errors.ts';
import { SyncError } from '../../../shared/contracts/next.ts';
import { InvariantError } from '../../../shared/sync/assert.ts';

const serviceError = (name: string, httpStatusCode?: number): Error =>
  Object.assign(new Error('quotes a value: s3cret'), {
    name,
    ...(httpStatusCode !== undefined && { $metadata: { httpStatusCode } }),
  });

/** One of the SDK's own lists, which it does not export. */
const namesIn = (list: string): string[] => {
  const source = readFileSync('node_modules/@smithy/core/dist-cjs/submodules/retry/index.js', 'utf8');
  const [, names] = new RegExp(`const ${list} = \\[([^\\]]+)\\]`).exec(source) ?? [];
  const found = names?.match(/\w+/g);
  if (!found) throw new Error(`the SDK has no list ${list}`);
  return found;
};

describe('what an AWS service threw', () => {
  test.each([
    ['ProvisionedThroughputExceededException', 400, 'Throttled', 'retry'],
    ['ThrottlingException', 400, 'Throttled', 'retry'],
    ['AnythingElse', 429, 'Throttled', 'retry'],
    ['ConditionalCheckFailedException', 400, 'LostRace', 'reread'],
    ['TransactionConflictException', 400, 'LostRace', 'reread'],
    ['ReplicatedWriteConflictException', 400, 'LostRace', 'reread'],
    ['TransactionInProgressException', 400, 'Throttled', 'retry'],
    ['Throttling', 400, 'Throttled', 'retry'],
    ['ThrottledException', 400, 'Throttled', 'retry'],
    ['EC2ThrottledException', 400, 'Throttled', 'retry'],
    ['KmsThrottled', 400, 'Throttled', 'retry'],
    ['KmsThrottlingException', 400, 'Throttled', 'retry'],
    ['KMSThrottling', 400, 'Throttled', 'retry'],
    ['ExecutionLimitExceeded', 400, 'Throttled', 'retry'],
    ['ServiceQuotaExceededException', 402, 'Throttled', 'retry'],
    ['OverLimit', 403, 'Throttled', 'retry'],
    ['SlowDown', 503, 'Throttled', 'retry'],
    ['RequestTimeout', 400, 'StoreUnavailable', 'retry'],
    ['RequestTimeTooSkewed', 403, 'StoreUnavailable', 'retry'],
    ['ExpiredTokenException', 400, 'StoreUnavailable', 'retry'],
    ['DependencyTimeoutException', 400, 'StoreUnavailable', 'retry'],
    ['KMSInternalException', 400, 'StoreUnavailable', 'retry'],
    ['KeyUnavailableException', 400, 'StoreUnavailable', 'retry'],
    ['OperationAborted', 409, 'StoreUnavailable', 'retry'],
    ['InternalError', 200, 'StoreUnavailable', 'retry'],
    ['InternalServerError', 500, 'StoreUnavailable', 'retry'],
    ['SyntaxError', 200, 'StoreUnavailable', 'retry'],
    ['InvalidCiphertextException', 400, 'Refused', 'stop'],
    ['DisabledException', 400, 'Refused', 'stop'],
    ['TimeoutError', undefined, 'StoreUnavailable', 'retry'],
    ['AccessDeniedException', 400, 'Refused', 'stop'],
    ['ValidationException', 400, 'Refused', 'stop'],
  ])('as %s with status %s is %s, and next is to %s', (name, status, ours, next) => {
    const error = toStoreError(serviceError(name, status), 'reading links');

    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ name: ours, next: { do: next } });
  });

  test('passes wherever the service’s own model says that repeating helps', () => {
    const marked = (trait: object) =>
      toStoreError(Object.assign(serviceError('New', 400), { $retryable: trait }), 'x');

    expect(marked({})).toMatchObject({ name: 'StoreUnavailable', next: { do: 'retry' } });
    expect(marked({ throttling: true })).toMatchObject({ name: 'Throttled', next: { do: 'retry' } });
  });

  test.each(namesIn('THROTTLING_ERROR_CODES'))('is throttled if the SDK takes it for that: %s', (name) => {
    expect(toStoreError(serviceError(name, 400), 'x')).toMatchObject({ name: 'Throttled' });
    expect(isPassing(name)).toBe(true);
  });

  test.each(namesIn('TRANSIENT_ERROR_CODES'))('passes if the SDK takes it for that: %s', (name) => {
    expect(toStoreError(serviceError(name, 400), 'x')).toMatchObject({ name: 'StoreUnavailable' });
    expect(isPassing(name)).toBe(true);
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
