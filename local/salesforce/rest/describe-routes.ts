import type { Call } from '../call.ts';
import { describeGlobal, describeObject } from '../describe/describe.ts';
import { type Answer, header, toHttpDate } from '../http.ts';
import { recordTypesOf } from '../store/record-types.ts';
import { isSameTag, tagOf } from './preconditions.ts';
import { objectOf } from './rows.ts';

/** `GET /sobjects`. */
export const showGlobalDescribe = (call: Call): Answer => conditional(call, describeGlobal(call.version));

/** `GET /sobjects/{T}/describe`. */
export const showDescribe = (call: Call): Answer => conditional(call, describeOne(call));

function describeOne(call: Call): unknown {
  const object = objectOf(call);
  return describeObject(object, call.version, call.org.origin, recordTypesOf(call.org.store, object));
}

/** Whoever has seen the metadata since it last changed has it still. */
function conditional(call: Call, json: unknown): Answer {
  const changedMs = Math.floor(call.org.metadataChangedAtMs / 1000) * 1000;
  const since = Date.parse(header(call.request.headers, 'if-modified-since') ?? '');
  if (since >= changedMs) return { status: 304 };
  const etag = tagOf(json);
  const known = header(call.request.headers, 'if-none-match');
  if (known !== undefined && isSameTag(known, etag)) return { status: 304 };
  return { status: 200, json, headers: { 'last-modified': toHttpDate(changedMs), etag } };
}
