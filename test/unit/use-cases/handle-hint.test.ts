import { describe, expect, test } from '@jest/globals';
import { SyncError } from '../../../shared/contracts/next.ts';
import { derivedLocalKey } from '../../../shared/sync/mapping/local-key.ts';
import { ReauthorizationRequired } from '../../../shared/use-cases/errors.ts';
import { OrgUnavailable } from '../../in-memory/salesforce-org.ts';
import { aWorld } from '../../simulation/world.ts';

/** A world whose first pass is over: Ann in both places. */
async function loadedWorld() {
  const world = aWorld();
  const sfId = world.org.insert({ FirstName: 'Ann', LastName: 'Lee', Email: 'ann@example.com' });
  await world.sweep();
  const [key = ''] = world.tables.keys('contacts');
  world.clock.advance(60_000);
  return { ...world, sfId, key };
}

describe('a sweep', () => {
  test('creates an item for each record that only Salesforce has, with its id and its tenant', async () => {
    const { item, key, sfId, link } = await loadedWorld();

    expect(item(key)).toEqual({
      id: key,
      tenantId: 'acme',
      firstName: 'Ann',
      lastName: 'Lee',
      email: 'ann@example.com',
      salesforceId: sfId,
    });
    expect(link(key)).toMatchObject({ state: 'linked', sfId });
  });

  test('writes nothing and costs one call when nothing changed', async () => {
    const { sweep, org, tables } = await loadedWorld();
    const before = { writes: tables.writes, calls: org.calls };

    expect(await sweep()).toMatchObject({ kind: 'done', counts: { calls: 1, unchanged: 1 } });

    expect(tables.writes).toBe(before.writes);
    expect(org.writes).toBe(0);
    expect(org.calls).toBe(before.calls + 1);
  });

  test('brings an edit in Salesforce to the item and touches nothing else of it', async () => {
    const { sweep, org, sfId, key, item, putItem } = await loadedWorld();
    putItem(key, { note: 'ours alone' });

    org.edit(sfId, { Title: 'CEO' });
    await sweep();

    expect(item(key)).toMatchObject({ title: 'CEO', note: 'ours alone', firstName: 'Ann' });
  });

  test('becomes a bulk load from the threshold on, once', async () => {
    const world = aWorld();
    for (let n = 0; n < 2000; n++) world.org.insert({ LastName: `L${n}` });

    expect(await world.sweep()).toMatchObject({ kind: 'set-aside', reason: 'bulk-load' });
    await world.sweep();

    // Begun twice by name, which Step Functions counts once.
    expect(new Set(world.loads).size).toBe(1);
    expect(world.tables.keys('contacts')).toHaveLength(0);
  });

  test('pages through everything, and pushes what is only local once the first pass is over', async () => {
    const world = aWorld();
    for (let n = 0; n < 220; n++) world.org.insert({ LastName: `L${n}` });

    await world.sweep();

    expect(world.tables.keys('contacts')).toHaveLength(220);
    expect(world.pushes).toHaveLength(1);
    await world.sweep();
    expect(world.pushes).toHaveLength(1);
  });

  test('goes on by a hint when its time is up, and moves the watermark only at the end', async () => {
    const world = aWorld();
    for (let n = 0; n < 120; n++) world.org.insert({ LastName: `L${n}` });
    const first = await world.handle(
      { kind: 'sweep', mappingId: 'c1.contact', runId: 'r' },
      { remainingMs: () => 0 },
    );

    expect(first).toMatchObject({ kind: 'done' });
    expect((await world.mappingStates.get('c1.contact'))?.watermark).toBeUndefined();
    const [message] = world.hints.take();
    expect(message?.hint).toMatchObject({ kind: 'sweep', page: { next: expect.any(String) } });

    if (message) await world.handle(message.hint);
    expect(world.tables.keys('contacts')).toHaveLength(120);
    expect((await world.mappingStates.get('c1.contact'))?.watermark).toBeDefined();
  });

  test('leaves the item of another tenant alone, and says which record claims its key', async () => {
    const world = aWorld();
    world.tables.put('contacts', 'k1', { id: 'k1', tenantId: 'other', lastName: 'Theirs' });
    const sfId = world.org.insert({ LastName: 'Mine', External_Id__c: 'k1' });

    await world.sweep();

    expect(world.item('k1')).toEqual({ id: 'k1', tenantId: 'other', lastName: 'Theirs' });
    const [rejection] = await world.journal.rejections('c1.contact', 10);
    expect(rejection).toMatchObject({ key: sfId, code: 'KEY_OF_ANOTHER_TENANT' });
  });

  test("lets no record claim the key that another record's item would get", async () => {
    const world = aWorld();
    const futureKey = derivedLocalKey('another-connection', '003000000000009AAA');
    const sfId = world.org.insert({ LastName: 'Squatter', External_Id__c: futureKey });
    const near = world.org.insert({ LastName: 'Near', External_Id__c: derivedLocalKey('c1', sfId) });

    await world.sweep();
    await world.sweep();

    expect(world.tables.keys('contacts')).toEqual([]);
    const rejections = await world.journal.rejections('c1.contact', 10);
    expect(rejections.map(({ key, code }) => [key, code]).sort()).toEqual(
      [
        [sfId, 'KEY_RESERVED'],
        [near, 'KEY_RESERVED'],
      ].sort(),
    );
  });

  test('takes up a record that carries the very key that is made for it, whose link was lost', async () => {
    const world = aWorld();
    const sfId = world.org.insert({ LastName: 'Lee' });
    const key = derivedLocalKey('c1', sfId);
    world.org.edit(sfId, { External_Id__c: key });

    await world.sweep();

    expect(world.item(key)).toMatchObject({ lastName: 'Lee', salesforceId: sfId });
  });

  test('refuses a mapping that names a field the org does not have, and says where', async () => {
    const world = aWorld();
    const contact = world.ports.config.mappings.contact;
    if (!contact) throw new Error('no template');
    const config = {
      ...world.ports.config,
      mappings: { contact: { ...contact, fieldMap: { firstName: 'FristName' } } },
    };

    const outcome = await world.handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }, { config });

    expect(outcome).toEqual({ kind: 'set-aside', reason: 'mapping-invalid' });
    const state = await world.mappingStates.get('c1.contact');
    expect(state?.status).toBe('invalid');
    expect(state?.problems?.join()).toMatch(/mappings\.contact\.fieldMap\.firstName.*FristName/);
  });
});

