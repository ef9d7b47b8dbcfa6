import type { BulkState, BulkStep } from '../../../../shared/contracts/bulk-steps.ts';
import { type SyncConfig, syncConfig } from '../../../../shared/contracts/sync-config.ts';
import { readCsv, writeCsv } from '../../../../shared/salesforce-client/csv/csv.ts';
import { checkNameOf } from '../../../../shared/sync/mapping/template-digest.ts';
import type { BulkPorts } from '../../../../shared/use-cases/bulk/ports.ts';
import { runBulkStep } from '../../../../shared/use-cases/bulk/run-step.ts';
import { ReauthorizationRequired } from '../../../../shared/use-cases/connections/errors.ts';
import type { StoredConnection } from '../../../../shared/use-cases/ports/connection-store.ts';
import { InMemoryBulkExecutions, InMemoryBulkJobs } from '../../../in-memory/bulk-jobs.ts';
import { manualClock } from '../../../in-memory/clock.ts';
import { InMemoryEvents } from '../../../in-memory/events.ts';
import { InMemoryGuardStates } from '../../../in-memory/guard-states.ts';
import { InMemoryHintQueue } from '../../../in-memory/hint-queue.ts';
import { countingIds } from '../../../in-memory/ids.ts';
import { InMemoryJournal } from '../../../in-memory/journal.ts';
import { InMemoryLinkLists } from '../../../in-memory/link-lists.ts';
import { InMemoryLocalTables } from '../../../in-memory/local-tables.ts';
import { InMemoryMappingStates } from '../../../in-memory/mapping-states.ts';
import { InMemoryOrgSlots } from '../../../in-memory/org-slots.ts';
import { InMemoryParkedKeys } from '../../../in-memory/parked-keys.ts';
import { InMemoryOrg } from '../../../in-memory/salesforce-org/in-memory-org.ts';
import { InMemoryStaging } from '../../../in-memory/staging.ts';
import { InMemorySyncStore } from '../../../in-memory/sync-store.ts';

export const MAPPING_ID = 'conn1.contact';
/** Of a mapping whose lookups lead to the other one; only a test that ensures it has it. */
export const CHILD_ID = 'conn1.case';
const OUR_USER = '005000000000001AAA';
const AT = '2026-01-01T00:00:00.000Z';

const config: SyncConfig = syncConfig.parse({
  localTables: {
    contacts: { keyField: 'id', tenant: 'tenant-1' },
    cases: { keyField: 'id', tenant: 'tenant-1' },
  },
  mappings: {
    contact: {
      localTable: 'contacts',
      sfObject: 'Contact',
      fieldMap: { firstName: 'FirstName', lastName: 'LastName', email: 'Email' },
      externalIdField: 'External_Id__c',
      localIdField: 'salesforceId',
      schedule: { everyMinutes: 5 },
      bulkThreshold: 10,
    },
    case: {
      localTable: 'cases',
      sfObject: 'Case',
      fieldMap: { contactId: { field: 'ContactId', reference: 'contact' } },
      direction: 'from-salesforce',
      schedule: { everyMinutes: 5 },
    },
  },
});

const connection: StoredConnection = {
  connectionId: 'conn1',
  orgId: 'tenant-1',
  sfOrgId: '00D000000000001AAA',
  sfUserId: OUR_USER,
  instanceUrl: 'https://example.my.salesforce.com',
  loginUrl: 'https://login.salesforce.com',
  apiVersion: 'v59.0',
  status: 'active',
  tokenVersion: 1,
  createdAt: AT,
  updatedAt: AT,
  sealedTokens: { wrappedKey: '', nonce: '', ciphertext: '' },
};

