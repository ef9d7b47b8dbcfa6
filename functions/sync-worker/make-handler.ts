import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types';
import middy from '@middy/core';
import { hint as hintSchema } from '../../shared/contracts/hints.ts';
import { METRICS } from '../../shared/contracts/metrics.ts';
import { type Log, logError } from '../../shared/runtime/logging.ts';
import type { Counters } from '../../shared/runtime/metrics.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import type { RunCounts } from '../../shared/use-cases/ports/mapping-states.ts';
import {
  type HandleHintPorts,
  type HintOutcome,
  handleHint,
  lookOf,
  park,
} from '../../shared/use-cases/reconciliation/handle-hint.ts';
import { type HintRecord, hintQueueEvent } from './event.ts';

export interface WorkerPorts extends Omit<HandleHintPorts, 'remainingMs'> {
  /** Hides a received message for this long from now. */
  readonly hideFor: (receiptHandle: string, seconds: number) => Promise<void>;
}

/** A message is begun only with this much time left; a page of 200 keys takes a fraction of it. */
const MESSAGE_RESERVE_MS = 40_000;
/**
 * After so many receipts the work waits outside the queue, well before its message would count as dead: an org that is
 * away for an hour must not fill the dead letters, or hold up other connections' groups.
 */
const PARK_AFTER_RECEIVES = 5;
const PARKED_MS = 5 * 60_000;
/** Waits double with each return, up to this. */
const MAX_WAIT_MS = 15 * 60_000;

/** Messages of the hint queue, one after the other: what fails comes back, alone. */
export const makeHandler = (ports: WorkerPorts, log: Log, counters: Counters) =>
  middy<unknown, PartialItemFailureResponse>()
    .use(failInvocations(log))
    .handler(async (event, context) => {
      const remainingMs = () => context.getRemainingTimeInMillis();
      const handleRecord = async (record: HintRecord) => {
        const hint = hintSchema.parse(JSON.parse(record.body));
        const outcome: HintOutcome =
          remainingMs() < MESSAGE_RESERVE_MS
            ? { kind: 'again', afterMs: 0, reason: 'OUT_OF_TIME' }
            : await handleHint({ ...ports, remainingMs }, hint);
        log.info('Hint', {
          kind: hint.kind,
          mappingId: hint.mappingId,
          outcome: outcome.kind,
          ...about(outcome),
        });
        if (outcome.kind === 'done') countUp(counters, outcome.counts);
        if (outcome.kind === 'again') {
          if (receivesOf(record) >= PARK_AFTER_RECEIVES)
            return park(ports, lookOf(hint), ports.clock.nowMs() + PARKED_MS, outcome.reason);
          await ports.hideFor(record.receiptHandle, waitMs(outcome.afterMs, record) / 1000);
          throw new ComesBack();
        }
      };
      const handleOrLog = async (record: HintRecord) => {
        try {
          await handleRecord(record);
        } catch (error) {
          if (!(error instanceof ComesBack)) logError(log, 'A hint failed', error);
          throw error;
        }
      };
      const result = await processPartialResponse(
        hintQueueEvent.parse(event),
        handleOrLog,
        // Not the one for FIFO queues: hints need no order, and one that fails must not take its neighbours with it.
        new BatchProcessor(EventType.SQS),
        { processInParallel: false, throwOnFullBatchFailure: false },
      );
      counters.flush();
      return result;
    });

/** Tells the batch processor that the message is not done; it is no failure, and is not logged as one. */
class ComesBack extends Error {}

const receivesOf = ({ attributes }: HintRecord): number => Number(attributes.ApproximateReceiveCount);

const waitMs = (afterMs: number, record: HintRecord): number =>
  Math.min(MAX_WAIT_MS, afterMs * 2 ** (receivesOf(record) - 1));

const about = (outcome: HintOutcome): Record<string, unknown> =>
  outcome.kind === 'done' ? { ...outcome.counts } : { reason: outcome.reason };

function countUp(counters: Counters, counts: RunCounts): void {
  counters.count(METRICS.hintsHandled);
  counters.count(METRICS.recordsRead, counts.read);
  counters.count(METRICS.recordsUnchanged, counts.unchanged);
  counters.count(METRICS.localWrites, counts.createdLocally + counts.updatedLocally);
  counters.count(METRICS.salesforceWrites, counts.createdInSalesforce + counts.updatedInSalesforce);
  counters.count(METRICS.conflicts, counts.conflicts);
  counters.count(METRICS.rejections, counts.rejections);
  counters.count(METRICS.salesforceCalls, counts.calls);
}