describe('a local change', () => {
  test('of a new item creates the record, once, and gives the item its Salesforce id', async () => {
    const { handle, localHint, org, putItem, item } = await loadedWorld();
    putItem('k2', { firstName: 'Bo', lastName: 'Ray' });

    await handle(localHint('k2'));
    await handle(localHint('k2'));

    const made = org.alive().filter((record) => record.fields.External_Id__c === 'k2');
    expect(made).toHaveLength(1);
    expect(made[0]?.fields).toMatchObject({ FirstName: 'Bo', LastName: 'Ray' });
    expect(item('k2')).toMatchObject({ salesforceId: made[0]?.Id });
    expect(org.writes).toBe(1);
  });

  test('that is the echo of our own write costs no Salesforce call', async () => {
    const { handle, localHint, org, key } = await loadedWorld();
    const before = org.calls;

    await handle(localHint(key));

    expect(org.calls).toBe(before);
  });

  test('reaches Salesforce with the changed field alone', async () => {
    const { handle, localHint, org, key, sfId, putItem } = await loadedWorld();
    putItem(key, { email: 'new@example.com' });
    org.edit(sfId, { Title: 'CTO' });

    await handle(localHint(key));

    expect(org.records.get(sfId)?.fields).toMatchObject({ Email: 'new@example.com', Title: 'CTO' });
  });

  test('keeps edits of both sides when they are on different fields', async () => {
    const { handle, localHint, org, key, sfId, putItem, item } = await loadedWorld();
    org.edit(sfId, { Title: 'CTO' });
    putItem(key, { email: 'new@example.com' });

    await handle(localHint(key));

    expect(item(key)).toMatchObject({ title: 'CTO', email: 'new@example.com' });
    expect(org.records.get(sfId)?.fields).toMatchObject({ Title: 'CTO', Email: 'new@example.com' });
  });

  test('wins over an earlier edit of the same field, and the decision is recorded', async () => {
    const { handle, localHint, org, key, sfId, putItem, clock, journal } = await loadedWorld();
    org.edit(sfId, { Title: 'theirs' });
    clock.advance(5_000);
    putItem(key, { title: 'ours' });

    await handle(localHint(key));

    expect(org.records.get(sfId)?.fields.Title).toBe('ours');
    const [conflict] = await journal.conflicts('c1.contact', 10);
    expect(conflict).toMatchObject({ field: 'title', winner: 'local', local: 'ours', remote: 'theirs' });
  });

  test('loses against a later edit of the same field, and the decision is recorded', async () => {
    const { handle, localHint, org, key, sfId, putItem, clock, journal, item } = await loadedWorld();
    putItem(key, { title: 'ours' });
    const hint = localHint(key);
    clock.advance(5_000);
    org.edit(sfId, { Title: 'theirs' });

    await handle(hint);

    expect(item(key)?.title).toBe('theirs');
    const [conflict] = await journal.conflicts('c1.contact', 10);
    expect(conflict).toMatchObject({ field: 'title', winner: 'salesforce' });
  });

  test('that Salesforce refuses becomes a rejection, and a later good one goes through and clears it', async () => {
    const { handle, localHint, org, key, sfId, putItem, journal } = await loadedWorld();
    org.validate = (fields) => (fields.Email === 'bad' ? 'INVALID_EMAIL_ADDRESS' : undefined);
    putItem(key, { email: 'bad' });
    await handle(localHint(key));
    expect(await journal.rejections('c1.contact', 10)).toMatchObject([
      { by: 'salesforce', key, code: 'INVALID_EMAIL_ADDRESS' },
    ]);

    putItem(key, { email: 'good@example.com' });
    await handle(localHint(key));

    expect(org.records.get(sfId)?.fields.Email).toBe('good@example.com');
    expect(await journal.rejections('c1.contact', 10)).toEqual([]);
  });

  test('of a locked row waits outside the queue and keeps its time', async () => {
    const { handle, localHint, org, key, putItem, dirtyKeys, clock } = await loadedWorld();
    org.validate = () => 'UNABLE_TO_LOCK_ROW';
    putItem(key, { title: 'x' });
    const changedAt = clock.now();

    await handle(localHint(key));

    expect([...dirtyKeys.parked.values()]).toMatchObject([{ side: 'local', key, changedAt }]);
  });

  test('with an attribute of the wrong type is refused by name, without a call', async () => {
    const { handle, localHint, org, key, putItem, journal } = await loadedWorld();
    const before = org.calls;
    putItem(key, { title: { not: 'text' } });

    await handle(localHint(key));

    expect(await journal.rejections('c1.contact', 10)).toMatchObject([
      { by: 'local-rules', code: 'INVALID_ATTRIBUTE', fields: ['title'] },
    ]);
    expect(org.calls).toBe(before);
  });

  test('of a deleted item leaves the record, and the record does not bring the item back', async () => {
    const { handle, localHint, org, key, sfId, tables, item, sweep } = await loadedWorld();
    tables.delete('contacts', key);
    await handle(localHint(key));

    org.edit(sfId, { Title: 'still here' });
    await sweep();

    expect(item(key)).toBeUndefined();
    expect(org.records.get(sfId)?.IsDeleted).toBe(false);
  });

  test('finds its trigger-made changes in the same call, and brings them home', async () => {
    const { handle, localHint, org, key, putItem, item } = await loadedWorld();
    org.trigger = (fields) => {
      if (fields.Title === 'ceo') fields.Title = 'CEO';
    };
    const before = org.calls;
    putItem(key, { title: 'ceo' });

    await handle(localHint(key));

    expect(item(key)?.title).toBe('CEO');
    expect(org.calls).toBe(before + 2);
  });
});

