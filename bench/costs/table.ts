import type { PathCost } from './paths.ts';
import type { Cost } from './requests.ts';

/** The paths as the table of `docs/costs.md`. */
export const costsTable = (costs: readonly PathCost[]): readonly string[] => [
  '| path | reads | writes | Salesforce calls |',
  '| --- | --: | --: | --: |',
  ...costs.map(({ path, reads, writes, calls }) => `| ${path} | ${reads} | ${writes} | ${calls} |`),
];

/** Each goal, and whether it is met. */
export const costsGoals = (costs: readonly PathCost[]): readonly string[] =>
  costs.flatMap((cost) =>
    Object.entries(cost.goal ?? {}).map(([name, most]) => {
      const is = cost[name as keyof Cost];
      return `${cost.path}: ${name} ${is}, goal at most ${most}: ${is <= most ? 'met' : 'missed'}`;
    }),
  );
