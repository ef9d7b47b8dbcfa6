import { type FullSweepHint, type PlanHint, type SweepHint, sweepsOf } from '../../contracts/hints.ts';
import { isoOf } from '../../contracts/time.ts';
import { earliestFirst, knownOf } from '../../sync/allowance/deadlines.ts';
import { freshnessOf } from '../../sync/allowance/policy.ts';
import { intervalOf, nextOnGrid } from '../../sync/allowance/probes.ts';
import { DUE_AT, fullSweepTick, LOST_AFTER_MS, sweepEveryMs } from '../../sync/full-sweep/due.ts';
import type { SweepScope } from '../../sync/full-sweep/findings.ts';
import { configuredMapping, connectionIdOf, sweepSchedulesOf } from '../../sync/mapping/resolve.ts';
import { isForTenant } from '../../sync/mapping/tenancy.ts';
import { chunk } from '../../sync/plan/chunk.ts';
import type { MappingState, MappingStates } from '../ports/mapping-states.ts';
import type { ParkedKeys } from '../ports/parked-keys.ts';
import type { Ids } from '../ports/runtime.ts';
import { type ReadStatusesPorts, readStatusesOnce, type StatusOf } from './connection-statuses.ts';
import { type DropHistoriesPorts, dropHistories } from './drop-histories.ts';
import { type DropOpenConflictsPorts, dropOpenConflicts } from './drop-open-conflicts.ts';
import { eachDuePage } from './due-pages.ts';
import { type EnrolConnectionsPorts, enrolConnections } from './enrol-connections.ts';
import { type WakeKeysPorts, type WokenKeys, wakeKeys } from './wake-keys.ts';

export interface DispatchDuePorts
  extends EnrolConnectionsPorts,
    WakeKeysPorts,
    ReadStatusesPorts,
    DropOpenConflictsPorts,
    DropHistoriesPorts {
  readonly mappingStates: EnrolConnectionsPorts['mappingStates'] &
    Pick<MappingStates, 'due' | 'claim' | 'forgetPasses' | 'setFullSweepAt' | 'setPlanDue'>;
  readonly connections: EnrolConnectionsPorts['connections'] & ReadStatusesPorts['connections'];
  readonly clock: EnrolConnectionsPorts['clock'];
  readonly parkedKeys: WakeKeysPorts['parkedKeys'] & Pick<ParkedKeys, 'ofMapping'>;
  readonly ids: Pick<Ids, 'next'>;
}

export interface Dispatched extends WokenKeys {
  readonly enrolledConnections: number;
  readonly sweeps: number;
  /** Due mappings whose connection can do no work now; they are due again after their usual time. */
  readonly idleMappings: number;
}

/** Conditional writes at once: enough to claim a page in a second or two. */
const PARALLEL = 20;
/** A mapping whose template is gone from the config is looked at once a day, so that it does not crowd the index. */
const RETIRED_MS = 24 * 60 * 60_000;

/** Of a tick's time, for the mappings that a new config asks for: thousands of connections take several ticks. */
const ENROLMENT_SHARE = 1 / 4;
/** Of what is left then, for sweeps; nearly all the rest is for keys. */
const SWEEP_SHARE = 2 / 3;
/** Of what is left then, for keys; nobody waits for what comes after them. */
const KEY_SHARE = 9 / 10;

/**
 * One tick of the schedule: makes mappings that a new config asks for, sends sweeps for mappings that are due, and
 * hints for keys whose time to wait is over; then it deletes histories of mappings that have ended. Each of the four has
 * its share of the time in every tick, and what one leaves is for those after it. Everything is sent before it is ticked
 * off, so a tick that dies is repeated by the next: what it had sent already is then looked at twice.
 *
 * @param deadlineMs - epoch milliseconds at which to stop between two pages
 */
