import { bug } from './bug.ts';
import type { PlantedBug } from './bundle.ts';

const ADMIT = 'shared/sync/allowance/admit.ts';

const budgetBug = (name: string, file: string, find: string, replace: string): PlantedBug =>
  bug(name, 'an allowance that others use up', file, find, replace);

/** What others leave of an allowance, and who may use it. */
export const BUDGET_BUGS: readonly PlantedBug[] = [
  budgetBug(
    'a call above the budget',
    ADMIT,
    "if (!isBelow(ceiling)) return 'budget';",
    "if (!isBelow(2 * ceiling)) return 'budget';",
  ),
  budgetBug(
    'schedules call out of the reserve',
    'shared/sync/allowance/work-class.ts',
    'schedules: 0.9,',
    'schedules: 1,',
  ),
  budgetBug(
    'edits call out of the reserve',
    'shared/use-cases/reconciliation/handle-hints.ts',
    "turn.beginWork(one.look.work ?? (isLone(one.look) ? 'lone-hints' : 'hints'));",
    "turn.beginWork('interactive');",
  ),
  budgetBug(
    'a plan counts as no work of its own',
    'shared/use-cases/reconciliation/plan/make-plan.ts',
    '    ports.beginWork?.(workOfPlan(turn.current));',
    "    ports.beginWork?.('full-sweeps');",
  ),
  budgetBug(
    'what waits for the budget waits for ever',
    ADMIT,
    'untilMs: (hourOf(nowMs) + 1) * HOUR_MS,',
    'untilMs: (hourOf(nowMs) + 1_000) * HOUR_MS,',
  ),
  budgetBug(
    'what others use never fades',
    'shared/sync/allowance/usage.ts',
    'others * 2 **',
    'others * 1 **',
  ),
];
