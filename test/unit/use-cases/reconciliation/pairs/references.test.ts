import { describe, expect, test } from '@jest/globals';
import { type SyncConfigInput, syncConfig } from '../../../../../shared/contracts/sync-config.ts';
import { afterNext, aStack, type StackOptions } from '../schedules/a-stack.ts';

type Template = SyncConfigInput['mappings'][string];

const aConfigOf = (contact: Partial<Template> = {}, account: Partial<Template> = {}) =>
  syncConfig.parse({
    localTables: {
      accounts: { keyField: 'id', tenantField: 'tenantId' },
      contacts: { keyField: 'id', tenantField: 'tenantId' },
    },
    mappings: {
      contact: {
        localTable: 'contacts',
        sfObject: 'Contact',
        fieldMap: {
          lastName: 'LastName',
          title: 'Title',
          account: { field: 'AccountId', reference: 'account' },
          boss: { field: 'ReportsToId', reference: 'contact' },
        },
        externalIdField: 'External_Id__c',
        schedule: { everyMinutes: 60 },
        ...contact,
      },
      account: {
        localTable: 'accounts',
        sfObject: 'Account',
        fieldMap: { name: 'Name', parent: { field: 'ParentId', reference: 'account' } },
        externalIdField: 'External_Id__c',
        schedule: { everyMinutes: 60 },
        ...account,
      },
    },
  });

async function aStackOf(options: Partial<StackOptions> = {}) {
  const made = aStack({ config: aConfigOf(), ...options });
  const stack = {
    ...made,
    putAccount: (id: string, attributes: Record<string, unknown>, tenantId = 'acme') =>
      made.tables.put('accounts', id, { ...made.tables.get('accounts', id), id, tenantId, ...attributes }),
    account: (id: string) => made.tables.get('accounts', id),
    accountLink: (id: string) => made.link(id, 'c1.account'),
    contactOf: (key: string) => made.org.withKey(key)?.fields,
    accountId: (key: string) => made.org.withKey(key, 'Account')?.Id,
  };
  if (!options.bulk) await stack.passes(6);
  await stack.withoutSweeps();
  return stack;
}

/** What the queue and the stream hold now, without a tick of the dispatcher. */
async function deliver(stack: Awaited<ReturnType<typeof aStackOf>>) {
  for (let n = 0; n < 5; n += 1) {
    await stack.deliverStream();
    await stack.work();
  }
}

describe('a record that is found by a field', () => {
  test('is met with the keys of its parents, not with their ids', async () => {
    const match: Template['match'] = [{ fields: ['lastName'] }];
    const stack = await aStackOf({ config: aConfigOf({ match, direction: 'to-salesforce' }) });
    stack.putAccount('acct', { name: 'Acme' });
    await deliver(stack);
    stack.org.insert({ LastName: 'Lee', AccountId: stack.accountId('acct') ?? null });

    stack.putItem('ann', { lastName: 'Lee', account: 'acct' });
    await deliver(stack);

    expect(stack.link('ann')?.base).toMatchObject({ account: 'acct' });
    expect(stack.item('ann')).toMatchObject({ account: 'acct' });
    expect(stack.conflicts()).toEqual([]);
  });
});

describe('a lookup to records of which two mappings have some each', () => {
  const firms: Partial<Template> = { filter: "Name != 'Person'" };
  const people: Partial<Template> = { filter: "Name = 'Person'" };
  const aConfigOfKinds = () => {
    const config = aConfigOf(
      {
        fieldMap: {
          lastName: 'LastName',
          account: { field: 'AccountId', reference: ['account', 'person'] },
        },
      },
      firms,
    );
    const { account } = config.mappings;
    const person = { ...account, ...people, localTable: 'people', fieldMap: { name: { field: 'Name' } } };
    return syncConfig.parse({
      ...config,
      localTables: { ...config.localTables, people: { keyField: 'id', tenantField: 'tenantId' } },
      mappings: { ...config.mappings, person },
    });
  };

  test('leads to either, by the name of the mapping and the key', async () => {
    const stack = await aStackOf({ config: aConfigOfKinds() });
    stack.putItem('bo', { lastName: 'Ray', account: 'person:ann' });
    stack.putItem('cy', { lastName: 'Kim', account: 'account:acme' });
    await deliver(stack);
    expect(stack.contactOf('bo')).toBeUndefined();

    stack.putAccount('acme', { name: 'Acme' });
    stack.tables.put('people', 'ann', { id: 'ann', tenantId: 'acme', name: 'Person' });
    await deliver(stack);
    expect(stack.contactOf('bo')?.AccountId).toBe(stack.accountId('ann'));
    expect(stack.contactOf('cy')?.AccountId).toBe(stack.accountId('acme'));

    const bo = stack.org.withKey('bo')?.Id ?? '';
    stack.clock.advance(60_000);
    stack.org.edit(bo, { AccountId: stack.accountId('acme') ?? null });
    await stack.hints.send([stack.remoteHint(bo)]);
    await deliver(stack);
    expect(stack.item('bo')).toMatchObject({ account: 'account:acme' });
  });
});

