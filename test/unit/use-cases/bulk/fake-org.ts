import { SyncError } from '../../../../shared/contracts/next.ts';
import type { BulkJobInfo, BulkJobState, WireRecord } from '../../../../shared/contracts/salesforce.ts';
import { parseRowError } from '../../../../shared/salesforce-client/bulk/row-errors.ts';
import { readCsv, writeCsv } from '../../../../shared/salesforce-client/csv/csv.ts';
import type {
  BulkApi,
  RecordPage,
  RecordSelection,
  SalesforceOrg,
  WriteOutcome,
} from '../../../../shared/use-cases/ports/salesforce-org.ts';
import type { ManualClock } from '../../../in-memory/clock.ts';

type Row = Record<string, string | null>;

interface FakeJob {
  info: BulkJobInfo;
  polls: number;
  uploads: number;
  csv?: Uint8Array;
  rows: readonly WireRecord[];
  results: Record<'successful' | 'failed' | 'unprocessed', Row[]>;
}

/** What a call that cannot be answered throws. */
export const trouble = (next: SyncError['next'], code = 'TROUBLE'): SyncError =>
  new SyncError('SalesforceApiError', code, 'Salesforce had trouble.', next);

const idOf = (prefix: string, number: number): string => `${prefix}${String(number).padStart(12, '0')}AAA`;
export const OUR_USER = '005000000000001AAA';

/** An org that holds contacts, counts calls, and can be told to misbehave. */
export class FakeOrg implements SalesforceOrg {
  readonly records = new Map<string, Row>();
  readonly jobs = new Map<string, FakeJob>();
  readonly calls: string[] = [];
  /** Throws to make a call fail before it had an effect, or (`after`) after it. */
  before: (call: string) => void = () => {};
  after: (call: string) => void = () => {};
  /** Polls until a job has run. */
  pollsToEnd = 1;
  endState: BulkJobState = 'JobComplete';
  /** The error of a row that is refused. */
  refuse: (row: Row) => string | undefined = () => undefined;
  leaveOut: (row: Row) => boolean = () => false;
  /** Cuts the bytes of pages. */
  cut: (csv: Uint8Array) => Uint8Array = (csv) => csv;
  readonly #clock: ManualClock;
  #number = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  add(values: Row): string {
    this.#number += 1;
    const id = idOf('003', this.#number);
    const now = this.#now();
    this.records.set(id, {
      External_Id__c: null,
      FirstName: null,
      LastName: null,
      Email: null,
      ...values,
      Id: id,
      SystemModstamp: now,
      LastModifiedDate: now,
      IsDeleted: 'false',
    });
    return id;
  }

  byExternalId(value: string): Row[] {
    return [...this.records.values()].filter((record) => record.External_Id__c === value);
  }

  open(kind: 'query' | 'ingest'): FakeJob[] {
    return [...this.jobs.values()].filter(
      ({ info }) => info.kind === kind && ['Open', 'UploadComplete', 'InProgress'].includes(info.state),
    );
  }

  describe(): never {
    throw new Error('not set up');
  }

  async count(): Promise<number> {
    return this.#call('count', () => this.records.size);
  }

