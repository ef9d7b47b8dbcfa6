import { nowIso } from '../../../contracts/clock.ts';
import type { Code } from '../../../contracts/codes.ts';
import type { PlanHint } from '../../../contracts/hints.ts';
import { LINK_LEASE_MS } from '../../../contracts/lifetimes.ts';
import { isoOf } from '../../../contracts/time.ts';
import { workOfPlan } from '../../../sync/allowance/work-class.ts';
import { isAfter } from '../../../sync/time.ts';
import { isForgotten } from '../../../sync/undo/past.ts';
import { addCounts, NO_COUNTS } from '../../ports/counts.ts';
import type { MappingStates, RunCounts } from '../../ports/mapping-states.ts';
import type { Plan } from '../../ports/plans.ts';
import type { SalesforceOrg } from '../../ports/salesforce-org.ts';
import type { ClosedMapping } from '../open-mapping.ts';
import { applyPlan } from './apply-plan.ts';
import { endForeseen, foresee } from './foreseen.ts';
import { makePlan } from './make-plan.ts';
import { openAsDeployed } from './open-as-deployed.ts';
import { basisOf } from './plan-hash.ts';
import type { PlanPorts, PlanTurn } from './work.ts';

export type PlanOutcome =
  | { readonly kind: 'done'; readonly counts: RunCounts; readonly usage?: ReturnType<SalesforceOrg['usage']> }
  | { readonly kind: 'again'; readonly afterMs: number; readonly reason: Code }
  | { readonly kind: 'set-aside'; readonly reason: Code };

/** A connection that cannot be used is looked at again this often; a person has to act in between. */
const CLOSED_WAIT_MS = 15 * 60_000;
const LOST_RACE_MS = 5_000;

/** Whether anything is left to be done of it by a worker. */
export const isUnderWay = ({ phase, endedAt }: Plan): boolean =>
  endedAt === undefined && (phase === 'planning' || phase === 'applying');

/**
 * Carries a plan on, or its application, for one turn of a worker, and sends what carries it on after that. One worker
 * is at a plan at a time, for as long as a worker lives. A plan is for one mapping as it was: once that is another, the
 * plan ends.
 *
 * @throws what Salesforce or a store threw; the plan stays where it came to, and is free
 */
export async function planTurn(ports: PlanPorts, { mappingId, planId }: PlanHint): Promise<PlanOutcome> {
  const known = await ports.plans.get(mappingId);
  // A message that comes late.
  if (known?.planId !== planId || !isUnderWay(known)) return { kind: 'done', counts: NO_COUNTS };
  const nowMs = ports.clock.nowMs();
  const leftMs = (known.takenUntil ?? 0) - nowMs;
  if (leftMs > 0) return { kind: 'again', afterMs: leftMs, reason: 'PLAN_TAKEN' };
  ports.beginWork?.(workOfPlan(known));
  const taken = await ports.plans.move(known, { takenUntil: nowMs + LINK_LEASE_MS });
  if (!taken) return { kind: 'again', afterMs: LOST_RACE_MS, reason: 'PLAN_TAKEN' };
  const turn = { current: taken };
  try {
    return await carryOn(ports, turn);
  } catch (error) {
    // Whoever takes the message next need not wait for this one's end. If it fails too, the time frees it.
    await ports.plans.move(turn.current, {}).catch(() => undefined);
    throw error;
  }
}

