import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { OrgSlot, OrgSlots } from '../../../shared/use-cases/ports/org-slots.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString();

/** What every OrgSlots does. Each connection has three slots. */
export const orgSlotsSuite = (open: () => OrgSlots): void => {
  const aConnection = () => {
    const slots = open();
    const connectionId = randomUUID();
    const take = (second: number) =>
      slots.take(connectionId, {
        owner: randomUUID(),
        now: at(second),
        until: at(second + 75),
        trialUntil: at(second + 20),
      });
    const mustTake = async (second: number): Promise<OrgSlot> => {
      const answer = await take(second);
      if (answer.kind !== 'taken') throw new Error(`not taken: ${answer.kind}`);
      return answer.slot;
    };
    return { slots, connectionId, take, mustTake };
  };

  describe('slots', () => {
    test('are as many as there are, for each connection', async () => {
      const { take, slots } = aConnection();

      const answers = [await take(0), await take(0), await take(0), await take(0)];

      expect(answers.map(({ kind }) => kind)).toEqual(['taken', 'taken', 'taken', 'full']);
      const other = { owner: 'w', now: at(0), until: at(75), trialUntil: at(20) };
      expect(await slots.take(randomUUID(), other)).toMatchObject({ kind: 'taken' });
    });

    test('go to three of many who ask at once', async () => {
      const { take } = aConnection();

      const answers = await Promise.all(Array.from({ length: 12 }, () => take(0)));

      expect(answers.filter(({ kind }) => kind === 'taken').length).toBeLessThanOrEqual(3);
      expect(answers.some(({ kind }) => kind === 'taken')).toBe(true);
    });

    test('are free again when given back', async () => {
      const { slots, take, mustTake } = aConnection();
      const [first] = [await mustTake(0), await mustTake(0), await mustTake(0)];

      await slots.release(first);

      expect((await take(1)).kind).toBe('taken');
      expect((await take(1)).kind).toBe('full');
    });

    test('are free again when their time is over, and not given back by who had them before', async () => {
      const { slots, take, mustTake } = aConnection();
      const dead = [await mustTake(0), await mustTake(0), await mustTake(0)];
      expect((await take(74)).kind).toBe('full');

      for (let index = 0; index < 3; index += 1) await mustTake(76);
      for (const slot of dead) await slots.release(slot);

      expect((await take(77)).kind).toBe('full');
    });
  });

  describe('calls', () => {
    const usage = { max: 15_000, others: 40, atMs: Date.parse(at(0)) };

    test('are counted by hour and class with the slot that is given back, and told to who takes the next', async () => {
      const { slots, connectionId, take, mustTake } = aConnection();
      const hour = Math.floor(Date.parse(at(0)) / 3_600_000);

      await slots.release(await mustTake(0), {
        at: at(1),
        calls: { hints: 2, schedules: 1 },
        usage,
        stopped: ['loads'],
      });
      await slots.count(connectionId, { at: at(3_601), calls: { hints: 3, loads: 0 } });

      const expected = {
        ledger: {
          hours: { [hour]: { all: 3, hints: 2, schedules: 1 }, [hour + 1]: { all: 3, hints: 3 } },
        },
        days: { [Math.floor(hour / 24)]: { hints: 5, schedules: 1 } },
        usage,
        stopped: ['loads'],
      };
      expect(await slots.allowance(connectionId)).toEqual(expected);
      expect(await take(3_602)).toMatchObject({ kind: 'taken', allowance: expected });
    });

    test('that were refused are told of until others say otherwise', async () => {
      const { slots, connectionId } = aConnection();
      const refused = { times: 2, atMs: Date.parse(at(0)) };
      await slots.count(connectionId, { at: at(0), calls: { hints: 1 }, refused });
      await slots.count(connectionId, { at: at(1), calls: { hints: 1 } });
      expect((await slots.allowance(connectionId)).refused).toEqual(refused);
      const none = { times: 0, atMs: Date.parse(at(2)) };
      await slots.count(connectionId, { at: at(2), calls: { hints: 1 }, refused: none });
      expect((await slots.allowance(connectionId)).refused).toEqual(none);
    });

    test('are counted though the slot is another one’s by now, and of a trial', async () => {
      const { slots, connectionId, mustTake } = aConnection();
      const dead = await mustTake(0);
      for (const second of [76, 76, 76]) await mustTake(second);
      await slots.release(dead, { at: at(77), calls: { hints: 1 } });
      await slots.trip(await mustTake(152), at(182));
      const trial = await mustTake(183);

      await slots.release(trial, { at: at(184), calls: { interactive: 1 } });

      const { ledger } = await slots.allowance(connectionId);
      expect(Object.values(ledger.hours)).toEqual([{ all: 2, hints: 1, interactive: 1 }]);
    });

    test('of many who count at once are all counted', async () => {
      const { slots, connectionId } = aConnection();

      await Promise.all(
        Array.from({ length: 10 }, () => slots.count(connectionId, { at: at(0), calls: { hints: 1 } })),
      );

      const { ledger } = await slots.allowance(connectionId);
      expect(Object.values(ledger.hours)).toEqual([{ all: 10, hints: 10 }]);
    });

    test('of yesterday are forgotten, and an org that nobody called has used nothing', async () => {
      const { slots, connectionId } = aConnection();
      expect(await slots.allowance(connectionId)).toEqual({ ledger: { hours: {} }, days: {}, stopped: [] });
      await slots.count(connectionId, { at: at(0), calls: { hints: 1 } });

      await slots.count(connectionId, { at: at(27 * 3_600), calls: { hints: 5 } });

      const { ledger, days } = await slots.allowance(connectionId);
      expect(Object.values(ledger.hours)).toEqual([{ all: 5, hints: 5 }]);
      expect(Object.values(days)).toEqual([{ hints: 1 }, { hints: 5 }]);
      await slots.count(connectionId, { at: at(7 * 86_400), calls: { hints: 7 } });
      expect(Object.values((await slots.allowance(connectionId)).days)).toEqual([{ hints: 5 }, { hints: 7 }]);
    });
  });

  describe('the breaker', () => {
    test('keeps everybody away until its time is over', async () => {
      const { slots, take, mustTake } = aConnection();
      const slot = await mustTake(0);

      expect(await slots.trip(slot, at(30))).toBe(true);

      expect(await take(1)).toEqual({ kind: 'open', until: at(30) });
      expect(await take(29)).toEqual({ kind: 'open', until: at(30) });
    });

    test('is opened once, by the first who meets silence', async () => {
      const { slots, take, mustTake } = aConnection();
      const [first, second] = [await mustTake(0), await mustTake(0)];

      expect(await slots.trip(first, at(30))).toBe(true);
      expect(await slots.trip(second, at(31))).toBe(false);

      expect(await take(1)).toEqual({ kind: 'open', until: at(30) });
    });

    test('then lets one try, and the others wait for what comes of it', async () => {
      const { slots, take, mustTake } = aConnection();
      await slots.trip(await mustTake(0), at(30));

      const trial = await mustTake(31);

      expect(trial).toMatchObject({ kind: 'trial', trips: 1, until: at(51) });
      expect(await take(32)).toEqual({ kind: 'open', until: at(51) });
    });

    test('lets one of many try who ask at once', async () => {
      const { slots, take, mustTake } = aConnection();
      await slots.trip(await mustTake(0), at(30));

      const answers = await Promise.all(Array.from({ length: 12 }, () => take(31)));

      expect(answers.filter(({ kind }) => kind === 'taken')).toHaveLength(1);
      expect(answers.filter(({ kind }) => kind === 'open')).toHaveLength(11);
    });

    test('lets another try whose first one told nothing', async () => {
      const { slots, mustTake } = aConnection();
      await slots.trip(await mustTake(0), at(30));
      const dead = await mustTake(31);

      const next = await mustTake(52);

      expect(next).toMatchObject({ kind: 'trial', trips: 1, until: at(72) });
      expect(await slots.trip(dead, at(90))).toBe(false);
    });

    test('counts the trials that met silence', async () => {
      const { slots, mustTake } = aConnection();
      await slots.trip(await mustTake(0), at(30));

      expect(await slots.trip(await mustTake(31), at(91))).toBe(true);

      expect(await mustTake(92)).toMatchObject({ kind: 'trial', trips: 2 });
    });

    test('is closed by who opened it or tries, and then counts anew', async () => {
      const { slots, connectionId, take, mustTake } = aConnection();
      await slots.trip(await mustTake(0), at(30));
      await slots.close(connectionId, at(29));
      expect((await take(1)).kind).toBe('open');

      const trial = await mustTake(31);
      if (trial.kind === 'trial') await slots.close(connectionId, trial.until);

      const slot = await mustTake(32);
      expect(slot.kind).toBe('slot');
      await slots.trip(slot, at(62));
      expect(await mustTake(63)).toMatchObject({ kind: 'trial', trips: 1 });
    });
  });
};
