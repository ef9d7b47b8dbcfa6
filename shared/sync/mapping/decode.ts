import type { WireRecord } from '../../contracts/salesforce.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import { must } from '../assert.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { FieldType, FieldValue, FieldValues } from '../model/values.ts';
import { SchemaDrift } from './errors.ts';
import { fromLocal, fromWire, toWire } from './values.ts';

/** The API names to read for a mapping, beside the system fields that always come. */
export const fieldsToRead = (mapping: Mapping): string[] => [
  ...new Set([...mapping.fields.map(({ sfField }) => sfField), mapping.externalIdField]),
];

/**
 * A row as the mapping sees it.
 *
 * @param readAt - Salesforce's time at which the row was surely still true (ISO 8601)
 * @throws SchemaDrift when a field is missing from the row or is not of its type
 */
export const decodeRemote = (mapping: Mapping, wire: WireRecord, readAt: string): RemoteRecord => ({
  sfId: idOf(wire),
  externalId: externalIdOf(mapping, wire),
  values: Object.fromEntries(
    mapping.fields.map(({ localField, sfField, type }) => [localField, read(mapping, wire, sfField, type)]),
  ),
  systemModstamp: timeOf(mapping, wire, 'SystemModstamp'),
  lastModifiedDate: timeOf(mapping, wire, 'LastModifiedDate'),
  // A few objects cannot be deleted and lack the field.
  isDeleted: Object.hasOwn(wire, 'IsDeleted') && read(mapping, wire, 'IsDeleted', 'boolean') === true,
  readAt: isoOrDrift(readAt),
});

/** An item as the mapping sees it, or the attributes that are not of their field's type. */
export const decodeLocal = (
  mapping: Mapping,
  localKey: string,
  attributes: Readonly<Record<string, unknown>>,
): LocalItem | { readonly invalid: readonly string[] } => {
  const decoded = mapping.fields.map(({ localField, type }) => ({
    localField,
    value: fromLocal(type, own(attributes, localField)),
  }));
  const invalid = decoded.flatMap(({ localField, value }) => ('problem' in value ? [localField] : []));
  if (invalid.length > 0) return { invalid };
  const values = decoded.flatMap(({ localField, value }) =>
    'ok' in value ? [[localField, value.ok] as const] : [],
  );
  return { localKey, values: Object.fromEntries(values), sfId: localSfId(mapping, attributes), attributes };
};

/** The values as Salesforce takes them, by API name. Only the fields that are given; `null` clears. */
export const encodeRemote = (mapping: Mapping, values: FieldValues): Readonly<Record<string, FieldValue>> =>
  Object.fromEntries(
    Object.entries(values).map(([localField, value]) => {
      const field = must(
        mapping.fields.find((candidate) => candidate.localField === localField),
        `the mapping has no field for ${localField}`,
      );
      return [field.sfField, toWire(field.type, value)];
    }),
  );

const own = (record: WireRecord, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;

const read = (mapping: Mapping, wire: WireRecord, name: string, type: FieldType): FieldValue => {
  const where = `${mapping.sfObject}.${name}`;
  const value = own(wire, name);
  if (value === undefined) throw new SchemaDrift(where, 'expected the field in the row');
  const decoded = fromWire(type, value);
  if ('problem' in decoded) throw new SchemaDrift(where, decoded.problem);
  return decoded.ok;
};

const idOf = (wire: WireRecord): string => {
  const id = own(wire, 'Id');
  const id18 = typeof id === 'string' ? parseId(id) : undefined;
  if (id18 === undefined) throw new SchemaDrift('Id', 'expected a Salesforce id');
  return id18;
};

const externalIdOf = (mapping: Mapping, wire: WireRecord): string | null => {
  const value = read(mapping, wire, mapping.externalIdField, 'text');
  return typeof value === 'string' ? value : null;
};

const timeOf = (mapping: Mapping, wire: WireRecord, name: string): string => {
  const value = read(mapping, wire, name, 'datetime');
  if (typeof value !== 'string') throw new SchemaDrift(`${mapping.sfObject}.${name}`, 'expected a time');
  return value;
};

const isoOrDrift = (readAt: string): string => {
  const decoded = fromWire('datetime', readAt);
  if ('problem' in decoded || typeof decoded.ok !== 'string') {
    throw new SchemaDrift('the time of the answer', 'expected ISO 8601');
  }
  return decoded.ok;
};

const localSfId = (mapping: Mapping, attributes: WireRecord): string | null => {
  const id = mapping.localIdField === undefined ? undefined : own(attributes, mapping.localIdField);
  return typeof id === 'string' ? (parseId(id) ?? null) : null;
};
