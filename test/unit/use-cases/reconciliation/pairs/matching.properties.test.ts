import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { syncConfig } from '../../../../../shared/contracts/sync-config.ts';
import { aStack } from '../schedules/a-stack.ts';

const config = (direction: string, bulkThreshold: number) =>
  syncConfig.parse({
    localTables: {
      contacts: {
        keyField: 'id',
        tenantField: 'tenantId',
        matchIndexes: { salesforceId: 'bySalesforceId', email: 'byEmail' },
      },
    },
    mappings: {
      contact: {
        localTable: 'contacts',
        sfObject: 'Contact',
        fieldMap: { lastName: 'LastName', email: 'Email', title: 'Title' },
        externalIdField: 'External_Id__c',
        localIdField: 'salesforceId',
        match: ['salesforceId', 'externalId', { fields: ['email'] }],
        direction,
        bulkThreshold,
        schedule: { everyMinutes: 5 },
      },
    },
  });

const email = fc.constantFrom(undefined, 'a@x.org', 'b@x.org', 'c@x.org');
const title = fc.constantFrom(undefined, 'CEO', 'CTO');
const world = fc.record({
  records: fc.array(fc.record({ email, title, hasKey: fc.constantFrom(undefined, 0, 1) }), { maxLength: 4 }),
  items: fc.array(fc.record({ email, title, id: fc.constantFrom(undefined, 0, 1) }), { maxLength: 4 }),
  isBefore: fc.boolean(),
  direction: fc.constantFrom('both', 'to-salesforce', 'from-salesforce'),
  bulkThreshold: fc.constantFrom(1, 1000),
});

test('whatever is there: nothing is linked twice, nothing is made where one match exists, and no value goes without a trace', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ records, items, isBefore, direction, bulkThreshold }) => {
      const stack = aStack({ config: config(direction, bulkThreshold) });
      if (!isBefore) await stack.passes(4);
      const taken = new Set<number>();
      const ids = records.map(({ email: Email = null, title: Title = null, hasKey }) => {
        const isKeyFree = hasKey !== undefined && !taken.has(hasKey);
        if (isKeyFree) taken.add(hasKey);
        return stack.org.insert({
          LastName: 'Lee',
          Email,
          Title,
          ...(isKeyFree && { External_Id__c: `k${hasKey}` }),
        });
      });
      for (const [n, { email: mail, title: own, id }] of items.entries()) {
        const salesforceId = id === undefined ? undefined : ids[id];
        stack.putItem(`k${n}`, {
          lastName: 'Lee',
          ...(mail !== undefined && { email: mail }),
          ...(own !== undefined && { title: own }),
          ...(salesforceId !== undefined && { salesforceId }),
        });
      }
      await stack.passes(25);

      const links = [...stack.syncStore.storedLinks.values()].filter(({ state }) => state === 'linked');
      const linkedIds = links.map(({ sfId }) => sfId);
      expect(new Set(linkedIds).size).toBe(linkedIds.length);
      // An item that is the only one like a record, which is the only one like it, is its pair and no new one.
      for (const [n, item] of items.entries()) {
        const alike = records.flatMap((one, at) =>
          item.email !== undefined && one.email === item.email ? [at] : [],
        );
        const rivals = items.filter((one) => item.email !== undefined && one.email === item.email);
        const [only] = alike;
        const isClaimed = items.some(({ id }) => id === only) || records.some(({ hasKey }) => hasKey === n);
        if (only === undefined || alike.length > 1 || rivals.length > 1 || isClaimed) continue;
        if (records[only]?.hasKey !== undefined || (item.id !== undefined && ids[item.id] !== undefined))
          continue;
        expect(stack.link(`k${n}`)?.sfId).toBe(ids[only]);
      }
      // What people wrote stands on its side, or in the journal.
      const losers = stack.conflicts().flatMap(({ local, remote }) => [local, remote]);
      for (const [at, sfId] of ids.entries()) {
        const was = records[at]?.title;
        const is = stack.org.records.get(sfId)?.fields.Title;
        if (was !== undefined && is !== was) expect(losers).toContain(was);
      }
      for (const [n, { title: was }] of items.entries()) {
        const is = stack.item(`k${n}`)?.title;
        if (was !== undefined && is !== was) expect(losers).toContain(was);
      }
      // Each record is somebody's, and nobody made one that is not.
      const made = stack.org.alive().filter(({ Id }) => !ids.includes(Id));
      for (const { fields } of made)
        expect(items[Number(String(fields.External_Id__c).slice(1))]).toBeDefined();
      expect(stack.dead).toEqual([]);
    }),
    { numRuns: 60 },
  );
}, 60_000);
