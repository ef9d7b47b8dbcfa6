import type { Clock } from '../../contracts/clock.ts';
import type { SyncConfig } from '../../contracts/sync-config.ts';
import { isoOf } from '../../contracts/time.ts';
import { type Allowance, admit, budgetOf, stoppedAfter, type WhyWait } from '../../sync/allowance/admit.ts';
import { type Forecast, forecast } from '../../sync/allowance/forecast.ts';
import { callsOfDay, HOUR_MS } from '../../sync/allowance/ledger.ts';
import { policyOf } from '../../sync/allowance/policy.ts';
import { othersAt } from '../../sync/allowance/usage.ts';
import { CEILINGS, WORK_CLASSES, type WorkClass } from '../../sync/allowance/work-class.ts';
import type { ConnectionStore } from '../ports/connection-store.ts';
import type { OrgSlots } from '../ports/org-slots.ts';
import { mustConnection } from './connections.ts';

export interface AllowanceOperationsPorts {
  readonly connections: Pick<ConnectionStore, 'get'>;
  readonly slots: Pick<OrgSlots, 'allowance'>;
  readonly config: SyncConfig;
  readonly clock: Pick<Clock, 'nowMs'>;
}

/** What a connection uses of its org's allowance; calls of 24 hours, where nothing else is said. */
export interface AllowanceSummary {
  /** Absent before the org was first called. */
  readonly org?: {
    readonly max: number;
    /** Everything that is not ours, as it was last seen. */
    readonly others: number;
    /** When that was (ISO 8601). */
    readonly seenAt: string;
  };
  /** What this connection may use in 24 hours; absent as `org`. */
  readonly budget?: number;
  readonly share: number;
  readonly used: Readonly<Record<WorkClass | 'all', number>>;
  /** Up to how many calls of all classes together each class goes on; absent as `org`. */
  readonly stopsAt?: Readonly<Record<WorkClass, number>>;
  /** Classes that wait now. */
  readonly stopped: readonly WorkClass[];
  /** Why each class waits that does so now. */
  readonly waits: Readonly<Partial<Record<WorkClass, WhyWait>>>;
  readonly forecast: ShownForecast;
  /** The last seven days (UTC), newest first. */
  readonly days: readonly {
    readonly day: string;
    readonly calls: Readonly<Partial<Record<WorkClass, number>>>;
  }[];
  /** By hour, newest first. */
  readonly hours: readonly {
    readonly hour: string;
    readonly calls: Readonly<Partial<Record<string, number>>>;
  }[];
}

/** What uses how much of an org's allowance, and what is to be expected of the next day. */
export const showAllowance = async (
  { connections, slots, config, clock }: AllowanceOperationsPorts,
  { connectionId }: { readonly connectionId: string },
): Promise<AllowanceSummary> => {
  const { orgId } = await mustConnection(connections, connectionId);
  const nowMs = clock.nowMs();
  const known = await slots.allowance(connectionId);
  const allowance: Allowance = { ...policyOf(config, orgId), ...known };
  const { ledger, usage, share } = allowance;
  const used = (work: WorkClass | 'all'): number => callsOfDay(ledger, nowMs, 'at-most', work);
  const budget = Math.floor(budgetOf(allowance, nowMs));
  const ofEach = (count: (work: WorkClass) => number) =>
    Object.fromEntries(WORK_CLASSES.map((work) => [work, count(work)])) as Record<WorkClass, number>;
  return {
    ...(usage && {
      org: {
        max: usage.max,
        others: Math.round(othersAt(usage, nowMs)),
        seenAt: isoOf(usage.atMs),
      },
      budget,
      stopsAt: ofEach((work) => Math.floor(budget * CEILINGS[work])),
    }),
    share,
    used: { all: used('all'), ...ofEach(used) },
    stopped: stoppedAfter(allowance, nowMs),
    waits: waitsOf(allowance, nowMs),
    forecast: shownForecast(allowance, nowMs),
    days: Object.entries(known.days)
      .map(([day, calls]) => ({ day: isoOf(Number(day) * 24 * HOUR_MS).slice(0, 10), calls }))
      .sort((a, b) => (a.day < b.day ? 1 : -1)),
    hours: Object.entries(ledger.hours)
      .map(([hour, calls]) => ({ hour: isoOf(Number(hour) * HOUR_MS), calls }))
      .sort((a, b) => (a.hour < b.hour ? 1 : -1)),
  };
};

const waitsOf = (allowance: Allowance, nowMs: number): AllowanceSummary['waits'] =>
  Object.fromEntries(
    WORK_CLASSES.flatMap((work) => {
      const admission = admit(allowance, work, 1, nowMs);
      return admission.kind === 'wait' ? [[work, admission.why]] : [];
    }),
  );

/** A forecast as it is shown; before the org was first called nobody knows what there is of its allowance. */
export type ShownForecast = Pick<Forecast, 'scheduledPerDay' | 'hintsPerDay'> &
  (Omit<Forecast, 'scheduledPerDay' | 'hintsPerDay'> | { readonly notKnown: string });

/** Whole calls, and a stretch of two digits after the point. */
export const shownForecast = (allowance: Allowance, nowMs: number, moreHints = 0): ShownForecast => {
  const { scheduledPerDay, hintsPerDay, ...rest } = forecast(allowance, nowMs, moreHints);
  if (allowance.usage === undefined) return { scheduledPerDay, hintsPerDay, notKnown: NOT_KNOWN };
  const { availablePerDay, isFeasible, stretch } = rest;
  return {
    scheduledPerDay,
    hintsPerDay,
    availablePerDay: Math.floor(availablePerDay),
    isFeasible,
    stretch: Math.round(stretch * 100) / 100,
  };
};

const NOT_KNOWN =
  'The org was not called yet, so how much of its allowance is left is not known: check-now of one of its mappings asks it.';
