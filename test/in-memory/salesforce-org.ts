import { SyncError } from '../../shared/contracts/next.ts';
import type { WireRecord } from '../../shared/contracts/salesforce.ts';
import type {
  BulkApi,
  RecordPage,
  RecordSelection,
  SalesforceOrg,
  SObjectDescription,
  WriteOutcome,
} from '../../shared/use-cases/ports/salesforce-org.ts';

/** A record with its system fields, times in ISO 8601. */
export interface OrgRecord {
  readonly Id: string;
  SystemModstamp: string;
  LastModifiedDate: string;
  IsDeleted: boolean;
  readonly fields: Record<string, unknown>;
}

/** What befalls the next call of a kind. */
export type OrgFault =
  /** The write happens, and its answer is lost. */
  | 'lost-answer'
  /** The call fails before anything happens. */
  | 'unavailable';

export class OrgUnavailable extends SyncError {
  constructor() {
    super('SalesforceApiError', 'SERVER_UNAVAILABLE', 'The org is not available', {
      do: 'retry',
      afterMs: 1000,
    });
  }
}

class AnswerLost extends SyncError {
  constructor() {
    super('SalesforceApiError', 'NO_ANSWER', 'The answer to a write was lost', { do: 'reread' });
  }
}

const stringFields = ['FirstName', 'LastName', 'Email', 'Title', 'Department'];
const EMPTY = Object.fromEntries([...stringFields, 'External_Id__c'].map((name) => [name, null]));
const PAGE = 50;

/** One sObject in memory that keeps what the platform keeps: ids, whole-second stamps, a unique external id. */
export class InMemoryOrg implements SalesforceOrg {
  readonly records = new Map<string, OrgRecord>();
  readonly #nowMs: () => number;
  readonly #faults: { readonly call: 'read' | 'write'; readonly fault: OrgFault }[] = [];
  readonly externalIdField = 'External_Id__c';
  calls = 0;
  /** Records written by the API, failed ones left out. */
  writes = 0;
  /** A trigger of the org's admin, run on each save. */
  trigger: (fields: Record<string, unknown>) => void = () => {};
  /** Refuses a record with this code, where it returns one. */
  validate: (fields: Readonly<Record<string, unknown>>) => string | undefined = () => undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  // What people do in the org.

  insert(fields: Record<string, unknown>): string {
    const id = `003000000${String(this.records.size + 1).padStart(6, '0')}AAA`;
    const stamp = this.#second();
    const record: OrgRecord = {
      Id: id,
      SystemModstamp: stamp,
      LastModifiedDate: stamp,
      IsDeleted: false,
      fields: { ...fields },
    };
    this.trigger(record.fields);
    this.records.set(id, record);
    return id;
  }

  edit(id: string, fields: Record<string, unknown>): void {
    const record = this.records.get(id);
    if (!record) throw new Error(`no record ${id}`);
    Object.assign(record.fields, fields);
    this.trigger(record.fields);
    record.SystemModstamp = record.LastModifiedDate = this.#second();
  }

  remove(id: string): void {
    this.edit(id, {});
    const record = this.records.get(id);
    if (record) record.IsDeleted = true;
  }

  failNext(call: 'read' | 'write', fault: OrgFault): void {
    this.#faults.push({ call, fault });
  }

  // What the API does.

  async describe(sObject: string): Promise<SObjectDescription> {
    this.#call('read');
    const field = (name: string) => ({
      name,
      type: 'text' as const,
      createable: true,
      updateable: true,
      unique: name === this.externalIdField,
      externalId: name === this.externalIdField,
      caseSensitive: true,
    });
    const fields = [...stringFields, this.externalIdField].map(field);
    return { name: sObject, queryable: true, createable: true, updateable: true, fields };
  }

  async count(selection: RecordSelection): Promise<number> {
    this.#call('read');
    return this.#matching(selection).length;
  }

  async select(selection: RecordSelection): Promise<RecordPage> {
    this.#call('read');
    return this.#page(this.#matching(selection).map((record) => record.Id));
  }

  async nextPage(next: string): Promise<RecordPage> {
    this.#call('read');
    return this.#page(next.split(','));
  }

