import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openSalesforceClient, type SalesforceClient } from '../../../shared/salesforce-client/client.ts';
import {
  type Action,
  CATALOGUE,
  explain,
  plainCode,
} from '../../../shared/salesforce-client/errors/error-catalogue.ts';
import { makeWebServerFlow } from '../../../shared/salesforce-client/oauth/oauth.ts';
import { LOGIN_REFUSALS } from '../../../shared/salesforce-client/oauth/oauth-refusals.ts';
import { soql } from '../../../shared/salesforce-client/soql/soql.ts';
import {
  type HttpTransport,
  makeHttpTransport,
} from '../../../shared/salesforce-client/transport/http-transport.ts';
import { KNOWN_ERRORS } from '../../../simulated-org/errors/known-errors.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { rejection } from '../../unit/salesforce-client/fakes.ts';
import { APP, anOrg, callAdmin } from '../simulated-org/an-org.ts';

/** More often than any call is repeated. */
const ALWAYS = 5;

const codesOf = (...levels: readonly string[]): string[] =>
  Object.keys(KNOWN_ERRORS).filter((code) => levels.includes(KNOWN_ERRORS[code]?.level ?? ''));

let simulated: SimulatedOrg;
let transport: HttpTransport;
let client: SalesforceClient;

beforeEach(async () => {
  simulated = await anOrg({ accounts: 0, contacts: 1 });
  transport = makeHttpTransport();
  client = openSalesforceClient({
    instanceUrl: simulated.origin,
    // Another one each time, so that a session that ends again and again is told from one that ended.
    accessToken: async () => simulated.org.issueTokens().access_token ?? '',
    transport: transport.send,
    trustedOrigins: [simulated.origin],
    clock: { nowMs: () => Date.now(), sleep: async () => undefined },
  });
});
afterEach(async () => {
  transport.close();
  await simulated.close();
});

const arm = (code: string, more: object = {}) =>
  callAdmin(simulated, 'POST', '/faults', { code, times: ALWAYS, ...more });
const read = () => rejection(client.count(soql`SELECT COUNT() FROM Contact`));
const write = () => client.createRecord('Contact', { LastName: 'x' });

const FAMILIES = {
  auth: 'SalesforceAuthError',
  'rate-limit': 'SalesforceRateLimitError',
  api: 'SalesforceApiError',
} as const;

/** What an entry of the catalogue makes the caller do. A refreshed session that is refused again is for later. */
function doOf(action: Action | undefined): string {
  if (action === 'refresh') return 'retry';
  if (typeof action !== 'object') return action ?? '';
  return 'waitMs' in action ? 'wait' : 'retry';
}

/** What speaks of the request or the org, whatever record it carries; other refusals of these statuses are a record's. */
const isOfTheRequest = (code: string): boolean =>
  ![400, 403, 404].includes(KNOWN_ERRORS[code]?.status ?? 0) ||
  [
    'API_CURRENTLY_DISABLED',
    'API_DISABLED_FOR_ORG',
    'FUNCTIONALITY_NOT_ENABLED',
    'INVALID_HEADER',
    'INVALID_INPUT',
    'INVALID_TYPE',
    'NOT_FOUND',
  ].includes(code);

test('the simulated org can give every error that the catalogues have, and no other', () => {
  const onDemand = new Set(Object.keys(KNOWN_ERRORS).map(plainCode));
  const known = [...Object.keys(CATALOGUE), ...Object.keys(LOGIN_REFUSALS)].map(plainCode);

  expect(onDemand).toEqual(new Set(known));
});

describe('the whole way from the org to the caller', () => {
  test.each(codesOf('request', 'row'))('%s to a read', async (code) => {
    await arm(code, { level: 'request' });
    const { family, next } = explain(code, '') ?? {};

    expect(await read()).toMatchObject({ name: FAMILIES[family ?? 'api'], code, next: { do: doOf(next) } });
  });

  test.each(codesOf('request'))('%s to a write, sent twice only if it surely did nothing', async (code) => {
    await arm(code);
    const { family, next, nextOfWrite = next } = explain(code, '') ?? {};
    const before = simulated.org.requests.entries().length;

    const outcome = await write().catch((error: unknown) => error);

    const isThrown = family !== 'api' || isOfTheRequest(code) || nextOfWrite === 'reread';
    expect(outcome).toMatchObject(
      isThrown
        ? { name: FAMILIES[family ?? 'api'], code, next: { do: doOf(nextOfWrite) } }
        : { kind: 'refused', code },
    );
    if (doOf(nextOfWrite) === 'reread' || !isThrown)
      expect(simulated.org.requests.entries().length - before).toBe(1);
  });

  test.each(codesOf('row'))('%s of a row is a value', async (code) => {
    await arm(code);

    expect(await write()).toMatchObject({ kind: 'refused', code });
    expect(await client.createRecords([{ sObject: 'Contact', values: { LastName: 'x' } }])).toMatchObject([
      { kind: 'refused', code },
    ]);
  });

  test.each(codesOf('token'))('%s to a refresh', async (code) => {
    await arm(code);
    const oauth = makeWebServerFlow({ transport: transport.send, trustedOrigins: [simulated.origin] });
    const { refresh_token: refreshToken = '' } = simulated.org.issueTokens();

    const error = await rejection(
      oauth.refresh({ loginUrl: simulated.origin, refreshToken, credentials: APP }),
    );

    const follows = LOGIN_REFUSALS[code]?.next ?? '';
    const isPassing = follows === 'outage' || follows === 'login-rate';
    expect(error).toMatchObject({ next: { do: isPassing ? 'retry' : follows } });
  });
});
