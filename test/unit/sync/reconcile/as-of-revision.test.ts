import { describe, expect, test } from '@jest/globals';
import type { Link } from '../../../../shared/sync/model/link.ts';
import { asOfRevision, isOfLaterRevision } from '../../../../shared/sync/reconcile/as-of-revision.ts';
import { reconcile } from '../../../../shared/sync/reconcile/reconcile.ts';
import { ANN, aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

/** The mapping after its third revision pointed `email` at another Salesforce field. */
const MOVED = aMapping({
  fields: [
    aField({ localField: 'firstName' }),
    aField({ localField: 'lastName', since: 2 }),
    aField({ localField: 'email', sfField: 'Department', since: 3 }),
  ],
  fieldsRevision: 3,
});

describe('of a link of an earlier revision', () => {
  test.each([
    [1, ['firstName']],
    [2, ['firstName', 'lastName']],
  ])('number %s, what belongs to fields that are as they were is known: %j', (revision, known) => {
    const values = Object.fromEntries(known.map((field) => [field, ANN[field]]));

    expect(asOfRevision(MOVED, aLink({ revision })).base).toEqual(values);
  });

  test('the announced write and what the sides made of a value are cut down likewise, and all else stays', () => {
    const link = aLink({
      revision: 2,
      pending: { email: 'new@example.com', lastName: 'Li' },
      adjusted: { email: 'x', firstName: 'Anne' },
      lease: { owner: 'worker', until: 1 },
      localChangedAt: '2024-01-01T00:00:00.000Z',
    });
    const { email: _, ...base } = ANN;

    expect(asOfRevision(MOVED, link)).toEqual({
      ...link,
      base,
      pending: { lastName: 'Li' },
      adjusted: { firstName: 'Anne' },
    });
  });

  test('a write that was announced stays open, though none of its fields is known any more', () => {
    expect(asOfRevision(MOVED, aLink({ revision: 2, pending: { email: null } })).pending).toEqual({});
  });

  test('a value of an attribute that is mapped no more is not known', () => {
    const link = aLink({ revision: 2, base: { ...ANN, fax: '1' } });

    expect(asOfRevision(MOVED, link).base).not.toHaveProperty('fax');
  });

  test('a cleared value is known to be empty, and one that was never agreed upon is not made up', () => {
    const { base } = asOfRevision(MOVED, aLink({ revision: 2, base: { firstName: null } }));

    expect(base).toEqual({ firstName: null });
    expect(Object.hasOwn(base, 'lastName')).toBe(false);
  });

  test('an attribute with a name that every object has is as unknown as any', () => {
    const fields = [aField({ localField: 'constructor' }), aField({ localField: 'email', since: 3 })];

    expect(Object.keys(asOfRevision({ ...MOVED, fields }, aLink({ revision: 2, base: {} })).base)).toEqual(
      [],
    );
  });
});

describe('a link of this revision of the fields', () => {
  test('is known whole', () => {
    const link = aLink({ revision: 3, base: { ...ANN, fax: '1' }, pending: { email: null } });

    expect(asOfRevision(MOVED, link)).toBe(link);
    expect(isOfLaterRevision(MOVED, link)).toBe(false);
  });

  test('is told from one of a later revision, of which nothing can be said', () => {
    expect(isOfLaterRevision(MOVED, aLink({ revision: 4 }))).toBe(true);
    expect(isOfLaterRevision(MOVED, aLink({ revision: 2 }))).toBe(false);
  });
});

describe('a field that is pointed at another Salesforce field', () => {
  const plan = (link: Link) =>
    reconcile({
      mapping: MOVED,
      link,
      local: aLocalItem(),
      // Nobody has filled in the new field yet.
      remote: aRemoteRecord({ values: { email: null } }),
    });

  test("keeps the item's value, which fills the new field", () => {
    expect(plan(asOfRevision(MOVED, aLink({ revision: 2 })))).toMatchObject({
      kind: 'write',
      localWrites: {},
      remoteWrites: { email: ANN.email },
    });
  });

  test('would be cleared, were its old base believed', () => {
    expect(plan(aLink({ revision: 2 }))).toMatchObject({ localWrites: { email: null } });
  });
});
