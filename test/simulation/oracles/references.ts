import { ACCOUNTS, CONNECTIONS, REFERENCES, TABLE } from '../world/configs.ts';
import type { World } from '../world/world.ts';
import { pairsOf, rejectedKeys } from './pairs.ts';
import type { Violation } from './violation.ts';

/** Whether a field of contacts holds the id of a parent. */
export const isReference = (field: string): boolean => REFERENCES.some(([, name]) => name === field);

/**
 * Every child has the same parent on both sides, and where only items were given parents, the one that was given last;
 * or it is listed. No account is there twice.
 */
export const references = (world: World): Violation[] => {
  if (!world.shape.hasParents) return [];
  const rejected = rejectedKeys(world);
  const found: Violation[] = [];
  const note = (text: string) => found.push({ oracle: 'references', text });
  for (const { connection, record, key } of pairsOf(world)) {
    const { connectionId } = connection;
    const item = world.item(key);
    if (!item || rejected.has(`${connectionId} ${key}`)) continue;
    for (const [attribute, field, parents] of REFERENCES) {
      const id = record.fields[field];
      const [theirs] = parents.flatMap(([parent, prefix]) => {
        const found = world.syncStore.pointers.get(`${connectionId}.${parent}#${String(id)}`);
        return found === undefined ? [] : [`${prefix}${found}`];
      });
      if (typeof id === 'string' && theirs === undefined)
        note(`${connectionId} ${key}.${field} leads to an unknown ${id}`);
      else if (theirs !== item[attribute])
        note(`${connectionId} ${key}.${field} leads to ${theirs}, and ${attribute} is ${item[attribute]}`);
    }
  }
  for (const [way, parent] of world.family.given) {
    const [key = '', attribute = ''] = way.split(' ');
    const item = world.item(key);
    const tenant = CONNECTIONS.find((one) => one.tenant === item?.tenantId)?.tenant;
    if (item && tenant && !world.family.contested.has(tenant) && item[attribute] !== parent)
      note(`${attribute} of ${key} was ${parent} and is ${item[attribute]}`);
  }
  for (const { mappingId, key, code } of world.journal.storedRejections.values()) {
    const connectionId = mappingId.split('.')[0] ?? '';
    const tenant = CONNECTIONS.find((one) => one.connectionId === connectionId)?.tenant ?? 'acme';
    if (
      code === 'PARENT_MISSING' &&
      !world.family.contested.has(tenant) &&
      !lacksParent(world, connectionId, key)
    )
      note(`${connectionId} ${key} waits for a parent, and has all of them`);
  }
  const names = (list: readonly unknown[]) => list.filter((name, index) => list.indexOf(name) !== index);
  for (const { connectionId, tenant } of CONNECTIONS) {
    const accounts = world
      .org(connectionId)
      .alive()
      .filter(({ Id }) => Id.startsWith('001'));
    for (const name of names(accounts.map(({ fields }) => fields.Name)))
      note(`${connectionId} has the account ${String(name)} twice`);
    const { tables } = world.syncStore;
    const items = tables.keys(ACCOUNTS).map((key) => tables.get(ACCOUNTS, key));
    for (const name of names(items.flatMap((item) => (item?.tenantId === tenant ? [item.name] : []))))
      note(`${tenant} has the account ${String(name)} twice`);
    for (const { fields } of accounts)
      if (!items.some((item) => item?.name === fields.Name) && !world.family.contested.has(tenant))
        note(`${connectionId} has an account ${String(fields.Name)} without an item`);
  }
  return found;
};

/** Whether an item names a parent that is not there, or that waits for its own account. */
const lacksParent = (world: World, connectionId: string, key: string): boolean => {
  const { storedLinks } = world.syncStore;
  const isOpen = (account: unknown): boolean =>
    typeof account === 'string' && storedLinks.get(`${connectionId}.account#${account}`)?.state !== 'linked';
  const sponsorOf = (contact: string, mapping: string): string | undefined => {
    const [name, of] = String(world.item(contact)?.sponsor ?? '').split(':');
    return name === mapping ? of : undefined;
  };
  const lacksAccount = (contact: string): boolean =>
    isOpen(world.item(contact)?.account) || isOpen(sponsorOf(contact, 'account'));
  return (
    [world.item(key)?.boss, sponsorOf(key, 'contact')].some(
      (parent) => typeof parent === 'string' && (world.item(parent) === undefined || lacksAccount(parent)),
    ) || lacksAccount(key)
  );
};

/** What was a pair before is one: linked, and not doubled. What could be several is listed, and neither linked nor made. */
export const matchedPairs = (world: World): Violation[] => {
  const found: Violation[] = [];
  const note = (text: string) => found.push({ oracle: 'matched', text });
  for (const { key, nick, records, tenant } of world.family.pairs) {
    for (const [connectionId, ids] of records) {
      const link = world.syncStore.storedLinks.get(`${connectionId}.contact#${key}`);
      const withKey = world.contacts(connectionId).filter(({ fields }) => fields.External_Id__c === key);
      if (ids.length > 1) {
        const isListed = [...world.journal.storedRejections.values()].some(
          (one) =>
            one.key === key && one.code === 'SEVERAL_MATCHES' && one.mappingId.startsWith(connectionId),
        );
        if (!isListed) note(`${connectionId} ${key} could be of several records, and nobody is told`);
        if (link || withKey.length > 0) note(`${connectionId} ${key} is linked to one of several`);
        continue;
      }
      if (link?.sfId !== ids[0]) note(`${connectionId} ${key} is linked to ${link?.sfId}, not to ${ids[0]}`);
      if (withKey.length !== 1) note(`${connectionId} has ${withKey.length} records of ${key}`);
    }
    const { tables } = world.syncStore;
    const alike = tables.keys(TABLE).filter((one) => {
      const item = tables.get(TABLE, one);
      return item?.tenantId === tenant && item.nick === nick && nick !== '';
    });
    if (alike.length > 1) note(`${tenant} has ${nick} ${alike.length} times`);
  }
  return found;
};
