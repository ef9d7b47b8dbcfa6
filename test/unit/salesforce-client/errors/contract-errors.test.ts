import { describe, expect, test } from '@jest/globals';
import {
  BY_STATUS,
  CATALOGUE,
  OUTAGE,
  plainCode,
  UNKNOWN,
} from '../../../../shared/salesforce-client/errors/error-catalogue.ts';
import { responseToError } from '../../../../shared/salesforce-client/errors/refusals.ts';
import { NOW } from '../fakes.ts';
import { CONTRACT_ERRORS, type ContractError } from './contract-errors.ts';

/** What an answer without a code is called. */
const OURS = ['UNAVAILABLE', 'UNEXPECTED_RESPONSE'].map(plainCode);
/** Beyond the contract: the SOAP API's list of status codes, which REST shares. */
const BESIDES = ['INVALID_READ_ONLY_USER_DML'].map(plainCode);

const REQUEST_ID = { 'x-sfdc-request-id': 'TID:0000abc' };

function toError(error: ContractError, isRepeatable: boolean) {
  const { code: errorCode, message = 'text of the platform', fields } = error;
  const body = error.body ?? JSON.stringify([{ message, errorCode, ...(fields ? { fields } : {}) }]);
  return responseToError(
    { status: error.status, headers: { ...REQUEST_ID, ...error.headers }, body },
    { operation: 'query Contact', isRepeatable, nowMs: NOW },
  );
}

const title = ({ status, code, message, headers }: ContractError) =>
  [status, code, message?.slice(0, 40), headers && JSON.stringify(headers)].filter(Boolean).join(' ').trim();

describe('every error of the contract', () => {
  test.each(CONTRACT_ERRORS.map((one) => [title(one), one] as const))('%s', (_, one) => {
    const { status, code, name, fields = [] } = one;

    const read = toError(one, true);
    expect(read).toMatchObject({ name, code, status, fields, requestId: 'TID:0000abc', next: one.read });
    if (one.body === undefined) expect(read.detail).toBe(one.message ?? 'text of the platform');

    const write = toError(one, false);
    expect(write).toMatchObject({ name, code, status, fields, requestId: 'TID:0000abc' });
    expect(write.next).toEqual(one.write ?? one.read);
  });

  test('is never repeated as a write when its outcome is unknown', () => {
    for (const one of CONTRACT_ERRORS.filter(({ write }) => write !== undefined))
      expect(toError(one, false).next.do).toBe('reread');
  });

  test('counts by its status where a gateway quotes a code that says little', () => {
    const misled = (status: number) => toError({ ...(CONTRACT_ERRORS[0] as ContractError), status }, true);

    expect(misled(503).next).toEqual({ do: 'retry', afterMs: 1_000 });
    expect(misled(401)).toMatchObject({ name: 'SalesforceAuthError', next: { do: 'refresh' } });
    expect(misled(429).name).toBe('SalesforceRateLimitError');
  });
});

describe('the catalogue', () => {
  test('has every code of the contract, and no code that no test knows', () => {
    const tested = new Set(CONTRACT_ERRORS.map(({ code }) => plainCode(code)));

    for (const code of OURS) tested.delete(code);
    for (const code of BESIDES) tested.add(code);
    expect(new Set(Object.keys(CATALOGUE).map(plainCode))).toEqual(tested);
  });

  test('names each code once, however it is written', () => {
    const codes = Object.keys(CATALOGUE).map(plainCode);

    expect(new Set(codes).size).toBe(codes.length);
  });

  test('has a sentence for the person who reads a code in a log', () => {
    const entries = [...Object.values(CATALOGUE), ...Object.values(BY_STATUS), OUTAGE, UNKNOWN];

    for (const { means, unless = [] } of entries)
      for (const sentence of [means, ...unless.map((one) => one.means)])
        expect(sentence).toMatch(/^[A-Z].{15,}\.$/);
  });
});
