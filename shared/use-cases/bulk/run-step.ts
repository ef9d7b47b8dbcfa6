import type { BulkState, BulkStep } from '../../contracts/bulk-steps.ts';
import { nextOf, SyncError } from '../../contracts/next.ts';
import { abort } from './abort.ts';
import { fetchPage } from './load/fetch-page.ts';
import { finishLoad } from './load/finish-load.ts';
import { reconcilePage } from './load/reconcile-page.ts';
import { submitLoad } from './load/submit-load.ts';
import { meterCalls } from './meter-calls.ts';
import { failed, proceed, stopped } from './outcomes.ts';
import { poll } from './poll.ts';
import type { BulkPorts } from './ports.ts';
import { collectPush } from './push/collect-push.ts';
import { finishPush } from './push/finish-push.ts';
import { settlePush } from './push/settle-push.ts';
import { submitPush } from './push/submit-push.ts';
import { uploadPush } from './push/upload-push.ts';

/** One step: gets the whole state and returns the whole of it. May run twice with the same input. */
type Step = (ports: BulkPorts, state: BulkState) => Promise<BulkState>;

const STEPS: Readonly<Record<BulkStep, Step>> = {
  'submit-load': submitLoad,
  poll,
  'fetch-page': fetchPage,
  'reconcile-page': reconcilePage,
  'finish-load': finishLoad,
  'collect-push': collectPush,
  'submit-push': submitPush,
  'upload-push': uploadPush,
  'settle-push': settlePush,
  'finish-push': finishPush,
  abort,
};

/** A poll may wait no longer than this, so that the job's deadline is looked at and the job is seen to be alive. */
const LONGEST_PAUSE_SECONDS = 15 * 60;
/** Each pause adds some eight events to the execution's history, which holds 25,000: an outage of a day takes a half. */
const SHORTEST_PAUSE_SECONDS = 60;

/** Those that stand before a Wait state of their own. What they work through is kept in Salesforce, for seven days. */
const PAUSING_STEPS: ReadonlySet<BulkStep> = new Set(['poll', 'fetch-page', 'reconcile-page', 'settle-push']);

/**
 * Runs one step of a bulk job. What cannot succeed by repeating becomes an outcome that a Choice state can read; what
 * passes with time is waited for where a Wait state stands before the step, and else thrown, for the state machine to
 * repeat it.
 *
 * @throws SyncError whose `next` is `retry`, `wait`, `refresh` or `reread`, and every unexpected error
 */
export async function runBulkStep(ports: BulkPorts, step: BulkStep, state: BulkState): Promise<BulkState> {
  const { connections, orgs, count } = meterCalls(ports);
  try {
    return await STEPS[step]({ ...ports, connections, orgs }, state);
  } catch (error) {
    return await outcomeOf(ports, step, state, error);
  } finally {
    await count();
  }
}

async function outcomeOf(
  ports: BulkPorts,
  step: BulkStep,
  state: BulkState,
  error: unknown,
): Promise<BulkState> {
  // An unexpected error is never taken for an outcome.
  if (!(error instanceof SyncError)) throw error;
  const next = nextOf(error);
  switch (next.do) {
    case 'reauthorize':
      return stopped(state, 'The connection must be authorised again.');
    case 'drop':
      return stopped(state, 'The connection was disconnected.');
    case 'recheck':
      // What follows the failed job finds the mapping invalid, and tells a person why.
      await ports.mappingStates.expireCheck(state.mappingId);
      return failed(state, `The step ${step} cannot succeed: ${causeOf(error)}.`);
    case 'stop':
    case 'restart':
      return failed(state, `The step ${step} cannot succeed: ${causeOf(error)}.`);
    case 'retry':
      return pause(step, state, error, next.afterMs);
    case 'wait':
      return pause(step, state, error, Date.parse(next.until) - ports.clock.nowMs());
    case 'refresh':
    case 'reread':
      throw error;
  }
}

/** The code, and where the error says it in words that hold no value, why: the action that IAM refused, for example. */
const causeOf = (error: SyncError): string =>
  'reason' in error && typeof error.reason === 'string' ? `${error.code} (${error.reason})` : error.code;

/**
 * Waits in the state machine, and then the step goes on where it was, for as long as an outage or an allowance that is
 * used up may last.
 */
function pause(step: BulkStep, state: BulkState, error: SyncError, pauseMs: number): BulkState {
  if (!PAUSING_STEPS.has(step)) throw error;
  const seconds = Math.max(Math.ceil(pauseMs / 1000), step === 'poll' ? 1 : SHORTEST_PAUSE_SECONDS);
  return proceed(state, 'running', { waitSeconds: Math.min(seconds, LONGEST_PAUSE_SECONDS) });
}
