import { describe, expect, test } from '@jest/globals';
import { loadedWorld } from '../../../simulation/world.ts';

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

  test('a second record that claims the key of a living pair counts as a rejection, and changes nothing', async () => {
    const { handle, remoteHint, org, key, link, sfId, journal } = await loadedWorld();
    const second = org.insert({ LastName: 'Claims', External_Id__c: key });
    await handle({ kind: 'remote-ids', mappingId: 'c1.contact', sfIds: [sfId] });

    const outcome = await handle(remoteHint(second));

    expect(outcome).toMatchObject({ kind: 'done', counts: { rejections: 1, unchanged: 0 } });
    expect(link(key)).toMatchObject({ state: 'linked', sfId });
    expect(await journal.rejections('c1.contact', 10)).toMatchObject([{ code: 'ALREADY_LINKED' }]);
  });
});
