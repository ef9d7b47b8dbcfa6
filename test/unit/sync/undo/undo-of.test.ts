import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HistoryEvent, HistoryRule, Kept, KeptChange } from '../../../../shared/sync/history/line.ts';
import type { FieldMapping } from '../../../../shared/sync/model/mapping.ts';
import type { FieldValue } from '../../../../shared/sync/model/values.ts';
import { isInScope, isOwn, type PastLine } from '../../../../shared/sync/undo/past.ts';
import { undoOf } from '../../../../shared/sync/undo/undo-of.ts';
import { aMapping } from '../../../builders/sync.ts';

const mapping = aMapping({ history: { days: 30, keep: 'values' } });
const [first, second] = mapping.fields
  .filter(({ direction }) => direction === 'both')
  .map((f) => f.localField);
const FIELD = first ?? '';
const OTHER = second ?? '';

const value = (of: FieldValue | undefined): Kept | undefined =>
  of === undefined ? undefined : { value: of };
const change = (
  before: FieldValue | undefined,
  after: FieldValue,
  { field = FIELD, rule = 'localEdit' }: { field?: string; rule?: HistoryRule } = {},
): KeptChange => {
  const kept = value(before);
  return { field, side: 'salesforce', rule, ...(kept && { before: kept }), after: { value: after } };
};
const aLine = (isTaken: boolean, changes: readonly KeptChange[], event: HistoryEvent = 'edit'): PastLine => ({
  event,
  revision: mapping.fieldsRevision,
  changes,
  isTaken,
});
const taken = (...changes: KeptChange[]) => aLine(true, changes);
const kept = (...changes: KeptChange[]) => aLine(false, changes);
/** Lines as they are told, the oldest first. */
const undo = (lines: readonly PastLine[], { isWhole = true, of = mapping } = {}) =>
  undoOf(of, { lines: lines.toReversed(), isWhole });
const fieldsOf = (found: ReturnType<typeof undo>) => Object.fromEntries(found?.fields ?? []);
const withField = (changes: Partial<FieldMapping>) => ({
  ...mapping,
  fields: mapping.fields.map((field) => (field.localField === FIELD ? { ...field, ...changes } : field)),
});

