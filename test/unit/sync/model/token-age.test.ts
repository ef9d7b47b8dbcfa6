import { expect, test } from '@jest/globals';
import { isTokenIdle } from '../../../../shared/sync/model/token-age.ts';

const STORED = '2026-01-08T00:00:00.000Z';
const createdAt = '2026-01-01T00:00:00.000Z';
const WEEK_MS = 7 * 24 * 3_600_000;

test('a token that nobody has used for a week lies idle, as long as its connection is one', () => {
  const after = (ms: number, change: Partial<Parameters<typeof isTokenIdle>[0]> = {}) =>
    isTokenIdle({ status: 'active', createdAt, tokensAt: STORED, ...change }, Date.parse(STORED) + ms);

  expect(after(WEEK_MS)).toBe(true);
  expect(after(WEEK_MS - 1)).toBe(false);
  expect(after(WEEK_MS, { status: 'paused' })).toBe(true);
  expect(after(WEEK_MS, { status: 'revoked' })).toBe(false);
  expect(after(0, { tokensAt: undefined })).toBe(true);
});
