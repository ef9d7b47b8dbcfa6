import { isDeepStrictEqual } from 'node:util';
import { StoreUnavailable } from '../../../shared/aws/errors.ts';
import {
  FUNCTION_TIMEOUT_SECONDS,
  HINT_VISIBILITY_SECONDS,
  WORKER_TIMEOUT_SECONDS,
} from '../../../shared/contracts/lifetimes.ts';
import type { SyncConfig } from '../../../shared/contracts/sync-config.ts';
import type { Link } from '../../../shared/sync/model/link.ts';
import { ReauthorizationRequired } from '../../../shared/use-cases/connections/errors.ts';
import type { FullSweep } from '../../../shared/use-cases/ports/full-sweeps.ts';
import type { Conflict } from '../../../shared/use-cases/ports/journal.ts';
import type { SalesforceOrgs } from '../../../shared/use-cases/ports/salesforce-org.ts';
import { DEPLOYMENT_MS } from '../../../shared/use-cases/reconciliation/open-mapping.ts';
import { enrolMappings } from '../../../shared/use-cases/schedules/enrol-mappings.ts';
import { enrolmentDigest } from '../../../shared/use-cases/schedules/enrolment-digest.ts';
import { aStoredConnection } from '../../builders/a-connection.ts';
import { InMemoryBulkJobs } from '../../in-memory/bulk-jobs.ts';
import { manualClock } from '../../in-memory/clock.ts';
import { InMemoryConfigDigest } from '../../in-memory/config-digest.ts';
import { InMemoryConnections } from '../../in-memory/connections.ts';
import { InMemoryEvents } from '../../in-memory/events.ts';
import { InMemoryFullSweeps } from '../../in-memory/full-sweeps.ts';
import { InMemoryGuardStates } from '../../in-memory/guard-states.ts';
import { countingIds } from '../../in-memory/ids.ts';
import { InMemoryJournal } from '../../in-memory/journal.ts';
import { InMemoryLinkLists } from '../../in-memory/link-lists.ts';
import { InMemoryLinkPages } from '../../in-memory/link-pages.ts';
import type { Attributes } from '../../in-memory/local-tables.ts';
import { InMemoryMappingStates } from '../../in-memory/mapping-states.ts';
import { InMemoryOpenConflicts } from '../../in-memory/open-conflicts.ts';
import { InMemoryOrgSlots } from '../../in-memory/org-slots.ts';
import { InMemoryParkedKeys } from '../../in-memory/parked-keys.ts';
import { InMemoryPlans } from '../../in-memory/plans.ts';
import { InMemoryProofs } from '../../in-memory/proofs.ts';
import { InMemoryOrg } from '../../in-memory/salesforce-org/in-memory-org.ts';
import type { OrgRecord } from '../../in-memory/salesforce-org/records.ts';
import { InMemoryStaging } from '../../in-memory/staging.ts';
import { InMemorySyncStore } from '../../in-memory/sync-store.ts';
import { Family } from '../people/family.ts';
import { type Edit, Ledger } from '../people/ledger.ts';
import { Scheduler } from '../turns/scheduler.ts';
import { timersOf } from '../turns/timers.ts';
import {
  CONNECTIONS,
  configOf,
  HIDEABLE,
  type MappingChange,
  type Place,
  TABLE,
  type Tenant,
  type WorldShape,
} from './configs.ts';
import { Executions } from './executions.ts';
import { keyOfRecord } from './keys.ts';
import { leasedAtMs } from './leases.ts';
import { Looks } from './looks.ts';
import { MessageQueue } from './message-queue.ts';
import { Notifications } from './notifications.ts';
import { LocalStream } from './streams.ts';
import { IDS_OF_AN_ORG, traced, tracedValues } from './traced-values.ts';

const DAY_MS = 24 * 3_600_000;
/** How long the platform lets an invocation live. */
export const LIVES_MS = { worker: WORKER_TIMEOUT_SECONDS * 1000, others: FUNCTION_TIMEOUT_SECONDS * 1000 };
/** How a connection's org answers every call for a while. */
export type Outage = 'used-up' | 'unavailable' | 'unreached';

