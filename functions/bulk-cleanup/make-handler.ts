import middy from '@middy/core';
import type { Log } from '../../shared/runtime/logging.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import { type CleanUpPorts, cleanUpExecution, cleanUpJobs } from '../../shared/use-cases/bulk/clean-up.ts';
import { bulkCleanupEvent, bulkJobIdIn, mappingIdIn } from './event.ts';

/** An execution that ended badly, from EventBridge; or the hourly look at every job, from the schedule. */
export const makeHandler = (ports: Omit<CleanUpPorts, 'remainingMs'>, log: Log) =>
  middy<unknown, void>()
    .use(failInvocations(log))
    .handler(async (event, context) => {
      const now = { ...ports, remainingMs: () => context.getRemainingTimeInMillis() };
      const parsed = bulkCleanupEvent.parse(event);
      if (!('detail' in parsed)) {
        log.info('Cleaned up', { ...(await cleanUpJobs(now)) });
        return;
      }
      const { name, status, input } = parsed.detail;
      const bulkJobId = bulkJobIdIn(name);
      const mappingId = mappingIdIn(input);
      await cleanUpExecution(now, { bulkJobId, status, ...(mappingId !== undefined && { mappingId }) });
      log.info('Cleaned up after an execution', { bulkJobId, status });
    });