describe('what taking changes of a field back means', () => {
  test('is nothing where none lies in the scope', () => {
    expect(undo([kept(change('a', 'b'))])).toBeUndefined();
  });

  test('is what there was before the last of them in a row', () => {
    const lines = [
      taken(change('a', 'b')),
      kept(change('b', 'c')),
      taken(change('c', 'd')),
      taken(change('d', 'e')),
    ];
    expect(fieldsOf(undo(lines))).toEqual({ [FIELD]: { from: 'e', to: 'c' } });
  });

  test('is what a job had brought in between, which left no line', () => {
    for (const rule of ['localEdit', 'salesforceEdit'] as const) {
      const lines = [taken(change('a', 'b')), taken(change('c', 'd', { rule }))];
      for (const isWhole of [true, false])
        expect(fieldsOf(undo(lines, { isWhole }))).toEqual({ [FIELD]: { from: 'd', to: 'c' } });
    }
    // What lost a conflict is no change that is missing.
    const decided = [taken(change('a', 'b')), taken(change('c', 'd', { rule: 'localWins' }))];
    expect(fieldsOf(undo(decided))).toEqual({ [FIELD]: { from: 'd', to: 'a' } });
  });

  test('is nothing where the field was changed again since, and is told', () => {
    const found = undo([taken(change('a', 'b'), change('x', 'y', { field: OTHER })), kept(change('b', 'c'))]);
    expect(fieldsOf(found)).toEqual({ [OTHER]: { from: 'y', to: 'x' } });
    expect(found?.obstacles).toEqual([{ code: 'UNDO_EDITED_SINCE', fields: [FIELD] }]);
  });

  test('is nothing where an undo has taken it back already, or a person', () => {
    const undone = kept(change('c', 'a', { rule: 'undone' }), change('c', 'a', { rule: 'undone' }));
    const nothing = { fields: new Map(), obstacles: [] };
    const all = [taken(change('a', 'b')), taken(change('b', 'c'))];
    expect(undo([...all, undone])).toEqual(nothing);
    expect(undo([...all, kept(change('c', 'a'))])).toEqual(nothing);
    // Only those since the person's edit had been taken back.
    const since = kept(change('d', 'c', { rule: 'undone' }));
    expect(undo([taken(change('a', 'b')), kept(change('b', 'c')), taken(change('c', 'd')), since])).toEqual(
      nothing,
    );
  });

  test.each<[string, readonly PastLine[]]>([
    [
      'undone in turn',
      [kept(change('b', 'a', { rule: 'undone' })), kept(change('a', 'b', { rule: 'undone' }))],
    ],
    ['edited after it', [kept(change('b', 'a', { rule: 'undone' })), kept(change('a', 'c'))]],
    [
      'made something else of',
      [kept(change('b', 'a', { rule: 'undone' })), kept(change('a', 'A', { rule: 'adjusted' }))],
    ],
    ['not known', [kept({ ...change('b', 'a', { rule: 'undone' }), after: { digest: 'x' } })]],
  ])('is kept where what was taken back is %s', (_what, later) => {
    expect(undo([taken(change('a', 'b')), ...later])?.obstacles).toEqual([
      { code: 'UNDO_EDITED_SINCE', fields: [FIELD] },
    ]);
  });

  test('is nothing where it came to nothing', () => {
    expect(undo([taken(change('a', 'b')), taken(change('b', 'a'))])).toEqual({
      fields: new Map(),
      obstacles: [],
    });
  });

  test.each<[string, readonly PastLine[], Parameters<typeof undo>[1]]>([
    ['UNDO_VALUES_NOT_KEPT', [aLine(true, [{ ...change('a', 'b'), before: { digest: 'x' } }])], {}],
    ['UNDO_VALUES_NOT_KEPT', [aLine(true, [{ ...change('a', 'b'), after: { digest: 'x' } }])], {}],
    ['UNDO_VALUES_NOT_KEPT', [taken(change(undefined, 'b'))], {}],
    // Older lines may be in the scope too.
    ['UNDO_VALUES_NOT_KEPT', [taken(change('a', 'b'))], { isWhole: false }],
    ['UNDO_FIRST_MEETING', [taken(change(null, 'b', { rule: 'filledIn' }))], {}],
    ['UNDO_FIRST_MEETING', [taken({ ...change('a', 'b', { rule: 'localWins' }), isMeeting: true })], {}],
    ['UNDO_FIRST_MEETING', [aLine(true, [change('a', 'b')], 'linked')], {}],
    ['UNDO_FIRST_MEETING', [aLine(true, [change('a', 'b')], 'matched')], {}],
    ['UNDO_ONE_WAY', [taken(change('a', 'b'))], { of: withField({ direction: 'from-salesforce' }) }],
    ['UNDO_ONE_WAY', [taken(change('a', 'b'))], { of: withField({ direction: 'to-salesforce' }) }],
    ['UNDO_ONE_WAY', [taken(change('a', 'b'))], { of: withField({ sentAt: 'create' }) }],
    ['UNDO_ONE_WAY', [taken(change('a', 'b'))], { of: withField({ isComputed: true }) }],
    ['UNDO_ONE_WAY', [taken(change('a', 'b'))], { of: { ...mapping, direction: 'to-salesforce' } }],
    [
      'UNDO_FIELD_CHANGED',
      [taken(change('a', 'b'))],
      { of: withField({ since: mapping.fieldsRevision + 1 }) },
    ],
    ['UNDO_FIELD_CHANGED', [taken(change('a', 'b', { field: 'gone' }))], {}],
  ])('is refused with %s (%#)', (code, lines, options) => {
    const found = undo(lines, options);
    expect(fieldsOf(found)).toEqual({});
    expect(found?.obstacles.map((one) => one.code)).toEqual([code]);
  });

  test('is refused of a field that was another when only some of the changes were made', () => {
    const of = { ...withField({ since: 2 }), fieldsRevision: 2 };
    const lines = [
      { ...taken(change('a', 'b')), revision: 1 },
      { ...taken(change('b', 'c')), revision: 2 },
    ];
    expect(undo(lines, { of })?.obstacles).toEqual([{ code: 'UNDO_FIELD_CHANGED', fields: [FIELD] }]);
  });

  test('is refused of that field alone which goes one way', () => {
    const lines = [taken(change('x', 'y', { field: OTHER }), change('a', 'b'))];
    const of = {
      ...mapping,
      fields: mapping.fields.map((field) =>
        field.localField === OTHER ? { ...field, direction: 'to-salesforce' as const } : field,
      ),
    };
    const found = undo(lines, { of });
    expect(fieldsOf(found)).toEqual({ [FIELD]: { from: 'b', to: 'a' } });
    expect(found?.obstacles).toEqual([{ code: 'UNDO_ONE_WAY', fields: [OTHER] }]);
  });

  test('names what stays in one order, however the changes came', () => {
    const lines = (...fields: string[]) => [
      taken(...fields.map((field) => change('a', 'b', { field }))),
      kept(...fields.map((field) => change('b', 'c', { field }))),
    ];
    const codes = undo(lines('firstName', 'email'))?.obstacles;
    expect(codes).toEqual([{ code: 'UNDO_EDITED_SINCE', fields: ['email', 'firstName'] }]);
    expect(undo(lines('email', 'firstName'))?.obstacles).toEqual(codes);
  });

  test('goes on past a change that stays where lines may be missing beyond it', () => {
    const lines = [kept(change('a', 'b')), taken(change('b', 'c'))];
    expect(fieldsOf(undo(lines, { isWhole: false }))).toEqual({ [FIELD]: { from: 'c', to: 'b' } });
  });

  const edits = fc.array(
    fc.record({ isTaken: fc.boolean(), value: fc.constantFrom<FieldValue>(null, 'a', 'b', 'c') }),
    { minLength: 1, maxLength: 12 },
  );

  test('leaves what people did last, and gives back what was there before (property)', () => {
    fc.assert(
      fc.property(edits, (all) => {
        let now: FieldValue = 'start';
        const lines = all.map((one) => {
          const line = aLine(one.isTaken, [change(now, one.value)]);
          now = one.value;
          return line;
        });
        const last = all.findLastIndex(({ isTaken }) => !isTaken);
        const wanted = last === -1 ? 'start' : (all[last]?.value ?? null);
        const found = undo(lines)?.fields.get(FIELD);
        expect(found ? found.to : now).toBe(wanted);
        if (found) expect(found.from).toBe(now);
      }),
    );
  });

  test('undone in turn gives what there was (property)', () => {
    fc.assert(
      fc.property(edits, (all) => {
        let now: FieldValue = 'start';
        const lines = all.map((one) => {
          const line = aLine(one.isTaken, [change(now, one.value)]);
          now = one.value;
          return line;
        });
        const found = undo(lines)?.fields.get(FIELD);
        if (!found) return;
        // Both sides are written, and each leaves a line.
        const done = [taken(change(found.from, found.to)), taken(change(found.from, found.to))];
        const back = undo([...lines.map((line) => ({ ...line, isTaken: false })), ...done])?.fields.get(
          FIELD,
        );
        expect(back).toEqual({ from: found.to, to: now });
      }),
    );
  });
});

