import { describe, expect, test } from '@jest/globals';
import { loadedWorld } from '../../../simulation/world.ts';

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
    const before = org.calls.length;

    await handle(localHint(key));

    expect(org.calls).toHaveLength(before);
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

  test('is recorded at the time of the later edit, though the clocks of the two sides differ', async () => {
    const { handle, localHint, org, key, sfId, putItem, clock, journal } = await loadedWorld();
    // An hour ahead of ours: the record's stamp below is of half an hour before the item's.
    org.clockSkewMs = () => 3_600_000;
    putItem(key, { title: 'ours' });
    const hint = localHint(key);
    const itemChangedAt = clock.now();
    clock.advance(1_800_000);
    org.edit(sfId, { Title: 'theirs' });

    await handle(hint);

    const [conflict] = await journal.conflicts('c1.contact', 10);
    expect(conflict).toMatchObject({ winner: 'local', at: itemChangedAt });
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
    org.refuse = ({ Email }) =>
      Email === 'bad' ? { code: 'INVALID_EMAIL_ADDRESS', message: 'invalid email address: bad' } : undefined;
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
    const { handle, localHint, org, key, putItem, parkedKeys, clock } = await loadedWorld();
    org.refuse = () => ({ code: 'UNABLE_TO_LOCK_ROW', message: 'unable to obtain exclusive access' });
    putItem(key, { title: 'x' });
    const changedAt = clock.now();

    await handle(localHint(key));

    expect([...parkedKeys.parked.values()]).toMatchObject([{ key, local: { changedAt } }]);
  });

  test('with an attribute of the wrong type is refused by name, without a call', async () => {
    const { handle, localHint, org, key, putItem, journal } = await loadedWorld();
    const before = org.calls.length;
    putItem(key, { title: { not: 'text' } });

    await handle(localHint(key));

    expect(await journal.rejections('c1.contact', 10)).toMatchObject([
      { by: 'local-rules', code: 'INVALID_ATTRIBUTE', fields: ['title'] },
    ]);
    expect(org.calls).toHaveLength(before);
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
    const before = org.calls.length;
    putItem(key, { title: 'ceo' });

    await handle(localHint(key));

    expect(item(key)?.title).toBe('CEO');
    expect(org.calls).toHaveLength(before + 2);
  });
});

describe('the time of a local edit that waits', () => {
  test('keeps a conflict of the longest texts, which would not fit into an item, by what a person needs of it', async () => {
    const { handle, localHint, org, sfId, key, putItem, item, journal, clock } = await loadedWorld();
    const long = (letter: string) => letter.repeat(131_072);
    org.edit(sfId, { Title: long('é') });
    await handle({ kind: 'remote-ids', mappingId: 'c1.contact', sfIds: [sfId] });
    clock.advance(60_000);
    putItem(key, { title: long('ñ') });
    org.edit(sfId, { Title: long('ü') });

    await handle(localHint(key));

    const [conflict] = await journal.conflicts('c1.contact', 10);
    expect(conflict?.remote).toBe(`${'ü'.repeat(10_000)} … (131072 characters)`);
    expect(item(key)?.title).toBe(long('ü'));
  });

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
