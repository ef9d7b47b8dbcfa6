import type { SyncError } from '../../contracts/next.ts';
import type { BulkJobInfo, WireRecord } from '../../contracts/salesforce.ts';
import type { Traced } from '../../contracts/traced.ts';
import type { SeenUsage } from '../../sync/allowance/usage.ts';
import type { Tracking } from '../../sync/mapping/check/tracking.ts';
import type { CheckedField, CheckedObject } from '../../sync/model/schema.ts';

/** Which records to read. The adapter writes the SOQL; no caller ever does. */
export interface RecordSelection {
  readonly sObject: string;
  /** API names to read beside the system fields of `tracking` and `Id`, which always come. */
  readonly fields: readonly string[];
  readonly where:
    | { readonly kind: 'all' }
    /** Rows in the order of their ids: those after this one, all if left out. */
    | { readonly kind: 'by-id'; readonly after?: string }
    /**
     * Rows in the order of their stamp (`tracking`) and id: those stamped at `since` (ISO 8601) or later, all if left out; of
     * these only those that come after one that was read before.
     */
    | {
        readonly kind: 'changed-since';
        readonly since?: string;
        readonly after?: { readonly modstamp: string; readonly sfId: string };
      }
    | { readonly kind: 'ids'; readonly ids: readonly string[] }
    | { readonly kind: 'external-ids'; readonly field: string; readonly values: readonly string[] }
    /** Rows that have one of the values in each of the fields; at most 200 values a field, text compared without case. */
    | {
        readonly kind: 'values';
        readonly fields: readonly { readonly field: string; readonly values: readonly (string | number)[] }[];
      };
  /** The mapping's own condition, which was checked at synth. */
  readonly filter?: string;
  /** Deleted rows too, and archived ones. */
  readonly includeDeleted?: boolean;
  /** Which system fields the object has. @default `SystemModstamp`, `LastModifiedDate` and `IsDeleted` */
  readonly tracking?: Tracking;
}

export interface RecordPage {
  readonly records: readonly WireRecord[];
  /** `nextRecordsUrl`, absent on the last page. */
  readonly next?: string;
  /** Salesforce's time (its `Date` header) of the answer. */
  readonly readAt: string;
}

/** What became of one of several selections. */
export type SelectOutcome =
  | { readonly kind: 'page'; readonly page: RecordPage }
  | { readonly kind: 'failed'; readonly error: SyncError };

/** As many queries as one call of Salesforce takes. */
export const MAX_SELECTIONS_TOGETHER = 5;

/** A record to change. */
export interface RecordUpdate {
  readonly sfId: string;
  /** By API name; `null` clears a field. */
  readonly values: WireRecord;
  /**
   * Written only if nobody changed the record after this time, its `LastModifiedDate` as it was read (ISO 8601). Whole
   * seconds: a change within the same one is not noticed. Such a record costs a call of its own.
   */
  readonly unmodifiedSince?: string;
}

/** A record to create, or to change where one has the external id. */
export interface RecordUpsert {
  readonly externalId: string;
  /** By API name; `null` clears a field. */
  readonly values: WireRecord;
}

/** How a write is to be treated. */
export interface WriteRules {
  /**
   * Save a record although a duplicate rule that only warns found others like it; a rule that blocks refuses it all the
   * same. @default such a rule refuses it
   */
  readonly allowDuplicates?: boolean;
}

/** Records that stand in the way of a refused one. */
export interface DuplicatesOfRefused {
  /** 18 characters each. */
  readonly recordIds: readonly string[];
  /** The rule only warns. */
  readonly allowSave: boolean;
  /** API name of the duplicate rule. */
  readonly rule?: string;
}

/** Salesforce refused a record, of which nothing was written. */
export interface Refusal {
  readonly code: string;
  /** May quote values: for the rejection that a person reads, never for a log. */
  readonly message: string;
  readonly fields: readonly string[];
  /** Set where the refusal passes by itself, such as a locked row: when it is worth another try. */
  readonly retryAfterMs?: number;
  /** Of a refused duplicate, where Salesforce names what it is like. */
  readonly duplicates?: DuplicatesOfRefused;
}

/** What became of one record of a write. */
export type WriteOutcome =
  | (Traced & {
      readonly kind: 'written';
      readonly sfId: string;
      readonly created: boolean;
      /** Salesforce's time of the answer (ISO 8601, UTC). */
      readonly answeredAt: string;
      /** The record after the write, with what triggers made of it; absent where it was not read back. */
      readonly after?: WireRecord;
    })
  | (Refusal & { readonly kind: 'refused' })
  /** Not written, because somebody changed the record since the time that was given. */
  | { readonly kind: 'modified' }
  /** Its call failed: `error.next` is `reread` where nobody knows whether it was written, else it was not. */
  | { readonly kind: 'failed'; readonly error: SyncError }
  /** Surely not written, because an earlier call failed with this error. */
  | { readonly kind: 'unsent'; readonly error: SyncError };

/** What became of one record of a deletion. */
export type DeleteOutcome =
  | (Traced & { readonly kind: 'deleted' })
  | Exclude<WriteOutcome, { kind: 'written' }>;

