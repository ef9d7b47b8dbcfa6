import type { Code } from '../../contracts/codes.ts';
import { SyncError } from '../../contracts/next.ts';
import { isoOf } from '../../contracts/time.ts';
import { type Allowance, admit, stoppedAfter } from '../../sync/allowance/admit.ts';
import { forecast } from '../../sync/allowance/forecast.ts';
import { countCalls } from '../../sync/allowance/ledger.ts';
import type { AllowancePolicy } from '../../sync/allowance/policy.ts';
import { observe } from '../../sync/allowance/usage.ts';
import type { WorkClass } from '../../sync/allowance/work-class.ts';
import type { KnownAllowance, Spent } from '../ports/org-slots.ts';
import type { SalesforceOrg } from '../ports/salesforce-org.ts';

/** No call was made, so that the org's allowance is not used up. The work comes back at this time (ISO 8601). */
class BudgetSpent extends SyncError {
  constructor(code: Extract<Code, 'BUDGET_SPENT' | 'ORG_ALLOWANCE_LOW'>, until: string) {
    super('BudgetSpent', code, `Salesforce was not called (${code})`, { do: 'wait', until });
  }
}

/** What one turn may still call, and what it has called. */
export class TurnBudget {
  #allowance: Allowance;
  readonly #calls: Partial<Record<WorkClass, number>> = {};

  constructor(policy: AllowancePolicy, known: KnownAllowance) {
    this.#allowance = { ...policy, ...known };
  }

  /** @throws BudgetSpent where work of this class has to wait */
  check(work: WorkClass, nowMs: number): void {
    const admission = admit(this.#allowance, work, 1, nowMs);
    if (admission.kind === 'go') return;
    const code = admission.why === 'org' ? 'ORG_ALLOWANCE_LOW' : 'BUDGET_SPENT';
    throw new BudgetSpent(code, isoOf(admission.untilMs));
  }

  /** @param seen - what the org said of its allowance with the last of these calls */
  count(work: WorkClass, calls: number, seen: ReturnType<SalesforceOrg['usage']>, nowMs: number): void {
    const ledger = countCalls(this.#allowance.ledger, work, calls, nowMs);
    const { used, max } = seen;
    const usage =
      used === undefined || max === undefined
        ? this.#allowance.usage
        : observe(this.#allowance.usage, { used, max, atMs: nowMs }, ledger);
    this.#allowance = { ...this.#allowance, ledger, usage };
    this.#calls[work] = (this.#calls[work] ?? 0) + calls;
  }

  /** How many times longer than asked sweeps have to wait, as far as this turn knows. */
  stretch(nowMs: number): number {
    return forecast(this.#allowance, nowMs).stretch;
  }

  spent(nowMs: number): Spent {
    const stopped = stoppedAfter(this.#allowance, nowMs);
    return { at: isoOf(nowMs), calls: this.#calls, usage: this.#allowance.usage, stopped };
  }
}
