import type { IEventBus } from 'aws-cdk-lib/aws-events';
import { EventSourceMapping, RecursiveLoop } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../shared/contracts/environment.ts';
import { WORKER_TIMEOUT_SECONDS } from '../../shared/contracts/lifetimes.ts';
import type { ConnectionStore } from '../resources/connection-store.ts';
import { grantPublish } from '../resources/event-bus.ts';
import type { HintQueue } from '../resources/hint-queue.ts';
import type { LocalTables } from '../resources/local-tables.ts';
import { type FunctionDefaults, SyncFunction } from '../resources/sync-function.ts';
import type { SyncStateStore } from '../resources/sync-state-store.ts';

export interface ReconciliationProps {
  readonly defaults: FunctionDefaults;
  readonly connections: ConnectionStore;
  readonly syncState: SyncStateStore;
  readonly localTables: LocalTables;
  readonly hints: HintQueue;
  /** Told when a connection can no longer be used. */
  readonly events: IEventBus;
  /** Workers that run at once at most: a bound on what all orgs together are asked for. */
  readonly concurrency: number;
}

/** The worker that looks at what hints name and puts the two sides in step. */
export class Reconciliation extends Construct {
  readonly worker: SyncFunction;

  constructor(scope: Construct, id: string, props: ReconciliationProps) {
    super(scope, id);
    this.worker = this.createWorker(props);
    this.grantStores(props);
    this.consumeHints(props);
  }

  private createWorker({ defaults, concurrency }: ReconciliationProps): SyncFunction {
    const worker = new SyncFunction(this, 'Worker', {
      defaults,
      entry: 'sync-worker',
      description: 'Reconciles the records that hints name',
      memoryMb: 1024,
      timeoutSeconds: WORKER_TIMEOUT_SECONDS,
      // A sweep goes on by a hint to itself, page after page; the worker bounds that itself.
      recursiveLoop: RecursiveLoop.ALLOW,
    });
    worker.tell(ENVIRONMENT.orgSlots, String(slotsOf(concurrency)));
    worker.trustOrigins(defaults.trustedSalesforceOrigins);
    return worker;
  }

  private grantStores({ connections, syncState, localTables, hints, events }: ReconciliationProps): void {
    connections.grantUseTokens(this.worker);
    grantRecords(this.worker, { syncState, localTables });
    // A full sweep goes through all links of a mapping in order, and through the keys of its tenant.
    syncState.grant(this.worker, 'Query', 'ConditionCheckItem');
    // An undo lists what was changed.
    syncState.grantLists(this.worker);
    localTables.grantListKeys(this.worker);
    hints.grantSendHints(this.worker);
    grantPublish(events, this.worker);
  }

  private consumeHints({ hints, concurrency }: ReconciliationProps): void {
    hints.grantConsumeHints(this.worker);
    new EventSourceMapping(this, 'Hints', {
      target: this.worker,
      eventSourceArn: hints.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: concurrency,
    });
  }
}

/**
 * Workers that may call one org at once: a quarter of them, so that three orgs that do not answer leave some for the
 * others; at least two, so that an edit need not wait for a sweep.
 */
const slotsOf = (concurrency: number): number => Math.max(2, Math.floor(concurrency / 4));

/** Links with all that hangs on them, and local items: whoever reconciles needs the same of both. */
export const grantRecords = (
  target: SyncFunction,
  { syncState, localTables }: { readonly syncState: SyncStateStore; readonly localTables: LocalTables },
): void => {
  syncState.grant(
    target,
    'GetItem',
    'BatchGetItem',
    'Query',
    'PutItem',
    'UpdateItem',
    'DeleteItem',
    'BatchWriteItem',
  );
  localTables.grant(target, 'BatchGetItem', 'PutItem', 'UpdateItem', 'ConditionCheckItem');
  localTables.grantMatching(target);
  // Only where the config says that an item follows its record, or that changes can be taken back.
  localTables.grantDeletions(target);
};
