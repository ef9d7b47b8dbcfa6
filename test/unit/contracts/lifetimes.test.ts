import { describe, expect, test } from '@jest/globals';
import {
  AWS_ATTEMPTS,
  AWS_CALL_MS,
  AWS_REQUEST_TIMEOUT_MS,
  BULK_DEADLINE_MS,
  BULK_LINK_LEASE_MS,
  BULK_REQUEST_TIMEOUT_MS,
  CALL_RESERVE_MS,
  FUNCTION_TIMEOUT_SECONDS,
  HINT_VISIBILITY_SECONDS,
  LINK_LEASE_MS,
  PAGE_RESERVE_MS,
  REQUEST_TIMEOUT_MS,
  S3_IDLE_TIMEOUT_MS,
  S3_REQUEST_TIMEOUT_MS,
  TAKEN_VISIBILITY_SECONDS,
  TOKEN_LEASE_MS,
  TOKEN_LEASE_ROUNDS,
  TOKEN_REQUEST_TIMEOUT_MS,
  TURN_MS,
  WORKER_TIMEOUT_SECONDS,
} from '../../../shared/contracts/lifetimes.ts';

/** As long as SQS keeps a message at most. */
const RETENTION_MS = 14 * 24 * 3_600_000;

/** AWS's own limit for an HTTP API, which cannot be raised. */
const HTTP_API_TIMEOUT_MS = 30_000;

describe('the order of lives', () => {
  test.each([
    [
      'of the worker is request, worker, lease, visibility, retention',
      [
        REQUEST_TIMEOUT_MS,
        WORKER_TIMEOUT_SECONDS * 1000,
        LINK_LEASE_MS,
        HINT_VISIBILITY_SECONDS * 1000,
        RETENTION_MS,
      ],
    ],
    [
      'of a step of a bulk job is request, function, lease',
      [BULK_REQUEST_TIMEOUT_MS, FUNCTION_TIMEOUT_SECONDS * 1000, BULK_LINK_LEASE_MS],
    ],
    [
      'in an invocation of the worker leaves a call, its commits and the turn time within its life',
      [PAGE_RESERVE_MS, TURN_MS, TURN_MS + CALL_RESERVE_MS, WORKER_TIMEOUT_SECONDS * 1000],
    ],
  ])('%s', (_, lives) => {
    expect(lives).toEqual([...lives].sort((a, b) => a - b));
    expect(new Set(lives).size).toBe(lives.length);
  });

  test('leaves whoever refreshes a token time to seal and to store it, silence and all attempts included', () => {
    const callMs = AWS_ATTEMPTS * AWS_REQUEST_TIMEOUT_MS;
    expect(callMs).toBeLessThan(AWS_CALL_MS);
    expect(TOKEN_REQUEST_TIMEOUT_MS + 2 * AWS_CALL_MS).toBeLessThan(TOKEN_LEASE_MS);
  });

  test('has a token lease that ends before the HTTP API does, and as often as it is waited for within a function', () => {
    expect(TOKEN_LEASE_MS).toBeLessThan(HTTP_API_TIMEOUT_MS);
    expect(TOKEN_LEASE_ROUNDS * TOKEN_LEASE_MS).toBeLessThan(FUNCTION_TIMEOUT_SECONDS * 1000);
  });

  test('ends every call of AWS within a function, and keeps what S3 sends longer than Salesforce takes', () => {
    expect(AWS_CALL_MS).toBeLessThan(HTTP_API_TIMEOUT_MS);
    expect(AWS_ATTEMPTS * S3_REQUEST_TIMEOUT_MS).toBeLessThan(FUNCTION_TIMEOUT_SECONDS * 1000);
    expect(S3_IDLE_TIMEOUT_MS).toBeGreaterThan(BULK_REQUEST_TIMEOUT_MS);
    expect(S3_IDLE_TIMEOUT_MS).toBeLessThan(FUNCTION_TIMEOUT_SECONDS * 1000);
  });

  test('shows the messages of a dead worker when its leases have ended, and within two minutes', () => {
    expect(TAKEN_VISIBILITY_SECONDS * 1000).toBeGreaterThanOrEqual(LINK_LEASE_MS);
    expect(TAKEN_VISIBILITY_SECONDS).toBeLessThan(120);
  });

  test('lets a function live no longer than Lambda does, and a job longer than a function', () => {
    expect(FUNCTION_TIMEOUT_SECONDS).toBeLessThanOrEqual(900);
    expect(BULK_DEADLINE_MS).toBeGreaterThan(FUNCTION_TIMEOUT_SECONDS * 1000);
  });
});
