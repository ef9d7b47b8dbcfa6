import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessToken, BulkJobInfo, TokenResponse } from '../../../shared/contracts/salesforce.ts';
import { makeSalesforceOrgs } from '../../../shared/salesforce/org.ts';
import { readCsv, writeCsv } from '../../../shared/salesforce-client/csv/csv.ts';
import { parseIdentityUrl, verifyIdentity } from '../../../shared/salesforce-client/oauth/identity.ts';
import { makeWebServerFlow } from '../../../shared/salesforce-client/oauth/oauth.ts';
import {
  type HttpTransport,
  makeHttpTransport,
} from '../../../shared/salesforce-client/transport/http-transport.ts';
import type { AccessTokens } from '../../../shared/use-cases/ports/runtime.ts';
import type { RecordSelection, SalesforceOrg } from '../../../shared/use-cases/ports/salesforce-org.ts';
import { type SimulatedOrg, startSimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { rejection } from '../../unit/salesforce-client/fakes.ts';

const credentials = {
  clientId: 'contract-client',
  clientSecret: 'contract-secret',
  redirectUri: 'http://127.0.0.1:9/oauth/callback',
};
const VERIFIER = 'v'.repeat(64);
const CONTACTS = 450;

let simulated: SimulatedOrg;
let transport: HttpTransport;
let tokens: AccessTokens & { refreshes: number };
let org: SalesforceOrg;

const oauth = () => makeWebServerFlow({ transport: transport.send, trustedOrigins: [simulated.origin] });
const requests = () => simulated.org.requests.counts().requests;
const select = (change: Partial<RecordSelection> = {}): RecordSelection => ({
  sObject: 'Contact',
  fields: ['LastName', 'Email'],
  where: { kind: 'all' },
  ...change,
});

/** Refreshes for real, one at a time. */
function makeTokens(first: TokenResponse): typeof tokens {
  let pair = first;
  let token: AccessToken = {
    accessToken: first.accessToken,
    instanceUrl: first.instanceUrl,
    apiVersion: 'v59.0',
    tokenVersion: 1,
  };
  return {
    refreshes: 0,
    current: async () => token,
    async refreshed(_connectionId, stale) {
      if (stale.tokenVersion < token.tokenVersion) return token;
      this.refreshes += 1;
      const next = await oauth().refresh({
        loginUrl: simulated.origin,
        refreshToken: pair.refreshToken ?? '',
        credentials,
      });
      pair = { ...pair, ...next };
      token = { ...token, accessToken: next.accessToken, tokenVersion: token.tokenVersion + 1 };
      return token;
    },
  };
}

/** What the person and the browser do. */
async function authorise(): Promise<string> {
  const codeChallenge = createHash('sha256').update(VERIFIER).digest('base64url');
  const url = new URL(
    oauth().authorizeUrl({ loginUrl: simulated.origin, state: 'state-1', codeChallenge, credentials }),
  );
  expect((await fetch(url)).status).toBe(200);
  const body = new URLSearchParams(url.searchParams);
  body.set('decision', 'allow');
  const answer = await fetch(url.origin + url.pathname, { method: 'POST', body, redirect: 'manual' });
  const callback = new URL(answer.headers.get('location') ?? '');
  expect(callback.searchParams.get('state')).toBe('state-1');
  return callback.searchParams.get('code') ?? '';
}

beforeAll(async () => {
  simulated = await startSimulatedOrg({
    clientId: credentials.clientId,
    clientSecret: credentials.clientSecret,
    redirectUris: [credentials.redirectUri],
    accounts: 5,
    contacts: CONTACTS,
    settings: {
      rotateRefreshTokens: true,
      requirePkce: true,
      queryPageRows: 200,
      bulkPageRows: 200,
      bulkStateMs: 5,
    },
  });
});
afterAll(() => simulated.close());

beforeEach(async () => {
  transport?.close();
  transport = makeHttpTransport({ timeoutMs: 5_000 });
  simulated.org.faults.clear();
  const response = await oauth().exchangeCode({
    loginUrl: simulated.origin,
    code: await authorise(),
    codeVerifier: VERIFIER,
    credentials,
  });
  tokens = makeTokens(response);
  const clock = { nowMs: () => Date.now(), sleep: async () => undefined };
  const orgs = makeSalesforceOrgs({
    transport: transport.send,
    tokens,
    clock,
    trustedOrigins: [simulated.origin],
  });
  org = await orgs.open('connection-1');
  simulated.org.requests.reset();
});
afterAll(() => transport?.close());

describe('authorising', () => {
  test('gives a signed identity', async () => {
    const response = await oauth().exchangeCode({
      loginUrl: simulated.origin,
      code: await authorise(),
      codeVerifier: VERIFIER,
      credentials,
    });

    expect(verifyIdentity(response, credentials.clientSecret)).toBe(true);
    expect(parseIdentityUrl(response.id).sfOrgId).toBe(simulated.orgId);
    expect(response.scope).toBe('api refresh_token');
  });

  test('takes a code once, and only with its verifier', async () => {
    const code = await authorise();
    const exchange = (codeVerifier: string) =>
      oauth().exchangeCode({ loginUrl: simulated.origin, code, codeVerifier, credentials });

    expect(await rejection(exchange('w'.repeat(64)))).toMatchObject({ code: 'invalid_grant' });
    expect(await rejection(exchange(VERIFIER))).toMatchObject({
      code: 'invalid_grant',
      next: { do: 'reauthorize' },
    });
  });

  test('refuses a refresh token that was rotated away', async () => {
    const { refreshToken = '' } = await oauth().exchangeCode({
      loginUrl: simulated.origin,
      code: await authorise(),
      codeVerifier: VERIFIER,
      credentials,
    });
    const refresh = () => oauth().refresh({ loginUrl: simulated.origin, refreshToken, credentials });

    expect((await refresh()).refreshToken).not.toBe(refreshToken);
    expect(await rejection(refresh())).toMatchObject({
      code: 'invalid_grant',
      detail: 'expired access/refresh token',
    });
  });

  test('says of a second refresh at once that one is running', async () => {
    const { refreshToken = '' } = await oauth().exchangeCode({
      loginUrl: simulated.origin,
      code: await authorise(),
      codeVerifier: VERIFIER,
      credentials,
    });
    simulated.org.settings.tokenDelayMs = 100;
    const refresh = () =>
      oauth()
        .refresh({ loginUrl: simulated.origin, refreshToken, credentials })
        .catch((error: unknown) => error);
    const outcomes = await Promise.all([refresh(), refresh()]);
    simulated.org.settings.tokenDelayMs = 0;

    expect(outcomes).toContainEqual(
      expect.objectContaining({ code: 'REFRESH_IN_PROGRESS', next: { do: 'reread' } }),
    );
    expect(outcomes).toContainEqual(expect.objectContaining({ accessToken: expect.any(String) }));
  });
});

describe('reading', () => {
  test('pages through all records, short pages and all', async () => {
    const seen = new Set<unknown>();
    let page = await org.select(select());
    for (;;) {
      for (const record of page.records) seen.add(record.Id);
      if (page.next === undefined) break;
      page = await org.nextPage(page.next);
    }

    expect(seen.size).toBe(await org.count(select()));
    expect(requests().query).toBe(2);
    expect(org.usage()).toMatchObject({ calls: Math.ceil(seen.size / 200) + 1, max: 15_000 });
  });

  test('finds records by id and by external id, and what changed since', async () => {
    const [first] = (await org.select(select())).records;
    const byId = await org.select(select({ where: { kind: 'ids', ids: [String(first?.Id)] } }));
    expect(byId.records).toEqual([first]);

    const since = new Date(Date.parse(byId.readAt) - 5_000).toISOString();
    simulated.org.update('Contact', String(first?.Id), { LastName: 'O\'Neil \\ "Ω"' });
    const changed = await org.select(
      select({ where: { kind: 'changed-since', since }, filter: "LastName LIKE 'O%'" }),
    );
    expect(changed.records).toMatchObject([{ Id: first?.Id, LastName: 'O\'Neil \\ "Ω"', IsDeleted: false }]);
  });

  test('sends a query that no request line holds through a composite call', async () => {
    const values = Array.from({ length: 200 }, (_, index) => `key-é-'${'x'.repeat(60)}-${index}`);

    const page = await org.select(select({ where: { kind: 'external-ids', field: 'Sync_Key__c', values } }));

    expect(page.records).toEqual([]);
    expect(org.usage().calls).toBe(1);
  });

  test('describes in one call', async () => {
    const described = await org.describe('Contact');

    expect(described).toMatchObject({ name: 'Contact', queryable: true, createable: true });
    expect(described.fields).toContainEqual({
      name: 'Sync_Key__c',
      type: 'text',
      createable: true,
      updateable: true,
      unique: true,
      externalId: true,
      caseSensitive: expect.any(Boolean),
    });
    expect(described.fields).toContainEqual(
      expect.objectContaining({ name: 'MailingAddress', type: 'unsupported' }),
    );
    expect(org.usage().calls).toBe(1);
  });

  test('gives Salesforce’s time', async () => {
    simulated.org.clock.advance(60_000);
    const page = await org.select(select());

    expect(Math.abs(Date.parse(page.readAt) - simulated.org.clock.now())).toBeLessThan(2_000);
    expect(org.clockSkewMs()).toBeGreaterThan(55_000);
  });

  test.each([
    ['a field that is not there', select({ fields: ['Nope__c'] }), 'INVALID_FIELD', 'recheck'],
    ['an object that is not there', select({ sObject: 'Nope__c' }), 'INVALID_TYPE', 'recheck'],
    ['a filter that cannot be parsed', select({ filter: 'LastName ==' }), 'MALFORMED_QUERY', 'stop'],
  ])('says what to do about %s', async (_, selection, code, next) => {
    expect(await rejection(org.select(selection))).toMatchObject({
      name: 'SalesforceApiError',
      code,
      next: { do: next },
    });
  });
});

describe('writing', () => {
  test('creates, changes and reads back in one call each, and clears with null', async () => {
    const keys = ['a/1 & é', "b'2"];
    const records = keys.map((externalId, index) => ({
      externalId,
      values: { LastName: `Written ${index}`, Email: `w${index}@example.com` },
    }));
    const created = await org.upsert('Contact', 'Sync_Key__c', records, ['LastName', 'Sync_Key__c']);
    expect(created).toMatchObject(
      keys.map((key, index) => ({
        kind: 'written',
        created: true,
        after: { Sync_Key__c: key, LastName: `Written ${index}`, IsDeleted: false },
      })),
    );
    expect(org.usage().calls).toBe(1);

    const again = await org.upsert('Contact', 'Sync_Key__c', records, ['LastName']);
    expect(again).toMatchObject([{ created: false }, { created: false }]);

    const sfId = created[0]?.kind === 'written' ? created[0].sfId : '';
    const cleared = await org.update('Contact', [{ sfId, values: { Email: null } }], ['Email']);
    expect(cleared).toMatchObject([{ kind: 'written', sfId, after: { Email: null } }]);
    const found = await org.select(
      select({ where: { kind: 'external-ids', field: 'Sync_Key__c', values: keys } }),
    );
    expect(found.records).toHaveLength(2);
  });

  test('names itself, so that its changes can be told', async () => {
    await org.upsert('Contact', 'Sync_Key__c', [{ externalId: 'named', values: { LastName: 'N' } }], []);

    expect(simulated.org.requests.entries().at(-1)?.client).toBe('salesforce-sync');
  });

  test('gives each record its own outcome', async () => {
    simulated.org.faults.add({ kind: 'row', path: 'Locked' });

    const outcomes = await org.upsert(
      'Contact',
      'Sync_Key__c',
      [
        { externalId: 'o1', values: { FirstName: 'no last name' } },
        { externalId: 'o2', values: { LastName: 'Fine' } },
        { externalId: 'o3', values: { LastName: 'Locked' } },
      ],
      ['LastName'],
    );

    expect(outcomes).toMatchObject([
      { kind: 'refused', code: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] },
      { kind: 'written', created: true, after: { LastName: 'Fine' } },
      { kind: 'refused', code: 'UNABLE_TO_LOCK_ROW', retryAfterMs: expect.any(Number) },
    ]);
  });

  test('takes 200 records in one call', async () => {
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

  test('an exhausted allowance makes the work wait', async () => {
    simulated.org.faults.add({ kind: 'request-limit' });

    expect(await rejection(writeOne())).toMatchObject({
      name: 'SalesforceRateLimitError',
      next: { do: 'wait' },
    });
  });

  test('a server that hangs does not hang us', async () => {
    simulated.org.faults.add({ kind: 'delay', delayMs: 1_000 });
    const impatient = makeHttpTransport({ timeoutMs: 100 });
    const clock = { nowMs: () => Date.now(), sleep: async () => undefined };
    const other = await makeSalesforceOrgs({
      transport: impatient.send,
      tokens,
      clock,
      trustedOrigins: [simulated.origin],
    }).open('c');

    expect(await rejection(other.select(select()))).toMatchObject({ code: 'TIMEOUT', next: { do: 'retry' } });
    impatient.close();
  });

  test('the org’s token goes to no other origin', async () => {
    expect(await rejection(org.nextPage('http://127.0.0.1:9/services/data/v59.0/query/x'))).toMatchObject({
      code: 'FOREIGN_ORIGIN',
    });
    expect(org.usage().calls).toBe(0);
  });
});

describe('bulk', () => {
  async function ended(job: BulkJobInfo): Promise<BulkJobInfo> {
    for (let turn = 0; turn < 200; turn += 1) {
      const info = await org.bulk.info(job.kind, job.jobId);
      if (info.state === 'JobComplete' || info.state === 'Failed') return info;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('The job never ended');
  }

  test('queries in pages, each with its header', async () => {
    const submitted = await org.bulk.submitQuery(select());
    expect(submitted).toMatchObject({ kind: 'query', state: 'UploadComplete', sObject: 'Contact' });
    expect((await org.bulk.listOpen('query')).map((one) => one.jobId)).toContain(submitted.jobId);
    const info = await ended(submitted);
    const seen = new Set<unknown>();
    let locator: string | undefined;
    let pages = 0;
    do {
      const page = await org.bulk.queryResults(info.jobId, {
        maxRecords: 1_000,
        ...(locator === undefined ? {} : { locator }),
      });
      let rows = 0;
      for await (const row of readCsv(page.csv)) {
        rows += 1;
        seen.add(row.Id);
      }
      expect(rows).toBe(page.records);
      locator = page.nextLocator;
      pages += 1;
    } while (locator !== undefined);

    expect(pages).toBeGreaterThan(2);
    expect(seen.size).toBe(info.recordsProcessed);
    expect(await org.bulk.listOpen('query')).toEqual([]);
  });

  test('upserts, and tells what became of each row', async () => {
    const submitted = await org.bulk.submitIngest({
      sObject: 'Contact',
      operation: 'upsert',
      externalIdField: 'Sync_Key__c',
    });
    expect(submitted).toMatchObject({ kind: 'ingest', state: 'Open', operation: 'upsert' });
    expect((await org.bulk.listOpen('ingest')).map((one) => one.jobId)).toEqual([submitted.jobId]);
    const chunks: Uint8Array[] = [];
    const rows = [
      { Sync_Key__c: 'bulk-1', LastName: 'Bulk "one", é\nline', Email: 'b@example.com' },
      { Sync_Key__c: 'bulk-2', LastName: 'Two', Email: null },
      { Sync_Key__c: 'bulk-3', LastName: null },
    ];
    for await (const chunk of writeCsv(['Sync_Key__c', 'LastName', 'Email'], rows)) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    async function* stream() {
      yield body;
    }

    await org.bulk.upload(submitted.jobId, stream(), body.byteLength);
    await org.bulk.close(submitted.jobId);
    await org.bulk.close(submitted.jobId);
    const info = await ended(submitted);
    expect(info).toMatchObject({ state: 'JobComplete', recordsProcessed: 3, recordsFailed: 1 });

    const keysOf = async (which: 'successful' | 'failed' | 'unprocessed') => {
      const keys: unknown[] = [];
      for await (const row of readCsv(await org.bulk.ingestResults(info.jobId, which)))
        keys.push(row.Sync_Key__c);
      return keys.sort();
    };
    expect(await keysOf('successful')).toEqual(['bulk-1', 'bulk-2']);
    expect(await keysOf('failed')).toEqual(['bulk-3']);
    expect(await keysOf('unprocessed')).toEqual([]);
    const found = await org.select(
      select({ where: { kind: 'external-ids', field: 'Sync_Key__c', values: ['bulk-1'] } }),
    );
    expect(found.records).toMatchObject([{ LastName: rows[0]?.LastName }]);
  });

  test('aborts, once and again', async () => {
    const job = await org.bulk.submitIngest({ sObject: 'Contact', operation: 'update' });

    await org.bulk.abort('ingest', job.jobId);
    await org.bulk.abort('ingest', job.jobId);

    expect((await org.bulk.info('ingest', job.jobId)).state).toBe('Aborted');
  });

  test('has no results before its time', async () => {
    const job = await org.bulk.submitQuery(select());

    expect(await rejection(org.bulk.queryResults(job.jobId, { maxRecords: 10 }))).toMatchObject({
      name: 'SalesforceApiError',
      next: { do: 'stop' },
    });
    await ended(job);
  });

  test('gets over a page that broke off', async () => {
    const info = await ended(await org.bulk.submitQuery(select()));
    simulated.org.faults.add({ kind: 'truncate', path: '/results' });
    const page = await org.bulk.queryResults(info.jobId, { maxRecords: 200 });

    const read = async () => {
      for await (const _ of page.csv);
    };
    expect(await rejection(read())).toMatchObject({ code: 'CONNECTION_FAILED', next: { do: 'retry' } });
  });
});
