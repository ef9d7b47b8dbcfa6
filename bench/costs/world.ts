import { CreateTableCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { toItem } from '../../shared/aws/attribute-values.ts';
import { DynamoBulkJobs } from '../../shared/aws/bulk/bulk-jobs.ts';
import { DynamoConnections } from '../../shared/aws/connections/connections.ts';
import { DynamoFullSweeps } from '../../shared/aws/reconciliation/full-sweeps.ts';
import { DynamoGuardStates } from '../../shared/aws/reconciliation/guard-states.ts';
import { DynamoHistory } from '../../shared/aws/reconciliation/history.ts';
import { DynamoJournal } from '../../shared/aws/reconciliation/journal.ts';
import { DynamoLinkLists } from '../../shared/aws/reconciliation/link-lists.ts';
import { DynamoLinkPages } from '../../shared/aws/reconciliation/link-pages.ts';
import { DynamoMappingStates } from '../../shared/aws/reconciliation/mapping-states.ts';
import { DynamoOpenConflicts } from '../../shared/aws/reconciliation/open-conflicts.ts';
import { DynamoOrgSlots } from '../../shared/aws/reconciliation/org-slots.ts';
import { DynamoOverlays } from '../../shared/aws/reconciliation/overlays.ts';
import { DynamoParkedKeys } from '../../shared/aws/reconciliation/parked-keys.ts';
import { DynamoPlans } from '../../shared/aws/reconciliation/plans.ts';
import { DynamoProofs } from '../../shared/aws/reconciliation/proofs.ts';
import { DynamoSyncStore } from '../../shared/aws/reconciliation/sync-store.ts';
import { DynamoConfigDigest } from '../../shared/aws/schedules/config-digest.ts';
import type { BulkState, BulkStep } from '../../shared/contracts/bulk-steps.ts';
import type { Hint } from '../../shared/contracts/hints.ts';
import { syncConfig } from '../../shared/contracts/sync-config.ts';
import { readCsv, writeCsv } from '../../shared/salesforce-client/csv/csv.ts';
import { must } from '../../shared/sync/assert.ts';
import { derivedLocalKey } from '../../shared/sync/mapping/local-key.ts';
import { runBulkStep } from '../../shared/use-cases/bulk/run-step.ts';
import { forwardLocalChanges } from '../../shared/use-cases/local-changes/forward-local-changes.ts';
import { why } from '../../shared/use-cases/operations/why.ts';
import { RecentMappings } from '../../shared/use-cases/reconciliation/echoes.ts';
import { handleHints } from '../../shared/use-cases/reconciliation/handle-hints.ts';
import { dispatchDue } from '../../shared/use-cases/schedules/dispatch-due.ts';
import { aStoredConnection } from '../../test/builders/a-connection.ts';
import { connectionsTable, localTable, syncStateTable } from '../../test/contract/ports/aws-tables.ts';
import { InMemoryBulkExecutions } from '../../test/in-memory/bulk-jobs.ts';
import { manualClock } from '../../test/in-memory/clock.ts';
import { InMemoryHintQueue } from '../../test/in-memory/hint-queue.ts';
import { countingIds } from '../../test/in-memory/ids.ts';
import { InMemoryOrg } from '../../test/in-memory/salesforce-org/in-memory-org.ts';
import { InMemoryStaging } from '../../test/in-memory/staging.ts';
import { drive } from '../../test/unit/use-cases/bulk/world.ts';
import { type Cost, countRequests } from './requests.ts';

const CONNECTION_ID = 'conn1';
const TENANT = 'tenant-1';
const NAMES = ['contact', 'second', 'third', 'fourth', 'fifth'];
/** Of a page of a query, as Salesforce's. */
const PAGE_ROWS = 2_000;
const SLOTS = 5;

/** The mappings of the connection, each with a table of its own. */
const config = syncConfig.parse({
  localTables: Object.fromEntries(NAMES.map((name) => [name, { keyField: 'id', tenant: TENANT }])),
  mappings: Object.fromEntries(
    NAMES.map((name) => [
      name,
      {
        localTable: name,
        sfObject: 'Contact',
        fieldMap: { firstName: 'FirstName', lastName: 'LastName', email: 'Email' },
        externalIdField: 'External_Id__c',
        localIdField: 'salesforceId',
        schedule: { everyMinutes: 5 },
        bulkThreshold: 1_000,
        // Those beside the first are there to be swept.
        ...(name === 'contact' ? {} : { filter: "Title = 'nobody'" }),
      },
    ]),
  ),
});

export type World = Awaited<ReturnType<typeof aWorld>>;

/**
 * A tenant with one connection and five mappings: the real use cases on the real adapters of DynamoDB, against tables of
 * their own on the emulated AWS; the org, the queue and the staging bucket in memory.
 */
export async function aWorld(endpoint: string, name: string) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  const [connectionsName, stateName] = [`${name}-connections`, `${name}-state`];
  const localTables = Object.fromEntries(NAMES.map((table) => [table, `${name}-${table}`]));
  for (const table of [
    connectionsTable(connectionsName),
    syncStateTable(stateName),
    ...Object.values(localTables).map((table) => localTable(table, 'id')),
  ])
    await client.send(new CreateTableCommand(table));
  const clock = manualClock(new Date().toISOString());
  const org = new InMemoryOrg(clock, { pageRows: PAGE_ROWS });
  const state = { client, name: stateName };
  const connections = new DynamoConnections({ client, name: connectionsName });
  const syncStore = new DynamoSyncStore({ client, syncStateTable: stateName, localTables });
  const stores = {
    config,
    connections,
    syncStore,
    mappingStates: new DynamoMappingStates(state),
    journal: new DynamoJournal(state),
    parkedKeys: new DynamoParkedKeys(state, clock),
    openConflicts: new DynamoOpenConflicts(state, clock),
    history: new DynamoHistory(state),
    events: { publish: async () => undefined },
    guardStates: new DynamoGuardStates(state),
    linkLists: new DynamoLinkLists(state),
    bulkJobs: new DynamoBulkJobs(state),
    slots: new DynamoOrgSlots(state, SLOTS),
    echoes: { recentMappings: new RecentMappings(clock), store: syncStore },
    overlays: new DynamoOverlays(state),
    linkPages: new DynamoLinkPages(state),
    fullSweeps: new DynamoFullSweeps(state),
    plans: new DynamoPlans(state),
    proofs: new DynamoProofs(state),
    newDigestKey: () => 'a2V5',
    hints: new InMemoryHintQueue(),
    orgs: { open: async () => org },
    clock,
    ids: countingIds(),
  };
  const ports = {
    ...stores,
    executions: new InMemoryBulkExecutions(),
    staging: new InMemoryStaging(),
    csv: { read: readCsv, write: writeCsv },
    timers: { after: () => () => undefined },
    remainingMs: () => 60_000,
  };
  const schedule = {
    ...stores,
    digest: 'config',
    configDigest: new DynamoConfigDigest(state),
    onUnreadable: () => undefined,
  };
  const work = (...hints: readonly Hint[]) =>
    handleHints(
      ports,
      hints.map((hint) => ({ hint, receives: 1 })),
    );
  const step = (of: BulkStep, at: BulkState): Promise<BulkState> => runBulkStep(ports, of, at);

  const at = clock.now();
  await connections.saveAuthorization(
    aStoredConnection({ connectionId: CONNECTION_ID, orgId: TENANT, sfUserId: '005000000000001AAA' }),
    at,
  );
  for (const of of NAMES)
    await stores.mappingStates.ensure(
      { mappingId: mappingIdOf(of), connectionId: CONNECTION_ID, orgId: TENANT, name: of },
      at,
    );
  const counter = countRequests(client);
  return {
    clock,
    org,
    hints: stores.hints,
    names: NAMES,
    /** What the worker does with one batch of messages. */
    work: async (...hints: readonly Hint[]): Promise<void> => {
      for (const answer of await work(...hints))
        if (answer.kind !== 'done' && answer.kind !== 'parts')
          throw new Error(`a hint was not done: ${JSON.stringify(answer)}`, {
            cause: 'error' in answer && answer.error,
          });
    },
    /** What the function does that reads a batch of the first table's stream. */
    forward: (keys: readonly string[]): Promise<unknown> =>
      forwardLocalChanges(
        ports,
        keys.map((id) => ({
          localTable: 'contact',
          after: { id: { S: id }, lastName: { S: 'new' } },
          isExpiry: false,
          changedAt: clock.now(),
        })),
      ),
    /** What an operator asks of a record of the first mapping. */
    why: (by: { readonly key: string } | { readonly sfId: string }): Promise<unknown> =>
      why(stores, { mappingId: mappingIdOf('contact'), ...by, limit: 50 }),
    tick: () => dispatchDue(schedule, clock.nowMs() + 60_000),
    drive: (kind: 'load' | 'push', bulkJobId: string) => drive({ clock, step }, kind, bulkJobId),
    /** Somebody's write of an item, there or not. */
    put: async (id: string, lastName: string): Promise<void> => {
      await client.send(
        new UpdateItemCommand({
          TableName: localTables.contact,
          Key: toItem({ id }),
          UpdateExpression: 'SET lastName = :lastName',
          ExpressionAttributeValues: toItem({ ':lastName': lastName }),
        }),
      );
    },
    /** The record that an item of the load was made of. */
    recordOf: (key: string): string =>
      must(
        [...org.records.keys()].find((id) => derivedLocalKey(CONNECTION_ID, id) === key),
        'an item of the load',
      ),
    /** Of the items of all records. */
    itemKeys: (): readonly string[] =>
      [...org.records.keys()].map((id) => derivedLocalKey(CONNECTION_ID, id)),
    /** What it costs. */
    costOf: async (path: () => Promise<unknown>): Promise<Cost> => {
      counter.take();
      const before = org.usage().calls;
      await path();
      return { ...counter.take(), calls: org.usage().calls - before };
    },
    close: () => client.destroy(),
  };
}

export const mappingIdOf = (name: string): string => `${CONNECTION_ID}.${name}`;
