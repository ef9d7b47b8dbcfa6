import { describe, expect, test } from '@jest/globals';
import type { FieldValues } from '../../../../shared/sync/model/values.ts';
import {
  type OverlaidItem,
  type OverlaidRecord,
  withRecord,
} from '../../../../shared/sync/rehearsal/overlaid.ts';
import {
  type ItemChange,
  overlaidItem,
  viewOfItem,
} from '../../../../shared/sync/rehearsal/overlaid-item.ts';
import {
  overlaidDeletion,
  overlaidWrite,
  rowOfCreated,
  viewOfRow,
} from '../../../../shared/sync/rehearsal/overlaid-record.ts';
import { aLocalItem, aMapping, LOCAL_KEY, SF_ID } from '../../../builders/sync.ts';

const mapping = aMapping();
const ann = aLocalItem();
const changed = overlaidItem(mapping, ann, undefined, { kind: 'update', values: { lastName: 'Poe' } });
const deleted = overlaidItem(mapping, ann, undefined, { kind: 'delete' });
const created = overlaidItem(mapping, 'missing', undefined, {
  kind: 'create',
  values: { lastName: 'Kay' },
  sfId: SF_ID,
});
const values = (view: ReturnType<typeof viewOfItem>) => (view === 'missing' ? view : view.values);