async function carryOn(ports: PlanPorts, turn: { current: Plan }): Promise<PlanOutcome> {
  const { mappingId, planId, whatIf } = turn.current;
  const open = await openAsDeployed(ports, mappingId, whatIf);
  if (open.kind === 'closed') return whileClosed(ports, turn.current, open);
  const basis = basisOf(open.mapping);
  const isAnother = turn.current.basis !== undefined && turn.current.basis !== basis;
  if (isAnother) {
    const outcome = turn.current.phase === 'applying' ? 'PLAN_STALE' : 'MAPPING_CHANGED';
    await endPlan(ports, turn.current, outcome);
    return { kind: 'set-aside', reason: outcome };
  }
  if (turn.current.basis === undefined) {
    const begun = await ports.plans.move(turn.current, {
      basis,
      takenUntil: ports.clock.nowMs() + LINK_LEASE_MS,
    });
    if (!begun) return { kind: 'again', afterMs: LOST_RACE_MS, reason: 'PLAN_TAKEN' };
    turn.current = begun;
  }
  if (turn.current.phase === 'applying' && !(await foresee(ports, open))) {
    await ports.plans.move(turn.current, {});
    return { kind: 'again', afterMs: LOST_RACE_MS, reason: 'PLAN_TAKEN' };
  }
  const { undo, phase } = turn.current;
  if (undo && phase === 'planning' && isForgotten(open.mapping, undo, ports.clock.nowMs())) {
    await endPlan(ports, turn.current, 'UNDO_TOO_OLD');
    return { kind: 'set-aside', reason: 'UNDO_TOO_OLD' };
  }
  const before = open.org.usage().calls;
  const work: PlanTurn = Object.assign(turn, { ports, open, counts: NO_COUNTS });
  const isApplying = turn.current.phase === 'applying';
  // All turns of it are one run, under the name that its lines give as their cause.
  const startedAt = turn.current.applying?.startedAt ?? nowIso(ports.clock);
  const end = isApplying ? await applyPlan(work) : await makePlan(work);
  const counts = addCounts(work.counts, { calls: open.org.usage().calls - before });
  if (isApplying)
    await ports.journal.recordRun({
      ...{ mappingId, runId: planId, cause: work.current.undo ? 'undo' : 'plan', counts },
      ...{ startedAt, endedAt: nowIso(ports.clock) },
    });
  if (end === 'taken-over') return { kind: 'set-aside', reason: 'PLAN_TAKEN' };
  if (typeof end === 'object') {
    await ports.plans.move(work.current, {});
    return { kind: 'again', afterMs: end.waitMs, reason: 'LEASE_HELD' };
  }
  if (end === 'continue') await ports.hints.send([{ kind: 'plan', mappingId, planId }]);
  else await ports.mappingStates.setPlanDue(mappingId, undefined);
  return { kind: 'done', counts, usage: open.org.usage() };
}

/** What becomes of a plan that has nothing to work with. */
async function whileClosed(
  ports: PlanPorts,
  plan: Plan,
  { reason, problems }: ClosedMapping & { readonly problems?: readonly string[] },
): Promise<PlanOutcome> {
  if (reason !== 'CONNECTION_NOT_ACTIVE') {
    await endPlan(ports, plan, reason, problems);
    return { kind: 'set-aside', reason };
  }
  await ports.plans.move(plan, {});
  await waitWithPlan(ports, plan, ports.clock.nowMs() + CLOSED_WAIT_MS, reason);
  return { kind: 'set-aside', reason };
}

/**
 * Has it go on by itself then, whether or not anybody has a message of it: its mapping is made due, for the plan alone, if
 * its next run is later than that.
 */
export const waitWithPlan = async (
  {
    mappingStates,
  }: { readonly mappingStates: Pick<MappingStates, 'get' | 'setPlanDue' | 'makeDueBy' | 'claim'> },
  { mappingId, planId }: Pick<Plan, 'mappingId' | 'planId'>,
  untilMs: number,
  reason: string,
): Promise<void> => {
  const at = isoOf(untilMs);
  const { nextRunAt, planDue } = (await mappingStates.get(mappingId)) ?? {};
  // Told once more while it waits: when the mapping's own run was to be is still known.
  const known = planDue?.at === nextRunAt ? planDue?.thenAt : undefined;
  const runAt = known ?? nextRunAt;
  const isLater = runAt !== undefined && isAfter(runAt, at);
  await mappingStates.setPlanDue(mappingId, { planId, at, reason, ...(isLater && { thenAt: runAt }) });
  const isMoved = known && nextRunAt && (await mappingStates.claim({ mappingId, nextRunAt }, at));
  if (!isMoved) await mappingStates.makeDueBy(mappingId, at);
};

/** Ends a plan before its time, for good. */
export async function endPlan(
  ports: Pick<PlanPorts, 'config' | 'plans' | 'mappingStates' | 'clock'>,
  plan: Plan,
  outcome: string,
  problems: readonly string[] = [],
): Promise<void> {
  const { plans, mappingStates, clock } = ports;
  if (plan.applying) await endForeseen(ports, plan, false);
  const at = nowIso(clock);
  await plans.move(plan, {
    movedAt: at,
    endedAt: at,
    outcome,
    ...(problems.length > 0 && { problems: problems.slice(0, MAX_PROBLEMS) }),
  });
  await mappingStates.setPlanDue(plan.mappingId, undefined);
}

/** What else there is, `check-now` and `mapping-report` say. */
const MAX_PROBLEMS = 20;
