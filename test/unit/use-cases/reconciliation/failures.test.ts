import { describe, expect, test } from '@jest/globals';
import { NewerData } from '../../../../shared/aws/errors.ts';
import { SyncError } from '../../../../shared/contracts/next.ts';
import { ReauthorizationRequired } from '../../../../shared/use-cases/connections/errors.ts';
import { aWorld, loadedWorld } from '../../../simulation/world.ts';

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

  test('a write that met an outage may have happened, so it keeps its announcement until a read has told', async () => {
    const { handle, localHint, org, key, sfId, putItem, clock, link } = await loadedWorld();
    putItem(key, { title: 'later' });
    org.failNext('write', 'unavailable');

    expect(await handle(localHint(key))).toMatchObject({ kind: 'again', reason: 'SERVER_UNAVAILABLE' });
    expect(link(key)).toMatchObject({ pending: { title: 'later' }, lease: {} });
    clock.advance(10 * 60_000);
    await handle(localHint(key));

    expect(org.writes).toBe(1);
    expect(org.records.get(sfId)?.fields.Title).toBe('later');
    expect(link(key)?.base.title).toBe('later');
  });

  test('a write that never began is tried again soon', async () => {
    const { handle, localHint, org, key, sfId, putItem, link } = await loadedWorld();
    putItem(key, { title: 'later' });
    org.failNext('write', 'unreached');

    expect(await handle(localHint(key))).toEqual({
      kind: 'again',
      afterMs: 250,
      reason: 'CONNECTION_FAILED',
    });
    expect(link(key)).not.toHaveProperty('pending');
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

    expect(await handle(localHint(key))).toMatchObject({
      kind: 'again',
      afterMs: 5_000,
      reason: 'LEASE_HELD',
      rest: { heldKeys: [key] },
    });
    expect(org.writes).toBe(0);
  });

  test('a key that a bulk job holds waits outside the queue, and no longer than a quarter of an hour', async () => {
    const { handle, localHint, org, key, putItem, syncStore, clock, parkedKeys } = await loadedWorld();
    const link = syncStore.storedLinks.get(`c1.contact#${key}`);
    if (!link) throw new Error('no link');
    const until = clock.nowMs() + 3_600_000;
    syncStore.storedLinks.set(`c1.contact#${key}`, { ...link, lease: { owner: 'bulk', until } });
    putItem(key, { title: 'x' });

    expect(await handle(localHint(key))).toMatchObject({ kind: 'done' });
    expect([...parkedKeys.parked.values()]).toMatchObject([
      { key, waitUntil: new Date(clock.nowMs() + 15 * 60_000).toISOString() },
    ]);
    expect(org.writes).toBe(0);
  });

  test('a key whose link a newer deployment wrote waits outside the queue, until the time that the error names', async () => {
    const { handle, localHint, org, key, syncStore, clock, parkedKeys } = await loadedWorld();
    syncStore.look = async () => {
      throw new NewerData('links', 2, 1, clock.nowMs());
    };

    expect(await handle(localHint(key))).toEqual({ kind: 'set-aside', reason: 'STORED_BY_LATER_VERSION' });

    expect([...parkedKeys.parked.values()]).toMatchObject([
      { key, waitUntil: new Date(clock.nowMs() + 5 * 60_000).toISOString() },
    ]);
    expect(org.writes).toBe(0);
  });

  test('a connection that needs a person sets the keys aside, and loses none', async () => {
    const { handle, localHint, connections, parkedKeys, key, clock } = await loadedWorld();
    await connections.setStatus('c1', 'reauthorization-required', clock.now());

    expect(await handle(localHint(key))).toEqual({ kind: 'set-aside', reason: 'CONNECTION_NOT_ACTIVE' });

    expect([...parkedKeys.parked.values()]).toMatchObject([
      { kind: 'local', key, local: { reason: 'CONNECTION_NOT_ACTIVE' } },
    ]);
  });
});

