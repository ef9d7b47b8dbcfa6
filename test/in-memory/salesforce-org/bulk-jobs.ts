import type { BulkJobInfo, BulkJobState, CsvCells, CsvRow } from '../../../shared/contracts/salesforce.ts';
import { to18 } from '../../../shared/contracts/salesforce-id.ts';
import { parseRowError } from '../../../shared/salesforce-client/bulk/row-errors.ts';
import { writeCsv } from '../../../shared/salesforce-client/csv/csv.ts';
import type { BulkApi, RecordSelection } from '../../../shared/use-cases/ports/salesforce-org.ts';
import { columnMistake, ingestRow, lineOf, readUpload, resultsCsv, type Upload } from './bulk-rows.ts';
import { brokenOff, type OrgCalls } from './calls.ts';
import { findField, findSObject, SOBJECT, type SObjectName } from './contact.ts';
import { fieldsOf, matching, mustBeSendable } from './queries.ts';
import { type BeforeSave, makeId, type OrgRecords, valueIn } from './records.ts';
import { notFound, RequestRefusal, wrongState } from './refusals.ts';
import { toCell } from './values.ts';

type ResultSet = 'successful' | 'failed' | 'unprocessed';

/** A bulk job, and what became of its rows. */
export interface OrgJob {
  info: BulkJobInfo;
  polls: number;
  /** PUTs that were taken. */
  uploads: number;
  readonly selection: RecordSelection | undefined;
  readonly keyField: string | undefined;
  csv: Uint8Array | undefined;
  columns: readonly string[];
  /** Rows of a query's result. */
  rows: readonly CsvCells[];
  readonly results: Record<ResultSet, CsvCells[]>;
}

/** How jobs run. */
export interface BulkRuns {
  /** Looks at a job until it has run. */
  pollsToEnd: number;
  /** Why every job fails; its text may quote values. */
  failure: string | undefined;
  /** Rows that Salesforce never comes to. */
  leaveOut: (row: CsvRow) => boolean;
  /** Cuts the bytes of a query's pages. */
  cut: (csv: Uint8Array) => Uint8Array;
  /** At most this many rows in a page, whatever is asked for. */
  readonly pageRows: number;
  /** Who makes the jobs. */
  readonly userId: string;
}

/** What bulk jobs need of the org. */
export interface BulkPorts {
  readonly calls: OrgCalls;
  readonly records: OrgRecords;
  readonly beforeSave: BeforeSave;
  readonly runs: BulkRuns;
}

const OPEN_STATES: readonly BulkJobState[] = ['Open', 'UploadComplete', 'InProgress'];
const isOpen = ({ info }: OrgJob): boolean => OPEN_STATES.includes(info.state);

/** Bulk API 2.0 of the org; a job runs while it is polled. */
export class OrgBulkApi implements BulkApi {
  readonly jobs = new Map<string, OrgJob>();
  readonly refusalOf = parseRowError;
  readonly #ports: BulkPorts;

  constructor(ports: BulkPorts) {
    this.#ports = ports;
  }

