import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { MappingState, MappingStates } from '../../../shared/use-cases/ports/mapping-states.ts';

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

      expect(await states.get(state.mappingId)).toEqual({
        ...state,
        status: 'loading',
        epoch: 0,
        nextRunAt: t(0),
      });
    });

    test('leaves a state that exists alone', async () => {
      const states = open();
      const state = aMappingState();
      await states.ensure(state, t(0));
      const begun = await states.get(state.mappingId);
      if (begun) await states.finishPass(begun, { watermark: t(1), followedUntil: t(1) }, t(2));

      await states.ensure(state, t(9));

      expect(await states.get(state.mappingId)).toMatchObject({ status: 'active', nextRunAt: t(0) });
    });
  });

  describe('a rehearsal', () => {
    const report = { hash: 'a'.repeat(64), at: t(5), revision: 1 };
    const revision = { revision: 1, fieldsRevision: 1, fields: {}, template: 'abc' };
    const rehearsed = async (states: MappingStates) => {
      const state = aMappingState();
      await states.ensure({ ...state, rehearsal: { since: t(0) } }, t(0));
      const revised = { before: undefined, after: revision, at: t(1) };
      await states.saveSchema(state.mappingId, { problems: [] }, revised);
      const begun = await states.get(state.mappingId);
      if (begun) await states.finishPass(begun, { watermark: t(2), followedUntil: t(2) }, t(3));
      return state.mappingId;
    };

    test('is begun with the state, and neither begun nor ended by ensuring it again', async () => {
      const states = open();
      const mappingId = await rehearsed(states);
      const state = { ...aMappingState(), mappingId };
      await states.ensure(state, t(4));
      expect((await states.get(mappingId))?.rehearsal).toEqual({ since: t(0) });
      const live = await ensured(states);
      await states.ensure({ ...aMappingState(), mappingId: live, rehearsal: { since: t(4) } }, t(4));
      expect(await states.get(live)).not.toHaveProperty('rehearsal');
      expect((await states.due(t(9), ALL)).some((one) => one.mappingId === mappingId)).toBe(true);
    });

    test('is promoted by its last report alone, and begins anew with leftovers, due at once', async () => {
      const states = open();
      const mappingId = await rehearsed(states);
      expect(await states.promote(mappingId, report, t(6))).toBe(false);
      expect(await states.keepReport(mappingId, { ...report, hash: 'b'.repeat(64) })).toBe(true);
      expect(await states.keepReport(mappingId, report)).toBe(true);
      expect((await states.get(mappingId))?.rehearsal).toEqual({ since: t(0), report });
      expect(await states.promote(mappingId, { ...report, hash: 'b'.repeat(64) }, t(6))).toBe(false);
      const { epoch = 0 } = (await states.get(mappingId)) ?? {};

      expect(await states.promote(mappingId, report, t(6))).toBe(true);

      const after = await states.get(mappingId);
      expect(after).toMatchObject({
        leftoversSince: t(6),
        status: 'loading',
        nextRunAt: t(6),
        epoch: epoch + 1,
      });
      for (const name of ['rehearsal', 'watermark', 'followedUntil', 'pass'])
        expect(after).not.toHaveProperty(name);
      expect(await states.promote(mappingId, report, t(7))).toBe(false);
      expect(await states.keepReport(mappingId, report)).toBe(false);
      // Those of a later time are others.
      await states.clearLeftovers(mappingId, t(5));
      expect(await states.get(mappingId)).toMatchObject({ leftoversSince: t(6) });
      await states.clearLeftovers(mappingId, t(6));
      expect(await states.get(mappingId)).not.toHaveProperty('leftoversSince');
    });

    test('begins anew by another template, without its report, and by the same one goes on', async () => {
      const states = open();
      const mappingId = await rehearsed(states);
      await states.keepReport(mappingId, report);
      const { epoch = 0 } = (await states.get(mappingId)) ?? {};
      await states.rehearseAnew(mappingId, 'another', t(6));
      const anew = await states.get(mappingId);
      expect(anew).toMatchObject({
        rehearsal: { since: t(0), template: 'another' },
        ...{ leftoversSince: t(6), status: 'loading', epoch: epoch + 1 },
      });
      expect(anew?.rehearsal).not.toHaveProperty('report');
      for (const name of ['watermark', 'followedUntil', 'pass']) expect(anew).not.toHaveProperty(name);
      await states.rehearseAnew(mappingId, 'another', t(6));
      expect(await states.get(mappingId)).toEqual(anew);
      const live = await ensured(states);
      await states.rehearseAnew(live, 'another', t(6));
      expect(await states.get(live)).not.toHaveProperty('rehearsal');
    });

    test('is not promoted where the mapping has changed since the report, or does not fit the org', async () => {
      const states = open();
      const mappingId = await rehearsed(states);
      await states.keepReport(mappingId, report);
      await states.saveSchema(mappingId, { problems: ['no field'] });
      expect(await states.promote(mappingId, report, t(6))).toBe(false);
      const revised = { before: revision, after: { ...revision, revision: 2 }, at: t(7) };
      await states.saveSchema(mappingId, { problems: [] }, revised);
      expect(await states.promote(mappingId, report, t(8))).toBe(false);
      expect(await states.keepReport(mappingId, report)).toBe(false);
      expect((await states.get(mappingId))?.rehearsal).toEqual({ since: t(0), report });
    });
  });

  test('restarting makes one due and forgets its trouble, and nothing else', async () => {
    const states = open();
    const mappingId = await ensured(states);
    await states.saveSchema(mappingId, { checkedAt: t(1), problems: ['no field Foo__c'] });
    await states.recordTrouble(mappingId, 'MAPPING_INVALID', t(2));
    await states.makeDue(mappingId, t(60));
    const { trouble: _, ...before } = (await states.get(mappingId)) ?? {};

    await states.restart(mappingId, t(3));

    expect(await states.get(mappingId)).toEqual({ ...before, nextRunAt: t(3) });
    expect((await states.due(t(3), ALL)).map((state) => state.mappingId)).toContain(mappingId);
  });

  test('keeps what a check found, until the next one', async () => {
    const states = open();
    const mappingId = await ensured(states);
    const finding = {
      code: 'FIELD_NOT_SEEN',
      weight: 'field',
      where: 'mappings.contact.fieldMap.title',
      attribute: 'title',
      says: 'Contact has no field Title.',
    } as const;
    const tracking = {
      stamp: 'LastModifiedDate',
      modified: 'LastModifiedDate',
      tellsDeletions: false,
    } as const;
    const schema = { findings: [finding], leftOut: ['title'], lengths: { Email: 80 }, tracking };

    await states.saveSchema(mappingId, { checkedAt: t(1), problems: [], schema });
    expect(await states.get(mappingId)).toMatchObject({ schema });

    const mended = { findings: [], leftOut: [], lengths: {} };
    await states.saveSchema(mappingId, { checkedAt: t(2), problems: [], schema: mended });
    expect((await states.get(mappingId))?.schema).toEqual(mended);
    await states.saveSchema(mappingId, { problems: ['it is another one now'] });
    expect(await states.get(mappingId)).toMatchObject({ schema: mended, checkedAt: t(2), status: 'invalid' });
  });

  test('keeps the identity of a mapping without an external id field', async () => {
    const states = open();
    const mappingId = await ensured(states);
    const identity = { localTable: 'users', sfObject: 'User' };

    await states.saveSchema(mappingId, { checkedAt: t(1), problems: [], identity });

    expect((await states.get(mappingId))?.identity).toEqual(identity);
  });

  test('keeps when a full sweep is due, unless it is another time by now', async () => {
    const states = open();
    const mappingId = await ensured(states);
    const due = async () => (await states.get(mappingId))?.fullSweepAt;
    await states.setFullSweepAt(mappingId, t(5), { was: t(1) });
    expect(await due()).toBeUndefined();

    await states.setFullSweepAt(mappingId, t(5), { was: undefined });
    await states.setFullSweepAt(mappingId, t(6), { was: undefined });
    expect(await due()).toBe(t(5));
    await states.setFullSweepAt(mappingId, t(7), { was: t(5) });
    expect(await due()).toBe(t(7));
    await states.setFullSweepAt(mappingId, undefined);
    expect(await due()).toBeUndefined();

    await states.setFullSweepAt(`${randomUUID()}.contact`, t(5));
  });

  test('keeps when its plan is to go on', async () => {
    const states = open();
    const mappingId = await ensured(states);
    const due = async () => (await states.get(mappingId))?.planDue;

    await states.setPlanDue(mappingId, { planId: 'one', at: t(5) });
    expect(await due()).toEqual({ planId: 'one', at: t(5) });
    const waits = { planId: 'two', at: t(6), reason: 'BUDGET_SPENT', thenAt: t(9) };
    await states.setPlanDue(mappingId, waits);
    expect(await due()).toEqual(waits);
    await states.setPlanDue(mappingId, undefined);
    expect(await due()).toBeUndefined();

    await states.setPlanDue(`${randomUUID()}.contact`, { planId: 'one', at: t(5) });
  });

  test('keeps apart when formulas are to be refreshed', async () => {
    const states = open();
    const mappingId = await ensured(states);
    await states.setFullSweepAt(mappingId, t(5));
    await states.setFullSweepAt(mappingId, t(6), { was: undefined }, 'formulas');
    await states.setFullSweepAt(mappingId, t(7), { was: t(5) }, 'formulas');
    expect(await states.get(mappingId)).toMatchObject({ fullSweepAt: t(5), formulasAt: t(6) });

    await states.setFullSweepAt(mappingId, undefined, { was: t(6) }, 'formulas');
    const now = await states.get(mappingId);
    expect(now).toMatchObject({ fullSweepAt: t(5) });
    expect(now).not.toHaveProperty('formulasAt');
  });

  test('keeps which fields Salesforce computes', async () => {
    const states = open();
    const mappingId = await ensured(states);
    const schema = { findings: [], leftOut: [], lengths: {}, calculated: ['Grade__c'] };
    await states.saveSchema(mappingId, { checkedAt: t(1), problems: [], schema });

    expect((await states.get(mappingId))?.schema).toEqual(schema);
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

    test('sooner where that is asked for, and never later', async () => {
      const states = open();
      const mappingId = await ensured(states, t(30));
      const isDue = async (at: string) => (await states.due(at, ALL)).some((s) => s.mappingId === mappingId);

      await states.makeDueBy(mappingId, t(31));
      expect(await states.get(mappingId)).toMatchObject({ nextRunAt: t(30) });
      await states.makeDueBy(mappingId, t(20));
      expect(await states.get(mappingId)).toMatchObject({ nextRunAt: t(20) });
      expect(await isDue(t(19))).toBe(false);
      expect(await isDue(t(20))).toBe(true);

      const nobody = `${randomUUID()}.contact`;
      await states.makeDueBy(nobody, t(0));
      expect(await states.get(nobody)).toBeUndefined();
    });
  });

  test('gives a due run to one of many who claim it', async () => {
    const states = open();
    const mappingId = await ensured(states, t(0));

    const due = { mappingId, nextRunAt: t(0) };
    const claims = await Promise.all(Array.from({ length: 6 }, () => states.claim(due, t(60))));

    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await states.get(mappingId)).toMatchObject({ nextRunAt: t(60) });
    expect(await states.claim({ ...due, mappingId: 'nobody.contact' }, t(60))).toBe(false);
    const found = await states.due(t(59), ALL);
    expect(found.some((state) => state.mappingId === mappingId)).toBe(false);
  });

  describe('a pass', () => {
    const cursor = (second: number) => ({ modstamp: t(second), sfId: '003000000000001AAA' });
    const seen = (second: number) => ({ watermark: t(second), followedUntil: t(second) });
    const basisOf = async (states: MappingStates, mappingId: string): Promise<MappingState> => {
      const state = await states.get(mappingId);
      if (!state) throw new Error('the mapping is not there');
      return state;
    };

    test('that ends makes the mapping active, moves its watermark, and ends its trouble', async () => {
      const states = open();
      const mappingId = await ensured(states);
      await states.recordTrouble(mappingId, 'INVALID_FIELD', t(1));

      expect(await states.finishPass(await basisOf(states, mappingId), seen(3), t(4))).toBe(true);

      const state = await states.get(mappingId);
      expect(state).toMatchObject({
        status: 'active',
        watermark: t(3),
        followedUntil: t(3),
        lastRunAt: t(4),
      });
      expect(state).not.toHaveProperty('trouble');
    });

    test('that found something leaves a run due that was read before it, and an idle one does not', async () => {
      const states = open();
      const mappingId = await ensured(states, t(0));
      const end = async (isIdle: boolean) =>
        states.finishPass(await basisOf(states, mappingId), { ...seen(3), isIdle }, t(4));
      await end(true);
      const due = await basisOf(states, mappingId);

      await end(false);
      expect(await states.claim(due, t(60))).toBe(false);
      expect(await states.get(mappingId)).toMatchObject({ nextRunAt: t(0), idleRounds: 0 });

      const dueAnew = await basisOf(states, mappingId);
      await end(true);
      expect(await states.claim(dueAnew, t(60))).toBe(true);
    });

    test('keeps how far it came, and loses that with its end', async () => {
      const states = open();
      const mappingId = await ensured(states);
      const begun = await basisOf(states, mappingId);
      const pass = { passId: 'p1', startedAt: t(2), since: t(1), cursor: cursor(2) };

      expect(await states.advancePass(begun, pass)).toBe(true);
      expect(await states.get(mappingId)).toMatchObject({ pass });
      const moved = { ...pass, cursor: cursor(3) };
      expect(await states.advancePass({ ...begun, pass }, moved)).toBe(true);
      expect(await states.finishPass({ ...begun, pass: moved }, seen(2), t(4))).toBe(true);

      expect(await states.get(mappingId)).not.toHaveProperty('pass');
    });

    test('is carried on by one alone', async () => {
      const states = open();
      const mappingId = await ensured(states);
      const begun = await basisOf(states, mappingId);
      const pass = { passId: 'p1', startedAt: t(2), cursor: cursor(2) };
      await states.advancePass(begun, pass);

      expect(await states.advancePass(begun, { ...pass, passId: 'p2' })).toBe(false);
      expect(await states.finishPass(begun, seen(9), t(9))).toBe(false);
      await states.advancePass({ ...begun, pass }, { ...pass, cursor: cursor(3) });
      expect(await states.advancePass({ ...begun, pass }, { ...pass, cursor: cursor(4) })).toBe(false);

      const state = await states.get(mappingId);
      expect(state).toMatchObject({ status: 'loading', pass: { passId: 'p1', cursor: cursor(3) } });
    });

    test.each<[string, (states: MappingStates, mappingId: string) => Promise<unknown>]>([
      ['its passes were forgotten', (states, mappingId) => states.forgetPasses(mappingId)],
      [
        'the mapping has another revision',
        (states, mappingId) =>
          states.saveSchema(
            mappingId,
            { problems: [] },
            {
              before: undefined,
              after: { revision: 1, fieldsRevision: 1, fields: {}, template: 'd' },
              at: t(1),
            },
          ),
      ],
      [
        'another one ended',
        async (states, mappingId) => states.finishPass(await basisOf(states, mappingId), seen(1), t(1)),
      ],
      [
        'the mapping does not fit any more',
        (states, mappingId) => states.saveSchema(mappingId, { problems: ['no field'] }),
      ],
    ])('does not end when %s', async (_, change) => {
      const states = open();
      const mappingId = await ensured(states);
      const begun = await basisOf(states, mappingId);
      await change(states, mappingId);

      expect(await states.finishPass(begun, seen(9), t(9))).toBe(false);

      const state = await states.get(mappingId);
      expect(state?.watermark).not.toBe(t(9));
    });

    test('never moves the watermark backwards', async () => {
      const states = open();
      const mappingId = await ensured(states);
      await states.finishPass(await basisOf(states, mappingId), seen(9), t(9));

      await states.finishPass(await basisOf(states, mappingId), seen(4), t(11));

      expect(await states.get(mappingId)).toMatchObject({ watermark: t(9), lastRunAt: t(11) });
    });

    test('that comes to nothing is counted, from the first of them on', async () => {
      const states = open();
      const mappingId = await ensured(states);
      await states.recordTrouble(mappingId, 'INVALID_FIELD', t(1));

      const trouble = { code: 'TIMEOUT', since: t(1), at: t(5), count: 2 };
      expect(await states.recordTrouble(mappingId, 'TIMEOUT', t(5))).toEqual(trouble);

      expect(await states.get(mappingId)).toMatchObject({ trouble });
    });
  });

  describe('a revision', () => {
    const first = { revision: 1, fieldsRevision: 1, fields: {}, template: 'one' };
    const second = { ...first, revision: 2, template: 'two' };

    test('begins its passes anew and remembers the template before', async () => {
      const states = open();
      const mappingId = await ensured(states);
      await states.saveSchema(mappingId, { problems: [] }, { before: undefined, after: first, at: t(1) });
      const state = await states.get(mappingId);
      if (state) await states.finishPass(state, { watermark: t(2), followedUntil: t(2) }, t(2));

      const saved = await states.saveSchema(
        mappingId,
        { problems: [] },
        { before: first, after: second, at: t(3) },
      );

      expect(saved).toBe(true);
      const revised = await states.get(mappingId);
      expect(revised).toMatchObject({
        revision: second,
        replaced: { template: 'one', at: t(3) },
        status: 'loading',
        followedUntil: t(2),
      });
      expect(revised).not.toHaveProperty('watermark');
    });

    test('is not stored over one that it does not come from', async () => {
      const states = open();
      const mappingId = await ensured(states);
      const saves = await Promise.all(
        ['a', 'b', 'c'].map((template) =>
          states.saveSchema(
            mappingId,
            { problems: [] },
            { before: undefined, after: { ...first, template }, at: t(1) },
          ),
        ),
      );

      expect(saves.filter(Boolean)).toHaveLength(1);
    });

    test('is foreseen by one alone, and begins only for whoever knows of it', async () => {
      const states = open();
      const mappingId = await ensured(states);
      const nobody = { mappingId: 'c1.nobody' };
      expect(await states.foresee(nobody, first)).toBe(false);
      await states.saveSchema(mappingId, { problems: [] }, { before: undefined, after: first, at: t(1) });
      expect(await states.foresee({ mappingId }, second)).toBe(false);
      const read = { mappingId, revision: first };
      const others = ['a', 'b'].map((template) => states.foresee(read, { ...second, template }));
      expect((await Promise.all(others)).filter(Boolean)).toHaveLength(1);
      const { foreseen, revision } = (await states.get(mappingId)) ?? {};
      expect([revision, foreseen?.revision]).toEqual([first, 2]);

      const save = (known: typeof foreseen) =>
        states.saveSchema(
          mappingId,
          { problems: [] },
          { before: first, foreseen: known, after: { ...second, revision: 3 }, at: t(2) },
        );
      expect(await save(undefined)).toBe(false);
      expect(await save(foreseen)).toBe(true);
      const state = await states.get(mappingId);
      expect(state).toMatchObject({ revision: { revision: 3 } });
      expect(state).not.toHaveProperty('foreseen');
    });
  });

  test('a mapping that left the config and is back has a push due, and is due itself', async () => {
    const states = open();
    const mappingId = await ensured(states);
    await states.setRetired(mappingId, true, t(1));
    expect(await states.get(mappingId)).toMatchObject({ isRetired: true });

    await states.setRetired(mappingId, false, t(2));

    const state = await states.get(mappingId);
    expect(state).toMatchObject({ pushDueSince: t(2), nextRunAt: t(2) });
    expect(state).not.toHaveProperty('isRetired');
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
      const begun = await states.get(mappingId);
      if (hadPass && begun) await states.finishPass(begun, { watermark: t(1), followedUntil: t(1) }, t(1));
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

  test('remembers that a push is due until that very push has begun', async () => {
    const states = open();
    const mappingId = await ensured(states);
    await states.setPushDue(mappingId, t(1));
    await states.setPushDue(mappingId, t(2));

    await states.clearPushDue(mappingId, t(1));
    expect(await states.get(mappingId)).toMatchObject({ pushDueSince: t(2) });
    await states.clearPushDue(mappingId, t(2));

    expect(await states.get(mappingId)).not.toHaveProperty('pushDueSince');
  });

  test('forgets a check and the passes when told to', async () => {
    const states = open();
    const mappingId = await ensured(states);
    const begun = await states.get(mappingId);
    if (begun) await states.finishPass(begun, { watermark: t(1), followedUntil: t(1) }, t(2));
    await states.saveSchema(mappingId, { checkedAt: t(1), problems: [] });

    await states.expireCheck(mappingId);
    await states.forgetPasses(mappingId);

    const state = await states.get(mappingId);
    for (const name of ['checkedAt', 'watermark']) expect(state).not.toHaveProperty(name);
    expect(state).toMatchObject({ epoch: 1, followedUntil: t(1) });
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
      () => states.setPushDue(nobody, t(0)),
      () => states.forgetPasses(nobody),
      () => states.recordTrouble(nobody, 'CODE', t(0)),
      () => states.setRetired(nobody, true, t(0)),
      () => states.saveSchema(nobody, { problems: [] }),
      () => states.restart(nobody, t(1)),
      () => states.setBulkJob(nobody, 'job'),
    ]) {
      await expect(change()).rejects.toMatchObject({ name: 'NotFound' });
    }

    expect(await states.get(nobody)).toBeUndefined();
  });
};
