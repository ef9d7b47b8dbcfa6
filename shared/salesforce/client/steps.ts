import type { SyncError } from '../../contracts/next.ts';
import type { OrgCalls } from '../calls.ts';
import { writeHeaders } from '../calls.ts';
import { type Subrequest, type Subresponse, stepError } from '../composite.ts';
import { outcomeUnknown, unexpectedResponse } from '../errors.ts';
import { plainCode } from '../refusals.ts';
import { type WriteOptions, writeOptionHeaders } from './write-options.ts';

/** One step of a composite call or a graph. */
export interface Step {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /**
   * Below the connection's version, such as `/sobjects/Contact`, or whole. Percent-encoded like any address. May hold
   * references to earlier steps.
   */
  readonly path: string;
  /** By which other steps refer to this one: letters, digits and underscores, not an underscore first. */
  readonly referenceId: string;
  /** May hold references. Text from outside with `@{` in it would be read as one: see `reference`. */
  readonly body?: unknown;
  /** How a write is to be treated. */
  readonly options?: Omit<WriteOptions, 'timeoutMs'>;
  /** Further headers of this step alone, such as `If-Modified-Since`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of one step. */
export type StepOutcome =
  | {
      readonly kind: 'done';
      readonly referenceId: string;
      readonly status: number;
      /** As the platform answered it; null where it said nothing. */
      readonly body: unknown;
      readonly location?: string;
    }
  | {
      readonly kind: 'refused';
      readonly referenceId: string;
      readonly status: number;
      readonly error: SyncError;
    }
  /** Undone, or never begun, because another step was refused. */
  | { readonly kind: 'halted'; readonly referenceId: string; readonly status: number };

/** A field of an earlier step's answer, for `path` and `body`: `reference('account', 'id')`. */
export const reference = (referenceId: string, field: string): string => `@{${referenceId}.${field}}`;

/** A step as it travels. */
export function toSubrequest(calls: OrgCalls, step: Step): Subrequest {
  const httpHeaders = {
    ...(step.method === 'GET' ? {} : writeHeaders),
    ...writeOptionHeaders(step.options ?? {}),
    ...step.headers,
  };
  return {
    method: step.method,
    url: toUrl(calls, step.path),
    referenceId: step.referenceId,
    ...(step.body === undefined ? {} : { body: step.body }),
    ...(Object.keys(httpHeaders).length === 0 ? {} : { httpHeaders }),
  };
}

/** A step's whole path. */
export const toUrl = (calls: OrgCalls, path: string): string =>
  path.startsWith('/services/data/') ? path : calls.basePath + path;

/**
 * The outcomes of steps in the order in which they were given, whatever the order of the answers.
 *
 * @throws SalesforceApiError where a step has no answer
 */
export function toOutcomes(
  operation: string,
  steps: readonly { readonly referenceId: string; readonly method: Step['method'] }[],
  subresponses: readonly Subresponse[],
  nowMs: number,
): StepOutcome[] {
  const isRepeatable = steps.every(({ method }) => method === 'GET');
  const byReference = new Map(subresponses.map((one) => [one.referenceId, one]));
  return steps.map(({ referenceId, method }) => {
    const answer = byReference.get(referenceId);
    if (answer === undefined)
      throw (isRepeatable ? unexpectedResponse : outcomeUnknown)(operation, 'a step has no answer');
    const context = { operation: `${operation} (${referenceId})`, isRepeatable: method === 'GET', nowMs };
    return toOutcome(answer, context);
  });
}

function toOutcome(answer: Subresponse, context: Parameters<typeof stepError>[1]): StepOutcome {
  const { referenceId, httpStatusCode: status, body } = answer;
  if (status === 304 || (status >= 200 && status < 300)) {
    const location = answer.httpHeaders?.Location;
    return { kind: 'done', referenceId, status, body: body ?? null, ...(location ? { location } : {}) };
  }
  const error = stepError(answer, context);
  return plainCode(error.code) === 'PROCESSINGHALTED'
    ? { kind: 'halted', referenceId, status }
    : { kind: 'refused', referenceId, status, error };
}
