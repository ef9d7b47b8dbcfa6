import middy from '@middy/core';
import { type Hint, hint as hintSchema, partsOf } from '../../shared/contracts/hints.ts';
import { TAKEN_VISIBILITY_SECONDS } from '../../shared/contracts/lifetimes.ts';
import { METRICS } from '../../shared/contracts/metrics.ts';
import { type Log, logError } from '../../shared/runtime/logging.ts';
import type { Counters } from '../../shared/runtime/metrics.ts';
import { failInvocations } from '../../shared/runtime/middleware/answer-failures.ts';
import { must } from '../../shared/sync/assert.ts';
import type { RunCounts } from '../../shared/use-cases/ports/mapping-states.ts';
import {
  type HandleHintsPorts,
  type HintAnswer,
  handleHints,
} from '../../shared/use-cases/reconciliation/handle-hints.ts';
import { type HintRecord, hintQueueEvent } from './event.ts';

export interface WorkerPorts extends Omit<HandleHintsPorts, 'remainingMs'> {
  /** Hides received messages, each for so long from now. */
  readonly hide: (
    messages: readonly { readonly receiptHandle: string; readonly seconds: number }[],
  ) => Promise<void>;
}

/** What Lambda deletes from the queue is everything but these. */
interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** A batch of the hint queue: what fails or is late comes back, alone. */
export const makeHandler = (ports: WorkerPorts, log: Log, counters: Counters) => {
  const hide = async (messages: Parameters<WorkerPorts['hide']>[0]) => {
    if (messages.length === 0) return;
    // Without it they come back all the same, only later.
    await ports.hide(messages).catch((error: unknown) => logError(log, 'Messages were not hidden', error));
  };
  return middy<unknown, BatchAnswer>()
    .use(failInvocations(log))
    .handler(async (event, context) => {
      const { Records } = hintQueueEvent.parse(event);
      // The queue hides them for longer, which after a worker's death would hold them up.
      await hide(Records.map(({ receiptHandle }) => ({ receiptHandle, seconds: TAKEN_VISIBILITY_SECONDS })));
      const remainingMs = () => context.getRemainingTimeInMillis();
      const received = Records.flatMap((record) => parsed(record, log));
      const answers = await handleHints({ ...ports, remainingMs }, received);
      const answered = received.map((one, index) => ({ ...one, answer: answers[index] as HintAnswer }));
      for (const { hint, answer } of answered) report(log, counters, hint, answer);
      counters.flush();
      await hide(
        answered.flatMap(({ record: { receiptHandle }, answer }) =>
          'afterMs' in answer ? [{ receiptHandle, seconds: answer.afterMs / 1000 }] : [],
        ),
      );
      const isDone = new Set(answered.flatMap(({ record, answer }) => ('afterMs' in answer ? [] : record)));
      return {
        batchItemFailures: Records.filter((record) => !isDone.has(record)).map(({ messageId }) => ({
          itemIdentifier: messageId,
        })),
      };
    });
};

/** The hint in a message. What is none comes back until it counts as dead. */
function parsed(record: HintRecord, log: Log) {
  try {
    const hint = hintSchema.parse(JSON.parse(record.body));
    return [{ record, hint, receives: Number(record.attributes.ApproximateReceiveCount) }];
  } catch (error) {
    logError(log, 'A message is no hint', error);
    return [];
  }
}

function report(log: Log, counters: Counters, hint: Hint, answer: HintAnswer): void {
  if (answer.kind === 'parts') {
    for (const part of answer.parts) report(log, counters, part.hint, part.answer);
    return;
  }
  if (answer.kind === 'failed') {
    logError(log, 'A hint failed', answer.error);
    return;
  }
  const about = answer.kind === 'done' ? answer.counts : { reason: answer.reason };
  const { kind, mappingId } = must(partsOf(hint)[0], 'a hint names a mapping');
  log.info('Hint', { kind, mappingId, outcome: answer.kind, ...about });
  if (answer.kind === 'done') countUp(counters, answer.counts);
}

function countUp(counters: Counters, counts: RunCounts): void {
  counters.count(METRICS.hintsHandled);
  counters.count(METRICS.recordsRead, counts.read);
  counters.count(METRICS.recordsUnchanged, counts.unchanged);
  counters.count(METRICS.localWrites, counts.createdLocally + counts.updatedLocally + counts.deletedLocally);
  counters.count(
    METRICS.salesforceWrites,
    counts.createdInSalesforce + counts.updatedInSalesforce + counts.deletedInSalesforce,
  );
  counters.count(METRICS.conflicts, counts.conflicts);
  counters.count(METRICS.rejections, counts.rejections);
  counters.count(METRICS.salesforceCalls, counts.calls);
}
