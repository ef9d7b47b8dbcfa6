import type { Clock } from '../../../shared/contracts/clock.ts';
import { SyncError } from '../../../shared/contracts/next.ts';
import { ROWS_TOGETHER, UNCOUNTABLE } from '../../../shared/salesforce/select.ts';
import { isSalesforceError } from '../../../shared/salesforce-client/client.ts';
import {
  type DeleteOutcome,
  MAX_SELECTIONS_TOGETHER,
  type RecordPage,
  type RecordSelection,
  type RecordUpdate,
  type RecordUpsert,
  type SalesforceOrg,
  type SelectOutcome,
  type SObjectDescription,
  type WriteOutcome,
  type WriteRules,
} from '../../../shared/use-cases/ports/salesforce-org.ts';
import { type BulkRuns, OrgBulkApi, type OrgJob } from './bulk-jobs.ts';
import { answering, OrgCalls, type OrgFault, type Struck } from './calls.ts';
import { description, findSObject, KEY_FIELD, SOBJECT, type SObjectName } from './contact.ts';
import { fieldsOf, isShortQuery, matching, mustBeSendable, QueryCursors } from './queries.ts';
import { type BeforeSave, makeId, type OrgRecord, OrgRecords } from './records.ts';
import { notFound, RefusedRow, RequestRefusal, type RowRefusal } from './refusals.ts';
import type { FieldValue } from './values.ts';
import { deleteRecords, update, upsert, type WritePorts } from './writes.ts';

/** How large pages are, and who the client is. */
export interface InMemoryOrgOptions {
  /** @default 50 */
  readonly pageRows?: number;
  /** @default as many as are asked for */
  readonly bulkPageRows?: number;
  /** The client's user, who makes its bulk jobs. @default 005000000000001AAA */
  readonly userId?: string;
  /** The number in the first record's id. @default 1 */
  readonly firstId?: number;
  /** Contacts have so many record types, with ids of this org's own. @default 0 */
  readonly recordTypes?: number;
}

const HAS_CHILDREN: RowRefusal = {
  code: 'DELETE_FAILED',
  message: 'Your attempt to delete the record could not be completed because others depend on it.',
};

/** Whoever edits by hand. */
export const PERSON_ID = '005000000000009AAA';

/**
 * An org of contacts, in memory. It passes the contract suite of its port, so use cases meet here what they meet at
 * Salesforce, as far as that suite goes.
 */
export class InMemoryOrg implements SalesforceOrg {
  readonly externalIdField = KEY_FIELD;
  readonly bulk: OrgBulkApi;
  /** How bulk jobs run. */
  readonly runs: BulkRuns;
  /** A trigger of the org's admin: changes the fields of each save before it is kept. */
  trigger: (fields: Record<string, FieldValue>) => void = () => {};
  /** Refuses a record of the API where it returns why: a validation rule, or a lock. It sees the record as it would be. */
  refuse: (fields: Readonly<Record<string, FieldValue>>, id: string) => RowRefusal | undefined = () =>
    undefined;
  /** Whether it refuses to delete a record that the lookups of others lead to, as a restricted lookup does. */
  keepsParents = false;
  /** Refuses to delete a record where it returns why. */
  refuseDelete: (id: string) => RowRefusal | undefined = () => undefined;
  /** Records written or deleted by the API, refused ones left out. */
  writes = 0;
  readonly #calls: OrgCalls;
  readonly #records: OrgRecords;
  readonly #cursors: QueryCursors;
  readonly #writing: WritePorts;
  readonly #recordTypes: NonNullable<SObjectDescription['recordTypes']>;

