import type { WireRecord } from '../../../shared/contracts/salesforce.ts';
import { parseId } from '../../../shared/contracts/salesforce-id.ts';
import {
  emptyValue,
  FORMULA_FIELD,
  findField,
  KEY_FIELD,
  prefixOf,
  SOBJECT,
  type SObjectName,
  sObjectOf,
  writableFields,
} from './contact.ts';
import { RefusedRow } from './refusals.ts';
import { type FieldValue, isoSecond, readValue, toJson } from './values.ts';

/** A record with its system fields, times in ISO 8601. */
export interface OrgRecord {
  readonly Id: string;
  SystemModstamp: string;
  LastModifiedDate: string;
  LastModifiedById: string;
  IsDeleted: boolean;
  /** Of one that was merged: the record that stayed. */
  MasterRecordId?: string;
  fields: Readonly<Record<string, FieldValue>>;
}

/** A save that is about to be kept: a trigger may change it, and whatever throws undoes it. */
export type BeforeSave = (fields: Record<string, FieldValue>, id: string) => void;

/** A made-up id of 18 characters; digits alone have the checksum `AAA`. */
export const makeId = (prefix: string, number: number): string =>
  `${prefix}${String(number).padStart(12, '0')}AAA`;

/** The org's contacts, with the ids, whole-second stamps and unique external id that the platform keeps. */
export class OrgRecords {
  readonly byId = new Map<string, OrgRecord>();
  /** Records that the client's user may not see, as a changed sharing rule has it: no query finds them. */
  readonly hidden = new Set<string>();
  /** Fields that the client's user may not see, while people go on with them. */
  readonly hiddenFields = new Set<string>();
  /** Fields that the client's user may not read: no query may name them. */
  readonly unreadable = new Set<string>();
  /** Records that a long transaction holds: nobody else changes them. */
  readonly locked = new Set<string>();
  /** Hears of each save, deletions too, whoever made it. */
  saved: (record: OrgRecord) => void = () => {};
  /** Who saves. */
  userId = '';
  /** The time that a save is stamped with, where that is not now: a long transaction stamps before it commits. */
  stampMs: number | undefined;
  /** Ids of live records by their external id. */
  readonly #byKey = new Map<string, string>();
  readonly #nowMs: () => number;
  readonly #firstId: number;

  /** @param firstId - the number in the first record's id: no two orgs give out the same one */
  constructor(nowMs: () => number, firstId = 1) {
    this.#nowMs = nowMs;
    this.#firstId = firstId;
  }

  /** The id that the next record gets. */
  nextId(sObject: SObjectName = SOBJECT): string {
    return makeId(prefixOf(sObject), this.byId.size + this.#firstId);
  }

  /** @throws RefusedRow, UnreadableValue, or what `beforeSave` throws; then nothing was kept */
  insert(values: WireRecord, beforeSave: BeforeSave, sObject: SObjectName = SOBJECT): OrgRecord {
    const empty = Object.fromEntries(writableFields(sObject).map((field) => [field.name, emptyValue(field)]));
    const id = this.nextId(sObject);
    const fields = this.#toSave(id, { ...empty, ...read(sObject, values) }, beforeSave);
    const stamps = { SystemModstamp: '', LastModifiedDate: '', LastModifiedById: '' };
    const record = { Id: id, ...stamps, IsDeleted: false, fields };
    this.byId.set(id, record);
    this.#noteKey(record, true);
    this.#stamp(record);
    return record;
  }

  /** Stamps the record even where every value stays the same, as the platform does. Throws as `insert` does. */
  change(idText: string, values: WireRecord, beforeSave: BeforeSave): OrgRecord {
    const record = this.#mustBeLive(idText);
    const fixed = Object.keys(values).find((name) => findField(name, sObjectOf(record.Id))?.isCreateOnly);
    if (fixed !== undefined) throw notWritable(fixed);
    const fields = this.#toSave(
      record.Id,
      { ...record.fields, ...read(sObjectOf(record.Id), values) },
      beforeSave,
    );
    this.#noteKey(record, false);
    record.fields = fields;
    this.#noteKey(record, true);
    this.#stamp(record);
    return record;
  }

  /** Puts a record into the recycle bin. @param masterId - of the record that it is merged into */
  remove(id: string, masterId?: string): void {
    const record = this.#mustBeLive(id);
    this.#noteKey(record, false);
    record.IsDeleted = true;
    if (masterId !== undefined) record.MasterRecordId = masterId;
    this.#stamp(record);
    this.#clearLookups(id);
  }

  /** The records whose lookups lead to it. */
  childrenOf(id: string): readonly OrgRecord[] {
    return [...this.byId.values()].filter((one) => !one.IsDeleted && lookupsTo(one, id).length > 0);
  }

