import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { markOf } from '../../contracts/delete-policies.ts';
import { assert } from '../../sync/assert.ts';
import { decodeLocal, encodeLocal } from '../../sync/mapping/decode.ts';
import { imageFor } from '../../sync/mapping/item-image.ts';
import { attributesOf } from '../../sync/mapping/local-filter.ts';
import { type AttributePath, comparedPaths, pathOf } from '../../sync/mapping/paths.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { LocalItem } from '../../sync/model/record.ts';
import type { FieldValues } from '../../sync/model/values.ts';
import type { ItemWrite } from '../../use-cases/ports/sync-store.ts';
import { fromItem, type RawItem, toItem } from '../attribute-values.ts';
import {
  allOf,
  type Condition,
  conditionOf,
  equals,
  equalsStored,
  exists,
  isAbsent,
  updateOf,
} from '../expressions.ts';
import { type AttributeWrite, intoMaps, nested } from './nested-attributes.ts';

/** The attributes that are read of a local item. Items hold more than that, which is not ours to read. */
export const readAttributes = (mapping: Mapping): readonly string[] => [
  mapping.keyField,
  ...(mapping.tenantField === undefined ? [] : [mapping.tenantField]),
  ...new Set([...comparedRoots(mapping), ...attributesOf(mapping.localFilter)]),
];

/** Of a map, all is read: whether it is there at all decides how a value is put into it. */
const comparedRoots = (mapping: Mapping): readonly string[] => [
  ...new Set(comparedPaths(mapping).map(([root = '']) => root)),
];

export const localItemKey = (mapping: Mapping, localKey: string): RawItem => ({
  [mapping.keyField]: { S: localKey },
});

/** Whether the item belongs to the tenant whose mapping it is. */
export const isOfTenant = (mapping: Mapping, item: RawItem): boolean =>
  mapping.tenantField === undefined
    ? mapping.tenant === mapping.tenantId
    : item[mapping.tenantField]?.S === mapping.tenantId;

/**
 * The item as the mapping sees it. Its `attributes` are the compared ones as DynamoDB has them, so that conditions
 * on them are exact to the last digit of a number.
 */
export const localItemOf = (
  mapping: Mapping,
  localKey: string,
  item: RawItem,
): LocalItem | { readonly invalid: readonly string[] } => {
  const decoded = decodeLocal(mapping, localKey, fromItem(item));
  if ('invalid' in decoded) return decoded;
  const compared = comparedRoots(mapping).filter((name) => Object.hasOwn(item, name));
  return {
    ...decoded,
    attributes: Object.fromEntries(compared.map((name) => [name, item[name]])),
    // A full sweep reads every item, and asks for no image.
    get image() {
      return imageFor(mapping, item);
    },
  };
};

/**
 * The part of a commit that writes the item, or only checks it where there is nothing to change.
 *
 * @throws InvariantError when the item would belong to another tenant
 */
export const writeItem = (
  tableName: string,
  mapping: Mapping,
  localKey: string,
  write: ItemWrite,
): TransactWriteItem => {
  const isOurs = mapping.tenantField !== undefined || mapping.tenant === mapping.tenantId;
  assert(isOurs, 'a mapping writes only items of its own tenant');
  switch (write.kind) {
    case 'create':
      return createItem(tableName, mapping, localKey, write);
    case 'update':
      return updateItem(tableName, mapping, localKey, write);
    case 'delete':
      return {
        Delete: {
          TableName: tableName,
          Key: localItemKey(mapping, localKey),
          ...conditionOf(isAsRead(mapping, write.read)),
        },
      };
    case 'absent':
      return {
        ConditionCheck: {
          TableName: tableName,
          Key: localItemKey(mapping, localKey),
          ...conditionOf(isAbsent(mapping.keyField)),
        },
      };
  }
};

const createItem = (
  tableName: string,
  mapping: Mapping,
  localKey: string,
  write: Extract<ItemWrite, { kind: 'create' }>,
): TransactWriteItem => {
  const values = writesOf(mapping, write.values).filter(({ value }) => value !== null);
  return {
    Put: {
      TableName: tableName,
      Item: {
        ...toItem({ ...mapping.defaults }),
        ...nested(values),
        ...(mapping.localIdField !== undefined &&
          write.sfId !== null && { [mapping.localIdField]: { S: write.sfId } }),
        ...(mapping.tenantField !== undefined && { [mapping.tenantField]: { S: mapping.tenantId } }),
        ...localItemKey(mapping, localKey),
      },
      ...conditionOf(isAbsent(mapping.keyField)),
    },
  };
};

const updateItem = (
  tableName: string,
  mapping: Mapping,
  localKey: string,
  write: Extract<ItemWrite, { kind: 'update' }>,
): TransactWriteItem => {
  const { localIdField, keyField } = mapping;
  const writes = writesOf(mapping, write.values);
  if (localIdField !== undefined && write.sfId !== undefined)
    writes.push({ path: [localIdField], value: write.sfId });
  const mark = markOf(mapping.deletePolicy.fromSalesforce);
  if (mark !== undefined && write.mark !== undefined) writes.push({ path: [mark], value: write.mark });
  const changes = intoMaps(
    writes.filter(({ path }) => path[0] !== keyField),
    (path) => storedAt(write.read, path),
  );
  const condition = allOf(isAsRead(mapping, write.read), ...changes.onlyIf);
  const target = { TableName: tableName, Key: localItemKey(mapping, localKey) };
  if (changes.set.length + changes.remove.length === 0)
    return { ConditionCheck: { ...target, ...conditionOf(condition) } };
  return { Update: { ...target, ...updateOf({ at: changes }, condition) } };
};

const writesOf = (mapping: Mapping, values: FieldValues): AttributeWrite[] =>
  Object.entries(encodeLocal(mapping, values)).map(([localField, value]) => ({
    path: pathOf({ localField }),
    value,
  }));

/** The attribute at a path as it was read. */
const storedAt = (
  { attributes }: LocalItem,
  [root = '', ...inner]: AttributePath,
): AttributeValue | undefined => {
  // An attribute may be called `constructor`.
  let stored = Object.hasOwn(attributes, root) ? attributes[root] : undefined;
  for (const name of inner) {
    const map = isAttributeValue(stored) ? stored.M : undefined;
    stored = map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
  }
  if (stored === undefined) return undefined;
  assert(isAttributeValue(stored), '`localItemOf` keeps attributes as DynamoDB gave them');
  return stored;
};

/** DynamoDB's own form: a type and its value. */
const isAttributeValue = (stored: unknown): stored is AttributeValue =>
  typeof stored === 'object' && stored !== null;

/** True if the item exists, belongs to this tenant, and its compared attributes are as they were read. */
const isAsRead = (mapping: Mapping, read: LocalItem): Condition => {
  const { keyField, tenantField, tenantId } = mapping;
  return allOf(
    exists(keyField),
    ...(tenantField === undefined ? [] : [equals(tenantField, tenantId)]),
    ...comparedPaths(mapping).map((path) => {
      const stored = storedAt(read, path);
      return stored === undefined ? isAbsent(path) : equalsStored(path, stored);
    }),
  );
};
