import { resolve } from 'node:path';
import { RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { tablesDeletedFrom } from '../shared/contracts/delete-policies.ts';
import type { SyncConfigInput } from '../shared/contracts/sync-config.ts';
import { Bulk } from './capabilities/bulk.ts';
import { Connections } from './capabilities/connections.ts';
import { LocalChanges } from './capabilities/local-changes.ts';
import { Operations } from './capabilities/operations.ts';
import { OutboundMessages } from './capabilities/outbound-messages.ts';
import { Reconciliation } from './capabilities/reconciliation.ts';
import { Schedules } from './capabilities/schedules.ts';
import { watchSalesforceSync } from './monitoring/watch.ts';
import { ConnectionStore } from './resources/connection-store.ts';
import { allowLogs, allowRules, customerKey } from './resources/customer-key.ts';
import { HintQueue } from './resources/hint-queue.ts';
import { PublicApi } from './resources/http-api.ts';
import { LocalTables } from './resources/local-tables.ts';
import type { FunctionDefaults, SyncFunction } from './resources/sync-function.ts';
import { SyncStateStore } from './resources/sync-state-store.ts';
import { checkPlaces, parseSyncConfig } from './sync-config/check-sync-config.ts';

export interface SalesforceSyncProps {
  /** What to keep in step; checked here, and refused with every problem at once. */
  readonly config: SyncConfigInput;
  /**
   * Further origins that count as Salesforce's, such as a simulated org's; HTTPS, or on this machine.
   * @default only Salesforce's own hosts are trusted with tokens
   */
  readonly trustedSalesforceOrigins?: readonly string[] | undefined;
  /**
   * Whether the token key opens tokens only with the encryption context that they were sealed with. To be left
   * on, except where KMS is emulated without those conditions.
   * @default true
   */
  readonly restrictTokenKeyToContext?: boolean | undefined;
  /**
   * What becomes of tables, keys, buckets, queues and logs when they leave the stack.
   * @default they stay, and tables refuse deletion
   */
  readonly removalPolicy?: RemovalPolicy | undefined;
  /**
   * Where our events go: a connection was established, or needs to be authorised again.
   * @default the account's default bus
   */
  readonly eventBus?: IEventBus | undefined;
  /**
   * Told of alarms.
   * @default alarms only show in CloudWatch
   */
  readonly alarmTopic?: ITopic | undefined;
  /**
   * Where the runbook is read, for the links in alarms.
   * @default its path in the project
   */
  readonly runbookUrl?: string | undefined;
  /**
   * Workers that run at once at most, at least 2.
   * @default 20
   */
  readonly workerConcurrency?: number | undefined;
  /**
   * How long logs are kept.
   * @default three months
   */
  readonly logRetention?: RetentionDays | undefined;
  /**
   * Where people and Salesforce reach the HTTP API, without a trailing slash; for a domain of one's own.
   * @default the API's own endpoint
   */
  readonly publicUrl?: ((api: HttpApi) => string) | undefined;
  /**
   * The project's root, which holds `functions`.
   * @default the working directory
   */
  readonly sourceRoot?: string | undefined;
}

/** Keeps DynamoDB tables and Salesforce orgs in step: everything that it takes, to be put into any stack. */
export class SalesforceSync extends Construct {
  /** Encrypts everything but tokens. */
  readonly dataKey: Key;
  readonly publicUrl: string;
  readonly api: HttpApi;
  readonly connectionStore: ConnectionStore;
  readonly syncState: SyncStateStore;
  readonly localTables: LocalTables;
  readonly hints: HintQueue;
  readonly connections: Connections;
  readonly outboundMessages: OutboundMessages;
  readonly localChanges: LocalChanges;
  readonly reconciliation: Reconciliation;
  readonly bulk: Bulk;
  readonly schedules: Schedules;
  readonly operations: Operations;

  constructor(scope: Construct, id: string, props: SalesforceSyncProps) {
    super(scope, id);
    const config = parseSyncConfig(props.config);
    const { account, region } = Stack.of(this);
    checkPlaces(config, { account: knownNow(account), region: knownNow(region) });
    for (const origin of props.trustedSalesforceOrigins ?? []) checkTrustedOrigin(origin);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.dataKey = customerKey(this, 'DataKey', {
      description: 'Encrypts the sync state, local tables, hints, staged data and logs',
      removalPolicy,
    });
    allowLogs(this.dataKey);
    allowRules(this.dataKey);
    const dataKey = this.dataKey;
    const defaults: FunctionDefaults = {
      sourceRoot: resolve(props.sourceRoot ?? '.'),
      config,
      logKey: dataKey,
      logRetention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy,
      trustedSalesforceOrigins: props.trustedSalesforceOrigins ?? [],
    };

    this.connectionStore = new ConnectionStore(this, 'ConnectionStore', {
      removalPolicy,
      restrictTokenKeyToContext: props.restrictTokenKeyToContext ?? true,
    });
    this.syncState = new SyncStateStore(this, 'SyncState', { key: dataKey, removalPolicy });
    this.localTables = new LocalTables(this, 'LocalTables', {
      tables: config.localTables,
      deletedFrom: tablesDeletedFrom(config),
      key: dataKey,
      removalPolicy,
    });
    this.hints = new HintQueue(this, 'Hints', { key: dataKey, removalPolicy });
    const publicApi = new PublicApi(this, 'PublicApi', defaults);
    this.api = publicApi.api;
    this.publicUrl = props.publicUrl?.(this.api) ?? this.api.apiEndpoint;

    const events = props.eventBus ?? EventBus.fromEventBusName(this, 'DefaultBus', 'default');
    const shared = {
      defaults,
      dataKey,
      removalPolicy,
      events,
      api: publicApi,
      publicUrl: this.publicUrl,
      connections: this.connectionStore,
      syncState: this.syncState,
      localTables: this.localTables,
      hints: this.hints,
    };
    const concurrency = props.workerConcurrency ?? 20;
    this.connections = new Connections(this, 'Connections', shared);
    this.outboundMessages = new OutboundMessages(this, 'OutboundMessages', shared);
    this.localChanges = new LocalChanges(this, 'LocalChanges', shared);
    this.reconciliation = new Reconciliation(this, 'Reconciliation', { ...shared, concurrency });
    // The id stays what it was first: another one would replace the bucket, the functions and the machines.
    this.bulk = new Bulk(this, 'BulkJobs', shared);
    this.bulk.grantStartLoad(this.reconciliation.worker);
    this.bulk.grantStartPush(this.reconciliation.worker);
    this.bulk.staging.grantStaged(this.reconciliation.worker, 'write', 'plans');
    this.bulk.staging.grantStaged(this.reconciliation.worker, 'write-in-parts', 'proofs');
    this.schedules = new Schedules(this, 'Schedules', shared);
    this.operations = new Operations(this, 'Operations', { ...shared, bulk: this.bulk });
    watchSalesforceSync(this, { topic: props.alarmTopic, runbookUrl: props.runbookUrl });
  }

  /** Every function, by the folder that it comes from. */
  functions(): readonly SyncFunction[] {
    return [
      this.connections.authorize,
      this.connections.callback,
      this.outboundMessages.receiver,
      this.localChanges.reader,
      this.reconciliation.worker,
      this.bulk.step,
      this.bulk.cleanup,
      this.schedules.dispatch,
      this.operations.operations,
    ];
  }
}

/** Undefined for what CloudFormation alone knows. */
const knownNow = (text: string): string | undefined => (Token.isUnresolved(text) ? undefined : text);

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Tokens and the client secret go there, so nobody on the way may read them. */
const checkTrustedOrigin = (origin: string): void => {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url?.protocol === 'https:') return;
  if (url?.protocol === 'http:' && LOOPBACK.test(url.hostname)) return;
  throw new Error(
    `trustedSalesforceOrigins: "${origin}" would be sent tokens in the clear; give an https origin, or one on this machine.`,
  );
};
