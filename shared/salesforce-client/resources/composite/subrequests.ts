import * as z from 'zod/mini';
import type { Next, SyncError } from '../../../contracts/next.ts';
import { outcomeUnknown, SalesforceAuthError, unexpectedResponse } from '../../errors/errors.ts';
import { MultipleChoicesError, readChoices } from '../../errors/multiple-choices.ts';
import { type RefusalContext, type RefusalError, responseToError } from '../../errors/refusals.ts';
import { MAX_QUERY_BYTES } from '../../soql/chunks.ts';
import { readText } from '../../transport/bodies.ts';
import { callJson, type Headers, type OrgCalls, writing } from '../../transport/calls.ts';
import { requestIdOf } from '../../transport/request-id.ts';
import type { SalesforceRequest, SalesforceResponse } from '../../transport/transport.ts';

/** The longest address that goes into a request line: the longest query and the path before it. */
export const MAX_QUERY_URL_BYTES = MAX_QUERY_BYTES + 100;

/** One step of a composite call. */
export interface Subrequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** The full path with the version. */
  readonly url: string;
  /** Letters, digits and underscores. */
  readonly referenceId: string;
  readonly body?: unknown;
  readonly httpHeaders?: Readonly<Record<string, string>>;
}

export const subresponse = z.object({
  body: z.unknown(),
  httpHeaders: z.nullish(z.record(z.string(), z.unknown())),
  httpStatusCode: z.number(),
  referenceId: z.string(),
});
const compositeBody = z.object({ compositeResponse: z.array(subresponse) });
export type Subresponse = z.infer<typeof subresponse>;

/** How a composite call is to be treated. */
export interface CompositeOptions {
  /** One step that fails undoes all of them. @default false, each step is independent */
  readonly allOrNone?: boolean;
  /** @default the transport's */
  readonly timeoutMs?: number;
  /** As in a request. @default refusals of steps are left to the caller */
  readonly refusalIn?: SalesforceRequest['refusalIn'];
}

/** The subresponses of one call, in the order in which they came. */
export interface SentComposite {
  readonly subresponses: readonly Subresponse[];
  readonly response: SalesforceResponse;
}

export interface CompositeAnswer {
  /** The answer to a step; throws the error of the step's own status, or if there is no answer to it. */
  readonly bodyOf: <S extends z.ZodMiniType>(referenceId: string, schema: S) => z.infer<S>;
  /** The same, or `undefined` where that step failed. */
  readonly bodyIfAny: <S extends z.ZodMiniType>(referenceId: string, schema: S) => z.infer<S> | undefined;
  readonly response: SalesforceResponse;
}

/** Sends steps as one call, without judging their answers. */
export async function sendComposite(
  calls: OrgCalls,
  operation: string,
  steps: readonly Subrequest[],
  isRepeatable: boolean,
  options: CompositeOptions = {},
): Promise<SentComposite> {
  const { allOrNone = false, timeoutMs, refusalIn } = options;
  const request = writing(operation, 'POST', `${calls.basePath}/composite`, {
    allOrNone,
    collateSubrequests: false,
    compositeRequest: steps,
  });
  const whole = {
    ...request,
    isRepeatable,
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(refusalIn === undefined ? {} : { refusalIn }),
  };
  const { data, response } = await callJson(calls, whole, compositeBody);
  return { subresponses: data.compositeResponse, response };
}

/**
 * Runs steps in their order; one that fails does not stop the others. One call.
 *
 * @param isRepeatable - whether all steps may run twice
 */