describe('what taking changes back means for the pair', () => {
  const born = (isTaken = true) =>
    aLine(isTaken, [change(undefined, 'a', { rule: 'created' })], 'item-created');
  const died = (isTaken = true, now: FieldValue = 'a') =>
    aLine(isTaken, [change(now, null, { rule: 'deleted' })], 'record-deleted');
  const returned = (isTaken = true, event: HistoryEvent = 'pair-restored') =>
    aLine(isTaken, [change(undefined, 'a', { rule: 'undone' })], event);

  test.each<[string, readonly PastLine[], unknown]>([
    ['goes where it came with them', [born()], { pair: 'delete' }],
    ['goes with its edits that are taken back too', [born(), taken(change('a', 'b'))], { pair: 'delete' }],
    ['stays where it was edited since', [born(), kept(change('a', 'b'))], ['UNDO_EDITED_SINCE']],
    [
      'stays where anything is known from before it',
      [kept(change('x', 'y')), born()],
      ['UNDO_VALUES_NOT_KEPT'],
    ],
    ['comes back where it went with them', [kept(change('x', 'a')), died()], { pair: 'restore' }],
    [
      'comes back as it was before edits too',
      [taken(change('x', 'a')), died()],
      { pair: 'restore', to: 'x' },
    ],
    ['is left where it came and went with them', [born(), died()], {}],
    ['is gone where it went since', [taken(change('x', 'a')), died(false)], ['UNDO_EDITED_SINCE']],
    ['stays where one side has gone since', [born(), aLine(false, [], 'record-gone')], ['UNDO_EDITED_SINCE']],
    ['is left where an undo has deleted it already', [born(), died(false)], {}],
    [
      'is left where an undo has made it again already',
      [kept(change('x', 'a')), died(), returned(false), kept(change(null, 'a', { rule: 'undone' }))],
      {},
    ],
    [
      'keeps what it was given since it was made again',
      [kept(change('x', 'a')), died(), returned(false), kept(change('a', 'b'))],
      ['UNDO_EDITED_SINCE'],
    ],
    [
      'stays where it went and nobody knows what was before',
      [kept(change('x', 'y')), born(), died(false)],
      ['UNDO_EDITED_SINCE'],
    ],
    ['stays where it was made again since', [born(), died(false), returned(false)], ['UNDO_EDITED_SINCE']],
    ['goes again where it had come back', [died(false), returned()], { pair: 'delete' }],
    [
      'goes again where a person had made it again',
      [died(false), returned(true, 'record-restored')],
      { pair: 'delete' },
    ],
    [
      'stays where one side had been there all the time',
      [returned(true, 'item-restored')],
      ['UNDO_VALUES_NOT_KEPT'],
    ],
    ['keeps its side that was left alone', [aLine(true, [], 'item-gone')], ['UNDO_DELETION_STAYS']],
    ['keeps its mark', [aLine(true, [], 'record-marked')], ['UNDO_DELETION_STAYS']],
    [
      'is not made of digests',
      [aLine(true, [{ ...change('a', null), before: { digest: 'x' } }], 'item-deleted')],
      ['UNDO_VALUES_NOT_KEPT'],
    ],
  ])('%s', (_name, lines, wanted) => {
    const found = undo(lines);
    if (Array.isArray(wanted)) {
      expect(found?.pair).toBeUndefined();
      expect(fieldsOf(found)).toEqual({});
      expect(found?.obstacles.map(({ code }) => code)).toEqual(wanted);
      return;
    }
    const { pair, to } = wanted as { pair?: string; to?: string };
    expect(found?.pair).toBe(pair);
    expect(found?.obstacles).toEqual([]);
    if (pair === 'restore') expect(found?.fields.get(FIELD)?.to).toBe(to ?? 'a');
    else expect(fieldsOf(found)).toEqual({});
  });

  test('that died and came back within them keeps its place, and gets what it had', () => {
    const lines = [kept(change('w', 'x')), died(true, 'x'), returned(), taken(change('a', 'b'))];
    expect(undo(lines)).toEqual({
      fields: new Map([[FIELD, { from: 'b', to: 'x' }]]),
      obstacles: [],
    });
  });

  test('that died, came back and died within them comes back', () => {
    const found = undo([kept(change('x', 'a')), died(), returned(), died()]);
    expect(found).toMatchObject({ pair: 'restore', obstacles: [] });
    expect(fieldsOf(found)).toEqual({ [FIELD]: { from: null, to: 'a' } });
  });

  test('that died and came back with a value that no line knows from before keeps it', () => {
    const back = aLine(true, [change(undefined, 'a', { rule: 'created' })], 'item-restored');
    const found = undo([kept(change('x', null)), aLine(true, [], 'record-deleted'), back]);
    expect(fieldsOf(found)).toEqual({});
    expect(found?.obstacles).toMatchObject([{ code: 'UNDO_VALUES_NOT_KEPT', fields: [FIELD] }]);
  });

  test('stays gone where both sides went since, whoever deleted them', () => {
    const lines = [taken(change('x', 'a')), aLine(false, [], 'both-gone')];
    expect(undo(lines)?.obstacles).toMatchObject([{ code: 'UNDO_EDITED_SINCE' }]);
  });

  test.each<[string, readonly PastLine[]]>([
    ['both sides had gone before', [aLine(false, [], 'both-gone'), returned(true, 'item-restored')]],
    ['an undo had made both again, whatever is known from before', [returned()]],
  ])('goes again where %s', (_what, lines) => {
    expect(undo(lines)).toMatchObject({ pair: 'delete', obstacles: [] });
  });

  describe('comes back', () => {
    const of = {
      ...mapping,
      fields: mapping.fields.map((field) =>
        field.localField === OTHER ? { ...field, direction: 'from-salesforce' as const } : field,
      ),
    };
    const deleted = (...fields: string[]) =>
      aLine(
        true,
        fields.map((field) => change('a', null, { field, rule: 'deleted' })),
        'record-deleted',
      );

    test('without what only comes from Salesforce, and says so', () => {
      const found = undo([kept(change('x', 'y')), deleted(FIELD, OTHER)], { of });
      expect(found).toMatchObject({
        pair: 'restore',
        obstacles: [{ code: 'UNDO_ONE_WAY', fields: [OTHER] }],
      });
      expect(fieldsOf(found)).toEqual({ [FIELD]: { from: null, to: 'a' } });
    });

    test('with what Salesforce computes, which it does again', () => {
      const computed = of.fields.map((field) =>
        field.localField === OTHER ? { ...field, isComputed: true as const } : field,
      );
      const found = undo([deleted(FIELD, OTHER)], { of: { ...of, fields: computed } });
      expect(found).toMatchObject({ pair: 'restore', obstacles: [] });
    });

    test('not where it had a field that the mapping has no more', () => {
      const found = undo([kept(change('x', 'y')), deleted(FIELD, OTHER, 'gone')], { of });
      expect(found?.pair).toBeUndefined();
      expect(found?.obstacles).toEqual([{ code: 'UNDO_FIELD_CHANGED', fields: ['gone'] }]);
    });
  });

  test('stays where the mapping keeps digests: then nothing may delete items', () => {
    const digests = { ...mapping, history: { days: 30, keep: 'digests' } } as const;
    expect(undo([born()], { of: digests })?.obstacles).toMatchObject([{ code: 'UNDO_VALUES_NOT_KEPT' }]);
  });

  test('is neither made nor deleted where the mapping goes one way', () => {
    for (const direction of ['to-salesforce', 'from-salesforce'] as const)
      for (const lines of [[born()], [died()]])
        expect(undo(lines, { of: { ...mapping, direction } })?.obstacles).toMatchObject([
          { code: 'UNDO_ONE_WAY' },
        ]);
  });
});

describe('the scope of an undo', () => {
  const at = '2026-01-01T00:00:30.000Z';
  const line = { at, causes: [{ by: 'sweep' as const, runId: 'run-1' }, { by: 'stream' as const }] };

  test.each([
    [{ from: at, to: at }, true],
    [{ from: '2026-01-01T00:00:30.001Z', to: '2026-01-02T00:00:00.000Z' }, false],
    [{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:00:29.999Z' }, false],
    [{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', runId: 'run-1' }, true],
    [{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', runId: 'run-2' }, false],
  ])('%j: %s', (scope, wanted) => {
    expect(isInScope(scope, line)).toBe(wanted);
  });

  test('leaves out what the undo has done itself', () => {
    expect(isOwn('run-1', line)).toBe(true);
    expect(isOwn('run-2', line)).toBe(false);
  });
});
