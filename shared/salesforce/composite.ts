import * as z from 'zod/mini';
import type { Next, SyncError } from '../contracts/next.ts';
import { callJson, type OrgCalls, writing } from './calls.ts';
import { outcomeUnknown, SalesforceAuthError, unexpectedResponse } from './errors.ts';
import { responseToError } from './refusals.ts';
import type { SalesforceResponse } from './transport.ts';

/**
 * The longest address that travels in a request line. The platform takes 16,384 bytes of address and headers
 * together, and a token can be thousands of bytes long.
 */
export const MAX_QUERY_URL_BYTES = 12_000;

/** One step of a composite call. */
export interface Subrequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** The full path, version included, as if it were sent alone. */
  readonly url: string;
  /** Letters, digits and underscores. */
  readonly referenceId: string;
  readonly body?: unknown;
  readonly httpHeaders?: Readonly<Record<string, string>>;
}

const subresponse = z.object({
  body: z.unknown(),
  httpHeaders: z.nullish(z.record(z.string(), z.string())),
  httpStatusCode: z.number(),
  referenceId: z.string(),
});
const compositeBody = z.object({ compositeResponse: z.array(subresponse) });
type Subresponse = z.infer<typeof subresponse>;

export interface CompositeAnswer {
  /** The answer to a step; throws the error that its own status means, and for a step without an answer. */
  readonly bodyOf: <S extends z.ZodMiniType>(referenceId: string, schema: S) => z.infer<S>;
  /** The same, or `undefined` where that step failed. */
  readonly bodyIfAny: <S extends z.ZodMiniType>(referenceId: string, schema: S) => z.infer<S> | undefined;
  readonly response: SalesforceResponse;
}

/**
 * Runs steps in their order, each for itself: one that fails stops no other. One call.
 *
 * @param isRepeatable - whether all of it may run twice
 */
export async function composite(
  calls: OrgCalls,
  operation: string,
  steps: readonly Subrequest[],
  isRepeatable: boolean,
): Promise<CompositeAnswer> {
  const request = writing(operation, 'POST', `${calls.basePath}/composite`, {
    allOrNone: false,
    collateSubrequests: false,
    compositeRequest: steps,
  });
  const { data, response } = await callJson(calls, { ...request, isRepeatable }, compositeBody);
  const nowMs = Date.parse(calls.answeredAt(response));
  const misread = isRepeatable ? unexpectedResponse : outcomeUnknown;
  const find = (referenceId: string): Subresponse => {
    const found = data.compositeResponse.find((one) => one.referenceId === referenceId);
    if (found === undefined) throw misread(operation, `there is no answer to its step ${referenceId}`);
    return found;
  };
  const bodyOf: CompositeAnswer['bodyOf'] = (referenceId, schema) => {
    const step = find(referenceId);
    if (step.httpStatusCode < 200 || step.httpStatusCode > 299) {
      throw stepError(step, { operation: `${operation} (${referenceId})`, isRepeatable, nowMs });
    }
    const parsed = schema.safeParse(step.body);
    if (!parsed.success) throw misread(operation, `its step ${referenceId} is not as documented`);
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

/** A GET whose address is too long for a request line. One call. */
export async function compositeRead<S extends z.ZodMiniType>(
  calls: OrgCalls,
  operation: string,
  url: string,
  schema: S,
): Promise<{ readonly data: z.infer<S>; readonly response: SalesforceResponse }> {
  const answer = await composite(calls, operation, [{ method: 'GET', url, referenceId: 'rows' }], true);
  return { data: answer.bodyOf('rows', schema), response: answer.response };
}

function stepError(
  step: Subresponse,
  context: { readonly operation: string; readonly isRepeatable: boolean; readonly nowMs: number },
): SyncError {
  const headers = Object.fromEntries(
    Object.entries(step.httpHeaders ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const error = responseToError(
    { status: step.httpStatusCode, headers, body: JSON.stringify(step.body ?? '') },
    context,
  );
  return error.next.do === 'refresh' ? sessionEndedInside(error, context.isRepeatable) : error;
}

/** The call as a whole was let in, so the session ended between its steps: the next call refreshes by itself. */
function sessionEndedInside(error: SyncError, isRepeatable: boolean): SyncError {
  const next: Next = isRepeatable ? { do: 'retry', afterMs: 0 } : { do: 'reread' };
  return new SalesforceAuthError({ code: error.code, next, message: error.message, cause: error });
}
