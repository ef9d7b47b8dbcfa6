import { codeOf, KNOWN_ERRORS, type KnownError } from '../errors/known-errors.ts';
import { isRecord } from '../http/messages.ts';
import { duplicatesDetected } from '../rules/duplicate-rules.ts';
import type { Fault } from './fault.ts';

/** Answers that have a status and no error code: `HTTP_420`. */
const BARE_STATUS = /^HTTP_(4\d\d|5\d\d)$/;
/** The path of each kind of refusal unless the fault names one. */
const DATA_PATH = '^/services/data/';
const TOKEN_PATH = '^/services/oauth2/token';

/** What naming an error sets among a fault's properties. */
type Expanded = Pick<
  Fault,
  'kind' | 'path' | 'status' | 'body' | 'headers' | 'statusCode' | 'message' | 'fields' | 'details'
>;

/**
 * Turns `{ code: 'UNABLE_TO_LOCK_ROW' }` into a fault with the platform's status, body and text, for rows, requests or
 * token requests as that error does. `message`, `fields`, `path`, `headers`, `status` and `level` override. The code may
 * be spelt in any way that the platform's interfaces do, such as `UnableToLockRow`, and comes back as it was spelt.
 *
 * @returns the fault's properties, or what is wrong
 */
export function expandNamedFault(value: Record<string, unknown>): Record<string, unknown> | string {
  const { code, level: wantedLevel, ...rest } = value;
  const spelling = String(code);
  const bare = BARE_STATUS.exec(spelling);
  const known = KNOWN_ERRORS[codeOf(spelling) ?? ''];
  if (bare) return { ...bareAnswer(Number(bare[1])), ...rest };
  if (!known) return `code must be HTTP_4xx, HTTP_5xx or one of: ${Object.keys(KNOWN_ERRORS).join(', ')}`;
  const level = wantedLevel ?? known.level;
  if (level !== 'row' && level !== 'request' && level !== 'token')
    return 'level must be row, request or token';
  const message = typeof rest.message === 'string' ? rest.message : known.message;
  return { ...expand(spelling, { ...known, level, message }, rest), ...rest };
}

function expand(spelling: string, error: KnownError, given: Record<string, unknown>): Expanded {
  const { level, status, message } = error;
  const code = codeOf(spelling);
  const fields = Array.isArray(given.fields) ? given.fields.map(String) : error.fields;
  if (level === 'token') {
    return {
      kind: 'answer',
      path: TOKEN_PATH,
      status,
      body: { error: spelling, error_description: message },
    };
  }
  const details = code === 'DUPLICATES_DETECTED' ? sampleDuplicates(message) : undefined;
  if (level === 'row') {
    // The text of a lock ends with the row's id, which is known only when the fault strikes.
    const text = code === 'UNABLE_TO_LOCK_ROW' && given.message === undefined ? {} : { message };
    return {
      kind: 'row',
      statusCode: spelling,
      ...text,
      ...(fields ? { fields } : {}),
      ...(details ? { details } : {}),
    };
  }
  if (code === 'INVALID_SESSION_ID' && given.message === undefined)
    return { kind: 'expired-session', path: DATA_PATH, statusCode: spelling };
  if (error.isBare) return { kind: 'answer', path: DATA_PATH, status, body: spelling };
  const entry = { ...details, message, errorCode: spelling, ...(fields ? { fields } : {}) };
  return { kind: 'answer', path: DATA_PATH, status, body: [entry] };
}

function bareAnswer(status: number): Expanded {
  const body = `<html><body><h1>HTTP ${status}</h1></body></html>`;
  return {
    kind: 'answer',
    path: DATA_PATH,
    status,
    body,
    headers: { 'content-type': 'text/html;charset=UTF-8' },
  };
}

function sampleDuplicates(message: string): Record<string, unknown> | undefined {
  const rule = {
    object: 'Contact',
    name: 'Standard_Contact_Duplicate_Rule',
    fields: ['Email'],
    action: 'alert',
    message,
  } as const;
  const record = {
    attributes: { type: 'Contact', url: '/services/data/v59.0/sobjects/Contact/003' },
    Id: '003',
  };
  const { details } = duplicatesDetected(rule, [record]);
  return isRecord(details) ? details : undefined;
}
