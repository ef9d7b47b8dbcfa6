import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { budgetOf } from '../../sync/allowance/admit.ts';
import { callsForKeys, fullSweepsPerDay, mostCallsForKeys, policyWith } from '../../sync/allowance/policy.ts';
import { templatesOfTenant } from '../../sync/mapping/tenancy.ts';
import { type AllowanceOperationsPorts, type ShownForecast, shownForecast } from './allowance.ts';
import { mustConnection } from './connections.ts';

export interface ForecastRequest {
  readonly connectionId: string;
  /** Mappings that the config does not have yet. */
  readonly add?:
    | readonly Pick<MappingTemplate, 'schedule' | 'freshness' | 'formulas' | 'fullSweep'>[]
    | undefined;
  /** Keys that are expected to change in a day, beside what hints cost now. */
  readonly changedKeysPerDay?: number | undefined;
}

export type ForecastAnswer = ShownForecast & {
  /** What the connection may use in 24 hours; absent before the org was first called. */
  readonly budget?: number;
  /** Where each of the keys changes alone, and not many together. */
  readonly hintsPerDayAtMost: number;
  /** Full sweeps and refreshes of formulas, of at most 2,000 records each. They leave sweeps what these need. */
  readonly fullSweepsPerDayAtLeast: number;
};

/** What a connection's mappings will use a day, with others added, and whether that fits. Calls nobody. */
export const forecastAllowance = async (
  { connections, slots, config, clock }: AllowanceOperationsPorts,
  { connectionId, add = [], changedKeysPerDay = 0 }: ForecastRequest,
): Promise<ForecastAnswer> => {
  const { orgId } = await mustConnection(connections, connectionId);
  const nowMs = clock.nowMs();
  const allowance = { ...policyWith(config, orgId, add), ...(await slots.allowance(connectionId)) };
  const templates = templatesOfTenant(config, orgId).map(([, template]) => template);
  const together = callsForKeys(changedKeysPerDay);
  const shown = shownForecast(allowance, nowMs, together);
  return {
    ...(allowance.usage && { budget: Math.floor(budgetOf(allowance, nowMs)) }),
    ...shown,
    hintsPerDayAtMost: shown.hintsPerDay - together + mostCallsForKeys(changedKeysPerDay),
    fullSweepsPerDayAtLeast: fullSweepsPerDay([...templates, ...add]),
  };
};
