import { parseId } from '../../contracts/salesforce-id.ts';
import type { FieldMapping, FieldReference, Mapping, ReferenceTarget } from '../model/mapping.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';
import { keyProblem } from './local-key.ts';
import { valueIn } from './values.ts';

/** A field that is a lookup to other mappings' records. */
export type ReferenceField = FieldMapping & { readonly reference: FieldReference };

/** The item that a value names. */
export interface ParentItem {
  readonly mappingId: string;
  readonly key: string;
}

/** Salesforce ids of linked parents, by mapping and local key. */
export type ParentIds = ReadonlyMap<string, ReadonlyMap<string, string>>;
/** Local keys of linked records, by mapping and Salesforce id. */
export type ParentKeys = ReadonlyMap<string, ReadonlyMap<string, string>>;

const isReference = (field: FieldMapping): field is ReferenceField => field.reference !== undefined;

/** The mapping's lookups to other mappings' records. */
export const referencesOf = ({ fields }: Mapping): readonly ReferenceField[] => fields.filter(isReference);

/**
 * What stands in a lookup for a record in Salesforce that no item is linked to. A key does not begin with a space, so
 * that no item has such a value, and none is ever written.
 */
const unknownParent = (sfId: string): string => ` ${sfId}`;

/** The Salesforce id of a parent that no item is linked to; undefined for every other value, and for other fields. */
export const unknownParentId = (
  { reference }: Pick<FieldMapping, 'reference'>,
  value: FieldValue | undefined,
): string | undefined =>
  reference !== undefined && typeof value === 'string' && value.startsWith(' ') ? value.slice(1) : undefined;

/**
 * The item that a local value names; undefined for one that does not say of which mapping it is, and for a key that no
 * linked item has.
 */
export const parentItem = ({ targets }: FieldReference, value: string): ParentItem | undefined => {
  const target = targets.find(({ prefix }) => value.startsWith(prefix));
  if (target === undefined) return undefined;
  const key = value.slice(target.prefix.length);
  return keyProblem(key) === undefined ? { mappingId: target.mappingId, key } : undefined;
};

/** Of these attributes, those that may name items of several mappings and do not say of which: no parent ever answers. */
export const withoutMapping = (
  mapping: Mapping,
  attributes: readonly string[],
  values: FieldValues,
): readonly ReferenceField[] =>
  referencesOf(mapping).filter(({ localField, reference: { targets } }) => {
    const value = textIn(values, localField);
    return (
      attributes.includes(localField) &&
      value !== undefined &&
      !targets.some(({ prefix }) => value.startsWith(prefix))
    );
  });

/** The items that a record's or an item's lookups name, in no order, some perhaps twice. */
export const parentItems = (mapping: Mapping, values: FieldValues): ParentItem[] =>
  referencesOf(mapping).flatMap(({ localField, reference }) => {
    const value = valueIn(values, localField);
    const item = typeof value === 'string' ? parentItem(reference, value) : undefined;
    return item ? [item] : [];
  });

/** The Salesforce id that stands for a local value; undefined where its parent is not linked. */
export const parentIdOf = (reference: FieldReference, value: string, ids: ParentIds): string | undefined => {
  const item = parentItem(reference, value);
  return item && ids.get(item.mappingId)?.get(item.key);
};

/** The attributes that name an item which no record is linked to. */
export const unlinkedParents = (mapping: Mapping, values: FieldValues, ids: ParentIds): ReadonlySet<string> =>
  new Set(
    referencesOf(mapping).flatMap(({ localField, reference }) => {
      const value = valueIn(values, localField);
      return typeof value === 'string' && parentIdOf(reference, value, ids) === undefined ? [localField] : [];
    }),
  );

/** The Salesforce ids that a record's lookups hold, by the mappings that they may lead to. */
export const lookedUpIds = (
  mapping: Mapping,
  values: FieldValues,
): readonly { readonly sfId: string; readonly targets: readonly ReferenceTarget[] }[] =>
  referencesOf(mapping).flatMap(({ localField, reference }) => {
    const sfId = parseId(textIn(values, localField) ?? '');
    return sfId === undefined ? [] : [{ sfId, targets: reference.targets }];
  });

/**
 * The values with local keys in the place of Salesforce ids. Only for values as they come from Salesforce: a key may
 * look like an id.
 */
export const withParentKeys = (mapping: Mapping, values: FieldValues, keys: ParentKeys): FieldValues => {
  const translated = referencesOf(mapping).flatMap(({ localField, reference }) => {
    const text = textIn(values, localField);
    return text === undefined ? [] : [[localField, keyOf(reference, parseId(text) ?? text, keys)] as const];
  });
  return translated.length === 0 ? values : { ...values, ...Object.fromEntries(translated) };
};

const keyOf = ({ targets }: FieldReference, sfId: string, keys: ParentKeys): string => {
  for (const { mappingId, prefix } of targets) {
    const key = keys.get(mappingId)?.get(sfId);
    if (key !== undefined) return `${prefix}${key}`;
  }
  return unknownParent(sfId);
};

const textIn = (values: FieldValues, localField: string): string | undefined => {
  const value = valueIn(values, localField);
  return typeof value === 'string' ? value : undefined;
};
