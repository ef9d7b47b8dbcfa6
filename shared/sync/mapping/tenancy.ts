import type { LocalTable } from '../../contracts/sync-config.ts';

/**
 * Whether a tenant's connections have anything to do with a table: one that belongs to a fixed tenant is nobody
 * else's, one whose items name theirs is everybody's.
 */
export const isForTenant = ({ tenant }: Pick<LocalTable, 'tenant'>, orgId: string): boolean =>
  tenant === undefined || tenant === orgId;
