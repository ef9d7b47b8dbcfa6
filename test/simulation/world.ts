import { type Hint, partsOf } from '../../shared/contracts/hints.ts';
import { nextOf } from '../../shared/contracts/next.ts';
import { syncConfig } from '../../shared/contracts/sync-config.ts';
import { must } from '../../shared/sync/assert.ts';
import { decodeRemote, fieldsToRead } from '../../shared/sync/mapping/decode.ts';
import type { RemoteRecord } from '../../shared/sync/model/record.ts';
import { type HandleHintPorts, look } from '../../shared/use-cases/reconciliation/handle-hint.ts';
import { lookOf } from '../../shared/use-cases/reconciliation/look.ts';
import { openMapping } from '../../shared/use-cases/reconciliation/open-mapping.ts';
import { reconcileRecords } from '../../shared/use-cases/reconciliation/reconcile-records.ts';
import type { SweepTogetherPorts } from '../../shared/use-cases/reconciliation/sweep-together.ts';
import { aStoredConnection } from '../builders/a-connection.ts';
import { InMemoryBulkJobs } from '../in-memory/bulk-jobs.ts';
import { manualClock } from '../in-memory/clock.ts';
import { InMemoryConnections } from '../in-memory/connections.ts';
import { InMemoryEvents } from '../in-memory/events.ts';
import { InMemoryFullSweeps } from '../in-memory/full-sweeps.ts';
import { InMemoryGuardStates } from '../in-memory/guard-states.ts';
import { InMemoryHintQueue } from '../in-memory/hint-queue.ts';
import { countingIds } from '../in-memory/ids.ts';
import { InMemoryJournal } from '../in-memory/journal.ts';
import { InMemoryLinkLists } from '../in-memory/link-lists.ts';
import { InMemoryLinkPages } from '../in-memory/link-pages.ts';
import { InMemoryMappingStates } from '../in-memory/mapping-states.ts';
import { InMemoryParkedKeys } from '../in-memory/parked-keys.ts';
import { InMemoryPlans } from '../in-memory/plans.ts';
import { InMemoryProofs } from '../in-memory/proofs.ts';
import { InMemoryOrg } from '../in-memory/salesforce-org/in-memory-org.ts';
import { InMemoryStaging } from '../in-memory/staging.ts';
import { InMemorySyncStore } from '../in-memory/sync-store.ts';

export const MAPPING_ID = 'c1.contact';
export const TENANT = 'acme';

const config = syncConfig.parse({
  localTables: { contacts: { keyField: 'id', tenantField: 'tenantId' } },
  mappings: {
    contact: {
      localTable: 'contacts',
      sfObject: 'Contact',
      fieldMap: { firstName: 'FirstName', lastName: 'LastName', email: 'Email', title: 'Title' },
      externalIdField: 'External_Id__c',
      localIdField: 'salesforceId',
      schedule: { everyMinutes: 5 },
    },
  },
});

