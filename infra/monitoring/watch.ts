import type { SalesforceSync } from '../salesforce-sync.ts';
import { ALARMS } from './alarm-catalogue.ts';
import { Alarms, type AlarmsProps } from './alarms.ts';

/** Every alarm of the product: on each place where work can end, wait too long or fall silent. */
export const watchSalesforceSync = (sync: SalesforceSync, props: AlarmsProps): Alarms => {
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
