import middy from '@middy/core';
import { type BulkState, bulkStepEvent } from '../../shared/contracts/bulk-steps.ts';
import type { Log } from '../../shared/runtime/logging.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import type { BulkPorts } from '../../shared/use-cases/bulk/ports.ts';
import { runBulkStep } from '../../shared/use-cases/bulk/run-step.ts';

/** One step of a bulk job: the whole state comes in, and goes out changed. */
export const makeHandler = (ports: Omit<BulkPorts, 'remainingMs'>, log: Log) =>
  middy<unknown, BulkState>()
    .use(failInvocations(log))
    .handler(async (event, context) => {
      const { step, state } = bulkStepEvent.parse(event);
      const remainingMs = () => context.getRemainingTimeInMillis();
      const next = await runBulkStep({ ...ports, remainingMs }, step, state);
      const { bulkJobId, mappingId, outcome, reason, jobId, pages, records, failed } = next;
      log.info('Bulk step', { step, bulkJobId, mappingId, outcome, reason, jobId, pages, records, failed });
      return next;
    });
