import { policyOf } from '../../sync/allowance/policy.ts';
import { must } from '../../sync/assert.ts';
import type { OrgSlots } from '../ports/org-slots.ts';
import type { SalesforceOrg, SalesforceOrgs } from '../ports/salesforce-org.ts';
import { ifItCan } from '../reconciliation/if-it-can.ts';
import { TurnBudget } from '../reconciliation/turn-budget.ts';
import type { BulkPorts } from './ports.ts';

export interface MeterPorts extends Pick<BulkPorts, 'config' | 'clock' | 'orgs' | 'connections'> {
  readonly slots: Pick<OrgSlots, 'allowance' | 'count'>;
}

/** An org that a step opened, and the calls that it had made before. */
interface Opened {
  readonly connectionId: string;
  /** The tenant. */
  readonly orgId: string;
  readonly org: SalesforceOrg;
  readonly before: number;
}

/**
 * The same connections and orgs, whose calls are counted as those of loads. A job that has begun is not stopped by the
 * budget, since half of it would have been for nothing: that is asked before a load begins, and while a push collects
 * what it sends.
 */
export function meterCalls(ports: MeterPorts): Pick<MeterPorts, 'connections'> & {
  readonly orgs: SalesforceOrgs;
  /** Counts what was called; where the store cannot, that is no reason for the step to fail. */
  readonly count: () => Promise<void>;
} {
  const opened: Opened[] = [];
  const tenants = new Map<string, string>();
  const get: MeterPorts['connections']['get'] = async (connectionId) => {
    const connection = await ports.connections.get(connectionId);
    if (connection) tenants.set(connectionId, connection.orgId);
    return connection;
  };
  const open: SalesforceOrgs['open'] = async (connectionId, tokenVersion) => {
    const org = await ports.orgs.open(connectionId, tokenVersion);
    if (opened.every((one) => one.org !== org))
      opened.push({
        connectionId,
        orgId: must(tenants.get(connectionId), 'its connection was read'),
        org,
        before: org.usage().calls,
      });
    return org;
  };
  const countAll = async () => {
    for (const one of opened) await countOne(ports, one);
  };
  return { connections: { get }, orgs: { open }, count: () => ifItCan(countAll()) };
}

const countOne = async (
  { config, clock, slots }: MeterPorts,
  { connectionId, orgId, org, before }: Opened,
): Promise<void> => {
  const usage = org.usage();
  if (usage.calls === before) return;
  const budget = new TurnBudget(policyOf(config, orgId), await slots.allowance(connectionId));
  budget.count('loads', usage.calls - before, usage, clock.nowMs());
  await slots.count(connectionId, budget.spent(clock.nowMs()));
};
