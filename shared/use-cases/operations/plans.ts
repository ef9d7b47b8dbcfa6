import { nowIso } from '../../contracts/clock.ts';
import { deletePoliciesOf, tablesDeletedFrom } from '../../contracts/delete-policies.ts';
import { SyncError } from '../../contracts/next.ts';
import type { MappingTemplate } from '../../contracts/sync-config.ts';
import { isoOf } from '../../contracts/time.ts';
import { LOST_AFTER_MS } from '../../sync/full-sweep/due.ts';
import { planDigestOf } from '../../sync/mapping/template-digest.ts';
import type { PlanEntry } from '../../sync/plan/entry.ts';
import { NO_TOTALS } from '../../sync/plan/totals.ts';
import { type WhatIf, withWhatIf } from '../../sync/plan/what-if.ts';
import type { UndoScope } from '../../sync/undo/undo.ts';
import type { Staging } from '../ports/bulk-jobs.ts';
import type { MappingStates } from '../ports/mapping-states.ts';
import type { Plan, Plans } from '../ports/plans.ts';
import { getLeftovers, getPage, type Leftover } from '../reconciliation/plan/pages.ts';
import { NO_PAGES } from '../reconciliation/plan/plan-hash.ts';
import { isUnderWay } from '../reconciliation/plan/plan-turn.ts';
import { OperationRefused } from './errors.ts';
import {
  type MappingOperationsPorts,
  mustBeLive,
  mustGoByDeployed,
  mustWork,
  unknownMapping,
} from './mappings.ts';
import { type MassPorts, mustBeFew } from './mass-undo.ts';
import { type ShownPlan, shown } from './shown-plan.ts';

export interface PlanOperationsPorts extends MappingOperationsPorts {
  readonly mappingStates: MappingOperationsPorts['mappingStates'] & Pick<MappingStates, 'setPlanDue'>;
  readonly plans: Pick<Plans, 'get' | 'begin' | 'move'>;
  readonly staging: Pick<Staging, 'get'>;
}

export interface ApplyPlanPorts extends PlanOperationsPorts, MassPorts {}

interface OfMapping {
  readonly mappingId: string;
}
interface OfPlan extends OfMapping {
  readonly planId: string;
}

/**
 * Begins a plan of a mapping, in the place of the last one; or has one go on that is being made for the same question.
 *
 * @throws OperationRefused where another is being made or applied
 */
export const startPlan = async (
  ports: PlanOperationsPorts,
  asked: OfMapping & { readonly whatIf?: WhatIf; readonly withValues?: boolean },
): Promise<{ readonly planId: string; readonly isUnderWay: boolean }> => {
  const { mappingId, whatIf = {}, withValues = false } = asked;
  const { template, state } = await mustWork(ports, mappingId);
  mustBeLive(state);
  return beginPlan(ports, template, { mappingId, whatIf, withValues });
};

/** What a plan is asked for. */
type PlanAsked = Pick<Plan, 'mappingId' | 'whatIf' | 'withValues' | 'undo'>;

/**
 * Begins a plan of a mapping whose template this is, as `startPlan` does.
 *
 * @throws OperationRefused where another is being made or applied
 */
export const beginPlan = async (
  ports: PlanOperationsPorts,
  template: MappingTemplate,
  asked: PlanAsked,
): Promise<{ readonly planId: string; readonly isUnderWay: boolean }> => {
  const { mappingId, whatIf, withValues, undo } = asked;
  const known = await ports.plans.get(mappingId);
  if (known && isUnderWay(known)) {
    const isSame =
      known.phase === 'planning' &&
      known.withValues === withValues &&
      isSameScope(known.undo, undo) &&
      known.template === planDigestOf(withWhatIf(template, whatIf));
    if (!isSame) throw underWay(mappingId);
    await ports.hints.send([{ kind: 'plan', mappingId, planId: known.planId }]);
    return { planId: known.planId, isUnderWay: true };
  }
  const planId = ports.ids.next();
  const at = nowIso(ports.clock);
  const begun = await ports.plans.begin(
    {
      mappingId,
      planId,
      phase: 'planning',
      whatIf,
      ...(undo && { undo }),
      withValues,
      template: planDigestOf(withWhatIf(template, whatIf)),
      startedAt: at,
      movedAt: at,
      place: { phase: 'records' },
      compared: {},
      pages: 0,
      pagesDigest: NO_PAGES,
      totals: NO_TOTALS,
      samples: {},
      callsToApply: 0,
      calls: 0,
    },
    known,
  );
  if (!begun) throw underWay(mappingId);
  await send(ports, begun);
  return { planId, isUnderWay: false };
};

const isSameScope = (a: UndoScope | undefined, b: UndoScope | undefined): boolean =>
  a?.from === b?.from && a?.to === b?.to && a?.runId === b?.runId && a?.key === b?.key;

/**
 * The plan of a mapping that is under way, or the last one; none if there never was one.
 *
 * @throws OperationRefused where there is no such mapping
 */
export const planStatus = async (
  { plans, mappingStates }: PlanOperationsPorts,
  { mappingId }: OfMapping,
): Promise<{ readonly plan?: ShownPlan }> => {
  const [plan, state] = await Promise.all([plans.get(mappingId), mappingStates.get(mappingId)]);
  if (plan) return { plan: shown(plan, state?.planDue) };
  if (!state) throw unknownMapping(mappingId);
  return {};
};

