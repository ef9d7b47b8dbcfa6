import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import type { SalesforceClient } from '../../../shared/salesforce-client/client.ts';
import { soql } from '../../../shared/salesforce-client/soql/soql.ts';
import type { SimulatedOrg } from '../../../simulated-org/simulated-org.ts';
import { anOrg } from '../simulated-org/an-org.ts';
import { aClientAndItsOrg } from './a-client-and-its-org.ts';

/*
 * One script, run by jsforce and by our client against orgs that were seeded alike. Where the two differ on the way,
 * the contract decides, and we differ on purpose:
 *
 * - jsforce puts an external id's value into the address as it is: `a/b`, `a?b`, `100%` lead to another resource, or
 *   nowhere (one test below). We percent-encode it, and refuse the few values that no address can hold.
 * - jsforce throws for a refused single row and gives values for collections; we give values for both.
 * - jsforce writes one collection a call (10,000 records are 50 calls, ours 10), refuses more than 200 unless
 *   `allowRecursive` is set, and loses the outcomes of earlier calls when a later one fails; we keep them.
 * - jsforce does not group records by type, so more than ten runs of a type are refused by the platform; nor does it
 *   keep two records of one external id apart.
 * - jsforce drops `Id`, `type` and `attributes` from what it is given, a field that is called `type` too; we refuse
 *   `Id` and `attributes` among the values, and know nothing of `type`.
 * - jsforce gives `null` for a row that collections retrieve did not find, and sends more than 2,000 ids in one call;
 *   we give `undefined`, and divide.
 * - jsforce repeats PUT and DELETE too after a 5xx or a broken connection; we repeat no write of unknown outcome.
 * - jsforce names no client in `Sforce-Call-Options` unless told; each of our writes does.
 */

/** What a client does in the script, named as the script says it. */
interface Actor {
  create(sObject: string, values: Record<string, unknown>): Promise<string>;
  createMany(
    sObject: string,
    rows: readonly Record<string, unknown>[],
  ): Promise<readonly (string | undefined)[]>;
  update(sObject: string, id: string, values: Record<string, unknown>): Promise<void>;
  updateMany(
    sObject: string,
    rows: readonly { id: string; values: Record<string, unknown> }[],
  ): Promise<void>;
  upsert(sObject: string, field: string, key: string, values: Record<string, unknown>): Promise<void>;
  remove(sObject: string, id: string): Promise<void>;
  removeMany(sObject: string, ids: readonly string[]): Promise<void>;
  find(sObject: string, field: string, key: string): Promise<string | undefined>;
}

const ours = (client: SalesforceClient): Actor => ({
  create: async (sObject, values) => {
    const outcome = await client.createRecord(sObject, values);
    return 'id' in outcome ? outcome.id : '';
  },
  createMany: async (sObject, rows) =>
    (await client.createRecords(rows.map((values) => ({ sObject, values })))).map((one) =>
      one.kind === 'written' ? one.id : undefined,
    ),
  update: async (sObject, id, values) => {
    await client.updateRecord(sObject, id, values);
  },
  updateMany: async (sObject, rows) => {
    await client.updateRecords(rows.map((row) => ({ sObject, ...row })));
  },
  upsert: async (sObject, field, key, values) => {
    await client.upsertRecord(sObject, field, key, values);
  },
  remove: async (sObject, id) => {
    await client.deleteRecord(sObject, id);
  },
  removeMany: async (_, ids) => {
    await client.deleteRecords(ids);
  },
  find: async (sObject, field, key) =>
    (await client.getRecordByExternalId<{ Id: string }>(sObject, field, key))?.Id,
});

const theirs = (connection: InstanceType<typeof jsforce.Connection>): Actor => {
  const many = { allowRecursive: true };
  return {
    create: async (sObject, values) => (await connection.sobject(sObject).create({ ...values })).id ?? '',
    createMany: async (sObject, rows) =>
      (await connection.sobject(sObject).create([...rows], many)).map((one) => one.id),
    update: async (sObject, id, values) => {
      await connection.sobject(sObject).update({ Id: id, ...values });
    },
    updateMany: async (sObject, rows) => {
      const records = rows.map(({ id, values }) => ({ Id: id, ...values }));
      await connection.sobject(sObject).update(records, many);
    },
    upsert: async (sObject, field, key, values) => {
      await connection.sobject(sObject).upsert({ [field]: key, ...values }, field);
    },
    remove: async (sObject, id) => {
      await connection.sobject(sObject).destroy(id);
    },
    removeMany: async (sObject, ids) => {
      await connection.sobject(sObject).destroy([...ids], many);
    },
    find: async (sObject, field, key) =>
      (
        await connection
          .sobject(sObject)
          .find({ [field]: key }, ['Id'])
          .execute()
      )[0]?.Id,
  };
};