describe('an item that names a parent', () => {
  test('gets its record with the id of the parent’s', async () => {
    const stack = await aStackOf();
    stack.putAccount('acct', { name: 'Acme' });
    await deliver(stack);

    stack.putItem('ann', { lastName: 'Lee', account: 'acct' });
    await deliver(stack);

    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('acct'));
    expect(stack.link('ann')?.base).toMatchObject({ account: 'acct' });
  });

  test('waits for it where it comes later, and goes at once when it is linked', async () => {
    const stack = await aStackOf();
    stack.putItem('ann', { lastName: 'Lee', account: 'acct' });
    await deliver(stack);
    expect(stack.org.alive()).toEqual([]);
    expect(stack.parked()).toMatchObject([{ key: 'ann', local: { reason: 'PARENT_MISSING' } }]);
    const before = stack.org.calls.length;

    stack.putAccount('acct', { name: 'Acme' });
    await deliver(stack);

    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('acct'));
    expect(stack.parked()).toEqual([]);
    expect(stack.parkedKeys.awaiting.size).toBe(0);
    expect(stack.org.calls.length - before).toBeLessThanOrEqual(5);
  });

  test('whose parent is linked between its look and its parking is not forgotten', async () => {
    const stack = await aStackOf();
    stack.putItem('ann', { lastName: 'Lee', account: 'acct' });
    await stack.deliverStream();
    const { addWaiting } = stack.parkedKeys;
    stack.parkedKeys.addWaiting = async (awaiting) => {
      stack.parkedKeys.addWaiting = addWaiting;
      stack.putAccount('acct', { name: 'Acme' });
      await stack.hints.send([{ kind: 'local-keys', mappingId: 'c1.account', keys: [{ key: 'acct' }] }]);
      await stack.work();
      await addWaiting.call(stack.parkedKeys, awaiting);
    };
    await stack.work();
    await deliver(stack);

    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('acct'));
  });

  test('is woken in time where whoever should have woken it died', async () => {
    const stack = await aStackOf();
    stack.putItem('ann', { lastName: 'Lee', account: 'acct' });
    await deliver(stack);
    stack.parkedKeys.awaiting.clear();

    stack.putAccount('acct', { name: 'Acme' });
    await stack.passes(6);

    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('acct'));
  });

  test('that never comes is listed after a while, and costs a call an hour', async () => {
    const stack = await aStackOf();
    stack.putItem('ann', { lastName: 'Lee', account: 'nobody' });
    await stack.passes(5);
    expect(await stack.rejections()).toEqual([]);

    await stack.passes(120);
    expect(await stack.rejections()).toEqual([{ key: 'ann', code: 'PARENT_MISSING' }]);
    const before = stack.org.calls.length;
    await stack.passes(240);
    expect(stack.org.calls.length - before).toBeLessThanOrEqual(5);

    stack.putItem('ann', { account: 'acct' });
    stack.putAccount('acct', { name: 'Acme' });
    await stack.passes(3);
    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('acct'));
    expect(await stack.rejections()).toEqual([]);
  });

  test('waits longer each time where its record has called for a look too', async () => {
    const stack = await aStackOf();
    stack.putItem('ann', { lastName: 'Lee', boss: 'nobody' });
    await deliver(stack);
    await stack.hints.send([stack.remoteHint(stack.org.withKey('ann')?.Id ?? '')]);
    await deliver(stack);
    expect(stack.parked()).toMatchObject([{ key: 'ann', local: {}, remote: {} }]);

    await stack.passes(240);
    const before = stack.org.calls.length;
    await stack.passes(240);

    expect(stack.org.calls.length - before).toBeLessThanOrEqual(5);
  });

  test('takes no neighbour with it, and its other fields go once it has a record', async () => {
    const stack = await aStackOf();
    stack.putItem('ann', { lastName: 'Lee' });
    await deliver(stack);

    stack.putItem('ann', { account: 'later', title: 'CEO' });
    stack.putItem('bo', { lastName: 'Ray', account: 'x'.repeat(3000) });
    stack.putItem('kim', { lastName: 'Kim' });
    await deliver(stack);

    expect(stack.contactOf('ann')).toMatchObject({ Title: 'CEO', AccountId: null });
    expect(stack.contactOf('kim')).toBeDefined();
    stack.putAccount('later', { name: 'Later' });
    await deliver(stack);
    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('later'));
  });

  test('of another tenant waits: keys of others lead nowhere', async () => {
    const stack = await aStackOf({ connections: { c1: 'acme', c2: 'globex' } });
    stack.putAccount('theirs', { name: 'Theirs' }, 'globex');
    await stack.passes(2);

    stack.putItem('ann', { lastName: 'Lee', account: 'theirs' });
    await stack.passes(2);

    expect(stack.contactOf('ann')).toBeUndefined();
    expect(stack.parked()).toMatchObject([{ key: 'ann', local: { reason: 'PARENT_MISSING' } }]);
  });

  test('costs no call for its echo', async () => {
    const stack = await aStackOf();
    stack.putAccount('acct', { name: 'Acme' });
    stack.putItem('ann', { lastName: 'Lee', account: 'acct' });
    await stack.passes(2);
    const before = stack.org.calls.length;

    await stack.hints.send([{ kind: 'local-keys', mappingId: 'c1.contact', keys: [{ key: 'ann' }] }]);
    await stack.work();

    expect(stack.org.calls).toHaveLength(before);
  });
});

