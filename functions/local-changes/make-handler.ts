import middy from '@middy/core';
import type { Log } from '../../shared/runtime/logging.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import {
  type ForwardLocalChangesPorts,
  forwardLocalChanges,
} from '../../shared/use-cases/local-changes/forward-local-changes.ts';
import { readBatch, streamEvent } from './event.ts';
import { checkTableKeys } from './table-keys.ts';

/** A physical table's name to the one in the sync config. */
export type TableNames = ReadonlyMap<string, string>;

/** A batch of a local table's stream: all of it that can be read becomes hints, or it comes again. */
export const makeHandler = (
  { tableNames, ...ports }: ForwardLocalChangesPorts & { readonly tableNames: TableNames },
  log: Log,
) =>
  middy<unknown, void>()
    .use(failInvocations(log))
    .handler(async (event) => {
      checkTableKeys(event, tableNames, ports.config.localTables);
      const { changes, unreadable } = readBatch(streamEvent.parse(event).Records, tableNames);
      for (const record of unreadable) log.error('A stream record was passed over', { ...record });
      const forwarded = await forwardLocalChanges(ports, changes);
      log.info('Local changes', { ...forwarded, unreadable: unreadable.length });
    });