describe('when something fails', () => {
  test('a write whose answer was lost is found out by a read, and not repeated', async () => {
    const { handle, localHint, org, key, sfId, putItem, clock, link } = await loadedWorld();
    putItem(key, { title: 'once' });
    org.failNext('write', 'lost-answer');

    expect(await handle(localHint(key))).toMatchObject({ kind: 'again' });
    expect(link(key)?.pending).toEqual({ title: 'once' });
    clock.advance(10 * 60_000);
    await handle(localHint(key));

    expect(org.writes).toBe(1);
    expect(org.records.get(sfId)?.fields.Title).toBe('once');
    expect(link(key)?.pending).toBeUndefined();
    expect(link(key)?.base.title).toBe('once');
  });

  test('a write that never began is tried again soon', async () => {
    const { handle, localHint, org, key, sfId, putItem } = await loadedWorld();
    putItem(key, { title: 'later' });
    org.failNext('write', 'unavailable');

    expect(await handle(localHint(key))).toEqual({
      kind: 'again',
      afterMs: 1000,
      reason: 'SERVER_UNAVAILABLE',
    });
    await handle(localHint(key));

    expect(org.records.get(sfId)?.fields.Title).toBe('later');
  });

  test('a lease held by another brings the message back, and nothing is written', async () => {
    const { handle, localHint, org, key, putItem, syncStore, clock } = await loadedWorld();
    const link = syncStore.storedLinks.get(`c1.contact#${key}`);
    if (!link) throw new Error('no link');
    syncStore.storedLinks.set(`c1.contact#${key}`, {
      ...link,
      lease: { owner: 'other', until: clock.nowMs() + 60_000 },
    });
    putItem(key, { title: 'x' });

    expect(await handle(localHint(key))).toEqual({ kind: 'again', afterMs: 5_000, reason: 'lease-held' });
    expect(org.writes).toBe(0);
  });

  test('a key that a bulk job holds waits outside the queue, and no longer than a quarter of an hour', async () => {
    const { handle, localHint, org, key, putItem, syncStore, clock, dirtyKeys } = await loadedWorld();
    const link = syncStore.storedLinks.get(`c1.contact#${key}`);
    if (!link) throw new Error('no link');
    const until = clock.nowMs() + 3_600_000;
    syncStore.storedLinks.set(`c1.contact#${key}`, { ...link, lease: { owner: 'bulk', until } });
    putItem(key, { title: 'x' });

    expect(await handle(localHint(key))).toMatchObject({ kind: 'done' });
    expect([...dirtyKeys.parked.values()]).toMatchObject([
      { key, waitUntil: new Date(clock.nowMs() + 15 * 60_000).toISOString() },
    ]);
    expect(org.writes).toBe(0);
  });

  test('a connection that needs a person sets the keys aside, and loses none', async () => {
    const { handle, localHint, connections, dirtyKeys, key, clock } = await loadedWorld();
    await connections.setStatus('c1', 'reauthorization-required', clock.now());

    expect(await handle(localHint(key))).toEqual({ kind: 'set-aside', reason: 'connection-not-active' });

    expect([...dirtyKeys.parked.values()]).toMatchObject([
      { key, side: 'local', reason: 'connection-not-active' },
    ]);
  });
});

