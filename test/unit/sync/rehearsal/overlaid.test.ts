import { describe, expect, test } from '@jest/globals';
import { type OverlaidRecord, withRecord } from '../../../../shared/sync/rehearsal/overlaid.ts';
import { overlaidItem, viewOfItem } from '../../../../shared/sync/rehearsal/overlaid-item.ts';
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

  test('is none where nothing would change', () => {
    expect(overlaidItem(mapping, ann, undefined, { kind: 'update', values: {} })).toBeUndefined();
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
  });
});
