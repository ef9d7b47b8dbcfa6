import { operate, until } from '../stack/tenant.ts';
import { check, type Facts } from './report.ts';
import { anAccount, type Demo, sweep, TENANT } from './steps.ts';

/** A contact names its account by the account's key; one whose account comes later waits for it. */
export async function reference({ stack, accounts, contacts }: Demo): Promise<Facts> {
  await contacts.edit('child-1', { tenantId: TENANT, lastName: 'Child', accountId: 'parent-1' });
  await accounts.edit('parent-1', { tenantId: TENANT, name: 'Parent' });
  const child = await until('The contact with its account', async () => {
    const [found] = await stack.admin.query(
      "SELECT Id, AccountId, Account.Sync_Key__c FROM Contact WHERE Sync_Key__c = 'child-1'",
    );
    return found?.AccountId ? found : undefined;
  });
  const parent = await accounts.get('parent-1');
  check(child.AccountId === parent?.salesforceId, 'the contact belongs to another account');
  return { 'written first': 'the contact', 'account of its record': 'parent-1' };
}

/** An item is deleted, and its record goes to the recycle bin; a record is deleted, and its item goes. */
export async function deletions(demo: Demo): Promise<Facts> {
  const { stack, contacts } = demo;
  const [ours, theirs] = [await contacts.get('own-9'), await contacts.get('own-10')];
  await contacts.remove('own-9');
  await until('The deletion of the record', async () => {
    const id = String(ours?.salesforceId);
    return (await stack.admin.count(`Contact WHERE Id = '${id}'`)) === 0;
  });
  await stack.admin.remove('Contact', String(theirs?.salesforceId));
  // No outbound message tells of a deletion: a sweep finds it.
  await sweep(demo, 'contact');
  await until('The deletion of the item', async () => (await contacts.get('own-10')) === undefined);
  return { 'records that followed their item': 1, 'items that followed their record': 1 };
}

/** Both sides edit a field that is left to a person: neither is touched until somebody decides. */
export async function decision(demo: Demo): Promise<Facts> {
  const { stack, connectionId, accounts } = demo;
  const { id, key } = await anAccount(demo, 2);
  const mappingId = `${connectionId}.account`;
  await stack.admin.edit('Account', id, { Industry: 'Banking' });
  await accounts.edit(key, { industry: 'Energy' });
  const held = await until('The conflict', async () => {
    const { conflicts } = (await operate(stack, { action: 'open-conflicts', mappingId })) as {
      conflicts: { localKey: string; field: string; version: number; local: string; remote: string }[];
    };
    return conflicts.find(({ localKey }) => localKey === key);
  });
  check((await stack.admin.read('Account', id)).Industry === 'Banking', 'the record was touched');
  check((await accounts.get(key))?.industry === 'Energy', 'the item was touched');
  const about = { mappingId, key, field: held.field, version: held.version };
  await operate(stack, { action: 'resolve-conflict', ...about, take: 'value', value: 'Utilities' });
  await until('The decision', async () => {
    const record = await stack.admin.read('Account', id);
    return record.Industry === 'Utilities' && (await accounts.get(key))?.industry === 'Utilities';
  });
  return { held: `${held.local} here, ${held.remote} there`, decided: 'Utilities, on both sides' };
}
