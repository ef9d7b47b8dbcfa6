import { toItem } from '../../../../../shared/aws/attribute-values.ts';
import type { Hint } from '../../../../../shared/contracts/hints.ts';
import {
  type SyncConfig,
  type SyncConfigInput,
  syncConfig,
} from '../../../../../shared/contracts/sync-config.ts';
import { readCsv, writeCsv } from '../../../../../shared/salesforce-client/csv/csv.ts';
import { must } from '../../../../../shared/sync/assert.ts';
import type { GuardLimits } from '../../../../../shared/sync/guard/guard.ts';
import type { BulkPorts } from '../../../../../shared/use-cases/bulk/ports.ts';
import { forwardLocalChanges } from '../../../../../shared/use-cases/local-changes/forward-local-changes.ts';
import type { LocalChange } from '../../../../../shared/use-cases/local-changes/local-change.ts';
import type { Commit, CommitOutcome } from '../../../../../shared/use-cases/ports/sync-store.ts';
import { handleHints } from '../../../../../shared/use-cases/reconciliation/handle-hints.ts';
import { openMapping } from '../../../../../shared/use-cases/reconciliation/open-mapping.ts';
import { dispatchDue } from '../../../../../shared/use-cases/schedules/dispatch-due.ts';
import { enrolmentDigest } from '../../../../../shared/use-cases/schedules/enrolment-digest.ts';
import { aStoredConnection } from '../../../../builders/a-connection.ts';
import { InMemoryBulkExecutions, InMemoryBulkJobs } from '../../../../in-memory/bulk-jobs.ts';
import { manualClock } from '../../../../in-memory/clock.ts';
import { InMemoryConfigDigest } from '../../../../in-memory/config-digest.ts';
import { InMemoryConnections } from '../../../../in-memory/connections.ts';
import { InMemoryEvents } from '../../../../in-memory/events.ts';
import { InMemoryFullSweeps } from '../../../../in-memory/full-sweeps.ts';
import { InMemoryGuardStates } from '../../../../in-memory/guard-states.ts';
import { InMemoryHintQueue } from '../../../../in-memory/hint-queue.ts';
import { countingIds } from '../../../../in-memory/ids.ts';
import { InMemoryJournal } from '../../../../in-memory/journal.ts';
import { InMemoryLinkLists } from '../../../../in-memory/link-lists.ts';
import { InMemoryLinkPages } from '../../../../in-memory/link-pages.ts';
import { InMemoryMappingStates } from '../../../../in-memory/mapping-states.ts';
import { InMemoryOpenConflicts } from '../../../../in-memory/open-conflicts.ts';
import { InMemoryOrgSlots } from '../../../../in-memory/org-slots.ts';
import { InMemoryParkedKeys } from '../../../../in-memory/parked-keys.ts';
import { InMemoryPlans } from '../../../../in-memory/plans.ts';
import { InMemoryProofs } from '../../../../in-memory/proofs.ts';
import { InMemoryOrg } from '../../../../in-memory/salesforce-org/in-memory-org.ts';
import { InMemoryStaging } from '../../../../in-memory/staging.ts';
import { InMemorySyncStore } from '../../../../in-memory/sync-store.ts';
import { manualTimers } from '../../../../in-memory/timers.ts';
import { type BesideStep, runBulk } from './run-bulk.ts';

type TemplateInput = SyncConfigInput['mappings'][string];

const CONTACT: TemplateInput = {
  localTable: 'contacts',
  sfObject: 'Contact',
  fieldMap: { firstName: 'FirstName', lastName: 'LastName', email: 'Email', title: 'Title' },
  externalIdField: 'External_Id__c',
  localIdField: 'salesforceId',
  schedule: { everyMinutes: 5 },
};

/** A config whose mappings are that of contacts, each with its changes. */
export const aConfig = (
  mappings: Readonly<Record<string, Partial<TemplateInput>>> = { contact: {} },
): SyncConfig =>
  syncConfig.parse({
    localTables: { contacts: { keyField: 'id', tenantField: 'tenantId' } },
    mappings: Object.fromEntries(
      Object.entries(mappings).map(([name, change]) => [name, { ...CONTACT, ...change }]),
    ),
  });

