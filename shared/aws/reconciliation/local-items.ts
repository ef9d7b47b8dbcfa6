import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { assert } from '../../sync/assert.ts';
import { decodeLocal } from '../../sync/mapping/decode.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { LocalItem } from '../../sync/model/record.ts';
import type { FieldValue } from '../../sync/model/values.ts';
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

/** The attributes that a comparison depends on; a write is conditional on each of them. */
const comparedAttributes = (mapping: Mapping): readonly string[] => [
  ...new Set([
    ...mapping.fields.map((field) => field.localField),
    ...(mapping.localIdField === undefined ? [] : [mapping.localIdField]),
  ]),
];

/** The attributes that are read of a local item. Items hold more than that, which is not ours to read. */
export const readAttributes = (mapping: Mapping): readonly string[] => [
  mapping.keyField,
  ...(mapping.tenantField === undefined ? [] : [mapping.tenantField]),
  ...comparedAttributes(mapping),
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
  const compared = comparedAttributes(mapping).filter((name) => Object.hasOwn(item, name));
  return { ...decoded, attributes: Object.fromEntries(compared.map((name) => [name, item[name]])) };
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
  const values = Object.entries(write.values).filter(([, value]) => value !== null);
  return {
    Put: {
      TableName: tableName,
      Item: {
        ...toItem(Object.fromEntries(values)),
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
  const changes = Object.entries<FieldValue>({
    ...write.values,
    ...(localIdField !== undefined && write.sfId !== undefined && { [localIdField]: write.sfId }),
  }).filter(([name]) => name !== keyField);
  const condition = isAsRead(mapping, write.read);
  const target = { TableName: tableName, Key: localItemKey(mapping, localKey) };
  if (changes.length === 0) return { ConditionCheck: { ...target, ...conditionOf(condition) } };
  const set = Object.fromEntries(changes.filter(([, value]) => value !== null));
  const remove = changes.filter(([, value]) => value === null).map(([name]) => name);
  return { Update: { ...target, ...updateOf({ set, remove }, condition) } };
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
    ...comparedAttributes(mapping).map((name) => {
      // An attribute may be called `constructor`.
      const stored = Object.hasOwn(read.attributes, name) ? read.attributes[name] : undefined;
      if (stored === undefined) return isAbsent(name);
      assert(isAttributeValue(stored), '`localItemOf` keeps attributes as DynamoDB gave them');
      return equalsStored(name, stored);
    }),
  );
};