  async submitQuery(selection: RecordSelection): Promise<BulkJobInfo> {
    mustBeSendable(selection);
    return this.#ports.calls.run('submitQuery', () => {
      matching(this.#ports.records, selection);
      const operation = selection.includeDeleted ? 'queryAll' : 'query';
      const sObject = findSObject(selection.sObject);
      return this.#add('query', operation, 'UploadComplete', { selection, ...(sObject && { sObject }) });
    });
  }

  submitIngest({ sObject, operation, externalIdField }: Parameters<BulkApi['submitIngest']>[0]) {
    return this.#ports.calls.run('submitIngest', () => {
      const known = findSObject(sObject);
      if (!known) throw new RequestRefusal(400, 'INVALIDENTITY', `Unable to find object: ${sObject}`);
      const keyField = findField(externalIdField ?? '', known);
      if (operation === 'upsert' && !keyField?.isKey)
        throw new RequestRefusal(400, 'INVALIDJOB', `InvalidJob : External ID was blank for ${sObject}.`);
      return this.#add('ingest', operation, 'Open', { sObject: known, keyField: keyField?.name });
    });
  }

  async upload(jobId: string, csv: AsyncIterable<Uint8Array>, bodyBytes: number): Promise<void> {
    const id = to18(jobId);
    const parts: Uint8Array[] = [];
    for await (const part of csv) parts.push(part);
    const body = Buffer.concat(parts);
    return this.#ports.calls.run('upload', async () => {
      // Such a body breaks off on its way.
      if (body.length !== bodyBytes) throw await this.#ports.calls.errorOf('upload', brokenOff);
      const job = this.#find('ingest', id);
      if (job.info.state !== 'Open') throw wrongState(`Job in state ${job.info.state} takes no data`);
      if (job.uploads > 0) throw wrongState('Found multiple contents for job: only one upload is allowed');
      job.uploads += 1;
      job.csv = body;
    });
  }

  async close(jobId: string): Promise<void> {
    const id = to18(jobId);
    return this.#ports.calls.run('close', () => {
      const job = this.#find('ingest', id);
      if (job.info.state === 'Aborted') throw wrongState('Closing already Completed Job not allowed');
      if (job.info.state === 'Open') this.#move(job, 'UploadComplete');
    });
  }

  async info(kind: BulkJobInfo['kind'], jobId: string): Promise<BulkJobInfo> {
    const id = to18(jobId);
    return this.#ports.calls.run('info', async () => {
      const job = this.#find(kind, id);
      await this.#goOn(job);
      return job.info;
    });
  }

  async abort(kind: BulkJobInfo['kind'], jobId: string): Promise<void> {
    const id = to18(jobId);
    return this.#ports.calls.run('abort', async () => {
      const job = this.#find(kind, id);
      if (!isOpen(job)) return;
      this.#move(job, 'Aborted');
      await this.#keepUnprocessed(job);
    });
  }

  listOpen(kind: BulkJobInfo['kind']): Promise<readonly BulkJobInfo[]> {
    return this.#ports.calls.run('listOpen', () => this.open(kind).map(({ info }) => info));
  }

  async queryResults(
    jobId: string,
    { locator, maxRecords }: { readonly locator?: string; readonly maxRecords: number },
  ) {
    const id = to18(jobId);
    return this.#ports.calls.run('queryResults', () => {
      const job = this.#find('query', id);
      if (job.info.state !== 'JobComplete') throw this.#noResults(job);
      const from = rowAt(locator);
      const end = from + Math.min(maxRecords, this.#ports.runs.pageRows);
      const page = job.rows.slice(from, end);
      return {
        csv: this.#cut(writeCsv(job.columns, page)),
        records: page.length,
        ...(end < job.rows.length && { nextLocator: `row${end}` }),
      };
    });
  }

  async ingestResults(jobId: string, which: ResultSet): Promise<AsyncIterable<Uint8Array>> {
    const id = to18(jobId);
    return this.#ports.calls.run('ingestResults', () => {
      const job = this.#find('ingest', id);
      if (isOpen(job)) throw this.#noResults(job);
      const own = { successful: ['sf__Id', 'sf__Created'], failed: ['sf__Id', 'sf__Error'], unprocessed: [] };
      return resultsCsv([...own[which], ...job.columns], job.results[which]);
    });
  }

  /** Jobs that have not ended. Costs no call. */
  open(kind: BulkJobInfo['kind']): OrgJob[] {
    return [...this.jobs.values()].filter((job) => job.info.kind === kind && isOpen(job));
  }

  #add(
    kind: BulkJobInfo['kind'],
    operation: string,
    state: BulkJobState,
    {
      selection,
      keyField,
      sObject = SOBJECT,
    }: {
      readonly selection?: RecordSelection;
      readonly keyField?: string | undefined;
      readonly sObject?: SObjectName;
    },
  ): BulkJobInfo {
    const { calls, runs } = this.#ports;
    const info: BulkJobInfo = {
      jobId: makeId('750', this.jobs.size + 1),
      kind,
      state,
      sObject,
      operation,
      createdAt: calls.now(),
      createdById: runs.userId,
    };
    const results = { successful: [], failed: [], unprocessed: [] };
    const start = { polls: 0, uploads: 0, csv: undefined, columns: [], rows: [], results };
    this.jobs.set(info.jobId, { info, selection, keyField, ...start });
    return info;
  }

  #find(kind: BulkJobInfo['kind'], jobId: string): OrgJob {
    const job = this.jobs.get(jobId);
    if (job?.info.kind !== kind) throw notFound();
    return job;
  }

  #move(job: OrgJob, state: BulkJobState, more: Partial<BulkJobInfo> = {}): void {
    job.info = { ...job.info, state, ...more };
  }

  #noResults({ info }: OrgJob): RequestRefusal {
    return wrongState(`results are not available: the job is in state ${info.state}`);
  }

  /** Brings a job on that is looked at. */
  async #goOn(job: OrgJob): Promise<void> {
    const { runs } = this.#ports;
    if (job.info.state === 'Open' || !isOpen(job)) return;
    job.polls += 1;
    if (job.polls === 1 && runs.failure === undefined && !job.selection) await this.#ingest(job);
    if (job.polls < runs.pollsToEnd) return this.#move(job, 'InProgress');
    if (runs.failure !== undefined) return this.#fail(job, runs.failure);
    return job.selection ? this.#runQuery(job, job.selection) : this.#endIngest(job);
  }

  #runQuery(job: OrgJob, selection: RecordSelection): void {
    const fields = [...new Set(fieldsOf(selection).map((name) => findField(name)?.name ?? name))];
    const found = matching(this.#ports.records, selection);
    job.columns = fields;
    // In no order that anyone could rely on.
    job.rows = found
      .reverse()
      .map((record) => Object.fromEntries(fields.map((name) => [name, toCell(valueIn(record, name))])));
    this.#move(job, 'JobComplete', { recordsProcessed: job.rows.length });
  }

  /** Writes the rows, at the first look: a job may be long in ending after that. */
  async #ingest(job: OrgJob): Promise<void> {
    const upload = await uploadOf(job);
    if (columnMistake(upload, sObjectOf(job)) !== undefined) return;
    job.columns = upload.columns;
    const { records, beforeSave, runs } = this.#ports;
    const { operation } = job.info;
    for (const row of upload.rows) {
      if (runs.leaveOut(row)) {
        job.results.unprocessed.push(lineOf(row));
        continue;
      }
      const { isDone, line } = ingestRow(
        { operation, keyField: job.keyField, records, beforeSave, sObject: sObjectOf(job) },
        row,
      );
      job.results[isDone ? 'successful' : 'failed'].push(line);
    }
  }

  async #endIngest(job: OrgJob): Promise<void> {
    const mistake = columnMistake(await uploadOf(job), sObjectOf(job));
    if (mistake !== undefined) return this.#fail(job, mistake);
    const { successful, failed } = job.results;
    const counts = { recordsProcessed: successful.length + failed.length, recordsFailed: failed.length };
    this.#move(job, 'JobComplete', counts);
  }

  async #fail(job: OrgJob, errorMessage: string): Promise<void> {
    await this.#keepUnprocessed(job);
    this.#move(job, 'Failed', { errorMessage, recordsProcessed: 0 });
  }

  async #keepUnprocessed(job: OrgJob): Promise<void> {
    if (!job.csv) return;
    const { columns, rows } = await uploadOf(job);
    job.columns = columns;
    job.results.unprocessed.push(...rows.map(lineOf));
  }

  async *#cut(csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of csv) yield this.#ports.runs.cut(part);
  }
}

const sObjectOf = ({ info }: OrgJob): SObjectName => findSObject(info.sObject) ?? SOBJECT;

const uploadOf = async ({ csv }: OrgJob): Promise<Upload> =>
  csv ? readUpload(csv) : { columns: [], rows: [] };

/** Where a page begins. */
function rowAt(locator: string | undefined): number {
  if (locator === undefined) return 0;
  const row = /^row(\d+)$/.exec(locator)?.[1];
  if (row === undefined) throw new RequestRefusal(400, 'INVALIDQUERYLOCATOR', 'invalid locator');
  return Number(row);
}
