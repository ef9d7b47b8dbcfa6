import { type RawItem, toAttribute } from './attribute-values.ts';

/** What an update does, and the condition under which it does it. */
export interface UpdateExpression {
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  /** Left out where there is none: DynamoDB refuses an empty set. */
  readonly ExpressionAttributeValues?: RawItem;
}

/** An update expression that sets these attributes and removes those. */
export const updateOf = (
  set: Readonly<Record<string, unknown>>,
  remove: readonly string[] = [],
): UpdateExpression => {
  const entries = Object.entries(set).filter(([, value]) => value !== undefined);
  const sets = entries.map((_, index) => `#s${index} = :s${index}`).join(', ');
  const removes = remove.map((_, index) => `#r${index}`).join(', ');
  return {
    UpdateExpression: [sets && `SET ${sets}`, removes && `REMOVE ${removes}`].filter(Boolean).join(' '),
    ExpressionAttributeNames: Object.fromEntries([
      ...entries.map(([name], index) => [`#s${index}`, name]),
      ...remove.map((name, index) => [`#r${index}`, name]),
    ]),
    ...(entries.length > 0 && {
      ExpressionAttributeValues: Object.fromEntries(
        entries.map(([, value], index) => [`:s${index}`, toAttribute(value)]),
      ),
    }),
  };
};

/**
 * Puts a condition onto an update, whose own placeholders are `s` and `r` with a number.
 *
 * @param names - of the condition, such as `{ '#version': 'tokenVersion' }`
 * @param values - of the condition, plain, such as `{ ':version': 3 }`
 */
export const onlyIf = (
  update: UpdateExpression,
  condition: string,
  names: Readonly<Record<string, string>>,
  values: Readonly<Record<string, unknown>> = {},
): UpdateExpression => {
  const own = Object.entries(values).map(([name, value]) => [name, toAttribute(value)]);
  const all: RawItem = { ...update.ExpressionAttributeValues, ...Object.fromEntries(own) };
  return {
    ...update,
    ConditionExpression: condition,
    ExpressionAttributeNames: { ...update.ExpressionAttributeNames, ...names },
    ...(Object.keys(all).length > 0 && { ExpressionAttributeValues: all }),
  };
};
