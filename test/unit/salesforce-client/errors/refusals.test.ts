import { describe, expect, test } from '@jest/globals';
import { responseToError } from '../../../../shared/salesforce-client/errors/refusals.ts';
import { NOW } from '../fakes.ts';
import { fixtureJson, fixtureText, replay } from '../fixtures.ts';

const error = (errorCode: string, message = 'text of the platform', fields?: string[]) =>
  JSON.stringify([{ message, errorCode, ...(fields ? { fields } : {}) }]);
const stop = { do: 'stop' };
const retry = (afterMs: number) => ({ do: 'retry', afterMs });

const toError = (status: number, body: string, isRepeatable = true, headers: Record<string, string> = {}) =>
  responseToError({ status, body, headers }, { operation: 'query Contact', isRepeatable, nowMs: NOW });

describe('a refused request', () => {
  test.each([
    [302, '<html>', 'redirects to another address'],
    [307, '', 'redirects to another address'],
    [400, '', 'names no code'],
    [400, '<html>', 'names no code'],
    [400, error('NEW_CODE_OF_NEXT_YEAR'), 'its text says why'],
  ])('says no more than it knows: %i %s', (status, body, means) => {
    expect(toError(status, body).message).toContain(means);
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
    expect(caught.message).toBe(
      'Salesforce refused query Contact: 400 STRING_TOO_LONG. The text is longer than the field: shorten it, or lengthen the field.',
    );
  });

  test.each([
    ['TotalRequests Limit exceeded.', 'for 24 hours is used up.'],
    ['ConcurrentPerOrgLongTxn Limit exceeded.', 'Too many requests that take 20 seconds or more'],
  ])('says what it means and what helps: %s', (text, means) => {
    expect(toError(403, error('REQUEST_LIMIT_EXCEEDED', text)).message).toContain(means);
  });

  test('waits as long as it is asked to, within reason', () => {
    const asked = (header: string) => toError(503, '', true, { 'retry-after': header }).next;

    expect(asked('30')).toEqual(retry(30_000));
    expect(asked('Mon, 23 Nov 2026 12:01:00 GMT')).toEqual(retry(60_000));
    expect(asked('0')).toEqual(retry(1_000));
    expect(asked('soon')).toEqual(retry(1_000));
    expect(asked('999999999')).toEqual(retry(3_600_000));
    expect(toError(400, error('INVALID_FIELD'), true, { 'retry-after': '30' }).next).toEqual({
      do: 'recheck',
    });
  });

  test.each([
    ['Twilio SID: "AC0123456789" is not known', 'Twilio SID: "[hidden]" is not known'],
    ['the assertion = "x\\y" failed', 'the assertion = "[hidden]" failed'],
    ['expected "Bearer 0123456789abcdef"', 'expected "Bearer [hidden]"'],
  ])('keeps its code, fields and decision when its text looks like a secret: %s', (text, clean) => {
    expect(toError(400, error('UNABLE_TO_LOCK_ROW', text, ['Name']))).toMatchObject({
      code: 'UNABLE_TO_LOCK_ROW',
      fields: ['Name'],
      detail: clean,
      next: retry(1_000),
    });
  });

  test('names fields, and nothing else in their place', () => {
    const fields = ['Name', 'Account.Name', 'Jane Doe <jane@example.com>'];

    expect(toError(400, error('INVALID_FIELD', 'x', fields)).fields).toEqual(['Name', 'Account.Name']);
  });

  test('may be one object, lack its text, and have another name for its request', () => {
    const refused = toError(400, '{"errorCode":"INVALIDJOBSTATE"}', true, { 'x-request-id': 'r-1' });

    expect(refused).toMatchObject({ code: 'INVALIDJOBSTATE', requestId: 'r-1' });
    expect(toError(400, '[{"errorCode":"INVALID_FIELD"}]').code).toBe('INVALID_FIELD');
  });

  test('asks for no wait by a time that is over', () => {
    const asked = { 'retry-after': 'Mon, 23 Nov 2026 11:00:00 GMT' };

    expect(toError(503, '', true, asked).notBeforeMs).toBeUndefined();
  });

  test.each(['UNKNOWN_EXCEPTION', 'APEX_ERROR'])('leaves a write unknown whatever its status: %s', (code) => {
    expect(toError(400, error(code), false).next).toEqual({ do: 'reread' });
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
