import { CONNECTIONS } from '../world/configs.ts';
import type { World } from '../world/world.ts';
import type { Violation } from './violation.ts';

const HOUR_MINUTES = 60;
/** A page that finds nothing, and the linked records that are outside of the filter. */
const CALLS_OF_SWEEP = 2;
/** Once a day a mapping is checked. */
const CALLS_OF_CHECK = 3;
/** By its key, its id and what else may find its record. */
const CALLS_OF_LOOK = 4;
/** A key that has waited long is looked at each hour. */
const LOOKS_OF_HOUR = 2;

/** The calls of each org so far. */
const callsSoFar = ({ orgs }: World): ReadonlyMap<string, number> =>
  new Map([...orgs].map(([connectionId, { calls }]) => [connectionId, calls.length]));

/** Begins to watch an hour in which nothing changes: an org is called for what is due in it, and for nothing else. */
export const watchCalls = (world: World): (() => Violation[]) => {
  const before = callsSoFar(world);
  const allowed = new Map(
    CONNECTIONS.map(({ connectionId }) => [connectionId, allowedOf(world, connectionId)]),
  );
  return () =>
    CONNECTIONS.flatMap(({ connectionId }) => {
      const calls = (callsSoFar(world).get(connectionId) ?? 0) - (before.get(connectionId) ?? 0);
      const bound = allowed.get(connectionId) ?? 0;
      if (calls <= bound) return [];
      const text = `${connectionId} is called ${calls} times in an hour in which nothing changes: ${bound} are due`;
      return [{ oracle: 'bounded' as const, text }];
    });
};

function allowedOf(world: World, connectionId: string): number {
  const { config, shape } = world;
  const pages = Math.ceil(world.contacts(connectionId).length / shape.pageRows);
  const ofMappings = Object.values(config.mappings).map(
    ({ schedule, formulas }) =>
      timesOf(schedule.everyMinutes) * CALLS_OF_SWEEP +
      CALLS_OF_CHECK +
      (formulas ? timesOf(formulas.everyMinutes) * (CALLS_OF_SWEEP + pages) : 0),
  );
  const waiting = [...world.parkedKeys.parked.values()].filter(
    ({ mappingId, waitUntil }) => waitUntil !== undefined && mappingId.startsWith(`${connectionId}.`),
  );
  return ofMappings.reduce((sum, calls) => sum + calls, waiting.length * LOOKS_OF_HOUR * CALLS_OF_LOOK);
}

/** How often something is due in an hour at most. */
const timesOf = (everyMinutes: number): number => Math.ceil(HOUR_MINUTES / everyMinutes) + 1;
