import type { FieldMapping, Mapping } from '../model/mapping.ts';

/** The names down to an attribute: `address.city` is `city` in the map `address`. */
export type AttributePath = readonly string[];

/** The attribute of a field, as its name in the template says. */
export const pathOf = ({ localField }: Pick<FieldMapping, 'localField'>): AttributePath =>
  localField.split('.');

/** The attribute of the item itself that the field is, or is in. */
export const rootOf = (localField: string): string => localField.split('.', 1)[0] ?? localField;

/** What stands on the way to an attribute and is no map. */
export const NOT_A_MAP = Symbol('not a map');

/** The attribute at a path of plain values; undefined where it, or a map on the way, is not there. */
export const plainAt = (attributes: Readonly<Record<string, unknown>>, path: AttributePath): unknown => {
  let value: unknown = attributes;
  for (const name of path) {
    if (value === undefined || value === null) return undefined;
    if (!isMap(value)) return NOT_A_MAP;
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
};

/** Lists, sets, bytes and numbers of ours are objects too, and no maps. */
export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' &&
  value !== null &&
  (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null);

/** Every attribute that a comparison depends on: those of the fields, and the one that receives the Salesforce id. */
export const comparedPaths = (mapping: Mapping): readonly AttributePath[] => [
  ...mapping.fields.map(pathOf),
  ...(mapping.localIdField === undefined ? [] : [[mapping.localIdField]]),
];
