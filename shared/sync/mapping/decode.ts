import type { WireRecord } from '../../contracts/salesforce.ts';
import { parseId } from '../../contracts/salesforce-id.ts';
import { must } from '../assert.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { FieldType, FieldValue, FieldValues, WireValue } from '../model/values.ts';
import { SchemaDrift } from './errors.ts';
import {
  isUnknownName,
  type LocalValue,
  readLocalField,
  readWireField,
  writeLocalField,
  writeWireField,
} from './field-forms.ts';
import { hasFieldsForPerson } from './left-to-person.ts';
import { meets } from './local-filter.ts';
import { NOT_A_MAP, pathOf, plainAt } from './paths.ts';
import { type ParentIds, parentIdOf } from './references.ts';
import { type Decoded, EXPECTED, readWire, valueIn } from './values.ts';

const CHANGED_BY = 'LastModifiedById';

/**
 * The API names to read for a mapping, beside the system fields that always come. Who changed the record is read only
 * where a person may ask.
 */
export const fieldsToRead = (mapping: Mapping): string[] => [
  ...new Set([
    ...mapping.fields.map(({ sfField }) => sfField),
    mapping.externalIdField,
    ...(hasFieldsForPerson(mapping) ? [CHANGED_BY] : []),
  ]),
];

/**
 * A row as the mapping sees it.
 *
 * @param readAt - Salesforce's time at which the row was surely still true (ISO 8601)
 * @throws SchemaDrift when a field is missing from the row or is not of its type
 * @public
 */
export const decodeRemote = (mapping: Mapping, wire: WireRecord, readAt: string): RemoteRecord =>
  decodeRow(mapping, wire, isoOrDrift(readAt));

/** A row in which the value of one field, by its API name, is not of the field's type. */
export interface UnreadableRow {
  /** 18 characters; undefined where it is the id that cannot be read. */
  readonly sfId: string | undefined;
  readonly field: string;
  /** The value of the mapping's external id field, where that is a text. */
  readonly externalId: string | undefined;
}

/** The rows of a page: those that could be read, in their order, and those that could not. */
export interface DecodedPage {
  readonly records: RemoteRecord[];
  readonly unreadable: UnreadableRow[];
}

/**
 * The rows of one page as the mapping sees them. A row with a value that is not of its field's type is set aside, so
 * that it does not take its page with it.
 *
 * @param readAt - as for `decodeRemote`
 * @throws SchemaDrift when a row lacks a field altogether: the schema is another one then, whatever the other rows say
 */
export const decodeRemotes = (
  mapping: Mapping,
  wires: readonly WireRecord[],
  readAt: string,
): DecodedPage => {
  const readAtIso = isoOrDrift(readAt);
  const page: DecodedPage = { records: [], unreadable: [] };
  for (const wire of wires) {
    try {
      page.records.push(decodeRow(mapping, wire, readAtIso));
    } catch (error) {
      if (!(error instanceof UnreadableValue)) throw error;
      // The values after the one that could not be read were not looked at.
      for (const name of ['Id', ...fieldsToRead(mapping), ...TIMES]) present(mapping, wire, name);
      page.unreadable.push({
        sfId: idIn(wire),
        externalId: textIn(wire, mapping.externalIdField),
        field: error.field,
      });
    }
  }
  return page;
};

/** An item as the mapping sees it, or the attributes that are not of their field's type. */
export const decodeLocal = (
  mapping: Mapping,
  localKey: string,
  attributes: Readonly<Record<string, unknown>>,
): LocalItem | { readonly invalid: readonly string[] } => {
  const decoded = mapping.fields.map((field) => ({
    localField: field.localField,
    value: attributeOf(field, attributes),
  }));
  const invalid = decoded.flatMap(({ localField, value }) => ('problem' in value ? [localField] : []));
  if (invalid.length > 0) return { invalid };
  const values = decoded.flatMap(({ localField, value }) =>
    'ok' in value ? [[localField, value.ok] as const] : [],
  );
  const { localFilter } = mapping;
  return {
    localKey,
    values: Object.fromEntries(values),
    sfId: localSfId(mapping, attributes),
    attributes,
    ...(localFilter !== undefined && !meets(localFilter, attributes) && { isFilteredOut: true }),
  };
};

const attributeOf = (field: FieldMapping, attributes: WireRecord): Decoded => {
  if (!field.localField.includes('.')) return readLocalField(field, own(attributes, field.localField));
  const found = plainAt(attributes, pathOf(field));
  return found === NOT_A_MAP ? { problem: 'expected a map' } : readLocalField(field, found);
};

/**
 * The values as Salesforce takes them, by API name. Only the fields that are given; `null` clears.
 *
 * @param parents - of every item that a lookup among the values names
 * @throws InvariantError for a lookup whose parent is not among them
 */
export const encodeRemote = (
  mapping: Mapping,
  values: FieldValues,
  parents: ParentIds = new Map(),
): Readonly<Record<string, WireValue>> =>
  Object.fromEntries(
    Object.entries(values).map(([localField, value]) => {
      const field = must(
        mapping.fields.find((candidate) => candidate.localField === localField),
        `the mapping has no field for ${localField}`,
      );
      const { reference, sfField } = field;
      if (reference === undefined || typeof value !== 'string')
        return [sfField, writeWireField(field, value)];
      return [
        sfField,
        must(parentIdOf(reference, value, parents), 'a lookup is written with a known parent'),
      ];
    }),
  );

/** The fields whose value an item gives by a name that Salesforce does not have: they cannot be sent. */
export const unknownNames = (mapping: Mapping, values: FieldValues): readonly FieldMapping[] =>
  mapping.fields.filter((field) => isUnknownName(field, valueIn(values, field.localField)));

