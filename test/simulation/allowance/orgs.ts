import { NO_FIGURES, type OrgFigures, type OrgKind, runOrg } from './org.ts';
import { OTHERS, type OthersKind } from './others.ts';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
const randomOf = (seed: number) => {
  let state = seed >>> 0;
  return (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const pick = <T>(list: readonly T[], random: () => number): T =>
  list[Math.floor(random() * list.length)] as T;

/** Editions as they are sold, from a Developer Edition's 15,000 calls a day on. */
const ALLOWANCES = [15_000, 100_000, 110_000, 150_000, 250_000, 1_000_000, 5_000_000];
const FRESHNESS_MINUTES = [1, 15, 15, 60, 1_440];

const kindOf = (seed: number, random: () => number): OrgKind => {
  const max = pick(ALLOWANCES, random);
  return {
    connectionId: `c${seed}`,
    max,
    others: pick(Object.keys(OTHERS) as OthersKind[], random),
    othersPart: 0.05 + random() * 0.75,
    freshnessMinutes: Array.from({ length: 1 + Math.floor(random() * 12) }, () =>
      pick(FRESHNESS_MINUTES, random),
    ),
    hintsPerDay: Math.floor(random() * 0.04 * Math.min(max, 100_000)),
    findings: random() * 0.3,
    loadCalls: Math.floor(random() * 0.3 * Math.min(max, 100_000)),
  };
};

/** Figures of all orgs together. */
export interface TotalFigures extends OrgFigures {
  /** Calls of loads and full sweeps. */
  loads: number;
  /** Of the org that called most: its calls without those, by what it needed. */
  mostCalls: number;
}

/** @param first - the seed of the first org */
export const runOrgs = (orgs: number, days: number, first = 1): TotalFigures => {
  const total: TotalFigures = { ...NO_FIGURES, loads: 0, mostCalls: 0 };
  for (let seed = first; seed < first + orgs; seed += 1) {
    const random = randomOf(seed);
    const kind = kindOf(seed, random);
    const figures = runOrg(kind, days, random);
    const loads = kind.loadCalls + Math.floor(days / 7) * Math.floor(kind.loadCalls / 2);
    total.loads += loads;
    total.mostCalls = Math.max(total.mostCalls, (figures.calls - loads) / figures.needed);
    for (const name of FIGURES)
      total[name] =
        name === 'longestHintWaitMinutes'
          ? Math.max(total[name], figures[name])
          : total[name] + figures[name];
  }
  return total;
};

const FIGURES = Object.keys(NO_FIGURES) as (keyof OrgFigures)[];
