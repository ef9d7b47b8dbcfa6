import { beforeEach, describe, expect, test } from '@jest/globals';
import jsforce from 'jsforce';
import { orgForEachTest, type Reply } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 0, contacts: 0 });
beforeEach(() => {
  simulated.org.clock.freeze();
  simulated.org.clock.set(Date.parse('2024-05-15T12:00:00Z'));
});

const send = (method: string, path: string): Promise<Reply> => simulated.send(method, path);
const admin = (path: string, body: object = {}): Promise<Reply> => simulated.admin('POST', path, body);
const all = (soql: string) => simulated.org.select(soql, { includesDeleted: true });

describe('the recycle bin', () => {
  test('gives a row back under its old id, with a new stamp and the children that went with it', async () => {
    const accountId = simulated.org.insert('Account', { Name: 'A' });
    const goneBefore = simulated.org.insert('Contact', { LastName: 'Before', AccountId: accountId });
    simulated.org.insert('Contact', { LastName: 'Child', AccountId: accountId });
    simulated.org.delete('Contact', goneBefore);
    simulated.org.delete('Account', accountId);
    simulated.org.clock.advance(5_000);

    const reply = await admin(`/records/Account/${accountId}/undelete`);

    expect(reply.status).toBe(200);
    expect(simulated.org.select('SELECT Id, SystemModstamp FROM Account')).toMatchObject([
      { Id: accountId, SystemModstamp: '2024-05-15T12:00:05.000+0000' },
    ]);
    expect(simulated.org.select('SELECT LastName FROM Contact')).toMatchObject([{ LastName: 'Child' }]);
  });

  test('keeps a row whose unique value another one has taken', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'Old', Sync_Key__c: 'K' });
    simulated.org.delete('Contact', id);
    const taker = simulated.org.insert('Contact', { LastName: 'New', Sync_Key__c: 'K' });

    const refused = await admin(`/records/Contact/${id}/undelete`);
    simulated.org.update('Contact', taker, { Sync_Key__c: 'L' });
    const accepted = await admin(`/records/Contact/${id}/undelete`);

    expect([refused.status, refused.body.error, accepted.status]).toEqual([
      400,
      `DUPLICATE_VALUE: duplicate value found: Sync_Key__c duplicates value on record with id: ${taker}`,
      200,
    ]);
  });

  test('keeps a row and all its children when a unique value of one child is taken', async () => {
    const told: string[] = [];
    const accountId = simulated.org.insert('Account', { Name: 'A' });
    for (const Sync_Key__c of ['free', 'taken'])
      simulated.org.insert('Contact', { LastName: 'Child', AccountId: accountId, Sync_Key__c });
    simulated.org.delete('Account', accountId);
    simulated.org.insert('Contact', { LastName: 'New', Sync_Key__c: 'taken' });
    simulated.org.store.onSaved((saved) => told.push(...saved.map(({ id }) => id)));

    expect(() => simulated.org.undelete('Account', accountId)).toThrow('duplicate value found');

    expect(simulated.org.count('SELECT Id FROM Account')).toBe(0);
    expect(simulated.org.select('SELECT LastName FROM Contact')).toMatchObject([{ LastName: 'New' }]);
    expect(told).toEqual([]);
  });

  test('forgets a purged row for queryAll and the log of deletions alike', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'x' });
    const live = await admin(`/records/Contact/${id}/purge`);
    simulated.org.delete('Contact', id);

    const gone = await admin(`/records/Contact/${id}/purge`);

    expect([live.status, gone.status]).toEqual([404, 200]);
    expect(all('SELECT Id FROM Contact')).toEqual([]);
    simulated.org.clock.advance(60_000);
    const window = 'start=2024-05-15T12:00:00Z&end=2024-05-15T12:01:00Z';
    expect((await send('GET', `/sobjects/Contact/deleted?${window}`)).body.deletedRecords).toEqual([]);
    expect((await send('GET', `/sobjects/Contact/${id}`)).status).toBe(404);
  });

  test('says when it was emptied, so that lost deletions can be noticed', async () => {
    simulated.org.delete('Contact', simulated.org.insert('Contact', { LastName: 'x' }));
    simulated.org.clock.advance(60_000);

    const emptied = await admin('/recycle-bin/empty');

    expect(emptied.body).toEqual({ purged: 1 });
    const window = 'start=2024-05-15T12:00:00Z&end=2024-05-15T12:01:00Z';
    expect((await send('GET', `/sobjects/Contact/deleted?${window}`)).body).toEqual({
      deletedRecords: [],
      earliestDateAvailable: '2024-05-15T12:01:00.000+0000',
      latestDateCovered: '2024-05-15T12:01:00.000+0000',
    });
  });

  test('shows deletions to be lost in the minute in which it was emptied, and none after it', async () => {
    const earliest = async (start: string) => {
      const window = `start=${start}&end=2024-05-15T12:02:00Z`;
      return (await send('GET', `/sobjects/Contact/deleted?${window}`)).body.earliestDateAvailable;
    };
    simulated.org.delete('Contact', simulated.org.insert('Contact', { LastName: 'x' }));
    simulated.org.clock.advance(30_250);
    const before = await earliest('2024-05-15T12:00:00Z');

    await admin('/recycle-bin/empty');

    // Nothing is lost within the fifteen days that the log reaches back, so the log begins with their first minute.
    expect(before).toBe('2024-04-30T12:00:00.000+0000');
    expect(await earliest('2024-05-15T12:00:00Z')).toBe('2024-05-15T12:01:00.000+0000');
    expect(await earliest('2024-05-15T12:01:00Z')).toBe('2024-05-15T12:01:00.000+0000');
  });

  test('is bypassed when a bulk job hard deletes', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'x' });
    const job = await simulated.send('POST', '/jobs/ingest', {
      object: 'Contact',
      operation: 'hardDelete',
    });
    const path = `/jobs/ingest/${job.body.id}`;
    const csv = { 'content-type': 'text/csv' };
    await simulated.send('PUT', `${path}/batches`, `Id\n${id}\n`, csv);
    await simulated.send('PATCH', path, { state: 'UploadComplete' });
    simulated.org.clock.advance(1_000);

    expect((await send('GET', path)).body).toMatchObject({ state: 'JobComplete', numberRecordsFailed: 0 });
    expect(all('SELECT Id FROM Contact')).toEqual([]);
  });
});

