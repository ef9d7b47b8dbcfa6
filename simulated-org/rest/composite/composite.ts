import { ApiError } from '../../errors/api-error.ts';
import type { Call } from '../../http/call.ts';
import { readJsonObject } from '../../http/json-body.ts';
import type { Answer } from '../../http/messages.ts';
import {
  halted,
  hasFailedRow,
  type InnerDispatch,
  isFailure,
  readSubrequests,
  runSubrequest,
  type Subrequest,
  toEntry,
} from './subrequests.ts';

const MAX_SUBREQUESTS = 25;
/** Of these only so many may be queries or collections. */
const MAX_HEAVY_SUBREQUESTS = 5;
const HEAVY = /^\/services\/data\/v[\d.]+\/(?:query|queryAll|composite\/sobjects)\b/;

/** `POST /composite`: up to 25 requests, one after the other, as one API call. */
export function composite(call: Call, dispatch: InnerDispatch): Answer {
  const body = readJsonObject(call.request);
  const subrequests = readSubrequests(body.compositeRequest);
  checkLimits(subrequests);
  const answers =
    body.allOrNone === true
      ? runAllOrNone(call, subrequests, dispatch)
      : runEach(call, subrequests, dispatch);
  return {
    status: 200,
    json: { compositeResponse: subrequests.map((item, at) => toEntry(item, answers[at])) },
  };
}

/** Runs requests as one transaction: when one of them, or a row in one, fails, all others answer that they were undone. */
export function runAllOrNone(
  call: Call,
  subrequests: readonly Subrequest[],
  dispatch: InnerDispatch,
): Answer[] {
  const dispatchAsPart: InnerDispatch = (request, userId) =>
    dispatch({ ...request, isAllOrNone: true }, userId);
  const undoes = (answer: Answer): boolean => isFailure(answer) || hasFailedRow(answer);
  let answers: Answer[] = [];
  const isKept = call.org.store.allOrNone(() => {
    answers = runEach(call, subrequests, dispatchAsPart, undoes);
    return !answers.some(undoes);
  });
  if (isKept) return answers;
  // The last one that ran is the one that failed.
  const culprit = answers.length - 1;
  return subrequests.map((_, index) => (index === culprit && answers[index]) || halted());
}

function runEach(
  call: Call,
  subrequests: readonly Subrequest[],
  dispatch: InnerDispatch,
  isLast: (answer: Answer) => boolean = () => false,
): Answer[] {
  const answers: Answer[] = [];
  for (const subrequest of subrequests) {
    const answer = runSubrequest(call, subrequest, subrequests, answers, dispatch);
    answers.push(answer);
    if (isLast(answer)) break;
  }
  return answers;
}

function checkLimits(subrequests: readonly Subrequest[]): void {
  if (subrequests.length > MAX_SUBREQUESTS) {
    const message = `Limit of ${MAX_SUBREQUESTS} reached for composite subrequests`;
    throw new ApiError(400, 'LIMIT_EXCEEDED', message);
  }
  if (subrequests.filter(({ url }) => HEAVY.test(url)).length > MAX_HEAVY_SUBREQUESTS) {
    const message = `Limit of ${MAX_HEAVY_SUBREQUESTS} reached for Query and sObject Collections subrequests`;
    throw new ApiError(400, 'LIMIT_EXCEEDED', message);
  }
}