/** One tenant, one org, one mapping: use cases for real, everything outside in memory, on a clock that a test moves. */
export function aWorld() {
  const clock = manualClock();
  const org = new InMemoryOrg(clock);
  const journal = new InMemoryJournal();
  const parkedKeys = new InMemoryParkedKeys(clock);
  const mappingStates = new InMemoryMappingStates();
  const syncStore = new InMemorySyncStore({ journal, parkedKeys, mappingStates });
  const hints = new InMemoryHintQueue();
  const connections = new InMemoryConnections();
  const ids = countingIds();
  const events = new InMemoryEvents();
  const bulkJobs = new InMemoryBulkJobs();
  const loads: string[] = [];
  const pushes: string[] = [];
  connections.stored.set('c1', aStoredConnection({ connectionId: 'c1', orgId: TENANT }));
  mappingStates.states.set(MAPPING_ID, {
    mappingId: MAPPING_ID,
    connectionId: 'c1',
    orgId: TENANT,
    name: 'contact',
    status: 'loading',
    epoch: 0,
    nextRunAt: clock.now(),
  });
  const ports: SweepTogetherPorts = {
    config,
    connections,
    mappingStates,
    orgs: { open: async () => org },
    clock,
    syncStore,
    overlays: syncStore.overlays,
    linkPages: new InMemoryLinkPages(syncStore),
    fullSweeps: new InMemoryFullSweeps(),
    plans: new InMemoryPlans(),
    history: syncStore.history,
    proofs: new InMemoryProofs(),
    staging: new InMemoryStaging(),
    newDigestKey: () => 'a2V5',
    journal,
    events: new InMemoryEvents(),
    hints,
    parkedKeys,
    guardStates: new InMemoryGuardStates(),
    linkLists: new InMemoryLinkLists(syncStore),
    ids,
    bulkJobs,
    executions: {
      startLoad: async ({ bulkJobId }) => void loads.push(bulkJobId),
      startPush: async ({ bulkJobId }) => void pushes.push(bulkJobId),
    },
    remainingMs: () => 100_000,
    beginWork: () => undefined,
  };
  const tables = syncStore.tables;
  let runs = 0;

  const opened = async () => {
    const open = await openMapping(ports, MAPPING_ID);
    if (open.kind !== 'open') throw new Error(`the mapping is closed: ${open.reason}`);
    return open;
  };

  return {
    clock,
    org,
    syncStore,
    tables,
    journal,
    hints,
    parkedKeys,
    connections,
    mappingStates,
    events,
    ports,
    loads,
    pushes,
    /** Every record as a bulk page has it: read now, to be used at some later time. */
    readAll: async (): Promise<RemoteRecord[]> => {
      const { mapping } = await opened();
      const where = { kind: 'all' as const };
      const page = await org.select({ sObject: 'Contact', fields: fieldsToRead(mapping), where });
      return page.records.map((record) => decodeRemote(mapping, record, page.readAt));
    },
    reconcile: async (remotes: readonly RemoteRecord[]) =>
      reconcileRecords(ports, await opened(), { remotes }).catch((error) => {
        // The page's step would be tried again; here another sweep takes its place.
        if (nextOf(error).do === 'stop') throw error;
      }),
    /** What the worker does with one message. */
    handle: (hint: Hint, overrides: Partial<HandleHintPorts> = {}) =>
      look({ ...ports, ...overrides }, lookOf(must(partsOf(hint)[0], 'a hint names a mapping'))),
    sweep: () => look(ports, { kind: 'sweep', mappingId: MAPPING_ID, runId: `run-${++runs}` }),
    /** A hint as the stream gives it. */
    localHint: (...keys: string[]): Hint => ({
      kind: 'local-keys',
      mappingId: MAPPING_ID,
      keys: keys.map((key) => ({ key, changedAt: clock.now() })),
    }),
    /** A hint as the dispatcher sends it for keys that waited: it knows no times. */
    wakeHint: (...keys: string[]): Hint => ({
      kind: 'local-keys',
      mappingId: MAPPING_ID,
      keys: keys.map((key) => ({ key })),
    }),
    remoteHint: (...sfIds: string[]): Hint => ({ kind: 'remote-ids', mappingId: MAPPING_ID, sfIds }),
    /** What a person's application writes. */
    putItem: (id: string, attributes: Record<string, unknown>) =>
      tables.put('contacts', id, { ...tables.get('contacts', id), id, tenantId: TENANT, ...attributes }),
    item: (id: string) => tables.get('contacts', id),
    link: (id: string) => syncStore.storedLinks.get(`${MAPPING_ID}#${id}`),
  };
}

/** A world whose first pass is over: Ann in both places. */
export async function loadedWorld() {
  const world = aWorld();
  const sfId = world.org.insert({ FirstName: 'Ann', LastName: 'Lee', Email: 'ann@example.com' });
  await world.sweep();
  const [key = ''] = world.tables.keys('contacts');
  world.clock.advance(60_000);
  return { ...world, sfId, key };
}
