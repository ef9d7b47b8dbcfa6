import middy from '@middy/core';
import type { Log } from '../../shared/runtime/logging.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import {
  type ForwardLocalChangesPorts,
  forwardLocalChanges,
} from '../../shared/use-cases/local-changes/forward-local-changes.ts';
import { streamEvent, toLocalChange } from './event.ts';
import { checkTableKeys } from './table-keys.ts';

/** A physical table's name to the one in the sync config. */
export type TableNames = ReadonlyMap<string, string>;

/** A batch of a local table's stream: all of it becomes hints, or it comes again. */
export const makeHandler = (
  { tableNames, ...ports }: ForwardLocalChangesPorts & { readonly tableNames: TableNames },
  log: Log,
) =>
  middy<unknown, void>()
    .use(failInvocations(log))
    .handler(async (event) => {
      checkTableKeys(event, tableNames, ports.config.localTables);
      const changes = streamEvent.parse(event).Records.map((record) => toLocalChange(record, tableNames));
      const forwarded = await forwardLocalChanges(ports, changes);
      log.info('Local changes', { ...forwarded });
    });