export const dispatchDue = async (ports: DispatchDuePorts, deadlineMs: number): Promise<Dispatched> => {
  const untilMs = (share: number): number => {
    const nowMs = ports.clock.nowMs();
    return nowMs + (deadlineMs - nowMs) * share;
  };
  const enrolledConnections = await enrolConnections(ports, untilMs(ENROLMENT_SHARE));
  const statusOf = readStatusesOnce(ports);
  const { ended, ...dispatched } = await dispatchMappings(ports, statusOf, untilMs(SWEEP_SHARE));
  const woken = await wakeKeys(ports, statusOf, untilMs(KEY_SHARE));
  await dropHistories(ports, ended, deadlineMs);
  return { enrolledConnections, ...dispatched, ...woken };
};

const dispatchMappings = async (
  ports: DispatchDuePorts,
  statusOf: StatusOf,
  deadlineMs: number,
): Promise<Pick<Dispatched, 'sweeps' | 'idleMappings'> & { readonly ended: readonly string[] }> => {
  const ended: string[] = [];
  let sent = 0;
  let idleMappings = 0;
  await eachDuePage(ports.clock, deadlineMs, {
    read: (at, limit) => ports.mappingStates.due(at, limit),
    identify: ({ mappingId, nextRunAt }) => `${mappingId} ${nextRunAt}`,
    handle: async (states) => {
      const active: MappingState[] = [];
      const over: MappingState[] = [];
      const unfinished = new Set<MappingState>();
      for (const state of states) {
        const status = isWanted(ports, state) ? await statusOf(state.connectionId) : 'unwanted';
        if (status === 'active') active.push(state);
        if (ENDED.has(status)) over.push(state);
      }
      const swept = active.filter((state) => !isForPlanAlone(ports, state));
      const sweeps = earliestFirst(swept, (state) => knownOf(ports.config, state)).map((state) =>
        sweepOf(ports, state),
      );
      const ofConnections = Map.groupBy(sweeps, ({ mappingId }) => connectionIdOf(mappingId));
      const hints = [...ofConnections.values()].flatMap(sweepsOf);
      if (hints.length > 0) await ports.hints.send(hints);
      await dispatchPlans(ports, active);
      await dispatchFullSweeps(ports, active, 'all');
      await dispatchFullSweeps(ports, active, 'formulas');
      for (const state of over) {
        if (!(await dropParked(ports, state, deadlineMs))) unfinished.add(state);
        await dropOpenConflicts(ports, state.mappingId);
        ended.push(state.mappingId);
      }
      for (const part of chunk(states, PARALLEL)) {
        await Promise.all(part.map((state) => claim(ports, state, unfinished.has(state))));
      }
      sent += sweeps.length;
      idleMappings += states.length - active.length;
    },
  });
  return { sweeps: sent, idleMappings, ended };
};

/** Nobody will want the mapping's keys: were it to come back, a push compares its items, and a pass its records. */
const ENDED: ReadonlySet<string> = new Set(['unwanted', 'revoked', 'gone']);
/** Parked keys that are dropped of a mapping at once. */
const DROPPED_KEYS = 1_000;
/** A mapping that has more than a tick drops goes on with the next. */
const DROP_ON_MS = 60_000;

/** Whether all are dropped; a thousand are in any case. */
const dropParked = async (
  { parkedKeys, mappingStates, clock }: DispatchDuePorts,
  { mappingId }: MappingState,
  deadlineMs: number,
): Promise<boolean> => {
  do {
    const keys = await parkedKeys.ofMapping(mappingId, DROPPED_KEYS);
    // A change of a record that the passes have gone by is found by none that goes on from there.
    if (keys.some(({ remote }) => remote)) await mappingStates.forgetPasses(mappingId);
    await parkedKeys.release(keys);
    if (keys.length < DROPPED_KEYS) return true;
  } while (clock.nowMs() < deadlineMs);
  return false;
};

