import { describe, expect, test } from '@jest/globals';
import type { Link } from '../../../../../shared/sync/model/link.ts';
import type { Mapping, MappingMatcher } from '../../../../../shared/sync/model/mapping.ts';
import type { LocalItem } from '../../../../../shared/sync/model/record.ts';
import { findItems } from '../../../../../shared/use-cases/reconciliation/records/visits.ts';
import type { Pass } from '../../../../../shared/use-cases/reconciliation/records/work.ts';
import { aLink, aLocalItem, aMapping, aRemoteRecord, SF_ID } from '../../../../builders/sync.ts';

const OTHER_ID = '003000000000002AAA';
const byEmail: MappingMatcher = { kind: 'fields', fields: ['email'], index: 'email' };
const byId: MappingMatcher = { kind: 'salesforce-id', isIndexed: true };

/** A table with these items and an index for each attribute, which may lag behind the items. */
function aPass(
  matchers: readonly MappingMatcher[],
  items: readonly LocalItem[],
  change: { links?: readonly Link[]; indexed?: readonly LocalItem[] } & Partial<Mapping> = {},
) {
  const { links = [], indexed = items, ...more } = change;
  const asked: [string, readonly string[]][] = [];
  const syncStore = {
    localKeysWith: async ({ localIdField }: Mapping, attribute: string, values: readonly string[]) => {
      asked.push([attribute, values]);
      const indexValueOf = (item: LocalItem) =>
        attribute === localIdField ? item.sfId : (item.values[attribute] as string);
      return Map.groupBy(
        indexed.filter((item) => values.includes(indexValueOf(item) ?? '')).map(({ localKey }) => localKey),
        (key) => key,
      );
    },
    links: async () => new Map(links.map((link) => [link.localKey, link])),
    items: async (_mapping: Mapping, keys: readonly string[]) => ({
      items: new Map(
        items.filter(({ localKey }) => keys.includes(localKey)).map((one) => [one.localKey, one]),
      ),
    }),
  };
  const mapping = aMapping({ localIdField: 'salesforceId', matchers, ...more });
  return { pass: { ports: { syncStore }, open: { mapping }, owner: 'w' } as unknown as Pass, asked };
}

const item = (localKey: string, email: string | null, change: Partial<LocalItem> = {}) =>
  aLocalItem({ localKey, values: { email }, ...change });
const record = (email: string | null, sfId = SF_ID) => aRemoteRecord({ sfId, values: { email } });
const visited = async (...args: Parameters<typeof aPass>) => {
  const { visits } = await findItems(aPass(...args).pass, [record('a@x.org')]);
  return visits.map(({ localKey }) => localKey);
};

describe('a record without a link', () => {
  test('goes to the item with its values, and to none where several have them', async () => {
    const items = [item('ann', 'a@x.org'), item('bob', 'b@x.org'), item('bea', 'b@x.org')];
    const { pass, asked } = aPass([byEmail], items);
    const [a, b, c] = [record('a@x.org'), record('b@x.org', OTHER_ID), record('c@x.org')];

    const { visits, several } = await findItems(pass, [a, b, c]);

    expect(visits).toStrictEqual([{ record: a, localKey: 'ann' }]);
    expect(several).toStrictEqual([{ record: b, keys: ['bob', 'bea'] }]);
    expect(asked).toEqual([['email', ['a@x.org', 'b@x.org', 'c@x.org']]]);
  });

  test('goes to none that differs by now in one of the fields, or is gone', async () => {
    const both: MappingMatcher = { kind: 'fields', fields: ['email', 'lastName'], index: 'email' };
    const other = item('ann', 'a@x.org', { values: { email: 'a@x.org', lastName: 'Ray' } });
    const indexed = [item('ann', 'a@x.org')];

    expect(await visited([both], [item('ann', 'a@x.org')])).toEqual(['ann']);
    expect(await visited([both], [other])).toEqual([]);
    expect(await visited([byEmail], [item('ann', 'new@x.org')], { indexed })).toEqual([]);
    expect(await visited([byEmail], [], { indexed })).toEqual([]);
  });

  test('is not like an item by a field that both leave empty', async () => {
    const both: MappingMatcher = { kind: 'fields', fields: ['email', 'firstName'], index: 'email' };
    const nameless = { email: 'a@x.org', firstName: null };
    const { pass } = aPass([both], [item('ann', 'a@x.org', { values: nameless })]);

    expect((await findItems(pass, [aRemoteRecord({ values: nameless })])).visits).toEqual([]);
  });

  test('goes to none that has a record, and to one whose record is only announced', async () => {
    const items = [item('ann', 'a@x.org')];
    const { sfId: _, ...unborn } = aLink({ localKey: 'ann', state: 'creating' });
    const with_ = (link: Link) => visited([byEmail], items, { links: [link] });

    expect(await with_(aLink({ localKey: 'ann' }))).toEqual([]);
    expect(await with_(aLink({ localKey: 'ann', state: 'creating' }))).toEqual([]);
    expect(await with_({ ...unborn, state: 'local-deleted' })).toEqual([]);
    expect(await with_(unborn)).toEqual(['ann']);
  });

  test('goes to the item that holds its id, in its long form or its short one', async () => {
    const { pass, asked } = aPass([byId], [item('ann', null, { sfId: SF_ID }), item('bob', null)]);

    const { visits } = await findItems(pass, [record('a@x.org'), record('b@x.org', OTHER_ID)]);

    expect(visits.map(({ localKey }) => localKey)).toEqual(['ann']);
    expect(asked).toEqual([['salesforceId', [SF_ID, SF_ID.slice(0, 15), OTHER_ID, OTHER_ID.slice(0, 15)]]]);
  });

  test('is looked for by the next matcher only where no one before found anything', async () => {
    const items = [item('ann', 'a@x.org', { sfId: SF_ID }), item('bob', 'a@x.org'), item('cyd', 'c@x.org')];
    const { pass, asked } = aPass([byId, byEmail], items);

    const { visits, several } = await findItems(pass, [record('a@x.org'), record('c@x.org', OTHER_ID)]);

    expect(visits.map(({ localKey }) => localKey)).toEqual(['ann', 'cyd']);
    expect(several).toEqual([]);
    expect(asked[1]).toEqual(['email', ['c@x.org']]);
  });

  test('is looked for by no index where none is left, none is there, or its value is none for an index', async () => {
    const items = [item('ann', 'a@x.org', { sfId: SF_ID })];
    const askedBy = async (matchers: readonly MappingMatcher[], email: string | null) => {
      const { pass, asked } = aPass(matchers, items);
      await findItems(pass, [record(email)]);
      return asked.map(([attribute]) => attribute);
    };

    expect(await askedBy([byId, byEmail], 'a@x.org')).toEqual(['salesforceId']);
    expect(
      await askedBy([{ kind: 'salesforce-id', isIndexed: false }, { kind: 'external-id' }], 'a'),
    ).toEqual([]);
    expect(await askedBy([{ kind: 'fields', fields: ['email'] }], 'a@x.org')).toEqual([]);
    expect(await askedBy([byEmail], null)).toEqual([]);
    expect(await askedBy([byEmail], 'x'.repeat(255))).toEqual(['email']);
    expect(await askedBy([byEmail], 'x'.repeat(256))).toEqual([]);
  });
});
