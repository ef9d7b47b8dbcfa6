import type { World } from './world.ts';

/*
 * What the simulation knows of the stores' insides, and the one place where it does: what waits, until when, and what
 * is held.
 */

/** The next time at which a mapping is due or a key's wait is over; Infinity if there is none. */
export const nextWakeMs = ({ mappingStates, dirtyKeys, queue }: World): number => {
  const times = [...dirtyKeys.parked.values()].map(({ waitUntil }) => Date.parse(waitUntil));
  if (queue.takesSweeps) {
    times.push(...[...mappingStates.states.values()].map(({ nextRunAt }) => Date.parse(nextRunAt)));
  }
  return Math.min(...times, Number.POSITIVE_INFINITY);
};

/** Keys that wait, as `mapping side key reason`. */
export const parkedKeys = ({
  dirtyKeys,
}: World): readonly { readonly mappingId: string; readonly key: string; readonly text: string }[] =>
  [...dirtyKeys.parked.values()].map(({ mappingId, side, key, reason }) => ({
    mappingId,
    key,
    text: `${mappingId} ${side} ${key} (${reason})`,
  }));

/** Links with an open announcement or a lease. */
export const openLinks = ({
  syncStore,
}: World): readonly { readonly mappingId: string; readonly key: string; readonly text: string }[] =>
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
  [...world.dirtyKeys.parked],
  [...world.mappingStates.states],
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
