import { ApiError, knownRefusal } from '../../errors/api-error.ts';
import type { Call } from '../../http/call.ts';
import { readJsonObject } from '../../http/json-body.ts';
import { type Answer, isRecord, type Request, targetOf } from '../../http/messages.ts';
import { type InnerDispatch, isFailure } from './subrequests.ts';

const MAX_SUBREQUESTS = 25;
/** Addresses are relative to `/services/data/`. */
const RELATIVE_URL = /^\/?v\d+\.\d+(?:\/|$)/;
/** What a batch cannot hold: other combined requests, and bulk jobs. */
const NOT_FOR_BATCHES = /^\/?v[\d.]+\/(?:composite|jobs)\b/;

/** `POST /composite/batch`: up to 25 independent requests; each counts as an API call. */
export function compositeBatch(call: Call, dispatch: InnerDispatch): Answer {
  const { batchRequests, haltOnError } = readJsonObject(call.request);
  if (!Array.isArray(batchRequests) || batchRequests.length === 0) {
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'batchRequests must be a list of requests');
  }
  if (batchRequests.length > MAX_SUBREQUESTS) {
    throw new ApiError(400, 'LIMIT_EXCEEDED', `Limit of ${MAX_SUBREQUESTS} reached for batch subrequests`);
  }
  // All are read before the first one runs, so that a malformed one stops the whole batch.
  const requests = batchRequests.map(readBatchRequest);
  let isHalted = false;
  const results = requests.map((request, index) => {
    if (isHalted) return haltedResult();
    // The batch itself was counted when it came in.
    if (index > 0) call.org.requests.countApiUse();
    const answer = dispatch(request, call.userId);
    isHalted = haltOnError === true && isFailure(answer);
    return { statusCode: answer.status, result: answer.json ?? answer.text ?? null };
  });
  const hasErrors = results.some(({ statusCode }) => statusCode >= 400);
  return { status: 200, json: { hasErrors, results } };
}

function readBatchRequest(value: unknown): Request {
  const { method, url, richInput } = isRecord(value) ? value : {};
  if (typeof method !== 'string' || typeof url !== 'string' || !RELATIVE_URL.test(url)) {
    const message =
      'a subrequest needs a method and a url that is relative to /services/data/, such as v59.0/limits';
    throw new ApiError(400, 'INVALID_INPUT', message);
  }
  if (NOT_FOR_BATCHES.test(url))
    throw new ApiError(400, 'INVALID_INPUT', `The URL is not supported in a batch: ${url}`);
  const { pathname, searchParams } = targetOf(`/services/data/${url.replace(/^\//, '')}`);
  const hasBody = richInput !== undefined && richInput !== null;
  return {
    method: method.toUpperCase(),
    path: pathname,
    query: searchParams,
    headers: {},
    body: Buffer.from(hasBody ? JSON.stringify(richInput) : ''),
  };
}

function haltedResult(): { statusCode: number; result: unknown } {
  const { status, json } = knownRefusal('BATCH_PROCESSING_HALTED').toAnswer();
  return { statusCode: status, result: json };
}
