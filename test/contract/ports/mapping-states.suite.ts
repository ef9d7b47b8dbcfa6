import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { MappingStates } from '../../../shared/use-cases/ports/mapping-states.ts';

const t = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const ALL = 10_000;

const aMappingState = (connectionId = randomUUID(), name = 'contact') => ({
  mappingId: `${connectionId}.${name}`,
  connectionId,
  orgId: 'tenant-1',
  name,
});

/** What every MappingStates does. It may hold the states of others. */
export const mappingStatesSuite = (open: () => MappingStates): void => {
  const ensured = async (states: MappingStates, at = t(0)) => {
    const state = aMappingState();
    await states.ensure(state, at);
    return state.mappingId;
  };

  describe('ensuring', () => {
    test('makes a state that waits for its first run, due at once', async () => {
      const states = open();
      const state = aMappingState();

      await states.ensure(state, t(0));

      expect(await states.get(state.mappingId)).toEqual({ ...state, status: 'loading', nextRunAt: t(0) });
    });

    test('leaves a state that exists alone', async () => {
      const states = open();
      const state = aMappingState();
      await states.ensure(state, t(0));
      await states.finishPass(state.mappingId, t(1), t(2));

      await states.ensure(state, t(9));

      expect(await states.get(state.mappingId)).toMatchObject({ status: 'active', nextRunAt: t(0) });
    });
  });

  test('lists the mappings of one connection by their ids', async () => {
    const states = open();
    const connectionId = randomUUID();
    await states.ensure(aMappingState(connectionId, 'contact'), t(0));
    await states.ensure(aMappingState(connectionId, 'account'), t(0));
    await states.ensure(aMappingState(`${connectionId}0`, 'other'), t(0));

    const listed = await states.listOfConnection(connectionId);

    expect(listed.map((state) => state.name)).toEqual(['account', 'contact']);
  });

  describe('what is due', () => {
    test('comes oldest first, and what is not yet due does not come', async () => {
      const states = open();
      const made: string[] = [];
      for (const minute of [5, 1, 3, 9]) made.push(await ensured(states, t(minute)));

      const due = await states.due(t(5), ALL);

      const ours = due.map((state) => state.mappingId).filter((id) => made.includes(id));
      expect(ours).toEqual([made[1], made[2], made[0]]);
    });

    test('is no more than was asked for, and the oldest of it', async () => {
      const states = open();
      const made: string[] = [];
      // Older than everything else in the store.
      for (let index = 0; index < 10; index += 1) {
        made.push(await ensured(states, `1990-01-01T00:00:0${index}.000Z`));
      }

      const due = await states.due(t(0), 4);

      expect(due.map((state) => state.mappingId)).toEqual(made.slice(0, 4));
      for (const id of made) await states.makeDue(id, t(100));
    });

    test('changes with what is made due', async () => {
      const states = open();
      const mappingId = await ensured(states, t(0));

      await states.makeDue(mappingId, t(50));

      const isDue = async (at: string) => (await states.due(at, ALL)).some((s) => s.mappingId === mappingId);
      expect(await isDue(t(49))).toBe(false);
      expect(await isDue(t(50))).toBe(true);
    });
  });

  test('gives a due run to one of many who claim it', async () => {
    const states = open();
    const mappingId = await ensured(states, t(0));

    const claims = await Promise.all(Array.from({ length: 6 }, () => states.claim(mappingId, t(0), t(60))));

    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await states.get(mappingId)).toMatchObject({ nextRunAt: t(60) });
    expect(await states.claim('nobody.contact', t(0), t(60))).toBe(false);
    const due = await states.due(t(59), ALL);
    expect(due.some((state) => state.mappingId === mappingId)).toBe(false);
  });

  describe('finishing a pass', () => {
    test('makes the mapping active and moves its watermark', async () => {
      const states = open();
      const mappingId = await ensured(states);

      await states.finishPass(mappingId, t(3), t(4));

      expect(await states.get(mappingId)).toMatchObject({
        status: 'active',
        watermark: t(3),
        lastRunAt: t(4),
      });
    });

    test('never moves the watermark backwards, whatever the order', async () => {
      const states = open();
      const mappingId = await ensured(states);

      await Promise.all([5, 2, 9, 7].map((minute) => states.finishPass(mappingId, t(minute), t(10))));
      await states.finishPass(mappingId, t(4), t(11));

      expect(await states.get(mappingId)).toMatchObject({ watermark: t(9), lastRunAt: t(11) });
    });
  });

  describe('the check of the schema', () => {
    const check = { fieldTypes: { Name: 'text' }, checkedAt: t(1), checkedTemplate: 'digest' } as const;

    test('is kept, and problems make the mapping invalid', async () => {
      const states = open();
      const mappingId = await ensured(states);

      await states.saveSchema(mappingId, { ...check, problems: ['no field Foo__c'] });

      const state = await states.get(mappingId);
      expect(state).toMatchObject({ ...check, status: 'invalid', problems: ['no field Foo__c'] });
    });

    test('keeps what the mapping was when it first fitted', async () => {
      const states = open();
      const mappingId = await ensured(states);
      const identity = { localTable: 'people', sfObject: 'Contact', externalIdField: 'Key__c' };

      await states.saveSchema(mappingId, { ...check, problems: ['no field Foo__c'] });
      expect(await states.get(mappingId)).not.toHaveProperty('identity');
      await states.saveSchema(mappingId, { ...check, problems: [], identity });
      await states.saveSchema(mappingId, {
        ...check,
        problems: [],
        identity: { ...identity, sfObject: 'Lead' },
      });
      await states.saveSchema(mappingId, { ...check, problems: [] });

      expect(await states.get(mappingId)).toMatchObject({ identity });
    });

    test.each([
      ['loading', false],
      ['active', true],
    ])('that is mended makes it %s again', async (status, hadPass) => {
      const states = open();
      const mappingId = await ensured(states);
      if (hadPass) await states.finishPass(mappingId, t(1), t(1));
      await states.saveSchema(mappingId, { ...check, problems: ['no field Foo__c'] });

      await states.saveSchema(mappingId, { ...check, checkedAt: t(2), problems: [] });

      const state = await states.get(mappingId);
      expect(state).toMatchObject({ status, checkedAt: t(2) });
      expect(state).not.toHaveProperty('problems');
    });
  });

  test('remembers the bulk job that is under way, and forgets it', async () => {
    const states = open();
    const mappingId = await ensured(states);

    await states.setBulkJob(mappingId, 'job-1');
    expect(await states.get(mappingId)).toMatchObject({ bulkJobId: 'job-1', status: 'loading' });
    await states.setBulkJob(mappingId, undefined);

    expect(await states.get(mappingId)).not.toHaveProperty('bulkJobId');
  });

  test('remembers that a push is due, and forgets it, a check and a watermark when told to', async () => {
    const states = open();
    const mappingId = await ensured(states);
    await states.finishPass(mappingId, t(1), t(2));
    await states.saveSchema(mappingId, { checkedAt: t(1), problems: [] });
    await states.setPushDue(mappingId, true);
    expect(await states.get(mappingId)).toMatchObject({ isPushDue: true, checkedAt: t(1), watermark: t(1) });

    await states.setPushDue(mappingId, false);
    await states.expireCheck(mappingId);
    await states.forgetWatermark(mappingId);

    const state = await states.get(mappingId);
    for (const name of ['isPushDue', 'checkedAt', 'watermark']) expect(state).not.toHaveProperty(name);
  });

  test('refuses what it cannot hold, and an id that does not name its connection', async () => {
    const states = open();
    const mappingId = await ensured(states);
    const problems = ['x'.repeat(410_000)];

    await expect(states.saveSchema(mappingId, { problems })).rejects.toMatchObject({ name: 'Refused' });
    await expect(states.get(`c.${'x'.repeat(1_030)}`)).rejects.toMatchObject({ name: 'Refused' });
    await expect(states.get('contact')).rejects.toThrow('names its connection');
    await expect(states.ensure({ ...aMappingState(), mappingId: 'contact' }, t(0))).rejects.toThrow(
      'names its connection',
    );
  });

  test('knows nothing of a mapping that was never ensured, and makes none by accident', async () => {
    const states = open();
    const nobody = `${randomUUID()}.contact`;

    for (const change of [
      () => states.makeDue(nobody, t(0)),
      () => states.expireCheck(nobody),
      () => states.setPushDue(nobody, true),
      () => states.forgetWatermark(nobody),
      () => states.finishPass(nobody, t(0), t(0)),
      () => states.saveSchema(nobody, { problems: [] }),
      () => states.setBulkJob(nobody, 'job'),
    ]) {
      await expect(change()).rejects.toMatchObject({ name: 'NotFound' });
    }

    expect(await states.get(nobody)).toBeUndefined();
  });
};
