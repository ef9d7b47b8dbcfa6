import { unknown } from './known.ts';
import { type Plan, runSchedule } from './schedule.ts';

/** A schedule as a person reads it: its world, what happened, every turn, and what is wrong. */
export async function explain(plan: Plan): Promise<string> {
  const outcome = await runSchedule(plan, true);
  const known = outcome.violations.length - unknown(outcome.violations, plan).length;
  const { shape, trouble, events, profile, seed } = plan;
  return [
    ...outcome.trace,
    '',
    `seed ${seed}, "${profile}", order of turns: ${outcome.policy}`,
    `world: ${JSON.stringify(shape)}`,
    `trouble: ${JSON.stringify(trouble)}`,
    ...events.map((event) => `  ${JSON.stringify(event)}`),
    `${outcome.steps} turns, hash ${outcome.hash}`,
    ...outcome.violations.map(({ oracle, text }) => `${oracle}: ${text}`),
    outcome.violations.length === 0
      ? 'Nothing is wrong.'
      : `${outcome.violations.length} violations, ${known} of them known.`,
  ].join('\n');
}