  async select({ where }: RecordSelection): Promise<RecordPage> {
    return this.#call('select', () => {
      const records = [...this.records.values()].filter((record) => {
        if (where.kind === 'ids') return where.ids.includes(record.Id ?? '');
        if (where.kind === 'external-ids') return where.values.includes(record.External_Id__c ?? '');
        return true;
      });
      return { records, readAt: this.#now() };
    });
  }

  nextPage(): never {
    throw new Error('not set up');
  }

  async update(
    _: string,
    records: readonly { sfId: string; values: WireRecord }[],
  ): Promise<readonly WriteOutcome[]> {
    return this.#call('update', () =>
      records.map(({ sfId, values }) => ({
        kind: 'written' as const,
        sfId,
        created: false,
        answeredAt: this.#now(),
        after: this.#write(sfId, values),
      })),
    );
  }

  upsert(): never {
    throw new Error('not set up');
  }

  usage() {
    return { calls: this.calls.length };
  }

  clockSkewMs() {
    return 0;
  }

  readonly bulk: BulkApi = {
    submitQuery: async () =>
      this.#call('submitQuery', () =>
        this.#job('query', 'query', 'UploadComplete', [...this.records.values()]),
      ),
    submitIngest: async ({ operation }) =>
      this.#call('submitIngest', () => this.#job('ingest', operation, 'Open', [])),
    upload: async (jobId, csv, bodyBytes) => {
      const parts: Uint8Array[] = [];
      for await (const part of csv) parts.push(part);
      this.#call('upload', () => {
        const job = this.#must(jobId);
        if (job.uploads > 0) throw new Error('exactly one PUT per job');
        job.uploads += 1;
        job.csv = Buffer.concat(parts);
        if (job.csv.length !== bodyBytes)
          throw new Error(`content-length ${bodyBytes}, body ${job.csv.length}`);
      });
    },
    close: async (jobId) => this.#call('close', () => this.#move(jobId, 'UploadComplete')),
    info: async (_, jobId) => {
      const job = this.#must(jobId);
      if (['UploadComplete', 'InProgress'].includes(job.info.state)) {
        job.polls += 1;
        if (job.polls >= this.pollsToEnd) await this.#run(job);
      }
      return this.#call('info', () => job.info);
    },
    abort: async (_, jobId) => this.#call('abort', () => this.#move(jobId, 'Aborted')),
    listOpen: async (kind) => this.#call('listOpen', () => this.open(kind).map(({ info }) => info)),
    queryResults: async (jobId, { locator, maxRecords }) =>
      this.#call('queryResults', () => {
        const from = Number(locator ?? 0);
        const rows = this.#must(jobId).rows.slice(from, from + maxRecords) as Row[];
        const more = from + maxRecords < this.#must(jobId).rows.length;
        const columns = Object.keys(rows[0] ?? { Id: '' });
        return {
          csv: this.#cutting(writeCsv(columns, rows.map(emptied))),
          records: rows.length,
          ...(more && { nextLocator: String(from + maxRecords) }),
        };
      }),
    refusalOf: parseRowError,
    ingestResults: async (jobId, which) =>
      this.#call('ingestResults', () => {
        const rows = this.#must(jobId).results[which];
        // In an order of its own.
        return writeCsv(Object.keys(rows[0] ?? { sf__Id: '' }), [...rows].reverse().map(emptied));
      }),
  };

  async #run(job: FakeJob): Promise<void> {
    job.info = { ...job.info, state: this.endState, errorMessage: 'InvalidBatch : Jane Doe is wrong' };
    if (!job.csv || this.endState !== 'JobComplete') return;
    for await (const row of readCsv(bytes(job.csv))) {
      const error = this.refuse(row);
      if (this.leaveOut(row)) job.results.unprocessed.push(row);
      else if (error !== undefined) job.results.failed.push({ sf__Id: null, sf__Error: error, ...row });
      else {
        const known = this.byExternalId(row.External_Id__c ?? '')[0]?.Id;
        const id = known ?? this.add({});
        this.#write(id, row);
        job.results.successful.push({ sf__Id: id, sf__Created: String(!known), ...row });
      }
    }
  }

  #write(id: string, values: WireRecord): Row {
    const given = Object.entries(values).filter(([, value]) => value !== null) as [string, string][];
    const now = this.#now();
    const record = {
      ...this.records.get(id),
      ...Object.fromEntries(given),
      SystemModstamp: now,
      LastModifiedDate: now,
    };
    this.records.set(id, record);
    return record;
  }

  #job(
    kind: 'query' | 'ingest',
    operation: string,
    state: BulkJobState,
    rows: readonly WireRecord[],
  ): BulkJobInfo {
    this.#number += 1;
    const info: BulkJobInfo = {
      jobId: idOf('750', this.#number),
      kind,
      state,
      sObject: 'Contact',
      operation,
      createdAt: this.#now(),
      createdById: OUR_USER,
    };
    const results = { successful: [], failed: [], unprocessed: [] };
    this.jobs.set(info.jobId, { info, polls: 0, uploads: 0, rows, results });
    return info;
  }

  #must(jobId: string): FakeJob {
    const job = this.jobs.get(jobId);
    if (!job) throw trouble({ do: 'stop' }, 'NOT_FOUND');
    return job;
  }

  #move(jobId: string, state: BulkJobState): void {
    const job = this.#must(jobId);
    job.info = { ...job.info, state };
  }

  #call<T>(name: string, run: () => T): T {
    this.calls.push(name);
    this.before(name);
    const answer = run();
    this.after(name);
    return answer;
  }

  async *#cutting(csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of csv) yield this.cut(part);
  }

  #now(): string {
    return `${this.#clock.now().slice(0, 19)}.000Z`;
  }
}

/** Salesforce writes null as an empty cell, where what we send says `#N/A`. */
const emptied = (row: Row) =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined]));

async function* bytes(whole: Uint8Array): AsyncGenerator<Uint8Array> {
  yield whole;
}