describe('a merge', () => {
  test('bins the losers with their master, and points children to the winner without sending a message', async () => {
    const [winner = '', second = '', third = ''] = ['W', 'S', 'T'].map((Name) =>
      simulated.org.insert('Account', { Name }),
    );
    const child = simulated.org.insert('Contact', { LastName: 'Child', AccountId: third });
    const told: string[] = [];
    simulated.org.store.onSaved((saved) => told.push(...saved.map(({ id }) => id)));
    simulated.org.clock.advance(10_000);

    const reply = await admin(`/records/Account/${winner}/merge`, {
      losers: [second, third],
      fields: { Site: 'merged' },
    });

    expect(reply.status).toBe(200);
    const stamp = '2024-05-15T12:00:10.000+0000';
    const soql =
      'SELECT Id, Name, IsDeleted, MasterRecordId, Site, SystemModstamp FROM Account ORDER BY Name';
    expect(all(soql)).toMatchObject([
      { Id: second, IsDeleted: true, MasterRecordId: winner, SystemModstamp: stamp },
      { Id: third, IsDeleted: true, MasterRecordId: winner, SystemModstamp: stamp },
      { Id: winner, IsDeleted: false, MasterRecordId: null, Site: 'merged', SystemModstamp: stamp },
    ]);
    expect(simulated.org.select('SELECT Id, AccountId, SystemModstamp FROM Contact')).toMatchObject([
      { Id: child, AccountId: winner, SystemModstamp: stamp },
    ]);
    expect(told).toEqual([winner]);
  });

  test('leaves no record looking up to itself, and lets a loser come back on its own', async () => {
    const loser = simulated.org.insert('Account', { Name: 'L' });
    const winner = simulated.org.insert('Account', { Name: 'W', ParentId: loser });
    await admin(`/records/Account/${winner}/merge`, { losers: [loser] });

    expect((await admin(`/records/Account/${loser}/undelete`)).status).toBe(200);

    expect(simulated.org.select('SELECT Name, ParentId, MasterRecordId FROM Account')).toMatchObject([
      { ParentId: null, MasterRecordId: null },
      { ParentId: null, MasterRecordId: null },
    ]);
  });

  test('of nothing, of four or of a record with itself is refused and changes nothing', async () => {
    const ids = ['1', '2', '3', '4'].map((LastName) => simulated.org.insert('Contact', { LastName }));
    const [first = ''] = ids;

    for (const losers of [[], ids.slice(1), [first], ['003AB0000000zzz']]) {
      expect((await admin(`/records/Contact/${first}/merge`, { losers })).status).toBeGreaterThanOrEqual(400);
    }
    expect(simulated.org.count('SELECT Id FROM Contact')).toBe(4);
  });

  test('shows its losers to jsforce in the log of deletions', async () => {
    const [winner = '', loser = ''] = ['W', 'L'].map((Name) => simulated.org.insert('Account', { Name }));
    simulated.org.merge('Account', winner, [loser]);
    simulated.org.clock.advance(60_000);
    const connection = new jsforce.Connection({
      instanceUrl: simulated.origin,
      accessToken: simulated.token,
      version: '59.0',
    });
    const [start, end] = ['2024-05-15T12:00:00Z', '2024-05-15T12:01:00Z'];

    const deleted = await connection.sobject('Account').deleted(start, end);
    const updated = await connection.sobject('Account').updated(start, end);

    expect(deleted.deletedRecords.map(({ id }) => id)).toEqual([loser]);
    expect(updated.ids).toEqual([winner]);
  });
});
