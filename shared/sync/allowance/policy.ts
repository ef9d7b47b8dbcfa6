import { FRESHNESS_MINUTES, type MappingTemplate, type SyncConfig } from '../../contracts/sync-config.ts';
import { templatesOfTenant } from '../mapping/tenancy.ts';
import { type Allowance, DEFAULT_SHARE } from './admit.ts';
import { probesPerDay } from './forecast.ts';

/** What the config says of every org's allowance. */
export type AllowancePolicy = Pick<Allowance, 'share' | 'scheduledPerDay'>;

const MINUTE_MS = 60_000;

/** How often a mapping is swept while it finds something, and how old at most what it knows may be; in milliseconds. */
export const freshnessOf = ({ schedule, freshness }: Pick<MappingTemplate, 'schedule' | 'freshness'>) => {
  const everyMs = schedule.everyMinutes * MINUTE_MS;
  return {
    everyMs,
    freshnessMs: Math.max(everyMs, freshness === undefined ? 0 : FRESHNESS_MINUTES[freshness] * MINUTE_MS),
  };
};

/** Made once for each config, and for each of its tenants with a table of its own. */
const known = new WeakMap<SyncConfig, Map<string | undefined, AllowancePolicy>>();

/** That of each connection of a tenant: it has all mappings but for those of other tenants' tables. */
export const policyOf = (config: SyncConfig, tenantId: string): AllowancePolicy => {
  const policies = known.get(config) ?? new Map<string | undefined, AllowancePolicy>();
  known.set(config, policies);
  const hasOwn = Object.values(config.localTables).some(({ tenant }) => tenant === tenantId);
  const of = hasOwn ? tenantId : undefined;
  const policy = policies.get(of) ?? policyWith(config, tenantId, []);
  policies.set(of, policy);
  return policy;
};

/** The same with mappings that the config does not have yet. */
export const policyWith = (
  config: SyncConfig,
  tenantId: string,
  add: readonly Pick<MappingTemplate, 'schedule' | 'freshness'>[],
): AllowancePolicy => {
  const mappings = [...templatesOfTenant(config, tenantId).map(([, template]) => template), ...add];
  const intervals = mappings.map((template) => freshnessOf(template).freshnessMs);
  return { share: config.allowanceShare ?? DEFAULT_SHARE, scheduledPerDay: probesPerDay(intervals) };
};

/**
 * The calls a day that full sweeps and refreshes of formulas take at least, by their schedules: each takes one for every
 * 2,000 records, and how many there are no config says.
 */
export const fullSweepsPerDay = (
  templates: readonly Pick<MappingTemplate, 'formulas' | 'fullSweep'>[],
): number =>
  Math.ceil(
    templates.reduce(
      (calls, { formulas, fullSweep }) =>
        calls +
        (formulas === undefined ? 0 : MINUTES_OF_DAY / formulas.everyMinutes) +
        (fullSweep === undefined ? 0 : 1 / fullSweep.everyDays),
      0,
    ),
  );

const MINUTES_OF_DAY = 1_440;

/** Keys that one read and one write take. */
const KEYS_TOGETHER = 200;

/** Calls for keys that change, where they come together: one read and one write for each 200. */
export const callsForKeys = (keys: number): number => 2 * Math.ceil(keys / KEYS_TOGETHER);

/** The same where each comes alone. */
export const mostCallsForKeys = (keys: number): number => 2 * keys;
