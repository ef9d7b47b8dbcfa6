import { type Hint, partsOf } from '../../../shared/contracts/hints.ts';
import { connectionIdOf } from '../../../shared/sync/mapping/resolve.ts';
import type { KnownAllowance, Spent } from '../../../shared/use-cases/ports/org-slots.ts';
import type { World } from '../world/world.ts';

const HOUR_MS = 3_600_000;
/** What the documentation promises, written down once more: `docs/15-allowance.md`. */
const SHARE = 0.5;
const NOBODYS = 0.05;
const HALF_LIFE_MS = 3 * HOUR_MS;
const STOPS_AT = { interactive: 1, hints: 0.95, schedules: 0.9, loads: 0.85, 'full-sweeps': 0.7 } as const;
const OWN: Readonly<Record<string, number>> = { loads: 0.04, 'full-sweeps': 0.01 };

/**
 * Has every turn's calls held against the budget that the turn knew of when it began, and its classes against what was
 * asked for.
 */
export function watchBudget({ slots, clock, offences, queue }: World): void {
  const asked = new Set<string>();
  const swept = new Set<string>();
  const send = queue.send.bind(queue);
  queue.send = (hints) => {
    for (const one of hints.flatMap(partsOf)) {
      const connectionId = connectionIdOf(one.mappingId);
      if (isAskedFor(one)) asked.add(connectionId);
      if (one.kind === 'full-sweep') swept.add(connectionId);
    }
    return send(hints);
  };
  const known = new Map<object, { readonly atMs: number; readonly allowance: KnownAllowance }>();
  const take = slots.take.bind(slots);
  slots.take = async (...asked) => {
    const answer = await take(...asked);
    if (answer.kind === 'taken') known.set(answer.slot, { atMs: clock.nowMs(), allowance: answer.allowance });
    return answer;
  };
  const release = slots.release.bind(slots);
  slots.release = async (slot, spent) => {
    const began = known.get(slot);
    known.delete(slot);
    const text = began && spent && excess(began.allowance, began.atMs, clock.nowMs(), spent);
    if (text !== undefined) offences.push({ oracle: 'budget', text: `${slot.connectionId}: ${text}` });
    for (const [work, wanted] of [
      ['interactive', asked],
      ['full-sweeps', swept],
    ] as const)
      if ((spent?.calls[work] ?? 0) > 0 && !wanted.has(slot.connectionId))
        offences.push({
          oracle: 'budget',
          text: `${slot.connectionId}: calls of ${work}, which nobody asked for`,
        });
    return release(slot, spent);
  };
}

/** What a person asked for, of which some may be small enough that they wait for it. */
const isAskedFor = (hint: Exclude<Hint, { kind: 'sweeps' }>): boolean =>
  hint.kind === 'plan' ||
  (hint.kind === 'sweep' && hint.isAsked === true) ||
  ('cause' in hint && hint.cause?.by === 'operator');

/**
 * A class that had no room for one more call at any moment of the turn called all the same. What others use fades and
 * our own calls grow old, so the turn's end has the most room of what was known at its beginning.
 */
function excess(
  { ledger, usage }: KnownAllowance,
  fromMs: number,
  untilMs: number,
  { calls }: Spent,
): string | undefined {
  if (!usage) return undefined;
  const others = usage.others * 2 ** (-(untilMs - usage.atMs) / HALF_LIFE_MS);
  const budget = SHARE * Math.max(0, usage.max * (1 - NOBODYS) - others);
  const oldest = Math.floor(untilMs / HOUR_MS) - 24;
  const newest = Math.floor(fromMs / HOUR_MS);
  const hours = Object.entries(ledger.hours).flatMap(([hour, used]) =>
    Number(hour) >= oldest && Number(hour) <= newest ? [used] : [],
  );
  const usedOf = (work: keyof (typeof hours)[number]) =>
    hours.reduce((sum, used) => sum + (used[work] ?? 0), 0);
  const ours = usedOf('all');
  for (const work of Object.keys(STOPS_AT) as (keyof typeof STOPS_AT)[]) {
    const part = STOPS_AT[work];
    const made = calls[work] ?? 0;
    const isOwn = ours + 1 <= STOPS_AT.schedules * budget && usedOf(work) + 1 <= (OWN[work] ?? 0) * budget;
    if (made > 0 && !isOwn && ours + 1 > part * budget + 1e-6)
      return `${made} calls of ${work}, where ${ours} of ${budget.toFixed(1)} were used`;
  }
  return undefined;
}
