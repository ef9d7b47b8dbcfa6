import { describe, expect, test } from '@jest/globals';
import type { Cause } from '../../../../../shared/contracts/causes.ts';
import type { HistoryRule } from '../../../../../shared/sync/history/line.ts';
import type { FieldValue } from '../../../../../shared/sync/model/values.ts';
import { NO_COUNTS } from '../../../../../shared/use-cases/ports/counts.ts';
import type { HistoryLine } from '../../../../../shared/use-cases/ports/history.ts';
import type { PlannedUndo } from '../../../../../shared/use-cases/ports/plans.ts';
import { undoStep } from '../../../../../shared/use-cases/reconciliation/plan/undo-step.ts';
import { readUndos } from '../../../../../shared/use-cases/reconciliation/plan/undos.ts';
import { aPlan } from '../../../../builders/a-plan.ts';
import { aLink, aMapping } from '../../../../builders/sync.ts';
import { aConfig, aStack, MAPPING_ID as mappingId } from '../schedules/a-stack.ts';

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;
const SCOPE = { from: at(10), to: at(20) };
const planId = 'undo-1';
const KEPT = { days: 30, keep: 'values' } as const;

/** A line of an edit of `email`, in the scope unless told otherwise. */
const line = (
  localKey: string,
  before: FieldValue,
  after: FieldValue,
  {
    minute = 15,
    causes = [],
    field = 'email',
    rule = 'localEdit',
  }: { minute?: number; causes?: readonly Cause[]; field?: string; rule?: HistoryRule } = {},
): HistoryLine => ({
  mappingId,
  localKey,
  at: at(minute),
  version: 1,
  revision: 1,
  salt: '',
  event: 'edit',
  causes,
  changes: [{ field, side: 'local', rule, before: { value: before }, after: { value: after } }],
});
const own = (key: string) =>
  line(key, 'b', 'a', { minute: 30, causes: [{ by: 'undo', runId: planId }], rule: 'undone' });

describe('what is to be taken back of some keys', () => {
  const read = (lines: readonly HistoryLine[], keys = ['ann']) => {
    const asked: unknown[] = [];
    const history = {
      ofRecord: async (...about: [string, string, number]) => {
        asked.push(about);
        return lines.filter(({ localKey }) => localKey === about[1]);
      },
    };
    const syncStore = { links: async () => new Map([['ann', aLink({ version: 7 })]]) };
    const found = readUndos(
      { history, syncStore },
      aMapping({ history: KEPT }),
      { mappingId, planId },
      SCOPE,
      keys,
    );
    return found.then((all) => ({ ...all, asked }));
  };
  const email = new Map([['email', { from: 'b', to: 'a' }]]);

  test('is read by a request a key, and is nothing where no change lies in the scope', async () => {
    const lines = [line('ann', 'a', 'b'), line('bob', 'a', 'b', { minute: 9 })];
    const { undos, begun, asked } = await read(lines, ['ann', 'bob', 'cyd']);
    expect([...undos]).toEqual([['ann', { fields: email, obstacles: [], toldSince: at(15) }]]);
    expect([...begun]).toEqual([]);
    expect(asked).toEqual(['ann', 'bob', 'cyd'].map((key) => [mappingId, key, 200]));
  });

  test('knows of a pair that goes how new its link was before its history was read', async () => {
    const born: HistoryLine = {
      ...line('ann', null, 'b', { rule: 'created' }),
      event: 'item-created',
      changes: [{ field: 'email', side: 'local', rule: 'created', after: { value: 'b' } }],
    };
    const ofBob = { ...born, localKey: 'bob' };
    const { undos } = await read([born, ofBob], ['ann', 'bob']);
    expect(undos.get('ann')).toMatchObject({ pair: 'delete', asOf: 7 });
    expect(undos.get('bob')).toMatchObject({ pair: 'delete', asOf: 0 });
  });

  test('leaves out what this undo has done itself, and says that it was begun', async () => {
    const { undos, begun } = await read(
      [own('ann'), line('ann', 'a', 'b'), line('bob', 'a', 'b')],
      ['ann', 'bob'],
    );
    expect(undos.get('ann')).toEqual({ fields: email, obstacles: [], toldSince: at(15) });
    expect([...begun]).toEqual(['ann']);
  });

  test('is nothing of a pair that was changed so often that its first change may not be among these', async () => {
    const many = (count: number) => Array.from({ length: count }, () => line('ann', 'a', 'b'));
    expect((await read(many(199))).undos.get('ann')?.obstacles).toEqual([]);
    expect((await read(many(200))).undos.get('ann')?.obstacles).toEqual([
      { code: 'UNDO_VALUES_NOT_KEPT', fields: [] },
    ]);
  });

  test('is read of all keys, however many there are', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `key-${index}`);
    const { undos } = await read(
      keys.map((key) => line(key, 'a', 'b')),
      keys,
    );
    expect([...undos.keys()]).toEqual(keys);
  });
});