  async update(
    _sObject: string,
    records: readonly { readonly sfId: string; readonly values: WireRecord }[],
  ): Promise<readonly WriteOutcome[]> {
    const fault = this.#call('write');
    const outcomes = records.map(({ sfId, values }): WriteOutcome => {
      const record = this.records.get(sfId);
      if (!record || record.IsDeleted) return refused('ENTITY_IS_DELETED');
      const code = this.validate({ ...record.fields, ...values });
      if (code) return refused(code);
      this.edit(sfId, values);
      this.writes += 1;
      return { kind: 'written', sfId, created: false, answeredAt: this.#second(), after: wire(record) };
    });
    return this.#answer(outcomes, fault);
  }

  async upsert(
    _sObject: string,
    _field: string,
    records: readonly { readonly externalId: string; readonly values: WireRecord }[],
  ): Promise<readonly WriteOutcome[]> {
    const fault = this.#call('write');
    const outcomes = records.map(({ externalId, values }): WriteOutcome => {
      const code = this.validate(values);
      if (code) return refused(code);
      this.writes += 1;
      const found = this.alive().find((record) => record.fields[this.externalIdField] === externalId);
      if (found) this.edit(found.Id, values);
      const sfId = found?.Id ?? this.insert({ ...values, [this.externalIdField]: externalId });
      const after = this.records.get(sfId);
      return {
        kind: 'written',
        sfId,
        created: !found,
        answeredAt: this.#second(),
        ...(after && { after: wire(after) }),
      };
    });
    return this.#answer(outcomes, fault);
  }

  get bulk(): BulkApi {
    throw new Error('this org has no Bulk API: use the simulated org');
  }

  usage() {
    return { calls: this.calls };
  }

  clockSkewMs(): number {
    return 0;
  }

  alive(): OrgRecord[] {
    return [...this.records.values()].filter((record) => !record.IsDeleted);
  }

  #matching({ where, includeDeleted }: RecordSelection): OrgRecord[] {
    const records = includeDeleted ? [...this.records.values()] : this.alive();
    switch (where.kind) {
      case 'all':
        return records;
      case 'changed-since':
        return records
          .filter((record) => Date.parse(record.SystemModstamp) >= Date.parse(where.since))
          .sort(
            (a, b) => Date.parse(a.SystemModstamp) - Date.parse(b.SystemModstamp) || (a.Id < b.Id ? -1 : 1),
          );
      case 'ids':
        return records.filter((record) => where.ids.includes(record.Id));
      case 'external-ids':
        return records.filter((record) => where.values.includes(String(record.fields[where.field] ?? '')));
    }
  }

  #page(ids: readonly string[]): RecordPage {
    const rest = ids.slice(PAGE);
    const found = ids.slice(0, PAGE).flatMap((id) => this.records.get(id) ?? []);
    return {
      records: found.map(wire),
      readAt: this.#second(),
      ...(rest.length > 0 && { next: rest.join(',') }),
    };
  }

  #call(kind: 'read' | 'write'): OrgFault | undefined {
    this.calls += 1;
    const index = this.#faults.findIndex(({ call }) => call === kind);
    const fault = index < 0 ? undefined : this.#faults.splice(index, 1)[0]?.fault;
    if (fault === 'unavailable') throw new OrgUnavailable();
    return fault;
  }

  #answer(outcomes: WriteOutcome[], fault: OrgFault | undefined): readonly WriteOutcome[] {
    if (fault === 'lost-answer') throw new AnswerLost();
    return outcomes;
  }

  #second(): string {
    return new Date(Math.floor(this.#nowMs() / 1000) * 1000).toISOString();
  }
}

const refused = (code: string): WriteOutcome => ({
  kind: 'refused',
  code,
  message: `refused: ${code}`,
  fields: [],
  ...(code === 'UNABLE_TO_LOCK_ROW' && { retryAfterMs: 2000 }),
});

/** As REST writes it. */
const wire = (record: OrgRecord): WireRecord => ({
  attributes: { type: 'Contact' },
  Id: record.Id,
  SystemModstamp: record.SystemModstamp.replace('Z', '+0000'),
  LastModifiedDate: record.LastModifiedDate.replace('Z', '+0000'),
  IsDeleted: record.IsDeleted,
  ...EMPTY,
  ...record.fields,
});
