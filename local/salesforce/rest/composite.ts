import type { Call } from '../call.ts';
import { type Answer, ApiError, isRecord, type Request, readJsonObject } from '../http.ts';

const MAX_SUBREQUESTS = 25;
/** Of these only so many may be queries or collections. */
const MAX_HEAVY_SUBREQUESTS = 5;
const HEAVY = /^\/services\/data\/v[\d.]+\/(?:query|queryAll|composite\/sobjects)\b/;
const REFERENCE_ID = /^[A-Za-z0-9][A-Za-z0-9_]*$/;
const HALTED = 'The transaction was rolled back since another operation in the same transaction failed.';

interface Subrequest {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly body: unknown;
  readonly httpHeaders: Record<string, string>;
}

/** Answers a request that is part of another one. */
export type InnerDispatch = (request: Request, userId: string) => Answer;

/** A reference that leads nowhere. */
class BrokenReference extends Error {
  override readonly name = 'BrokenReference';
}

/** `POST /composite`: up to 25 requests, one after the other, as one API call. */
export function composite(call: Call, dispatch: InnerDispatch): Answer {
  const body = readJsonObject(call.request);
  const subrequests = readSubrequests(body.compositeRequest);
  const answers: Answer[] = [];
  const undo = new Error('all or none');
  try {
    call.org.store.transaction(() => {
      for (const subrequest of subrequests)
        answers.push(run(call, subrequest, subrequests, answers, dispatch));
      if (body.allOrNone === true && answers.some(isFailure)) throw undo;
    });
  } catch (error) {
    if (error !== undo) throw error;
    const culprit = answers.findIndex(isFailure);
    answers.forEach((_, index) => {
      if (index !== culprit) answers[index] = new ApiError(400, 'PROCESSING_HALTED', HALTED).toAnswer();
    });
  }
  const compositeResponse = subrequests.map(({ referenceId }, index) => ({
    body: answers[index]?.json ?? null,
    httpHeaders: outerHeaders(answers[index]?.headers),
    httpStatusCode: answers[index]?.status ?? 500,
    referenceId,
  }));
  return { status: 200, json: { compositeResponse } };
}

function run(
  call: Call,
  subrequest: Subrequest,
  all: readonly Subrequest[],
  answers: readonly Answer[],
  dispatch: InnerDispatch,
): Answer {
  try {
    const resolve = (text: string): string => resolveReferences(text, all, answers);
    const url = new URL(resolve(subrequest.url), 'http://org.invalid');
    const body = mapTexts(subrequest.body, resolve);
    const request: Request = {
      method: subrequest.method,
      path: url.pathname,
      query: url.searchParams,
      headers: lowerCaseNames(subrequest.httpHeaders),
      body: Buffer.from(body === undefined || body === null ? '' : JSON.stringify(body)),
    };
    return dispatch(request, call.userId);
  } catch (error) {
    if (!(error instanceof BrokenReference)) throw error;
    return new ApiError(400, 'PROCESSING_HALTED', error.message).toAnswer();
  }
}

function readSubrequests(value: unknown): Subrequest[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'compositeRequest must be a list of requests');
  }
  if (value.length > MAX_SUBREQUESTS) {
    throw new ApiError(
      400,
      'LIMIT_EXCEEDED',
      `Limit of ${MAX_SUBREQUESTS} reached for composite subrequests`,
    );
  }
  const subrequests = value.map(readSubrequest);
  const references = new Set(subrequests.map(({ referenceId }) => referenceId));
  if (references.size < subrequests.length) {
    throw new ApiError(400, 'INVALID_INPUT', 'referenceId must be unique within a request');
  }
  if (subrequests.filter(({ url }) => HEAVY.test(url)).length > MAX_HEAVY_SUBREQUESTS) {
    const message = `Limit of ${MAX_HEAVY_SUBREQUESTS} reached for Query and sObject Collections subrequests`;
    throw new ApiError(400, 'LIMIT_EXCEEDED', message);
  }
  return subrequests;
}

function readSubrequest(value: unknown): Subrequest {
  const fields = isRecord(value) ? value : {};
  const { method, url, referenceId, body, httpHeaders } = fields;
  if (typeof referenceId !== 'string' || !REFERENCE_ID.test(referenceId)) {
    throw new ApiError(400, 'INVALID_INPUT', 'Provided referenceId is missing or has a wrong form');
  }
  if (typeof method !== 'string' || typeof url !== 'string' || !url.startsWith('/services/data/v')) {
    throw new ApiError(
      400,
      'INVALID_INPUT',
      'a subrequest needs a method and a url that begins with /services/data/v',
    );
  }
  const headers = isRecord(httpHeaders) ? httpHeaders : {};
  return {
    method,
    url,
    referenceId,
    body,
    httpHeaders: Object.fromEntries(Object.entries(headers).map(([name, item]) => [name, String(item)])),
  };
}

/** Puts the values of `@{reference.path}` into a text. */
function resolveReferences(text: string, all: readonly Subrequest[], answers: readonly Answer[]): string {
  return text.replaceAll(/@\{([^}]+)\}/g, (_, expression: string) => {
    const [referenceId = '', ...path] = expression.split(/[.[\]]+/).filter((part) => part !== '');
    const index = all.findIndex((subrequest) => subrequest.referenceId === referenceId);
    const answer = answers[index];
    if (!answer || isFailure(answer)) throw new BrokenReference(HALTED);
    let value: unknown = answer.json;
    for (const part of path)
      value = Array.isArray(value) ? value[Number(part)] : isRecord(value) ? value[part] : undefined;
    if (value === undefined || value === null || typeof value === 'object') {
      throw new BrokenReference(
        `Invalid reference specified. No value for ${expression} found in ${referenceId}`,
      );
    }
    return String(value);
  });
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, map)]));
}

const isFailure = (answer: Answer): boolean => answer.status >= 400;

const lowerCaseNames = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** Only `Location` is told of an inner answer's headers. */
function outerHeaders(headers: Answer['headers']): Record<string, string> {
  return headers?.location === undefined ? {} : { Location: headers.location };
}
