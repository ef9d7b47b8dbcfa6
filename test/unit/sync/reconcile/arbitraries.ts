import fc from 'fast-check';
import {
  CONFLICT_POLICIES,
  type ConflictPolicy,
  DIRECTIONS,
} from '../../../../shared/contracts/sync-config.ts';
import { sameValue } from '../../../../shared/sync/mapping/values.ts';
import type { Mapping } from '../../../../shared/sync/model/mapping.ts';
import type { FieldType, FieldValue, FieldValues } from '../../../../shared/sync/model/values.ts';
import type { Looked } from '../../../../shared/sync/reconcile/looked.ts';
import { aField, aLink, aLocalItem, aMapping, aRemoteRecord } from '../../../builders/sync.ts';

/** Few values of each type, so that sides often agree by chance. */
const VALUES: Readonly<Record<FieldType, readonly FieldValue[]>> = {
  text: [null, 'a', 'b', 'c'],
  rich: [null, 'a', ' a '],
  // As links may hold them from before ids were told from text, too.
  id: [null, '001ak00000OQTie', '001ak00000OQTieAAH', '001ak00000OQTifAAH'],
  time: [null, '13:05', '13:05:00.000Z', '13:06:00.000Z'],
  options: [null, 'a', 'a;b', 'b;a'],
  number: [null, 0, 1, 2.5, '123456789012345678', '123456789012345679'],
  boolean: [null, false, true],
  date: [null, '2024-01-01', '2024-02-29'],
  datetime: [null, '2024-01-01T00:00:00.000Z', '2024-01-01T00:00:00.001Z'],
};

const TYPES = Object.keys(VALUES) as FieldType[];

const NAMES = ['a', 'b', 'c', 'constructor'];

const mappings = (policies: readonly ConflictPolicy[] = CONFLICT_POLICIES): fc.Arbitrary<Mapping> =>
  fc
    .tuple(
      ...NAMES.map((localField) =>
        fc.record({
          type: fc.constantFrom(...TYPES),
          direction: fc.constantFrom(...DIRECTIONS),
          conflictPolicy: fc.constantFrom(...policies),
          localField: fc.constant(localField),
        }),
      ),
    )
    .map((fields) => aMapping({ fields: fields.map(aField) }));

const valueFor = (type: FieldType) => fc.constantFrom(...VALUES[type]);

/** A value for every field, as decoded sides have. */
const complete = (mapping: Mapping): fc.Arbitrary<FieldValues> =>
  fc
    .tuple(...mapping.fields.map(({ type }) => valueFor(type)))
    .map((values) =>
      Object.fromEntries(mapping.fields.map(({ localField }, index) => [localField, values[index] ?? null])),
    );

/** A value for some fields. */
const partial = (mapping: Mapping): fc.Arbitrary<FieldValues> =>
  fc
    .tuple(complete(mapping), fc.subarray(mapping.fields.map(({ localField }) => localField)))
    .map(([values, kept]) => Object.fromEntries(kept.map((field) => [field, values[field] ?? null])));

const secondOf = (second: number): string => new Date(Date.UTC(2024, 0, 1, 0, 0, second)).toISOString();

/** A linked pair in any condition: any base, perhaps an open write, perhaps adjusted values. */
export const pairs = (policies?: readonly ConflictPolicy[]): fc.Arbitrary<Looked> =>
  mappings(policies).chain((mapping) =>
    fc
      .record({
        base: partial(mapping),
        pending: fc.option(partial(mapping), { nil: undefined }),
        adjusted: fc.option(partial(mapping), { nil: undefined }),
        local: complete(mapping),
        remote: complete(mapping),
        localAt: fc.option(fc.nat(3).map(secondOf), { nil: undefined }),
        remoteAt: fc.nat(3).map(secondOf),
        isLinked: fc.boolean(),
      })
      .map(({ base, pending, adjusted, local, remote, localAt, remoteAt, isLinked }) => ({
        mapping,
        link: isLinked
          ? aLink({ base, ...(pending && { pending }), ...(adjusted && { adjusted }) })
          : undefined,
        local: { ...aLocalItem(), values: local },
        remote: { ...aRemoteRecord({ lastModifiedDate: remoteAt }), values: remote },
        localChangedAtSfClock: localAt,
      })),
  );

export const isSameOf = (mapping: Mapping, field: string, a: FieldValue, b: FieldValue): boolean => {
  const type = mapping.fields.find(({ localField }) => localField === field)?.type ?? 'text';
  return sameValue(type, a, b);
};
