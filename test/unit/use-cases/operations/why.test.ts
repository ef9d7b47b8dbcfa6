import { describe, expect, test } from '@jest/globals';
import { isoOf } from '../../../../shared/contracts/time.ts';
import { must } from '../../../../shared/sync/assert.ts';
import { why } from '../../../../shared/use-cases/operations/why.ts';
import {
  aConfig,
  aSettledStack,
  aStack,
  bothEdited,
  MAPPING_ID,
  type StackOptions,
} from '../reconciliation/schedules/a-stack.ts';

const keeping = (keep: 'values' | 'digests'): StackOptions => {
  const config = aConfig();
  const { contact } = config.mappings;
  if (!contact) throw new Error('the config has the mapping');
  return {
    config: {
      ...config,
      mappings: { ...config.mappings, contact: { ...contact, history: { days: 7, keep } } },
    },
  };
};
const ask = { mappingId: MAPPING_ID, limit: 50 };

/** Counts what a use case asks of its ports. */
const counted = <T extends object>(port: T, count: () => void): T =>
  new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        count();
        return Reflect.apply(value, target, args);
      };
    },
  });

describe('why a record is as it is', () => {
  test('is told alike by the key of its item and by the id of its record, short or long', async () => {
    const stack = await aSettledStack(keeping('values'));

    const byKey = await why(stack, { ...ask, key: stack.key });

    expect(byKey).toMatchObject({ key: stack.key, sfId: stack.sfId, state: 'linked' });
    expect(byKey.answers).toMatchObject([
      { text: expect.stringMatching(/email is "ann@example.com".* since/) },
    ]);
    expect(await why(stack, { ...ask, sfId: stack.sfId })).toEqual(byKey);
    expect(await why(stack, { ...ask, sfId: stack.sfId.slice(0, 15) })).toEqual(byKey);
  });

  test.each([
    ['key', 'key'],
    ['id', 'sfId'],
  ] as const)('costs at most six requests by its %s, however much there is', async (_what, name) => {
    const stack = await aSettledStack();
    let requests = 0;
    const count = () => {
      requests += 1;
    };
    const ports = {
      config: stack.ports.config,
      syncStore: counted(stack.syncStore, count),
      history: counted(stack.history, count),
      journal: counted(stack.journal, count),
    };
    const link = stack.link(stack.key);
    if (!link) throw new Error('the pair is linked');
    const run = { by: 'load' as const, runId: 'load-1', at: stack.clock.now() };
    stack.syncStore.replaceLink({ ...link, run }, link.version);

    await why(ports, { ...ask, [name]: name === 'key' ? stack.key : stack.sfId });

    expect(requests).toBe(6);
  });

  test('of one field tells of no other', async () => {
    const stack = await aSettledStack(keeping('values'));
    stack.putItem(stack.key, { email: 'a@example.com' });
    await stack.passes(2);
    stack.putItem(stack.key, { lastName: 'Ray' });
    await stack.passes(2);

    const { answers } = await why(stack, { ...ask, key: stack.key, field: 'email' });

    expect(answers.map(({ fields }) => fields.map(({ field, after }) => [field, after]))).toEqual([
      [['email', 'a@example.com']],
      [['email', 'ann@example.com']],
    ]);
    expect(answers.map(({ text }) => text)).toEqual([
      expect.stringContaining('email is "a@example.com" (before: "ann@example.com") since'),
      expect.stringContaining('email became "ann@example.com" at'),
    ]);
  });

  test('of one field is told though other fields have changed more often since than lines are asked for', async () => {
    const stack = await aSettledStack(keeping('values'));
    for (const n of [1, 2, 3]) {
      stack.putItem(stack.key, { lastName: `Ray ${n}` });
      await stack.passes(2);
    }

    const asked = { ...ask, key: stack.key, field: 'email', limit: 2 };
    const { answers, ...rest } = await why(stack, asked);

    expect(answers).toMatchObject([{ text: expect.stringContaining('email is "ann@example.com" since') }]);
    expect(rest).not.toHaveProperty('isCut');
  });

  test('of one field is searched in 2,000 lines at most, and says so', async () => {
    const stack = await aSettledStack();
    const [born] = await stack.history.ofRecord(MAPPING_ID, stack.key, 1);
    const change = {
      field: 'lastName',
      side: 'local',
      rule: 'salesforceEdit',
      after: { value: 'Ray' },
    } as const;
    const asked = { ...ask, key: stack.key, field: 'email' };
    const edit = (n: number) =>
      stack.history.keep({
        ...must(born, 'the pair has a line'),
        ...{ event: 'edit', version: n, at: isoOf(stack.clock.nowMs() + n), changes: [change] },
      });
    for (let n = 2; n <= 2_000; n += 1) edit(n);
    expect((await why(stack, asked)).answers).toMatchObject([{ fields: [{ field: 'email' }] }]);
    edit(2_001);

    expect(await why(stack, asked)).toMatchObject({ answers: [], isCut: true });
  });

  test('by the id of a merged record is that of the pair which goes on, with all that waits for it', async () => {
    const stack = await aSettledStack();
    const winner = stack.org.insert({ LastName: 'Winner', Email: 'winner@example.com' });
    stack.org.merge(winner, stack.sfId, {});
    await stack.passes(10);
    expect(stack.link(stack.key)?.sfId).toBe(winner);
    for (const [key, reason] of [
      [stack.sfId, 'CONTENDED'],
      [winner, 'INVALID_ATTRIBUTE'],
    ] as const) {
      await stack.parkedKeys.park([{ mappingId: MAPPING_ID, kind: 'record', key, side: 'remote', reason }]);
      await stack.journal.recordRejections([
        {
          ...{ mappingId: MAPPING_ID, by: 'local-rules', key, code: reason, message: '', fields: [] },
          at: stack.clock.now(),
        },
      ]);
    }

    const byOld = await why(stack, { ...ask, sfId: stack.sfId });

    expect(byOld).toMatchObject({ key: stack.key, sfId: winner, state: 'linked' });
    expect(byOld.now.waiting.map(({ reason }) => reason)).toEqual(['CONTENDED', 'INVALID_ATTRIBUTE']);
    expect(byOld.now.rejected.map(({ code }) => code)).toEqual(['CONTENDED', 'INVALID_ATTRIBUTE']);
    expect((await why(stack, { ...ask, sfId: winner })).answers).toEqual(byOld.answers);
  });

  test('without kept values shows none', async () => {
    const stack = await aSettledStack(keeping('digests'));
    stack.putItem(stack.key, { email: 'secret@example.com' });
    await stack.passes(2);

    const answer = await why(stack, { ...ask, key: stack.key });

    expect(answer.answers[0]?.text).toMatch(/^email \(present value since .*\): edited in the item alone;/);
    expect(JSON.stringify(answer)).not.toMatch(/secret|ann@|digest|salt/);
  });

  test('tells what waits, what was refused, and until when', async () => {
    const stack = await aSettledStack();
    stack.putItem(stack.key, { email: 7 });
    stack.org.edit(stack.sfId, { Title: 'CTO' });
    await stack.hints.send([stack.remoteHint(stack.sfId)]);
    await stack.passes(2);

    const { now } = await why(stack, { ...ask, key: stack.key });

    expect(now).toMatchObject({
      waiting: [
        { side: 'local', reason: 'INVALID_ATTRIBUTE' },
        { side: 'salesforce', reason: 'INVALID_ATTRIBUTE' },
      ],
      rejected: [{ code: 'INVALID_ATTRIBUTE', fields: ['email'] }],
    });
  });

  test('tells a conflict that the journal alone knows, and one that a line tells only once', async () => {
    const stack = await aSettledStack();
    await bothEdited(stack);
    const [known] = stack.conflicts();
    if (!known) throw new Error('there is a conflict');
    await stack.journal.recordConflicts([
      { ...known, field: 'lastName', policy: 'bulk-push', reason: 'a push' },
    ]);

    const { answers } = await why(stack, { ...ask, key: stack.key });

    expect(answers.filter(({ text }) => text.includes('conflict')).map(({ text }) => text)).toEqual([
      expect.stringContaining(
        'a conflict was decided: the local edit is later; the record in Salesforce got it',
      ),
      expect.stringContaining('A conflict of lastName was decided'),
    ]);
  });

  test('says that it is cut, by more lines as by more conflicts than were asked for, and not where it is whole', async () => {
    const stack = await aSettledStack();
    await bothEdited(stack);
    const [known] = stack.conflicts();
    if (!known) throw new Error('there is a conflict');
    await stack.journal.recordConflicts(
      ['lastName', 'title'].map((field) => ({ ...known, field, policy: 'bulk-push', reason: 'a push' })),
    );
    const asked = { ...ask, key: stack.key };

    const whole = await why(stack, asked);
    expect(whole.answers).toHaveLength(4);
    expect(whole).not.toHaveProperty('isCut');
    expect(await why(stack, { ...asked, limit: 2 })).toMatchObject({ isCut: true });
    // There are fewer lines than that, but with the conflicts more.
    const cut = await why(stack, { ...asked, limit: 3 });
    expect(cut).toMatchObject({ isCut: true });
    expect(cut.answers).toHaveLength(3);
  });

  test('of a record that nothing is linked to is what waits for it', async () => {
    const stack = aStack();
    const sfId = '003000000000009AAA';
    await stack.parkedKeys.park([
      { mappingId: MAPPING_ID, kind: 'record', key: sfId, side: 'remote', reason: 'SEVERAL_MATCHES' },
    ]);

    expect(await why(stack, { ...ask, sfId })).toEqual({
      mappingId: MAPPING_ID,
      sfId,
      state: 'not-linked',
      now: {
        waiting: [{ side: 'salesforce', since: stack.clock.now(), reason: 'SEVERAL_MATCHES' }],
        held: [],
        rejected: [],
      },
      answers: [],
    });
  });

  test.each([
    ['neither name', {}, 'INVALID_INPUT'],
    ['both names', { key: 'a', sfId: '003000000000009AAA' }, 'INVALID_INPUT'],
    ['an id that is none', { sfId: '???000000000009AAA' }, 'INVALID_INPUT'],
    ['a mapping that there is not', { key: 'a', mappingId: 'c1.nothing' }, 'UNKNOWN_MAPPING'],
  ])('is refused with %s', async (_what, change, code) => {
    await expect(why(aStack(), { ...ask, ...change })).rejects.toMatchObject({ code });
  });
});