/** A write that the sync made and that must not have been made, seen at the moment it happened. */
export interface Offence {
  readonly oracle:
    | 'tenant'
    | 'regress'
    | 'twin'
    | 'stale'
    | 'starved'
    | 'evidence'
    | 'guard'
    | 'history'
    | 'budget'
    | 'made'
    | 'undo';
  readonly text: string;
}

const titled = (write: (text: string) => string) => (fields: Record<string, unknown>) => {
  if (typeof fields.Title === 'string') fields.Title = write(fields.Title);
};
/** What triggers of a tenant's two orgs make of a title. */
const CONTESTING: Readonly<Record<string, (fields: Record<string, unknown>) => void>> = {
  c1: titled((text) => text.toUpperCase()),
  c2: titled((text) => text.toLowerCase()),
};

/** What the orgs give a record in the field that no creation sends. */
export const GREETING = 'Dear';
const greeted = (fields: Record<string, unknown>) => {
  fields.Title ??= GREETING;
};
/** More than a schedule has happenings. */
const RECORD_TYPES = 60;

/** After these changes two orgs of one tenant meet over the fields without a base, and an older value may win. */
const MOVES: ReadonlySet<MappingChange> = new Set(['repoints-field', 'renames-attribute']);
const MOVED: ReadonlySet<string> = new Set(['email', 'mail', 'Email', 'Title']);

/** Two tenants, three orgs, one table, and everything that the functions share; all of it in memory. */
export class World {
  readonly shape: WorldShape;
  readonly clock = manualClock();
  readonly scheduler = new Scheduler(this.clock, (label) => new StoreUnavailable(label));
  readonly ledger = new Ledger();
  readonly orgs = new Map<string, InMemoryOrg>();
  readonly syncStore: InMemorySyncStore;
  readonly linkPages: InMemoryLinkPages;
  readonly fullSweeps = new InMemoryFullSweeps();
  readonly plans = new InMemoryPlans();
  readonly proofs = new InMemoryProofs();
  readonly journal = new InMemoryJournal();
  readonly parkedKeys = new InMemoryParkedKeys(this.clock);
  readonly guardStates = new InMemoryGuardStates();
  readonly linkLists: InMemoryLinkLists;
  readonly slots = new InMemoryOrgSlots();
  readonly mappingStates = new InMemoryMappingStates();
  readonly connections = new InMemoryConnections();
  readonly configDigest = new InMemoryConfigDigest();
  readonly bulkJobs = new InMemoryBulkJobs();
  readonly staging = new InMemoryStaging();
  readonly ids = countingIds();
  readonly events = new InMemoryEvents();
  /** Keys of items that a stream has ever told of. */
  readonly changedKeys = new Set<string>();
  readonly openConflicts: InMemoryOpenConflicts;
  readonly queue = new MessageQueue(this.clock, HINT_VISIBILITY_SECONDS * 1000);
  readonly stream = new LocalStream(this.clock);
  readonly notifications = new Notifications();
  readonly executions = new Executions(this.clock);
  readonly looks = new Looks(this.clock);
  readonly configs: readonly [SyncConfig, SyncConfig];
  /** Which versions of the code run now. */
  versions: readonly (0 | 1)[] = [0];
  readonly outages = new Map<string, { readonly kind: Outage; readonly untilMs: number }>();
  readonly offences: Offence[] = [];
  readonly family = new Family();
  /** Writes to local items that were the sync's. */
  localWrites = 0;
  /** Every conflict as it was recorded, when, and when the look that decided it read what was known. */
  readonly recorded: { readonly conflict: Conflict; readonly atMs: number; readonly lookedAtMs: number }[] =
    [];
  /** Times of change that were ever parked, as `mapping key time`, and since when: from then on they are known. */
  readonly parkedTimes = new Map<string, number>();
  /** What a field of a record had before our last write of it, until a person writes it. */
  readonly before = new Map<string, unknown>();
  /** When the sync wrote items. */
  readonly itemWrites: { readonly key: string; readonly atMs: number }[] = [];
  /** Stream records that got lost, by key: the newest sequence. */
  readonly lostChanges = new Map<string, number>();
  /** When an item or a record was last written, by whomever, as `place record`. */
  readonly writtenAtMs = new Map<string, number>();
  /** When the last full sweep of a mapping came to its links. */
  readonly linksTurnAtMs = new Map<string, number>();
  /** Whether a field was ever hidden from a user. */
  wasFieldHidden = false;
  /** Since when the filter of a connection's mapping names a field that nobody may read, and the calls of before. */
  fieldGoneAt: { readonly connectionId: string; readonly atMs: number; readonly calls: number } | undefined;
  /** True while a person writes, so that the listeners know whose write it is. */
  isByPerson = false;
  /** Hears of each save of a record, whoever made it. */
  saved: (connectionId: Place, record: OrgRecord) => void = () => {};
  /** Judges the deletion of a record that an undo made; undefined where it is none. */
  undoEnds: (connectionId: Place, link: Link) => readonly Offence[] | undefined = () => undefined;
  /** For each reader, record, field and writer: the latest edit that was carried over. */
  readonly #carried = new Map<string, number>();
  #deployedAtMs = Number.POSITIVE_INFINITY;
  readonly #digests: readonly [string, string];
  /** Each value that a field ever had. */
  readonly #been = new Set<string>();
  /** Records that have an address, as `connection id`. */
  readonly #withEmail = new Set<string>();