describe('an item whose parents lead back to it', () => {
  test('is made without them, and gets them afterwards', async () => {
    const stack = await aStackOf();
    stack.putItem('ann', { lastName: 'Lee', boss: 'bo' });
    stack.putItem('bo', { lastName: 'Ray', boss: 'ann' });
    stack.putItem('own', { lastName: 'Own', boss: 'own' });
    await deliver(stack);

    const idOf = (key: string) => stack.org.withKey(key)?.Id;
    expect(stack.contactOf('ann')?.ReportsToId).toBe(idOf('bo'));
    expect(stack.contactOf('bo')?.ReportsToId).toBe(idOf('ann'));
    expect(stack.contactOf('own')?.ReportsToId).toBe(idOf('own'));
    expect(stack.parked()).toEqual([]);
  });

  test('waits with that one field where its parent never comes', async () => {
    const stack = await aStackOf();
    stack.putItem('ann', { lastName: 'Lee', boss: 'nobody' });
    await deliver(stack);

    expect(stack.contactOf('ann')).toMatchObject({ LastName: 'Lee', ReportsToId: null });
    expect(stack.parked()).toMatchObject([{ key: 'ann', local: { reason: 'PARENT_MISSING' } }]);
  });
});

describe('a record with a lookup', () => {
  test('gives its item the key of the parent', async () => {
    const stack = await aStackOf();
    const accountId = stack.org.insert({ Name: 'Acme' }, 'Account');
    await stack.hints.send([{ kind: 'remote-ids', mappingId: 'c1.account', sfIds: [accountId] }]);
    await deliver(stack);

    const sfId = stack.org.insert({ LastName: 'Lee', AccountId: accountId });
    await stack.hints.send([stack.remoteHint(sfId)]);
    await deliver(stack);

    expect(stack.item(`sf-c1-${sfId}`)?.account).toBe(`sf-c1-${accountId}`);
  });

  test('whose parent has no item yet makes its item without it, which gets it when there is one', async () => {
    const stack = await aStackOf();
    const accountId = stack.org.insert({ Name: 'Acme' }, 'Account');
    const sfId = stack.org.insert({ LastName: 'Lee', AccountId: accountId });
    await stack.hints.send([stack.remoteHint(sfId)]);
    await deliver(stack);
    expect(stack.item(`sf-c1-${sfId}`)).not.toHaveProperty('account');
    expect(stack.parked()).toMatchObject([{ remote: { reason: 'PARENT_MISSING' } }]);

    await stack.hints.send([{ kind: 'remote-ids', mappingId: 'c1.account', sfIds: [accountId] }]);
    await deliver(stack);

    expect(stack.item(`sf-c1-${sfId}`)?.account).toBe(`sf-c1-${accountId}`);
    expect(stack.parked()).toEqual([]);
    expect(stack.org.records.get(sfId)?.fields.AccountId).toBe(accountId);
  });

  test('that is given to another parent gives its item the other key', async () => {
    const stack = await aStackOf();
    for (const key of ['one', 'two']) stack.putAccount(key, { name: key });
    stack.putItem('ann', { lastName: 'Lee', account: 'one' });
    await deliver(stack);
    const sfId = stack.org.withKey('ann')?.Id ?? '';

    stack.org.edit(sfId, { AccountId: stack.accountId('two') ?? null });
    await stack.hints.send([stack.remoteHint(sfId)]);
    await deliver(stack);

    expect(stack.item('ann')?.account).toBe('two');
  });

  test('that is given to a parent without an item leaves the attribute as it is, and the lookup too', async () => {
    const stack = await aStackOf();
    stack.putAccount('one', { name: 'one' });
    stack.putItem('ann', { lastName: 'Lee', account: 'one' });
    await deliver(stack);
    const sfId = stack.org.withKey('ann')?.Id ?? '';
    const other = stack.org.insert({ Name: 'Other' }, 'Account');

    stack.org.edit(sfId, { AccountId: other, Title: 'CEO' });
    await stack.hints.send([stack.remoteHint(sfId)]);
    await deliver(stack);

    expect(stack.item('ann')).toMatchObject({ account: 'one', title: 'CEO' });
    expect(stack.contactOf('ann')?.AccountId).toBe(other);
    expect(stack.parked()).toMatchObject([{ key: 'ann', remote: { reason: 'PARENT_MISSING' } }]);
  });

  test('whose parent is deleted is cleared, and so is the item’s attribute', async () => {
    const stack = await aStackOf();
    stack.putAccount('one', { name: 'one' });
    stack.putItem('ann', { lastName: 'Lee', account: 'one' });
    await deliver(stack);

    stack.org.remove(stack.accountId('one') ?? '');
    await stack.hints.send([stack.remoteHint(stack.org.withKey('ann')?.Id ?? '')]);
    await deliver(stack);

    expect(stack.item('ann')).not.toHaveProperty('account');
  });

  test('loses a conflict by the policy, and the journal has the id that was overwritten', async () => {
    const stack = await aStackOf({ config: aConfigOf({ conflictPolicy: 'local-wins' }) });
    for (const key of ['one', 'two']) stack.putAccount(key, { name: key });
    stack.putItem('ann', { lastName: 'Lee', account: 'one' });
    await deliver(stack);
    const sfId = stack.org.withKey('ann')?.Id ?? '';
    const other = stack.org.insert({ Name: 'Other' }, 'Account');

    stack.org.edit(sfId, { AccountId: other });
    stack.putItem('ann', { account: 'two' });
    await deliver(stack);

    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('two'));
    expect(stack.conflicts()).toMatchObject([
      { field: 'account', base: 'one', local: 'two', remote: ` ${other}` },
    ]);
  });

  test('that a trigger sets at once to another parent comes back as its key', async () => {
    const stack = await aStackOf();
    for (const key of ['one', 'two']) stack.putAccount(key, { name: key });
    await deliver(stack);
    const two = stack.accountId('two') ?? null;
    stack.org.trigger = (fields) => {
      if (typeof fields.AccountId === 'string') fields.AccountId = two;
    };

    stack.putItem('ann', { lastName: 'Lee', account: 'one' });
    await deliver(stack);

    expect(stack.item('ann')?.account).toBe('two');
    const { writes } = stack.org;
    await stack.passes(30);
    expect(stack.org.writes).toBe(writes);
  });
});

