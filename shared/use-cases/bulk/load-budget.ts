import type { Admission } from '../../sync/allowance/admit.ts';
import { policyOf } from '../../sync/allowance/policy.ts';
import { ifItCan } from '../reconciliation/if-it-can.ts';
import type { OpenMapping } from '../reconciliation/open-mapping.ts';
import { TurnBudget } from '../reconciliation/turn-budget.ts';
import type { MeterPorts } from './meter-calls.ts';

/**
 * Whether loads may call the org of a step, each time by what the step has called until then. Like a turn of the worker it
 * first asks the org, where what is known of its allowance is old news.
 */
export async function loadBudget(
  { config, clock, slots }: Pick<MeterPorts, 'config' | 'clock' | 'slots'>,
  { connection: { connectionId, orgId }, org }: Pick<OpenMapping, 'connection' | 'org'>,
): Promise<() => Admission> {
  const budget = new TurnBudget(policyOf(config, orgId), await slots.allowance(connectionId));
  let { calls } = org.usage();
  // A user who may not read the limits keeps no push from its own calls.
  if (budget.isToAsk('loads', clock.nowMs())) await ifItCan(askUsage());
  return () => {
    const usage = org.usage();
    budget.count('loads', usage.calls - calls, usage, clock.nowMs());
    calls = usage.calls;
    return budget.admission('loads', clock.nowMs());
  };

  async function askUsage(): Promise<void> {
    const seen = await org.dailyCalls();
    if (seen) budget.see({ ...seen, atMs: clock.nowMs() });
  }
}
