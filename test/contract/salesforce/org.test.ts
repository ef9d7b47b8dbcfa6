import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessToken } from '../../../shared/contracts/salesforce.ts';
import { makeSalesforceOrgs } from '../../../shared/salesforce/org.ts';
import { makeWebServerFlow } from '../../../shared/salesforce-client/oauth/oauth.ts';
import {
  type HttpTransport,
  makeHttpTransport,
} from '../../../shared/salesforce-client/transport/http-transport.ts';
import type { AccessTokens } from '../../../shared/use-cases/ports/runtime.ts';
import type { RecordSelection, SalesforceOrg } from '../../../shared/use-cases/ports/salesforce-org.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { rejection } from '../../unit/salesforce-client/fakes.ts';
import { APP, anOrg } from '../simulated-org/an-org.ts';

/*
 * What the adapter does over the wire and no in-memory org can: the suite of its port, which both pass, is in
 * ../ports/salesforce-org.suite.ts.
 */

const CLOCK = { nowMs: () => Date.now(), sleep: async () => undefined };

let simulated: SimulatedOrg;
let transport: HttpTransport;
let tokens: AccessTokens & { refreshes: number };
let org: SalesforceOrg;

const select = (change: Partial<RecordSelection> = {}): RecordSelection => ({
  sObject: 'Contact',
  fields: ['LastName', 'Email'],
  where: { kind: 'all' },
  ...change,
});

const open = (send = transport.send): Promise<SalesforceOrg> =>
  makeSalesforceOrgs({
    transport: send,
    tokens,
    clock: CLOCK,
    trustedOrigins: [simulated.origin],
  }).open('connection-1');

/** Refreshes for real, one at a time. */
function makeTokens(): typeof tokens {
  const { access_token: accessToken = '', refresh_token = '' } = simulated.org.issueTokens();
  let refreshToken = refresh_token;
  let token: AccessToken = {
    accessToken,
    instanceUrl: simulated.origin,
    apiVersion: 'v59.0',
    tokenVersion: 1,
  };
  const oauth = makeWebServerFlow({ transport: transport.send, trustedOrigins: [simulated.origin] });
  return {
    refreshes: 0,
    current: async () => token,
    async refreshed(_connectionId, stale) {
      if (stale.tokenVersion < token.tokenVersion) return token;
      this.refreshes += 1;
      const fresh = await oauth.refresh({ loginUrl: simulated.origin, refreshToken, credentials: APP });
      refreshToken = fresh.refreshToken ?? refreshToken;
      token = { ...token, accessToken: fresh.accessToken, tokenVersion: token.tokenVersion + 1 };
      return token;
    },
  };
}

beforeAll(async () => {
  simulated = await anOrg({
    contacts: 450,
    settings: { rotateRefreshTokens: true, queryPageRows: 200, bulkPageRows: 200 },
  });
});
afterAll(() => simulated.close());

beforeEach(async () => {
  transport?.close();
  transport = makeHttpTransport({ timeoutMs: 5_000 });
  simulated.org.faults.clear();
  tokens = makeTokens();
  org = await open();
  simulated.org.requests.reset();
});
afterAll(() => transport?.close());

describe('reading', () => {
  test('sends a query that no request line holds through a composite call', async () => {
    const values = Array.from({ length: 200 }, (_, index) => `key-é-'${'x'.repeat(60)}-${index}`);

    const page = await org.select(select({ where: { kind: 'external-ids', field: 'Sync_Key__c', values } }));

    expect(page.records).toEqual([]);
    expect(org.usage().calls).toBe(1);
  });

  test('leaves the mapping’s own condition as it was written', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'O\'Neil \\ "Ω"' });
    const filter = "LastName LIKE 'O\\'Neil %' AND (NOT Email = 'x@example.com')";

    const { records } = await org.select(select({ filter }));

    expect(records).toMatchObject([{ Id: id, LastName: 'O\'Neil \\ "Ω"' }]);
  });

  test('stops at a condition that cannot be parsed', async () => {
    expect(await rejection(org.select(select({ filter: 'LastName ==' })))).toMatchObject({
      name: 'SalesforceApiError',
      code: 'MALFORMED_QUERY',
      next: { do: 'stop' },
    });
  });
});