/** What a stack is made with. */
export interface StackOptions {
  readonly config?: SyncConfig;
  /** The tenant of each connection, by its id. @default one of acme, `c1` */
  readonly connections?: Readonly<Record<string, string>>;
  /** Rows of a page of a query. @default 50 */
  readonly pageRows?: number;
  /** @default those of the product */
  readonly deletionLimits?: GuardLimits;
  /** What differs of the bulk jobs. */
  readonly bulk?: Partial<Pick<BulkPorts, 'pageRows' | 'pushRecords'>>;
}

/** A message of the queue that came back. */
interface Returned {
  readonly hint: Hint;
  readonly receives: number;
  readonly atMs: number;
}

export const MAPPING_ID = 'c1.contact';
const TICK_MS = 30_000;

/**
 * A whole stack in memory: streams, queue, worker, dispatcher and bulk jobs, with one org for each connection, on a clock
 * that a test moves. Nothing happens but in `passes`, `work` and what a test does itself, so a hint that a test takes
 * off the queue is a hint that was lost.
 */
export function aStack(options: StackOptions = {}) {
  const tenants = options.connections ?? { c1: 'acme' };
  const clock = manualClock();
  const journal = new InMemoryJournal();
  const parkedKeys = new InMemoryParkedKeys(clock);
  const syncStore = new InMemorySyncStore({ journal, parkedKeys });
  const { tables } = syncStore;
  const hints = new InMemoryHintQueue();
  const mappingStates = new InMemoryMappingStates();
  const connections = new InMemoryConnections();
  const executions = new InMemoryBulkExecutions();
  const orgs = new Map(
    Object.keys(tenants).map((id) => [id, new InMemoryOrg(clock, { pageRows: options.pageRows ?? 50 })]),
  );
  for (const [connectionId, orgId] of Object.entries(tenants)) {
    connections.stored.set(connectionId, aStoredConnection({ connectionId, orgId, sfOrgId: connectionId }));
  }
  const ports = {
    config: options.config ?? aConfig(),
    clock,
    journal,
    events: new InMemoryEvents(),
    openConflicts: new InMemoryOpenConflicts(syncStore),
    history: syncStore.history,
    parkedKeys,
    guardStates: new InMemoryGuardStates(),
    linkLists: new InMemoryLinkLists(syncStore),
    ...(options.deletionLimits && { deletionLimits: options.deletionLimits }),
    syncStore,
    overlays: syncStore.overlays,
    linkPages: new InMemoryLinkPages(syncStore),
    fullSweeps: new InMemoryFullSweeps(),
    plans: new InMemoryPlans(),
    proofs: new InMemoryProofs(),
    newDigestKey: () => 'a2V5',
    hints,
    mappingStates,
    connections,
    executions,
    orgs: { open: async (id: string) => orgOf(id) },
    ids: countingIds(),
    bulkJobs: new InMemoryBulkJobs(),
    staging: new InMemoryStaging(),
    csv: { read: readCsv, write: writeCsv },
    configDigest: new InMemoryConfigDigest(),
    slots: new InMemoryOrgSlots(),
    timers: manualTimers(),
    remainingMs: () => 120_000,
    onUnreadable: () => undefined,
    ...options.bulk,
  };
  const orgOf = (id: string): InMemoryOrg => must(orgs.get(id), 'an org');

  const stream: LocalChange[] = [];
  let isExpiry = false;
  tables.onChange(({ table, before, after }) => {
    const changedAt = `${clock.now().slice(0, 19)}.000Z`;
    stream.push({
      localTable: table,
      ...(before && { before: toItem(before) }),
      ...(after && { after: toItem(after) }),
      isExpiry,
      changedAt,
    });
  });

  let returned: Returned[] = [];
  /** Messages that nobody wants any more: too often received in vain. */
  const dead: Returned[] = [];
  let bulkDone = 0;
  /** What happens right before each step of a bulk job. */
  const beside: { step: BesideStep } = { step: () => undefined };

  /** The stream's batch, as the function reads it. */
  const deliverStream = () => forwardLocalChanges(ports, stream.splice(0));

  /** The worker with whatever the queue shows it now; another config is that of other code. */
  async function work(change: Partial<typeof ports> = {}): Promise<void> {
    for (let batch = 0; batch < 200; batch += 1) {
      const nowMs = clock.nowMs();
      const shown = returned.filter(({ atMs }) => atMs <= nowMs).slice(0, 10);
      returned = returned.filter((one) => !shown.includes(one));
      const taken = [
        ...shown,
        ...hints.take(10 - shown.length).map((hint) => ({ hint, receives: 0, atMs: nowMs })),
      ].map(({ hint, receives }) => ({ hint, receives: receives + 1 }));
      if (taken.length === 0) return;
      const answers = await handleHints({ ...ports, ...change }, taken);
      for (const [index, answer] of answers.entries()) {
        const one = must(taken[index], 'one answer a hint');
        if (answer.kind !== 'again' && answer.kind !== 'failed') continue;
        const back = { ...one, atMs: clock.nowMs() + answer.afterMs };
        if (one.receives >= 8) dead.push(back);
        else returned.push(back);
      }
    }
    throw new Error('the worker never comes to an end');
  }

  const tick = (change: Partial<typeof ports> = {}) => {
    const now = { ...ports, ...change };
    return dispatchDue({ ...now, digest: digestOf(now.config) }, clock.nowMs() + 50_000);
  };

  /** Runs every bulk job that was started to its end. */
  async function runJobs(): Promise<void> {
    for (; bulkDone < executions.started.length; bulkDone += 1) {
      const { kind, bulkJobId, mappingId } = must(executions.started[bulkDone], 'a started job');
      await runBulk(ports, clock, kind, { bulkJobId, mappingId }, (...args) => beside.step(...args));
    }
  }

  /** Lets time pass, and everything happen that happens in it. */
  async function passes(minutes: number): Promise<void> {
    const endMs = clock.nowMs() + minutes * 60_000;
    for (let n = 0; clock.nowMs() < endMs; n += 1) {
      clock.advance(TICK_MS);
      await deliverStream();
      if (n % 2 === 0) await tick();
      await work();
      await runJobs();
      await deliverStream();
      await work();
    }
  }

  const opened = async (mappingId = MAPPING_ID, change: Partial<typeof ports> = {}) => {
    const open = await openMapping({ ...ports, ...change }, mappingId);
    if (open.kind !== 'open') throw new Error(`the mapping is closed: ${open.reason}`);
    return open;
  };

  return {
    ...ports,
    ports,
    tables,
    stream,
    dead,
    beside,
    orgOf,
    /** That of the first connection. */
    org: orgOf(must(Object.keys(tenants)[0], 'a connection')),
    deliverStream,
    work,
    tick,
    runJobs,
    passes,
    opened,
    /** From now on every function has this config. */
    deploy: (config: SyncConfig) => {
      ports.config = config;
    },
    /** What is left in the queue to come back. */
    returned: () => returned,
    putItem: (id: string, attributes: Record<string, unknown>, tenantId = 'acme') =>
      tables.put('contacts', id, { ...tables.get('contacts', id), id, tenantId, ...attributes }),
    deleteItem: (id: string) => tables.delete('contacts', id),
    expireItem: (id: string) => {
      isExpiry = true;
      tables.delete('contacts', id);
      isExpiry = false;
    },
    item: (id: string) => tables.get('contacts', id),
    link: (id: string, mappingId = MAPPING_ID) => syncStore.storedLinks.get(`${mappingId}#${id}`),
    state: async (mappingId = MAPPING_ID) => must(await mappingStates.get(mappingId), 'a state'),
    sweepHint: (runId: string, mappingId = MAPPING_ID): Hint => ({ kind: 'sweep', mappingId, runId }),
    remoteHint: (...sfIds: string[]): Hint => ({ kind: 'remote-ids', mappingId: MAPPING_ID, sfIds }),
    rejections: async (mappingId = MAPPING_ID) =>
      (await journal.rejections(mappingId, 100)).map(({ key, code }) => ({ key, code })),
    conflicts: () => [...journal.storedConflicts.values()],
    parked: () => [...parkedKeys.parked.values()],
    /** Until a test says otherwise: so that what arrives arrives by its hint. */
    withoutSweeps: async () => {
      for (const mappingId of mappingStates.states.keys())
        await mappingStates.makeDue(mappingId, '2030-01-01T00:00:00.000Z');
    },
  };
}