describe('a step of a plan that takes changes back', () => {
  /** Pairs in step whose e-mail is `b`; all lines that a test gives are on one page. */
  async function aStep(
    lines: readonly HistoryLine[],
    change: Partial<PlannedUndo> = {},
    { next, known = [] }: { next?: string; known?: readonly string[] } = {},
  ) {
    const stack = aStack({ config: aConfig({ contact: { history: { days: 30, keep: 'values' } } }) });
    for (const key of ['ann', 'bob']) stack.org.insert({ LastName: key, Email: 'b', External_Id__c: key });
    await stack.passes(30);
    const open = await stack.opened();
    const asked: unknown[] = [];
    const history = {
      between: async (...about: unknown[]) => {
        asked.push(about);
        return { lines, ...(next !== undefined && { next }) };
      },
      ofRecord: async (_: string, key: string) => lines.filter(({ localKey }) => localKey === key),
    };
    const current = {
      ...aPlan({ mappingId, planId, undo: { ...SCOPE, clears: {}, ...change } }),
      version: 1,
    };
    await stack.plans.addKeys(current, at(0), known);
    const ports = { ...stack.ports, history } as never;
    const step = await undoStep({ ports, open, current, counts: NO_COUNTS });
    return { ...step, keys: step.pages.map((page) => page.map(({ key }) => key)), asked };
  }

  test('looks at each key once of which a change lies in the scope', async () => {
    const lines = [line('ann', 'a', 'b'), line('ann', 'x', 'a'), line('bob', 'a', 'b', { minute: 21 })];
    const { keys, isLast, move, asked } = await aStep(lines);
    expect({ keys, isLast }).toEqual({ keys: [['ann']], isLast: true });
    expect(move).toEqual({ undo: { ...SCOPE, clears: {} } });
    expect(asked).toEqual([[mappingId, { ...SCOPE, clears: {} }, undefined]]);
  });

  test('does not look at what this undo has changed itself, though its time is in the scope', async () => {
    const causes = [{ by: 'undo', runId: planId }] as const;
    const { pages } = await aStep([line('ann', 'a', 'b', { causes })]);
    expect(pages).toEqual([]);
  });

  test('has no page where all that it has looked at came to nothing', async () => {
    const { pages, isLast } = await aStep([line('ann', 'a', 'b'), line('ann', 'b', 'a')]);
    expect({ pages, isLast }).toEqual({ pages: [], isLast: true });
  });

  test('looks at no key that is in the plan already', async () => {
    const { keys } = await aStep([line('ann', 'a', 'b'), line('bob', 'a', 'b')], {}, { known: ['ann'] });
    expect(keys).toEqual([['bob']]);
  });

  test('goes on where the listing does, until there is no more', async () => {
    const { move, isLast, asked } = await aStep([line('ann', 'a', 'b')], { after: '1' }, { next: '2' });
    expect(isLast).toBe(false);
    expect(move).toEqual({ undo: { ...SCOPE, clears: {}, after: '2' } });
    expect(asked).toEqual([[mappingId, { ...SCOPE, clears: {} }, '1']]);
    expect((await aStep([], { after: '2' })).move).toEqual({ undo: { ...SCOPE, clears: {} } });
  });

  test('of one record lists nothing else, and is the last', async () => {
    const { keys, isLast, asked } = await aStep([line('ann', 'a', 'b'), line('bob', 'a', 'b')], {
      key: 'bob',
    });
    expect({ keys, isLast, asked }).toEqual({ keys: [['bob']], isLast: true, asked: [] });
  });

  test('counts of how many keys an attribute would be emptied, beside those before', async () => {
    const lines = [line('ann', null, 'b'), line('bob', 'a', 'b')];
    const { move } = await aStep(lines, { clears: { email: 4, title: 1 } });
    expect(move.undo?.clears).toEqual({ email: 5, title: 1 });
  });

  test('counts nothing of what stays as it is', async () => {
    const { move, pages } = await aStep([line('ann', null, 'somebody has changed it since')]);
    expect(pages.flat()).toMatchObject([{ actions: [{ kind: 'keep' }] }]);
    expect(move.undo?.clears).toEqual({});
  });
});
