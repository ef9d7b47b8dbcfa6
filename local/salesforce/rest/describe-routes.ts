import { createHash } from 'node:crypto';
import type { Call } from '../call.ts';
import { describeGlobal, describeObject } from '../describe/describe.ts';
import { type Answer, header, toHttpDate } from '../http.ts';
import { objectOf } from './rows.ts';

/** `GET /sobjects`. */
export const showGlobalDescribe = (call: Call): Answer => conditional(call, describeGlobal(call.version));

/** `GET /sobjects/{T}/describe`. */
export const showDescribe = (call: Call): Answer =>
  conditional(call, describeObject(objectOf(call), call.version, call.org.origin));

/** Metadata never changes while an org runs, so whoever has seen it since the start has it still. */
function conditional(call: Call, json: unknown): Answer {
  const changedMs = Math.floor(call.org.createdAtMs / 1000) * 1000;
  const since = Date.parse(header(call.request.headers, 'if-modified-since') ?? '');
  if (since >= changedMs) return { status: 304 };
  const tag = createHash('sha256').update(JSON.stringify(json)).digest('hex').slice(0, 8);
  return { status: 200, json, headers: { 'last-modified': toHttpDate(changedMs), etag: `"${tag}--gzip"` } };
}
