import type { Clock } from '../../contracts/clock.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';

/** The ids of the connections that a tenant's items go to: all but those that were revoked. */
export type TenantConnections = (tenantId: string) => Promise<readonly string[]>;

/** A new connection begins with a load of its own, so it may miss the hints of this long. */
const KEPT_MS = 15_000;

/** Tenants whose items one warm function sees; the oldest entry makes room. */
const KEPT_TENANTS = 1_000;

/**
 * Reads a tenant's connections and keeps them for 15 seconds: a busy table asks for the same few again and again.
 * That a tenant has none is not kept, since the first edits after it connects matter most.
 */
export const makeTenantConnections = (ports: {
  readonly connections: Pick<ConnectionStore, 'idsOfTenant'>;
  readonly clock: Pick<Clock, 'nowMs'>;
}): TenantConnections => {
  const kept = new Map<string, { readonly ids: readonly string[]; readonly untilMs: number }>();
  return async (tenantId) => {
    const nowMs = ports.clock.nowMs();
    const known = kept.get(tenantId);
    if (known && nowMs < known.untilMs) return known.ids;
    kept.delete(tenantId);
    const ids = await ports.connections.idsOfTenant(tenantId);
    if (ids.length > 0) kept.set(tenantId, { ids, untilMs: nowMs + KEPT_MS });
    const oldest = kept.keys().next().value;
    if (kept.size > KEPT_TENANTS && oldest !== undefined) kept.delete(oldest);
    return ids;
  };
};
