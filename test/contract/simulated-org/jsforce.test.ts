import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { APP, anOrg, aVerifier, decide } from './an-org.ts';
import { fixturesTest } from './fixtures.ts';

describe('jsforce, a client that others wrote', () => {
  let simulated: SimulatedOrg;

  beforeAll(async () => {
    simulated = await anOrg({ accounts: 20, contacts: 450 });
  });
  afterAll(() => simulated.close());

  const connect = () => {
    const { access_token: accessToken = '', refresh_token: refreshToken = '' } = simulated.org.issueTokens();
    return new jsforce.Connection({
      oauth2: {
        loginUrl: simulated.origin,
        clientId: APP.clientId,
        clientSecret: APP.clientSecret,
        redirectUri: APP.redirectUri,
      },
      instanceUrl: simulated.origin,
      accessToken,
      refreshToken,
      version: '59.0',
    });
  };

  test('logs in with a code and a PKCE verifier', async () => {
    const { verifier, challenge } = aVerifier();
    const callback = await decide(simulated, { code_challenge: challenge, code_challenge_method: 'S256' });
    const connection = connect();

    const user = await connection.authorize(callback.searchParams.get('code') ?? '', {
      code_verifier: verifier,
    });

    expect(user).toMatchObject({ organizationId: simulated.orgId, id: simulated.org.users.integration.id });
    expect(await connection.identity()).toMatchObject({ organization_id: simulated.orgId });
  });

  test('refreshes an expired session by itself and repeats the call', async () => {
    const connection = connect();
    const refreshed: string[] = [];
    connection.on('refresh', (token: string) => refreshed.push(token));
    simulated.org.expireAccessTokens();

    const { totalSize } = await connection.query('SELECT COUNT() FROM Contact');

    expect(totalSize).toBe(450);
    expect(refreshed).toHaveLength(1);
  });

  test('queries with parents and pages through every row once', async () => {
    const connection = connect();
    const soql = 'SELECT Id, Name, Account.Name FROM Contact ORDER BY SystemModstamp, Id';

    const first = await connection.query(soql, { headers: { 'Sforce-Query-Options': 'batchSize=200' } });
    const second = await connection.queryMore(first.nextRecordsUrl ?? '');
    const third = await connection.queryMore(second.nextRecordsUrl ?? '');
    const all = await connection.query(soql, { autoFetch: true, maxFetch: 1_000 });

    const paged = [first, second, third].flatMap(({ records }) => records.map(({ Id }) => Id));
    expect([first.done, second.done, third.done]).toEqual([false, false, true]);
    expect(paged).toEqual(all.records.map(({ Id }) => Id));
    expect(new Set(paged).size).toBe(450);
  });

  test('creates, reads, changes, upserts and deletes a row', async () => {
    const contacts = connect().sobject('Contact');

    const created = await contacts.create({
      LastName: "O'Hara",
      Email: 'o@example.com',
      Sync_Key__c: 'js-1',
    });
    await contacts.update({ Id: created.id ?? '', Title: 'Buyer', Opted_In__c: true });
    const upserted = await contacts.upsert({ Sync_Key__c: 'js-1', FirstName: 'Ina' }, 'Sync_Key__c');
    const read = await contacts.retrieve(created.id ?? '');
    await contacts.destroy(created.id ?? '');

    expect(upserted).toMatchObject({ id: created.id, success: true, created: false });
    expect(read).toMatchObject({
      Name: "Ina O'Hara",
      Title: 'Buyer',
      Opted_In__c: true,
      Sync_Key__c: 'js-1',
    });
    await expect(contacts.retrieve(created.id ?? '')).rejects.toMatchObject({
      errorCode: 'ENTITY_IS_DELETED',
    });
  });

  test('writes collections with a result for each row', async () => {
    const contacts = connect().sobject('Contact');

    const created = await contacts.create([
      { LastName: 'One' },
      { FirstName: 'no last name' },
      { LastName: 'Three' },
    ]);
    const ids = created.flatMap(({ id }) => (id ? [id] : []));
    const read = await contacts.retrieve(ids);
    const destroyed = await contacts.destroy(ids);

    expect(created.map(({ success }) => success)).toEqual([true, false, true]);
    expect(created[1]?.errors[0]).toMatchObject({
      statusCode: 'REQUIRED_FIELD_MISSING',
      fields: ['LastName'],
    });
    expect(read.map(({ LastName }) => LastName)).toEqual(['One', 'Three']);
    expect(destroyed.every(({ success }) => success)).toBe(true);
  });

  test('describes the org and an object', async () => {
    const connection = connect();

    const { sobjects } = await connection.describeGlobal();
    const contact = await connection.sobject('Contact').describe();
    const limits = await connection.request<{ DailyApiRequests: { Max: number } }>('/limits');

    expect(sobjects.map(({ name }) => name)).toEqual([
      'Account',
      'AccountHistory',
      'Contact',
      'Lead',
      'Task',
      'Opportunity',
      'Meter__c',
      'User',
      'Organization',
      'RecordType',
    ]);
    expect(contact.fields.find(({ name }) => name === 'Sync_Key__c')).toMatchObject({
      externalId: true,
      unique: true,
    });
    expect(limits.DailyApiRequests.Max).toBe(15_000);
    expect(connection.limitInfo).toMatchObject({ apiUsage: { limit: 15_000 } });
  });

  test('loads rows by a bulk query', async () => {
    const connection = connect();

    const stream = await connection.bulk2.query('SELECT Id, Name, Account.Name, Score__c FROM Contact', {
      pollInterval: 10,
      pollTimeout: 10_000,
    });
    const rows = await stream.toArray();

    expect(rows).toHaveLength(simulated.org.count('SELECT Id FROM Contact'));
    expect(Object.keys(rows[0] ?? {})).toEqual(['Id', 'Name', 'Account.Name', 'Score__c']);
  });

  test('ingests rows and learns which were refused', async () => {
    const connection = connect();

    const results = await connection.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'upsert',
      externalIdFieldName: 'Sync_Key__c',
      input: [
        { Sync_Key__c: 'bulk-1', LastName: 'Quoted, "twice"' },
        { Sync_Key__c: 'bulk-2', LastName: '' },
      ],
      pollInterval: 10,
      pollTimeout: 10_000,
    });

    expect(results.successfulResults).toMatchObject([{ sf__Created: 'true', LastName: 'Quoted, "twice"' }]);
    expect(results.failedResults).toMatchObject([{ Sync_Key__c: 'bulk-2' }]);
    expect(String(results.failedResults[0]?.sf__Error)).toMatch(/^REQUIRED_FIELD_MISSING:.*:LastName --$/);
  });

  fixturesTest("ingests jsforce's own sample of a hundred accounts", async (folder) => {
    const connection = connect();
    const csv = readFileSync(path.join(folder, 'jsforce/Account_bulk2_test.csv'), 'utf8');

    const results = await connection.bulk2.loadAndWaitForResults({
      object: 'Account',
      operation: 'insert',
      input: csv,
      pollInterval: 10,
      pollTimeout: 20_000,
    });

    expect(results.failedResults).toEqual([]);
    expect(results.successfulResults).toHaveLength(100);
    const one = "SELECT BillingStreet FROM Account WHERE Name = 'Bulk Account from CSV (bulk2) - #1'";
    expect(simulated.org.select(one)[0]?.BillingStreet).toContain('\n');
  });
});
