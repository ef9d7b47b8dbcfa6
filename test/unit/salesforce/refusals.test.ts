import { describe, expect, test } from '@jest/globals';
import type { Next } from '../../../shared/contracts/next.ts';
import { responseToError } from '../../../shared/salesforce/refusals.ts';
import { NOW } from './fakes.ts';
import { fixtureJson, fixtureText, replay } from './fixtures.ts';

const error = (errorCode: string, message = 'text of the platform', fields?: string[]) =>
  JSON.stringify([{ message, errorCode, ...(fields ? { fields } : {}) }]);
const HTML = '<html><body>Down for maintenance</body></html>';
const LATER: Next = { do: 'wait', until: '2026-11-23T12:15:00.000Z' };

interface Case {
  readonly status: number;
  readonly body: string;
  readonly name: string;
  readonly code: string;
  readonly read: Next;
  /** Where a write differs. */
  readonly write?: Next;
}

const AUTH = 'SalesforceAuthError';
const RATE = 'SalesforceRateLimitError';
const API = 'SalesforceApiError';
const stop: Next = { do: 'stop' };
const refresh: Next = { do: 'refresh' };
const reread: Next = { do: 'reread' };
const retry = (afterMs: number): Next => ({ do: 'retry', afterMs });

const CASES: readonly Case[] = [
  { status: 401, body: error('INVALID_SESSION_ID'), name: AUTH, code: 'INVALID_SESSION_ID', read: refresh },
  { status: 401, body: '', name: AUTH, code: 'INVALID_SESSION_ID', read: refresh },
  { status: 401, body: HTML, name: AUTH, code: 'INVALID_SESSION_ID', read: refresh },
  { status: 401, body: error('INVALID_AUTH_HEADER'), name: AUTH, code: 'INVALID_AUTH_HEADER', read: stop },
  { status: 403, body: 'Bad_OAuth_Token', name: AUTH, code: 'Bad_OAuth_Token', read: refresh },
  { status: 403, body: 'Missing_OAuth_Token', name: AUTH, code: 'Missing_OAuth_Token', read: stop },
  {
    status: 403,
    body: error('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
    name: RATE,
    code: 'REQUEST_LIMIT_EXCEEDED',
    read: LATER,
  },
  {
    status: 403,
    body: error('REQUEST_LIMIT_EXCEEDED', ''),
    name: RATE,
    code: 'REQUEST_LIMIT_EXCEEDED',
    read: LATER,
  },
  {
    status: 403,
    body: error('REQUEST_LIMIT_EXCEEDED', 'ConcurrentPerOrgLongTxn Limit exceeded.'),
    name: RATE,
    code: 'REQUEST_LIMIT_EXCEEDED',
    read: retry(10_000),
  },
  {
    status: 403,
    body: error('REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'),
    name: RATE,
    code: 'REQUEST_LIMIT_EXCEEDED',
    read: retry(10_000),
  },
  { status: 400, body: error('ExceededQuota'), name: RATE, code: 'ExceededQuota', read: LATER },
  { status: 429, body: '', name: RATE, code: 'UNEXPECTED_RESPONSE', read: retry(10_000) },
  { status: 420, body: '', name: RATE, code: 'UNEXPECTED_RESPONSE', read: retry(10_000) },
  { status: 403, body: error('API_DISABLED_FOR_ORG'), name: API, code: 'API_DISABLED_FOR_ORG', read: stop },
  {
    status: 403,
    body: error('API_CURRENTLY_DISABLED'),
    name: API,
    code: 'API_CURRENTLY_DISABLED',
    read: stop,
  },
  { status: 403, body: error('INSUFFICIENT_ACCESS'), name: API, code: 'INSUFFICIENT_ACCESS', read: stop },
  { status: 400, body: error('MALFORMED_QUERY'), name: API, code: 'MALFORMED_QUERY', read: stop },
  { status: 400, body: error('INVALID_FIELD'), name: API, code: 'INVALID_FIELD', read: stop },
  { status: 400, body: error('INVALID_TYPE'), name: API, code: 'INVALID_TYPE', read: stop },
  { status: 400, body: error('JSON_PARSER_ERROR'), name: API, code: 'JSON_PARSER_ERROR', read: stop },
  {
    status: 400,
    body: error('UNABLE_TO_LOCK_ROW'),
    name: API,
    code: 'UNABLE_TO_LOCK_ROW',
    read: retry(1_000),
  },
  { status: 400, body: error('QUERY_TIMEOUT'), name: API, code: 'QUERY_TIMEOUT', read: retry(60_000) },
  {
    status: 400,
    body: error('INVALID_QUERY_LOCATOR'),
    name: API,
    code: 'INVALID_QUERY_LOCATOR',
    read: reread,
  },
  {
    status: 404,
    body: error('INVALID_QUERY_LOCATOR'),
    name: API,
    code: 'INVALID_QUERY_LOCATOR',
    read: reread,
  },
  { status: 404, body: error('NOT_FOUND'), name: API, code: 'NOT_FOUND', read: stop },
  { status: 404, body: error('ENTITY_IS_DELETED'), name: API, code: 'ENTITY_IS_DELETED', read: stop },
  { status: 400, body: error('INVALIDJOBSTATE'), name: API, code: 'INVALIDJOBSTATE', read: stop },
  { status: 409, body: '', name: API, code: 'UNEXPECTED_RESPONSE', read: stop },
  { status: 412, body: '', name: API, code: 'UNEXPECTED_RESPONSE', read: reread },
  { status: 414, body: HTML, name: API, code: 'UNEXPECTED_RESPONSE', read: stop },
  { status: 302, body: HTML, name: API, code: 'UNEXPECTED_RESPONSE', read: stop },
  {
    status: 300,
    body: '["/services/data/v60.0/sobjects/T/a"]',
    name: API,
    code: 'UNEXPECTED_RESPONSE',
    read: stop,
  },
  {
    status: 500,
    body: error('UNKNOWN_EXCEPTION'),
    name: API,
    code: 'UNKNOWN_EXCEPTION',
    read: retry(1_000),
    write: reread,
  },
  {
    status: 500,
    body: error('APEX_ERROR'),
    name: API,
    code: 'APEX_ERROR',
    read: retry(1_000),
    write: reread,
  },
  { status: 502, body: '', name: API, code: 'UNAVAILABLE', read: retry(1_000), write: reread },
  { status: 503, body: HTML, name: API, code: 'UNAVAILABLE', read: retry(1_000), write: reread },
  {
    status: 503,
    body: error('SERVER_UNAVAILABLE'),
    name: API,
    code: 'SERVER_UNAVAILABLE',
    read: retry(1_000),
    write: reread,
  },
  { status: 504, body: '[{]', name: API, code: 'UNAVAILABLE', read: retry(1_000), write: reread },
];

const toError = (status: number, body: string, isRepeatable = true, headers: Record<string, string> = {}) =>
  responseToError({ status, body, headers }, { operation: 'query Contact', isRepeatable, nowMs: NOW });

describe('a refused request', () => {
  test.each(CASES.map((one) => [`${one.status} ${one.body.slice(0, 90)}`, one] as const))('%s', (_, one) => {
    const read = toError(one.status, one.body);
    expect(read).toMatchObject({ name: one.name, code: one.code, status: one.status, next: one.read });

    const write = toError(one.status, one.body, false);
    expect(write).toMatchObject({ name: one.name, code: one.code, next: one.write ?? one.read });
  });

  test('keeps fields, request id and the text of the platform, but lets nothing print that text', () => {
    const body = error('STRING_TOO_LONG', 'Name: data value too large: secret value', ['Name']);
    const caught = toError(400, body, false, { 'x-sfdc-request-id': 'TID:1' });

    expect(caught).toMatchObject({
      fields: ['Name'],
      requestId: 'TID:1',
      detail: expect.stringContaining('secret'),
    });
    expect(JSON.stringify(caught)).not.toContain('secret');
    expect(`${caught}${caught.stack}`).not.toContain('secret');
    expect(caught.message).toBe('Salesforce refused query Contact: 400 STRING_TOO_LONG.');
  });

  test('waits as long as it is asked to, within reason', () => {
    const asked = (header: string) => toError(503, '', true, { 'retry-after': header }).next;

    expect(asked('30')).toEqual(retry(30_000));
    expect(asked('Mon, 23 Nov 2026 12:01:00 GMT')).toEqual(retry(60_000));
    expect(asked('0')).toEqual(retry(1_000));
    expect(asked('soon')).toEqual(retry(1_000));
    expect(asked('999999999')).toEqual(retry(3_600_000));
    expect(toError(400, error('INVALID_FIELD'), true, { 'retry-after': '30' }).next).toEqual(stop);
  });

  test.each([
    '{}',
    '[]',
    'null',
    '"x"',
    '[null]',
    '[{"errorCode":1}]',
    '[{"errorCode":"a b <script>"}]',
    '{"error":"x"}',
  ])('is understood by its status when its body is %s', (body) => {
    expect(toError(400, body)).toMatchObject({ code: 'UNEXPECTED_RESPONSE', next: stop });
  });

  replay('is understood as it was recorded', () => {
    const recorded = (status: number, path: string) => toError(status, fixtureText(path)).code;

    expect(recorded(401, 'restforce/expired_session_response.json')).toBe('INVALID_SESSION_ID');
    expect(recorded(401, 'sf-dahlia-web/extracted/401-invalid-auth-header.json')).toBe('INVALID_AUTH_HEADER');
    expect(recorded(400, 'amp-labs-connectors/unknown-field.json')).toBe('INVALID_FIELD');
    expect(recorded(404, 'amp-labs-connectors/crm/delete/not-found.json')).toBe('ENTITY_IS_DELETED');
    expect(recorded(400, 'amp-labs-connectors/batch/create/contacts/err-bad-request.json')).toBe(
      'REQUIRED_FIELD_MISSING',
    );
    const deleted = fixtureJson<{ response: { status: number; body: unknown } }>(
      'restforce-db/delete-404-1.json',
    ).response;
    expect(toError(deleted.status, JSON.stringify(deleted.body)).code).toBe('ENTITY_IS_DELETED');
  });
});
