import { describe, expect, test } from '@jest/globals';
import { type Next, SyncError } from '../../../../shared/contracts/next.ts';
import { SalesforceApiError, toSalesforceError } from '../../../../shared/salesforce-client/errors/errors.ts';
import { retrying } from '../../../../shared/salesforce-client/transport/interceptors.ts';
import { decideRetry } from '../../../../shared/salesforce-client/transport/retry.ts';
import { INSTANCE, NOW, rejection } from '../fakes.ts';

const failing = (next: Next) => new SyncError('SalesforceApiError', 'X', 'x', next);
const retryAfter = (afterMs: number) => failing({ do: 'retry', afterMs });

describe('deciding on a repeat', () => {
  test('spreads the waits over the whole of a growing span', () => {
    expect(decideRetry(retryAfter(1_000), 1, 0)).toEqual({ do: 'repeat', afterMs: 0 });
    expect(decideRetry(retryAfter(1_000), 1, 0.999)).toEqual({ do: 'repeat', afterMs: 999 });
    expect(decideRetry(retryAfter(1_000), 2, 0.5)).toEqual({ do: 'repeat', afterMs: 1_000 });
    expect(decideRetry(retryAfter(4_000), 2, 1)).toEqual({ do: 'repeat', afterMs: 5_000 });
    expect(decideRetry(retryAfter(0), 1, 1)).toEqual({ do: 'repeat', afterMs: 250 });
  });

  test.each<[string, unknown, number]>([
    ['the third attempt', retryAfter(0), 3],
    ['a wait that a function should not sit out', retryAfter(5_001), 1],
    ['a write of unknown outcome', failing({ do: 'reread' }), 1],
    ['a stale token', failing({ do: 'refresh' }), 1],
    ['an exhausted allowance', failing({ do: 'wait', until: '2026-11-23T12:00:00Z' }), 1],
    ['what a person has to mend', failing({ do: 'stop' }), 1],
    ['what nobody expected', new Error('x'), 1],
  ])('gives up for %s', (_, error, attempt) => {
    expect(decideRetry(error, attempt, 0.5)).toEqual({ do: 'give-up' });
  });
});

test('a wait that the platform asked for is kept, and within what a function sits out', () => {
  const asked = (notBeforeMs: number) =>
    new SalesforceApiError({ code: 'X', message: 'x', next: { do: 'retry', afterMs: 4_000 }, notBeforeMs });

  expect(decideRetry(asked(4_000), 2, 0)).toEqual({ do: 'repeat', afterMs: 4_000 });
  expect(decideRetry(asked(4_000), 2, 1)).toEqual({ do: 'repeat', afterMs: 5_000 });
});

test('a repeat is sent when its wait is over, not before', async () => {
  let wake = () => {};
  const clock = {
    nowMs: () => NOW,
    sleep: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
  };
  let sent = 0;
  const send = retrying(
    async () => {
      sent += 1;
      throw retryAfter(1_000);
    },
    clock,
    () => 1,
  );
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const failed = rejection(send({ method: 'GET', url: INSTANCE, operation: 'x', isRepeatable: true }));

  await settled();
  expect(sent).toBe(1);
  wake();
  await settled();
  expect(sent).toBe(2);
  wake();
  expect(await failed).toMatchObject({ next: { do: 'retry' } });
  expect(sent).toBe(3);
});

test('anything caught becomes an error that says what to do next', () => {
  const ours = retryAfter(1);

  expect(toSalesforceError(ours, 'query')).toBe(ours);
  expect(toSalesforceError('x', 'query')).toMatchObject({
    code: 'UNEXPECTED_RESPONSE',
    next: { do: 'stop' },
    cause: 'x',
  });
});
