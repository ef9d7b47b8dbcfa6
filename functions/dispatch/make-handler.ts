import middy from '@middy/core';
import type { Log } from '../../shared/runtime/logging.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import { type DispatchDuePorts, dispatchDue } from '../../shared/use-cases/schedules/dispatch-due.ts';

/** Enough to handle one more page; the next tick goes on a minute later anyway. */
const MARGIN_MS = 30_000;

/** Every minute, from the schedule; the event says nothing that matters. */
export const makeHandler = (ports: DispatchDuePorts, log: Log) =>
  middy<unknown, void>()
    .use(failInvocations(log))
    .handler(async (_event, context) => {
      const deadlineMs = ports.clock.nowMs() + context.getRemainingTimeInMillis() - MARGIN_MS;
      log.info('Dispatched', { ...(await dispatchDue(ports, deadlineMs)) });
    });
