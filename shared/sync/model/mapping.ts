import type { DeletePolicies } from '../../contracts/delete-policies.ts';
import type { ConflictPolicy, Direction } from '../../contracts/sync-config.ts';
import type { FieldType } from './values.ts';

/** One field of a mapping, with everything decided: defaults filled in, type known. */
export interface FieldMapping {
  readonly localField: string;
  readonly sfField: string;
  readonly direction: Direction;
  readonly conflictPolicy: ConflictPolicy;
  readonly type: FieldType;
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
  readonly deletePolicy: DeletePolicies;
  readonly everyMinutes: number;
  readonly bulkThreshold: number;
  /** How often everything is compared; absent where that only happens on demand. */
  readonly fullSweepEveryDays?: number;
  readonly fields: readonly FieldMapping[];
  /** The revision that last changed any field's attribute, Salesforce field or type; links are labelled with it. */
  readonly fieldsRevision: number;
}
