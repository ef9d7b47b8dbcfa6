import type { OrgCalls } from '../../transport/calls.ts';
import type { Step, StepOutcome } from './step.ts';
import {
  bodyProblems,
  headerProblems,
  namingProblems,
  orderProblems,
  pathProblems,
  refuseAll,
} from './step-checks.ts';
import { toOutcomes, toSubrequest } from './steps.ts';
import { type CompositeOptions, sendComposite } from './subrequests.ts';

/** REST API guide, "Composite": steps of one call, and how many of them may be queries or collections. */
const MAX_STEPS = 25;
const MAX_HEAVY_STEPS = 5;
const HEAVY = /^(?:\/services\/data\/v[\d.]+)?\/(?:query|queryAll|composite\/sobjects)(?:[/?]|$)/;

/**
 * Runs up to 25 steps in their order as one API call; a step may use what earlier ones answered.
 *
 * @returns one outcome for each step, in the order of the input
 * @throws SalesforceApiError `INVALID_COMPOSITE`, naming all that is wrong, before anything is sent
 */
export async function runComposite(
  calls: OrgCalls,
  steps: readonly Step[],
  options: CompositeOptions,
): Promise<StepOutcome[]> {
  refuseAll('INVALID_COMPOSITE', compositeProblems(steps));
  const isRepeatable = steps.every(({ method }) => method === 'GET');
  const subrequests = steps.map((step) => toSubrequest(calls, step));
  const sent = await sendComposite(calls, 'composite', subrequests, isRepeatable, options);
  const { subresponses, response } = sent;
  return toOutcomes(calls, 'composite', steps, subresponses, response, options.allOrNone === true);
}

/** What is wrong with the steps, so that the platform would refuse them. */
function compositeProblems(steps: readonly Step[]): string[] {
  const heavy = steps.filter(({ path }) => HEAVY.test(path)).length;
  return [
    ...(steps.length === 0 ? ['there is no step'] : []),
    ...(steps.length > MAX_STEPS ? [`there are ${steps.length} steps, and ${MAX_STEPS} are allowed`] : []),
    ...(heavy > MAX_HEAVY_STEPS
      ? [`${heavy} steps are queries or collections, and ${MAX_HEAVY_STEPS} are allowed`]
      : []),
    ...namingProblems(
      'referenceId',
      steps.map(({ referenceId }) => referenceId),
    ),
    ...pathProblems(steps),
    ...bodyProblems(steps),
    ...headerProblems(steps),
    ...orderProblems(steps),
  ];
}
