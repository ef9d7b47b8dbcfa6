import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { MAX_KEYS_PER_HINT } from '../../shared/contracts/hints.ts';
import type { ConnectionStore } from '../resources/connection-store.ts';
import type { EncryptedTable } from '../resources/encrypted-table.ts';
import type { HintQueue } from '../resources/hint-queue.ts';
import type { LocalTables } from '../resources/local-tables.ts';
import { PrivateBucket } from '../resources/private-bucket.ts';
import { type FunctionDefaults, SyncFunction } from '../resources/sync-function.ts';
import type { SyncStateStore } from '../resources/sync-state-store.ts';

/** As many keys as a hint names: a batch of one tenant's edits is one hint, and so two calls to Salesforce. */
const BATCH_RECORDS = MAX_KEYS_PER_HINT;
/**
 * Halving a batch of two hundred finds the one bad record in eight rounds; the rest ride out a hiccup. Unbounded
 * retries would hold up the shard for a day.
 */
const RETRIES = 12;
/** Leaves an operator the better part of the stream's 24 hours. */
const MAX_RECORD_AGE = Duration.hours(6);
/** How long discarded batches can be sent again. */
const KEEP_DISCARDED_DAYS = 30;

/** Under this prefix Lambda writes batches that it gave up. */
const LAMBDA_PREFIX = 'aws/lambda/';

export interface LocalChangesProps {
  readonly defaults: FunctionDefaults;
  readonly dataKey: Key;
  readonly removalPolicy: RemovalPolicy;
  readonly localTables: LocalTables;
  readonly connections: ConnectionStore;
  readonly syncState: SyncStateStore;
  readonly hints: HintQueue;
}

/** The streams of the local tables: each change becomes a hint, or a rejection where the item names no tenant. */
export class LocalChanges extends Construct {
  readonly reader: SyncFunction;
  /** By the table's name in the sync config. */
  readonly sources: ReadonlyMap<string, EventSourceMapping>;
  /** Batches that could not be read, whole: a queue would hold no payload. */
  readonly discarded: PrivateBucket;

  constructor(scope: Construct, id: string, props: LocalChangesProps) {
    super(scope, id);
    this.discarded = new PrivateBucket(this, 'Discarded', {
      key: props.dataKey,
      keepDays: KEEP_DISCARDED_DAYS,
      removalPolicy: props.removalPolicy,
    });
    this.reader = this.createReader(props);
    this.sources = new Map(
      [...props.localTables.tables].map(([name, table]) => [name, this.readStream(name, table)]),
    );
  }

  private createReader({
    defaults,
    localTables,
    connections,
    syncState,
    hints,
  }: LocalChangesProps): SyncFunction {
    const reader = new SyncFunction(this, 'Reader', {
      defaults,
      entry: 'local-changes',
      description: 'Turns changes of local items into hints',
    });
    // Whose connections a change concerns.
    connections.grant(reader, 'Query');
    // Items that name no tenant, or have a key that Salesforce cannot hold, are rejected. Once that is put
    // right, the rejections are looked for and taken back.
    syncState.grant(reader, 'BatchGetItem', 'BatchWriteItem');
    hints.grantSendHints(reader);
    localTables.grantStreams(reader);
    // Lambda itself writes, by the function's role, and looks whether the bucket is there.
    this.discarded.grantObjects(reader, ['s3:PutObject'], LAMBDA_PREFIX);
    this.discarded.grantList(reader);
    return reader;
  }

  private readStream(name: string, table: EncryptedTable): EventSourceMapping {
    return new EventSourceMapping(this, `${name}Stream`, {
      target: this.reader,
      eventSourceArn: table.streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: BATCH_RECORDS,
      parallelizationFactor: 2,
      bisectBatchOnError: true,
      retryAttempts: RETRIES,
      maxRecordAge: MAX_RECORD_AGE,
      onFailure: { bind: () => ({ destination: this.discarded.bucketArn }) },
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
  }
}
