import type { WireRecord } from '../contracts/salesforce.ts';
import type { BulkJobs } from './bulk/jobs.ts';
import type { CollectionOptions, UpsertManyOptions } from './resources/collections/collection-calls.ts';
import type { ChangedRecord, KeyedRecord, NewRecord } from './resources/collections/collection-rows.ts';
import type { BatchOptions, BatchOutcome, BatchRequest } from './resources/composite/batches.ts';
import type { Graph } from './resources/composite/graph.ts';
import type { GraphOptions, GraphOutcome } from './resources/composite/graphs.ts';
import type { Step, StepOutcome } from './resources/composite/step.ts';
import type { CompositeOptions } from './resources/composite/subrequests.ts';
import type { Describes } from './resources/describes.ts';
import type { ApiVersion, Limit } from './resources/limits.ts';
import type {
  Deleted,
  DeleteOutcome,
  ModifiedMeanwhile,
  RefusedRecord,
  WriteAndReadOutcome,
  WriteOutcome,
  Written,
} from './resources/outcomes.ts';
import type { QueryOptions, RecordQuery } from './resources/queries.ts';
import type { JoinedPage, JoinedQuery } from './resources/query-together.ts';
import type { DeletedRecords, ReplicationWindow, UpdatedRecords } from './resources/replication.ts';
import type { ReadRowOptions, UpdateRowOptions, UpsertOutcome, UpsertRowOptions } from './resources/rows.ts';
import type { Read, Values } from './resources/values.ts';
import type { WriteOptions } from './resources/write-options.ts';
import type { SoqlQuery } from './soql/soql.ts';
import type { KnownUsage } from './transport/api-usage.ts';

/**
 * One org's REST API. Every method may throw `SalesforceAuthError`, `SalesforceRateLimitError` or
 * `SalesforceApiError`, whose `next` says what to do; a record that was refused is a value. Records are typed by
 * the caller, who names the fields. Costs one API call where nothing else is said.
 */
export interface SalesforceClient extends Describes {
  /** Such as `v59.0`. */
  readonly apiVersion: string;

  /** Live records; see `RecordQuery`. A query of any length. One call for each page. */
  query<T extends object = WireRecord>(query: SoqlQuery, options?: QueryOptions): RecordQuery<T>;
  /** Deleted, merged and archived records too. */
  queryAll<T extends object = WireRecord>(query: SoqlQuery, options?: QueryOptions): RecordQuery<T>;
  /** Goes on at a `nextRecordsUrl`, which is followed as it is: that of an earlier page, or of a child subquery. */
  queryMore<T extends object = WireRecord>(nextRecordsUrl: string, options?: QueryOptions): RecordQuery<T>;
  /**
   * The first pages of 1 to 5 queries, in their order, as one call; a query that failed has its own error. A query that is
   * too long for a request line costs a call of its own.
   */
  queryTogether(queries: readonly JoinedQuery[], options?: QueryOptions): Promise<JoinedPage[]>;
  /** `totalSize` of a query, most cheaply of a `SELECT COUNT() FROM …`. */
  count(query: SoqlQuery): Promise<number>;

  /**
   * `undefined` where the record does not exist, is deleted, or is hidden from the user; also where the sObject does
   * not exist, since the platform's answer is the same.
   */
  getRecord<T extends object = WireRecord>(
    sObject: string,
    id: string,
    options?: ReadRowOptions,
  ): Promise<Read<T> | undefined>;
  /** The same by external id. Throws `MultipleChoicesError` where several records have it. */
  getRecordByExternalId<T extends object = WireRecord>(
    sObject: string,
    field: string,
    value: string | number,
    options?: ReadRowOptions,
  ): Promise<Read<T> | undefined>;
  createRecord<T extends object = WireRecord>(
    sObject: string,
    values: Values<NoInfer<T>>,
    options?: WriteOptions,
  ): Promise<Written | RefusedRecord>;
  /** `modified` where somebody changed the record after `ifUnmodifiedSince`. */
  updateRecord<T extends object = WireRecord>(
    sObject: string,
    id: string,
    values: Values<NoInfer<T>>,
    options?: UpdateRowOptions,
  ): Promise<Written | RefusedRecord | ModifiedMeanwhile>;
  deleteRecord(sObject: string, id: string, options?: WriteOptions): Promise<Deleted | RefusedRecord>;
  /** Creates or changes. Throws `MultipleChoicesError` where several records have the external id. */
  upsertRecord<T extends object = WireRecord>(
    sObject: string,
    externalIdField: string,
    externalId: string | number,
    values: Values<NoInfer<T>>,
    options?: UpsertRowOptions,
  ): Promise<UpsertOutcome>;

