import middy from '@middy/core';
import type { Log } from '../../shared/runtime/logging.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import {
  type ForwardLocalChangesPorts,
  forwardLocalChanges,
} from '../../shared/use-cases/local-changes/forward-local-changes.ts';
import { type KnownTables, streamEvent, toLocalChange } from './event.ts';

/** What the handler needs: the ports, and which stream is whose. */
export type LocalChangesPorts = ForwardLocalChangesPorts & Pick<KnownTables, 'tableNames'>;

/** A batch of a local table's stream: all of it becomes hints, or it comes again. */
export const makeHandler = ({ tableNames, ...ports }: LocalChangesPorts, log: Log) =>
  middy<unknown, void>()
    .use(failInvocations(log))
    .handler(async (event) => {
      const known = { tableNames, localTables: ports.config.localTables };
      const changes = streamEvent.parse(event).Records.map((record) => toLocalChange(record, known));
      const forwarded = await forwardLocalChanges(ports, changes);
      log.info('Local changes', { ...forwarded });
    });
