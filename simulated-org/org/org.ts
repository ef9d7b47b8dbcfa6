import type { KeyObject } from 'node:crypto';
import type { IngestJob } from '../bulk/ingest-job.ts';
import { JobStore } from '../bulk/jobs.ts';
import type { QueryJob } from '../bulk/query-job.ts';
import type { ObjectDefinition } from '../describe/object-definition.ts';
import { findField, findObject } from '../describe/schema.ts';
import { Faults } from '../faults/faults.ts';
import { InFlight } from '../http/in-flight.ts';
import { RequestLog } from '../http/request-log.ts';
import { tokenBody } from '../oauth/token-body.ts';
import { TokenStore } from '../oauth/tokens.ts';
import { OutboundMessages } from '../outbound-messages/outbound-messages.ts';
import { QueryCursors } from '../rest/query-cursors.ts';
import { OrgRules } from '../rules/org-rules.ts';
import { seedOrg } from '../seed/seed.ts';
import { OWN_VERSION } from '../soql/read-rows.ts';
import { type QueryRecord, selectAggregates, selectIds, selectRecords } from '../soql/run-query.ts';
import { soqlToSql } from '../soql/soql-to-sql.ts';
import { openDatabase } from '../store/database.ts';
import { RecordStore } from '../store/records.ts';
import { RecycleBin } from '../store/recycle-bin.ts';
import { type PendingSave, RowWriter, type SaveOptions } from '../store/row-writer.ts';
import { SimulatedClock } from './clock.ts';
import { IdSequence, toId18 } from './ids.ts';
import type { ConnectedApp, OrgUser } from './people.ts';
import { makeRandom, type Random } from './random.ts';
import { DEFAULT_SETTINGS, type OrgSettings } from './settings.ts';

/** How a new org is made. */
export interface OrgOptions extends ConnectedApp {
  /** Everything about the org but its secrets follows from the seed; another seed makes another org. */
  readonly seed?: number;
  readonly accounts?: number;
  readonly contacts?: number;
  readonly settings?: Partial<OrgSettings>;
}

/** Used where the options leave them out. */
const DEFAULT_SEED = 1;
const DEFAULT_ACCOUNTS = 500;
const DEFAULT_CONTACTS = 5_000;

/** One simulated org with everything that belongs to it. `http/server.ts` serves it. */
export class Org {
  readonly orgId: string;
  readonly client: ConnectedApp;
  readonly settings: OrgSettings;
  readonly clock = new SimulatedClock();
  readonly random: Random;
  readonly users: { readonly admin: OrgUser; readonly integration: OrgUser };
  readonly store: RecordStore;
  readonly bin: RecycleBin;
  /** Validation and duplicate rules. */
  readonly rules: OrgRules;
  /** Writes rows for API clients: faults strike here, and rows are counted. */
  readonly writer: RowWriter;
  readonly faults = new Faults();
  readonly inFlight = new InFlight();
  readonly requests: RequestLog;
  readonly tokens: TokenStore;
  readonly cursors = new QueryCursors();
  readonly queryJobs: JobStore<QueryJob>;
  readonly ingestJobs: JobStore<IngestJob>;
  readonly outboundMessages: OutboundMessages;
  /** Public keys that the app may sign JWTs with. */
  readonly jwtKeys: KeyObject[] = [];
  readonly createdAtMs: number;
  /** When describes last changed, to conditional requests. */
  metadataChangedAtMs: number;
  /** Where the org is reached; the server sets it when it listens. */
  origin = 'http://127.0.0.1';
  readonly #userWriter: RowWriter;