describe('a parent that is deleted between the look and the write', () => {
  test('has its child listed, and taken up again when it is back', async () => {
    const stack = await aStackOf();
    stack.putAccount('one', { name: 'one' });
    await deliver(stack);
    const one = stack.accountId('one') ?? '';
    stack.putItem('ann', { lastName: 'Lee', account: 'one' });
    await stack.deliverStream();
    afterNext(stack.org, 'select', () => stack.org.remove(one));
    await stack.work();
    expect((await stack.rejections()).map(({ code }) => code)).toEqual(['INVALID_CROSS_REFERENCE_KEY']);

    stack.org.undelete(one);
    await stack.passes(90);

    expect(stack.contactOf('ann')?.AccountId).toBe(one);
    expect(await stack.rejections()).toEqual([]);
  });
});

describe('loads and pushes', () => {
  test('of masters come first, by rows and by bulk, and every child ends with its parent', async () => {
    for (const bulkThreshold of [1, 1000]) {
      const stack = aStack({ config: aConfigOf({ bulkThreshold }, { bulkThreshold }) });
      const ids = [0, 1, 2].map((n) => stack.org.insert({ Name: `A${n}` }, 'Account'));
      for (const [n, AccountId] of ids.entries()) stack.org.insert({ LastName: `C${n}`, AccountId });
      for (let n = 0; n < 5; n += 1) {
        stack.tables.put('accounts', `acct-${n}`, { id: `acct-${n}`, tenantId: 'acme', name: `L${n}` });
        stack.putItem(`k${n}`, { lastName: `K${n}`, account: `acct-${n}`, boss: `k${(n + 1) % 5}` });
      }
      stack.stream.splice(0);

      await stack.passes(60);

      const contacts = stack.org.alive().filter(({ Id }) => Id.startsWith('003'));
      expect(contacts).toHaveLength(8);
      for (const { fields } of contacts) expect(fields.AccountId).toMatch(/^001/);
      for (let n = 0; n < 5; n += 1) {
        const fields = stack.org.withKey(`k${n}`)?.fields;
        expect(fields?.AccountId).toBe(stack.org.withKey(`acct-${n}`, 'Account')?.Id);
        expect(fields?.ReportsToId).toBe(stack.org.withKey(`k${(n + 1) % 5}`)?.Id);
      }
      for (const key of stack.tables.keys('contacts')) expect(stack.item(key)?.account).toBeDefined();
      expect(stack.parked()).toEqual([]);
      expect(await stack.rejections()).toEqual([]);
    }
  });
});

