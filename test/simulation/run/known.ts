import { UNPARKED } from '../oracles/operators.ts';
import type { Violation } from '../oracles/violation.ts';
import type { Plan } from './schedule.ts';

/** Something that the engine is known to do wrong: named, so that the simulation can go on to what is not known. */
interface Finding {
  readonly name: string;
  readonly isIt: (violation: Violation, plan: Plan) => boolean;
}

const FINDINGS: readonly Finding[] = [
  {
    // An announced write whose item has expired is never settled.
    name: 'an announcement without an item',
    isIt: ({ oracle, text }, { profile }) =>
      oracle === 'at-rest' && ['expiry', 'deletions carried over'].includes(profile) && text.endsWith('held'),
  },
  {
    // Whoever rejects a key tells a person first and parks it then: one that dies between the two leaves a rejection that
    // no look takes back.
    name: 'a rejection of what was never parked',
    isIt: ({ oracle, text }, { trouble }) =>
      oracle === 'untrue' && text.endsWith(UNPARKED) && trouble.death + trouble.store > 0,
  },
  {
    // A pass over pairs that exist already, which several matches keep waiting, goes on by so little each hour that it is
    // not done when the schedule ends.
    name: 'a pass that goes on hour by hour',
    isIt: ({ oracle }, { profile }) => oracle === 'stuck' && profile === 'pairs that exist already',
  },
  {
    // Not the engine's: the executions here repeat a clean-up without a pause while its org is away.
    name: 'a clean-up that is repeated at once',
    isIt: ({ oracle }, { profile }) =>
      oracle === 'never-ends' && profile === 'a push and an allowance that is used up',
  },
];

/** What of a schedule's violations is news. */
export const unknown = (violations: readonly Violation[], plan: Plan): Violation[] =>
  violations.filter((violation) => !FINDINGS.some(({ isIt }) => isIt(violation, plan)));

/** Whether the engine is still known to do this wrong. */
export const isKnown = (finding: string): boolean => FINDINGS.some(({ name }) => name === finding);