export type Stack = ReturnType<typeof aStack>;

/** As a function keeps it from one tick to the next. */
const digests = new WeakMap<SyncConfig, string>();
const digestOf = (config: SyncConfig): string => {
  const digest = digests.get(config) ?? enrolmentDigest(config);
  digests.set(config, digest);
  return digest;
};

/** A stack with Ann in both places, at rest. */
export async function aSettledStack(options: StackOptions = {}) {
  const stack = aStack(options);
  const sfId = stack.org.insert({
    FirstName: 'Ann',
    LastName: 'Lee',
    Email: 'ann@example.com',
    Title: 'CEO',
  });
  await stack.passes(10);
  const [key = ''] = stack.tables.keys('contacts');
  return { ...stack, sfId, key };
}

/** Both sides of Ann's e-mail address are edited, the item later, and looked at together. */
export async function bothEdited(stack: Awaited<ReturnType<typeof aSettledStack>>): Promise<void> {
  await stack.withoutSweeps();
  stack.org.edit(stack.sfId, { Email: 'theirs@example.com' });
  stack.clock.advance(5_000);
  stack.putItem(stack.key, { email: 'ours@example.com' });
  await stack.passes(2);
}

/** Lets something happen right before the next such call of the org, as if another worker or a person were faster. */
export function beforeNext(org: InMemoryOrg, call: OrgCall, happen: () => unknown): void {
  around(org, call, async (send) => {
    await happen();
    return send();
  });
}

