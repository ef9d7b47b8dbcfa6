import type { Hint } from '../../../shared/contracts/hints.ts';
import { listHeldClears, refuseClears, releaseClears } from '../../../shared/use-cases/operations/clears.ts';
import {
  listHeld,
  refuseDeletions,
  releaseDeletions,
} from '../../../shared/use-cases/operations/deletions.ts';
import { OperationRefused } from '../../../shared/use-cases/operations/errors.ts';
import { resolveConflict } from '../../../shared/use-cases/operations/open-conflicts.ts';
import { makeMappingsDue, prepareMappings } from '../../../shared/use-cases/schedules/enrol-mappings.ts';
import type { Attributes } from '../../in-memory/local-tables.ts';
import type { InMemoryOrg } from '../../in-memory/salesforce-org/in-memory-org.ts';
import type { OrgRecord } from '../../in-memory/salesforce-org/records.ts';
import {
  CONNECTIONS,
  GOES_OUT,
  HIDEABLE,
  isMappedBy,
  isSentOnce,
  KEY_FIELD,
  type Place,
  TABLE,
  type Tenant,
  TTL_ATTRIBUTE,
} from '../world/configs.ts';
import { keyOfRecord } from '../world/keys.ts';
import { isLinked } from '../world/stored.ts';
import { asAttribute, asField, traced, tracedValue, withAttribute } from '../world/traced-values.ts';
import type { World } from '../world/world.ts';
import { connect } from './connecting.ts';
import type { Happening } from './happenings.ts';
import { eat } from './others.ts';
import { Parents } from './parents.ts';
import { Planning } from './planning.ts';
import {
  DUPLICATE_MARK,
  PASSING,
  REFUSED_MARK,
  refusalOf,
  UNKNOWN_NAME,
  UNREADABLE_MARK,
} from './refusals.ts';
import { Saying } from './saying.ts';
import { Undoing } from './undoing.ts';

/** What happens to an item, to a record, and to a field of a record. */
type OnItem = Extract<Happening, { readonly tenant: Tenant; readonly n: number }>;
type OnRecord = Extract<Happening, { readonly org: Place; readonly n: number }>;
type OnField = Extract<OnRecord, { readonly field: string }>;

/** Of a text that Salesforce and DynamoDB store; three of them are more than one item of DynamoDB takes. */
const LONG_END = '€'.repeat(60_000);
/** No key that Salesforce can hold. */
const BAD_KEY_END = ' ';

/** A transaction that has written and not committed. */
interface Transaction {
  readonly sfId: string;
  readonly startedAtMs: number;
  readonly value: string;
}

/** How far apart the clocks of one org's servers are. */
const SERVERS_APART_MS = 2_000;
/** The longest that a transaction stays open. */
const LONGEST_TRANSACTION_MS = 9 * 60_000;
/** Longer than any sweep looks back, whenever it began. */
const UNSEEN_MS = 90 * 60_000;

