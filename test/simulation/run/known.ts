import type { Violation } from '../oracles/violation.ts';
import type { Plan } from './schedule.ts';

/** Something that the engine is known to do wrong: named, so that the simulation can go on to what is not known. */
interface Finding {
  readonly name: string;
  readonly isIt: (violation: Violation, plan: Plan) => boolean;
}

export const REMOTE_PARKED_AS_LOCAL = 'a remote hint parked as a local one';

const FINDINGS: readonly Finding[] = [
  {
    // Conflicts are recorded before their commit has won, and two within a second stand in one place.
    name: 'phantom conflicts',
    isIt: ({ oracle, text }) =>
      (oracle === 'untrue' && text.includes(' was no ')) ||
      text.includes('its entry in the journal was replaced'),
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
      ((oracle === 'convergence' && text.includes('has no record')) ||
        (oracle === 'lost' && text.includes('of local'))),
  },
  {
    // A sweep reads only what is inside the filter, so what was linked by hand or by a push is never swept.
    name: 'unswept outside of the filter',
    isIt: ({ oracle }, { shape, events }) =>
      shape.isFiltered &&
      (oracle === 'convergence' || oracle === 'lost') &&
      events.some(({ what }) => what === 'lose-notification'),
  },
  {
    // A hint of Salesforce's that meets a record which a job holds is parked as a local one, and ends as an echo.
    name: REMOTE_PARKED_AS_LOCAL,
    isIt: ({ oracle }, { events }) =>
      ['by-its-hint', 'lost', 'convergence'].includes(oracle) && events.some(({ what }) => what === 'push'),
  },
  {
    // Old code stores a base without the field that only new code maps.
    name: 'the old version forgets a base',
    isIt: ({ oracle }, { profile }) =>
      profile === 'two versions' && ['regress', 'untrue', 'lost', 'by-its-hint'].includes(oracle),
  },
  {
    // Whoever commits what it saw before clears what another look has recorded since.
    name: 'a rejection cleared by an older look',
    isIt: ({ oracle }, { events }) =>
      ['convergence', 'lost', 'by-its-hint'].includes(oracle) &&
      events.some(({ what }) => what === 'local-bad-type'),
  },
];

/** What of a schedule's violations is news. */
export const unknown = (violations: readonly Violation[], plan: Plan): Violation[] =>
  violations.filter((violation) => !FINDINGS.some(({ isIt }) => isIt(violation, plan)));

/** Whether the engine is still known to do this wrong. */
export const isKnown = (finding: string): boolean => FINDINGS.some(({ name }) => name === finding);
