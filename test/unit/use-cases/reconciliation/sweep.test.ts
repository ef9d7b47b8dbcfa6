import { describe, expect, test } from '@jest/globals';
import { Throttled } from '../../../../shared/aws/errors.ts';
import { derivedLocalKey } from '../../../../shared/sync/mapping/local-key.ts';
import { aWorld, loadedWorld } from '../../../simulation/world.ts';

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
    const before = { writes: tables.writes, calls: org.calls.length };

    expect(await sweep()).toMatchObject({ kind: 'done', counts: { calls: 1, unchanged: 1 } });

    expect(tables.writes).toBe(before.writes);
    expect(org.writes).toBe(0);
    expect(org.calls).toHaveLength(before.calls + 1);
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

    expect(await world.sweep()).toMatchObject({ kind: 'set-aside', reason: 'BULK_LOAD' });
    await world.sweep();

    // Begun twice by name, which Step Functions counts once.
    expect(new Set(world.loads).size).toBe(1);
    expect(world.tables.keys('contacts')).toHaveLength(0);
  });

  test.each(['timed-out', 'too-large'] as const)(
    'becomes a bulk load where the org could not even count (%s)',
    async (fault) => {
      const world = aWorld();
      world.org.insert({ LastName: 'Lee' });
      world.org.failNext('count', fault);

      expect(await world.sweep()).toMatchObject({ kind: 'set-aside', reason: 'BULK_LOAD' });

      expect(world.loads).toHaveLength(1);
      expect(world.org.calls).not.toContain('select');
    },
  );

  test('reads again what came without all its rows, and takes nothing of it for done', async () => {
    const world = aWorld();
    for (const LastName of ['Lee', 'Ray']) world.org.insert({ LastName });
    world.org.failNext('select', 'rows-missing');

    await world.sweep().catch(() => undefined);
    expect((await world.mappingStates.get('c1.contact'))?.watermark).toBeUndefined();
    await world.sweep();

    expect(world.tables.keys('contacts')).toHaveLength(2);
  });

  test('takes nothing for done where none of the records comes that were counted', async () => {
    const world = aWorld();
    world.org.insert({ LastName: 'Lee' });
    const select = world.org.select.bind(world.org);
    world.org.select = async (selection) => ({ ...(await select(selection)), records: [] });

    expect(await world.sweep()).toMatchObject({ kind: 'again', reason: 'QUERY_INCOMPLETE' });

    expect((await world.mappingStates.get('c1.contact'))?.watermark).toBeUndefined();
    world.org.select = select;
    await world.sweep();
    expect(world.tables.keys('contacts')).toHaveLength(1);
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
    world.clock.advance(60_000);
    const first = await world.handle(
      { kind: 'sweep', mappingId: 'c1.contact', runId: 'r' },
      { remainingMs: () => 0 },
    );

    expect(first).toMatchObject({ kind: 'done' });
    expect((await world.mappingStates.get('c1.contact'))?.watermark).toBeUndefined();
    const [message] = world.hints.take();
    expect(message).toMatchObject({ kind: 'sweep', runId: 'r' });

    if (message) expect(await world.handle(message)).toMatchObject({ counts: { read: 70 } });
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
      mappings: { contact: { ...contact, fieldMap: { firstName: { field: 'FristName' } } } },
    };

    const outcome = await world.handle({ kind: 'sweep', mappingId: 'c1.contact', runId: 'r' }, { config });

    expect(outcome).toEqual({ kind: 'set-aside', reason: 'MAPPING_INVALID' });
    const state = await world.mappingStates.get('c1.contact');
    expect(state?.status).toBe('invalid');
    expect(state?.problems?.join()).toMatch(/mappings\.contact\.fieldMap\.firstName.*FristName/);
  });
});

describe('a connection that was away', () => {
  test('has its local items compared after its next pass, once', async () => {
    const { sweep, mappingStates, pushes } = await loadedWorld();
    const before = pushes.length;
    await mappingStates.setPushDue('c1.contact', '2026-01-01T00:00:00.000Z');

    await sweep();
    await sweep();

    expect(pushes.length - before).toBe(1);
  });
});

describe('the end of a first pass', () => {
  test('starts the push before it counts as done, so that one lost between the two is started by the repeat', async () => {
    const world = aWorld();
    world.org.insert({ LastName: 'one' });
    const failing = {
      ...world.ports.executions,
      startPush: () => Promise.reject(new Throttled('the execution')),
    };
    const hint = { kind: 'sweep' as const, mappingId: 'c1.contact', runId: 'r' };

    await world.handle(hint, { executions: failing });
    await world.handle(hint);

    expect(world.pushes).toEqual([expect.stringMatching(/^r-/)]);
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
