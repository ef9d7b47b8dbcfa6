import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { MAX_EXPRESSION_BYTES } from '../contracts/dynamodb-limits.ts';
import { assert } from '../sync/assert.ts';
import { type RawItem, toAttribute } from './attribute-values.ts';

/*
 * The one place where DynamoDB's expressions are written. No name and no value ever stands in the text itself: names
 * may be reserved words or hold dots, and values are somebody's data.
 */

/** An attribute by its name, or a path into a map: one name for each level. */
type Path = string | readonly string[];

/** A claim about an item; it is written out once it is known which placeholders are free. */
export type Condition = (placeholders: Placeholders) => string;

/** What an update does to an item. Attributes whose value is `undefined` are left out. */
export interface Change {
  readonly set?: Readonly<Record<string, unknown>>;
  /** Set only where the item does not have the attribute yet. */
  readonly setOnce?: Readonly<Record<string, unknown>>;
  /** Added to a number, or to a set of texts; an attribute that is not there counts as 0, or as an empty set. */
  readonly add?: Readonly<Record<string, number | ReadonlySet<string>>>;
  /** Taken out of a set of texts. */
  readonly take?: Readonly<Record<string, ReadonlySet<string>>>;
  readonly remove?: readonly string[];
  /** By path, and values as DynamoDB has them. */
  readonly at?: {
    readonly set: readonly { readonly path: Path; readonly value: AttributeValue }[];
    readonly remove: readonly Path[];
  };
}

/** The placeholders' meanings; DynamoDB refuses an empty set of either, and one that no expression uses. */
interface Meanings {
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: RawItem;
}

/** True if the item has the attribute. */
export const exists =
  (path: Path): Condition =>
  (placeholders) =>
    `attribute_exists(${placeholders.path(path)})`;

/** True if there is no item, or it does not have the attribute. */
export const isAbsent =
  (path: Path): Condition =>
  (placeholders) =>
    `attribute_not_exists(${placeholders.path(path)})`;

/** True if the attribute is a map. */
export const isMap =
  (path: Path): Condition =>
  (placeholders) =>
    `attribute_type(${placeholders.path(path)}, ${placeholders.value({ S: 'M' })})`;

const comparison =
  (operator: '=' | '<>' | '<' | '<=' | '>') =>
  (path: Path, value: unknown): Condition =>
  (placeholders) =>
    `${placeholders.path(path)} ${operator} ${placeholders.value(toAttribute(value))}`;

export const equals = comparison('=');
export const differs = comparison('<>');
export const isLess = comparison('<');
export const isAtMost = comparison('<=');
export const isGreater = comparison('>');

/** From the one to the other, both included. */
export const between =
  (path: Path, from: unknown, to: unknown): Condition =>
  (placeholders) =>
    `${placeholders.path(path)} BETWEEN ${placeholders.value(toAttribute(from))} AND ${placeholders.value(toAttribute(to))}`;

/** True if the text begins so. */
export const beginsWith =
  (path: Path, text: string): Condition =>
  (placeholders) =>
    `begins_with(${placeholders.path(path)}, ${placeholders.value(toAttribute(text))})`;

/** Equal to a value as DynamoDB gave it, to the last digit of a number. */
export const equalsStored =
  (path: Path, stored: AttributeValue): Condition =>
  (placeholders) =>
    `${placeholders.path(path)} = ${placeholders.value(stored)}`;

/** The most values that DynamoDB compares with in one IN. */
const MAX_IN = 100;

/** True if the attribute has none of these values, of which there is at least one. */
export const isNoneOf = (path: Path, values: readonly unknown[]): Condition => {
  assert(
    values.length > 0 && values.length <= MAX_IN,
    `DynamoDB compares with 1 to ${MAX_IN} values at once`,
  );
  return (placeholders) => {
    const list = values.map((value) => placeholders.value(toAttribute(value)));
    return `NOT ${placeholders.path(path)} IN (${list.join(', ')})`;
  };
};

/** True if the set, or the text, has fewer elements than that. */
export const hasFewer =
  (path: Path, than: number): Condition =>
  (placeholders) =>
    `size(${placeholders.path(path)}) < ${placeholders.value(toAttribute(than))}`;

/** True if all hold; of none, an empty text. */
export const allOf =
  (...conditions: readonly Condition[]): Condition =>
  (placeholders) =>
    conditions.map((condition) => condition(placeholders)).join(' AND ');

/** True if one holds. In parentheses, so that it may stand among others. */
export const anyOf =
  (...conditions: readonly Condition[]): Condition =>
  (placeholders) =>
    `(${conditions.map((condition) => condition(placeholders)).join(' OR ')})`;

