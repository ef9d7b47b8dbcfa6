import { createHash } from 'node:crypto';
import { markOf } from '../../contracts/delete-policies.ts';
import { readWireField } from '../../sync/mapping/field-forms.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { RemoteRecord } from '../../sync/model/record.ts';
import type { FieldValues } from '../../sync/model/values.ts';
import { canonicalIntention, type Intention, type SideIntention } from '../../sync/plan/intention.ts';
import {
  digestOfValue,
  type OverlaidItem,
  type OverlaidPair,
  type OverlaidRecord,
} from '../../sync/rehearsal/overlaid.ts';
import type { SyncStore } from '../ports/sync-store.ts';
import { withParents } from '../reconciliation/records/parents.ts';

/** SHA-256 of what an intention says, hexadecimal. */
export const digestOfIntention = (intention: Intention): string => sha256(canonicalIntention(intention));

/** One digest of many, whatever their order; each is that of an intention of another key. */
export const digestOfAll = (digests: readonly string[]): string => sha256(digests.toSorted().join('\n'));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** What would be written to the two sides of each pair, and held. @param store - the dry one, which knows the parents that would be made */
export async function sidesOf(
  store: Pick<SyncStore, 'links' | 'localKeysOf'>,
  mapping: Mapping,
  pairs: readonly OverlaidPair[],
): Promise<ReadonlyMap<string, Pick<Intention, 'item' | 'record' | 'held'>>> {
  const records = new Map(pairs.map((pair) => [pair.localKey, pair.records.at(-1)]));
  const raw = [...records.values()].flatMap((one) => (one ? [asRecord(mapping, one)] : []));
  const read = new Map((await withParents(store, mapping, raw)).map((one) => [one.sfId, one.values]));
  return new Map(
    pairs.map(({ localKey, item, held = [] }) => {
      const [ofItem, record] = [item && itemIntention(item), records.get(localKey)];
      const ofRecord = record && recordIntention(mapping, record, read.get(record.sfId) ?? {});
      return [localKey, { held, ...(ofItem && { item: ofItem }), ...(ofRecord && { record: ofRecord }) }];
    }),
  );
}

/** Of what reads as it would be, only what differs from what was seen is intended. */
const itemIntention = ({ kind, values, seen, sfId, mark }: OverlaidItem): SideIntention | undefined => {
  const key = {
    ...(sfId !== undefined && { setsKey: true as const }),
    ...(mark !== undefined && marks(mark !== null)),
  };
  if (kind === 'deleted') return Object.keys(seen).length > 0 ? { kind: 'delete', values: {} } : undefined;
  if (kind === 'created') return { kind: 'create', values: withoutNulls(values), ...key };
  const changed = pick(values, (name, value) => digestOfValue(value) !== seen[name]);
  if (Object.keys(changed).length === 0 && sfId === undefined && mark === undefined) return undefined;
  return { kind: 'update', values: changed, ...key };
};

const recordIntention = (
  mapping: Mapping,
  { kind, values, seen }: OverlaidRecord,
  read: FieldValues,
): SideIntention | undefined => {
  if (kind === 'deleted') return Object.keys(seen).length > 0 ? { kind: 'delete', values: {} } : undefined;
  const { externalIdField, deletePolicy } = mapping;
  const mark = markOf(deletePolicy.toSalesforce);
  const key = {
    ...(externalIdField !== undefined && externalIdField in values && { setsKey: true as const }),
    ...(mark !== undefined && mark in values && marks(values[mark] === true)),
  };
  if (kind === 'created') return { kind: 'create', values: withoutNulls(read), ...key };
  return { kind: 'update', values: read, ...key };
};

const marks = (isSet: boolean): Pick<SideIntention, 'marks'> => ({ marks: isSet ? 'set' : 'taken-back' });

const withoutNulls = (values: FieldValues): FieldValues => pick(values, (_, value) => value !== null);

const pick = (
  values: FieldValues,
  isWanted: (name: string, value: FieldValues[string]) => boolean,
): FieldValues => Object.fromEntries(Object.entries(values).filter(([name, value]) => isWanted(name, value)));

/** The values that would be sent, by attribute, as a record has them. */
const asRecord = (mapping: Mapping, { sfId, values, at }: OverlaidRecord): RemoteRecord => ({
  sfId,
  externalId: null,
  values: Object.fromEntries(
    mapping.fields.flatMap((field) =>
      field.sfField in values
        ? [[field.localField, readWireField(field, values[field.sfField]) ?? null] as const]
        : [],
    ),
  ),
  systemModstamp: at,
  lastModifiedDate: at,
  isDeleted: false,
  readAt: at,
});
