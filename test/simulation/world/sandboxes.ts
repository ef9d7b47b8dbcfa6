import { makeHandler as makeBulkStep } from '../../../functions/bulk-step/make-handler.ts';
import { makeHandler as makeDispatch } from '../../../functions/dispatch/make-handler.ts';
import { makeHandler as makeLocalChanges } from '../../../functions/local-changes/make-handler.ts';
import { makeHandler as makeWorker } from '../../../functions/sync-worker/make-handler.ts';
import type { Hint } from '../../../shared/contracts/hints.ts';
import { BULK_LINK_LEASE_MS } from '../../../shared/contracts/lifetimes.ts';
import type { Log } from '../../../shared/runtime/logging.ts';
import { readCsv, writeCsv } from '../../../shared/salesforce-client/csv/csv.ts';
import { RecentMappings } from '../../../shared/use-cases/reconciliation/echoes.ts';
import { enrolmentDigest } from '../../../shared/use-cases/schedules/enrolment-digest.ts';
import type { Actor, PortShape } from '../turns/scheduler.ts';
import { virtualTimers } from '../turns/timers.ts';
import { ACCOUNTS, TABLE } from './configs.ts';
import { idsOfBulkSteps } from './leases.ts';
import type { World } from './world.ts';

/** What a port's methods are, as far as the scheduler has to know. */
const SHAPES: Readonly<Record<string, PortShape>> = {
  ids: { atOnce: ['next'] },
  orgs: {
    atOnce: [],
    opens: {
      open: { name: 'org', shape: { atOnce: ['usage', 'clockSkewMs', 'refusalOf'], nested: ['bulk'] } },
    },
  },
  syncStore: { oneByOne: ['commit'] },
};

/** Whoever logs in the simulation is not heard. */
const SILENT: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  appendKeys: () => {},
  resetKeys: () => {},
} as unknown as Log;

/** A warm function: it outlives its invocations, and dies with one that is killed. */
export interface Sandbox {
  actor: Actor | undefined;
  readonly version: 0 | 1;
  readonly handle: (
    event: unknown,
    context: { readonly getRemainingTimeInMillis: () => number },
  ) => Promise<unknown>;
}

export type FunctionName = 'worker' | 'local-changes' | 'dispatch' | 'bulk-step';

/** Makes a function of the code's version, with every port a row of turns. */
export function sandboxOf(world: World, name: FunctionName, version: 0 | 1): Sandbox {
  const sandbox: { actor: Actor | undefined; version: 0 | 1; handle: Sandbox['handle'] } = {
    actor: undefined,
    version,
    handle: async () => undefined,
  };
  const ports = portsOf(world, sandbox, version);
  const handler = handlerOf(world, name, ports);
  sandbox.handle = (event, context) => (handler as (...args: unknown[]) => Promise<unknown>)(event, context);
  return sandbox;
}

/** Every port of the functions, as those of one invocation see them. */
export function portsOf(world: World, sandbox: { readonly actor: Actor | undefined }, version: 0 | 1) {
  const actorOf = (): Actor => {
    if (!sandbox.actor) throw new Error('a port was called outside of an invocation');
    return sandbox.actor;
  };
  const turned = <T extends object>(name: string, port: T): T =>
    world.scheduler.port(actorOf, name, port, SHAPES[name]);
  const syncStore = turned('syncStore', world.syncStore);
  return {
    config: world.configs[version],
    connections: turned('connections', world.connections),
    mappingStates: turned('mappingStates', world.mappingStates),
    syncStore,
    overlays: turned('overlays', world.syncStore.overlays),
    linkPages: turned('linkPages', world.linkPages),
    fullSweeps: turned('fullSweeps', world.fullSweeps),
    plans: turned('plans', world.plans),
    proofs: turned('proofs', world.proofs),
    newDigestKey: () => world.ids.next(),
    echoes: { recentMappings: new RecentMappings(world.clock), store: syncStore },
    journal: turned('journal', world.journal),
    history: turned('history', world.syncStore.history),
    events: turned('events', world.events),
    openConflicts: turned('openConflicts', world.openConflicts),
    parkedKeys: turned('parkedKeys', world.parkedKeys),
    guardStates: turned('guardStates', world.guardStates),
    linkLists: turned('linkLists', world.linkLists),
    slots: turned('slots', world.slots),
    bulkJobs: turned('bulkJobs', world.bulkJobs),
    staging: turned('staging', world.staging),
    executions: turned('executions', world.executions),
    hints: turned('hints', { send: (hints: readonly Hint[]) => world.queue.send(hints) }),
    orgs: turned('orgs', world.salesforce),
    configDigest: turned('configDigest', world.configDigest),
    ids: world.ids,
    clock: world.clock,
    csv: { read: readCsv, write: writeCsv },
    pageRows: world.shape.pageRows,
    hide: turned('queue', world.queue).hide,
    timers: virtualTimers,
    deletionLimits: { most: world.shape.deletionsADay, share: 0, least: world.shape.deletionsADay },
  };
}

function handlerOf(world: World, name: FunctionName, ports: ReturnType<typeof portsOf>): unknown {
  switch (name) {
    case 'worker':
      // What is staged of a proof is the same however often, and nobody else's: no turns are spent on it.
      return makeWorker({ ...ports, staging: world.staging }, SILENT, { count: () => {}, flush: () => {} });
    case 'bulk-step':
      return makeBulkStep(
        { ...ports, ids: idsOfBulkSteps(world.ids), linkLeaseMs: BULK_LINK_LEASE_MS },
        SILENT,
      );
    case 'dispatch':
      return makeDispatch(
        { ...ports, digest: enrolmentDigest(ports.config), onUnreadable: () => {} },
        SILENT,
      );
    case 'local-changes':
      return makeLocalChanges(
        { ...ports, tableNames: new Map([TABLE, ACCOUNTS].map((name) => [name, name])) },
        SILENT,
      );
  }
}