describe('a connection that was disconnected', () => {
  test('has its hints dropped, and nothing waits for it', async () => {
    const { handle, localHint, connections, dirtyKeys, key, sfId, clock, org } = await loadedWorld();
    await connections.setStatus('c1', 'revoked', clock.now());
    const calls = org.calls;

    for (const hint of [
      localHint(key),
      { kind: 'remote-ids' as const, mappingId: 'c1.contact', sfIds: [sfId] },
    ]) {
      expect(await handle(hint)).toEqual({ kind: 'set-aside', reason: 'connection-revoked' });
    }

    expect(dirtyKeys.parked.size).toBe(0);
    expect(org.calls).toBe(calls);
  });

  test('while a hint is at work leaves no key waiting either', async () => {
    const { handle, localHint, dirtyKeys, key, org } = await loadedWorld();
    const open = async () => {
      throw new ReauthorizationRequired('c1', 'revoked');
    };

    expect(await handle(localHint(key), { orgs: { open } })).toEqual({
      kind: 'set-aside',
      reason: 'connection-revoked',
    });
    expect(dirtyKeys.parked.size).toBe(0);
    expect(org.writes).toBe(0);
  });
});

test('an org is opened for no older tokens than those that are stored', async () => {
  const { handle, localHint, connections, key, org } = await loadedWorld();
  const stored = connections.stored.get('c1');
  if (!stored) throw new Error('no connection');
  connections.stored.set('c1', { ...stored, tokenVersion: 7 });
  const versions: unknown[] = [];
  const open = async (_id: string, version?: number) => {
    versions.push(version);
    return org;
  };

  await handle(localHint(key), { orgs: { open } });

  expect(versions).toEqual([7]);
});

