import { OperationRefused } from '../../../shared/use-cases/operations/errors.ts';
import { type ApplyPlanPorts, applyPlan, startPlan } from '../../../shared/use-cases/operations/plans.ts';
import { CONNECTIONS } from '../world/configs.ts';
import type { World } from '../world/world.ts';

/** What operators do about plans. */
export class Planning {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Asks for a plan of every mapping of a connection. */
  plan(connectionId: string): Promise<boolean> {
    return this.#eachMapping(connectionId, async (mappingId) => {
      await startPlan(this.ports(), { mappingId });
    });
  }

  /** Applies those that are whole, by their hashes. */
  apply(connectionId: string): Promise<boolean> {
    return this.#eachMapping(connectionId, async (mappingId) => {
      const { planId, hash } = this.#world.plans.plans.get(mappingId) ?? {};
      if (planId !== undefined && hash !== undefined)
        await applyPlan(this.ports(), { mappingId, planId, hash });
    });
  }

  async planAll(): Promise<void> {
    for (const { connectionId } of CONNECTIONS) await this.plan(connectionId);
  }

  async applyAll(): Promise<void> {
    for (const { connectionId } of CONNECTIONS) await this.apply(connectionId);
  }

  /** @returns false where some mapping did not take it */
  async #eachMapping(connectionId: string, ask: (mappingId: string) => Promise<void>): Promise<boolean> {
    let isTaken = true;
    for (const name of Object.keys(this.#world.config.mappings)) {
      try {
        await ask(`${connectionId}.${name}`);
      } catch (error) {
        if (!(error instanceof OperationRefused)) throw error;
        isTaken = false;
      }
    }
    return isTaken;
  }

  /** What an operation gets, without any function around it. */
  ports(): ApplyPlanPorts {
    const {
      config,
      connections,
      mappingStates,
      queue,
      journal,
      parkedKeys,
      clock,
      ids,
      plans,
      staging,
      linkLists,
      guardStates,
    } = this.#world;
    return {
      ...{ config, connections, mappingStates, journal, parkedKeys, clock, ids, plans, staging },
      ...{ linkLists, guardStates },
      hints: queue,
      bulkExecutions: { startPush: async () => undefined },
    };
  }
}