describe('writing', () => {
  test('names itself, so that its changes can be told', async () => {
    await org.upsert('Contact', 'Sync_Key__c', [{ externalId: 'named', values: { LastName: 'N' } }], []);

    expect(simulated.org.requests.entries().at(-1)?.client).toBe('salesforce-sync');
  });

  test('reads 200 records back in the call that writes them', async () => {
    const records = Array.from({ length: 200 }, (_, index) => ({
      externalId: `many-${index}`,
      values: { LastName: `M${index}` },
    }));

    const outcomes = await org.upsert('Contact', 'Sync_Key__c', records, ['LastName']);

    expect(outcomes.map((one) => (one.kind === 'written' ? one.after?.LastName : one.kind))).toEqual(
      records.map((one) => one.values.LastName),
    );
    expect(org.usage().calls).toBe(1);
  });
});

describe('trouble', () => {
  const writeOne = () =>
    org.upsert('Contact', 'Sync_Key__c', [{ externalId: 'trouble', values: { LastName: 'T' } }], []);

  test('an expired session is refreshed exactly once by twenty requests at once', async () => {
    simulated.org.expireAccessTokens();

    const pages = await Promise.all(Array.from({ length: 20 }, () => org.select(select())));

    expect(pages.every((page) => page.records.length === 200)).toBe(true);
    expect(tokens.refreshes).toBe(1);
    expect(simulated.org.requests.counts().granted).toEqual({ 'token-refresh': 1 });
  });

  test('a session that ends in the middle of paging is refreshed', async () => {
    const first = await org.select(select());
    simulated.org.faults.add({ kind: 'expired-session', path: '/query/' });

    expect((await org.nextPage(first.next ?? '')).records.length).toBeGreaterThan(0);
    expect(tokens.refreshes).toBe(1);
  });

  test.each(['truncate', 'drop-before', 'drop-after', 'maintenance'] as const)(
    'a read gets over it: %s',
    async (kind) => {
      simulated.org.faults.add({ kind, path: '/query' });

      expect((await org.select(select())).records).toHaveLength(200);
      expect(org.usage().calls).toBe(2);
    },
  );

  test.each(['truncate', 'drop-before', 'drop-after', 'maintenance'] as const)(
    'a write is not repeated, since nobody knows what became of it: %s',
    async (kind) => {
      simulated.org.faults.add({ kind, path: '/composite' });

      expect(await rejection(writeOne())).toMatchObject({
        name: 'SalesforceApiError',
        next: { do: 'reread' },
      });
      expect(simulated.org.requests.entries()).toHaveLength(1);
    },
  );

  test('a server that hangs does not hang us', async () => {
    simulated.org.faults.add({ kind: 'delay', delayMs: 300 });
    const impatient = makeHttpTransport({ timeoutMs: 100 });
    const other = await open(impatient.send);

    expect(await rejection(other.select(select()))).toMatchObject({ code: 'TIMEOUT', next: { do: 'retry' } });
    impatient.close();
    // The org still works on it, and must not be closed before it is done.
    for (let turn = 0; turn < 100; turn += 1) {
      if (simulated.org.inFlight.runningFor(0, performance.now()) === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  test('the org’s token goes to no other origin', async () => {
    expect(await rejection(org.nextPage('http://127.0.0.1:9/services/data/v59.0/query/x'))).toMatchObject({
      code: 'FOREIGN_ORIGIN',
    });
    expect(org.usage().calls).toBe(0);
  });

  test('a page of a bulk result that broke off is worth another try', async () => {
    const { jobId } = await org.bulk.submitQuery(select());
    for (let turn = 0; turn < 200; turn += 1) {
      if ((await org.bulk.info('query', jobId)).state === 'JobComplete') break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    simulated.org.faults.add({ kind: 'truncate', path: '/results' });
    const page = await org.bulk.queryResults(jobId, { maxRecords: 200 });

    const read = async () => {
      for await (const _ of page.csv);
    };
    expect(await rejection(read())).toMatchObject({ code: 'CONNECTION_FAILED', next: { do: 'retry' } });
  });
});
