import type { Construct } from 'constructs';
import type { BulkJobs } from '../capabilities/bulk.ts';
import type { LocalChanges } from '../capabilities/local-changes.ts';
import type { Schedules } from '../capabilities/schedules.ts';
import type { HintQueue } from '../resources/hint-queue.ts';
import type { SyncFunction } from '../resources/sync-function.ts';
import { ALARMS } from './alarm-catalogue.ts';
import { Alarms, type AlarmsProps } from './alarms.ts';

/** A construct of the whole product, as far as alarms watch it. */
export interface WatchedSync extends Construct {
  readonly hints: HintQueue;
  readonly localChanges: LocalChanges;
  readonly schedules: Schedules;
  readonly bulkJobs: BulkJobs;
  /** Every function: each has an alarm on its errors. */
  functions(): readonly SyncFunction[];
}

/** Every alarm of the product: on each place where work can end, wait too long or fall silent. */
export const watchSalesforceSync = (sync: WatchedSync, props: AlarmsProps): Alarms => {
  const alarms = new Alarms(sync, 'Alarms', props);
  alarms.deadLetters('HintDeadLetters', ALARMS.hintDeadLetters, sync.hints.deadLetters);
  alarms.hintAge('HintAge', sync.hints.queue);

  const { sources, reader, discarded } = sync.localChanges;
  for (const [table, source] of sources) alarms.discardedChanges(`Discarded-${table}`, source, discarded);
  alarms.streamLag('StreamLag', reader);

  alarms.deadLetters('DispatchDeadLetters', ALARMS.dispatchDeadLetters, sync.schedules.deadLetters);
  alarms.silence('DispatchSilent', ALARMS.dispatchSilent, sync.schedules.dispatch);

  const { load, push, cleanupDeadLetters } = sync.bulkJobs;
  alarms.deadLetters('CleanupDeadLetters', ALARMS.cleanupDeadLetters, cleanupDeadLetters);
  alarms.executions('BulkLoad', ALARMS.bulkLoadFailed, load);
  alarms.executions('BulkPush', ALARMS.bulkPushFailed, push);

  for (const target of sync.functions()) alarms.functionErrors(`Errors-${target.entry}`, target);
  return alarms;
};
