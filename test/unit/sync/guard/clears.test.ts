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

type Pair = Parameters<typeof clearsIn>[1];
type Sides = Omit<Pair, 'remote'> & { readonly remote: FieldValues };
const STAMP = '2026-01-01T00:00:00.000Z';

describe('a plan clears', () => {
  const cleared = (
    plan: Parameters<typeof aWrite>[0],
    link: Link | undefined = aLink(),
    { local = ANN, remote = ANN, ...pair }: Partial<Sides> = {},
  ) =>
    clearsIn(aWrite(plan), {
      mapping: aMapping(),
      link,
      local,
      remote: { values: remote, systemModstamp: STAMP },
      isHeld: () => false,
      ...pair,
    }).map(clearName);

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
    expect(cleared({ remoteWrites: EMPTY }, aLink(), { link: undefined })).toEqual(['salesforce:email']);
  });

  describe('a checkbox of an item', () => {
    const UNTICKED = { localWrites: { isVip: false } };
    const ticked = (field: Partial<FieldMapping> = {}): Partial<Sides> => ({
      mapping: aMapping({ fields: [aField({ localField: 'isVip', type: 'boolean', ...field })] }),
      local: { isVip: true },
      remote: { isVip: false },
    });
    const link = aLink({ base: { isVip: true }, sfModstamp: STAMP });

    test('where the record was not saved since it was ticked', () => {
      expect(cleared(UNTICKED, link, ticked())).toEqual(['local:isVip']);
      expect(cleared(UNTICKED, link, ticked({ direction: 'from-salesforce' }))).toEqual(['local:isVip']);
      expect(cleared(UNTICKED, aLink({ ...link, base: {} }), ticked())).toEqual(['local:isVip']);
    });

    test('not where somebody saved the record, unless it waits already', () => {
      const older = aLink({ ...link, sfModstamp: '2020-01-01T00:00:00.000Z' });
      expect(cleared(UNTICKED, older, ticked())).toEqual([]);
      expect(cleared(UNTICKED, link, { ...ticked(), link: undefined })).toEqual([]);
      const isHeld = (name: string): boolean => name === 'local:isVip';
      expect(cleared(UNTICKED, older, { ...ticked(), isHeld })).toEqual(['local:isVip']);
    });

    test('not where Salesforce makes the value, of others or of what was written', () => {
      expect(cleared(UNTICKED, link, ticked({ isComputed: true }))).toEqual([]);
      expect(cleared(UNTICKED, aLink({ ...link, adjusted: { isVip: false } }), ticked())).toEqual([]);
    });

    test('not where a person decided, where it is ticked, and where the item had none', () => {
      expect(cleared(UNTICKED, aLink({ ...link, held: [held('isVip')] }), ticked())).toEqual([]);
      expect(cleared({ ...UNTICKED, undone: ['isVip'] }, link, ticked())).toEqual([]);
      expect(cleared({ localWrites: { isVip: true } }, link, { ...ticked(), local: {} })).toEqual([]);
      expect(cleared(UNTICKED, link, { ...ticked(), local: { isVip: null } })).toEqual([]);
    });

    test('and one of a record where its item has none any more, not where the item says false', () => {
      const sides = { ...ticked(), local: {}, remote: { isVip: true } };
      expect(cleared({ remoteWrites: { isVip: null } }, link, sides)).toEqual(['salesforce:isVip']);
      expect(cleared({ remoteWrites: { isVip: false } }, link, sides)).toEqual([]);
    });
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
