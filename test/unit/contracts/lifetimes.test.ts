import { describe, expect, test } from '@jest/globals';
import {
  BULK_DEADLINE_MS,
  BULK_LINK_LEASE_MS,
  BULK_REQUEST_TIMEOUT_MS,
  CALL_RESERVE_MS,
  FUNCTION_TIMEOUT_SECONDS,
  HINT_VISIBILITY_SECONDS,
  LINK_LEASE_MS,
  PAGE_RESERVE_MS,
  REQUEST_TIMEOUT_MS,
  TAKEN_VISIBILITY_SECONDS,
  TOKEN_LEASE_MS,
  TOKEN_REQUEST_TIMEOUT_MS,
  TURN_MS,
  WORKER_TIMEOUT_SECONDS,
} from '../../../shared/contracts/lifetimes.ts';

/** As long as SQS keeps a message at most. */
const RETENTION_MS = 14 * 24 * 3_600_000;

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

  test('shows the messages of a dead worker when its leases have ended, and within two minutes', () => {
    expect(TAKEN_VISIBILITY_SECONDS * 1000).toBeGreaterThanOrEqual(LINK_LEASE_MS);
    expect(TAKEN_VISIBILITY_SECONDS).toBeLessThan(120);
  });

  test('leaves whoever refreshes a token time to store it', () => {
    expect(TOKEN_REQUEST_TIMEOUT_MS * 2).toBeLessThanOrEqual(TOKEN_LEASE_MS);
    expect(TOKEN_LEASE_MS).toBeLessThan(WORKER_TIMEOUT_SECONDS * 1000);
  });

  test('lets a function live no longer than Lambda does, and a job longer than a function', () => {
    expect(FUNCTION_TIMEOUT_SECONDS).toBeLessThanOrEqual(900);
    expect(BULK_DEADLINE_MS).toBeGreaterThan(FUNCTION_TIMEOUT_SECONDS * 1000);
  });
});