async function play(actor: Actor): Promise<void> {
  const account = await actor.create('Account', { Name: "O'Neil & Söhne \\ Co" });
  const rows = Array.from({ length: 430 }, (_, index) => ({
    ...(index % 100 === 3 ? {} : { LastName: `Person ${index} 日本` }),
    Sync_Key__c: `script-${index}`,
    AccountId: account,
    Score__c: index / 4,
    Opted_In__c: index % 2 === 0,
  }));
  const ids = await actor.createMany('Contact', rows);
  const known = ids.filter((id) => id !== undefined);
  await actor.updateMany(
    'Contact',
    known
      .slice(0, 250)
      .map((id, index) => ({ id, values: { Email: `p${index}@example.com`, Score__c: null } })),
  );
  await actor.update('Contact', known[300] ?? '', { Title: 'Line one\nline two', Birthdate: '1990-02-28' });
  await actor.upsert('Contact', 'Sync_Key__c', 'script-3', { LastName: 'Came later' });
  await actor.upsert('Contact', 'Sync_Key__c', 'script-4', { LastName: 'Changed' });
  await actor.upsert('Contact', 'Sync_Key__c', 'script-later', { LastName: 'New' });
  await actor.remove('Contact', (await actor.find('Contact', 'Sync_Key__c', 'script-5')) ?? '');
  await actor.removeMany('Contact', known.slice(400));
}

/** All that the script can have touched, ids aside, which each org gives out itself. */
const stateOf = (simulated: SimulatedOrg) => ({
  contacts: simulated.org.select(
    'SELECT Sync_Key__c, LastName, Email, Title, Birthdate, Score__c, Opted_In__c, Account.Name, IsDeleted FROM Contact ORDER BY Sync_Key__c, LastName, Email',
    { includesDeleted: true },
  ),
  accounts: simulated.org.select('SELECT Name FROM Account ORDER BY Name'),
});

const withoutUrls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, one) => (key === 'attributes' ? undefined : one)));

const connectTo = (org: SimulatedOrg) =>
  new jsforce.Connection({
    instanceUrl: org.origin,
    accessToken: org.org.issueTokens().access_token ?? '',
    version: '59.0',
  });

describe('jsforce and our client, with one script', () => {
  const seed = { accounts: 3, contacts: 30, seed: 7 };
  let mine: Awaited<ReturnType<typeof aClientAndItsOrg>>;
  let simulated: SimulatedOrg;

  beforeEach(async () => {
    mine = await aClientAndItsOrg(seed);
    simulated = await anOrg(seed);
  });
  afterEach(() => Promise.all([mine.close(), simulated.close()]));

  test('leave the same records, and see the same', async () => {
    await play(ours(mine.client));
    await play(theirs(connectTo(simulated)));

    expect(withoutUrls(stateOf(mine.simulated))).toEqual(withoutUrls(stateOf(simulated)));

    // Both clients, now on one and the same org.
    const text = 'SELECT Id, LastName, Account.Name, Score__c FROM Contact ORDER BY Id';
    const seenByUs = await mine.client
      .query(soql`SELECT Id, LastName, Account.Name, Score__c FROM Contact ORDER BY Id`)
      .all();
    const there = connectTo(mine.simulated);
    const seenByThem = await there.query(text, { autoFetch: true, maxFetch: 10_000 });
    expect(seenByUs.length).toBeGreaterThan(400);
    expect(seenByUs).toEqual(JSON.parse(JSON.stringify(seenByThem.records)));

    const ids = seenByUs.slice(0, 150).map((one) => String(one.Id));
    const fields = ['Id', 'LastName', 'Email'];
    expect(await mine.client.retrieveRecords('Contact', ids, fields)).toEqual(
      JSON.parse(JSON.stringify(await there.sobject('Contact').retrieve(ids, { fields } as object))),
    );
    const described = await there.sobject('Contact').describe();
    expect(await mine.client.describe('Contact')).toMatchObject(JSON.parse(JSON.stringify(described)));
  });

  test('part where an external id needs encoding', async () => {
    const values = { LastName: 'Encoded' };

    expect(await mine.client.upsertRecord('Contact', 'Sync_Key__c', 'a/b', values)).toMatchObject({
      created: true,
    });
    await expect(
      connectTo(simulated)
        .sobject('Contact')
        .upsert({ Sync_Key__c: 'a/b', ...values }, 'Sync_Key__c'),
    ).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
  });
});
