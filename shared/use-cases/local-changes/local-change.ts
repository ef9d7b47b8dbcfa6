import { isDeepStrictEqual } from 'node:util';
import type { LocalTable, SyncConfig } from '../../contracts/sync-config.ts';
import { isTenantId } from '../../contracts/tenant.ts';

/** An item as a stream has it: attributes by name, each in DynamoDB's own JSON (`{ S: '...' }`). */
export type StreamImage = Readonly<Record<string, unknown>>;

/** One change of an item in a local table. */
export interface LocalChange {
  /** The table's name in the sync config. */
  readonly localTable: string;
  /** Absent for an item that is new. */
  readonly before?: StreamImage | undefined;
  /** Absent for an item that was deleted. */
  readonly after?: StreamImage | undefined;
  /** DynamoDB deleted it because its time to live was over: no person or program decided that. */
  readonly isExpiry: boolean;
  /** ISO 8601, UTC, by the stream's clock. */
  readonly changedAt: string;
}

/** A change that some mapping cares about. */
export interface TableChange {
  readonly localTable: string;
  readonly key: string;
  readonly changedAt: string;
  /** The tenants that the item belongs to now, or belonged to before the change. */
  readonly tenants: readonly string[];
  /** The tenant that it belongs to; absent for an item that is gone, or names no tenant. */
  readonly tenantNow: string | undefined;
  /** The item is there and names no tenant. */
  readonly isUnassigned: boolean;
  /** It was there before and named none. */
  readonly wasUnassigned: boolean;
}

/** The templates that send this table's items to Salesforce. */
export const templatesOf = (config: SyncConfig, localTable: string): string[] =>
  Object.entries(config.mappings)
    .filter(([, mapping]) => mapping.localTable === localTable && mapping.direction !== 'from-salesforce')
    .map(([name]) => name);

/**
 * What a change means to the mappings: undefined if it touches no mapped attribute and not the tenant, if it is an
 * expiry, or if the table is not mapped towards Salesforce.
 */
export const tenantChange = (config: SyncConfig, change: LocalChange): TableChange | undefined => {
  const { localTable, before, after, isExpiry, changedAt } = change;
  const table = config.localTables[localTable];
  const key = textOf((after ?? before)?.[table?.keyField ?? '']);
  if (!table || isExpiry || !key || templatesOf(config, localTable).length === 0) return undefined;
  if (before && after && !isTouched(config, localTable, before, after)) return undefined;
  const tenantBefore = before && tenantOf(table, before);
  const tenantNow = after && tenantOf(table, after);
  return {
    localTable,
    key,
    changedAt,
    tenants: [...new Set([tenantBefore, tenantNow])].filter((tenant) => tenant !== undefined),
    tenantNow,
    isUnassigned: after !== undefined && tenantNow === undefined,
    wasUnassigned: before !== undefined && tenantBefore === undefined,
  };
};

const tenantOf = ({ tenant, tenantField }: LocalTable, image: StreamImage): string | undefined => {
  const named = tenant ?? textOf(image[tenantField ?? '']);
  return named !== undefined && isTenantId(named) ? named : undefined;
};

const isTouched = (
  config: SyncConfig,
  localTable: string,
  before: StreamImage,
  after: StreamImage,
): boolean => {
  const tenantField = config.localTables[localTable]?.tenantField;
  const mapped = templatesOf(config, localTable).flatMap((name) =>
    Object.keys(config.mappings[name]?.fieldMap ?? {}),
  );
  return [...mapped, ...(tenantField === undefined ? [] : [tenantField])].some(
    (attribute) => !isDeepStrictEqual(before[attribute], after[attribute]),
  );
};

/** The text of a string attribute. */
const textOf = (attribute: unknown): string | undefined =>
  typeof attribute === 'object' && attribute !== null && 'S' in attribute && typeof attribute.S === 'string'
    ? attribute.S
    : undefined;
