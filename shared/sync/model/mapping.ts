import type { DeletePolicies } from '../../contracts/delete-policies.ts';
import type {
  ConflictPolicy,
  Constant,
  Direction,
  FieldForm,
  LocalFilter,
} from '../../contracts/sync-config.ts';
import type { Tracking } from '../mapping/check/tracking.ts';
import type { FieldType } from './values.ts';

/** A mapping whose items a lookup may name. */
export interface ReferenceTarget {
  /** Of the same connection. */
  readonly mappingId: string;
  /** What stands before the key where a lookup may lead to several mappings (`contact:`); else empty. */
  readonly prefix: string;
}

/** What a lookup leads to: its values are local keys of other items, on both sides. */
export interface FieldReference {
  readonly targets: readonly ReferenceTarget[];
  /**
   * The targets lead back to this mapping: a record is made without the reference, and gets it with a second write, so
   * that none waits for itself.
   */
  readonly isCyclic: boolean;
}

/** One way in which an item without a link finds its record. */
export type MappingMatcher =
  /** By the id that stands in `localIdField`. `isIndexed`: a record finds its item that way too. */
  | { readonly kind: 'salesforce-id'; readonly isIndexed: boolean }
  /** By the external id field, which holds the item's key. */
  | { readonly kind: 'external-id' }
  /** By these attributes, all of them; `index` is the one by which a record finds its item. */
  | { readonly kind: 'fields'; readonly fields: readonly string[]; readonly index?: string };

/** One field of a mapping, with everything decided: defaults filled in, type known. */
export interface FieldMapping {
  readonly localField: string;
  readonly sfField: string;
  readonly direction: Direction;
  readonly conflictPolicy: ConflictPolicy;
  readonly type: FieldType;
  /** Characters that Salesforce's field holds, where it is a text that goes there. */
  readonly maxLength?: number;
  readonly reference?: FieldReference;
  /** How an item writes the field, where that is not the field's own value. */
  readonly as?: FieldForm;
  /** Of a field that an item gives by name: each value of Salesforce with its name, a label or a developer name. */
  readonly names?: Readonly<Record<string, string>>;
  /**
   * No person or program sets it, so that a change of it is nobody's edit: what is calculated, a number that is counted
   * up, or a stamp that Salesforce keeps.
   */
  readonly isComputed?: true;
  /** A name that Salesforce does not have there keeps a record from being made. */
  readonly isNeeded?: true;
  /** The only writes that send the field to Salesforce; all do if left out. */
  readonly sentAt?: 'create' | 'update';
  /** A formula or a roll-up, and so computed too: its value changes without a stamp on the record. */
  readonly isCalculated?: true;
  /** The revision of the mapping since which attribute, Salesforce field and type belong together. */
  readonly since: number;
}

/** For how long the changes of a record can be asked for, and whether with their values. */
export interface HistoryOptions {
  readonly days: number;
  readonly keep: 'values' | 'digests';
}

const HISTORY_DEFAULTS: HistoryOptions = { days: 30, keep: 'digests' };

export const historyOptionsOf = ({ history }: Pick<Mapping, 'history'>): HistoryOptions =>
  history ?? HISTORY_DEFAULTS;

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
  /** Absent where records only come in and none has a key of ours. */
  readonly externalIdField?: string;
  readonly localIdField?: string;
  /** In their order: the first that finds any record decides. */
  readonly matchers: readonly MappingMatcher[];
  /** A matched record without an external id gets the item's key there. */
  readonly writesKey?: true;
  /** Another mapping's lookups lead to this one's records. */
  readonly isReferenced?: true;
  /** A record that was merged into another one says into which. */
  readonly isMergeable?: true;
  readonly direction: Direction;
  readonly filter?: string;
  readonly deletePolicy: DeletePolicies;
  /** A record is saved although a duplicate rule of the org warns of it; one that blocks refuses it all the same. */
  readonly allowsDuplicates?: true;
  /** Only items that meet it are made in Salesforce. */
  readonly localFilter?: LocalFilter;
  readonly everyMinutes: number;
  readonly bulkThreshold: number;
  /** How often everything is compared; absent where that only happens on demand. */
  readonly fullSweepEveryDays?: number;
  /** How often the fields that Salesforce computes are read again. */
  readonly formulasEveryMinutes?: number;
  /** What is kept of each change. @default 30 days, digests */
  readonly history?: HistoryOptions;
  readonly fields: readonly FieldMapping[];
  /** How the object's changes are followed. @default by the usual system fields */
  readonly tracking?: Tracking;
  /** What a record that the sync makes gets beside, or in default of, its item's values; by API name. */
  readonly onCreate?: Readonly<Record<string, Constant>>;
  /** What an item that the sync makes gets beside the record's values; by attribute. */
  readonly defaults?: Readonly<Record<string, Constant>>;
  /** The revision that last changed any field's attribute, Salesforce field or type; links are labelled with it. */
  readonly fieldsRevision: number;
}