describe('a page that was read before our own write', () => {
  test('in the same second does not take the write back', async () => {
    const { handle, localHint, org, key, sfId, putItem, readAll, reconcile, item } = await loadedWorld();
    org.edit(sfId, { Title: 'before' });
    await handle({ kind: 'remote-ids', mappingId: 'c1.contact', sfIds: [sfId] });
    const page = await readAll();
    putItem(key, { title: 'after' });
    await handle(localHint(key));

    await reconcile(page);

    expect(item(key)?.title).toBe('after');
    expect(org.records.get(sfId)?.fields.Title).toBe('after');
  });

  test('and is used long after does not take the write back either', async () => {
    const { handle, localHint, org, key, sfId, putItem, readAll, reconcile, item, clock } =
      await loadedWorld();
    const page = await readAll();
    clock.advance(30_000);
    putItem(key, { title: 'after' });
    await handle(localHint(key));
    clock.advance(3_600_000);

    await reconcile(page);

    expect(item(key)?.title).toBe('after');
    expect(org.records.get(sfId)?.fields.Title).toBe('after');
  });
});

describe('deleted and made anew in Salesforce', () => {
  test('a record with the same external id takes the place of the deleted one, though both come in one sweep', async () => {
    const { sweep, org, key, sfId, item, handle, localHint, putItem } = await loadedWorld();
    org.remove(sfId);
    const second = org.insert({ FirstName: 'Ann', LastName: 'Lee', Title: 'second', External_Id__c: key });

    await sweep();
    expect(item(key)).toMatchObject({ salesforceId: second, title: 'second' });
    putItem(key, { title: 'ours' });
    await handle(localHint(key));

    expect(org.records.get(second)?.fields.Title).toBe('ours');
  });

  test('the old deletion does not undo the new pair when it is seen again', async () => {
    const { sweep, org, key, sfId, link } = await loadedWorld();
    org.remove(sfId);
    const second = org.insert({ LastName: 'Lee', External_Id__c: key });
    await sweep();

    await sweep();

    expect(link(key)).toMatchObject({ state: 'linked', sfId: second });
  });

  test('a deleted record that was never linked says nothing, whatever its external id', async () => {
    const { sweep, org, key, link, journal } = await loadedWorld();
    org.remove(org.insert({ LastName: 'Other', External_Id__c: key }));

    await sweep();

    expect(link(key)).toMatchObject({ state: 'linked' });
    expect(await journal.rejections('c1.contact', 10)).toEqual([]);
  });
});

describe('the time of a local edit that waits', () => {
  test('decides the conflict, whoever looks at the pair first', async () => {
    const { handle, localHint, sweep, org, key, sfId, putItem, connections, clock, item } =
      await loadedWorld();
    await connections.setStatus('c1', 'paused', clock.now());
    org.edit(sfId, { Title: 'earlier' });
    clock.advance(60_000);
    putItem(key, { title: 'later' });
    await handle(localHint(key));
    await connections.setStatus('c1', 'active', clock.now());

    await sweep();

    expect(item(key)?.title).toBe('later');
    expect(org.records.get(sfId)?.fields.Title).toBe('later');
  });
});