  constructor(clock: Pick<Clock, 'nowMs'>, options: InMemoryOrgOptions = {}) {
    const calls = new OrgCalls(clock);
    const userId = options.userId ?? '005000000000001AAA';
    const records = new OrgRecords(calls.nowMs, options.firstId);
    records.userId = userId;
    this.#recordTypes = Array.from({ length: options.recordTypes ?? 0 }, (_, n) => ({
      recordTypeId: makeId('012', (options.firstId ?? 1) + n),
      name: `Kind_${n}`,
      isAvailable: true,
    }));
    const beforeSave: BeforeSave = (fields, id) => this.#beforeSave(fields, id);
    this.#calls = calls;
    this.#records = records;
    this.#cursors = new QueryCursors(records, calls.nowMs, options.pageRows ?? 50);
    const beforeDelete = (id: string): void => {
      const isKept = this.keepsParents && records.childrenOf(id).length > 0;
      const refusal = isKept ? HAS_CHILDREN : this.refuseDelete(id);
      if (refusal) throw new RefusedRow(refusal);
    };
    this.#writing = { calls, records, beforeSave, beforeDelete, written: () => this.#countWrite() };
    this.runs = {
      pollsToEnd: 1,
      failure: undefined,
      leaveOut: () => false,
      cut: (csv) => csv,
      pageRows: options.bulkPageRows ?? Number.POSITIVE_INFINITY,
      userId,
    };
    this.bulk = new OrgBulkApi({ calls, records, beforeSave, runs: this.runs });
  }

  // What people do in the org.

  /** Creates a contact, or another record, and returns its id. */
  insert(fields: Readonly<Record<string, FieldValue>>, sObject?: SObjectName): string {
    return this.#byHand(() => this.#records.insert(fields, (all) => this.trigger(all), sObject)).Id;
  }

  edit(id: string, fields: Readonly<Record<string, FieldValue>>): void {
    this.#byHand(() => this.#records.change(id, fields, (all) => this.trigger(all)));
  }

  /** The id that the next record gets. */
  nextId(sObject?: SObjectName): string {
    return this.#records.nextId(sObject);
  }

  /** Puts a contact into the recycle bin. */
  remove(id: string): void {
    this.#byHand(() => this.#records.remove(id));
  }

  /** Takes a contact out of the recycle bin. */
  undelete(id: string): void {
    this.#byHand(() => this.#records.restore(id));
  }

  /** One of two contacts stays, with these fields; the other goes to the recycle bin. */
  merge(stayingId: string, goingId: string, fields: Readonly<Record<string, FieldValue>>): void {
    this.#byHand(() => this.#records.remove(goingId, stayingId));
    this.edit(stayingId, fields);
  }

  /** Saves what happens in `work` with the stamp of an earlier time, as a transaction does that began then. */
  asOf(stampMs: number, work: () => void): void {
    this.#records.stampMs = stampMs;
    try {
      work();
    } finally {
      this.#records.stampMs = undefined;
    }
  }

  /** Gives a contact's formula another value, without a stamp on the contact. */
  recompute(id: string, value: FieldValue): void {
    this.#records.recompute(id, value);
  }

  /** Hides a contact from the client's user, or shows it again. */
  hide(id: string, isHidden: boolean): void {
    if (isHidden) this.#records.hidden.add(id);
    else this.#records.hidden.delete(id);
  }

  isHidden(id: string): boolean {
    return this.#records.hidden.has(id);
  }

  /** Hides a field from the client's user, or shows it again; people go on with it. */
  hideField(name: string, isHidden: boolean): void {
    if (isHidden) this.#records.hiddenFields.add(name);
    else this.#records.hiddenFields.delete(name);
  }

  isFieldHidden(name: string): boolean {
    return this.#records.hiddenFields.has(name);
  }

  /** Takes the client's user the right to read a field, or gives it back. Only filters know of it. */
  loseField(name: string, isGone: boolean): void {
    if (isGone) this.#records.unreadable.add(name);
    else this.#records.unreadable.delete(name);
  }

  /** Has a long transaction hold a contact, or let go of it. */
  lock(id: string, isLocked: boolean): void {
    if (isLocked) this.#records.locked.add(id);
    else this.#records.locked.delete(id);
  }

  isLocked(id: string): boolean {
    return this.#records.locked.has(id);
  }

  // What a test orders, and what it looks at.

  /** Hears of each save of a contact, deletions too, whoever made it. */
  set saved(listener: OrgRecords['saved']) {
    this.#records.saved = listener;
  }

  /** Has a fault strike the next such call, or after `skip` of them. */
  failNext(struck: Struck, fault: OrgFault, skip = 0): void {
    this.#calls.failNext(struck, fault, skip);
  }

  /** Moves the org's clock, and not ours. */
  advance(ms: number): void {
    this.#calls.aheadMs += ms;
  }

  /** Throws to end the caller's process before a call happens. */
  set before(hook: OrgCalls['before']) {
    this.#calls.before = hook;
  }

  /** The same after it has happened. */
  set after(hook: OrgCalls['after']) {
    this.#calls.after = hook;
  }

  /** From now on others have made so many of the calls of the last 24 hours. */
  othersUse(calls: number): void {
    this.#calls.others = calls;
  }

  /** Every call by name, in order, whatever became of it. */
  get calls(): OrgCalls['log'] {
    return this.#calls.log;
  }

  /** The org's time. */
  nowMs(): number {
    return this.#calls.nowMs();
  }

  /** Every record by its id, deleted ones too. */
  get records(): ReadonlyMap<string, OrgRecord> {
    return this.#records.byId;
  }

  alive(): OrgRecord[] {
    return [...this.records.values()].filter((record) => !record.IsDeleted);
  }

  /** The live record with that external id. */
  withKey(key: string, sObject?: SObjectName): OrgRecord | undefined {
    return this.#records.withKey(key, sObject);
  }

  /** Every bulk job by its id. */
  get jobs(): Map<string, OrgJob> {
    return this.bulk.jobs;
  }

  // What the API does.

  describe(sObject: string): Promise<SObjectDescription> {
    return this.#calls.run('describe', () => {
      const known = findSObject(sObject);
      if (!known) throw notFound();
      return description(known, this.#records.hiddenFields, known === SOBJECT ? this.#recordTypes : []);
    });
  }

  async count(selection: RecordSelection): Promise<number | 'too-many'> {
    mustBeSendable(selection);
    return this.#calls
      .run('count', () => matching(this.#records, selection).length)
      .catch((error) => {
        // As the adapter reads it.
        if (isSalesforceError(error) && UNCOUNTABLE.has(error.code)) return 'too-many';
        throw error;
      });
  }

  async select(selection: RecordSelection): Promise<RecordPage> {
    mustBeSendable(selection);
    return this.#calls.run('select', () => {
      const page = this.#cursors.open(matching(this.#records, selection), fieldsOf(selection));
      return { ...page, readAt: this.#calls.now() };
    });
  }

  async selectTogether(selections: readonly RecordSelection[]): Promise<readonly SelectOutcome[]> {
    if (selections.length === 0 || selections.length > MAX_SELECTIONS_TOGETHER)
      throw new RangeError('1 to 5 selections go together');
    const isShort = selections.map((selection) => isShortQuery(selection));
    const read = async (selection: RecordSelection): Promise<SelectOutcome> => {
      try {
        const found = matching(this.#records, selection);
        const page = this.#cursors.open(found, fieldsOf(selection), ROWS_TOGETHER);
        return { kind: 'page', page: { ...page, readAt: this.#calls.now() } };
      } catch (refusal) {
        if (!(refusal instanceof RequestRefusal)) throw refusal;
        const error = await this.#calls.errorOf('selectTogether', answering(refusal));
        if (error instanceof SyncError) return { kind: 'failed', error };
        throw error;
      }
    };
    const together = selections.filter((_, index) => isShort[index]);
    const answered = new Map<RecordSelection, SelectOutcome>();
    if (together.length > 0)
      await this.#calls.run('selectTogether', async () => {
        for (const selection of together) answered.set(selection, await read(selection));
      });
    const outcomes: SelectOutcome[] = [];
    for (const selection of selections)
      outcomes.push(
        answered.get(selection) ?? (await this.#calls.run('selectTogether', () => read(selection))),
      );
    return outcomes;
  }

  nextPage(next: string): Promise<RecordPage> {
    return this.#calls.run('nextPage', () => ({ ...this.#cursors.next(next), readAt: this.#calls.now() }));
  }

  update(
    sObject: string,
    records: readonly RecordUpdate[],
    readBack: readonly string[],
    rules?: WriteRules,
  ): Promise<readonly WriteOutcome[]> {
    return update(this.#writingBy(rules), sObject, records, readBack);
  }

  upsert(
    sObject: string,
    externalIdField: string,
    records: readonly RecordUpsert[],
    readBack: readonly string[],
    rules?: WriteRules,
  ): Promise<readonly WriteOutcome[]> {
    return upsert(this.#writingBy(rules), sObject, externalIdField, records, readBack);
  }

  deleteRecords(sfIds: readonly string[]): Promise<readonly DeleteOutcome[]> {
    return deleteRecords(this.#writing, sfIds);
  }

  dailyCalls(): ReturnType<SalesforceOrg['dailyCalls']> {
    return this.#calls.dailyCalls();
  }

  usage(): ReturnType<SalesforceOrg['usage']> {
    return this.#calls.usage();
  }

  clockSkewMs(): number {
    return this.#calls.skewMs;
  }

  /** A person is told at once what is wrong; a test that has it refused is wrong itself. */
  #byHand<T>(work: () => T): T {
    const { userId } = this.#records;
    this.#records.userId = PERSON_ID;
    try {
      return work();
    } catch (error) {
      throw error instanceof RefusedRow ? new Error(`${error.refusal.code}: ${error.message}`) : error;
    } finally {
      this.#records.userId = userId;
    }
  }

  #beforeSave(fields: Record<string, FieldValue>, id: string, rules: WriteRules = {}): void {
    this.trigger(fields);
    const refusal = this.refuse(fields, id);
    const isAllowed = rules.allowDuplicates === true && refusal?.duplicates?.allowSave === true;
    if (refusal && !isAllowed) throw new RefusedRow(refusal);
  }

  #writingBy(rules: WriteRules | undefined): WritePorts {
    return { ...this.#writing, beforeSave: (fields, id) => this.#beforeSave(fields, id, rules) };
  }

  #countWrite(): void {
    this.writes += 1;
  }
}