describe('a parent that is merged into a record which nobody had linked', () => {
  test.each([
    ['which says the same', {}],
    ['which says something else', { Name: 'Acme Inc.' }],
    ['that needs an edit of its item', undefined],
  ])('is told to the children that wait for that record (%s)', async (_what, fields) => {
    const stack = await aStackOf();
    stack.putAccount('acct', { name: 'Acme' });
    await deliver(stack);
    const stays = stack.org.insert({ Name: 'Acme' }, 'Account');
    const child = stack.org.insert({ LastName: 'Ray', AccountId: stays });
    await stack.hints.send([stack.remoteHint(child)]);
    await deliver(stack);
    expect(stack.parked()).toMatchObject([{ remote: { reason: 'PARENT_MISSING' } }]);

    stack.org.merge(stays, stack.accountId('acct') ?? '', fields ?? {});
    if (fields === undefined) stack.putAccount('acct', { name: 'Acme & Co' });
    await stack.hints.send([{ kind: 'local-keys', mappingId: 'c1.account', keys: [{ key: 'acct' }] }]);
    await stack.hints.send([stack.sweepHint('merged', 'c1.account')]);
    await deliver(stack);

    expect(stack.accountLink('acct')?.sfId).toBe(stays);
    expect(stack.item(`sf-c1-${child}`)?.account).toBe('acct');
    expect(stack.parked()).toEqual([]);
  });
});