  constructor(shape: WorldShape) {
    this.shape = shape;
    timersOf(this.scheduler);
    this.scheduler.observer = this.looks;
    this.configs = [configOf(shape, 1), configOf(shape, 2)];
    this.#digests = [enrolmentDigest(this.configs[0]), enrolmentDigest(this.configs[1])];
    const { journal, parkedKeys, mappingStates } = this;
    this.syncStore = new InMemorySyncStore({ journal, parkedKeys, mappingStates, pageItems: shape.pageRows });
    this.linkPages = new InMemoryLinkPages(this.syncStore, Math.min(2, Math.ceil(shape.pageRows / 2)));
    this.openConflicts = new InMemoryOpenConflicts(this.syncStore);
    this.syncStore.openConflicts.onPut = ({ mappingId, localKey, field, dropped }) => {
      if (dropped) this.ledger.droppedAt.add(`${mappingId} ${localKey} ${field} ${dropped.at}`);
    };
    this.linkLists = new InMemoryLinkLists(this.syncStore);
    for (const [index, { connectionId, tenant, sfOrgId }] of CONNECTIONS.entries()) {
      const org = new InMemoryOrg(this.clock, {
        pageRows: shape.pageRows,
        bulkPageRows: shape.pageRows,
        firstId: this.firstIdOf(connectionId),
        ...(shape.hasCreationRules && { recordTypes: RECORD_TYPES }),
      });
      org.runs.pollsToEnd = shape.bulkPolls;
      org.advance(shape.skewsMs[index] ?? 0);
      org.before = (call) => this.#beforeCall(connectionId, call === 'count');
      org.saved = (record) => this.#noteSave(connectionId, tenant, record);
      this.orgs.set(connectionId, org);
      if (shape.isContested) org.trigger = CONTESTING[connectionId] ?? org.trigger;
      if (shape.hasCreationRules) org.trigger = greeted;
      if (connectionId === shape.joins) continue;
      this.connections.stored.set(connectionId, aStoredConnection({ connectionId, orgId: tenant, sfOrgId }));
    }
    for (let n = 0; n < shape.idle; n += 1) {
      const idle = {
        connectionId: `idle-${n}`,
        orgId: 'idle',
        sfOrgId: `idle-${n}`,
        status: 'paused',
      } as const;
      this.connections.stored.set(idle.connectionId, aStoredConnection(idle));
    }
    this.syncStore.tables.onChange((change) => this.#noteChange(change));
    this.fullSweeps.written = (before, after) => this.#noteFullSweep(before, after);
    this.#listen();
  }

  /** Notes what the oracles ask for later, as it is stored. */
  #listen(): void {
    const { journal, parkedKeys, recorded, parkedTimes, clock, looks } = this;
    const keep = journal.keepConflict.bind(journal);
    journal.keepConflict = (conflict) => {
      keep(conflict);
      const atMs = clock.nowMs();
      const lookedAtMs = looks.lookedAtMs(conflict.mappingId, conflict.localKey) ?? atMs;
      recorded.push({ conflict, atMs, lookedAtMs });
    };
    const park = parkedKeys.park.bind(parkedKeys);
    parkedKeys.park = async (parkings) => {
      await park(parkings);
      for (const { mappingId, key, changedAt } of parkings)
        if (changedAt !== undefined) {
          const time = `${mappingId} ${key} ${changedAt}`;
          parkedTimes.set(time, parkedTimes.get(time) ?? clock.nowMs());
        }
    };
  }