/** True if DynamoDB would refuse the expression for its length. */
export const isTooLong = (expression: string): boolean =>
  Buffer.byteLength(expression) > MAX_EXPRESSION_BYTES;

/** An update, and the condition under which it is done. */
export const updateOf = (change: Change, onlyIf?: Condition) => {
  const placeholders = new Placeholders();
  const UpdateExpression = updateText(change, placeholders);
  assert(UpdateExpression !== '', 'an update changes something');
  const ConditionExpression = onlyIf?.(placeholders);
  return {
    UpdateExpression,
    ...(ConditionExpression !== undefined && { ConditionExpression }),
    ...placeholders.meanings(),
  };
};

/** The condition of a put, a delete or a check. */
export const conditionOf = (condition: Condition) => {
  const placeholders = new Placeholders();
  return { ConditionExpression: condition(placeholders), ...placeholders.meanings() };
};

/** What a read gives back: these top-level attributes, each named once. */
export const projectionOf = (attributes: readonly string[]) => {
  const placeholders = new Placeholders();
  return { ProjectionExpression: projectionText(attributes, placeholders), ...placeholders.meanings() };
};

/** Which items a query finds, which of those it gives back, and what of them; all attributes if left out. */
export const queryOf = (query: {
  readonly key: Condition;
  readonly filter?: Condition;
  readonly attributes?: readonly string[];
}) => {
  const placeholders = new Placeholders();
  return {
    KeyConditionExpression: query.key(placeholders),
    ...(query.filter && { FilterExpression: query.filter(placeholders) }),
    ...(query.attributes && { ProjectionExpression: projectionText(query.attributes, placeholders) }),
    ...placeholders.meanings(),
  };
};

/** Which items a scan gives back, and what of them. */
export const scanOf = (scan: { readonly filter?: Condition; readonly attributes: readonly string[] }) => {
  const placeholders = new Placeholders();
  return {
    ...(scan.filter && { FilterExpression: scan.filter(placeholders) }),
    ProjectionExpression: projectionText(scan.attributes, placeholders),
    ...placeholders.meanings(),
  };
};

const projectionText = (attributes: readonly string[], placeholders: Placeholders): string =>
  [...new Set(attributes)].map((name) => placeholders.path(name)).join(',');

const given = (values: Readonly<Record<string, unknown>> = {}): [string, unknown][] =>
  Object.entries(values).filter(([, value]) => value !== undefined);

const updateText = (change: Change, placeholders: Placeholders): string => {
  const named = (values: Change['set'], write: (name: string, value: string) => string): string[] =>
    given(values).map(([name, value]) =>
      write(placeholders.path(name), placeholders.value(toAttribute(value))),
    );
  const set = [
    ...named(change.set, (name, value) => `${name} = ${value}`),
    ...named(change.setOnce, (name, value) => `${name} = if_not_exists(${name}, ${value})`),
    ...(change.at?.set ?? []).map(
      ({ path, value }) => `${placeholders.path(path)} = ${placeholders.value(value)}`,
    ),
  ];
  const added = named(change.add, (name, value) => `${name} ${value}`);
  const removed = [...(change.remove ?? []), ...(change.at?.remove ?? [])].map((path) =>
    placeholders.path(path),
  );
  const clauses = [
    ['SET', set],
    ['ADD', added],
    ['DELETE', named(change.take, (name, value) => `${name} ${value}`)],
    ['REMOVE', removed],
  ] as const;
  return clauses
    .filter(([, actions]) => actions.length > 0)
    .map(([verb, actions]) => `${verb} ${actions.join(', ')}`)
    .join(' ');
};

/** Gives out placeholders: one for each name, however often it comes, and one for each value. */
class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values: AttributeValue[] = [];

  path(path: Path): string {
    return typeof path === 'string' ? this.#name(path) : path.map((name) => this.#name(name)).join('.');
  }

  value(value: AttributeValue): string {
    this.#values.push(value);
    return `:v${this.#values.length - 1}`;
  }

  meanings(): Meanings {
    const names = [...this.#names].map(([name, placeholder]) => [placeholder, name] as const);
    const values = this.#values.map((value, index) => [`:v${index}`, value] as const);
    return {
      ...(names.length > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(values.length > 0 && { ExpressionAttributeValues: Object.fromEntries(values) }),
    };
  }

  #name(name: string): string {
    const placeholder = this.#names.get(name) ?? `#n${this.#names.size.toString(36)}`;
    this.#names.set(name, placeholder);
    return placeholder;
  }
}
