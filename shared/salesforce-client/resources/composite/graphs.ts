import * as z from 'zod/mini';
import { outcomeUnknown } from '../../errors/errors.ts';
import { callJson, type OrgCalls, writing } from '../../transport/calls.ts';
import type { Graph } from './graph.ts';
import { graphProblems } from './graph-checks.ts';
import type { Step, StepOutcome } from './step.ts';
import { refuseAll } from './step-checks.ts';
import { referredFirst, toOutcomes, toSubrequest } from './steps.ts';
import { subresponse } from './subrequests.ts';

/** What became of one graph. */
export interface GraphOutcome {
  readonly graphId: string;
  /** Whether the whole graph was carried out; otherwise nothing of it was. */
  readonly isSuccessful: boolean;
  /** In the order of the graph's steps. */
  readonly outcomes: readonly StepOutcome[];
}

export interface GraphOptions {
  /** @default the transport's */
  readonly timeoutMs?: number;
}

const graphsBody = z.object({
  graphs: z.array(
    z.object({
      graphId: z.string(),
      isSuccessful: z.boolean(),
      graphResponse: z.object({ compositeResponse: z.array(subresponse) }),
    }),
  ),
});

/**
 * Runs up to 75 graphs with up to 500 rows in all as one API call. Each graph is one transaction, and a failed one
 * does not undo the others; after 14 failed ones the platform halts the rest. API version 50.0 or later.
 *
 * @param graphs - steps in any order: a step is sent before those that refer to it
 * @returns one outcome for each graph, in the order of the input
 * @throws SalesforceApiError `INVALID_GRAPH`, naming all that is wrong, before anything is sent
 */
export async function runGraphs(
  calls: OrgCalls,
  graphs: readonly Graph[],
  options: GraphOptions,
): Promise<GraphOutcome[]> {
  const operation = 'composite graph';
  refuseAll('INVALID_GRAPH', graphProblems(calls, graphs));
  const request = writing(operation, 'POST', `${calls.basePath}/composite/graph`, {
    graphs: graphs.map(({ graphId, steps }) => ({
      graphId,
      compositeRequest: referredFirst(steps).map((step) => toSubrequest(calls, step)),
    })),
  });
  const { timeoutMs } = options;
  const timed = timeoutMs === undefined ? request : { ...request, timeoutMs };
  const { data, response } = await callJson(calls, timed, graphsBody);
  const byId = new Map(data.graphs.map((graph) => [graph.graphId, graph]));
  return graphs.map(({ graphId, steps }) => {
    const answer = byId.get(graphId);
    if (answer === undefined) throw outcomeUnknown(operation, 'a graph has no answer', response);
    const { isSuccessful, graphResponse } = answer;
    const { compositeResponse } = graphResponse;
    // A graph that was never started may come back without steps.
    if (compositeResponse.length === 0 && !isSuccessful)
      return { graphId, isSuccessful, outcomes: steps.map(neverBegun) };
    const what = `${operation} ${graphId}`;
    return {
      graphId,
      isSuccessful,
      outcomes: toOutcomes(calls, what, steps, compositeResponse, response, true),
    };
  });
}

const neverBegun = ({ referenceId }: Step): StepOutcome => ({ kind: 'halted', referenceId, status: 400 });
