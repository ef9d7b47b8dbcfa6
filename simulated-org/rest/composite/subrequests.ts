import { ApiError } from '../../errors/api-error.ts';
import { textOf } from '../../errors/known-errors.ts';
import type { Call } from '../../http/call.ts';
import { type Answer, isRecord, type Request, targetOf } from '../../http/messages.ts';

/** From this API version on, a reference to an empty field is replaced by nothing; before, it failed. */
const NULL_REFERENCES_SINCE = 52;
const REFERENCE_ID = /^[A-Za-z0-9][A-Za-z0-9_]*$/;
/** Headers that subrequests inherit from the outer request, and cannot set themselves. */
const INHERITED_HEADERS = ['accept', 'authorization', 'content-type'];
/** The text for requests that were undone, or never run, because another one failed. */
const HALTED = textOf('PROCESSING_HALTED');

/** One request of a composite one. */
export interface Subrequest {
  readonly method: string;
  readonly url: string;
  readonly referenceId: string;
  readonly body: unknown;
  /** With their names in lower case. */
  readonly httpHeaders: Record<string, string>;
}

/** Answers a request that is part of another one. */
export type InnerDispatch = (request: Request, userId: string) => Answer;

/** A reference to a value that does not exist. */
class BrokenReference extends Error {
  override readonly name = 'BrokenReference';
}

/** Runs one subrequest after its references have been replaced by their values. */
export function runSubrequest(
  call: Call,
  subrequest: Subrequest,
  all: readonly Subrequest[],
  answers: readonly Answer[],
  dispatch: InnerDispatch,
): Answer {
  try {
    const takesNull = Number(call.version) >= NULL_REFERENCES_SINCE;
    const resolve = (text: string): string => resolveReferences(text, all, answers, takesNull);
    const url = targetOf(resolve(subrequest.url));
    const body = mapTexts(subrequest.body, resolve);
    const request: Request = {
      method: subrequest.method,
      path: url.pathname,
      query: url.searchParams,
      headers: subrequest.httpHeaders,
      body: Buffer.from(body === undefined || body === null ? '' : JSON.stringify(body)),
    };
    return dispatch(request, call.userId);
  } catch (error) {
    if (!(error instanceof BrokenReference)) throw error;
    return new ApiError(400, 'PROCESSING_HALTED', error.message).toAnswer();
  }
}

/**
 * Reads a list of subrequests; each `referenceId` must be unique.
 *
 * @throws ApiError for a whole request that is malformed
 */
export function readSubrequests(value: unknown): Subrequest[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new ApiError(400, 'JSON_PARSER_ERROR', 'compositeRequest must be a list of requests');
  }
  const subrequests = value.map(readSubrequest);
  const references = new Set(subrequests.map(({ referenceId }) => referenceId));
  if (references.size < subrequests.length) {
    throw new ApiError(400, 'INVALID_INPUT', 'referenceId must be unique within a request');
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
  return { method, url, referenceId, body, httpHeaders: readHeaders(httpHeaders) };
}

function readHeaders(value: unknown): Record<string, string> {
  const headers = Object.entries(isRecord(value) ? value : {}).map(
    ([name, item]) => [name.toLowerCase(), String(item)] as const,
  );
  const inherited = headers.find(([name]) => INHERITED_HEADERS.includes(name));
  if (!inherited) return Object.fromEntries(headers);
  throw new ApiError(400, 'INVALID_INPUT', `a subrequest cannot have the header ${inherited[0]}`);
}

/** Replaces each `@{reference.path}` in a text by its value. */
function resolveReferences(
  text: string,
  all: readonly Subrequest[],
  answers: readonly Answer[],
  takesNull: boolean,
): string {
  return text.replaceAll(/@\{([^}]+)\}/g, (_, expression: string) => {
    const [referenceId = '', ...path] = expression.split(/[.[\]]+/).filter((part) => part !== '');
    const index = all.findIndex((subrequest) => subrequest.referenceId === referenceId);
    const answer = answers[index];
    if (answer && isFailure(answer)) throw new BrokenReference(HALTED);
    // A step that does not exist, or comes later, has no answer to take a value from.
    let value: unknown = answer?.json;
    for (const part of path)
      value = Array.isArray(value) ? value[Number(part)] : isRecord(value) ? value[part] : undefined;
    if (value === null && takesNull) return '';
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

/** Whether a subrequest failed; 300 (several rows match) counts as a failure. */
export const isFailure = ({ status }: Answer): boolean => status >= 300 && status !== 304;

/** Whether a row of a collection was refused; the status of such a subrequest is 200 all the same. */
export const hasFailedRow = ({ json }: Answer): boolean =>
  Array.isArray(json) && json.some((item) => isRecord(item) && item.success === false);

/** The entry of an answer in the list of answers. */
export const toEntry = ({ referenceId }: Subrequest, answer: Answer | undefined): unknown => ({
  body: answer?.json ?? answer?.text ?? null,
  httpHeaders: outerHeaders(answer?.headers),
  httpStatusCode: answer?.status ?? 500,
  referenceId,
});

/** The answer of a request that was undone or never ran. */
export const halted = (message = HALTED): Answer =>
  new ApiError(400, 'PROCESSING_HALTED', message).toAnswer();

/** Of an inner answer's headers only `Location` is passed on. */
function outerHeaders(headers: Answer['headers']): Record<string, string> {
  return headers?.location === undefined ? {} : { Location: headers.location };
}
