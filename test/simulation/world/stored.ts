import type { World } from './world.ts';

/*
 * What the simulation knows of the stores' insides, and the one place where it does: what waits, until when, and what
 * is held.
 */

/** The next time at which a mapping is due or a key's wait is over; Infinity if there is none. */
export const nextWakeMs = ({ mappingStates, parkedKeys, queue }: World): number => {
  const times = [...parkedKeys.parked.values()].flatMap(({ waitUntil }) =>
    waitUntil === undefined ? [] : [Date.parse(waitUntil)],
  );
  if (queue.takesSweeps) {
    times.push(...[...mappingStates.states.values()].map(({ nextRunAt }) => Date.parse(nextRunAt)));
  }
  return Math.min(...times, Number.POSITIVE_INFINITY);
};

/** A key that is not at rest. */
interface Restless {
  readonly mappingId: string;
  readonly key: string;
  readonly text: string;
}

/** Keys that wait. */
export const waitingKeys = ({ parkedKeys }: World): readonly Restless[] =>
  [...parkedKeys.parked.values()].map(({ mappingId, kind, key, local, remote, waitUntil }) => ({
    mappingId,
    key,
    text: `${mappingId} ${kind} ${key} is parked (local ${local?.reason}, remote ${remote?.reason}, until ${waitUntil})`,
  }));

/** Links with an open announcement or a lease. */
export const openLinks = ({ syncStore }: World): readonly Restless[] =>
  [...syncStore.storedLinks.values()]
    .filter(
      ({ lease, pending, state }) => lease !== undefined || pending !== undefined || state === 'creating',
    )
    .map(({ mappingId, localKey, state }) => ({
      mappingId,
      key: localKey,
      text: `${mappingId} ${localKey} is ${state} and held`,
    }));

/** Everything that is stored, for the hash of the final state. */
export const storedState = (world: World): unknown => [
  [...world.syncStore.storedLinks],
  [...world.syncStore.pointers],
  [...world.parkedKeys.parked],
  [...world.mappingStates.states],
  [...world.fullSweeps.sweeps],
  [...world.journal.storedConflicts],
  [...world.journal.storedRejections],
  world.syncStore.tables.keys('contacts').map((key) => world.item(key)),
  [...world.orgs.values()].map((org) => [...org.records.values()]),
];

/** Whether every mapping of a connection knows the pair as a living one. */
export const isLinked = ({ syncStore, config }: World, connectionId: string, key: string): boolean =>
  Object.keys(config.mappings).every(
    (name) => syncStore.storedLinks.get(`${connectionId}.${name}#${key}`)?.state === 'linked',
  );
