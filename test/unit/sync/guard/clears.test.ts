import { describe, expect, test } from '@jest/globals';
import { clearName, clearsIn, goesBack } from '../../../../shared/sync/guard/clears.ts';
import type { HeldField, Link } from '../../../../shared/sync/model/link.ts';
import type { FieldMapping, Mapping } from '../../../../shared/sync/model/mapping.ts';
import type { FieldValues } from '../../../../shared/sync/model/values.ts';
import { aWrite } from '../../../builders/a-subject.ts';
import { ANN, aField, aLink, aMapping } from '../../../builders/sync.ts';

const held = (field: string): HeldField => ({
  field,
  local: 'a',
  remote: 'b',
  since: '2026-01-01T00:00:00.000Z',
  version: 1,
});
const EMPTY = { email: null };

test('a field that is cleared is named by the side that loses its value', () => {
  expect(clearName({ side: 'local', field: 'email' })).toBe('local:email');
  expect(clearName({ side: 'salesforce', field: 'a.b' })).toBe('salesforce:a.b');
});

describe('a plan clears', () => {
  const cleared = (
    plan: Parameters<typeof aWrite>[0],
    link: Link | undefined = aLink(),
    values: { local?: FieldValues; remote?: FieldValues } = {},
  ) => clearsIn(aWrite(plan), link, { local: ANN, remote: ANN, ...values }).map(clearName);

  test('what it empties of what is there, on either side', () => {
    expect(cleared({ localWrites: EMPTY })).toEqual(['local:email']);
    expect(cleared({ remoteWrites: EMPTY })).toEqual(['salesforce:email']);
    expect(cleared({ localWrites: EMPTY, remoteWrites: { lastName: null } })).toEqual([
      'local:email',
      'salesforce:lastName',
    ]);
  });

  test('nothing by writing a value, and nothing that is empty already or was never there', () => {
    expect(cleared({ localWrites: { email: 'x' }, remoteWrites: { lastName: 'y' } })).toEqual([]);
    expect(cleared({ localWrites: EMPTY }, aLink(), { local: EMPTY })).toEqual([]);
    expect(cleared({ remoteWrites: EMPTY }, aLink(), { remote: {} })).toEqual([]);
  });

  test('nothing that a person has decided', () => {
    const link = aLink({ held: [held('lastName'), held('email')] });
    expect(cleared({ localWrites: EMPTY, remoteWrites: EMPTY }, link)).toEqual([]);
    expect(cleared({ localWrites: EMPTY }, aLink({ held: [held('lastName')] }))).toEqual(['local:email']);
  });

  test('nothing that was announced to Salesforce: it was let through before', () => {
    const both = { localWrites: EMPTY, remoteWrites: EMPTY };
    expect(cleared(both, aLink({ pending: EMPTY }))).toEqual(['local:email']);
    expect(cleared(both, aLink({ pending: { email: 'x' } }))).toEqual(['local:email', 'salesforce:email']);
    expect(cleared({ remoteWrites: EMPTY }, undefined)).toEqual(['salesforce:email']);
    expect(clearsIn(aWrite({ remoteWrites: EMPTY }), undefined, { local: ANN, remote: ANN })).toHaveLength(1);
  });
});

describe('a field that was not to be cleared goes back', () => {
  const back = (field: Partial<FieldMapping>, mapping: Partial<Mapping> = {}) => {
    const all = aMapping({
      ...mapping,
      fields: [aField({ localField: 'title' }), aField({ localField: 'email', ...field })],
    });
    return (['local', 'salesforce'] as const).filter((side) => goesBack(all, { side, field: 'email' }));
  };

  test('where it goes both ways', () => {
    expect(back({})).toEqual(['local', 'salesforce']);
    expect(back({ direction: 'from-salesforce' })).toEqual([]);
    expect(back({ direction: 'to-salesforce' })).toEqual([]);
    expect(back({}, { direction: 'from-salesforce' })).toEqual([]);
    expect(back({ localField: 'other' })).toEqual([]);
  });

  test('to the record where edits of it are sent', () => {
    expect(back({ sentAt: 'create' })).toEqual(['salesforce']);
    expect(back({ sentAt: 'update' })).toEqual(['local', 'salesforce']);
    expect(back({ isComputed: true })).toEqual(['salesforce']);
  });
});