describe('when the org or the mapping changes under a pass', () => {
  test.each(['INVALID_FIELD', 'SCHEMA_DRIFT'])(
    'an edit that meets %s waits, and the mapping is checked again at once',
    async (code) => {
      const { handle, localHint, key, putItem, ports, mappingStates, dirtyKeys } = await loadedWorld();
      putItem(key, { title: 'x' });
      const refusal = new SyncError('SalesforceApiError', code, 'no such field', { do: 'stop' });
      const org = Object.assign(Object.create(await ports.orgs.open('c1')), {
        select: () => Promise.reject(refusal),
      });

      expect(await handle(localHint(key), { orgs: { open: async () => org } })).toEqual({
        kind: 'set-aside',
        reason: code,
      });
      expect([...dirtyKeys.parked.values()]).toMatchObject([{ key }]);
      expect((await mappingStates.get('c1.contact'))?.checkedAt).toBeUndefined();
    },
  );

  test('a field that is mapped later is filled on both sides', async () => {
    const { ports, handle, org, sfId, key, item, putItem, clock } = await loadedWorld();
    org.edit(sfId, { Department: 'R&D' });
    await handle({ kind: 'remote-ids', mappingId: 'c1.contact', sfIds: [sfId] });
    clock.advance(3_600_000);
    await handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'before' });
    putItem(key, {});
    const contact = ports.config.mappings.contact;
    if (!contact) throw new Error('no template');
    const fieldMap = { ...contact.fieldMap, department: 'Department' };
    const config = { ...ports.config, mappings: { contact: { ...contact, fieldMap } } };
    clock.advance(3_600_000);

    await handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'after' }, { config });

    expect(item(key)?.department).toBe('R&D');
  });

  test('a pass that began under another template begins anew instead of counting as done', async () => {
    const world = aWorld();
    for (let n = 0; n < 120; n++) world.org.insert({ LastName: `L${n}` });
    await world.handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }, { remainingMs: () => 0 });
    const [message] = world.hints.take();
    const contact = world.ports.config.mappings.contact;
    if (!contact || !message) throw new Error('no template or no hint');
    const config = {
      ...world.ports.config,
      mappings: { contact: { ...contact, filter: "LastName != 'x'" } },
    };

    expect(await world.handle(message.hint, { config })).toMatchObject({ reason: 'mapping-changed' });
    const state = await world.mappingStates.get('c1.contact');
    expect(state?.watermark).toBeUndefined();
    expect(state?.nextRunAt).toBe(world.clock.now());
  });
});

describe('a connection that was away', () => {
  test('has its local items compared after its next pass, once', async () => {
    const { sweep, mappingStates, pushes } = await loadedWorld();
    const before = pushes.length;
    await mappingStates.setPushDue('c1.contact', true);

    await sweep();
    await sweep();

    expect(pushes.length - before).toBe(1);
  });
});

describe('the end of a first pass', () => {
  test('starts the push before it counts as done, so that one lost between the two is started by the repeat', async () => {
    const world = aWorld();
    world.org.insert({ LastName: 'one' });
    const failing = { ...world.ports.executions, startPush: () => Promise.reject(new OrgUnavailable()) };
    const hint = { kind: 'sweep' as const, mappingId: 'c1.contact', runId: 'r' };

    await world.handle(hint, { executions: failing });
    await world.handle(hint);

    expect(world.pushes).toEqual(['r']);
  });

  test('a first message that comes again after its load has failed begins another load', async () => {
    const world = aWorld();
    for (let n = 0; n < 2000; n++) world.org.insert({ LastName: `L${n}` });
    const hint = { kind: 'sweep' as const, mappingId: 'c1.contact', runId: 'r' };
    await world.handle(hint);
    await world.mappingStates.setBulkJob('c1.contact', undefined);

    await world.handle(hint);

    expect(new Set(world.loads).size).toBe(2);
  });

  test('a pass that goes on later keeps the next one from beginning meanwhile', async () => {
    const world = aWorld();
    for (let n = 0; n < 120; n++) world.org.insert({ LastName: `L${n}` });

    await world.handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }, { remainingMs: () => 0 });

    const { nextRunAt } = (await world.mappingStates.get('c1.contact')) ?? { nextRunAt: '' };
    expect(Date.parse(nextRunAt) - world.clock.nowMs()).toBe(15 * 60_000);
  });
});