describe('an overlaid item', () => {
  test('reads as it would have been written', () => {
    expect(values(viewOfItem(mapping, LOCAL_KEY, ann, changed))).toEqual({ ...ann.values, lastName: 'Poe' });
    expect(viewOfItem(mapping, LOCAL_KEY, ann, deleted)).toBe('missing');
    expect(viewOfItem(mapping, LOCAL_KEY, 'missing', created)).toMatchObject({
      values: { firstName: null, lastName: 'Kay', email: null },
      sfId: SF_ID,
    });
  });

  test('gives way to an edit of the same attribute, and keeps the others', () => {
    const both = overlaidItem(mapping, ann, changed, { kind: 'update', values: { email: null } });
    const edited = aLocalItem({ values: { lastName: 'Roe' } });
    expect(values(viewOfItem(mapping, LOCAL_KEY, edited, both))).toEqual({ ...edited.values, email: null });
  });

  test('does not come back when the edit that it gave way to is overlaid itself', () => {
    const edited = aLocalItem({ values: { lastName: 'Roe' } });
    const after = overlaidItem(mapping, edited, changed, { kind: 'update', values: { email: 'x' } });
    expect(after?.values).toEqual({ email: 'x' });
  });

  test('gives way to an item that somebody makes, makes again or deletes in earnest', () => {
    expect(viewOfItem(mapping, LOCAL_KEY, ann, created)).toBe(ann);
    const again = aLocalItem({ values: { lastName: 'New' } });
    expect(viewOfItem(mapping, LOCAL_KEY, again, deleted)).toBe(again);
    expect(viewOfItem(mapping, LOCAL_KEY, 'missing', changed)).toBe('missing');
    expect(viewOfItem(mapping, LOCAL_KEY, 'missing', deleted)).toBe('missing');
  });

  test('of one that was deleted and made again has nothing of what it was', () => {
    const again = overlaidItem(mapping, ann, deleted, {
      kind: 'create',
      values: { lastName: 'B' },
      sfId: null,
    });
    expect(values(viewOfItem(mapping, LOCAL_KEY, ann, again))).toEqual({
      firstName: null,
      lastName: 'B',
      email: null,
    });
  });

  const update = (
    change: Omit<Extract<ItemChange, { kind: 'update' }>, 'kind' | 'values'> & { values?: FieldValues },
    before?: OverlaidItem,
    real: Parameters<typeof overlaidItem>[1] = ann,
  ) => overlaidItem(mapping, real, before, { kind: 'update', values: {}, ...change });

  test('holds the record’s id and its mark until they are taken back, through writes of other things', () => {
    const named = update({ sfId: SF_ID });
    expect(named).toStrictEqual({ kind: 'changed', values: {}, seen: {}, sfId: SF_ID });
    expect(viewOfItem(mapping, LOCAL_KEY, ann, named)).toEqual({ ...ann, sfId: SF_ID });
    const marked = update({ mark: 'gone' }, named);
    expect(marked).toStrictEqual({ kind: 'changed', values: {}, seen: {}, sfId: SF_ID, mark: 'gone' });
    expect(update({ values: { email: 'x' } }, marked)).toMatchObject({ sfId: SF_ID, mark: 'gone' });
    expect(update({ mark: null }, marked)).toMatchObject({ sfId: SF_ID, mark: null });
    expect(update({ values: { email: 'x' } })).not.toHaveProperty('mark');
    expect(update({ sfId: 'other' }, marked)).toMatchObject({ sfId: 'other', mark: 'gone' });
  });

  test('of one that is made has no mark of the one before it, nor an id that it was not given', () => {
    const marked = update({ mark: 'gone' });
    const create: ItemChange = { kind: 'create', values: { lastName: 'B' }, sfId: null };
    expect(overlaidItem(mapping, ann, marked, create)).not.toHaveProperty('mark');
    expect(overlaidItem(mapping, 'missing', undefined, create)).toStrictEqual({
      kind: 'created',
      values: { lastName: 'B' },
      seen: {},
    });
    expect(overlaidItem(mapping, 'missing', undefined, { ...create, sfId: SF_ID })).toStrictEqual({
      kind: 'created',
      values: { lastName: 'B' },
      seen: {},
      sfId: SF_ID,
    });
    expect(
      viewOfItem(mapping, LOCAL_KEY, 'missing', overlaidItem(mapping, 'missing', undefined, create)),
    ).toEqual({
      localKey: LOCAL_KEY,
      values: { firstName: null, lastName: 'B', email: null },
      sfId: null,
      attributes: {},
    });
  });

  test('of one that was only made in a rehearsal goes on being that one', () => {
    const more = update({ values: { email: 'x' }, mark: 'gone' }, created, 'missing');
    expect(more).toStrictEqual({
      kind: 'created',
      values: { lastName: 'Kay', email: 'x' },
      seen: {},
      sfId: SF_ID,
      mark: 'gone',
    });
  });

  test('of one that nobody would see deleted deletes none', () => {
    const unseen = overlaidItem(mapping, 'missing', undefined, { kind: 'delete' });
    expect(unseen).toStrictEqual({ kind: 'deleted', values: {}, seen: {} });
    expect(viewOfItem(mapping, LOCAL_KEY, ann, unseen)).toBe(ann);
    expect(viewOfItem(mapping, LOCAL_KEY, ann, undefined)).toBe(ann);
  });

  test('has nothing of a deletion before it', () => {
    const after = update({ values: { email: 'x' } }, deleted);
    expect(after?.values).toEqual({ email: 'x' });
  });

  test('is none where nothing would change', () => {
    expect(update({})).toBeUndefined();
    expect(update({ mark: null })).toBeDefined();
  });
});