  /** No two orgs give out the same ids. */
  firstIdOf(connectionId: string): number {
    return CONNECTIONS.findIndex((one) => one.connectionId === connectionId) * IDS_OF_AN_ORG + 1;
  }

  /** Makes the mappings of every connection, as an authorisation does. */
  async enrol(): Promise<void> {
    const { clock, mappingStates } = this;
    for (const { connectionId, tenant } of CONNECTIONS) {
      if (connectionId === this.shape.joins) continue;
      await enrolMappings({ config: this.configs[0], mappingStates, clock }, { connectionId, orgId: tenant });
    }
  }

  org(connectionId: string): InMemoryOrg {
    const org = this.orgs.get(connectionId);
    if (!org) throw new Error(`there is no org of ${connectionId}`);
    return org;
  }

  /** The contacts of a connection's org, deleted ones too. */
  contacts(connectionId: string): OrgRecord[] {
    return [...this.org(connectionId).records.values()].filter(({ Id }) => !Id.startsWith('001'));
  }

  item(key: string): Attributes | undefined {
    return this.syncStore.tables.get(TABLE, key);
  }

  /** The config of the code that runs last. */
  get config(): SyncConfig {
    return this.configs[this.versions.at(-1) ?? 0];
  }

  /** New code begins to run beside the old. */
  deploy(): boolean {
    if (this.versions.length > 1 || this.versions[0] === 1) return false;
    this.versions = [0, 1];
    this.#deployedAtMs = this.clock.nowMs();
    return true;
  }

  /** The code of before begins to run beside the new. */
  rollBack(): boolean {
    if (this.versions.length > 1 || this.versions[0] === 0) return false;
    this.versions = [1, 0];
    this.#deployedAtMs = this.clock.nowMs();
    return true;
  }

  /** Whether the dispatcher has yet to enrol connections for the code that runs last. */
  get isEnrolmentDue(): boolean {
    if (this.shape.change !== 'drops-mapping') return false;
    return this.configDigest.enrolled?.digest !== this.#digests[this.versions.at(-1) ?? 0];
  }

  /** No function runs the old code any more. */
  endOldVersion(): boolean {
    if (this.versions.length === 1) return false;
    this.versions = this.versions.slice(-1);
    return true;
  }

  /** No function runs old code for longer than the engine takes a deployment to last. */
  endOverdueVersion(): void {
    if (this.clock.nowMs() - this.#deployedAtMs > DEPLOYMENT_MS) this.endOldVersion();
  }

  /** What a person does: their writes are no work of the sync's. */
  byPerson<T>(work: () => T): T {
    this.isByPerson = true;
    try {
      return work();
    } finally {
      this.isByPerson = false;
    }
  }

  /** The orgs as functions open them: without tokens, but with what a dead connection answers. */
  readonly salesforce: SalesforceOrgs = {
    open: async (connectionId) => this.org(connectionId),
  };

  /** Nobody may read the field that the filter names. */
  loseField(connectionId: string): boolean {
    this.org(connectionId).loseField('Department', true);
    this.fieldGoneAt = { connectionId, atMs: this.clock.nowMs(), calls: this.org(connectionId).calls.length };
    return true;
  }

  /** Orgs have every field again, and connections that did nothing are gone. */
  mendOrgs(): void {
    for (const org of this.orgs.values()) org.loseField('Department', false);
    for (const connectionId of [...this.connections.stored.keys()]) {
      if (!connectionId.startsWith('idle')) continue;
      this.connections.stored.delete(connectionId);
      this.mappingStates.states.delete(`${connectionId}.contact`);
    }
  }

  /** Before each call of an org: an outage strikes, or the connection's token is no more. */
  #beforeCall(connectionId: string, isCount: boolean): void {
    const status = this.connections.stored.get(connectionId)?.status ?? 'unknown';
    if (status !== 'active') throw new ReauthorizationRequired(connectionId, status);
    if (isCount && this.shape.isUncountable) this.org(connectionId).failNext('count', 'timed-out');
    const outage = this.outages.get(connectionId);
    if (outage && outage.untilMs > this.clock.nowMs()) this.org(connectionId).failNext('any', outage.kind);
  }