/** The values of a record that is made, as Salesforce takes them: what the mapping adds, and what the item has. */
export const encodeCreation = (
  mapping: Mapping,
  values: FieldValues,
  parents: ParentIds = new Map(),
): Readonly<Record<string, WireValue>> => ({
  ...mapping.onCreate,
  ...encodeRemote(mapping, values, parents),
});

/** The values as an item takes them, by attribute; `null` removes. Of the attributes that are mapped. */
export const encodeLocal = (mapping: Mapping, values: FieldValues): Readonly<Record<string, LocalValue>> =>
  Object.fromEntries(
    Object.entries(values).map(([localField, value]) => {
      const field = mapping.fields.find((candidate) => candidate.localField === localField);
      return [localField, field === undefined ? value : writeLocalField(field, value)];
    }),
  );

const TIMES = ['SystemModstamp', 'LastModifiedDate'] as const;

/** A field that is there, with a value of another type. */
class UnreadableValue extends SchemaDrift {
  readonly field: string;

  constructor(where: string, field: string, expected: string) {
    super(where, expected);
    this.field = field;
  }
}

/**
 * Rows come by the million: this and all below it is written for few allocations, and measured by `npm run bench`.
 */
const decodeRow = (mapping: Mapping, wire: WireRecord, readAt: string): RemoteRecord => ({
  sfId: idOf(wire),
  externalId: externalIdOf(mapping, wire),
  values: valuesOf(mapping, wire),
  systemModstamp: timeOf(mapping, wire, 'SystemModstamp'),
  lastModifiedDate: timeOf(mapping, wire, 'LastModifiedDate'),
  ...changedBy(wire),
  // A few objects cannot be deleted and lack the field.
  isDeleted: Object.hasOwn(wire, 'IsDeleted') && read(mapping, wire, 'IsDeleted', 'boolean') === true,
  readAt,
});

const changedBy = (wire: WireRecord): Pick<RemoteRecord, 'lastModifiedById'> => {
  const lastModifiedById = textIn(wire, CHANGED_BY);
  return lastModifiedById === undefined ? {} : { lastModifiedById };
};

const valuesOf = (mapping: Mapping, wire: WireRecord): FieldValues => {
  const values = { ...emptyValuesOf(mapping) };
  for (const field of mapping.fields) {
    const value = readWireField(field, present(mapping, wire, field.sfField));
    if (value === undefined) throw unreadable(mapping, field.sfField, field.type);
    values[field.localField] = value;
  }
  return values;
};

/** Mappings are made once in an invocation, and then see rows by the thousand. */
const emptyValues = new WeakMap<Mapping, Record<string, FieldValue>>();

/**
 * An object with every field, to be copied: filling it is cheaper than growing one. `fromEntries` and a copy define
 * own properties, so that even a field named `__proto__` is set like any other.
 */
const emptyValuesOf = (mapping: Mapping): Record<string, FieldValue> => {
  let empty = emptyValues.get(mapping);
  if (empty === undefined) {
    empty = Object.fromEntries(mapping.fields.map(({ localField }) => [localField, null]));
    emptyValues.set(mapping, empty);
  }
  return empty;
};

/**
 * Rows and items are plain objects: what they inherit is functions and an object. So a primitive is their own, and
 * asking first, which costs more than reading, can be left to the rest.
 */
const own = (record: WireRecord, name: string): unknown => {
  const value = record[name];
  const isPrimitive = value === null || (typeof value !== 'object' && typeof value !== 'function');
  return isPrimitive || Object.hasOwn(record, name) ? value : undefined;
};

const present = (mapping: Mapping, wire: WireRecord, name: string): unknown => {
  const value = own(wire, name);
  if (value === undefined) throw new SchemaDrift(whereOf(mapping, name), 'expected the field in the row');
  return value;
};

const read = (mapping: Mapping, wire: WireRecord, name: string, type: FieldType): FieldValue => {
  const value = readWire(type, present(mapping, wire, name));
  if (value === undefined) throw unreadable(mapping, name, type);
  return value;
};

const unreadable = (mapping: Mapping, name: string, type: FieldType): UnreadableValue =>
  new UnreadableValue(whereOf(mapping, name), name, EXPECTED[type]);

const whereOf = (mapping: Mapping, name: string): string => `${mapping.sfObject}.${name}`;

const textIn = (wire: WireRecord, name: string): string | undefined => {
  const value = own(wire, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const idIn = (wire: WireRecord): string | undefined => {
  const id = own(wire, 'Id');
  return typeof id === 'string' ? parseId(id) : undefined;
};

const idOf = (wire: WireRecord): string => {
  const sfId = idIn(wire);
  if (sfId === undefined) throw new UnreadableValue('Id', 'Id', 'expected a Salesforce id');
  return sfId;
};

const externalIdOf = (mapping: Mapping, wire: WireRecord): string | null => {
  const value = read(mapping, wire, mapping.externalIdField, 'text');
  return typeof value === 'string' ? value : null;
};

const timeOf = (mapping: Mapping, wire: WireRecord, name: string): string => {
  const value = read(mapping, wire, name, 'datetime');
  if (typeof value !== 'string') throw new UnreadableValue(whereOf(mapping, name), name, 'expected a time');
  return value;
};

const isoOrDrift = (readAt: string): string => {
  const iso = readWire('datetime', readAt);
  if (typeof iso !== 'string') throw new SchemaDrift('the time of the answer', 'expected ISO 8601');
  return iso;
};

const localSfId = (mapping: Mapping, attributes: WireRecord): string | null => {
  const id = mapping.localIdField === undefined ? undefined : own(attributes, mapping.localIdField);
  return typeof id === 'string' ? (parseId(id) ?? null) : null;
};
