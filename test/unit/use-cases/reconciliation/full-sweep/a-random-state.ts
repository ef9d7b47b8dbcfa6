import fc from 'fast-check';
import { must } from '../../../../../shared/sync/assert.ts';
import type { LinkState } from '../../../../../shared/sync/model/link.ts';
import type { LocalItem } from '../../../../../shared/sync/model/record.ts';
import type { FieldType, FieldValue } from '../../../../../shared/sync/model/values.ts';
import type { SeenPair } from '../../../../../shared/use-cases/reconciliation/full-sweep/proof/proof-page.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../../builders/sync.ts';

export const NOW = '2026-01-01T00:00:00.000Z';

/** What a field may say: its written form, and each way in which a side may have it. */
interface Saying {
  readonly written: string | null;
  readonly spelt: readonly FieldValue[];
}
interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly sayings: readonly Saying[];
}

const saying = (written: string | null, ...spelt: readonly FieldValue[]): Saying => ({ written, spelt });

/** In the order of their names, as in a row. */
const FIELDS: readonly Field[] = [
  { name: 'isVip', type: 'boolean', sayings: [saying('false', false, null), saying('true', true)] },
  { name: 'score', type: 'number', sayings: [saying('125e-1', 12.5), saying('0', 0), saying(null, null)] },
  {
    ...{ name: 'tags', type: 'options' },
    sayings: [saying('x;y', 'x;y', 'y;x'), saying('x', 'x'), saying(null, null)],
  },
  {
    ...{ name: 'title', type: 'text' },
    sayings: [saying('null', 'null'), saying('x","y', 'x","y'), saying(null, null)],
  },
];
export const MAPPING = aMapping({
  fields: FIELDS.map(({ name, type }) => aField({ localField: name, type })),
});

const mostly = <const T, const U>(often: T, ...rarely: readonly U[]) =>
  fc.constantFrom<T | U>(...Array<T>(rarely.length * 2).fill(often), ...rarely);

/** How a pair is found. */
const seen = fc.record({
  link: mostly<LinkState, LinkState | 'none' | 'unreadable'>(
    'linked',
    ...(['creating', 'deleting', 'local-deleted', 'remote-deleted', 'both-deleted'] as const),
    ...(['none', 'unreadable'] as const),
  ),
  trouble: mostly('none', 'pending', 'held', 'leased', 'lease-over'),
  item: mostly('there', 'missing', 'unusable'),
  record: mostly('there', 'missing', 'unreadable', 'deleted'),
  /** By field. */
  says: fc.array(fc.nat(5), { minLength: FIELDS.length, maxLength: FIELDS.length }),
  /** Bits, one for each field of the item, then of the record. */
  spellings: fc.nat(255),
  /** The field of which the record says something else; beyond the last, none. */
  flipped: fc.nat(FIELDS.length * 2),
});
export type Seen = typeof seen extends fc.Arbitrary<infer T> ? T : never;

/** Some pairs, and of some of them what a later look finds. */
export const randomState = fc.array(fc.record({ first: seen, later: fc.option(seen) }), {
  minLength: 1,
  maxLength: 4,
});
export type State = typeof randomState extends fc.Arbitrary<infer T> ? T : never;

export const keyOf = (n: number): string => `k${n}`;
export const sfIdOf = (n: number): string => `00300000000000${n}AAA`;

const sayingOf = ({ sayings }: Field, says: number): Saying =>
  must(sayings[says % sayings.length], 'a saying');

/** What is written of both sides, by the field, if they say the same. */
export const writtenOf = ({ says }: Seen): (string | null)[] =>
  FIELDS.map((field, index) => sayingOf(field, says[index] ?? 0).written);

const valuesOf = ({ says }: Seen, spellings: number, flipped?: number): Record<string, FieldValue> =>
  Object.fromEntries(
    FIELDS.map((field, index) => {
      const { spelt } = sayingOf(field, (says[index] ?? 0) + Number(index === flipped));
      return [field.name, spelt[(spellings >> index) % spelt.length] ?? null];
    }),
  );

/** The item of the n-th pair. */
export const itemOf = (n: number, one: Seen): LocalItem =>
  aLocalItem({ localKey: keyOf(n), values: valuesOf(one, one.spellings), attributes: {} });

const TROUBLES = {
  none: {},
  pending: { pending: { title: 'x' } },
  held: { held: [{ field: 'title', local: 'x', remote: 'y', since: NOW, version: 1 }] },
  leased: { lease: { owner: 'another', until: Date.parse(NOW) + 1 } },
  'lease-over': { lease: { owner: 'another', until: Date.parse(NOW) } },
};

/** The rest of it. */
export const pairOf = (n: number, one: Seen): SeenPair => {
  const [localKey, sfId] = [keyOf(n), sfIdOf(n)];
  return { localKey, sfId, link: linkOf(localKey, sfId, one), record: recordOf(sfId, one) };
};

const linkOf = (localKey: string, sfId: string, { link, trouble }: Seen): SeenPair['link'] => {
  if (link === 'none') return undefined;
  return link === 'unreadable' ? link : aLink({ localKey, sfId, state: link, ...TROUBLES[trouble] });
};

const recordOf = (sfId: string, one: Seen): SeenPair['record'] => {
  const { record, spellings, flipped } = one;
  if (record === 'missing' || record === 'unreadable') return record;
  const values = valuesOf(one, spellings >> FIELDS.length, flipped);
  return aRemoteRecord({ sfId, values, isDeleted: record === 'deleted' });
};

/** By how it was made, and by nothing that the code under test says. */
export const isInStep = ({ link, trouble, item, record, flipped }: Seen): boolean =>
  link === 'linked' &&
  (trouble === 'none' || trouble === 'lease-over') &&
  item === 'there' &&
  record === 'there' &&
  flipped >= FIELDS.length;

/** Nothing is there of which anything could be proven. */
export const isGone = ({ item, record }: Seen): boolean =>
  item === 'missing' && (record === 'missing' || record === 'deleted');
