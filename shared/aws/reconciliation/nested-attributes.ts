import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { AttributePath } from '../../sync/mapping/paths.ts';
import { type RawItem, toAttribute } from '../attribute-values.ts';
import { type Condition, equalsStored, isAbsent, isMap } from '../expressions.ts';

/** A value to put at a path; `null` removes what is there. */
export interface AttributeWrite {
  readonly path: AttributePath;
  readonly value: unknown;
}

/** What an update does, and what must hold of the maps on the way. */
export interface NestedChanges {
  readonly set: readonly { readonly path: AttributePath; readonly value: AttributeValue }[];
  readonly remove: readonly AttributePath[];
  readonly onlyIf: readonly Condition[];
}

/** The attributes of a new item, with the maps on the way. */
export const nested = (writes: readonly AttributeWrite[]): RawItem => {
  const item: RawItem = {};
  for (const { path, value } of writes) putAt(item, path, toAttribute(value));
  return item;
};

/**
 * DynamoDB puts a value into a map only where there is one. Where there is none, the map is made, with all that goes into
 * it at once; where there is, whatever else is in it stays.
 *
 * @param storedAt - what was read at a path; the update is conditional on each map on the way being there, or not
 */
export const intoMaps = (
  writes: readonly AttributeWrite[],
  storedAt: (path: AttributePath) => AttributeValue | undefined,
): NestedChanges => {
  const made = new Map<string, { readonly path: AttributePath; readonly content: RawItem }>();
  const set: { path: AttributePath; value: AttributeValue }[] = [];
  const remove: AttributePath[] = [];
  const onlyIf = new Map<string, Condition>();
  for (const { path, value } of writes) {
    const ways = path.slice(1).map((_, index) => path.slice(0, index + 1));
    const missing = ways.find((way) => storedAt(way)?.M === undefined);
    const parent = missing ?? ways.at(-1);
    if (value === null && missing !== undefined) continue;
    if (parent !== undefined) onlyIf.set(JSON.stringify(parent), asRead(parent, storedAt(parent)));
    if (missing !== undefined) {
      const map = made.get(JSON.stringify(missing)) ?? { path: missing, content: {} };
      made.set(JSON.stringify(missing), map);
      putAt(map.content, path.slice(missing.length), toAttribute(value));
    } else if (value === null) remove.push(path);
    else set.push({ path, value: toAttribute(value) });
  }
  set.push(...[...made.values()].map(({ path, content }) => ({ path, value: { M: content } })));
  return { set, remove, onlyIf: [...onlyIf.values()] };
};

const asRead = (path: AttributePath, stored: AttributeValue | undefined): Condition => {
  if (stored === undefined) return isAbsent(path);
  return stored.M === undefined ? equalsStored(path, stored) : isMap(path);
};

const putAt = (map: RawItem, [name = '', ...inner]: AttributePath, value: AttributeValue): void => {
  if (inner.length === 0) {
    map[name] = value;
    return;
  }
  const below = map[name]?.M ?? {};
  map[name] = { M: below };
  putAt(below, inner, value);
};
