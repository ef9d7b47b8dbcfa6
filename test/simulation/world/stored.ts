import { CONNECTIONS } from './configs.ts';
import type { World } from './world.ts';

/*
 * What the simulation knows of the stores' insides, and the one place where it does: what waits, until when, and what
 * is held.
 */

/** The next time at which a mapping is due or a key's wait is over; Infinity if there is none. */
export const nextWakeMs = ({ mappingStates, parkedKeys, queue, isEnrolmentDue, clock }: World): number => {
  if (isEnrolmentDue) return clock.nowMs();
  const times = [...parkedKeys.parked.values()].flatMap(({ waitUntil }) =>
    waitUntil === undefined ? [] : [Date.parse(waitUntil)],
  );
  if (queue.takesSweeps) {
    times.push(...[...mappingStates.states.values()].map(({ nextRunAt }) => Date.parse(nextRunAt)));
  }
  return Math.min(...times, Number.POSITIVE_INFINITY);
};

/** Mappings of active connections that are to be swept now, each with the time since which. */
export const dueMappings = ({ mappingStates, connections, clock }: World): readonly string[] =>
  [...mappingStates.states.values()]
    .filter(({ connectionId }) => connections.stored.get(connectionId)?.status === 'active')
    .filter(({ nextRunAt }) => Date.parse(nextRunAt) <= clock.nowMs())
    .map(({ mappingId, nextRunAt }) => `${mappingId} ${nextRunAt}`);

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
      ({ lease, pending, state }) =>
        lease !== undefined || pending !== undefined || state === 'creating' || state === 'deleting',
    )
    .map(({ mappingId, localKey, state }) => ({
      mappingId,
      key: localKey,
      text: `${mappingId} ${localKey} is ${state} and held`,
    }));

/** A mapping is swept each hour. */
const LONGEST_BETWEEN_SWEEPS_MS = 3 * 3_600_000;

/** Each mapping, and whether its last pass came to its end, and did so lately. */
export const mappingsAtRest = ({ mappingStates, clock, config }: World) =>
  CONNECTIONS.flatMap(({ connectionId }) =>
    Object.keys(config.mappings).map((name) => {
      const mappingId = `${connectionId}.${name}`;
      const { status, pass, trouble, watermark = '' } = mappingStates.states.get(mappingId) ?? {};
      return {
        isDone:
          status === 'active' &&
          pass === undefined &&
          trouble === undefined &&
          clock.nowMs() - Date.parse(watermark) < LONGEST_BETWEEN_SWEEPS_MS,
        text: `${mappingId} is ${status}, swept to ${watermark}, with ${trouble?.code ?? 'no trouble'}`,
      };
    }),
  );

/** How often each mapping was made anew. */
export const revisions = ({ mappingStates }: World) =>
  [...mappingStates.states.values()].map(({ mappingId, revision }) => ({
    mappingId,
    revision: revision?.revision ?? 1,
  }));

/** Whether the first pass over a mapping is over: later ones filter only what is not linked. */
export const isLoaded = ({ mappingStates }: World, mappingId: string): boolean =>
  mappingStates.states.get(mappingId)?.watermark !== undefined;

/** What an operator reads of a mapping that comes to nothing. */
export const isTroubleShown = ({ mappingStates }: World, mappingId: string): boolean => {
  const { trouble, status } = mappingStates.states.get(mappingId) ?? {};
  return trouble !== undefined || status === 'invalid';
};

/** Pairs that are known as ended, by the item's key. */
export const tombstones = ({
  syncStore,
}: World): readonly { readonly key: string; readonly text: string }[] =>
  [...syncStore.storedLinks.values()]
    .filter(({ state }) => state === 'local-deleted')
    .map(({ mappingId, localKey }) => ({
      key: localKey,
      text: `${mappingId} knows item ${localKey} as deleted`,
    }));

/** Everything that is stored, for the hash of the final state. */
export const storedState = (world: World): unknown => [
  [...world.syncStore.storedLinks],
  [...world.syncStore.pointers],
  [...world.syncStore.openConflicts.stored],
  [...world.parkedKeys.parked],
  [...world.mappingStates.states],
  [...world.fullSweeps.sweeps],
  [...world.plans.plans],
  [...world.guardStates.states],
  [...world.journal.storedConflicts],
  [...world.journal.storedRejections],
  world.syncStore.tables.keys('contacts').map((key) => world.item(key)),
  [...world.orgs.values()].map((org) => [...org.records.values()]),
];

/** Whether every mapping of a connection knows the pair as a living one. */
export const isLinked = ({ syncStore, config }: World, connectionId: string, key: string): boolean =>
  Object.keys(config.mappings)
    .filter((name) => name !== 'account')
    .every((name) => syncStore.storedLinks.get(`${connectionId}.${name}#${key}`)?.state === 'linked');
