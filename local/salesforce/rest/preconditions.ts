import { createHash } from 'node:crypto';
import type { Call } from '../call.ts';
import type { ObjectDefinition } from '../describe/schema.ts';
import { type Answer, ApiError, header } from '../http.ts';
import type { Row } from '../store/records.ts';

/** The platform documents ETags for rows of this object alone. */
const TAGGED_OBJECT = 'Account';

/** An ETag as the platform writes it: it ends in `--gzip` whether or not the body is compressed. */
export const tagOf = (content: unknown): string =>
  `"${createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 8)}--gzip"`;

/** Whether a list of ETags, as a condition's header gives it, holds this one. */
export function isSameTag(list: string, etag: string): boolean {
  const plain = (text: string): string =>
    text
      .trim()
      .replace(/^W\//, '')
      .replace(/--gzip"$/, '"');
  return list.split(',').some((tag) => tag.trim() === '*' || plain(tag) === plain(etag));
}

/** The ETag of a row, for objects whose rows have one. */
export const rowTag = (object: ObjectDefinition, row: Row): string | undefined =>
  object.name === TAGGED_OBJECT ? tagOf(row) : undefined;

/** The 304 of a row that the client has already, if it has. */
export function notModified(call: Call, object: ObjectDefinition, row: Row): Answer | undefined {
  const { headers } = call.request;
  const since = Date.parse(header(headers, 'if-modified-since') ?? '');
  if (!Number.isNaN(since) && modifiedMs(row) <= since) return { status: 304 };
  const etag = rowTag(object, row);
  const known = header(headers, 'if-none-match');
  return etag !== undefined && known !== undefined && isSameTag(known, etag) ? { status: 304 } : undefined;
}

/**
 * Refuses a write whose condition does not hold.
 *
 * @throws ApiError `PRECONDITION_FAILED`, or `INVALID_HEADER` for a date that is none
 */
export function checkUnmodified(call: Call, object: ObjectDefinition, row: Row): void {
  const { headers } = call.request;
  const condition = header(headers, 'if-unmodified-since');
  const since = Date.parse(condition ?? '');
  if (condition !== undefined && Number.isNaN(since)) {
    throw new ApiError(400, 'INVALID_HEADER', 'Invalid value for If-Unmodified-Since');
  }
  const tag = header(headers, 'if-match');
  const etag = rowTag(object, row);
  const isChanged =
    modifiedMs(row) > since || (tag !== undefined && etag !== undefined && !isSameTag(tag, etag));
  if (!isChanged) return;
  throw new ApiError(412, 'PRECONDITION_FAILED', 'The record was modified since the given time.');
}

const modifiedMs = (row: Row): number => Date.parse(String(row.LastModifiedDate));
