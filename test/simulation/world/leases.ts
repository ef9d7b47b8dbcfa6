import { BULK_LINK_LEASE_MS, LINK_LEASE_MS } from '../../../shared/contracts/lifetimes.ts';
import type { Lease } from '../../../shared/sync/reconcile/settle.ts';

const OF_BULK_STEPS = 'bulk-step-';

/** Ids by which a lease tells that a step of a bulk job took it. */
export const idsOfBulkSteps = (ids: { next(): string }): { next(): string } => ({
  next: () => `${OF_BULK_STEPS}${ids.next()}`,
});

/** When a look took the lease: that of a bulk job's step lives longer than a worker's. */
export const leasedAtMs = ({ owner, until }: Lease): number =>
  until - (owner.startsWith(OF_BULK_STEPS) ? BULK_LINK_LEASE_MS : LINK_LEASE_MS);