/** Its template is still there, and its table no other tenant's by now. */
const isWanted = ({ config }: DispatchDuePorts, { mappingId, orgId }: MappingState): boolean => {
  const configured = configuredMapping(config, mappingId);
  return configured !== undefined && isForTenant(configured.table, orgId);
};

const sweepOf = ({ ids }: DispatchDuePorts, { mappingId }: MappingState): SweepHint => ({
  kind: 'sweep',
  mappingId,
  runId: ids.next(),
});

/** Full sweeps come with the mapping's ordinary ones, so that looking for them costs no read. */
const dispatchFullSweeps = async (
  { config, ids, clock, hints, mappingStates }: DispatchDuePorts,
  states: readonly MappingState[],
  scope: SweepScope,
): Promise<void> => {
  const ticks = states.map((state) => {
    const { mappingId, name } = state;
    const everyMs = sweepEveryMs(scope, sweepSchedulesOf(config.mappings[name] ?? {}));
    return { state, tick: fullSweepTick(mappingId, state[DUE_AT[scope]], everyMs, clock.nowMs()) };
  });
  const due = ticks
    .filter(({ tick }) => tick.isDue)
    .map(
      ({ state: { mappingId } }): FullSweepHint => ({
        kind: 'full-sweep',
        mappingId,
        sweepId: ids.next(),
        ...(scope === 'formulas' && { scope }),
      }),
    );
  if (due.length > 0) await hints.send(due);
  for (const part of chunk(ticks, PARALLEL)) {
    await Promise.all(
      part.map(async ({ state, tick: { at } }) => {
        const was = state[DUE_AT[scope]];
        if (at !== undefined) await mappingStates.setFullSweepAt(state.mappingId, at, { was }, scope);
      }),
    );
  }
};

/** Whether it was made due for its plan alone: its own run is to be later, as it was. */
const isForPlanAlone = (
  { clock }: Pick<DispatchDuePorts, 'clock'>,
  { nextRunAt, planDue, trouble }: MappingState,
): boolean =>
  planDue?.thenAt !== undefined &&
  planDue.at === nextRunAt &&
  trouble === undefined &&
  Date.parse(planDue.thenAt) > clock.nowMs();

/** Plans that wait, or of which nobody has a message any more. */
const dispatchPlans = async (
  { clock, hints, mappingStates }: DispatchDuePorts,
  states: readonly MappingState[],
): Promise<void> => {
  const due = states.flatMap(({ mappingId, planDue }): PlanHint[] =>
    planDue !== undefined && Date.parse(planDue.at) <= clock.nowMs()
      ? [{ kind: 'plan', mappingId, planId: planDue.planId }]
      : [],
  );
  if (due.length === 0) return;
  await hints.send(due);
  const at = isoOf(clock.nowMs() + LOST_AFTER_MS);
  for (const { mappingId, planId } of due) await mappingStates.setPlanDue(mappingId, { planId, at });
};

/**
 * Moves the run past now, to where others of the connection are due too: days of pause are one sweep, not hundreds. One in
 * trouble has a whole interval in which its attempts can end and say how long to wait.
 */
const claim = async (ports: DispatchDuePorts, state: MappingState, isUnfinished: boolean): Promise<void> => {
  const { config, mappingStates, clock } = ports;
  if (isForPlanAlone(ports, state)) {
    await mappingStates.claim(state, state.planDue?.thenAt ?? state.nextRunAt);
    return;
  }
  const { connectionId, name, trouble, idleRounds = 0 } = state;
  const template = config.mappings[name];
  const intervalMs = template ? intervalOf({ ...freshnessOf(template), idleRounds }) : RETIRED_MS;
  const nowMs = clock.nowMs();
  const usualMs = trouble ? nowMs + intervalMs : nextOnGrid(connectionId, intervalMs, nowMs);
  const nextMs = isUnfinished ? nowMs + DROP_ON_MS : usualMs;
  await mappingStates.claim(state, isoOf(nextMs));
};
