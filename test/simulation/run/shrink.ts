import { unknown } from './known.ts';
import { type Outcome, type Plan, runSchedule } from './schedule.ts';

/** Runs that a schedule is worth: a minute at most. */
const MAX_RUNS = 1_500;

/**
 * The smallest schedule found that fails by the same oracle: first without the happenings that it does not need, then
 * with as many choices as can be the simplest one. Returns the plan itself where nothing fails.
 */
export async function shrink(plan: Plan): Promise<Plan> {
  let runs = 0;
  const oracleOf = ({ violations }: Outcome, of: Plan): string | undefined =>
    unknown(violations, of)[0]?.oracle;
  const first = await runSchedule(plan);
  const wanted = oracleOf(first, plan);
  if (wanted === undefined) return plan;
  const fails = async (candidate: Plan): Promise<boolean> => {
    runs += 1;
    return runs <= MAX_RUNS && oracleOf(await runSchedule(candidate), candidate) === wanted;
  };

  // While the seed chooses, a schedule with fewer happenings is another one, and often fails all the same.
  let smallest = plan;
  const events = await fewest(plan.events, (some) => fails({ ...plan, events: some }));
  smallest = { ...plan, events };
  const calm = { ...smallest, trouble: { death: 0, store: 0, org: 0, slow: 0 } };
  if (await fails(calm)) smallest = calm;
  const { choices } = await runSchedule(smallest);
  const kept = await fewest(
    choices.flatMap((choice, index) => (choice === 0 ? [] : [index])),
    (some) => fails({ ...smallest, choices: only(choices, some) }),
  );
  const simple = { ...smallest, choices: only(choices, kept) };
  if (!(await fails(simple))) return smallest;
  return { ...simple, events: await fewest(simple.events, (some) => fails({ ...simple, events: some })) };
}

const only = (choices: readonly number[], kept: readonly number[]): number[] => {
  const indices = new Set(kept);
  return choices.map((choice, index) => (indices.has(index) ? choice : 0));
};

/** Delta debugging: takes ever smaller parts out of a list as long as what is left still fails. */
export async function fewest<T>(
  list: readonly T[],
  fails: (some: readonly T[]) => Promise<boolean>,
): Promise<T[]> {
  let left = [...list];
  let size = Math.ceil(left.length / 2);
  while (size >= 1 && left.length > 0) {
    let isSmaller = false;
    for (let from = 0; from < left.length; ) {
      const some = [...left.slice(0, from), ...left.slice(from + size)];
      if (await fails(some)) {
        left = some;
        isSmaller = true;
      } else from += size;
    }
    if (size === 1 && !isSmaller) break;
    if (!isSmaller || size > 1) size = Math.max(1, Math.floor(size / 2));
  }
  return left;
}
