import * as z from 'zod/mini';
import type { SyncError } from '../../../contracts/next.ts';
import { plainCode } from '../../errors/error-catalogue.ts';
import { isSalesforceError, outcomeUnknown, unexpectedResponse } from '../../errors/errors.ts';
import { type RefusalContext, responseToError } from '../../errors/refusals.ts';
import { rowResult } from '../../errors/row-results.ts';
import type { OrgCalls } from '../../transport/calls.ts';
import { writeHeaders } from '../../transport/calls.ts';
import type { SalesforceResponse } from '../../transport/transport.ts';
import { writeOptionHeaders } from '../write-options.ts';
import type { Step, StepOutcome } from './step.ts';
import { referencesOf } from './step-checks.ts';
import { contextOf, type Subrequest, type Subresponse, stepError } from './subrequests.ts';

/** A step as it is sent. */
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

/** The whole path of a step. */
export const toUrl = (calls: OrgCalls, path: string): string =>
  path.startsWith('/services/data/') ? path : calls.basePath + path;

/**
 * The outcomes of steps in the order in which they were given, whatever the order of the answers.
 *
 * @param isAllOrNone - whether a record that was refused inside a collection has undone all steps
 * @throws SalesforceApiError where a step has no answer
 */
export function toOutcomes(
  calls: OrgCalls,
  operation: string,
  steps: readonly Step[],
  subresponses: readonly Subresponse[],
  response: SalesforceResponse,
  isAllOrNone: boolean,
): StepOutcome[] {
  const isRepeatable = steps.every(({ method }) => method === 'GET');
  const byReference = new Map(subresponses.map((one) => [one.referenceId, one]));
  const context = contextOf(calls, response);
  const failed = new Set<string>();
  const outcomes = new Map<Step, StepOutcome>();
  for (const step of referredFirst(steps)) {
    const answer = byReference.get(step.referenceId);
    if (answer === undefined)
      throw (isRepeatable ? unexpectedResponse : outcomeUnknown)(operation, 'a step has no answer', response);
    const error = errorOf(answer, isAllOrNone, {
      ...context,
      operation: `${operation} (${step.referenceId})`,
      isRepeatable: step.method === 'GET',
    });
    outcomes.set(step, error === undefined ? toDone(answer) : toFailed(step, answer, error, failed));
  }
  return steps.map((step) => {
    const outcome = outcomes.get(step);
    if (outcome === undefined) throw new Error('Every step has an outcome');
    return outcome;
  });
}

/** The error of a step; if the call is all or none, also the error of a collection's record that undid the step. */
function errorOf(answer: Subresponse, isAllOrNone: boolean, context: RefusalContext): SyncError | undefined {
  const { httpStatusCode: status, body } = answer;
  if (status !== 304 && (status < 200 || status >= 300)) return stepError(answer, context);
  const rows = isAllOrNone ? collectionResults.safeParse(body).data : undefined;
  const [culprit] = (rows ?? []).flatMap(({ errors }) =>
    (errors ?? []).filter(({ statusCode }) => plainCode(statusCode) !== ROLLED_BACK),
  );
  if (culprit === undefined) return undefined;
  const { statusCode: errorCode, ...rest } = culprit;
  return responseToError({ status, headers: {}, body: JSON.stringify([{ errorCode, ...rest }]) }, context);
}

const collectionResults = z.array(rowResult);
/** The code of a record that was undone with another one. */
const ROLLED_BACK = plainCode('ALL_OR_NONE_OPERATION_ROLLED_BACK');

/** The platform's text for a reference that cannot be resolved, whether the step failed or the name is wrong. */
const LOST_REFERENCE = /^Invalid reference/i;

/** Distinguishes the steps at fault from their victims. `failed` collects the names of steps that were not carried out. */
function toFailed(
  step: Step,
  { httpStatusCode: status }: Subresponse,
  error: SyncError,
  failed: Set<string>,
): StepOutcome {
  const { referenceId } = step;
  const isHalted = plainCode(error.code) === 'PROCESSINGHALTED';
  const isLost = isHalted && isSalesforceError(error) && LOST_REFERENCE.test(error.detail);
  const isVictim = isHalted && !(isLost && referencesOf(step).every((name) => !failed.has(name)));
  if (isLost || !isVictim) failed.add(referenceId);
  return isVictim ? { kind: 'halted', referenceId, status } : { kind: 'refused', referenceId, status, error };
}

function toDone({ referenceId, httpStatusCode: status, body, httpHeaders }: Subresponse): StepOutcome {
  const location = httpHeaders?.Location;
  const where = typeof location === 'string' ? { location } : {};
  return { kind: 'done', referenceId, status, body: body ?? null, ...where };
}

/**
 * Sorts steps so that each one follows the steps that it refers to; otherwise their order stays. The guide does not say
 * that the platform sorts them. The steps were checked for circles before.
 */
export function referredFirst(steps: readonly Step[]): readonly Step[] {
  const byReference = new Map(steps.map((step) => [step.referenceId, step]));
  const sorted = new Set<Step>();
  const add = (step: Step): void => {
    if (sorted.has(step)) return;
    for (const name of referencesOf(step)) {
      const referred = byReference.get(name);
      if (referred !== undefined) add(referred);
    }
    sorted.add(step);
  };
  steps.forEach(add);
  return [...sorted];
}
