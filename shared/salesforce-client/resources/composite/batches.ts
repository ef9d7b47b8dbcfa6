import * as z from 'zod/mini';
import { plainCode } from '../../errors/error-catalogue.ts';
import { outcomeUnknown, unexpectedResponse } from '../../errors/errors.ts';
import { callJson, type OrgCalls, writing } from '../../transport/calls.ts';
import type { Step, StepOutcome } from './step.ts';
import { bodyProblems, pathProblems, refuseAll } from './step-checks.ts';
import { toUrl } from './steps.ts';
import { contextOf, stepError } from './subrequests.ts';

/** REST API guide, "Composite Batch". */
const MAX_REQUESTS = 25;

/** One request of a batch. It cannot have headers, and no other request can refer to it. */
export type BatchRequest = Pick<Step, 'method' | 'path' | 'body'>;

export interface BatchOptions {
  /** Stop at the first refused request. @default each request is independent */
  readonly haltOnError?: boolean;
  /** @default the transport's */
  readonly timeoutMs?: number;
}

/** What became of one request of a batch. */
export type BatchOutcome = StepOutcome extends infer O
  ? O extends StepOutcome
    ? Omit<O, 'referenceId' | 'location'>
    : never
  : never;

const batchBody = z.object({
  hasErrors: z.boolean(),
  results: z.array(z.object({ statusCode: z.number(), result: z.unknown() })),
});

/**
 * Sends up to 25 independent requests at once. Saves round trips, but each request counts as a call.
 *
 * @returns one outcome for each request, in the order of the input
 * @throws SalesforceApiError `INVALID_BATCH`, before anything is sent
 */
export async function runBatch(
  calls: OrgCalls,
  requests: readonly BatchRequest[],
  options: BatchOptions,
): Promise<BatchOutcome[]> {
  const operation = 'composite batch';
  refuseAll('INVALID_BATCH', batchProblems(requests));
  const isRepeatable = requests.every(({ method }) => method === 'GET');
  const request = writing(operation, 'POST', `${calls.basePath}/composite/batch`, {
    haltOnError: options.haltOnError === true,
    batchRequests: requests.map(({ method, path, body }) => ({
      method,
      url: toUrl(calls, path).replace('/services/data/', ''),
      ...(body === undefined ? {} : { richInput: body }),
    })),
  });
  const { timeoutMs } = options;
  const timed = timeoutMs === undefined ? request : { ...request, timeoutMs };
  const { data, response } = await callJson(calls, { ...timed, isRepeatable }, batchBody);
  if (data.results.length !== requests.length)
    throw (isRepeatable ? unexpectedResponse : outcomeUnknown)(
      operation,
      'a request has no answer',
      response,
    );
  return data.results.map(({ statusCode: status, result }, index): BatchOutcome => {
    if (status >= 200 && status < 300) return { kind: 'done', status, body: result ?? null };
    const error = stepError(
      { body: result, httpStatusCode: status },
      { ...contextOf(calls, response), operation, isRepeatable: requests[index]?.method === 'GET' },
    );
    const isHalted = options.haltOnError === true && status === 412 && isHaltCode(error.code);
    return isHalted ? { kind: 'halted', status } : { kind: 'refused', status, error };
  });
}

const isHaltCode = (code: string): boolean => /PROCESSINGHALTED|UNEXPECTEDRESPONSE/.test(plainCode(code));

function batchProblems(requests: readonly BatchRequest[]): string[] {
  const { length } = requests;
  return [
    ...(length === 0 ? ['there is no request'] : []),
    ...(length > MAX_REQUESTS ? [`there are ${length} requests, and ${MAX_REQUESTS} are allowed`] : []),
    ...pathProblems(requests, 'request'),
    ...bodyProblems(requests, 'request'),
  ];
}
