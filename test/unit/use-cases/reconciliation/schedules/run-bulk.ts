import type { BulkState, BulkStep } from '../../../../../shared/contracts/bulk-steps.ts';
import { nextOf } from '../../../../../shared/contracts/next.ts';
import type { BulkPorts } from '../../../../../shared/use-cases/bulk/ports.ts';
import { runBulkStep } from '../../../../../shared/use-cases/bulk/run-step.ts';
import type { ManualClock } from '../../../../in-memory/clock.ts';

/** Where the state machines go after each step, as `infra` defines them; every other way leads to `abort`. */
const WAYS: Readonly<Record<string, BulkStep | 'end'>> = {
  'submit-load:submitted': 'poll',
  'upload-push:submitted': 'poll',
  'poll:running': 'poll',
  'fetch-page:running': 'fetch-page',
  'reconcile-page:running': 'reconcile-page',
  'settle-push:running': 'settle-push',
  'fetch-page:page': 'reconcile-page',
  'reconcile-page:more': 'reconcile-page',
  'collect-push:more': 'collect-push',
  'collect-push:done': 'submit-push',
  'collect-push:nothing': 'end',
  'submit-push:submitted': 'upload-push',
  'settle-push:more': 'settle-push',
  'settle-push:done': 'finish-push',
  'finish-load:done': 'end',
  'finish-push:done': 'end',
  'abort:failed': 'end',
};

/** A step that fails is repeated so often, some seconds apart. */
const TRIES = 4;

/** What happens beside a job, before each of its steps. */
export type BesideStep = (step: BulkStep, state: BulkState) => void | Promise<void>;

/** Drives one execution to its end and returns its last state. */
export async function runBulk(
  ports: BulkPorts,
  clock: ManualClock,
  kind: 'load' | 'push',
  start: Pick<BulkState, 'bulkJobId' | 'mappingId'>,
  beside: BesideStep = () => undefined,
): Promise<BulkState> {
  let step: BulkStep | 'end' = kind === 'load' ? 'submit-load' : 'collect-push';
  let state: BulkState = start;
  for (let count = 0; count < 500; count += 1) {
    if (step === 'end') return state;
    await beside(step, state);
    const after = await tried(ports, clock, step, state);
    step = after === undefined ? 'abort' : nextStep(kind, step, after);
    state = structuredClone(after ?? { ...state, outcome: 'failed' });
    if (step === 'poll' || state.outcome === 'running') clock.advance((state.waitSeconds ?? 0) * 1000);
  }
  throw new Error('the execution does not end');
}

function nextStep(kind: 'load' | 'push', step: BulkStep, state: BulkState): BulkStep | 'end' {
  if (step === 'abort') return 'end';
  if (step === 'poll' && state.outcome === 'complete') return kind === 'load' ? 'fetch-page' : 'settle-push';
  if (step === 'reconcile-page' && state.outcome === 'done') {
    return state.locator === undefined ? 'finish-load' : 'fetch-page';
  }
  return WAYS[`${step}:${state.outcome}`] ?? 'abort';
}

async function tried(
  ports: BulkPorts,
  clock: ManualClock,
  step: BulkStep,
  state: BulkState,
): Promise<BulkState | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runBulkStep(ports, step, structuredClone(state));
    } catch (error) {
      if (nextOf(error).do === 'stop') throw error;
      if (attempt === TRIES) return undefined;
      clock.advance(5_000);
    }
  }
}