describe('a lookup to several objects', () => {
  const polymorphic = aConfigOf({
    fieldMap: { lastName: 'LastName', account: { field: 'AccountId', reference: { Account: 'account' } } },
  });

  test('has the mapping’s name before the key, on both sides', async () => {
    const stack = await aStackOf({ config: polymorphic });
    stack.putAccount('one', { name: 'one' });
    stack.putItem('ann', { lastName: 'Lee', account: 'account:one' });
    await deliver(stack);
    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('one'));

    const sfId = stack.org.insert({ LastName: 'Ray', AccountId: stack.accountId('one') ?? null });
    await stack.hints.send([stack.remoteHint(sfId)]);
    await deliver(stack);
    expect(stack.item(`sf-c1-${sfId}`)?.account).toBe('account:one');
  });

  test('that does not say of which mapping is listed with what to write, and goes on once it is', async () => {
    const stack = await aStackOf({ config: polymorphic });
    stack.putAccount('one', { name: 'one' });
    stack.putItem('ann', { lastName: 'Lee', account: 'one' });
    await deliver(stack);

    const [listed, ...others] = await stack.journal.rejections('c1.contact', 100);
    expect(others).toEqual([]);
    expect(listed).toMatchObject({ key: 'ann', code: 'INVALID_ATTRIBUTE', fields: ['account'] });
    expect(listed?.message).toContain('account as account:<key>');
    await stack.passes(90);
    expect(await stack.rejections()).toEqual([{ key: 'ann', code: 'INVALID_ATTRIBUTE' }]);

    stack.putItem('ann', { account: 'account:one' });
    await deliver(stack);
    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('one'));
    expect(await stack.rejections()).toEqual([]);
  });

  test('that does not say of which mapping leaves the other fields of its pair to go on', async () => {
    const stack = await aStackOf({ config: polymorphic });
    stack.putItem('ann', { lastName: 'Lee' });
    await deliver(stack);
    stack.putItem('ann', { lastName: 'Hill', account: 'one' });
    await deliver(stack);

    expect(stack.contactOf('ann')).toMatchObject({ LastName: 'Hill', AccountId: null });
    expect(await stack.rejections()).toEqual([{ key: 'ann', code: 'INVALID_ATTRIBUTE' }]);
  });
});

describe('a field that becomes a reference', () => {
  test('has its values looked at as of another field: none is lost, ids become keys', async () => {
    const plain = aConfigOf({ fieldMap: { lastName: 'LastName', account: 'AccountId' } });
    const stack = await aStackOf({ config: plain });
    stack.putAccount('one', { name: 'one' });
    await deliver(stack);
    stack.putItem('ann', { lastName: 'Lee', account: stack.accountId('one') });
    await deliver(stack);
    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('one'));

    stack.deploy(
      aConfigOf({
        fieldMap: { lastName: 'LastName', account: { field: 'AccountId', reference: 'account' } },
        conflictPolicy: 'salesforce-wins',
      }),
    );
    await stack.mappingStates.makeDue('c1.contact', stack.clock.now());
    await stack.passes(30);

    expect(stack.item('ann')?.account).toBe('one');
    expect(stack.contactOf('ann')?.AccountId).toBe(stack.accountId('one'));
  });
});

describe('a parent that Salesforce keeps as long as it has children', () => {
  async function aRestrictedStack() {
    const deleting = { deletePolicy: 'propagate' } as const;
    const stack = await aStackOf({ config: aConfigOf(deleting, deleting) });
    stack.org.keepsParents = true;
    stack.putAccount('acct', { name: 'Acme' });
    await deliver(stack);
    stack.putItem('ann', { lastName: 'Lee', account: 'acct' });
    await deliver(stack);
    expect(stack.org.alive()).toHaveLength(2);
    return stack;
  }

  test('goes after them where both are told of together', async () => {
    const stack = await aRestrictedStack();
    stack.tables.delete('accounts', 'acct');
    stack.deleteItem('ann');
    await deliver(stack);

    expect(stack.org.alive()).toEqual([]);
    expect(stack.org.calls.filter((call) => call === 'deleteRecords')).toHaveLength(2);
  });

  test('goes by and by where its own deletion is told of first', async () => {
    const stack = await aRestrictedStack();
    stack.tables.delete('accounts', 'acct');
    await deliver(stack);
    stack.deleteItem('ann');
    await stack.passes(5);

    expect(stack.org.alive()).toEqual([]);
    expect(stack.parked()).toEqual([]);
    expect(await stack.rejections('c1.account')).toEqual([]);
  });
});
