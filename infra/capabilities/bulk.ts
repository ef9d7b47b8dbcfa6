import { ArnFormat, Duration, Names, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { invokeOnSchedule, keepFailedInvocations } from '../resources/async-invocation.ts';
import type { ConnectionStore } from '../resources/connection-store.ts';
import { deadLetters } from '../resources/dead-letters.ts';
import { grantPublish } from '../resources/event-bus.ts';
import type { HintQueue } from '../resources/hint-queue.ts';
import type { LocalTables } from '../resources/local-tables.ts';
import { StagingBucket } from '../resources/staging-bucket.ts';
import { type FunctionDefaults, SyncFunction } from '../resources/sync-function.ts';
import type { SyncStateStore } from '../resources/sync-state-store.ts';
import { BulkLoadMachine } from './bulk/load-machine.ts';
import { BulkPushMachine } from './bulk/push-machine.ts';
import { grantRecords } from './reconciliation.ts';

/** Longer than any job runs; whoever asks after a job later reads the journal. */
const KEEP_STAGED_DAYS = 7;

export interface BulkProps {
  readonly defaults: FunctionDefaults;
  readonly dataKey: Key;
  readonly removalPolicy: RemovalPolicy;
  readonly connections: ConnectionStore;
  readonly syncState: SyncStateStore;
  readonly localTables: LocalTables;
  readonly hints: HintQueue;
  readonly events: IEventBus;
}

/** Large loads and pushes as Bulk API 2.0 jobs, each driven by one execution, and what tidies up after them. */
export class Bulk extends Construct {
  readonly load: StateMachine;
  readonly push: StateMachine;
  readonly staging: StagingBucket;
  readonly step: SyncFunction;
  readonly cleanup: SyncFunction;
  readonly cleanupDeadLetters: Queue;

  constructor(scope: Construct, id: string, props: BulkProps) {
    super(scope, id);
    this.staging = new StagingBucket(this, 'Staging', {
      key: props.dataKey,
      keepDays: KEEP_STAGED_DAYS,
      removalPolicy: props.removalPolicy,
    });
    this.step = this.createStep(props);
    const machine = { ...props.defaults, bulkStep: this.step };
    this.load = new BulkLoadMachine(this, 'Load', {
      ...machine,
      stateMachineName: this.nameOf('Load'),
    }).machine;
    this.push = new BulkPushMachine(this, 'Push', {
      ...machine,
      stateMachineName: this.nameOf('Push'),
    }).machine;
    this.cleanupDeadLetters = deadLetters(this, 'CleanupDeadLetters', {
      key: props.dataKey,
      removalPolicy: props.removalPolicy,
    });
    this.cleanup = this.createCleanup(props);
    this.callCleanup(props.dataKey);
  }

  /** Lets a function begin loads. */
  grantStartLoad(target: SyncFunction): void {
    this.grantStart(target, this.arnOf('Load'), ENVIRONMENT.loadStateMachineArn);
  }

  /** Lets a function begin pushes. */
  grantStartPush(target: SyncFunction): void {
    this.grantStart(target, this.arnOf('Push'), ENVIRONMENT.pushStateMachineArn);
  }

  private grantStart(target: SyncFunction, arn: string, environmentName: string): void {
    target.tell(environmentName, arn);
    target.addToRolePolicy(new PolicyStatement({ actions: ['states:StartExecution'], resources: [arn] }));
  }

  /** Unique by where this construct stands, as CloudFormation's own names are. */
  private nameOf(machine: 'Load' | 'Push'): string {
    return `${Names.uniqueResourceName(this, { maxLength: 70, separator: '-' })}-${machine}`;
  }

  /**
   * Put together from the name: the machine calls the function `bulk-step`, which may start executions of it, and
   * CloudFormation refuses two resources that refer to each other.
   */
  private arnOf(machine: 'Load' | 'Push'): string {
    return Stack.of(this).formatArn({
      service: 'states',
      resource: 'stateMachine',
      resourceName: this.nameOf(machine),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  private createStep(props: BulkProps): SyncFunction {
    const { defaults, connections, localTables, hints, events } = props;
    const step = new SyncFunction(this, 'Step', {
      defaults,
      entry: 'bulk-step',
      description: 'Does one step of a bulk load or push',
      memoryMb: 1024,
    });
    step.trustOrigins(defaults.trustedSalesforceOrigins);
    connections.grantUseTokens(step);
    grantRecords(step, props);
    props.syncState.grantLists(step);
    // A push begins by looking through the keys of a tenant.
    localTables.grantListKeys(step);
    hints.grantSendHints(step);
    // What a load finds changed locally, and what one ingest job cannot hold, goes on in a push.
    this.grantStartPush(step);
    grantPublish(events, step);
    this.staging.grantStaged(step, 'write-in-parts');
    return step;
  }

  private createCleanup({ defaults, connections, syncState, hints, events }: BulkProps): SyncFunction {
    const cleanup = new SyncFunction(this, 'Cleanup', {
      defaults,
      entry: 'bulk-cleanup',
      description: 'Aborts jobs in Salesforce whose execution is no more, and keeps idle tokens alive',
    });
    cleanup.trustOrigins(defaults.trustedSalesforceOrigins);
    connections.grantUseTokens(cleanup);
    // It also keeps idle tokens alive.
    connections.grantListAll(cleanup);
    // It gives back the links that the job holds, and sends hints for their keys, and counts its calls; it does not touch
    // local items.
    syncState.grant(cleanup, 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem');
    syncState.grantLists(cleanup);
    hints.grantSendHints(cleanup);
    this.staging.grantStaged(cleanup, 'read');
    grantPublish(events, cleanup);
    return cleanup;
  }

  /** At once when an execution ends badly, and every hour for whatever fell through. */
  private callCleanup(key: Key): void {
    const target = this.cleanup;
    const letters = this.cleanupDeadLetters;
    keepFailedInvocations({ target, deadLetters: letters, key, retryAttempts: 2 });
    new Rule(this, 'EndedBadly', {
      description: 'Executions of bulk loads and pushes that timed out, were aborted or failed',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          status: ['TIMED_OUT', 'ABORTED', 'FAILED'],
          stateMachineArn: [this.load.stateMachineArn, this.push.stateMachineArn],
        },
      },
      targets: [
        new LambdaFunction(target, {
          deadLetterQueue: letters,
          retryAttempts: 10,
          maxEventAge: Duration.hours(6),
        }),
      ],
    });
    invokeOnSchedule(this, 'EveryHour', {
      target,
      every: Duration.hours(1),
      deadLetters: letters,
      key,
      description: 'Looks for bulk jobs that nobody drives any more, and for idle tokens',
    });
  }
}
