import type { Constant, LocalFilter } from '../../contracts/sync-config.ts';
import { NOT_A_MAP, plainAt, rootOf } from './paths.ts';

/** Whether an item meets a filter, by its attributes as plain values. */
export const meets = (filter: LocalFilter, attributes: Readonly<Record<string, unknown>>): boolean => {
  if ('all' in filter) return filter.all.every((one) => meets(one, attributes));
  if ('any' in filter) return filter.any.some((one) => meets(one, attributes));
  const found = plainAt(attributes, filter.attribute.split('.'));
  const isThere = found !== undefined && found !== null && found !== NOT_A_MAP;
  if ('exists' in filter) return isThere === filter.exists;
  const wanted: readonly Constant[] = 'in' in filter ? filter.in : [filter.equals];
  return wanted.some((one) => one === found);
};

/** The attributes of the item itself that a filter looks at, or into. */
export const attributesOf = (filter: LocalFilter | undefined): readonly string[] => {
  if (filter === undefined) return [];
  if ('all' in filter) return filter.all.flatMap(attributesOf);
  if ('any' in filter) return filter.any.flatMap(attributesOf);
  return [rootOf(filter.attribute)];
};
