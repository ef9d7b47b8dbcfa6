import { nowIso } from '../../../contracts/clock.ts';
import type { Code } from '../../../contracts/codes.ts';
import { LINK_LEASE_MS, PAGE_RESERVE_MS } from '../../../contracts/lifetimes.ts';
import { SyncError } from '../../../contracts/next.ts';
import { must } from '../../../sync/assert.ts';
import { configuredMapping } from '../../../sync/mapping/resolve.ts';
import { runningTemplateOf } from '../../../sync/mapping/running-template.ts';
import type { PlanEntry } from '../../../sync/plan/entry.ts';
import { addLeftovers } from '../../../sync/plan/leftovers.ts';
import { addCounts } from '../../ports/counts.ts';
import type { Applying, Plan } from '../../ports/plans.ts';
import { applyPage } from './apply-page.ts';
import { endForeseen } from './foreseen.ts';
import { getPage, putLeftovers } from './pages.ts';
import { digestAfter } from './plan-hash.ts';
import type { PlanTurn, TurnEnd } from './work.ts';

/**
 * Goes on with applying: page by page, from the last to the first, since each page names the digest of those before it:
 * so none is done that is not what the hash stands for. Where it stands is stored after each page; a page that was
 * interrupted is looked at again, and what of it was done is then found settled.
 *
 * @throws what Salesforce or a store threw, and `PlanUnusable` where a page is gone or another; the plan stays where it
 *   came to
 */
export async function applyPlan(turn: PlanTurn): Promise<TurnEnd> {
  const { ports, open } = turn;
  for (;;) {
    const applying = must(turn.current.applying, 'a plan that is applied says how far');
    if (applying.page === 0) return (await end(turn)) ? 'done' : 'taken-over';
    const number = applying.page - 1;
    const { before, entries } = await readPage(turn, applying, number);
    const calls = open.org.usage().calls;
    const { done, left, counts, waitMs } = await applyPage(turn, entries);
    turn.counts = addCounts(turn.counts, counts);
    if (waitMs > 0) return { waitMs };
    if (left.length > 0) await putLeftovers(ports.staging, turn.current, number, left);
    const isOver = ports.remainingMs() < PAGE_RESERVE_MS;
    const moved = await ports.plans.move(turn.current, {
      movedAt: nowIso(ports.clock),
      applying: {
        ...applying,
        page: number,
        digest: before,
        done: applying.done + done,
        leftovers: addLeftovers(
          applying.leftovers,
          left.map(({ reason }) => reason),
        ),
        calls: applying.calls + open.org.usage().calls - calls,
      },
      ...(!(isOver && number > 0) && { takenUntil: ports.clock.nowMs() + LINK_LEASE_MS }),
    });
    if (!moved) return 'taken-over';
    turn.current = moved;
    if (isOver && number > 0) return 'continue';
  }
}

/** A page that cannot be read any more, or is not what the plan's hash stands for: nothing of it is done. */
class PlanUnusable extends SyncError {
  constructor(code: Extract<Code, 'PLAN_EXPIRED' | 'PLAN_HASH_WRONG'>) {
    super('PlanUnusable', code, 'A page of the plan is gone, or is another than was planned.', {
      do: 'stop',
    });
  }
}

async function readPage(
  { ports, current }: PlanTurn,
  { digest }: Applying,
  number: number,
): Promise<{ readonly before: string; readonly entries: readonly PlanEntry[] }> {
  const page = await getPage(ports.staging, current, number).catch((error: unknown) => {
    if (error instanceof SyncError && error.code === 'STORE_NOT_FOUND')
      throw new PlanUnusable('PLAN_EXPIRED');
    throw error;
  });
  if (digestAfter(page.before, page.entries) !== digest) throw new PlanUnusable('PLAN_HASH_WRONG');
  return page;
}

/**
 * What was planned is done: from now on the mapping goes by what is deployed, if it waited for that. Not after a plan of
 * other policies than those that are deployed, or of an undo.
 */
async function end({ ports, current }: PlanTurn): Promise<Plan | undefined> {
  const { mappingId, whatIf, undo } = current;
  const at = nowIso(ports.clock);
  const template = configuredMapping(ports.config, mappingId)?.template;
  const isOfDeployed = !undo && Object.keys(whatIf).length === 0;
  await endForeseen(ports, current, isOfDeployed);
  if (template?.requirePlan && isOfDeployed) {
    await ports.mappingStates.setRunning(mappingId, runningTemplateOf(template));
    await ports.mappingStates.restart(mappingId, at);
  }
  return ports.plans.move(current, { movedAt: at, endedAt: at, phase: 'applied' });
}
