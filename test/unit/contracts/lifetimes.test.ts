import { describe, expect, test } from '@jest/globals';
import {
  BULK_DEADLINE_MS,
  FUNCTION_TIMEOUT_SECONDS,
  HINT_VISIBILITY_SECONDS,
  LINK_LEASE_MS,
  REQUEST_TIMEOUT_MS,
  TOKEN_LEASE_MS,
  TOKEN_REQUEST_TIMEOUT_MS,
} from '../../../shared/contracts/lifetimes.ts';

/** As long as SQS keeps a message at most. */
const RETENTION_MS = 14 * 24 * 3_600_000;

describe('the order of lives', () => {
  test('is request, function, lease, visibility, retention', () => {
    const lives = [
      REQUEST_TIMEOUT_MS,
      FUNCTION_TIMEOUT_SECONDS * 1000,
      LINK_LEASE_MS,
      HINT_VISIBILITY_SECONDS * 1000,
      RETENTION_MS,
    ];
    expect(lives).toEqual([...lives].sort((a, b) => a - b));
    expect(new Set(lives).size).toBe(lives.length);
  });

  test('leaves whoever refreshes a token time to store it', () => {
    expect(TOKEN_REQUEST_TIMEOUT_MS * 2).toBeLessThanOrEqual(TOKEN_LEASE_MS);
    expect(TOKEN_LEASE_MS).toBeLessThan(FUNCTION_TIMEOUT_SECONDS * 1000);
  });

  test('lets a function live no longer than Lambda does, and a job longer than a function', () => {
    expect(FUNCTION_TIMEOUT_SECONDS).toBeLessThanOrEqual(900);
    expect(BULK_DEADLINE_MS).toBeGreaterThan(FUNCTION_TIMEOUT_SECONDS * 1000);
  });
});