/** Carries out what happens to a world. */
export class People {
  readonly parents: Parents;
  readonly planning: Planning;
  readonly undoing: Undoing;
  readonly #world: World;
  readonly #saying: Saying;
  readonly #transactions = new Map<string, Transaction>();
  /** The version of an open conflict that an operator has seen. */
  readonly #seen = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    this.parents = new Parents(world);
    this.planning = new Planning(world);
    this.#saying = new Saying(world);
    this.undoing = new Undoing(world, this.planning);
    for (const [connectionId, org] of world.orgs) {
      org.refuse = (fields) => {
        const code = this.#refusing.get(connectionId) ?? refusalOf(Object.values(fields));
        const duplicates = { recordIds: [], allowSave: code === 'DUPLICATES_DETECTED' };
        return code === undefined ? undefined : { code, message: 'not so', fields: [], duplicates };
      };
    }
  }

  /** Why an org refuses every write just now. */
  readonly #refusing = new Map<string, string>();
  /** Items that people deleted, as they were. */
  readonly #graves = new Map<string, { readonly tenant: Tenant; readonly item: Attributes }>();
  /** Records with a value of a type that its field has not. */
  readonly #spoilt: { readonly org: Place; readonly sfId: string }[] = [];

  /** Whether others ever used up an allowance: what waits for it may be swept a day later. */
  hasEaten = false;

  get hasSpoilt(): boolean {
    return this.#spoilt.length > 0;
  }

  /** How long ago the save began that is made now, in milliseconds. */
  #agoMs = 0;

  /** @returns false where it could not happen just then */
  async happen(event: Happening): Promise<boolean> {
    return this.#world.byPerson(() => this.#happen(event));
  }

  /** What is left open comes to its end: transactions roll back, outages pass, connections work again. */
  async mend(): Promise<void> {
    const { connections, outages } = this.#world;
    for (const connectionId of [...this.#transactions.keys()]) this.#rollBack(connectionId);
    outages.clear();
    this.#world.mendOrgs();
    await this.#connect();
    this.#refusing.clear();
    for (const [index, { org, sfId }] of this.#spoilt.splice(0).entries()) this.#repair(org, sfId, index);
    for (const { connectionId } of CONNECTIONS) {
      const status = connections.stored.get(connectionId)?.status;
      if (status !== 'active') await this.#activate(connectionId);
      for (const id of this.#world.org(connectionId).records.keys())
        this.#world.org(connectionId).hide(id, false);
      await this.#showField(connectionId);
      this.#world.org(connectionId).othersUse(0);
    }
    if (this.#world.shape.change === 'drops-mapping') this.#world.rollBack();
    this.#world.endOldVersion();
  }

  /** An operator starts a push of every mapping. */
  async pushAll(): Promise<void> {
    for (const { connectionId } of CONNECTIONS) this.#push(connectionId);
  }

  /** An operator has everything of every mapping compared. */
  async fullSweepAll(): Promise<void> {
    for (const { connectionId } of CONNECTIONS) this.#fullSweep(connectionId);
  }

  /** In each org the same record is edited, and nobody is told. @returns the values */
  editUnseen(mark: string): readonly string[] {
    const field = 'FirstName';
    return CONNECTIONS.flatMap(({ connectionId, tenant }) =>
      this.#world.byPerson(() =>
        this.#unseen(connectionId, () => this.#editRecord(connectionId, 0, field, mark)),
      )
        ? [tracedValue(field, `${tenant}:${connectionId}${mark}`)]
        : [],
    ).map(String);
  }

  #happen(event: Happening): boolean | Promise<boolean> {
    const { clock, outages, queue, notifications, stream, executions } = this.#world;
    switch (event.what) {
      case 'local-edit':
        return this.#editItem(event.tenant, event.n, event.field, `L${event.id}`);
      case 'local-refused':
        return this.#editItem(event.tenant, event.n, 'firstName', `L${event.id}${REFUSED_MARK}`);
      case 'local-duplicate':
        return this.#editItem(event.tenant, event.n, 'firstName', `L${event.id}${DUPLICATE_MARK}`);
      case 'local-new-duplicate':
        return this.newItem(event.tenant, `${event.tenant}-n${event.id}`, `L${event.id}${DUPLICATE_MARK}`);
      case 'local-unreadable':
        return this.#editItem(event.tenant, event.n, 'firstName', `L${event.id}${UNREADABLE_MARK}`);
      case 'local-unknown-name':
        return this.#putItem(event.tenant, event.n, 'tier', UNKNOWN_NAME);
      case 'local-long':
        return this.#editItem(event.tenant, event.n, 'firstName', `L${event.id}${LONG_END}`);
      case 'local-title':
        return this.#putItem(event.tenant, event.n, 'title', `Ceo ${event.id}`);
      case 'local-restore':
        return this.#restore(event.tenant, event.n);
      case 'local-bad-key':
        return this.newItem(event.tenant, `p${event.id}${BAD_KEY_END}`, `L${event.id}`);
      case 'local-clear':
        return this.#putItem(event.tenant, event.n, 'email', undefined);
      case 'local-bad-type':
        return this.#putItem(event.tenant, event.n, 'email', event.id);
      case 'local-new':
        return this.newItem(event.tenant, `p${event.id}`, `L${event.id}`);
      case 'local-delete':
      case 'local-expire':
        return this.#deleteItem(event);
      case 'org-outsider':
        return this.newRecord(event.org, `S${event.id}`, undefined, 'out') !== undefined;
      case 'local-return':
        return this.#returnItem(event);
      case 'held-release':
      case 'held-refuse':
        return this.#decideHeld(event);
      case 'say-item-deleted':
      case 'say-record-deleted':
      case 'release-tombstone':
        return this.#saying.happen(event);
      case 'clears-release':
      case 'clears-refuse':
        return this.#decideClears(event);
      case 'org-edit':
        return this.#editRecord(event.org, event.n, event.field, `S${event.id}`);
      case 'org-skewed':
        return this.#skewedEdit(event);
      case 'org-unseen':
        return this.#unseen(event.org, () =>
          this.#editRecord(event.org, event.n, event.field, `S${event.id}`),
        );
      case 'org-unseen-delete':
        return this.#unseen(event.org, () => this.#deleteRecord(event.org, event.n));
      case 'org-formula':
        return this.#recompute(event);
      case 'org-clear':
        return this.#clearField(event);
      case 'org-new':
        return this.newRecord(event.org, `S${event.id}`) !== undefined;
      case 'org-late-new':
        return this.#lateRecord(event);
      case 'org-begin':
        return this.#begin(event);
      case 'org-begin-skewed':
        return this.#begin(event, SERVERS_APART_MS);
      case 'org-commit':
        return this.#commit(event.org);
      case 'org-rollback':
        return this.#rollBack(event.org);
      case 'org-delete':
        return this.#deleteRecord(event.org, event.n);
      case 'org-undelete':
        return this.#undelete(event);
      case 'org-merge':
        return this.#merge(event);
      case 'org-hide':
      case 'org-show':
        return this.#hide(event);
      case 'field-hide':
      case 'field-show':
        return this.#hideField(event);
      case 'org-filter':
        return this.#moveInFilter(event);
      case 'org-claim':
        return this.#claim(event);
      case 'org-unclaim':
        return this.#unclaim(event);
      case 'org-long':
        return this.#editRecord(event.org, event.n, 'FirstName', `S${event.id}${LONG_END}`);
      case 'org-set-back':
        return this.#setBack(event);
      case 'org-spoil':
        return this.#spoil(event);
      case 'org-refuses':
        this.#refusing.set(event.org, PASSING[event.n % PASSING.length] ?? PASSING[0]);
        return true;
      case 'org-yields':
        return this.#refusing.delete(event.org);
      case 'pause':
        return this.#setStatus(event.org, 'active', 'paused');
      case 'token-lost':
        return this.#setStatus(event.org, 'active', 'reauthorization-required');
      case 'resume':
      case 'reauthorise':
        return this.#activate(event.org);
      case 'outage':
        outages.set(event.org, { kind: event.kind, untilMs: clock.nowMs() + event.ms });
        return true;
      case 'allowance':
        outages.set(event.org, { kind: 'used-up', untilMs: clock.nowMs() + event.ms });
        return true;
      case 'others-eat':
        if (!eat(this.#world.org(event.org), event.n)) return false;
        this.hasEaten = true;
        return true;
      case 'others-stop':
        this.#world.org(event.org).othersUse(0);
        return true;
      case 'push':
        return this.#push(event.org);
      case 'account-new':
      case 'account-delete':
      case 'account-refer':
      case 'boss-refer':
      case 'sponsor-refer':
        return this.parents.happen(event);
      case 'org-account-new':
      case 'org-account-delete':
      case 'org-account-refer':
      case 'org-sponsor-refer':
        return this.parents.happenInOrg(event);
      case 'resolve':
      case 'resolve-stale':
        return this.#resolve(event);
      case 'field-gone':
        return this.#world.loseField(event.org);
      case 'connect':
        return this.#connect();
      case 'calm':
      case 'hour':
        return true;
      case 'sweep':
        return this.#sweep(event.org);
      case 'full-sweep':
        return this.#fullSweep(event.org);
      case 'plan':
        return this.planning.plan(event.org);
      case 'apply-plan':
        return this.planning.apply(event.org);
      case 'undo':
      case 'undo-window':
      case 'undo-key':
      case 'undo-last':
      case 'apply-undo':
        return this.undoing.happen(event);
      case 'stop-execution': {
        const one = executions.running[event.n % Math.max(1, executions.running.length)];
        if (one && !one.isRunning) executions.stop(one, 'ABORTED');
        return one !== undefined;
      }
      case 'deploy':
        return this.#world.deploy();
      case 'roll-back':
        return this.#world.rollBack();
      case 'deployed':
        return this.#world.endOldVersion();
      case 'lose-notification':
        return (
          notifications.waiting.splice(event.n % Math.max(1, notifications.waiting.length), 1).length > 0
        );
      case 'repeat-notification': {
        const one = notifications.waiting[event.n % Math.max(1, notifications.waiting.length)];
        if (one) notifications.waiting.push(one);
        return one !== undefined;
      }
      case 'lose-change': {
        const shard = stream.shards[event.n % stream.shards.length];
        const lost = shard?.pop();
        if (lost) this.#world.lostChanges.set(lost.key, lost.sequence);
        return lost !== undefined;
      }
      case 'repeat-message': {
        const one = queue.messages[event.n % Math.max(1, queue.messages.length)];
        if (one) void queue.send([one.hint]);
        return one !== undefined;
      }
      case 'time':
      case 'wait':
        clock.advance(event.ms);
        return true;
    }
  }

  /** A new item with a last name of its own. */
  newItem(tenant: Tenant, key: string, mark: string): boolean {
    const { ledger, syncStore } = this.#world;
    ledger.born.add(`local ${key}`);
    const value = `${tenant}:${mark}`;
    this.#note('local', tenant, key, 'lastName', value);
    syncStore.tables.put(TABLE, key, {
      id: key,
      tenantId: tenant,
      lastName: value,
      ...(this.#world.shape.hasValues && this.#valuesOf(key, mark)),
      ...(this.#world.shape.hasCreationRules && this.#unusualOf(tenant, key, mark)),
    });
    return true;
  }

  /** Those that are not edits to be traced; every third item is to stay at home. */
  #valuesOf(key: string, mark: string): Attributes {
    const isAtHome = key.startsWith('p') && Number(key.slice(1)) % 3 === 0;
    return { source: mark, address: { note: mark }, ...(!isAtHome && { [GOES_OUT]: true }) };
  }

  /** What is sent once, or not at first, and in every second item what it gives by name. */
  #unusualOf(tenant: Tenant, key: string, mark: string): Attributes {
    const isFurnished = !mark.startsWith('L');
    const names = isFurnished || Number(mark.slice(1)) % 2 === 0 ? [] : ['tier', 'kind'];
    const fields = [
      'motto',
      'origin',
      ...names.filter((name) => isMappedBy(this.#world.config, 'local', name)),
    ];
    return Object.fromEntries(
      fields.map((field) => {
        const value = tracedValue(field, `${tenant}:${field}${mark}`);
        this.#note('local', tenant, key, field, value);
        return [field, value];
      }),
    );
  }

  /** Somebody fills in what an item may have beside its last name. */
  fillItem(tenant: Tenant, key: string, mark: string): void {
    for (const field of ['firstName', 'email']) {
      this.#note('local', tenant, key, field, `${tenant}:${mark}${field}`);
      this.#put(key, field, `${tenant}:${mark}${field}`);
    }
  }

  /** A new record with a last name of its own. */
  newRecord(connectionId: Place, mark: string, key?: string, department = 'in'): string | undefined {
    const { ledger } = this.#world;
    const { tenant, org } = this.#place(connectionId);
    const value = `${tenant}:${mark}`;
    // Its id is known only afterwards, and its save has to find the value known.
    const sfId = org.nextId();
    this.#note(connectionId, tenant, sfId, 'LastName', value);
    ledger.born.add(`${connectionId} ${sfId}`);
    const isIn = this.#world.shape.isFiltered;
    const fields = {
      LastName: value,
      ...(isIn && { Department: department }),
      ...(key && { [KEY_FIELD]: key }),
    };
    if (org.insert(fields) !== sfId) throw new Error('another id than foreseen');
    return sfId;
  }

  #place(connectionId: string): { readonly tenant: Tenant; readonly org: InMemoryOrg } {
    const found = CONNECTIONS.find((one) => one.connectionId === connectionId);
    if (!found) throw new Error(`no connection ${connectionId}`);
    return { tenant: found.tenant, org: this.#world.org(connectionId) };
  }

  #note(place: Place, tenant: Tenant, record: string, field: string, value: string): void {
    const { ledger, clock, notifications, stream, versions, configs } = this.#world;
    const hint = place === 'local' ? stream.last + 1 : notifications.saves + 1;
    const isMapped = versions.every((version) => isMappedBy(configs[version], place, field));
    const atMs = clock.nowMs() - this.#agoMs;
    ledger.add({ value, place, tenant, record, field, atMs, hint, isMapped });
  }

  /** Saves what a transaction does that began so long ago. */
  #asOf(org: InMemoryOrg, agoMs: number, work: () => void): void {
    this.#agoMs = agoMs;
    org.asOf(org.nowMs() - agoMs, work);
    this.#agoMs = 0;
  }

  #items(tenant: Tenant): string[] {
    const { tables } = this.#world.syncStore;
    return tables.keys(TABLE).filter((key) => tables.get(TABLE, key)?.tenantId === tenant);
  }

  #editItem(tenant: Tenant, n: number, field: string, mark: string): boolean {
    const key = pick(this.#items(tenant), n);
    if (key === undefined) return false;
    const value = tracedValue(field, `${tenant}:${mark}`);
    // Sent once: what the item makes of it later goes nowhere.
    if (isSentOnce(this.#world.config, 'contact', field)) {
      const isPair = CONNECTIONS.every(
        (one) => one.tenant !== tenant || isLinked(this.#world, one.connectionId, key),
      );
      this.#world.ledger.ownWay.set(`${key} ${field}`, { value, isPair });
      // It goes nowhere, and it is the item's last change.
      this.#world.ledger.touch('local', key, field, this.#world.clock.nowMs());
      return this.#put(key, field, value);
    }
    this.#note('local', tenant, key, field, value);
    return this.#put(key, field, asAttribute(field, value));
  }

  #putItem(tenant: Tenant, n: number, field: string, value: unknown): boolean {
    const key = pick(this.#items(tenant), n);
    if (key === undefined) return false;
    if (value === undefined) this.#world.ledger.clears.add(tenant);
    this.#world.ledger.touch('local', key, field, this.#world.clock.nowMs());
    return this.#put(key, field, value);
  }

  #put(key: string, field: string, value: unknown): boolean {
    const item = withAttribute(this.#world.item(key) ?? {}, field, value);
    this.#world.syncStore.tables.put(TABLE, key, item);
    return true;
  }

  #deleteItem({ what, tenant, n, id }: OnItem): boolean {
    const { stream, ledger, syncStore, clock } = this.#world;
    const key = pick(this.#items(tenant), n);
    const item = key === undefined ? undefined : this.#world.item(key);
    if (key === undefined || !item) return false;
    if (what === 'local-delete') this.#graves.set(key, { tenant, item });
    else ledger.expired.add(`local ${key}`);
    ledger.deleted.add(`local ${key}`);
    if (what === 'local-delete') this.#noteDeleted('local', key);
    const known = CONNECTIONS.filter(
      (one) => one.tenant === tenant && isLinked(this.#world, one.connectionId, key),
    );
    // Whoever does not know the pair yet may make the item once more.
    const isKnown = known.length === CONNECTIONS.filter((one) => one.tenant === tenant).length;
    if (isKnown && what === 'local-delete') ledger.ended.add(`local ${key}`);
    // Of what another region's replica let expire this region's stream says no more than that it is gone.
    const isElsewhere = what === 'local-expire' && id % 2 === 1;
    if (isElsewhere) this.#put(key, TTL_ATTRIBUTE, Math.floor(clock.nowMs() / 1000) - 1);
    stream.isExpiry = what === 'local-expire' && !isElsewhere;
    syncStore.tables.delete(TABLE, key);
    stream.isExpiry = false;
    return true;
  }

  /** A person makes an item again under the key of one that is gone. */
  #returnItem({ tenant, n, id }: Extract<Happening, { what: 'local-return' }>): boolean {
    const { ledger } = this.#world;
    const gone = [...ledger.everDeleted]
      .filter((way) => way.startsWith('local '))
      .map((way) => way.slice('local '.length))
      .filter((key) => this.#world.item(key) === undefined && this.#tenantOf(key) === tenant);
    const key = pick(gone, n);
    if (key === undefined) return false;
    ledger.deleted.delete(`local ${key}`);
    ledger.ended.delete(`local ${key}`);
    // What was written into the item of before went with it; what the new one lacks may count as cleared.
    ledger.clears.add(tenant);
    for (const { place, record, field } of [...ledger.edits])
      if (place === 'local' && record === key) ledger.touch('local', key, field);
    return this.newItem(tenant, key, `L${id}`);
  }

  /** Whose item it was, by what people wrote into it or into its records. */
  #tenantOf(key: string): Tenant | undefined {
    const { ledger } = this.#world;
    const edit = ledger.edits.find(({ place, record }) => place === 'local' && record === key);
    if (edit) return edit.tenant;
    return CONNECTIONS.find(({ connectionId }) => key.startsWith(`sf-${connectionId}-`))?.tenant;
  }

  #noteDeleted(place: Place, record: string): void {
    const { ledger, clock } = this.#world;
    ledger.everDeleted.add(`${place} ${record}`);
    ledger.deletedAtMs.set(`${place} ${record}`, clock.nowMs());
  }

  /** A person has looked at what is held, and decides. */
  async #decideHeld({
    what,
    org,
  }: Extract<Happening, { what: 'held-release' | 'held-refuse' }>): Promise<boolean> {
    const { queue, ledger, clock } = this.#world;
    const ports = { ...this.#world, hints: queue };
    const mappingId = `${org}.contact`;
    const { version, count, closedSince } = await listHeld(ports, { mappingId, limit: 200 });
    if (closedSince === undefined) return false;
    if (what === 'held-refuse') await refuseDeletions(ports, { mappingId, version });
    else {
      ledger.releases.push({ connectionId: org, atMs: clock.nowMs(), held: count });
      await releaseDeletions(ports, { mappingId, version });
    }
    return true;
  }

  /** The same of the first field that is held because many records lost it. */
  async #decideClears({
    what,
    org,
  }: Extract<Happening, { what: 'clears-release' | 'clears-refuse' }>): Promise<boolean> {
    const { queue, ledger, clock } = this.#world;
    const ports = { ...this.#world, hints: queue };
    const mappingId = `${org}.contact`;
    const { clears } = await listHeldClears(ports, { mappingId, limit: 200 });
    const first = clears.find(({ closedSince }) => closedSince !== undefined);
    if (!first) return false;
    const { side, field, version, count } = first;
    if (what === 'clears-refuse') await refuseClears(ports, { mappingId, side, field, version });
    else {
      const where = side === 'salesforce' ? org : `local ${this.#place(org).tenant}`;
      ledger.clearReleases.push({ where, atMs: clock.nowMs(), held: count });
      await releaseClears(ports, { mappingId, side, field, version });
    }
    return true;
  }

  /** Somebody puts a deleted item back exactly as it was. */
  #restore(tenant: Tenant, n: number): boolean {
    const { ledger, syncStore } = this.#world;
    const [key, grave] =
      pick(
        [...this.#graves].filter(([, { tenant: of }]) => of === tenant),
        n,
      ) ?? [];
    if (key === undefined || !grave || this.#world.item(key)) return false;
    this.#graves.delete(key);
    ledger.restored.add(`local ${key}`);
    for (const known of [ledger.deleted, ledger.ended]) known.delete(`local ${key}`);
    syncStore.tables.put(TABLE, key, grave.item);
    return true;
  }

  /** Records that a person finds; those that a transaction holds are not to be changed. */
  #records(connectionId: string): OrgRecord[] {
    const { org } = this.#place(connectionId);
    return org.alive().filter(({ Id }) => !org.isLocked(Id) && !Id.startsWith('001'));
  }

  #editRecord(connectionId: Place, n: number, field: string, mark: string): boolean {
    const { tenant, org } = this.#place(connectionId);
    const record = pick(this.#records(connectionId), n);
    if (!record) return false;
    const value = tracedValue(field, `${tenant}:${connectionId}${mark}`);
    this.#note(connectionId, tenant, record.Id, field, value);
    org.edit(record.Id, { [field]: asField(field, value, this.#world.firstIdOf(connectionId)) });
    return true;
  }

  /** A server of the org whose clock is behind the others' saves the edit. */
  #skewedEdit({ org: connectionId, n, field, id }: OnField): boolean {
    const { org } = this.#place(connectionId);
    let isDone = false;
    this.#asOf(org, SERVERS_APART_MS, () => {
      isDone = this.#editRecord(connectionId, n, field, `S${id}`);
    });
    return isDone;
  }

  /** Nobody is told of it, and its stamp is older than any sweep looks back. */
  #unseen(connectionId: string, work: () => boolean): boolean {
    const { waiting } = this.#world.notifications;
    const before = waiting.length;
    let isDone = false;
    this.#asOf(this.#place(connectionId).org, UNSEEN_MS, () => {
      isDone = work();
    });
    waiting.splice(before);
    return isDone;
  }

  /** Only where a tenant has one org: two that disagree on an attribute that only comes from them never come to an end. */
  #recompute({ org: connectionId, n, id }: OnRecord): boolean {
    if (connectionId !== 'c3') return false;
    const record = pick(this.#records(connectionId), n);
    if (record) this.#place(connectionId).org.recompute(record.Id, `G${id}`);
    return record !== undefined;
  }

  #clearField({ org: connectionId, n }: OnRecord): boolean {
    const record = pick(this.#records(connectionId), n);
    if (!record) return false;
    this.#world.ledger.clears.add(this.#place(connectionId).tenant);
    this.#world.ledger.touch(connectionId, record.Id, 'Email', this.#world.clock.nowMs());
    this.#place(connectionId).org.edit(record.Id, { Email: null });
    return true;
  }

  #lateRecord({ org: connectionId, id }: OnRecord): boolean {
    const { org } = this.#place(connectionId);
    const ageMs = (id * 37_000) % LONGEST_TRANSACTION_MS;
    this.#asOf(org, ageMs, () => this.newRecord(connectionId, `S${id}`));
    return true;
  }

  /** @param agoMs - by which the clock of its server is late */
  #begin({ org: connectionId, n, id }: OnRecord, agoMs = 0): boolean {
    const { tenant, org } = this.#place(connectionId);
    const record = pick(this.#records(connectionId), n);
    if (!record || this.#transactions.has(connectionId)) return false;
    org.lock(record.Id, true);
    const value = `${tenant}:${connectionId}S${id}`;
    this.#transactions.set(connectionId, { sfId: record.Id, startedAtMs: org.nowMs() - agoMs, value });
    return true;
  }

  #commit(connectionId: string): boolean {
    const open = this.#transactions.get(connectionId);
    if (!open) return false;
    const { tenant, org } = this.#place(connectionId);
    this.#transactions.delete(connectionId);
    org.lock(open.sfId, false);
    const ageMs = Math.min(org.nowMs() - open.startedAtMs, LONGEST_TRANSACTION_MS);
    this.#asOf(org, ageMs, () => {
      this.#note(connectionId as Place, tenant, open.sfId, 'FirstName', open.value);
      org.edit(open.sfId, { FirstName: open.value });
    });
    return true;
  }

  /** The record is free again, and nobody is told of anything. */
  #rollBack(connectionId: string): boolean {
    const open = this.#transactions.get(connectionId);
    if (open) this.#place(connectionId).org.lock(open.sfId, false);
    return this.#transactions.delete(connectionId);
  }

  #deleteRecord(connectionId: string, n: number): boolean {
    const { org } = this.#place(connectionId);
    const record = pick(this.#records(connectionId), n);
    if (!record) return false;
    this.#world.ledger.deleted.add(`${connectionId} ${record.Id}`);
    this.#world.ledger.binned.add(`${connectionId} ${record.Id}`);
    this.#noteDeleted(connectionId as Place, record.Id);
    const key = keyOfRecord(connectionId, record);
    if (isLinked(this.#world, connectionId, key)) this.#world.ledger.ended.add(`${connectionId} ${key}`);
    org.remove(record.Id);
    return true;
  }

  #undelete({ org: connectionId, n }: OnRecord): boolean {
    const { org } = this.#place(connectionId);
    const record = pick(
      this.#world.contacts(connectionId).filter(({ IsDeleted }) => IsDeleted),
      n,
    );
    const key = record?.fields[KEY_FIELD];
    if (!record || (typeof key === 'string' && org.withKey(key))) return false;
    this.#world.ledger.deleted.delete(`${connectionId} ${record.Id}`);
    this.#world.ledger.ended.delete(`${connectionId} ${keyOfRecord(connectionId, record)}`);
    this.#world.ledger.undeleted.add(`${connectionId} ${record.Id}`);
    org.undelete(record.Id);
    return true;
  }

  #merge({ org: connectionId, n }: OnRecord): boolean {
    const { org } = this.#place(connectionId);
    const [staying, going] = [pick(this.#records(connectionId), n), pick(this.#records(connectionId), n + 1)];
    if (!staying || !going || staying.Id === going.Id) return false;
    this.#world.ledger.deleted.add(`${connectionId} ${going.Id}`);
    this.#world.ledger.binned.add(`${connectionId} ${going.Id}`);
    this.#noteDeleted(connectionId as Place, going.Id);
    const { syncStore, ledger } = this.#world;
    const ownKey = keyOfRecord(connectionId, going);
    // The answer to its creation may be under way.
    const isPair =
      isLinked(this.#world, connectionId, ownKey) ||
      syncStore.storedLinks.get(`${connectionId}.contact#${ownKey}`)?.state === 'creating';
    const isFree = !syncStore.pointers.has(`${connectionId}.contact#${staying.Id}`);
    if (isFree) ledger.mergedInto.add(`${connectionId} ${staying.Id}`);
    if (isPair && isFree && typeof staying.fields[KEY_FIELD] !== 'string')
      ledger.merges.push({ connectionId, loser: going.Id, winner: staying.Id });
    if (isPair && isFree)
      for (const [field, value] of Object.entries(going.fields))
        if ((staying.fields[field] ?? null) === null) ledger.leftBehind.add(String(traced(value)));
    org.merge(staying.Id, going.Id, {});
    // It saves the record that stays, which gets the stamp of now.
    const atMs = this.#world.clock.nowMs();
    ledger.untraced.push({ place: connectionId as Place, record: staying.Id, atMs });
    return true;
  }

  #hide({ what, org: connectionId, n }: OnRecord): boolean {
    const record = pick(this.#records(connectionId), n);
    if (!record) return false;
    const way = `${connectionId} ${record.Id}`;
    if (what === 'org-hide') this.#world.ledger.hidden.add(way);
    else this.#world.ledger.shownAtMs.set(way, this.#world.clock.nowMs());
    this.#place(connectionId).org.hide(record.Id, what === 'org-hide');
    return true;
  }

  #hideField({
    what,
    org: connectionId,
  }: Extract<Happening, { what: 'field-hide' | 'field-show' }>): boolean {
    const { org } = this.#place(connectionId);
    const isHidden = what === 'field-hide';
    if (org.isFieldHidden(HIDEABLE.field) === isHidden) return false;
    org.hideField(HIDEABLE.field, isHidden);
    this.#world.wasFieldHidden = true;
    return true;
  }

  /** An operator has the mappings checked, since nobody tells of a right that is given. */
  async #showField(connectionId: string): Promise<void> {
    const { org } = this.#place(connectionId);
    const { mappingStates, clock, wasFieldHidden } = this.#world;
    if (!wasFieldHidden) return;
    org.hideField(HIDEABLE.field, false);
    for (const { mappingId } of await mappingStates.listOfConnection(connectionId)) {
      await mappingStates.expireCheck(mappingId);
      await mappingStates.makeDue(mappingId, clock.now());
    }
  }

  #moveInFilter({ org: connectionId, n, id }: OnRecord): boolean {
    const record = pick(this.#records(connectionId), n);
    if (!record) return false;
    const { tenant, org } = this.#place(connectionId);
    // One save that changes a mapped field too.
    const value = `${tenant}:${connectionId}S${id}`;
    this.#note(connectionId, tenant, record.Id, 'FirstName', value);
    org.edit(record.Id, { Department: record.fields.Department === 'in' ? 'out' : 'in', FirstName: value });
    return true;
  }

  #claim({ org: connectionId, n, id }: OnRecord): boolean {
    const { tenant, org } = this.#place(connectionId);
    const other = pick(this.#items(tenant === 'acme' ? 'globex' : 'acme'), n);
    if (other === undefined || org.withKey(other)) return false;
    const sfId = this.newRecord(connectionId, `S${id}`);
    this.#world.ledger.deleted.add(`${connectionId} ${sfId}`);
    org.edit(sfId ?? '', { [KEY_FIELD]: other });
    return true;
  }

  /** The record that claims another tenant's item gives it up, and is one of its own tenant again. */
  #unclaim({ org: connectionId, n }: OnRecord): boolean {
    const { tenant, org } = this.#place(connectionId);
    const claiming = this.#records(connectionId).filter(({ fields }) => {
      const claimed = this.#world.item(String(fields[KEY_FIELD]));
      return claimed !== undefined && claimed.tenantId !== tenant;
    });
    const record = pick(claiming, n);
    if (!record) return false;
    this.#world.ledger.deleted.delete(`${connectionId} ${record.Id}`);
    org.edit(record.Id, { [KEY_FIELD]: null });
    return true;
  }

  /** The connection that is not there yet is made, or made once more where that came to nothing. */
  async #connect(): Promise<boolean> {
    const joining = CONNECTIONS.find(({ connectionId }) => connectionId === this.#world.shape.joins);
    if (!joining || this.#world.connections.stored.has(joining.connectionId)) return false;
    await connect(this.#world, joining);
    return true;
  }

  /** A person sees a value of ours in the place of another one, and sets that once more. */
  #setBack({ org: connectionId, n }: OnRecord): boolean {
    const { before, ledger } = this.#world;
    const { org } = this.#place(connectionId);
    const record = pick(this.#records(connectionId), n);
    // Within one second nobody can tell it from a write that never came.
    if (!record || org.nowMs() - Date.parse(record.SystemModstamp) < 2_000) return false;
    for (const field of ['FirstName', 'LastName']) {
      const value = before.get(`${connectionId} ${record.Id} ${field}`);
      if (typeof value !== 'string') continue;
      const order = ledger.touch(connectionId, record.Id, field, this.#world.clock.nowMs());
      ledger.setBacks.push({ connectionId, sfId: record.Id, field, value, order, hasArrived: false });
      org.edit(record.Id, { [field]: value });
      return true;
    }
    return false;
  }

  /** The admin changes the type of a field, and one record has a value of the new one. */
  #spoil({ org: connectionId, n, id }: OnRecord): boolean {
    const { org } = this.#place(connectionId);
    const record = pick(this.#records(connectionId), n);
    if (!record) return false;
    this.#spoilt.push({ org: connectionId, sfId: record.Id });
    this.#world.ledger.touch(connectionId, record.Id, 'Email', this.#world.clock.nowMs());
    record.fields = { ...record.fields, Email: id };
    org.edit(record.Id, {});
    return true;
  }

  #repair(connectionId: Place, sfId: string, number: number): void {
    const { tenant, org } = this.#place(connectionId);
    if (org.records.get(sfId)?.IsDeleted) return;
    const value = `${tenant}:${connectionId}M${number}`;
    this.#world.byPerson(() => {
      this.#note(connectionId, tenant, sfId, 'Email', value);
      org.edit(sfId, { Email: value });
    });
  }

  #setStatus(connectionId: string, from: string, to: 'paused' | 'reauthorization-required'): boolean {
    const stored = this.#world.connections.stored.get(connectionId);
    if (stored?.status !== from) return false;
    this.#world.connections.stored.set(connectionId, { ...stored, status: to });
    return true;
  }

  /** An operator resumes it, or an admin allows it again; both end in the same waking. */
  async #activate(connectionId: string): Promise<boolean> {
    const { connections, mappingStates, clock, config } = this.#world;
    const stored = connections.stored.get(connectionId);
    if (!stored || stored.status === 'active') return false;
    const ports = { config, mappingStates, clock };
    await prepareMappings(ports, stored);
    const tokenVersion = stored.tokenVersion + 1;
    connections.stored.set(connectionId, { ...stored, status: 'active', tokenVersion });
    await makeMappingsDue(ports, stored);
    return true;
  }

  /** An operator has every mapping of the connection swept now. */
  #sweep(connectionId: string): boolean {
    const { queue, ids, config } = this.#world;
    const hints = Object.keys(config.mappings).map((name) => ({
      kind: 'sweep' as const,
      mappingId: `${connectionId}.${name}`,
      runId: ids.next(),
    }));
    void queue.send(hints);
    return true;
  }

  #fullSweep(connectionId: string): boolean {
    const { queue, ids, config } = this.#world;
    const hints = Object.keys(config.mappings).map((name) => ({
      kind: 'full-sweep' as const,
      mappingId: `${connectionId}.${name}`,
      sweepId: ids.next(),
      isAsked: true as const,
    }));
    void queue.send(hints);
    return true;
  }

  /**
   * Decides an open conflict, for a side or for a value, and perhaps by what was listed some time ago. Now and then the
   * operation dies before it has sent its hint.
   */
  async #resolve({ what, org: connectionId, n, id }: OnRecord): Promise<boolean> {
    const { syncStore, ledger, mappingStates, openConflicts, config, queue, clock } = this.#world;
    const mappingId = `${connectionId}.contact`;
    const listed = [...syncStore.openConflicts.stored.values()].filter((one) => one.mappingId === mappingId);
    const conflict = pick(listed, n);
    if (!conflict) return false;
    const { localKey, sfId, field } = conflict;
    const name = `${mappingId} ${localKey} ${field}`;
    const seen = what === 'resolve' ? conflict.version : this.#seen.get(name);
    if (seen === undefined) {
      this.#seen.set(name, conflict.version);
      return false;
    }
    const choice = ([{ take: 'local' }, { take: 'salesforce' }, undefined] as const)[id % 3];
    const ofPerson = `${this.#place(connectionId).tenant}:R${id}`;
    const value = choice?.take === 'local' ? conflict.local : choice ? conflict.remote : ofPerson;
    const at = clock.now();
    const order = { mappingId, localKey, sfId, field, value: String(value), at };
    const hints = { send: async (sent: readonly Hint[]) => (id % 2 === 0 ? undefined : queue.send(sent)) };
    const ports = { config, mappingStates, openConflicts, syncStore, hints, clock };
    try {
      await resolveConflict(ports, {
        ...{ mappingId, key: localKey, field, version: seen },
        ...(choice ?? { take: 'value', value: ofPerson }),
      });
    } catch (error) {
      if (error instanceof OperationRefused) return false;
      throw error;
    }
    ledger.decide(order);
    if (seen !== conflict.version)
      this.#world.offences.push({ oracle: 'stale', text: `${name} was decided by version ${seen}` });
    return true;
  }

  #push(connectionId: string): boolean {
    const { executions, ids, config } = this.#world;
    for (const name of Object.keys(config.mappings).filter((one) => one !== 'badge'))
      void executions.startPush({ bulkJobId: ids.next(), mappingId: `${connectionId}.${name}` });
    return true;
  }
}

const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];
