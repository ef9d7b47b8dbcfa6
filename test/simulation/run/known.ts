import type { Violation } from '../oracles/violation.ts';
import type { Plan } from './schedule.ts';

/** Something that the engine is known to do wrong: named, so that the simulation can go on to what is not known. */
interface Finding {
  readonly name: string;
  readonly isIt: (violation: Violation, plan: Plan) => boolean;
}

const FINDINGS: readonly Finding[] = [
  {
    // Conflicts are recorded before their commit has won, and two within a second stand in one place.
    name: 'phantom conflicts',
    isIt: ({ oracle, text }, { profile }) =>
      (oracle === 'untrue' && text.includes(' was no ')) ||
      ((oracle === 'lost' || oracle === 'by-its-hint') && profile.startsWith('one hot')),
  },
  {
    // The time of a local edit is not known yet, or that of an echo is taken for it.
    name: 'untrue times',
    isIt: ({ oracle, text }) => oracle === 'untrue' && text.includes('says later'),
  },
  {
    // Nothing makes a push due again that was stopped before its job was recorded.
    name: 'a stopped push is not resumed',
    isIt: ({ oracle, text }, { events }) =>
      events.some(({ what }) => what === 'stop-execution') &&
      ((oracle === 'convergence' && text.includes('has no record')) || (oracle === 'lost' && text.includes('of local'))),
  },
];

/** What of a schedule's violations is news. */
export const unknown = (violations: readonly Violation[], plan: Plan): Violation[] =>
  violations.filter((violation) => !FINDINGS.some(({ isIt }) => isIt(violation, plan)));
