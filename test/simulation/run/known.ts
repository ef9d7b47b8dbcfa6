import type { Violation } from '../oracles/violation.ts';
import type { Plan } from './schedule.ts';

/** Something that the engine is known to do wrong: named, so that the simulation can go on to what is not known. */
interface Finding {
  readonly name: string;
  readonly isIt: (violation: Violation, plan: Plan) => boolean;
}

const FINDINGS: readonly Finding[] = [];

/** What of a schedule's violations is news. */
export const unknown = (violations: readonly Violation[], plan: Plan): Violation[] =>
  violations.filter((violation) => !FINDINGS.some(({ isIt }) => isIt(violation, plan)));

/** Whether the engine is still known to do this wrong. */
export const isKnown = (finding: string): boolean => FINDINGS.some(({ name }) => name === finding);
