import type { InMemoryOrg } from '../../in-memory/salesforce-org/in-memory-org.ts';

/**
 * Others use up what there is, but for some calls of our budget, which is half of what they leave below a twentieth; with 0
 * the org's own end is a call away. False where the org has not said yet how many it allows.
 */
export function eat(org: InMemoryOrg, n: number): boolean {
  const { calls, max } = org.usage();
  if (max === undefined) return false;
  org.othersUse(n === 0 ? max - calls - 1 : Math.max(0, max * 0.95 - 3 * calls - 4 * n));
  return true;
}
