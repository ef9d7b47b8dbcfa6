import { nowIso } from '../../../contracts/clock.ts';
import { LINK_LEASE_MS, PAGE_RESERVE_MS } from '../../../contracts/lifetimes.ts';
import { workOfPlan } from '../../../sync/allowance/work-class.ts';
import { must } from '../../../sync/assert.ts';
import { isForApplying, nameOf } from '../../../sync/plan/entry.ts';
import { callsOfPage } from '../../../sync/plan/estimate.ts';
import { withSamples } from '../../../sync/plan/samples.ts';
import { addTotals, totalsOf } from '../../../sync/plan/totals.ts';
import type { Plan, PlanMove } from '../../ports/plans.ts';
import { comparing } from './compare-step.ts';
import { putPage } from './pages.ts';
import { digestAfter, hashOf } from './plan-hash.ts';
import { undoStep } from './undo-step.ts';
import type { PlanStep, PlanTurn, TurnEnd } from './work.ts';

/**
 * Goes on with planning, step by step. A page of at most 200 keys is stored for each look; where the plan stands is
 * stored after its pages, so that what is interrupted is made again under the same numbers.
 *
 * @throws what Salesforce or a store threw; the plan stays where it came to
 */
export async function makePlan(turn: PlanTurn): Promise<TurnEnd> {
  const { ports, open } = turn;
  const next = turn.current.undo ? () => undoStep(turn) : comparing(turn);
  for (;;) {
    ports.beginWork?.(workOfPlan(turn.current));
    const before = open.org.usage().calls;
    const step = await next();
    const calls = open.org.usage().calls - before;
    const isOver = step.isLast || ports.remainingMs() < PAGE_RESERVE_MS;
    const moved = await ports.plans.move(turn.current, {
      ...(await added(turn, step)),
      calls: turn.current.calls + calls,
      ...(!isOver && { takenUntil: ports.clock.nowMs() + LINK_LEASE_MS }),
    });
    if (!moved) return 'taken-over';
    const { current } = turn;
    turn.current = moved;
    // After the plan has moved: should this get lost, a key is planned twice, and found settled the second time.
    await ports.plans.addKeys(current, nowIso(ports.clock), step.pages.flat().map(nameOf));
    if (step.isLast) return 'done';
    if (isOver) return 'continue';
  }
}

/** Stores the pages of a step, and says how the plan goes on with them. */
async function added({ ports, open, current }: PlanTurn, step: PlanStep): Promise<PlanMove> {
  const isConditional = open.mapping.fields.some(({ conflictPolicy }) => conflictPolicy === 'manual');
  let { pagesDigest, totals, samples, callsToApply } = current;
  for (const [index, entries] of step.pages.entries()) {
    await putPage(ports.staging, current, current.pages + index, { before: pagesDigest, entries });
    pagesDigest = digestAfter(pagesDigest, entries);
    totals = addTotals(totals, totalsOf(entries));
    samples = withSamples(samples, entries);
    callsToApply += callsOfPage(entries.filter(isForApplying), isConditional);
  }
  return {
    ...step.move,
    movedAt: nowIso(ports.clock),
    pages: current.pages + step.pages.length,
    pagesDigest,
    totals,
    samples,
    callsToApply,
    ...(step.isLast && planned(current, pagesDigest, nowIso(ports.clock))),
  };
}

const planned = ({ basis }: Plan, pagesDigest: string, at: string) => ({
  phase: 'planned' as const,
  plannedAt: at,
  hash: hashOf(must(basis, 'a plan knows what it is for'), pagesDigest),
});