export async function composite(
  calls: OrgCalls,
  operation: string,
  steps: readonly Subrequest[],
  isRepeatable: boolean,
  options: CompositeOptions = {},
): Promise<CompositeAnswer> {
  const { subresponses, response } = await sendComposite(calls, operation, steps, isRepeatable, options);
  const misread = isRepeatable ? unexpectedResponse : outcomeUnknown;
  const find = (referenceId: string): Subresponse => {
    const found = subresponses.find((one) => one.referenceId === referenceId);
    if (found !== undefined) return found;
    throw misread(operation, `there is no answer to its step ${referenceId}`, response);
  };
  const bodyOf: CompositeAnswer['bodyOf'] = (referenceId, schema) => {
    const step = find(referenceId);
    if (step.httpStatusCode < 200 || step.httpStatusCode > 299) {
      const context = contextOf(calls, response);
      throw stepError(step, { ...context, operation: `${operation} (${referenceId})`, isRepeatable });
    }
    const parsed = schema.safeParse(step.body);
    if (!parsed.success) throw misread(operation, `its step ${referenceId} is not as documented`, response);
    return parsed.data;
  };
  return {
    bodyOf,
    bodyIfAny: (referenceId, schema) => {
      try {
        return bodyOf(referenceId, schema);
      } catch {
        return undefined;
      }
    },
    response,
  };
}

/** A GET whose address is too long for a request line. One call, repeated like any GET. */
export async function compositeRead<S extends z.ZodMiniType>(
  calls: OrgCalls,
  operation: string,
  url: string,
  schema: S,
  httpHeaders?: Headers,
): Promise<{ readonly data: z.infer<S>; readonly response: SalesforceResponse }> {
  const step: Subrequest = { method: 'GET', url, referenceId: 'rows' };
  const steps = [httpHeaders === undefined ? step : { ...step, httpHeaders }];
  const answer = await composite(calls, operation, steps, true, {
    refusalIn: async (response) => {
      const body = compositeBody.safeParse(await jsonOf(response)).data;
      const refused = body?.compositeResponse.find(({ httpStatusCode }) => httpStatusCode >= 300);
      return refused && refusalOf(refused, { ...contextOf(calls, response), operation, isRepeatable: true });
    },
  });
  return { data: answer.bodyOf('rows', schema), response: answer.response };
}

/** A refusal is short. A longer answer is a page of records, which is not worth parsing twice. */
const MAX_REFUSED_READ_BYTES = 16 * 1024;

/** A short answer's JSON; `undefined` otherwise, since the caller reads the whole answer and reports what is wrong. */
async function jsonOf({ body }: SalesforceResponse): Promise<unknown> {
  try {
    return JSON.parse(await readText(body, MAX_REFUSED_READ_BYTES));
  } catch {
    return undefined;
  }
}

/** What the errors of all steps of one call have in common. */
type StepContext = Pick<RefusalContext, 'nowMs' | 'requestId' | 'clean'>;

/** What the errors of steps take from the answer to the call: steps have no request id of their own. */
export const contextOf = (calls: OrgCalls, response: SalesforceResponse): StepContext => ({
  nowMs: Date.parse(calls.answeredAt(response)),
  requestId: requestIdOf(response),
  clean: response.clean,
});

type Refused = Pick<Subresponse, 'body' | 'httpHeaders' | 'httpStatusCode'>;

/** The error of a step's own status, as if the step had been sent alone. */
function refusalOf(step: Refused, context: RefusalContext): RefusalError | MultipleChoicesError {
  if (step.httpStatusCode === 300)
    return new MultipleChoicesError(
      context.operation,
      readChoices(step.body, context.clean),
      context.requestId,
    );
  const headers = Object.fromEntries(
    Object.entries(step.httpHeaders ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  return responseToError(
    { status: step.httpStatusCode, headers, body: JSON.stringify(step.body ?? '') },
    context,
  );
}

/** The same for a step of a call with other steps. */
export function stepError(step: Refused, context: RefusalContext): SyncError {
  const error = refusalOf(step, context);
  if (error.next.do !== 'refresh') return error;
  // The call was let in, so the session ended between its steps: the next call refreshes the token.
  const next: Next = context.isRepeatable ? { do: 'retry', afterMs: 0 } : { do: 'reread' };
  const { code, message, status, requestId } = error;
  return new SalesforceAuthError({ code, next, message, status, requestId, cause: error });
}
