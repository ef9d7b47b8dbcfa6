import type { LocalTable, MappingTemplate, SyncConfig } from '../../contracts/sync-config.ts';

/**
 * Whether a tenant's connections have anything to do with a table: one that belongs to a fixed tenant is nobody
 * else's, one whose items name their tenant is everybody's.
 */
export const isForTenant = ({ tenant }: Pick<LocalTable, 'tenant'>, tenantId: string): boolean =>
  tenant === undefined || tenant === tenantId;

/** The mappings that each of a tenant's connections gets, by name: all but those of another tenant's table. */
export const templatesOfTenant = (
  { mappings, localTables }: SyncConfig,
  tenantId: string,
): readonly (readonly [string, MappingTemplate])[] =>
  Object.entries(mappings).filter(([, { localTable }]) =>
    isForTenant(localTables[localTable] ?? {}, tenantId),
  );