  /** Every lookup to a record that is gone is cleared, which is a save of whoever had it. */
  #clearLookups(id: string): void {
    for (const record of this.childrenOf(id)) {
      const cleared = lookupsTo(record, id);
      record.fields = { ...record.fields, ...Object.fromEntries(cleared.map(({ name }) => [name, null])) };
      this.#stamp(record);
    }
  }

  /** Takes a record out of the recycle bin. Throws as `insert` does. */
  restore(id: string): void {
    const record = this.byId.get(id);
    if (!record?.IsDeleted) return;
    record.fields = this.#withoutDeadLookups(record);
    this.#toSave(id, { ...record.fields }, () => {});
    record.IsDeleted = false;
    delete record.MasterRecordId;
    this.#noteKey(record, true);
    this.#stamp(record);
  }

  /** A formula of the record has another value, as when a record that it looks at changed. Nothing is stamped. */
  recompute(id: string, value: FieldValue): void {
    const record = this.byId.get(id);
    if (record) record.fields = { ...record.fields, [FORMULA_FIELD]: value };
  }

  /** The live record with that external id. */
  withKey(key: string, sObject: SObjectName = SOBJECT): OrgRecord | undefined {
    const id = this.#byKey.get(`${sObject} ${key}`);
    return id === undefined ? undefined : this.byId.get(id);
  }

  #mustBeLive(idText: string): OrgRecord {
    const id = parseId(idText);
    if (!id || prefixOf(sObjectOf(id)) !== id.slice(0, 3))
      throw new RefusedRow({ code: 'MALFORMED_ID', message: `malformed id ${idText}` });
    const record = this.byId.get(id);
    if (!record)
      throw new RefusedRow({ code: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id' });
    if (record.IsDeleted) throw new RefusedRow({ code: 'ENTITY_IS_DELETED', message: 'entity is deleted' });
    if (this.locked.has(id))
      throw new RefusedRow({ code: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access' });
    return record;
  }

  #toSave(
    id: string,
    fields: Record<string, FieldValue>,
    beforeSave: BeforeSave,
  ): Readonly<Record<string, FieldValue>> {
    beforeSave(fields, id);
    const all = writableFields(sObjectOf(id));
    for (const { name, referenceTo } of all) {
      const parent = fields[name];
      if (referenceTo === undefined || typeof parent !== 'string') continue;
      if (!referenceTo.some((one) => this.#isLive(parent, one))) throw invalidReference(name);
    }
    const missing = all.filter(({ name, isRequired }) => isRequired && fields[name] === null);
    if (missing.length > 0) throw requiredMissing(missing.map(({ name }) => name));
    const other = this.#byKey.get(`${sObjectOf(id)} ${fields[KEY_FIELD] ?? ''}`);
    if (other !== undefined && other !== id) {
      const message = `duplicate value found: ${KEY_FIELD} duplicates value on record with id: ${other}`;
      throw new RefusedRow({ code: 'DUPLICATE_VALUE', message });
    }
    return fields;
  }

  #noteKey({ Id, fields }: OrgRecord, isTaken: boolean): void {
    const key = fields[KEY_FIELD];
    if (typeof key !== 'string') return;
    const name = `${sObjectOf(Id)} ${key}`;
    if (isTaken) this.#byKey.set(name, Id);
    else this.#byKey.delete(name);
  }

  #withoutDeadLookups({ Id, fields }: OrgRecord): OrgRecord['fields'] {
    const dead = writableFields(sObjectOf(Id)).filter(({ name, referenceTo }) => {
      const parent = fields[name];
      if (referenceTo === undefined || typeof parent !== 'string') return false;
      return !referenceTo.some((one) => this.#isLive(parent, one));
    });
    return { ...fields, ...Object.fromEntries(dead.map(({ name }) => [name, null])) };
  }

  #isLive(id: string, sObject: SObjectName): boolean {
    const record = this.byId.get(parseId(id) ?? '');
    return record !== undefined && !record.IsDeleted && sObjectOf(record.Id) === sObject;
  }

  #stamp(record: OrgRecord): void {
    record.SystemModstamp = record.LastModifiedDate = isoSecond(this.stampMs ?? this.#nowMs());
    record.LastModifiedById = this.userId;
    this.saved(record);
  }
}

/** A record as REST shows it: the fields that were asked for, by the schema's spelling. */
export function toWire(record: OrgRecord, fields: readonly string[]): WireRecord {
  const shown: Record<string, unknown> = {};
  for (const name of fields) {
    const field = findField(name, sObjectOf(record.Id));
    if (field) shown[field.name] = toJson(field, valueIn(record, field.name));
  }
  return shown;
}

/** The value of a field, the platform's own among them. */
export function valueIn(record: OrgRecord, name: string): FieldValue {
  switch (name) {
    case 'Id':
    case 'SystemModstamp':
    case 'LastModifiedDate':
    case 'LastModifiedById':
    case 'IsDeleted':
      return record[name];
    case 'MasterRecordId':
      return record.MasterRecordId ?? null;
    default:
      return record.fields[name] ?? null;
  }
}

function read(sObject: SObjectName, values: WireRecord): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(values)) {
    const field = findField(name, sObject);
    if (!field)
      throw new RefusedRow({
        code: 'INVALID_FIELD',
        message: `No such column '${name}' on sobject of type ${sObject}`,
      });
    if (field.isSystem) throw notWritable(field.name);
    fields[field.name] = readValue(field, value);
  }
  return fields;
}

/** The lookups of a record that lead to another one. */
const lookupsTo = ({ Id, fields }: OrgRecord, parentId: string) =>
  writableFields(sObjectOf(Id)).filter(
    ({ name, referenceTo }) => referenceTo !== undefined && fields[name] === parentId,
  );

const requiredMissing = (fields: readonly string[]): RefusedRow =>
  new RefusedRow({
    code: 'REQUIRED_FIELD_MISSING',
    message: `Required fields are missing: [${fields.join(', ')}]`,
    fields,
  });

const invalidReference = (name: string): RefusedRow =>
  new RefusedRow({
    code: 'INVALID_CROSS_REFERENCE_KEY',
    message: `${name}: invalid cross reference id`,
    fields: [name],
  });

const notWritable = (name: string): RefusedRow =>
  new RefusedRow({
    code: 'INVALID_FIELD_FOR_INSERT_UPDATE',
    message: `Unable to create/update fields: ${name}.`,
    fields: [name],
  });
