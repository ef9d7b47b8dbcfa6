import { describe, expect, test } from '@jest/globals';
import type { OpenMapping } from '../../../../shared/use-cases/reconciliation/open-mapping.ts';
import {
  advance,
  isOrdinary,
  isWhole,
  nextWatermark,
  selectionOf,
  sweepSelection,
  type Underway,
  underwayOf,
} from '../../../../shared/use-cases/reconciliation/pass.ts';
import { aMapping, aRemoteRecord } from '../../../builders/sync.ts';

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString();
const FILTER = 'IsActive__c = true';
const HINT = { kind: 'sweep', mappingId: 'conn1.contact', runId: 'run-1' } as const;
const PAGE = { records: [], readAt: at(30) };
const CURSOR = { modstamp: at(5), sfId: '003000000000005AAA' };
/** A sweep reads from ten minutes before its watermark. */
const WATERMARK = at(20);

const anOpenMapping = (state: object, change = {}): OpenMapping =>
  ({ mapping: aMapping(change), state: { mappingId: 'conn1.contact', ...state } }) as unknown as OpenMapping;

describe('a pass', () => {
  test('over everything reads what meets the filter and lives, and a later one whatever changed', () => {
    const mapping = aMapping({ filter: FILTER });
    const about = { sObject: 'Contact', fields: ['FirstName', 'LastName', 'Email', 'External_Id__c'] };

    expect(sweepSelection(mapping, undefined)).toEqual({
      ...about,
      where: { kind: 'changed-since' },
      filter: FILTER,
      includeDeleted: false,
    });
    expect(sweepSelection(mapping, at(10), CURSOR)).toEqual({
      ...about,
      where: { kind: 'changed-since', since: at(10), after: CURSOR },
      includeDeleted: true,
    });
    expect(sweepSelection(aMapping(), undefined)).not.toHaveProperty('filter');
  });

  test('begins before its watermark, and goes on where it came to', () => {
    const pass = { passId: 'run-0', startedAt: at(0), since: at(3), cursor: CURSOR };

    expect(selectionOf(anOpenMapping({})).where).toEqual({ kind: 'changed-since' });
    expect(selectionOf(anOpenMapping({ watermark: WATERMARK })).where).toEqual({
      kind: 'changed-since',
      since: at(10),
    });
    expect(selectionOf(anOpenMapping({ watermark: WATERMARK, pass })).where).toEqual({
      kind: 'changed-since',
      since: at(3),
      after: CURSOR,
    });
  });

  test('has the name of the run that begins it, and keeps it when another goes on with it', () => {
    const pass = { passId: 'run-0', startedAt: at(0), cursor: CURSOR };

    expect(underwayOf(anOpenMapping({}), HINT, PAGE).pass).toEqual({ passId: 'run-1', startedAt: at(30) });
    expect(underwayOf(anOpenMapping({ watermark: WATERMARK }), HINT, PAGE).pass).toEqual({
      passId: 'run-1',
      startedAt: at(30),
      since: at(10),
    });
    expect(underwayOf(anOpenMapping({ pass }), HINT, PAGE)).toMatchObject({ pass, queriedAt: at(30) });
  });

  test.each([
    ['the first', {}, { isWhole: true, isOrdinary: false }],
    [
      'one that was interrupted',
      { pass: { since: at(3) }, watermark: at(0) },
      { isWhole: false, isOrdinary: false },
    ],
    [
      'a first one that was interrupted',
      { pass: {}, watermark: at(0) },
      { isWhole: true, isOrdinary: false },
    ],
    ['any other', { watermark: at(0) }, { isWhole: false, isOrdinary: true }],
  ])('is whole or ordinary: %s', (_which, state, expected) => {
    const { state: opened } = anOpenMapping(state);

    expect({ isWhole: isWhole(opened), isOrdinary: isOrdinary(opened) }).toEqual(expected);
  });
});

describe('how far a pass has come', () => {
  const UNDERWAY = {
    pass: { passId: 'run-1', startedAt: at(30) },
    basis: { mappingId: 'conn1.contact' },
    queriedAt: at(30),
  } as unknown as Underway;
  const wentTo = (cursor: typeof CURSOR) =>
    ({ ...UNDERWAY, basis: { ...UNDERWAY.basis, pass: { ...UNDERWAY.pass, cursor } } }) as Underway;
  const aRow = (minute: number, sfId = CURSOR.sfId) => aRemoteRecord({ sfId, systemModstamp: at(minute) });
  const store = (isTaken = true) => ({ advancePass: async () => isTaken });

  test('is its last row that was not changed since the query began', async () => {
    const moved = await advance(store(), UNDERWAY, [aRow(4), aRow(6), aRow(31), aRow(30)]);

    expect(moved).toMatchObject({ basis: { pass: { passId: 'run-1', cursor: { modstamp: at(6) } } } });
  });

  test('stays as it is where all rows were changed since', async () => {
    expect(await advance(store(), UNDERWAY, [aRow(31)])).toBe(UNDERWAY);
    expect(await advance(store(), UNDERWAY, [])).toBe(UNDERWAY);
  });

  test('is for whoever moved it first', async () => {
    expect(await advance(store(false), UNDERWAY, [aRow(4)])).toBeUndefined();
  });

  test.each([
    ['a later stamp', aRow(6, '003000000000001AAA')],
    ['the same stamp and a later id', aRow(5, '003000000000006AAA')],
  ])('goes on to %s', async (_to, row) => {
    expect(await advance(store(), wentTo(CURSOR), [row])).toMatchObject({
      basis: { pass: { cursor: { modstamp: row.systemModstamp, sfId: row.sfId } } },
    });
  });

  test.each([
    ['an earlier stamp', aRow(4, '003000000000009AAA')],
    ['the same stamp and an earlier id', aRow(5, '003000000000004AAA')],
    ['the same row', aRow(5)],
  ])('never goes back to %s: the query has to begin anew', async (_to, row) => {
    await expect(advance(store(), wentTo(CURSOR), [row])).rejects.toMatchObject({
      name: 'PageRepeated',
      code: 'PAGE_REPEATED',
      message: 'A page of a query does not come after the page before it.',
      next: { do: 'restart' },
    });
  });
});

test('the next sweep begins where this one did, or where the last came to that followed what no filter shows', () => {
  const whole = { startedAt: at(30) };
  const later = { startedAt: at(30), since: at(10) };
  const followed = { followedUntil: at(15) };

  expect(nextWatermark(anOpenMapping({}, { filter: FILTER }), whole)).toBe(at(30));
  expect(nextWatermark(anOpenMapping(followed, { filter: FILTER }), whole)).toBe(at(15));
  expect(nextWatermark(anOpenMapping(followed, { filter: FILTER }), later)).toBe(at(30));
  expect(nextWatermark(anOpenMapping(followed), whole)).toBe(at(30));
});
