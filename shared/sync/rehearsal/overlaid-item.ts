import { valueIn } from '../mapping/values.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem } from '../model/record.ts';
import type { FieldValues } from '../model/values.ts';
import { digestOfValue, type OverlaidItem } from './overlaid.ts';

type Side = LocalItem | 'missing';

/** The item as it would be. */
export const viewOfItem = (
  { fields }: Pick<Mapping, 'fields'>,
  localKey: string,
  real: Side,
  overlaid: OverlaidItem | undefined,
): Side => {
  if (overlaid === undefined) return real;
  if (real === 'missing') {
    if (overlaid.kind !== 'created') return 'missing';
    const empty = Object.fromEntries(fields.map(({ localField }) => [localField, null]));
    const values = { ...empty, ...overlaid.values };
    return { localKey, values, sfId: overlaid.sfId ?? null, attributes: {} };
  }
  // Somebody has made the item: theirs takes the place of ours.
  if (overlaid.kind === 'created') return real;
  if (overlaid.kind === 'deleted') return isAsSeen(real, overlaid) ? 'missing' : real;
  return {
    ...real,
    values: { ...real.values, ...standing(real, overlaid) },
    sfId: overlaid.sfId ?? real.sfId,
  };
};

/** What is written of an item: what a commit says of it. */
export type ItemChange =
  | { readonly kind: 'create'; readonly values: FieldValues; readonly sfId: string | null }
  | {
      readonly kind: 'update';
      readonly values: FieldValues;
      readonly sfId?: string;
      readonly mark?: string | null;
    }
  | { readonly kind: 'delete' };

/** What is overlaid after one more write; undefined where it changes nothing. */
export const overlaidItem = (
  { fields }: Pick<Mapping, 'fields'>,
  real: Side,
  before: OverlaidItem | undefined,
  change: ItemChange,
): OverlaidItem | undefined => {
  const all = fields.map(({ localField }) => localField);
  const seenOf = (names: readonly string[]): OverlaidItem['seen'] =>
    real === 'missing'
      ? {}
      : Object.fromEntries(names.map((name) => [name, digestOfValue(valueIn(real.values, name))]));
  if (change.kind === 'delete') return { kind: 'deleted', values: {}, seen: seenOf(all) };
  const sfId = change.sfId ?? before?.sfId;
  const about = sfId === undefined ? {} : { sfId };
  const mark = 'mark' in change ? change.mark : before?.mark;
  const marked = { ...about, ...(mark !== undefined && { mark }) };
  if (change.kind === 'create') {
    if (real === 'missing') return { kind: 'created', values: change.values, seen: {}, ...about };
    // The real one is there, and counts as deleted.
    const values = { ...Object.fromEntries(all.map((name) => [name, null])), ...change.values };
    return { kind: 'changed', values, seen: seenOf(all), ...about };
  }
  const isNothing =
    Object.keys(change.values).length === 0 && change.sfId === undefined && change.mark === undefined;
  if (isNothing) return undefined;
  if (real === 'missing') {
    return { kind: 'created', values: { ...before?.values, ...change.values }, seen: {}, ...marked };
  }
  const values = { ...(before === undefined ? {} : standing(real, before)), ...change.values };
  return { kind: 'changed', values, seen: seenOf(Object.keys(values)), ...marked };
};

/** The overlaid values whose attribute is still as it was when they were overlaid. */
const standing = (real: LocalItem, { kind, values, seen }: OverlaidItem): FieldValues =>
  kind !== 'changed'
    ? {}
    : Object.fromEntries(Object.entries(values).filter(([name]) => isSame(real, name, seen)));

const isAsSeen = (real: LocalItem, { seen }: OverlaidItem): boolean =>
  Object.keys(seen).length > 0 && Object.keys(seen).every((name) => isSame(real, name, seen));

const isSame = ({ values }: LocalItem, name: string, seen: OverlaidItem['seen']): boolean =>
  digestOfValue(valueIn(values, name)) === seen[name];
