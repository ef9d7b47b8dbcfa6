import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { budgetOf } from '../../sync/allowance/admit.ts';
import { type Forecast, forecast } from '../../sync/allowance/forecast.ts';
import { callsForKeys, policyWith } from '../../sync/allowance/policy.ts';
import { type AllowanceOperationsPorts, readable } from './allowance.ts';
import { mustConnection } from './connections.ts';

export interface ForecastRequest {
  readonly connectionId: string;
  /** Mappings that the config does not have yet. */
  readonly add?: readonly Pick<MappingTemplate, 'schedule' | 'freshness'>[] | undefined;
  /** Keys that are expected to change in a day, beside what hints cost now. */
  readonly changedKeysPerDay?: number | undefined;
}

export interface ForecastAnswer extends Forecast {
  /** What the connection may use in 24 hours; absent before the org was first called, and the rest is then without bound. */
  readonly budget?: number;
}

/** What a connection's mappings will use a day, with others added, and whether that fits. Calls nobody. */
export const forecastAllowance = async (
  { connections, slots, config, clock }: AllowanceOperationsPorts,
  { connectionId, add = [], changedKeysPerDay = 0 }: ForecastRequest,
): Promise<ForecastAnswer> => {
  const { orgId } = await mustConnection(connections, connectionId);
  const nowMs = clock.nowMs();
  const allowance = { ...policyWith(config, orgId, add), ...(await slots.allowance(connectionId)) };
  return {
    ...(allowance.usage && { budget: Math.floor(budgetOf(allowance, nowMs)) }),
    ...readable(forecast(allowance, nowMs, callsForKeys(changedKeysPerDay))),
  };
};
