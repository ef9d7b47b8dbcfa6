import { BULK_STEP_RETRIES, type BulkState, type BulkStep } from '../../../shared/contracts/bulk-steps.ts';
import type { BulkExecutions } from '../../../shared/use-cases/ports/bulk-jobs.ts';
import type { ManualClock } from '../../in-memory/clock.ts';

/** One execution of a state machine, between two steps or in one. */
export interface Execution {
  readonly kind: 'load' | 'push';
  readonly name: string;
  step: BulkStep;
  state: BulkState;
  readyAtMs: number;
  isRunning: boolean;
  attempts: number;
}

/** Step Functions: executions by name, each name once, and where each goes after a step. */
export class Executions implements BulkExecutions {
  readonly running: Execution[] = [];
  readonly #clock: ManualClock;
  /** Of all that were ever started, as `kind-id`. */
  readonly names = new Set<string>();
  /** Executions that ended otherwise than by their own steps. */
  readonly endedBadly: { readonly bulkJobId: string; readonly mappingId: string; readonly status: string }[] =
    [];

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  async startLoad(input: Parameters<BulkExecutions['startLoad']>[0]): Promise<void> {
    this.#start('load', input, 'submit-load');
  }

  async startPush(input: Parameters<BulkExecutions['startPush']>[0]): Promise<void> {
    this.#start('push', input, 'collect-push');
  }

  ready(): Execution[] {
    const now = this.#clock.nowMs();
    return this.running.filter(({ isRunning, readyAtMs }) => !isRunning && readyAtMs <= now);
  }

  /** The step came to an end. */
  proceed(execution: Execution, state: BulkState): void {
    execution.isRunning = false;
    execution.attempts = 0;
    execution.state = structuredClone(state);
    const next = execution.step === 'abort' ? 'end' : after(execution.kind, execution.step, state.outcome);
    if (next === 'end') {
      this.#remove(execution);
      return;
    }
    if (next === 'again') execution.step = state.locator === undefined ? 'finish-load' : 'fetch-page';
    else execution.step = next;
    const isWaiting = execution.step === 'poll' || state.outcome === 'running';
    const waitsMs = isWaiting ? (state.waitSeconds ?? 0) * 1000 : 0;
    execution.readyAtMs = this.#clock.nowMs() + waitsMs;
  }

  /** The step failed or died: it is repeated, and after many times the job is aborted. */
  fail(execution: Execution): void {
    execution.isRunning = false;
    const { intervalSeconds, backoffRate, maxAttempts } = BULK_STEP_RETRIES;
    execution.readyAtMs = this.#clock.nowMs() + intervalSeconds * 1000 * backoffRate ** execution.attempts;
    execution.attempts += 1;
    if (execution.attempts <= maxAttempts) return;
    if (execution.step === 'abort') {
      this.stop(execution, 'FAILED');
      return;
    }
    execution.attempts = 0;
    execution.step = 'abort';
  }

  /** Ends it from outside. */
  stop(execution: Execution, status: string): void {
    this.#remove(execution);
    const { bulkJobId, mappingId } = execution.state;
    this.endedBadly.push({ bulkJobId, mappingId, status });
  }

  #remove(execution: Execution): void {
    this.running.splice(this.running.indexOf(execution), 1);
  }

  #start(
    kind: Execution['kind'],
    { bulkJobId, mappingId }: { bulkJobId: string; mappingId: string },
    step: BulkStep,
  ): void {
    const name = `${kind}-${bulkJobId}`;
    if (this.names.has(name)) return;
    this.names.add(name);
    const state = { bulkJobId, mappingId };
    this.running.push({
      kind,
      name,
      step,
      state,
      readyAtMs: this.#clock.nowMs(),
      isRunning: false,
      attempts: 0,
    });
  }
}

/** Where a state machine goes after a step. `again`: to the next page, or the end of the load. */
function after(
  kind: Execution['kind'],
  step: BulkStep,
  outcome: BulkState['outcome'],
): BulkStep | 'again' | 'end' {
  switch (`${step}:${outcome}`) {
    case 'submit-load:submitted':
    case 'upload-push:submitted':
    case 'poll:running':
      return 'poll';
    case 'fetch-page:running':
    case 'reconcile-page:running':
    case 'settle-push:running':
      return step;
    case 'poll:complete':
      return kind === 'load' ? 'fetch-page' : 'settle-push';
    case 'fetch-page:page':
    case 'reconcile-page:more':
      return 'reconcile-page';
    case 'reconcile-page:done':
    case 'fetch-page:done':
      return 'again';
    case 'collect-push:more':
      return 'collect-push';
    case 'collect-push:done':
      return 'submit-push';
    case 'submit-push:submitted':
      return 'upload-push';
    case 'settle-push:more':
      return 'settle-push';
    case 'settle-push:done':
      return 'finish-push';
    case 'collect-push:nothing':
    case 'finish-load:done':
    case 'finish-push:done':
      return 'end';
    default:
      return 'abort';
  }
}
