import type { ExactNumber } from './exact-number.ts';

/*
 * Salesforce's own shapes that the client speaks and the use cases read. Both sides import them from here, because
 * neither knows the other.
 */

/** A record as it came over the wire: JSON values from REST, text or null from Bulk CSV. System fields included. */
export type WireRecord = Readonly<Record<string, unknown>>;

/** A token, and the org that it opens. */
export interface AccessToken {
  readonly accessToken: string;
  readonly instanceUrl: string;
  /** Such as `v59.0`. */
  readonly apiVersion: string;
  /** Counts up with every new token of the connection. */
  readonly tokenVersion: number;
}

/** What a token endpoint answers. */
export interface TokenResponse {
  readonly accessToken: string;
  /** Absent from a refresh without rotation. */
  readonly refreshToken?: string;
  readonly instanceUrl: string;
  /** The identity URL: names org and user. */
  readonly id: string;
  readonly issuedAt?: string;
  readonly signature?: string;
  readonly scope?: string;
}

export type BulkJobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted';

/** A job of Bulk API 2.0. */
export interface BulkJobInfo {
  /** Salesforce's job id. */
  readonly jobId: string;
  readonly kind: 'query' | 'ingest';
  readonly state: BulkJobState;
  readonly sObject: string;
  readonly operation: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly createdById: string;
  readonly recordsProcessed?: number;
  readonly recordsFailed?: number;
  /** May quote values. */
  readonly errorMessage?: string;
}

/** One row of a CSV by column name; an empty cell is `null`. */
export type CsvRow = Readonly<Record<string, string | null>>;

/** A cell to write: `null` clears the field, `undefined` leaves it as it is. */
export type CsvCell = string | number | ExactNumber | boolean | null | undefined;
export type CsvCells = Readonly<Record<string, CsvCell>>;