describe('an overlaid record', () => {
  const at = '2026-01-02T00:00:00.000Z';
  const row = {
    Id: SF_ID,
    IsDeleted: false,
    LastName: 'Lee',
    Title: 'CEO',
    SystemModstamp: '2026-01-01T00:00:00.000+0000',
    LastModifiedDate: '2026-01-01T00:00:00.000+0000',
  };
  const written = overlaidWrite(row, undefined, { sfId: SF_ID, values: { Title: 'CTO' }, at });

  test('reads as it would have been written, with the stamp of then', () => {
    expect(viewOfRow(row, written)).toEqual({
      ...row,
      Title: 'CTO',
      SystemModstamp: at,
      LastModifiedDate: at,
    });
  });

  test('gives way to an edit of the field, and to a deletion', () => {
    const edited = { ...row, Title: 'Boss' };
    expect(viewOfRow(edited, written)).toEqual(edited);
    expect(viewOfRow({ ...row, IsDeleted: true }, written)).toEqual({ ...row, IsDeleted: true });
  });

  test('is the real one where nothing is overlaid, and has no field that was not read', () => {
    expect(viewOfRow(row, undefined)).toBe(row);
    const { Title: _, ...unread } = row;
    expect(viewOfRow(unread, written)).toEqual({ ...unread, SystemModstamp: at, LastModifiedDate: at });
  });

  test('keeps what was overlaid before, where that still stands', () => {
    const sent = { sfId: SF_ID, values: { LastName: 'Poe' }, at: '2026-01-03T00:00:00.000Z' };
    expect(overlaidWrite(row, written, sent)).toMatchObject({
      kind: 'changed',
      values: { Title: 'CTO', LastName: 'Poe' },
      at: sent.at,
    });
    expect(overlaidWrite({ ...row, Title: 'Boss' }, written, sent).values).toEqual({ LastName: 'Poe' });
    expect(overlaidWrite(row, overlaidDeletion(SF_ID, row, written, at), sent).values).toEqual({
      LastName: 'Poe',
    });
    const { Title: _, ...unread } = row;
    expect(overlaidWrite(unread, written, sent).values).toEqual({ Title: 'CTO', LastName: 'Poe' });
  });

  test('that would be deleted has nothing of its values, and one that was only made keeps them', () => {
    const gone = overlaidDeletion(SF_ID, row, written, at);
    expect(gone).toMatchObject({ sfId: SF_ID, kind: 'deleted', values: {}, at });
    expect(Object.keys(gone.seen)).toEqual(['LastModifiedDate']);
    const made = overlaidWrite(undefined, undefined, { sfId: 'zzz', values: { Title: 'A' }, at });
    expect(made).toStrictEqual({ sfId: 'zzz', kind: 'created', values: { Title: 'A' }, seen: {}, at });
    expect(overlaidDeletion('zzz', undefined, made, at)).toStrictEqual({ ...made, kind: 'deleted' });
    expect(overlaidDeletion('zzz', undefined, undefined, at).values).toEqual({});
  });

  test('of a row without stamps gets that of then', () => {
    const { SystemModstamp: _s, LastModifiedDate: _m, ...unstamped } = row;
    expect(viewOfRow(unstamped, written)).toMatchObject({ SystemModstamp: at, LastModifiedDate: at });
    expect(rowOfCreated(written, ['Title'])).toEqual({
      Id: SF_ID,
      IsDeleted: false,
      Title: 'CTO',
      SystemModstamp: at,
      LastModifiedDate: at,
    });
  });

  test('keeps a later stamp of the real record', () => {
    const later = '2026-01-03T00:00:00.000+0000';
    expect(viewOfRow({ ...row, SystemModstamp: later }, written).SystemModstamp).toBe(later);
  });

  test('that would be deleted is so until somebody edits it in earnest', () => {
    const gone = overlaidDeletion(SF_ID, row, written, at);
    expect(viewOfRow(row, gone)).toMatchObject({ IsDeleted: true, SystemModstamp: at });
    const edited = { ...row, LastModifiedDate: '2026-01-03T00:00:00.000+0000' };
    expect(viewOfRow(edited, gone)).toEqual(edited);
  });

  test('that was only made in a rehearsal has what was written, and is empty else', () => {
    const made = overlaidWrite(undefined, undefined, { sfId: 'zzz', values: { Title: 'A' }, at });
    const more = overlaidWrite(undefined, made, { sfId: 'zzz', values: { LastName: 'B' }, at });
    expect(rowOfCreated(more, ['LastName', 'Title', 'Email'])).toMatchObject({
      Title: 'A',
      LastName: 'B',
      Email: null,
      IsDeleted: false,
    });
    expect(rowOfCreated(overlaidDeletion('zzz', undefined, more, at), ['Title'])).toMatchObject({
      IsDeleted: true,
    });
  });

  test('is the last of a few of its key', () => {
    const one = (n: number): OverlaidRecord => ({ ...written, sfId: `r${n}` });
    const all = [1, 2, 3, 4, 5, 2].reduce<readonly OverlaidRecord[]>(
      (some, n) => withRecord(some, one(n)),
      [],
    );
    expect(all.map(({ sfId }) => sfId)).toEqual(['r3', 'r4', 'r5', 'r2']);
    const twice = withRecord(withRecord([one(1)], one(2)), one(1));
    expect(twice.map(({ sfId }) => sfId)).toEqual(['r2', 'r1']);
  });
});
