import type { Commit } from '../../../../shared/use-cases/ports/sync-store.ts';
import type { World } from './world.ts';

/** Kills the function at these effects, counted over the whole run: before one, in its middle or after it. */
export function killAt(world: World, kills: ReadonlySet<number>): void {
  let effects = 0;
  const effect = (): void => {
    effects += 1;
    if (kills.has(effects)) throw new Error('killed');
  };
  world.org.before = effect;
  world.org.after = effect;
  const commit = world.syncStore.commit.bind(world.syncStore);
  world.syncStore.commit = async (commits: readonly Commit[]) => {
    effect();
    const first = await commit(commits.slice(0, 77));
    effect();
    const rest = await commit(commits.slice(77));
    effect();
    return [...first, ...rest];
  };
  for (const port of [world.bulkJobs, world.staging, world.mappingStates] as const) wrap(port);

  function wrap(port: object): void {
    for (const name of ['update', 'put', 'setBulkJob', 'finishPass']) {
      const method: unknown = Reflect.get(port, name);
      if (typeof method !== 'function') continue;
      Reflect.set(port, name, async (...args: unknown[]) => {
        effect();
        const answer: unknown = await Reflect.apply(method, port, args);
        effect();
        return answer;
      });
    }
  }
}
