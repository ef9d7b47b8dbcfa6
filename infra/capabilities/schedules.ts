import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { invokeOnSchedule, keepFailedInvocations } from '../resources/async-invocation.ts';
import type { ConnectionStore } from '../resources/connection-store.ts';
import { deadLetters } from '../resources/dead-letters.ts';
import type { HintQueue } from '../resources/hint-queue.ts';
import { type FunctionDefaults, SyncFunction } from '../resources/sync-function.ts';
import type { SyncStateStore } from '../resources/sync-state-store.ts';

export interface SchedulesProps {
  readonly defaults: FunctionDefaults;
  readonly dataKey: Key;
  readonly removalPolicy: RemovalPolicy;
  readonly connections: ConnectionStore;
  readonly syncState: SyncStateStore;
  readonly hints: HintQueue;
}

/** The clock of the product: every minute it sends hints for what is due and for what has waited long enough. */
export class Schedules extends Construct {
  readonly dispatch: SyncFunction;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const { defaults, dataKey: key, removalPolicy } = props;
    this.deadLetters = deadLetters(this, 'DeadLetters', { key, removalPolicy });
    this.dispatch = new SyncFunction(this, 'Dispatch', {
      defaults,
      entry: 'dispatch',
      description: 'Sends hints for mappings that are due and keys that have waited',
    });
    this.grantStores(props);
    const target = this.dispatch;
    keepFailedInvocations({ target, deadLetters: this.deadLetters, key, retryAttempts: 0 });
    invokeOnSchedule(this, 'EveryMinute', {
      target,
      every: Duration.minutes(1),
      deadLetters: this.deadLetters,
      key,
      description: 'Dispatches what is due',
    });
  }

  private grantStores({ connections, syncState, hints }: SchedulesProps): void {
    connections.grant(this.dispatch, 'GetItem');
    connections.grantListAll(this.dispatch);
    syncState.grantLists(this.dispatch);
    // Takes due runs, enrols new mappings, postpones the keys that it sent, tells of those that wait long, and drops what
    // is held of mappings that are gone.
    syncState.grant(
      this.dispatch,
      'GetItem',
      'BatchGetItem',
      'Query',
      'PutItem',
      'UpdateItem',
      'DeleteItem',
      'BatchWriteItem',
    );
    hints.grantSendHints(this.dispatch);
  }
}