  /**
   * The following four take any number of records, 1,000 a call (200 at most that contain `@{`), and answer one
   * outcome for each, in the order of the input. Calls follow each other; the error of the first is thrown, that of
   * a later one is its records' outcome.
   */
  createRecords<T extends object = WireRecord>(
    records: readonly NewRecord<NoInfer<T>>[],
    options?: CollectionOptions,
  ): Promise<WriteOutcome[]>;
  /** An id that comes twice is written twice, in order. */
  updateRecords<T extends object = WireRecord>(
    records: readonly ChangedRecord<NoInfer<T>>[],
    options?: CollectionOptions,
  ): Promise<WriteOutcome[]>;
  /** A key that comes twice is written twice, in order. API version 46.0 or later. */
  upsertRecords<T extends object = WireRecord>(
    sObject: string,
    externalIdField: string,
    records: readonly KeyedRecord<NoInfer<T>>[],
    options?: UpsertManyOptions,
  ): Promise<WriteOutcome[]>;
  deleteRecords(ids: readonly string[], options?: CollectionOptions): Promise<DeleteOutcome[]>;
  /**
   * As `updateRecords` for one sObject, and reads these fields back in the same call, after triggers and flows: 400
   * records a call, which may take the transport's own time where `timeoutMs` is not given.
   */
  updateAndRead<T extends object = WireRecord>(
    sObject: string,
    records: readonly Omit<ChangedRecord<NoInfer<T>>, 'sObject'>[],
    fields: readonly string[],
    options?: CollectionOptions,
  ): Promise<WriteAndReadOutcome[]>;
  /** As `upsertRecords`, and reads back as `updateAndRead` does. */
  upsertAndRead<T extends object = WireRecord>(
    sObject: string,
    externalIdField: string,
    records: readonly KeyedRecord<NoInfer<T>>[],
    fields: readonly string[],
    options?: UpsertManyOptions,
  ): Promise<WriteAndReadOutcome[]>;
  /** 2,000 a call; `undefined` in the place of a record that does not exist. `Id` is always read. */
  retrieveRecords<T extends object = WireRecord>(
    sObject: string,
    ids: readonly string[],
    fields: readonly string[],
  ): Promise<(Read<T> | undefined)[]>;

  /** Up to 25 steps, at most 5 of them queries or collections, as one call. */
  composite(steps: readonly Step[], options?: CompositeOptions): Promise<StepOutcome[]>;
  /** Up to 25 independent requests, each of which counts as a call. */
  compositeBatch(requests: readonly BatchRequest[], options?: BatchOptions): Promise<BatchOutcome[]>;
  /** Up to 75 transactions with 500 rows in all, as one call. */
  compositeGraph(graphs: readonly Graph[], options?: GraphOptions): Promise<GraphOutcome[]>;

  /** Bulk API 2.0, both ways. */
  readonly bulk: BulkJobs;

  limits(): Promise<Readonly<Record<string, Limit>>>;
  recordCounts(sObjects: readonly string[]): Promise<Readonly<Record<string, number>>>;
  getUpdated(sObject: string, window: ReplicationWindow): Promise<UpdatedRecords>;
  getDeleted(sObject: string, window: ReplicationWindow): Promise<DeletedRecords>;
  /** The API versions that the instance speaks. Sends no token and costs no call. */
  versions(): Promise<readonly ApiVersion[]>;

  /** How many calls this object has made, and the org's allowance as an answer last told it. */
  usage(): KnownUsage;
  /** Salesforce's clock minus ours, in milliseconds, from the last answer; 0 before the first. */
  clockSkewMs(): number;
}
