import { describe, expect, jest, test } from '@jest/globals';
import { CallSlots } from '../../../../shared/salesforce-client/transport/call-slots.ts';
import type { SalesforceRequest } from '../../../../shared/salesforce-client/transport/transport.ts';
import { bytes, rejection } from '../fakes.ts';

const call: SalesforceRequest = { method: 'GET', url: '', operation: 'x', isRepeatable: true };
const stream: SalesforceRequest = { ...call, isStreamed: true };
const acme = new URL('https://acme.my.salesforce.com/services/data/v59.0/query');
const other = new URL('https://other.my.salesforce.com/services/data/v59.0/query');
const login = new URL('https://acme.my.salesforce.com/services/oauth2/token');
const LONG_MS = 60_000;

/** Whether a turn has come by now. */
async function hasCome(turn: Promise<unknown>): Promise<boolean> {
  const notYet = Symbol();
  return (await Promise.race([turn, new Promise((resolve) => setImmediate(resolve, notYet))])) !== notYet;
}

describe('calls to one org', () => {
  test('wait for their turn, in their order', async () => {
    const slots = new CallSlots(2);
    const take = () => slots.take(acme, call, LONG_MS);
    const releases = [await take(), await take()];
    const third = take();
    const fourth = take();
    expect(await hasCome(third)).toBe(false);

    releases[0]?.();
    expect(await hasCome(third)).toBe(true);
    expect(await hasCome(fourth)).toBe(false);

    (await third)();
    expect(await hasCome(fourth)).toBe(true);
  });

  test('let nobody slip in when one passes its turn on', async () => {
    const slots = new CallSlots(1);
    const release = await slots.take(acme, call, LONG_MS);
    const waiting = slots.take(acme, call, LONG_MS);

    release();
    const late = slots.take(acme, call, LONG_MS);

    expect(await hasCome(waiting)).toBe(true);
    expect(await hasCome(late)).toBe(false);
    (await waiting)();
    (await late)();
  });

  test('keep nobody else waiting: another org, a stream, a login', async () => {
    const slots = new CallSlots(1);
    await slots.take(acme, call, LONG_MS);

    for (const [url, request] of [
      [other, call],
      [acme, stream],
      [login, call],
      [login, call],
    ] as const)
      expect(await hasCome(slots.take(url, request, LONG_MS))).toBe(true);
    expect(await hasCome(slots.take(acme, stream, 1))).toBe(false);
  });

  test('wait longer than one call may take, since many asked for at once are a queue', async () => {
    jest.useFakeTimers();
    try {
      const slots = new CallSlots(1);
      await slots.take(acme, call, 30_000);
      let failure: unknown;
      slots.take(acme, call, 30_000).catch((error: unknown) => {
        failure = error;
      });

      await jest.advanceTimersByTimeAsync(59_999);
      expect(failure).toBeUndefined();
      await jest.advanceTimersByTimeAsync(1);
      expect(failure).toMatchObject({ reason: 'timeout', wasBegun: false });
    } finally {
      jest.useRealTimers();
    }
  });

  test('surely never began when their turn does not come', async () => {
    const slots = new CallSlots(1);
    const release = await slots.take(acme, call, LONG_MS);
    const gaveUp = new AbortController();
    const aborted = rejection(slots.take(acme, call, LONG_MS, gaveUp.signal));

    expect(await rejection(slots.take(acme, call, 1))).toMatchObject({ reason: 'timeout', wasBegun: false });
    gaveUp.abort();
    expect(await aborted).toMatchObject({ reason: 'aborted', wasBegun: false });
    expect(await rejection(slots.take(acme, call, LONG_MS, AbortSignal.abort()))).toMatchObject({
      reason: 'aborted',
    });

    // Nobody who left takes a turn.
    const next = slots.take(acme, call, LONG_MS);
    release();
    expect(await hasCome(next)).toBe(true);
  });

  test('keep their place when somebody before them leaves', async () => {
    const slots = new CallSlots(1);
    const release = await slots.take(acme, call, LONG_MS);
    const gone = rejection(slots.take(acme, call, 1));
    const next = slots.take(acme, call, LONG_MS);

    await gone;
    release();

    expect(await hasCome(next)).toBe(true);
  });

  test('are as many as before when all have ended', async () => {
    const slots = new CallSlots(1);
    (await slots.take(acme, call, LONG_MS))();

    await slots.take(acme, call, LONG_MS);

    expect(await hasCome(slots.take(acme, call, 1))).toBe(false);
  });

  test('that had their turn do not leave the queue a second time', async () => {
    jest.useFakeTimers();
    try {
      const slots = new CallSlots(1);
      const release = await slots.take(acme, call, LONG_MS);
      const second = slots.take(acme, call, 10);
      release();
      const releaseSecond = await second;
      let isThirdOn = false;
      slots.take(acme, call, LONG_MS).then(() => {
        isThirdOn = true;
      });

      await jest.advanceTimersByTimeAsync(1_000);
      releaseSecond();
      await jest.advanceTimersByTimeAsync(0);

      expect(isThirdOn).toBe(true);
    } finally {
      jest.useRealTimers();
    }
  });

  test('leave uploads the lane of the streams', async () => {
    const slots = new CallSlots(1);
    const upload = { ...call, method: 'PUT', body: { stream: bytes(''), bodyBytes: 0 } } as const;
    await slots.take(acme, call, LONG_MS);

    expect(await hasCome(slots.take(acme, upload, LONG_MS))).toBe(true);
    expect(await hasCome(slots.take(acme, stream, 1))).toBe(false);
  });
});

test('as many calls as slots are at least one', () => {
  expect(() => new CallSlots(0)).toThrow(RangeError);
});
