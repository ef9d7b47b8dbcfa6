import { describeGlobal, describeObject } from '../describe/describe.ts';
import type { Call } from '../http/call.ts';
import { type Answer, toHttpDate } from '../http/messages.ts';
import { toWholeSecond } from '../org/clock.ts';
import { recordTypesOf } from '../store/record-types.ts';
import { checkPreconditions, tagOf } from './preconditions.ts';
import { objectOf } from './rows.ts';

/** `GET /sobjects`. */
export const showGlobalDescribe = (call: Call): Answer => conditional(call, describeGlobal(call.version));

/** `GET /sobjects/{T}/describe`. */
export const showDescribe = (call: Call): Answer => conditional(call, describeOne(call));

function describeOne(call: Call): unknown {
  const object = objectOf(call);
  return describeObject(object, call.version, call.org.origin, recordTypesOf(call.org.store, object));
}

/** Answers 304 when the metadata has not changed since the client read it. */
function conditional(call: Call, json: unknown): Answer {
  const modifiedMs = toWholeSecond(call.org.metadataChangedAtMs);
  const etag = tagOf(json);
  const headers = { 'last-modified': toHttpDate(modifiedMs), etag };
  return checkPreconditions(call, { modifiedMs, etag }) ?? { status: 200, json, headers };
}
