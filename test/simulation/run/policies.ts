import type { Random } from '../turns/random.ts';

/** Something that may happen next. */
export interface Option {
  readonly kind: 'turn' | 'worker' | 'stream' | 'notify' | 'step' | 'dispatch' | 'event' | 'time' | 'cleanup';
  /** Whose turn it is. */
  readonly actor?: string;
}

/** Chooses who goes next. */
export type Policy = (options: readonly Option[]) => number;

type Shares = Readonly<Record<Option['kind'], number>>;

const EVEN: Shares = {
  turn: 6,
  worker: 6,
  stream: 4,
  notify: 4,
  step: 5,
  dispatch: 0.3,
  event: 2,
  time: 0.3,
  cleanup: 0.02,
};

/** Everybody has the same chance, whenever. */
const uniform = (random: Random, shares: Shares): Policy => {
  return (options) => {
    const total = options.reduce((sum, { kind }) => sum + shares[kind], 0);
    let left = (random.below(1_000_000) / 1_000_000) * total;
    for (const [index, { kind }] of options.entries()) {
      left -= shares[kind];
      if (left < 0) return index;
    }
    return options.length - 1;
  };
};

/**
 * Whoever has the highest priority goes on alone; a few times in a schedule the one that runs falls behind everybody,
 * and stalls while the rest of the world goes on. Few preemptions find what needs one worker to be very late.
 */
const prioritised = (random: Random, shares: Shares, preemptions: number): Policy => {
  const priorities = new Map<string, number>();
  const even = uniform(random, shares);
  const priorityOf = (actor: string): number => {
    const known = priorities.get(actor) ?? random.below(1000) + 1;
    priorities.set(actor, known);
    return known;
  };
  let last = 0;
  return (options) => {
    const turns = options.flatMap(({ kind, actor }, index) =>
      kind === 'turn' && actor !== undefined ? [{ index, actor }] : [],
    );
    const others = options.filter(({ kind }) => kind !== 'turn');
    const isOutside = turns.length === 0 || (others.length > 0 && random.chance(0.12));
    if (isOutside) {
      const chosen = others[even(others)];
      return chosen ? options.indexOf(chosen) : 0;
    }
    const best = turns.reduce((a, b) => (priorityOf(b.actor) > priorityOf(a.actor) ? b : a));
    if (random.chance(preemptions / 300)) {
      last -= 1;
      priorities.set(best.actor, last);
    }
    return best.index;
  };
};

/** The policy of a schedule: half of them even, half with a few preemptions. */
export const policyOf = (random: Random): { readonly name: string; readonly policy: Policy } => {
  // Some worlds are busy with their messages, in others people are faster than the workers.
  const shares: Shares = { ...EVEN, event: random.pick([0.5, 2, 6]), time: random.pick([0.05, 0.3, 1]) };
  if (random.chance(0.5)) return { name: 'even', policy: uniform(random, shares) };
  const preemptions = random.pick([2, 4, 8]);
  return { name: `priorities, ${preemptions}`, policy: prioritised(random, shares, preemptions) };
};
