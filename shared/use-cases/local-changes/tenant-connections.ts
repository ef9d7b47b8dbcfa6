import { chunk } from '../../sync/plan/chunk.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';

/** The ids of the connections that each tenant's items go to: all but those that were revoked. */
export type ConnectionsOfTenants = ReadonlyMap<string, readonly string[]>;

/** Tenants read at once: a batch of the stream names a few, and at most two for each of its records. */
const PARALLEL = 20;

/**
 * Reads each tenant's connections once for a batch of the stream, and keeps nothing for the next: a connection that was
 * made in between gets every edit that follows it.
 */
export const connectionsOfTenants = async (
  connections: Pick<ConnectionStore, 'idsOfTenant'>,
  tenants: Iterable<string>,
): Promise<ConnectionsOfTenants> => {
  const found = new Map<string, readonly string[]>();
  for (const part of chunk([...new Set(tenants)], PARALLEL)) {
    await Promise.all(part.map(async (tenant) => found.set(tenant, await connections.idsOfTenant(tenant))));
  }
  return found;
};