/** Lets something happen between the answer of the next such call and whatever is made of it. */
export function afterNext(org: InMemoryOrg, call: OrgCall, happen: () => unknown): void {
  around(org, call, async (send) => {
    const answer = await send();
    await happen();
    return answer;
  });
}

type OrgCall = 'count' | 'select' | 'nextPage' | 'update' | 'upsert' | 'deleteRecords';

function around(
  org: InMemoryOrg,
  call: OrgCall,
  how: (send: () => Promise<unknown>) => Promise<unknown>,
): void {
  const original = org[call];
  const stand = (...args: never[]): Promise<unknown> => {
    Object.assign(org, { [call]: original });
    return how(() => Reflect.apply(original, org, args));
  };
  Object.assign(org, { [call]: stand });
}

/** The row of this record comes with a title that is no text, whatever selects it. */
export function misread(org: InMemoryOrg, sfId: string): void {
  const { select } = org;
  org.select = async (selection) => {
    const page = await Reflect.apply(select, org, [selection]);
    return { ...page, records: page.records.map((row) => (row.Id === sfId ? { ...row, Title: 5 } : row)) };
  };
}

/** Has somebody be faster than so many commits that `isMeant` picks. */
export function loseRaces(
  stack: Stack,
  times: number,
  isMeant: (commit: Commit) => boolean = () => true,
): void {
  const { syncStore } = stack;
  const { commit } = syncStore;
  let left = times;
  syncStore.commit = async (commits) => {
    const isLost = commits.map((one) => isMeant(one) && left-- > 0);
    const taken = await commit.call(
      syncStore,
      commits.filter((_, index) => !isLost[index]),
    );
    const rest = taken.values();
    return isLost.map((lost): CommitOutcome => (lost ? 'lost-race' : (rest.next().value ?? 'lost-race')));
  };
}
