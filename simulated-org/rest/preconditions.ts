import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { ApiError, knownRefusal } from '../errors/api-error.ts';
import type { Call } from '../http/call.ts';
import { type Answer, header } from '../http/messages.ts';
import type { Row } from '../store/row.ts';

/** The platform documents ETags only for rows of this object. */
const TAGGED_OBJECT = 'Account';
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const TAGS = /^(?:\*|(?:W\/)?"[^"]*"(?:\s*,\s*(?:W\/)?"[^"]*")*)$/;

const isTime = (text: string): boolean => HTTP_DATE.test(text) && !Number.isNaN(Date.parse(text));
const areTags = (text: string): boolean => TAGS.test(text);
/** The conditional headers, each with a check of its value's form. */
const CONDITIONS: Readonly<Record<string, (text: string) => boolean>> = {
  'if-match': areTags,
  'if-none-match': areTags,
  'if-modified-since': isTime,
  'if-unmodified-since': isTime,
};

/** What preconditions are compared with. */
export interface Validators {
  readonly modifiedMs: number;
  readonly etag: string | undefined;
}

/** The validators of a row; only some objects' rows have an ETag. */
export const validatorsOf = (object: ObjectDefinition, row: Row): Validators => ({
  modifiedMs: Date.parse(String(row.LastModifiedDate)),
  etag: object.name === TAGGED_OBJECT ? tagOf(row) : undefined,
});

/** An ETag as the platform writes it: it ends in `--gzip` whether or not the body is compressed. */
export const tagOf = (content: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8)}--gzip"`;

/**
 * Checks the preconditions of a read or a write; deletions have none.
 *
 * @param current - leave out for a row that does not exist yet
 * @returns 304 when the client of a read has the current version already
 * @throws ApiError `PRECONDITION_FAILED`, or `INVALID_HEADER` for a write's condition that cannot be read
 */
export function checkPreconditions({ request }: Call, current?: Validators): Answer | undefined {
  const { headers } = request;
  const isRead = request.method === 'GET';
  if (!isRead) checkValues(headers);
  if (!current) return undefined;
  const { modifiedMs, etag } = current;
  const isKnown = isListed(headers, 'if-none-match', etag) === true;
  const isOther = isListed(headers, 'if-match', etag) === false;
  const isNewer = modifiedMs > timeIn(headers, 'if-unmodified-since');
  if (isOther || isNewer || (isKnown && !isRead)) {
    throw knownRefusal('PRECONDITION_FAILED');
  }
  const isSeen = isKnown || modifiedMs <= timeIn(headers, 'if-modified-since');
  return isRead && isSeen ? { status: 304 } : undefined;
}

function checkValues(headers: IncomingHttpHeaders): void {
  for (const [name, isValue] of Object.entries(CONDITIONS)) {
    const text = header(headers, name);
    if (text !== undefined && !isValue(text))
      throw new ApiError(400, 'INVALID_HEADER', `Invalid value for ${name}`);
  }
}

/** The time in a header; NaN, which compares false with everything, when there is none. */
function timeIn(headers: IncomingHttpHeaders, name: string): number {
  const text = header(headers, name) ?? '';
  return isTime(text) ? Date.parse(text) : Number.NaN;
}

/** Whether a header lists the ETag; `undefined` when the header or the ETag is missing. */
function isListed(headers: IncomingHttpHeaders, name: string, etag: string | undefined): boolean | undefined {
  const list = header(headers, name);
  if (list === undefined || etag === undefined) return undefined;
  const plain = (text: string): string =>
    text
      .trim()
      .replace(/^W\//, '')
      .replace(/--gzip"$/, '"');
  return list.split(',').some((tag) => tag.trim() === '*' || plain(tag) === plain(etag));
}
