import { describe, expect, test } from '@jest/globals';
import { type Allowance, admit } from '../../../../shared/sync/allowance/admit.ts';
import { HOUR_MS } from '../../../../shared/sync/allowance/ledger.ts';
import * as told from '../../../../shared/sync/allowance/refused.ts';

const NOW = 1_000 * HOUR_MS;
const MINUTE = 60_000;
const UNKNOWN: Allowance = {
  ledger: { hours: {} },
  share: 0.5,
  scheduledPerDay: 0,
  stopped: [],
};
const KNOWN: Allowance = { ...UNKNOWN, usage: { max: 1_000, others: 0, atMs: NOW } };

const afterRefusal = (allowance: Allowance, nowMs: number): Allowance => ({
  ...allowance,
  refused: told.afterRefusal(allowance.refused, nowMs),
});
const afterAnswer = (allowance: Allowance, nowMs: number): Allowance => ({
  ...allowance,
  refused: told.afterAnswer(allowance.refused, nowMs),
});

const waitsMs = (allowance: Allowance, nowMs: number): number => {
  const admission = admit(allowance, 'interactive', 1, nowMs);
  return admission.kind === 'wait' ? admission.untilMs - nowMs : 0;
};

describe('a call that the org refused as above its allowance', () => {
  test.each([UNKNOWN, KNOWN])('keeps every other from being made, for longer each time', (before) => {
    let allowance = before;
    const waits: number[] = [];
    for (let times = 0, nowMs = NOW; times < 5; times += 1) {
      allowance = afterRefusal(allowance, nowMs);
      waits.push(waitsMs(allowance, nowMs) / MINUTE);
      expect(admit(allowance, 'interactive', 1, nowMs)).toMatchObject({ why: 'org' });
      nowMs += (waits.at(-1) ?? 0) * MINUTE;
    }
    expect(waits).toEqual([15, 30, 60, 60, 60]);
  });

  test.each(['interactive', 'hints', 'schedules', 'full-sweeps'] as const)(
    'lets %s ask again after that, as far as is known that there is room',
    (work) => {
      const used = { ...KNOWN, usage: { max: 1_000, others: 949, atMs: NOW } };
      const askedAgainAt = NOW + 15 * MINUTE;
      expect(admit(afterRefusal(KNOWN, NOW), work, 1, askedAgainAt - 1)).toMatchObject({ why: 'org' });
      expect(admit(afterRefusal(KNOWN, NOW), work, 1, askedAgainAt)).toEqual({ kind: 'go' });
      expect(admit(afterRefusal(used, NOW), work, 400, askedAgainAt)).toMatchObject({ kind: 'wait' });
    },
  );

  test('counts no more once the org has answered', () => {
    const answered = afterAnswer(afterRefusal(UNKNOWN, NOW), NOW + 1);
    expect(waitsMs(answered, NOW + 1)).toBe(0);
    expect(waitsMs(afterRefusal(answered, NOW + 2), NOW + 2)).toBe(15 * MINUTE);
    expect(told.afterAnswer(undefined, NOW)).toBeUndefined();
    expect(told.afterAnswer(answered.refused, NOW)).toBe(answered.refused);
  });
});
