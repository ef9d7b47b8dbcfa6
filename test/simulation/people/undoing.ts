import { must } from '../../../shared/sync/assert.ts';
import { OperationRefused } from '../../../shared/use-cases/operations/errors.ts';
import { applyPlan } from '../../../shared/use-cases/operations/plans.ts';
import { startUndo, type UndoAsked } from '../../../shared/use-cases/operations/undos.ts';
import type { Plan } from '../../../shared/use-cases/ports/plans.ts';
import type { World } from '../world/world.ts';
import type { Happening } from './happenings.ts';
import type { Planning } from './planning.ts';

type OfUndo = Extract<Happening, { what: 'undo' | 'undo-window' | 'undo-key' | 'undo-last' | 'apply-undo' }>;
type Scope = Omit<UndoAsked, 'mappingId' | 'withValues'>;

/** What operators do about undos of contacts, and the ledger's note of what they asked for. */
export class Undoing {
  readonly #world: World;
  readonly #planning: Planning;

  constructor(world: World, planning: Planning) {
    this.#world = world;
    this.#planning = planning;
  }

  /** @returns false where it could not happen just then */
  happen(event: OfUndo): Promise<boolean> {
    const mappingId = `${event.org}.contact`;
    if (event.what === 'apply-undo') return this.apply(mappingId);
    const scope = 'ms' in event ? this.#scopeOf(event, mappingId) : this.#ofLast(mappingId);
    return scope ? this.ask(mappingId, scope) : Promise.resolve(false);
  }

  /** Asks for it, and notes the scope as it is meant. */
  async ask(mappingId: string, scope: Scope): Promise<boolean> {
    const { clock, journal, ledger, plans, syncStore } = this.#world;
    const asked = { mappingId, ...scope };
    const { applying } = plans.plans.get(mappingId) ?? {};
    const nowMs = clock.nowMs();
    return ifTaken(async () => {
      const ports = { ...this.#planning.ports(), journal, syncStore };
      const { planId, isUnderWay } = await startUndo(ports, asked);
      if (isUnderWay) return;
      ledger.undos.set(planId, {
        mappingId,
        fromMs: Date.parse(scope.from ?? must(applying, 'a plan that was applied').startedAt),
        toMs: scope.to === undefined ? nowMs : Date.parse(scope.to),
        ...(scope.runId !== undefined && { runId: scope.runId }),
        ...(scope.key !== undefined && { key: scope.key }),
      });
    });
  }

  /** Applies an undo that is whole, by its hash, as many deletions as it may have. */
  async apply(mappingId: string): Promise<boolean> {
    const { undo, planId = '', hash } = this.#world.plans.plans.get(mappingId) ?? {};
    if (!undo || hash === undefined) return false;
    return ifTaken(async () => {
      await applyPlan(this.#planning.ports(), { mappingId, planId, hash, allowMass: true });
    });
  }

  /** The undo of a mapping that was applied last. */
  lastOf(mappingId: string): Plan | undefined {
    const plan = this.#world.plans.plans.get(mappingId);
    return plan?.undo && plan.phase === 'applied' ? plan : undefined;
  }

  #ofLast(mappingId: string): Scope | undefined {
    const last = this.lastOf(mappingId);
    return last && { runId: last.planId };
  }

  #scopeOf({ what, n, ms }: Extract<OfUndo, { readonly ms: number }>, mappingId: string): Scope | undefined {
    const nowMs = this.#world.clock.nowMs();
    const ago = (timesMs: number): string => new Date(nowMs - timesMs).toISOString();
    if (what === 'undo') return { from: ago(ms) };
    if (what === 'undo-window') return { from: ago(2 * ms), to: ago(ms) };
    const links = [...this.#world.syncStore.storedLinks.values()];
    const keys = links.filter((link) => link.mappingId === mappingId).map(({ localKey }) => localKey);
    const key = keys[n % Math.max(1, keys.length)];
    return key === undefined ? undefined : { from: ago(ms), key };
  }
}

async function ifTaken(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof OperationRefused) return false;
    throw error;
  }
}
