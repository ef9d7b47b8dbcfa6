import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { assert } from '../../sync/assert.ts';
import { decodeLocal } from '../../sync/mapping/decode.ts';
import type { Mapping } from '../../sync/model/mapping.ts';
import type { LocalItem } from '../../sync/model/record.ts';
import type { FieldValue } from '../../sync/model/values.ts';
import type { ItemWrite } from '../../use-cases/ports/sync-store.ts';
import { fromItem, type RawItem, toAttribute } from '../attribute-values.ts';

/** What the outcome of a comparison depends on, and so what a write is conditional on. */
const comparedAttributes = (mapping: Mapping): readonly string[] => [
  ...new Set([
    ...mapping.fields.map((field) => field.localField),
    ...(mapping.localIdField === undefined ? [] : [mapping.localIdField]),
  ]),
];

/** All that is ever read of a local item: people keep more in them than is ours to see. */
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

/** The part of a commit that writes the item, or only checks it where there is nothing to change. */
export const writeItem = (
  tableName: string,
  mapping: Mapping,
  localKey: string,
  write: ItemWrite,
): TransactWriteItem => {
  const isOurs = mapping.tenantField !== undefined || mapping.tenant === mapping.tenantId;
  assert(isOurs, 'a mapping writes only items of its own tenant');
  return write.kind === 'create'
    ? createItem(tableName, mapping, localKey, write)
    : updateItem(tableName, mapping, localKey, write);
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
        ...Object.fromEntries(values.map(([name, value]) => [name, toAttribute(value)])),
        ...(mapping.localIdField !== undefined &&
          write.sfId !== null && { [mapping.localIdField]: { S: write.sfId } }),
        ...(mapping.tenantField !== undefined && { [mapping.tenantField]: { S: mapping.tenantId } }),
        ...localItemKey(mapping, localKey),
      },
      ConditionExpression: 'attribute_not_exists(#key)',
      ExpressionAttributeNames: { '#key': mapping.keyField },
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
  const expression = new Expression();
  const condition = asRead(expression, mapping, write.read);
  const target = { TableName: tableName, Key: localItemKey(mapping, localKey) };
  if (changes.length === 0) {
    return { ConditionCheck: { ...target, ConditionExpression: condition, ...expression.placeholders() } };
  }
  const update = updateText(expression, changes);
  return {
    Update: {
      ...target,
      UpdateExpression: update,
      ConditionExpression: condition,
      ...expression.placeholders(),
    },
  };
};

const updateText = (expression: Expression, changes: readonly (readonly [string, FieldValue])[]): string => {
  const set = changes
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${expression.name(name)} = ${expression.value(toAttribute(value))}`);
  const removed = changes.filter(([, value]) => value === null).map(([name]) => expression.name(name));
  return [
    ...(set.length > 0 ? [`SET ${set.join(', ')}`] : []),
    ...(removed.length > 0 ? [`REMOVE ${removed.join(', ')}`] : []),
  ].join(' ');
};

/** The item is there, of this tenant, and what was compared is as it was read, to the byte. */
const asRead = (expression: Expression, mapping: Mapping, read: LocalItem): string => {
  const clauses = [`attribute_exists(${expression.name(mapping.keyField)})`];
  if (mapping.tenantField !== undefined) {
    const tenant = expression.value({ S: mapping.tenantId });
    clauses.push(`${expression.name(mapping.tenantField)} = ${tenant}`);
  }
  for (const attribute of comparedAttributes(mapping)) {
    // An attribute may be called `constructor`.
    const raw = Object.hasOwn(read.attributes, attribute) ? read.attributes[attribute] : undefined;
    const name = expression.name(attribute);
    clauses.push(
      // `localItemOf` put it there.
      raw === undefined
        ? `attribute_not_exists(${name})`
        : `${name} = ${expression.value(raw as AttributeValue)}`,
    );
  }
  return clauses.join(' AND ');
};

/** Gives out placeholders; every name and value of a user goes through one. */
class Expression {
  readonly #names = new Map<string, string>();
  readonly #values: AttributeValue[] = [];

  name(attribute: string): string {
    const placeholder = this.#names.get(attribute) ?? `#n${this.#names.size}`;
    this.#names.set(attribute, placeholder);
    return placeholder;
  }

  value(attribute: AttributeValue): string {
    this.#values.push(attribute);
    return `:v${this.#values.length - 1}`;
  }

  /** DynamoDB refuses an empty set of values. */
  placeholders(): {
    ExpressionAttributeNames: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  } {
    const names = [...this.#names].map(([attribute, placeholder]) => [placeholder, attribute]);
    const values = this.#values.map((attribute, index) => [`:v${index}`, attribute]);
    return {
      ExpressionAttributeNames: Object.fromEntries(names),
      ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
    };
  }
}