/** A page of what a plan would do: keys, names of fields, and values if the plan was asked for them. */
export const planPage = async (
  ports: PlanOperationsPorts,
  { page, ...named }: OfPlan & { readonly page: number },
): Promise<{ readonly entries: readonly Omit<PlanEntry, 'digest'>[]; readonly pages: number }> => {
  const plan = await mustPlan(ports, named);
  if (page >= plan.pages) return { entries: [], pages: plan.pages };
  const { entries } = await orExpired(getPage(ports.staging, plan, page));
  return { entries: entries.map(({ digest: _, ...entry }) => entry), pages: plan.pages };
};

/** What of a page was not done as planned, and why; `isApplied` is false as long as the page has not had its turn. */
export const planLeftovers = async (
  ports: PlanOperationsPorts,
  { page, ...named }: OfPlan & { readonly page: number },
): Promise<{
  readonly leftovers: readonly Leftover[];
  readonly pages: number;
  readonly isApplied: boolean;
}> => {
  const plan = await mustPlan(ports, named);
  const { pages } = plan;
  const isApplied = page < pages && plan.applying !== undefined && page >= plan.applying.page;
  // A page of which nothing was left has none.
  const leftovers = isApplied ? await getLeftovers(ports.staging, plan, page).catch(noneLeft) : [];
  return { leftovers, pages, isApplied };
};

/**
 * Has a plan be applied by whoever has read it: its hash says so. One that is applied, or has been, stays as it is.
 *
 * @param asked - `allowMass`: an undo may delete or clear as many as it says
 * @throws OperationRefused where it is not whole, is another, or is for a mapping that has changed since
 */
export const applyPlan = async (
  ports: ApplyPlanPorts,
  { hash, allowMass = false, ...named }: OfPlan & { readonly hash: string; readonly allowMass?: boolean },
): Promise<{ readonly status: 'begun' | 'under-way' | 'applied' }> => {
  const { template, state } = await mustWork(ports, named.mappingId);
  mustBeLive(state);
  const plan = await mustPlan(ports, named);
  if (plan.hash === undefined)
    throw new OperationRefused('PLAN_NOT_READY', 'The plan is not whole, so there is nothing to apply.');
  if (plan.hash !== hash)
    throw new OperationRefused(
      'PLAN_HASH_WRONG',
      'This is not the hash of the plan. Read it with plan-status.',
    );
  if (plan.phase === 'applied') return { status: 'applied' };
  if (plan.outcome !== undefined)
    throw new OperationRefused('PLAN_NOT_READY', `The plan has ended: ${plan.outcome}. Make a new plan.`);
  if (plan.template !== planDigestOf(withWhatIf(template, plan.whatIf)))
    throw new OperationRefused(
      'PLAN_STALE',
      'The mapping is another than the plan was made for. Make a new plan.',
    );
  if (plan.phase === 'applying') {
    await ports.hints.send([{ kind: 'plan', ...named }]);
    return { status: 'under-way' };
  }
  if (Object.keys(plan.whatIf).length > 0) mustGoByDeployed(template, state);
  mustMayDelete(ports, template, plan);
  if (!allowMass) await mustBeFew(ports, plan);
  const { pages: page, pagesDigest: digest } = plan;
  const at = nowIso(ports.clock);
  const begun = await ports.plans.move(plan, {
    phase: 'applying',
    movedAt: at,
    applying: { startedAt: at, page, digest, done: 0, leftovers: {}, calls: 0 },
  });
  if (!begun) throw underWay(named.mappingId);
  await send(ports, begun);
  return { status: 'begun' };
};

/** The worker may delete items of those tables alone whose mappings are deployed with that. */
const mustMayDelete = (
  { config }: PlanOperationsPorts,
  template: MappingTemplate,
  { whatIf }: Pick<Plan, 'whatIf'>,
): void => {
  const { fromSalesforce } = deletePoliciesOf(withWhatIf(template, whatIf));
  if (fromSalesforce !== 'propagate' || tablesDeletedFrom(config).has(template.localTable)) return;
  throw new OperationRefused(
    'INVALID_INPUT',
    `Nothing may delete items of ${template.localTable}: no mapping of it is deployed with the deletePolicy "propagate" from Salesforce. Deploy that first, and make a plan without "whatIf".`,
  );
};

/** The message that carries it on; should it get lost, `dispatch` sends one. */
const send = async (
  { hints, mappingStates, clock }: PlanOperationsPorts,
  { mappingId, planId }: Plan,
): Promise<void> => {
  await mappingStates.setPlanDue(mappingId, { planId, at: isoOf(clock.nowMs() + LOST_AFTER_MS) });
  await hints.send([{ kind: 'plan', mappingId, planId }]);
};

const mustPlan = async ({ plans }: PlanOperationsPorts, { mappingId, planId }: OfPlan): Promise<Plan> => {
  const plan = await plans.get(mappingId);
  if (plan?.planId !== planId)
    throw new OperationRefused(
      'UNKNOWN_PLAN',
      `Mapping ${mappingId} has no plan ${planId}: plan-status shows the one that it has.`,
    );
  return plan;
};

const underWay = (mappingId: string): OperationRefused =>
  new OperationRefused(
    'PLAN_UNDER_WAY',
    `A plan of ${mappingId} is being made or applied. Follow it with plan-status, and ask again when it has ended.`,
  );

const isGone = (error: unknown): boolean => error instanceof SyncError && error.code === 'STORE_NOT_FOUND';

const noneLeft = (error: unknown): readonly Leftover[] => {
  if (isGone(error)) return [];
  throw error;
};

const orExpired = async <T>(reading: Promise<T>): Promise<T> => {
  try {
    return await reading;
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new OperationRefused(
      'PLAN_EXPIRED',
      'The pages of a plan are kept for seven days, and are gone. Make a new plan.',
    );
  }
};
