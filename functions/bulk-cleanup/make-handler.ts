import middy from '@middy/core';
import type { Log } from '../../shared/runtime/logging.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import { cleanUpExecution, cleanUpJobs } from '../../shared/use-cases/bulk/clean-up.ts';
import { keepTokens } from '../../shared/use-cases/connections/keep-tokens.ts';
import type { CleanupPorts } from './composition.ts';
import { bulkCleanupEvent, bulkJobIdIn, mappingIdIn } from './event.ts';

/** An execution that ended badly, from EventBridge; or, from the schedule, the hourly look at every job and token. */
export const makeHandler = ({ jobs, tokens }: CleanupPorts, log: Log) =>
  middy<unknown, void>()
    .use(failInvocations(log))
    .handler(async (event, context) => {
      const remainingMs = () => context.getRemainingTimeInMillis();
      const parsed = bulkCleanupEvent.parse(event);
      if (!('detail' in parsed)) {
        log.info('Cleaned up', { ...(await cleanUpJobs({ ...jobs, remainingMs })) });
        log.info('Kept tokens alive', { ...(await keepTokens({ ...tokens, remainingMs })) });
        return;
      }
      const { name, status, input } = parsed.detail;
      const bulkJobId = bulkJobIdIn(name);
      const mappingId = mappingIdIn(input);
      const ended = { bulkJobId, status, ...(mappingId !== undefined && { mappingId }) };
      await cleanUpExecution({ ...jobs, remainingMs }, ended);
      log.info('Cleaned up after an execution', { bulkJobId, status });
    });