  constructor(options: OrgOptions) {
    const seed = options.seed ?? DEFAULT_SEED;
    this.client = options;
    this.random = makeRandom(seed);
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.createdAtMs = this.clock.now();
    this.metadataChangedAtMs = this.createdAtMs;
    const pod = podOf(seed);
    const ids = new IdSequence(pod);
    this.orgId = toId18(`00D${pod}0000${String(seed % 100_000).padStart(5, '0')}E`);
    this.store = new RecordStore(openDatabase(), this.clock, ids, () => this.settings.stampLagMs);
    this.bin = new RecycleBin(this.store);
    this.rules = new OrgRules(this.store, this.clock);
    const checkRules = (save: PendingSave, options: SaveOptions): void => this.rules.check(save, options);
    this.requests = new RequestLog(this.clock);
    this.writer = new RowWriter(this.store, checkRules, {
      fault: (operation, body) => this.faults.takeForRow(operation, body),
      told: (outcome) => this.requests.countRow(outcome),
    });
    // A person who sees an alert in the user interface saves anyway.
    this.#userWriter = new RowWriter(this.store, checkRules).with({
      allowSave: true,
      includeRecordDetails: false,
    });
    this.tokens = new TokenStore(this.orgId, this.clock, this.settings);
    this.queryJobs = new JobStore(this.clock, ids);
    this.ingestJobs = new JobStore(this.clock, ids);
    this.users = seedOrg({
      store: this.store,
      ids,
      random: this.random,
      orgId: this.orgId,
      nowMs: this.clock.nowSecondMs(),
      accounts: options.accounts ?? DEFAULT_ACCOUNTS,
      contacts: options.contacts ?? DEFAULT_CONTACTS,
    });
    const parts = { clock: this.clock, ids, settings: this.settings, store: this.store };
    this.outboundMessages = new OutboundMessages(this, parts);
  }

  /** Creates a row as the admin does in the user interface; returns its id, throws `RowFailure`. */
  insert(type: string, fields: Record<string, unknown>): string {
    return this.#userWriter.create(mustKnow(type), fields, this.users.admin.id);
  }

  /** Changes a row as the admin does in the user interface; throws `RowFailure`. */
  update(type: string, id: string, fields: Record<string, unknown>): void {
    this.#userWriter.update(mustKnow(type), id, fields, this.users.admin.id);
  }

  /** Deletes a row as the admin does in the user interface; throws `RowFailure`. */
  delete(type: string, id: string): void {
    this.#userWriter.remove(mustKnow(type), id, this.users.admin.id);
  }

  /** Takes a row out of the recycle bin as the admin does. */
  undelete(type: string, id: string): void {
    this.store.undelete(mustKnow(type), id, this.users.admin.id);
  }

  /** Converts a lead, as a salesperson does; the contact is one that is there. */
  convertLead(id: string, contactId: string | null): void {
    const values = new Map<string, string | number | null>([
      ['IsConverted', 1],
      ['Status', 'Closed - Converted'],
      ['ConvertedDate', new Date(this.clock.now()).toISOString().slice(0, 10)],
      ['ConvertedContactId', contactId],
    ]);
    this.store.write(mustKnow('Lead'), id, values, this.users.admin.id);
  }

  /** Removes a row from the recycle bin for good. */
  purge(type: string, id: string): void {
    this.bin.purge(mustKnow(type), id);
  }

  /** Merges up to two rows into the one that wins, as the admin does; throws `RowFailure`. */
  merge(
    type: string,
    winnerId: string,
    loserIds: readonly string[],
    fields: Record<string, unknown> = {},
  ): void {
    const object = mustKnow(type);
    const values = this.#userWriter.read(object, fields, 'updateable');
    this.bin.merge(object, winnerId, loserIds, values, this.users.admin.id);
  }

  /** Runs a query without counting a call; records look as they do on the wire. Throws `ApiError`. */
  select(soql: string, options: { readonly includesDeleted?: boolean } = {}): QueryRecord[] {
    const plan = soqlToSql(soql, { nowMs: this.clock.now(), ...options });
    if (plan.kind === 'aggregate') return selectAggregates(this.store, plan);
    const ids = selectIds(this.store, plan);
    if (plan.kind === 'count') return [{ expr0: ids.length }];
    return selectRecords(this.store, plan, ids, { version: OWN_VERSION, nowMs: this.clock.now() });
  }

  /** How many rows a query finds, whatever it selects. */
  count(soql: string, options: { readonly includesDeleted?: boolean } = {}): number {
    return selectIds(this.store, soqlToSql(soql, { nowMs: this.clock.now(), ...options })).length;
  }

  /** Tokens as the token endpoint issues them, without a login. */
  issueTokens(scope = 'api refresh_token'): Record<string, string> {
    const { clientId } = this.client;
    return tokenBody(this, this.tokens.grant({ clientId, userId: this.users.integration.id, scope }));
  }

  /** Ends every session, as a timeout does; returns how many. */
  expireAccessTokens(): number {
    return this.tokens.expireAccessTokens();
  }

  /** Sets up an outbound message for an object; returns its action id, throws `RangeError` for an unknown field. */
  addOutboundMessage(message: {
    readonly object: string;
    readonly url: string;
    readonly fields: readonly string[];
    /** Saves by the integration user send nothing. */
    readonly exceptIntegrationUser?: boolean;
  }): string {
    const object = mustKnow(message.object);
    const unknown = message.fields.find((name) => !findField(object, name));
    if (unknown !== undefined) throw new RangeError(`${object.name} has no field ${unknown}`);
    const exceptUserIds = message.exceptIntegrationUser ? [this.users.integration.id] : [];
    return this.outboundMessages.register({
      object,
      url: message.url,
      fields: message.fields,
      exceptUserIds,
    });
  }

  /** Cancels scheduled work and outbound messages, and closes the database. */
  async close(): Promise<void> {
    this.outboundMessages.stop();
    this.clock.stop();
    await this.outboundMessages.idle();
    this.store.database.close();
  }
}

function mustKnow(type: string): ObjectDefinition {
  const object = findObject(type);
  if (!object) throw new Error(`the org has no object ${type}`);
  return object;
}

/** Two characters of every id of the org; the platform has the letters of its instance there. */
function podOf(seed: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const at = Math.abs(seed) % (letters.length * letters.length);
  return letters.charAt(Math.floor(at / letters.length)) + letters.charAt(at % letters.length);
}
