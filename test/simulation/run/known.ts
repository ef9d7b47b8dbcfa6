import type { Violation } from '../oracles/violation.ts';
import type { Plan } from './schedule.ts';

/** Something that the engine is known to do wrong: named, so that the simulation can go on to what is not known. */
interface Finding {
  readonly name: string;
  readonly isIt: (violation: Violation, plan: Plan) => boolean;
}

const FINDINGS: readonly Finding[] = [
  {
    // The hint brings the time of an edit, and the item that is read may hold a later one, whose hint is on its way.
    name: 'the time of an edit that the stream has not told',
    isIt: ({ oracle, text }) => oracle === 'untrue' && text.includes('says later'),
  },
  {
    // The stream's function with old code passes over a change that only new code maps, after the new code's own pass.
    name: 'old code at the stream',
    isIt: ({ oracle, text }, { shape }) =>
      oracle === 'convergence' && shape.change !== 'none' && /Title|title|mail/.test(text),
  },
  {
    // An announced write whose item has expired is never settled.
    name: 'an announcement without an item',
    isIt: ({ oracle, text }, { profile }) =>
      oracle === 'at-rest' && profile === 'expiry' && text.endsWith('held'),
  },
  {
    // The push of a pass has the pass's name; one that was aborted is not begun again by the same pass.
    name: 'a push named like one that was aborted',
    isIt: ({ oracle, text }, { shape }) =>
      (oracle === 'convergence' || oracle === 'lost') &&
      shape.change !== 'none' &&
      (text.includes('has no record') || text.includes('of local')),
  },
];

/** What of a schedule's violations is news. */
export const unknown = (violations: readonly Violation[], plan: Plan): Violation[] =>
  violations.filter((violation) => !FINDINGS.some(({ isIt }) => isIt(violation, plan)));

/** Whether the engine is still known to do this wrong. */
export const isKnown = (finding: string): boolean => FINDINGS.some(({ name }) => name === finding);