  #noteSave(
    connectionId: (typeof CONNECTIONS)[number]['connectionId'],
    tenant: Tenant,
    record: OrgRecord,
  ): void {
    this.writtenAtMs.set(`${connectionId} ${record.Id}`, this.clock.nowMs());
    this.saved(connectionId, record);
    if (record.IsDeleted && !this.isByPerson) this.#noteDeletedRecord(connectionId, record);
    if (this.isByPerson || this.shape.tellsOwnWrites) this.notifications.add(connectionId, record.Id);
    this.#noteEmail(connectionId, record);
    for (const [field, value] of tracedValues(record.fields)) {
      const before = this.looks.replace(`${connectionId} ${record.Id}`, field, value);
      if (before === value) continue;
      if (this.isByPerson) this.before.delete(`${connectionId} ${record.Id} ${field}`);
      else {
        this.before.set(`${connectionId} ${record.Id} ${field}`, before);
        this.#noteOverwritten(connectionId, record.Id, before);
      }
      this.#noteValue(connectionId, tenant, record.Id, field, value);
    }
    if (this.isByPerson) this.looks.noteSaved(`${connectionId} ${record.Id}`);
  }

  /** A full sweep comes on a step at a time, and another takes its place only when it has ended. */
  #noteFullSweep(before: FullSweep | undefined, after: FullSweep): void {
    if (!before) return;
    const isLinksTurn = before.place.phase === 'records' && after.place.phase === 'links';
    if (isLinksTurn) this.linksTurnAtMs.set(after.mappingId, this.clock.nowMs());
    const isSame = before.sweepId === after.sweepId;
    const isNext = isSame && before.endedAt === undefined && after.version === before.version + 1;
    if (isNext || (!isSame && before.endedAt !== undefined)) return;
    const text = `full sweep ${before.sweepId} (${before.version}) of ${before.mappingId} gave way to ${after.sweepId} (${after.version})`;
    this.offences.push({ oracle: 'regress', text });
  }

  /** The sync deleted a record: it announced that when there was no item, which somebody had deleted. */
  #noteDeletedRecord(connectionId: Place, record: OrgRecord): void {
    const { ledger } = this;
    const way = `${connectionId} ${record.Id}`;
    const links = [...this.syncStore.storedLinks.values()];
    const link = links.find(
      ({ mappingId, sfId }) => mappingId === `${connectionId}.contact` && sfId === record.Id,
    );
    const offend = (text: string) =>
      this.offences.push({ oracle: 'evidence', text: `${way} was deleted ${text}` });
    const ofUndo = link && this.undoEnds(connectionId, link);
    if (ofUndo) this.offences.push(...ofUndo);
    else if (link?.state !== 'deleting' || link.lease === undefined) offend('without being announced');
    else {
      const announcedAtMs = leasedAtMs(link.lease);
      const madeAtMs = ledger.madeAtMs.get(link.localKey) ?? Number.NEGATIVE_INFINITY;
      const item = `local ${link.localKey}`;
      if (!ledger.everDeleted.has(item) && !ledger.said.has(item)) offend('and nobody deleted its item');
      if (this.item(link.localKey) && madeAtMs < announcedAtMs) offend('while its item was there');
    }
    this.#noteCarriedOver(connectionId, way);
    ledger.everDeleted.add(way);
    for (const value of Object.values(record.fields)) {
      const edit = typeof value === 'string' ? ledger.byValue.get(value) : undefined;
      if (edit?.place === connectionId && this.looks.isInWindow(way)) ledger.overwritten.add(edit.value);
    }
  }

  /** The sync deleted an item: a record that it was a pair with is in the bin. */
  #noteDeletedItem(key: string): void {
    const links = CONNECTIONS.flatMap(({ connectionId }) => {
      const link = this.syncStore.storedLinks.get(`${connectionId}.contact#${key}`);
      return link ? [{ connectionId, link }] : [];
    });
    const cause = links.find(
      // Somebody may have undeleted it since it was read.
      ({ connectionId, link }) =>
        link.state === 'both-deleted' &&
        (this.ledger.everDeleted.has(`${connectionId} ${link.sfId}`) ||
          this.#isSaidToBeGone(connectionId, String(link.sfId))),
    );
    if (!cause)
      this.offences.push({ oracle: 'evidence', text: `item ${key} was deleted, and no record of it was` });
    else this.#noteCarriedOver(cause.connectionId, `local ${key}`);
    this.ledger.everDeleted.add(`local ${key}`);
  }

  /** An operator said so, and the record was not to be seen at some time since. */
  #isSaidToBeGone(connectionId: string, sfId: string): boolean {
    const { said, shownAtMs } = this.ledger;
    const way = `${connectionId} ${sfId}`;
    const saidAtMs = said.get(way);
    if (saidAtMs === undefined) return false;
    return this.org(connectionId).isHidden(sfId) || (shownAtMs.get(way) ?? 0) >= saidAtMs;
  }

  /** Counts it, and no more than may go without a person in a day. */
  #noteCarriedOver(connectionId: string, way: string): void {
    const { ledger, clock, shape } = this;
    const nowMs = clock.nowMs();
    ledger.carriedOver.add(way);
    ledger.deletions.push({ connectionId, atMs: nowMs });
    const isOfDay = (one: { readonly connectionId: string; readonly atMs: number }): boolean =>
      one.connectionId === connectionId && nowMs - one.atMs < DAY_MS;
    const releases = ledger.releases.filter(isOfDay);
    const allowed =
      shape.deletionsADay * (1 + releases.length) + releases.reduce((sum, { held }) => sum + held, 0);
    const { length } = ledger.deletions.filter(isOfDay);
    if (length > allowed)
      this.offences.push({ oracle: 'guard', text: `${connectionId} has ${length} deletions of a day` });
  }

  /** What the sync clears of a record. */
  #noteEmail(connectionId: Place, { Id, fields }: OrgRecord): void {
    const name = `${connectionId} ${Id}`;
    const isEmpty = (fields.Email ?? null) === null;
    if (!this.isByPerson && isEmpty && this.#withEmail.has(name)) this.#noteCleared(connectionId, 1);
    if (isEmpty) this.#withEmail.delete(name);
    else this.#withEmail.add(name);
  }

  /** Counts it, and no more than may go without a person in a day. @param orgs - that write there */
  #noteCleared(where: string, orgs: number): void {
    const { ledger, clock, shape } = this;
    const nowMs = clock.nowMs();
    ledger.clearings.push({ where, atMs: nowMs });
    const isOfDay = (one: { readonly where: string; readonly atMs: number }): boolean =>
      one.where === where && nowMs - one.atMs < DAY_MS;
    const releases = ledger.clearReleases.filter(isOfDay);
    const allowed =
      shape.deletionsADay * (orgs + releases.length) + releases.reduce((sum, { held }) => sum + held, 0);
    const { length } = ledger.clearings.filter(isOfDay);
    if (length > allowed)
      this.offences.push({ oracle: 'guard', text: `${where} lost ${length} values of a field in a day` });
  }

  #noteOverwritten(place: Place, record: string, before: unknown): void {
    const edit = typeof before === 'string' ? this.ledger.byValue.get(before) : undefined;
    if (edit?.place === place && this.looks.isInWindow(`${place} ${record}`))
      this.ledger.overwritten.add(edit.value);
  }

  #noteChange(change: {
    readonly table: string;
    readonly key: string;
    readonly before?: Attributes;
    readonly after?: Attributes;
  }): void {
    this.stream.add(change);
    this.changedKeys.add(change.key);
    this.writtenAtMs.set(`local ${change.key}`, this.clock.nowMs());
    const { key, after = {}, before = {} } = change;
    if (!this.isByPerson) {
      this.localWrites += 1;
      this.itemWrites.push({ key, atMs: this.clock.nowMs() });
      this.ledger.noteSetBacks(Object.values(after));
    }
    if (change.table !== TABLE) return;
    if (!change.before) this.ledger.madeAtMs.set(key, this.clock.nowMs());
    if (!change.after && !this.isByPerson) this.#noteDeletedItem(key);
    const isCleared = change.before && change.after && before.email && !after.email;
    if (isCleared && !this.isByPerson)
      this.#noteCleared(
        `local ${after.tenantId}`,
        CONNECTIONS.filter(({ tenant }) => tenant === after.tenantId).length,
      );
    const was = tracedValues(before);
    if (!this.isByPerson) this.#noteReordered(key, before, after);
    for (const [name, value] of tracedValues(after)) {
      if (was.get(name) !== value)
        this.#noteValue('local', String(after.tenantId) as Tenant, key, name, value);
    }
  }

  /** A field that was left out for a while is met as if for the first time. */
  #wasLeftOut(field: string): boolean {
    const isHideable = field === HIDEABLE.field || field === HIDEABLE.attribute;
    return this.wasFieldHidden && this.shape.onDrift === 'leave-out' && isHideable;
  }

  /** A list that has the values of before in another order: nobody asked for that. */
  #noteReordered(key: string, before: Attributes, after: Attributes): void {
    for (const [name, value] of Object.entries(after)) {
      if (
        Array.isArray(value) &&
        traced(value) === traced(before[name]) &&
        !isDeepStrictEqual(value, before[name])
      )
        this.offences.push({ oracle: 'regress', text: `${name} of item ${key} was put into another order` });
    }
  }

  /** A value is to be read here now: it must be of this tenant, and no older than what its writer had sent before. */
  #noteValue(place: Place, tenant: Tenant, record: string, field: string, value: unknown): void {
    this.ledger.see(value, place);
    const edit = typeof value === 'string' ? this.ledger.byValue.get(value) : undefined;
    if (!edit) return;
    if (edit.tenant !== tenant) {
      this.offences.push({ oracle: 'tenant', text: `${value} stands in ${place} ${record} of ${tenant}` });
    }
    const been = `${place} ${record} ${field} ${edit.value}`;
    // Where a base may be gone for a reason, two values meet as if for the first time, and the old one may win. In an org
    // it may be our own write of unknown outcome that is made again.
    const { deleted, everDeleted, restored, setBacks } = this.ledger;
    const isSetBack = setBacks.some((one) => one.value === value);
    const hasBase =
      this.shape.change === 'none' &&
      deleted.size + everDeleted.size + restored.size === 0 &&
      !isSetBack &&
      !this.#wasLeftOut(field);
    if (!this.isByPerson && place === 'local' && hasBase && this.#been.has(been)) {
      this.offences.push({
        oracle: 'regress',
        text: `${place} ${record} ${field} is ${edit.value} once more`,
      });
    }
    this.#been.add(been);
    if (edit.place === place) return;
    // Two attributes may have been one field's, one after the other: each has an order of its own.
    const way = `${place} ${record} ${field} ${edit.place} ${edit.field}`;
    const before = this.#carried.get(way) ?? -1;
    // An item that came back meets each of its tenant's orgs anew, and what one of them has may be older than what went
    // to the other.
    const isAllowed =
      isSetBack ||
      this.#hasComeBack(place, record) ||
      // Of two records that a person merges the older values may stay.
      this.#hasFollowedMerge(record, edit) ||
      (MOVES.has(this.shape.change) && MOVED.has(field)) ||
      this.#wasLeftOut(field);
    if (edit.order < before && !isAllowed) {
      this.offences.push({ oracle: 'regress', text: `${place} ${record} ${field} went back to ${value}` });
    }
    this.#carried.set(way, Math.max(before, edit.order));
  }

  /** The item is that of another record, which was merged into the one of the edit. */
  #hasFollowedMerge(item: string, { place, record }: Pick<Edit, 'place' | 'record'>): boolean {
    if (place === 'local' || !this.ledger.mergedInto.has(`${place} ${record}`)) return false;
    const found = this.org(place).records.get(record);
    return found !== undefined && keyOfRecord(place, found) !== item;
  }

  /** An undo gives the field a value that may be old: what was there since may be older. */
  forget({ place, record, field }: Pick<Edit, 'place' | 'record' | 'field'>, value: unknown): void {
    const way = `${place} ${record} ${field} `;
    this.#been.delete(`${way}${String(value)}`);
    for (const one of [...this.#carried.keys()]) if (one.startsWith(way)) this.#carried.delete(one);
  }

  /** Whether an item, or that of a record, was deleted once and is there again. */
  #hasComeBack(place: Place, record: string): boolean {
    const found = place === 'local' ? undefined : this.org(place).records.get(record);
    const key = found ? keyOfRecord(place, found) : record;
    const { everDeleted, restored } = this.ledger;
    return everDeleted.has(`local ${key}`) || restored.has(`local ${key}`);
  }
}
