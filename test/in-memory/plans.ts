import { toItem } from '../../shared/aws/attribute-values.ts';
import { planItems } from '../../shared/aws/reconciliation/plan-items.ts';
import { moved } from '../../shared/aws/reconciliation/plans.ts';
import { planKey, plannedKey } from '../../shared/aws/table-layout.ts';
import type { NamedPlan, Plan, PlanMove, Plans } from '../../shared/use-cases/ports/plans.ts';
import { refuseUnstorable, SYNC_STATE_KEYS } from './dynamodb-limits.ts';

/** Plans in memory. */
export class InMemoryPlans implements Plans {
  readonly plans = new Map<string, Plan>();
  /** By plan. */
  readonly keys = new Map<string, Set<string>>();

  async get(mappingId: string): Promise<Plan | undefined> {
    return structuredClone(this.plans.get(mappingId));
  }

  async begin(plan: Omit<Plan, 'version'>, over: Plan | undefined): Promise<Plan | undefined> {
    const stored = this.plans.get(plan.mappingId);
    if (over ? !isAt(stored, over) : stored) return undefined;
    return this.#put({ ...plan, version: 1 });
  }

  async move(from: Plan, move: PlanMove): Promise<Plan | undefined> {
    if (!isAt(this.plans.get(from.mappingId), from)) return undefined;
    return this.#put(moved(from, move));
  }

  async addKeys(plan: NamedPlan, _at: string, keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#keysOf(plan).add(storable(plan, key));
  }

  async keysIn(plan: NamedPlan, keys: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(keys.filter((key) => this.#keysOf(plan).has(storable(plan, key))));
  }

  #keysOf({ mappingId, planId }: NamedPlan): Set<string> {
    const id = JSON.stringify([mappingId, planId]);
    const keys = this.keys.get(id) ?? new Set<string>();
    this.keys.set(id, keys);
    return keys;
  }

  #put(plan: Plan): Plan {
    const item = { ...planItems.toItem(plan), ...toItem(planKey(plan.mappingId)) };
    refuseUnstorable('moving a plan', item, SYNC_STATE_KEYS);
    this.plans.set(plan.mappingId, structuredClone(plan));
    return structuredClone(plan);
  }
}

const isAt = (stored: Plan | undefined, read: Plan): boolean =>
  stored?.planId === read.planId && stored.version === read.version;

/** The sort key under which it is remembered. */
const storable = ({ mappingId, planId }: NamedPlan, key: string): string => {
  const stateKey = plannedKey(mappingId, planId, key);
  refuseUnstorable('remembering planned keys', toItem(stateKey), SYNC_STATE_KEYS);
  return stateKey.sk;
};
