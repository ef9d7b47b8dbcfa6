import type { GuardState } from '../../shared/sync/guard/guard.ts';
import type { Guarded, GuardStates } from '../../shared/use-cases/ports/guard-states.ts';

const idOf = ({ mappingId, what }: Guarded): string => `${mappingId}#${what}`;

/** Guards in memory. */
export class InMemoryGuardStates implements GuardStates {
  readonly states = new Map<string, GuardState>();

  async get(guarded: Guarded): Promise<GuardState | undefined> {
    const found = this.states.get(idOf(guarded));
    return found && structuredClone(found);
  }

  async ofMapping(mappingId: string) {
    return [...this.states].flatMap(([id, state]) =>
      id.startsWith(`${mappingId}#`)
        ? [{ what: id.slice(mappingId.length + 1) as Guarded['what'], state: structuredClone(state) }]
        : [],
    );
  }

  async put(guarded: Guarded, state: GuardState, expectedVersion: number): Promise<boolean> {
    if ((this.states.get(idOf(guarded))?.version ?? 0) !== expectedVersion) return false;
    this.states.set(idOf(guarded), structuredClone(state));
    return true;
  }
}
