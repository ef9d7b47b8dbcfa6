import type { Code } from '../../contracts/codes.ts';
import { SyncError } from '../../contracts/next.ts';
import { isoOf } from '../../contracts/time.ts';
import {
  type Admission,
  type Allowance,
  admit,
  admitLone,
  stoppedAfter,
} from '../../sync/allowance/admit.ts';
import { forecast } from '../../sync/allowance/forecast.ts';
import { countCalls, HOUR_MS } from '../../sync/allowance/ledger.ts';
import type { AllowancePolicy } from '../../sync/allowance/policy.ts';
import { afterAnswer, afterRefusal, type Refused } from '../../sync/allowance/refused.ts';
import { observe, type SeenUsage } from '../../sync/allowance/usage.ts';
import type { WorkClass } from '../../sync/allowance/work-class.ts';
import type { KnownAllowance, Spent } from '../ports/org-slots.ts';
import type { SalesforceOrg } from '../ports/salesforce-org.ts';

/** No call was made, so that the org's allowance is not used up. The work comes back at this time (ISO 8601). */
class BudgetSpent extends SyncError {
  constructor(code: Extract<Code, 'BUDGET_SPENT' | 'ORG_ALLOWANCE_LOW'>, until: string) {
    super('BudgetSpent', code, `Salesforce was not called (${code})`, { do: 'wait', until });
  }
}

/** Hints that come alone count as hints, and wait sooner. */
export type TurnWork = WorkClass | 'lone-hints';

/** What was seen of an org's allowance is old news then, for work that makes many calls. */
const STALE_MS = HOUR_MS;
/** What makes many calls, and can wait. */
const SLOW: readonly TurnWork[] = ['loads', 'full-sweeps'];

/** What one turn may still call, and what it has called. */
export class TurnBudget {
  #allowance: Allowance;
  readonly #calls: Partial<Record<WorkClass, number>> = {};
  #hasAsked = false;
  /** Of before this turn. */
  readonly #refused: Refused | undefined;

  constructor(policy: AllowancePolicy, known: KnownAllowance) {
    this.#allowance = { ...policy, ...known };
    this.#refused = known.refused;
  }

  /** @throws BudgetSpent where work of this class has to wait */
  check(work: TurnWork, nowMs: number): void {
    const admission = work === 'lone-hints' ? admitLone(this.#allowance, nowMs) : this.admission(work, nowMs);
    if (admission.kind === 'go') return;
    const code = admission.why === 'org' ? 'ORG_ALLOWANCE_LOW' : 'BUDGET_SPENT';
    throw new BudgetSpent(code, isoOf(admission.untilMs));
  }

  /** Whether work of this class may make one more call. */
  admission(work: WorkClass, nowMs: number): Admission {
    return admit(this.#allowance, work, 1, nowMs);
  }

  /**
   * Whether to ask the org how much of its allowance is left before work of this class calls: others may have used it up
   * while nobody of ours called. Says so once. Where nothing is known, the first call tells as much.
   */
  isToAsk(work: TurnWork, nowMs: number): boolean {
    const { usage } = this.#allowance;
    const isStale = usage !== undefined && nowMs - usage.atMs > STALE_MS;
    if (this.#hasAsked || !isStale || !SLOW.includes(work)) return false;
    this.#hasAsked = true;
    return true;
  }

  /** @param told - what the org last said of its allowance, be it before these calls */
  count(asked: TurnWork, calls: number, told: ReturnType<SalesforceOrg['usage']>, nowMs: number): void {
    const work = asked === 'lone-hints' ? 'hints' : asked;
    this.#allowance = {
      ...this.#allowance,
      ledger: countCalls(this.#allowance.ledger, work, calls, nowMs),
    };
    const { used, max, atMs } = told;
    if (used !== undefined && max !== undefined && atMs !== undefined) this.see({ used, max, atMs });
    this.#calls[work] = (this.#calls[work] ?? 0) + calls;
  }

  /** The org refused a call as above its allowance. */
  refuse(nowMs: number): void {
    this.#allowance = { ...this.#allowance, refused: afterRefusal(this.#allowance.refused, nowMs) };
  }

  /** The org answered a call. */
  answer(nowMs: number): void {
    this.#allowance = { ...this.#allowance, refused: afterAnswer(this.#allowance.refused, nowMs) };
  }

  /** What the org said; of several answers the highest count holds. */
  see(seen: SeenUsage): void {
    const { usage, ledger } = this.#allowance;
    this.#allowance = { ...this.#allowance, usage: observe(usage, seen, ledger) };
  }

  /** How many times longer than asked sweeps have to wait, as far as this turn knows. */
  stretch(nowMs: number): number {
    return forecast(this.#allowance, nowMs).stretch;
  }

  spent(nowMs: number): Spent {
    const stopped = stoppedAfter(this.#allowance, nowMs);
    const { usage, refused } = this.#allowance;
    const isNews = refused !== this.#refused;
    return { at: isoOf(nowMs), calls: this.#calls, usage, ...(isNews && { refused }), stopped };
  }
}