/** An sObject as the connection's user sees it, and a field of it. */
export type SObjectDescription = CheckedObject;
export type SObjectField = CheckedField;

/**
 * One connection's org, with its token. Throws `SalesforceAuthError`, `SalesforceRateLimitError` or
 * `SalesforceApiError` (all `SyncError`); a record that was refused is a value.
 */
export interface SalesforceOrg {
  describe(sObject: string): Promise<SObjectDescription>;
  /** One call. `too-many` where even counting takes the org too long. */
  count(selection: RecordSelection): Promise<number | 'too-many'>;
  /**
   * One call; `ids` and `external-ids` of at most 200. An answer without all the rows that it counts is never a page: it
   * throws `QUERY_INCOMPLETE`, to be asked again.
   */
  select(selection: RecordSelection): Promise<RecordPage>;
  /**
   * The first pages of 1 to 5 selections, in their order; one that failed takes no other with it. Pages are smaller than
   * those of `select`, and may be said to be older than they are.
   *
   * One call, and one more for each selection that is too long to travel with others.
   *
   * @throws what the call as a whole failed with
   */
  selectTogether(selections: readonly RecordSelection[]): Promise<readonly SelectOutcome[]>;
  /** One call. */
  nextPage(next: string): Promise<RecordPage>;
  /**
   * Changes 1 to 200 records and reads them back. One outcome for each, in their order.
   *
   * One call for those without `unmodifiedSince`; one for each of the others, and one to read these back. Further ones for
   * records whose text would be misread beside others, and up to 24 to find those with a
   * value that Salesforce cannot read, so that these alone are refused; and one for each of the first five that a
   * duplicate rule refused, since only the answer to a single record names what it is like.
   *
   * @throws what the first call failed with: then nothing was written, or with `reread` nobody knows
   */
  update(
    sObject: string,
    records: readonly RecordUpdate[],
    readBack: readonly string[],
    rules?: WriteRules,
  ): Promise<readonly WriteOutcome[]>;
  /** The same by external id; creates what is not there. */
  upsert(
    sObject: string,
    externalIdField: string,
    records: readonly RecordUpsert[],
    readBack: readonly string[],
    rules?: WriteRules,
  ): Promise<readonly WriteOutcome[]>;
  /**
   * Puts 1 to 200 records into the recycle bin, each by itself. One outcome for each, in their order; one that is in the
   * bin already is refused as `ENTITY_IS_DELETED`. One call.
   *
   * @throws as `update` does
   */
  deleteRecords(sfIds: readonly string[]): Promise<readonly DeleteOutcome[]>;
  readonly bulk: BulkApi;
  /**
   * The calls of the last 24 hours, anybody's, by the org's own list of limits: some minutes old, and it goes backwards.
   * Undefined where that list has no such line. One call.
   */
  dailyCalls(): Promise<{ readonly used: number; readonly max: number } | undefined>;
  /** Salesforce calls made through this object, and the allowance as an answer last told it (our clock, epoch milliseconds). */
  usage(): { readonly calls: number } & Partial<SeenUsage>;
  /** Salesforce's clock minus ours, in milliseconds, from the last answer; 0 before the first. */
  clockSkewMs(): number;
}

/** Bulk API 2.0. Every method costs one call where nothing else is said. */
export interface BulkApi {
  submitQuery(selection: RecordSelection): Promise<BulkJobInfo>;
  submitIngest(job: {
    readonly sObject: string;
    readonly operation: 'insert' | 'update' | 'upsert';
    readonly externalIdField?: string;
  }): Promise<BulkJobInfo>;
  /** The one PUT of an ingest job: UTF-8 CSV, LF, comma. */
  upload(jobId: string, csv: AsyncIterable<Uint8Array>, bodyBytes: number): Promise<void>;
  close(jobId: string): Promise<void>;
  info(kind: 'query' | 'ingest', jobId: string): Promise<BulkJobInfo>;
  abort(kind: 'query' | 'ingest', jobId: string): Promise<void>;
  /** Jobs of the org that are not in an end state, of every user and client. */
  listOpen(kind: 'query' | 'ingest'): Promise<readonly BulkJobInfo[]>;
  /** One page of a finished query's result, as CSV bytes with a header row, not parsed. */
  queryResults(
    jobId: string,
    page: { readonly locator?: string; readonly maxRecords: number },
  ): Promise<{
    readonly csv: AsyncIterable<Uint8Array>;
    readonly records: number;
    readonly nextLocator?: string;
  }>;
  ingestResults(
    jobId: string,
    which: 'successful' | 'failed' | 'unprocessed',
  ): Promise<AsyncIterable<Uint8Array>>;
  /** What `sf__Error` of a failed row says. Costs no call. */
  refusalOf(sfError: string | null): Refusal;
}

/** Opens a connection's org; the same object for the same connection as long as the function is warm. */
export interface SalesforceOrgs {
  /** @param tokenVersion - that of the connection as it was just read: no token of an earlier version is used */
  open(connectionId: string, tokenVersion?: number): Promise<SalesforceOrg>;
}