/** Everything that the steps touch, in memory. */
export async function aWorld(options: Partial<Pick<BulkPorts, 'pageRows' | 'pushRecords'>> = {}) {
  const clock = manualClock(AT);
  const org = new InMemoryOrg(clock, { userId: OUR_USER });
  const tables = new InMemoryLocalTables();
  // Pages that a test can fill several of.
  const parkedKeys = new InMemoryParkedKeys(clock);
  const journal = new InMemoryJournal();
  const syncStore = new InMemorySyncStore({ tables, parkedKeys, journal, pageItems: 100 });
  const mappingStates = new InMemoryMappingStates();
  const template = config.mappings.contact;
  if (!template) throw new Error('no template');
  await mappingStates.ensure(
    { mappingId: MAPPING_ID, connectionId: 'conn1', orgId: 'tenant-1', name: 'contact' },
    AT,
  );
  await mappingStates.saveSchema(MAPPING_ID, {
    problems: [],
    fieldTypes: { FirstName: 'text', LastName: 'text', Email: 'text' },
    // Never due again, so that no test is about the schema.
    checkedAt: '2030-01-01T00:00:00.000Z',
    checkedTemplate: checkNameOf(template),
  });
  const world = {
    clock,
    org,
    tables,
    syncStore,
    mappingStates,
    bulkJobs: new InMemoryBulkJobs(),
    staging: new InMemoryStaging(),
    executions: new InMemoryBulkExecutions(),
    journal,
    events: new InMemoryEvents(),
    hints: new InMemoryHintQueue(),
    parkedKeys,
    guardStates: new InMemoryGuardStates(),
    linkLists: new InMemoryLinkLists(syncStore),
    ids: countingIds(),
    isDead: false,
    /** What `remainingMs` says; a function, so that time can run out in mid-step. */
    remainingMs: () => 120_000,
  };
  const ports: BulkPorts = {
    slots: new InMemoryOrgSlots(),
    ...world,
    ...options,
    config,
    connections: { get: async () => connection },
    orgs: {
      async open() {
        if (world.isDead)
          throw new ReauthorizationRequired(connection.connectionId, 'reauthorization-required');
        return org;
      },
    },
    csv: { read: readCsv, write: writeCsv },
    remainingMs: () => world.remainingMs(),
  };
  const step = (name: BulkStep, state: BulkState): Promise<BulkState> => runBulkStep(ports, name, state);
  return Object.assign(world, { ports, step });
}

export type World = Awaited<ReturnType<typeof aWorld>>;

/** Where a state machine goes after each step: as the definitions in `infra` do. */
function after(step: BulkStep, state: BulkState): BulkStep | 'end' {
  const { outcome } = state;
  const way = `${step}:${outcome}`;
  switch (way) {
    case 'submit-load:submitted':
    case 'upload-push:submitted':
    case 'poll:running':
      return 'poll';
    case 'fetch-page:running':
    case 'reconcile-page:running':
    case 'settle-push:running':
      return step;
    case 'fetch-page:page':
    case 'reconcile-page:more':
      return 'reconcile-page';
    case 'reconcile-page:done':
      return state.locator === undefined ? 'finish-load' : 'fetch-page';
    case 'collect-push:more':
      return 'collect-push';
    case 'collect-push:done':
      return 'submit-push';
    case 'submit-push:submitted':
      return 'upload-push';
    case 'settle-push:more':
      return 'settle-push';
    case 'settle-push:done':
      return 'finish-push';
    case 'collect-push:nothing':
    case 'finish-load:done':
    case 'finish-push:done':
      return 'end';
    default:
      return 'abort';
  }
}

export interface Driven {
  readonly state: BulkState;
  readonly steps: readonly BulkStep[];
}

/** Drives an execution to its end; `attempt` runs one step, and may run it twice, or kill it and run it again. */
export async function drive(
  world: Pick<World, 'clock' | 'step'>,
  kind: 'load' | 'push',
  bulkJobId: string,
  attempt: (step: BulkStep, state: BulkState) => Promise<BulkState> = world.step,
): Promise<Driven> {
  let state: BulkState = { bulkJobId, mappingId: MAPPING_ID };
  let step: BulkStep = kind === 'load' ? 'submit-load' : 'collect-push';
  const steps: BulkStep[] = [];
  for (let count = 0; count < 500; count += 1) {
    steps.push(step);
    state = structuredClone(await attempt(step, state));
    if (step === 'abort') return { state, steps };
    const way = after(step, state);
    if (way === 'end') return { state, steps };
    const next: BulkStep = step === 'poll' && state.outcome === 'complete' ? afterPoll(kind) : way;
    if (next === 'poll') world.clock.advance((state.waitSeconds ?? Number.NaN) * 1000);
    step = next;
  }
  throw new Error('the execution does not end');
}

const afterPoll = (kind: 'load' | 'push'): BulkStep => (kind === 'load' ? 'fetch-page' : 'settle-push');

/** Every step twice with the same input, as Step Functions may do it; the second answer counts. */
export const twice =
  (world: World) =>
  async (step: BulkStep, state: BulkState): Promise<BulkState> => {
    await world.step(step, structuredClone(state));
    return world.step(step, structuredClone(state));
  };

/** The same as Step Functions' Retry. */
export const retried =
  (world: World) =>
  async (step: BulkStep, state: BulkState): Promise<BulkState> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await world.step(step, structuredClone(state));
      } catch (error) {
        if (attempt === 20) throw error;
        world.clock.advance(5_000);
      }
    }
  };
