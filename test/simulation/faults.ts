import type { SyncStore } from '../../shared/use-cases/ports/sync-store.ts';

/** The worker's process is gone in the middle of its work; nothing of its own runs after that. */
export class Killed extends Error {}

/** A store under a worker that is killed right before or right after its nth call, whichever the number's sign says. */
export function dyingStore(store: SyncStore, nth: number): SyncStore {
  let calls = 0;
  const around = async <T>(call: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls > Math.abs(nth)) throw new Killed();
    if (calls === -nth) throw new Killed();
    const result = await call();
    if (calls === nth) throw new Killed();
    return result;
  };
  return {
    links: (...args) => around(() => store.links(...args)),
    localKeysOf: (...args) => around(() => store.localKeysOf(...args)),
    look: (...args) => around(() => store.look(...args)),
    lookByIds: (...args) => around(() => store.lookByIds(...args)),
    items: (...args) => around(() => store.items(...args)),
    localKeysPage: (...args) => around(() => store.localKeysPage(...args)),
    commit: (...args) => around(() => store.commit(...args)),
  };
}
