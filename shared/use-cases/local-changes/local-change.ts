import { isDeepStrictEqual } from 'node:util';
import type { LocalTable, SyncConfig } from '../../contracts/sync-config.ts';
import { isTenantId } from '../../contracts/tenant.ts';
import { attributesOf } from '../../sync/mapping/local-filter.ts';
import { type AttributePath, isMap, pathOf, rootOf } from '../../sync/mapping/paths.ts';

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
  /** Somebody deleted the item. */
  readonly isDeleted: boolean;
  /** The item was not there before. */
  readonly isNew: boolean;
  /** As it is now; absent for an item that is gone. */
  readonly after: StreamImage | undefined;
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
  const { localTable, before, after, changedAt } = change;
  const table = config.localTables[localTable];
  const key = textOf((after ?? before)?.[table?.keyField ?? '']);
  if (!table || isExpiry(table, change) || !key || templatesOf(config, localTable).length === 0)
    return undefined;
  if (before && after && !isTouched(config, localTable, before, after)) return undefined;
  const tenantBefore = before && tenantOf(table, before);
  const tenantNow = after && tenantOf(table, after);
  return {
    localTable,
    key,
    changedAt,
    tenants: [...new Set([tenantBefore, tenantNow])].filter((tenant) => tenant !== undefined),
    tenantNow,
    isDeleted: after === undefined,
    isNew: before === undefined,
    after,
    isUnassigned: after !== undefined && tenantNow === undefined,
    wasUnassigned: before !== undefined && tenantBefore === undefined,
  };
};

/**
 * Whether nobody decided the deletion. Where another region's replica of a global table let an item expire, this
 * region's stream says nothing of that: only the item's own time does.
 *
 * @see DynamoDB guide, "Time to Live and global tables": replicated deletions have no service principal
 */
const isExpiry = (
  { ttlAttribute }: LocalTable,
  { before, after, isExpiry, changedAt }: LocalChange,
): boolean => {
  if (isExpiry || ttlAttribute === undefined || !before || after) return isExpiry;
  const seconds = numberOf(before[ttlAttribute]);
  return seconds !== undefined && seconds * 1000 <= Date.parse(changedAt);
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
  const mapped = templatesOf(config, localTable).flatMap((name) => [
    ...mappedIn(config, name).map(rootOf),
    ...attributesOf(config.mappings[name]?.localFilter),
  ]);
  return [...mapped, ...(tenantField === undefined ? [] : [tenantField])].some(
    (attribute) => !isDeepStrictEqual(before[attribute], after[attribute]),
  );
};

/** The local names of a template's fields. */
export const mappedIn = (config: SyncConfig, template: string): readonly string[] =>
  Object.keys(config.mappings[template]?.fieldMap ?? {});

/** The attributes of a template's fields that an item has no value in, whatever their types are. */
export const emptyIn = (config: SyncConfig, template: string, image: StreamImage): readonly string[] =>
  mappedIn(config, template).filter((localField) => isEmpty(attributeAt(image, pathOf({ localField }))));

const attributeAt = (image: StreamImage, path: AttributePath): unknown =>
  path.reduce<unknown>((value, name, index) => partOf(index === 0 ? value : partOf(value, 'M'), name), image);

const partOf = (value: unknown, name: string): unknown =>
  isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;

const isEmpty = (attribute: unknown): boolean =>
  !isMap(attribute) || 'NULL' in attribute || textOf(attribute)?.trim() === '' || isEmptyList(attribute);

const isEmptyList = ({ L }: Readonly<Record<string, unknown>>): boolean => Array.isArray(L) && L.length === 0;

/** The value of a number attribute, which DynamoDB's JSON writes as text. */
const numberOf = (attribute: unknown): number | undefined => {
  if (typeof attribute !== 'object' || attribute === null || !('N' in attribute)) return undefined;
  const value = typeof attribute.N === 'string' && attribute.N !== '' ? Number(attribute.N) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
};

/** The text of a string attribute. */
const textOf = (attribute: unknown): string | undefined =>
  typeof attribute === 'object' && attribute !== null && 'S' in attribute && typeof attribute.S === 'string'
    ? attribute.S
    : undefined;
