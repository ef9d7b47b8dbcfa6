import type { OrgRecord } from '../../in-memory/salesforce-org/records.ts';
import { ACCOUNTS, CONNECTIONS, TABLE, TENANTS, type Tenant } from '../world/configs.ts';
import type { World } from '../world/world.ts';
import type { Happening } from './happenings.ts';

type Of<W extends Happening['what']> = Extract<Happening, { what: W }>;

/** What people do with whom somebody belongs to, and what was a pair before anybody linked it. */
export class Parents {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  happen({
    what,
    tenant,
    n,
    id,
  }: Of<'account-new' | 'account-delete' | 'account-refer' | 'boss-refer' | 'sponsor-refer'>): boolean {
    const { tables } = this.#world.syncStore;
    const accounts = this.#keys(ACCOUNTS, tenant);
    switch (what) {
      case 'account-new': {
        // Some are waited for by name.
        const key = `${tenant}-a${n}`;
        if (tables.get(ACCOUNTS, key)) return false;
        tables.put(ACCOUNTS, key, { id: key, tenantId: tenant, name: `${tenant} account ${id}` });
        return true;
      }
      case 'account-delete': {
        const key = accounts[n % Math.max(1, accounts.length)];
        if (key === undefined) return false;
        this.#world.family.contested.add(tenant);
        tables.delete(ACCOUNTS, key);
        return true;
      }
      case 'account-refer':
        return this.#give(tenant, n, 'account', `${tenant}-a${(n * 7 + id) % 5}`);
      case 'boss-refer': {
        const contacts = this.#keys(TABLE, tenant);
        return this.#give(tenant, n, 'boss', contacts[(n + id) % Math.max(1, contacts.length)]);
      }
      case 'sponsor-refer': {
        const contacts = this.#keys(TABLE, tenant);
        const contact = contacts[(n + id) % Math.max(1, contacts.length)];
        // An account may be named that is yet to come.
        const isAccount = id % 2 === 0 || contact === undefined;
        const sponsor = isAccount ? `account:${tenant}-a${(n * 7 + id) % 5}` : `contact:${contact}`;
        return this.#give(tenant, n, 'sponsor', sponsor);
      }
    }
  }

  happenInOrg({
    what,
    org: connectionId,
    n,
    id,
  }: Of<'org-account-new' | 'org-account-delete' | 'org-account-refer' | 'org-sponsor-refer'>): boolean {
    const org = this.#world.org(connectionId);
    const tenant = CONNECTIONS.find((one) => one.connectionId === connectionId)?.tenant ?? 'acme';
    const accounts = org.alive().filter(({ Id }) => Id.startsWith('001'));
    const contacts = org.alive().filter(({ Id }) => !Id.startsWith('001') && !org.isLocked(Id));
    const pick = (list: readonly OrgRecord[], at: number) => list[at % Math.max(1, list.length)];
    if (what === 'org-account-new') {
      org.insert({ Name: `${tenant} account ${connectionId} ${id}` }, 'Account');
      return true;
    }
    this.#world.family.contested.add(tenant);
    if (what === 'org-sponsor-refer') {
      const [sponsor, contact] = [pick(id % 2 === 0 ? accounts : contacts, n), pick(contacts, n + id)];
      if (sponsor && contact) org.edit(contact.Id, { Sponsor__c: sponsor.Id });
      return sponsor !== undefined && contact !== undefined;
    }
    const account = pick(accounts, n);
    const contact = pick(contacts, n + id);
    if (!account) return false;
    if (what === 'org-account-delete') org.remove(account.Id);
    else if (contact) org.edit(contact.Id, { AccountId: account.Id });
    return true;
  }

  /** One pair of each tenant by its field, one by its id, and an item of which several records could be. */
  furnishPairs(): void {
    for (const tenant of TENANTS) {
      const ofTenant = CONNECTIONS.filter((one) => one.tenant === tenant);
      for (const kind of ['nick', 'id', 'several'] as const) {
        if (kind === 'id' && (!this.#world.shape.hasLocalId || ofTenant.length > 1)) continue;
        const key = `${tenant}-${kind}`;
        const nick = `${tenant} ${kind}`;
        const records = new Map(
          ofTenant.map(({ connectionId }) => {
            const ids = (kind === 'several' ? ['one', 'two'] : ['one']).map((name) =>
              this.#record(connectionId, `${nick} ${name}`, kind === 'id' ? null : nick),
            );
            return [connectionId, ids] as const;
          }),
        );
        const [[id] = []] = [...records.values()];
        this.#world.ledger.born.add(`local ${key}`);
        this.#world.syncStore.tables.put(TABLE, key, {
          id: key,
          tenantId: tenant,
          ...(kind === 'id' ? { salesforceId: id } : { nick }),
        });
        this.#world.family.pairs.push({ tenant, key, nick, records });
      }
    }
  }

  #record(connectionId: string, LastName: string, Title: string | null): string {
    const sfId = this.#world.org(connectionId).insert({ LastName, Title });
    this.#world.ledger.born.add(`${connectionId} ${sfId}`);
    return sfId;
  }

  #give(tenant: Tenant, n: number, attribute: string, parent: string | undefined): boolean {
    const { tables } = this.#world.syncStore;
    const contacts = this.#keys(TABLE, tenant);
    const key = contacts[n % Math.max(1, contacts.length)];
    if (key === undefined || parent === undefined) return false;
    this.#world.family.given.set(`${key} ${attribute}`, parent);
    tables.put(TABLE, key, { ...tables.get(TABLE, key), [attribute]: parent });
    return true;
  }

  #keys(table: string, tenant: Tenant): string[] {
    const { tables } = this.#world.syncStore;
    return tables.keys(table).filter((key) => tables.get(table, key)?.tenantId === tenant);
  }
}
