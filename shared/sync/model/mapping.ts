import type {
  ConflictPolicy,
  Constant,
  Direction,
  FieldForm,
  LocalFilter,
} from '../../contracts/sync-config.ts';
import type { FieldType } from './values.ts';

/** One field of a mapping, with everything decided: defaults filled in, type known. */
export interface FieldMapping {
  readonly localField: string;
  readonly sfField: string;
  readonly direction: Direction;
  readonly conflictPolicy: ConflictPolicy;
  readonly type: FieldType;
  /** How an item writes the field, where that is not the field's own value. */
  readonly as?: FieldForm;
  /** Of a field that an item gives by name: each value of Salesforce with its name, a label or a developer name. */
  readonly names?: Readonly<Record<string, string>>;
  /** The only writes that send the field to Salesforce; all do if left out. */
  readonly sentAt?: 'create' | 'update';
  /** The revision of the mapping since which attribute, Salesforce field and type belong together. */
  readonly since: number;
}

/** A mapping template applied to one connection. */
export interface Mapping {
  /** `{connectionId}.{name}` */
  readonly mappingId: string;
  readonly name: string;
  readonly connectionId: string;
  /** The tenant whose connection this is. */
  readonly tenantId: string;
  readonly localTable: string;
  readonly keyField: string;
  /** How an item names its tenant: an attribute, or one tenant for the whole table. */
  readonly tenantField?: string;
  readonly tenant?: string;
  readonly sfObject: string;
  readonly externalIdField: string;
  readonly localIdField?: string;
  readonly direction: Direction;
  readonly filter?: string;
  /** Only items that meet it are made in Salesforce. */
  readonly localFilter?: LocalFilter;
  readonly everyMinutes: number;
  readonly bulkThreshold: number;
  readonly fields: readonly FieldMapping[];
  /** What a record that the sync makes gets beside, or in default of, its item's values; by API name. */
  readonly onCreate?: Readonly<Record<string, Constant>>;
  /** What an item that the sync makes gets beside the record's values; by attribute. */
  readonly defaults?: Readonly<Record<string, Constant>>;
  /** The revision that last changed any field's attribute, Salesforce field or type; links are labelled with it. */
  readonly fieldsRevision: number;
}