describe('a connection that was disconnected', () => {
  test('has its hints dropped, and nothing waits for it', async () => {
    const { handle, localHint, connections, parkedKeys, key, sfId, clock, org } = await loadedWorld();
    await connections.setStatus('c1', 'revoked', clock.now());
    const calls = org.calls.length;

    for (const hint of [
      localHint(key),
      { kind: 'remote-ids' as const, mappingId: 'c1.contact', sfIds: [sfId] },
    ]) {
      expect(await handle(hint)).toEqual({ kind: 'set-aside', reason: 'CONNECTION_REVOKED' });
    }

    expect(parkedKeys.parked.size).toBe(0);
    expect(org.calls).toHaveLength(calls);
  });

  test('while a hint is at work leaves no key waiting either', async () => {
    const { handle, localHint, parkedKeys, key, org } = await loadedWorld();
    const open = async () => {
      throw new ReauthorizationRequired('c1', 'revoked');
    };

    expect(await handle(localHint(key), { orgs: { open } })).toEqual({
      kind: 'set-aside',
      reason: 'CONNECTION_REVOKED',
    });
    expect(parkedKeys.parked.size).toBe(0);
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

describe('when the org or the mapping changes under a pass', () => {
  test.each(['INVALID_FIELD', 'SCHEMA_DRIFT'])(
    'an edit that meets %s waits, and the mapping is checked again at once',
    async (code) => {
      const { handle, localHint, key, putItem, org, mappingStates, parkedKeys } = await loadedWorld();
      putItem(key, { title: 'x' });
      const refusal = new SyncError('SalesforceApiError', code, 'no such field', { do: 'recheck' });
      org.select = () => Promise.reject(refusal);

      expect(await handle(localHint(key))).toEqual({ kind: 'set-aside', reason: code });
      expect([...parkedKeys.parked.values()]).toMatchObject([{ key }]);
      expect((await mappingStates.get('c1.contact'))?.checkedAt).toBeUndefined();
    },
  );

  test('a pass goes on where it came to, though the cursor of its query has expired', async () => {
    const world = aWorld();
    for (let n = 0; n < 120; n++) world.org.insert({ LastName: `L${n}` });
    world.clock.advance(60_000);
    await world.handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }, { remainingMs: () => 0 });
    const [message] = world.hints.take();
    if (!message) throw new Error('no hint');
    world.org.advance(3 * 24 * 3_600_000);

    expect(await world.handle(message)).toMatchObject({
      kind: 'done',
      counts: { read: 70, createdLocally: 70 },
    });
  });

  test('a cursor that expires within a pass costs no more than the page', async () => {
    const world = aWorld();
    for (let n = 0; n < 120; n++) world.org.insert({ LastName: `L${n}` });
    world.clock.advance(60_000);
    const nextPage = world.org.nextPage.bind(world.org);
    world.org.nextPage = (next) => {
      world.org.nextPage = nextPage;
      return Promise.reject(
        new SyncError('SalesforceApiError', 'INVALID_QUERY_LOCATOR', `expired: ${next.length}`, {
          do: 'restart',
        }),
      );
    };

    expect(await world.sweep()).toEqual({ kind: 'set-aside', reason: 'INVALID_QUERY_LOCATOR' });
    expect(await world.mappingStates.get('c1.contact')).toMatchObject({
      trouble: { code: 'INVALID_QUERY_LOCATOR', count: 1 },
      nextRunAt: new Date(world.clock.nowMs() + 60_000).toISOString(),
    });
    expect(await world.sweep()).toMatchObject({ kind: 'done', counts: { read: 70 } });
  });

  test('a field that is mapped later is filled on both sides', async () => {
    const { ports, handle, org, sfId, key, item, putItem, clock } = await loadedWorld();
    org.edit(sfId, { Department: 'R&D' });
    await handle({ kind: 'remote-ids', mappingId: 'c1.contact', sfIds: [sfId] });
    clock.advance(3_600_000);
    await handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'before' });
    putItem(key, {});
    const contact = ports.config.mappings.contact;
    if (!contact) throw new Error('no template');
    const fieldMap = { ...contact.fieldMap, department: { field: 'Department' } };
    const config = { ...ports.config, mappings: { contact: { ...contact, fieldMap } } };
    clock.advance(3_600_000);

    await handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'after' }, { config });

    expect(item(key)?.department).toBe('R&D');
  });

  test('a pass that began under another template begins anew instead of counting as done', async () => {
    const world = aWorld();
    for (let n = 0; n < 120; n++) world.org.insert({ LastName: `L${n}`, Title: 'CEO' });
    world.clock.advance(60_000);
    await world.handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }, { remainingMs: () => 0 });
    const [message] = world.hints.take();
    const contact = world.ports.config.mappings.contact;
    if (!contact || !message) throw new Error('no template or no hint');
    const config = {
      ...world.ports.config,
      mappings: { contact: { ...contact, filter: "Title = 'CEO'" } },
    };

    expect(await world.handle(message, { config })).toMatchObject({
      kind: 'done',
      counts: { read: 120 },
    });
  });
});
