import { makeHandler, type WorkerPorts } from '../../functions/sync-worker/make-handler.ts';
import type { Hint } from '../../shared/contracts/hints.ts';
import {
  HINT_VISIBILITY_SECONDS,
  REQUEST_TIMEOUT_MS,
  WORKER_TIMEOUT_SECONDS,
} from '../../shared/contracts/lifetimes.ts';
import { syncConfig } from '../../shared/contracts/sync-config.ts';
import { must } from '../../shared/sync/assert.ts';
import type { SalesforceOrg } from '../../shared/use-cases/ports/salesforce-org.ts';
import { aStoredConnection } from '../builders/a-connection.ts';
import { InMemoryBulkJobs } from '../in-memory/bulk-jobs.ts';
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
import { InMemoryOrgSlots } from '../in-memory/org-slots.ts';
import { InMemoryPlans } from '../in-memory/plans.ts';
import { InMemoryProofs } from '../in-memory/proofs.ts';
import { InMemoryOrg } from '../in-memory/salesforce-org/in-memory-org.ts';
import { InMemoryStaging } from '../in-memory/staging.ts';
import { InMemorySyncStore } from '../in-memory/sync-store.ts';
import { VirtualTime } from '../in-memory/virtual-time.ts';
import { aContext } from '../unit/functions/a-context.ts';
import { aLog } from '../unit/functions/a-log.ts';

/** As the stack has them by default. */
const WORKERS = 20;
const SLOTS = 5;
/** As a batch of the queue. */
const BATCH = 10;

const TENANTS = 30;
/** The first ones may have slow orgs; the others make the edits that are measured. */
const MAX_SLOW = 4;
/** Of the others together, whose calls alone take four fifths of the workers, and of each slow one. */
const EVERY_MS = { others: 50, slow: 500 };
const RUN_MS = 60_000;
/** How long a good org takes for a call: between these, as often the one as the other. */
const CALL_MS = { least: 200, most: 600 };

const config = syncConfig.parse({
  localTables: { contacts: { keyField: 'id', tenantField: 'tenantId' } },
  mappings: {
    contact: {
      localTable: 'contacts',
      sfObject: 'Contact',
      fieldMap: { lastName: 'LastName', title: 'Title' },
      externalIdField: 'External_Id__c',
      schedule: { everyMinutes: 5 },
    },
  },
});

export interface Run {
  /** Of each edit of the others, in milliseconds, in the order in which they arrived. */
  readonly waits: readonly number[];
  readonly slowCalls: number;
}

export interface RunOptions {
  /** How many orgs are slow, up to four. @default none */
  readonly slowOrgs?: number;
  /** How long a slow org takes for a call. @default 30 seconds */
  readonly silentMs?: number;
  /** Without slots and breaker, as a queue and its workers are by themselves. @default false */
  readonly isUnbounded?: boolean;
}

/**
 * The real handler on a model of the queue, of the workers and of thirty orgs, in virtual time: a minute of edits,
 * twenty a second of the others, two a second of each slow org's own. The model has no fair queue: messages are taken
 * in the order in which they were sent, so that what holds is due to the worker's bounds alone.
 */
export async function runWith({
  slowOrgs = 0,
  silentMs = 30_000,
  isUnbounded = false,
}: RunOptions): Promise<Run> {
  const slow = Array.from({ length: slowOrgs }, (_, n) => `c${n}`);
  const world = new Model(new Set(slow), silentMs, isUnbounded);
  world.connect();
  world.edit(EVERY_MS.others, (n) => `c${MAX_SLOW + (n % (TENANTS - MAX_SLOW))}`);
  for (const connectionId of slow) world.edit(EVERY_MS.slow, () => connectionId);
  await world.time.pass(RUN_MS + 3 * 60_000);
  return { waits: world.waits, slowCalls: world.slowCalls };
}

/** The value below which this part of the values lies. */
export const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;

interface Message {
  readonly id: string;
  readonly hint: Hint;
  visibleAtMs: number;
  receives: number;
}

const UNBOUNDED: Pick<WorkerPorts, 'slots' | 'timers'> = {
  slots: new InMemoryOrgSlots(WORKERS),
  timers: { after: () => () => undefined },
};

class Model {
  readonly time = new VirtualTime();
  readonly waits: number[] = [];
  slowCalls = 0;
  #random = 1;
  readonly #slow: ReadonlySet<string>;
  readonly #silentMs: number;
  readonly #ids = countingIds();
  readonly #syncStore = new InMemorySyncStore();
  readonly #guardStates = new InMemoryGuardStates();
  readonly #mappingStates = new InMemoryMappingStates();
  readonly #connections = new InMemoryConnections();
  readonly #orgs = new Map<string, InMemoryOrg>();
  readonly #editedAtMs = new Map<string, number>();
  readonly #messages: Message[] = [];
  readonly #handlers: ReturnType<typeof makeHandler>[];
  readonly #idle: number[];

  constructor(slow: ReadonlySet<string>, silentMs: number, isUnbounded: boolean) {
    this.#slow = slow;
    this.#silentMs = silentMs;
    const ports = isUnbounded ? { ...this.#ports(), ...UNBOUNDED } : this.#ports();
    const counters = { count: () => undefined, flush: () => undefined };
    this.#handlers = Array.from({ length: WORKERS }, () => makeHandler(ports, aLog(), counters));
    this.#idle = this.#handlers.map((_, index) => index);
  }

  /** All tenants, each with a mapping whose check is done. */
  connect(): void {
    for (let n = 0; n < TENANTS; n += 1) {
      const connectionId = `c${n}`;
      const mappingId = `${connectionId}.contact`;
      const orgId = `tenant${n}`;
      this.#connections.stored.set(
        connectionId,
        aStoredConnection({ connectionId, orgId, sfOrgId: `00D${n}` }),
      );
      const org = new InMemoryOrg(this.time);
      this.#orgs.set(connectionId, org);
      const nextRunAt = new Date(this.time.nowMs()).toISOString();
      this.#mappingStates.states.set(mappingId, {
        ...{ mappingId, connectionId, orgId, name: 'contact', status: 'active', epoch: 0, nextRunAt },
      });
    }
  }

  /** A new item, again and again, each with a hint of its own. */
  edit(everyMs: number, whose: (n: number) => string): void {
    for (let n = 0; n * everyMs < RUN_MS; n += 1) {
      this.time.after(n * everyMs, () => {
        const connectionId = whose(n);
        const key = `${connectionId}-${n}`;
        const tenantId = `tenant${connectionId.slice(1)}`;
        this.#syncStore.tables.put('contacts', key, { id: key, tenantId, lastName: `Lee ${n}` });
        this.#editedAtMs.set(key, this.time.nowMs());
        this.#send({ kind: 'local-keys', mappingId: `${connectionId}.contact`, keys: [{ key }] });
      });
    }
  }

  #send(hint: Hint): void {
    this.#messages.push({ id: this.#ids.next(), hint, visibleAtMs: this.time.nowMs(), receives: 0 });
    this.#poll();
  }

  /** Gives what is visible to workers that are idle. */
  #poll(): void {
    const nowMs = this.time.nowMs();
    while (this.#idle.length > 0) {
      const batch = this.#messages.filter(({ visibleAtMs }) => visibleAtMs <= nowMs).slice(0, BATCH);
      if (batch.length === 0) return;
      for (const message of batch) {
        message.receives += 1;
        message.visibleAtMs = nowMs + HINT_VISIBILITY_SECONDS * 1000;
      }
      void this.#work(must(this.#idle.shift(), 'an idle worker'), batch);
    }
  }

  async #work(worker: number, batch: readonly Message[]): Promise<void> {
    const endsAtMs = this.time.nowMs() + WORKER_TIMEOUT_SECONDS * 1000;
    const context = {
      ...aContext(),
      getRemainingTimeInMillis: () => endsAtMs - this.time.nowMs(),
    };
    const Records = batch.map(({ id, hint, receives }) => ({
      messageId: id,
      receiptHandle: id,
      body: JSON.stringify(hint),
      attributes: { ApproximateReceiveCount: String(receives) },
    }));
    const { batchItemFailures } = await must(this.#handlers[worker], 'a worker')({ Records }, context);
    if (this.time.nowMs() > endsAtMs) throw new Error('a worker outlived its time');
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const message of batch)
      if (!failed.has(message.id)) this.#messages.splice(this.#messages.indexOf(message), 1);
    this.#idle.push(worker);
    this.#poll();
  }

  #ports(): WorkerPorts {
    return {
      config,
      connections: this.#connections,
      mappingStates: this.#mappingStates,
      orgs: { open: async (connectionId) => this.#org(connectionId) },
      clock: this.time,
      timers: this.time,
      syncStore: this.#syncStore,
      journal: new InMemoryJournal(),
      overlays: this.#syncStore.overlays,
      linkPages: new InMemoryLinkPages(this.#syncStore),
      fullSweeps: new InMemoryFullSweeps(),
      plans: new InMemoryPlans(),
      history: this.#syncStore.history,
      proofs: new InMemoryProofs(),
      staging: new InMemoryStaging(),
      newDigestKey: () => 'a2V5',
      events: new InMemoryEvents(),
      hints: new InMemoryHintQueue(),
      parkedKeys: this.#syncStore.parkedKeys,
      guardStates: this.#guardStates,
      linkLists: new InMemoryLinkLists(this.#syncStore),
      ids: this.#ids,
      bulkJobs: new InMemoryBulkJobs(),
      executions: { startLoad: async () => undefined, startPush: async () => undefined },
      slots: new InMemoryOrgSlots(SLOTS),
      hide: async (messages) => this.#hide(messages),
    };
  }

  #hide(hidden: Parameters<WorkerPorts['hide']>[0]): void {
    for (const { receiptHandle, seconds } of hidden) {
      const message = this.#messages.find(({ id }) => id === receiptHandle);
      if (!message) continue;
      message.visibleAtMs = this.time.nowMs() + Math.ceil(seconds) * 1000;
      this.time.after(Math.ceil(seconds) * 1000, () => this.#poll());
    }
  }

  /** Each call takes its time. One that takes longer than a request may is given up, as the transport does. */
  #org(connectionId: string): SalesforceOrg {
    const org = must(this.#orgs.get(connectionId), 'an org');
    const isSlow = this.#slow.has(connectionId);
    const slowly = <A extends unknown[], T>(call: (...args: A) => Promise<T>) => {
      return async (...args: A): Promise<T> => {
        if (isSlow) this.slowCalls += 1;
        const callMs = isSlow ? this.#silentMs : this.#goodCallMs();
        await this.time.sleep(Math.min(callMs, REQUEST_TIMEOUT_MS));
        if (callMs > REQUEST_TIMEOUT_MS) org.failNext('any', 'lost-answer');
        return call(...args);
      };
    };
    return {
      describe: slowly((sObject: string) => org.describe(sObject)),
      count: slowly((...args: Parameters<SalesforceOrg['count']>) => org.count(...args)),
      select: slowly((...args: Parameters<SalesforceOrg['select']>) => org.select(...args)),
      selectTogether: slowly((...args: Parameters<SalesforceOrg['selectTogether']>) =>
        org.selectTogether(...args),
      ),
      nextPage: slowly((...args: Parameters<SalesforceOrg['nextPage']>) => org.nextPage(...args)),
      update: slowly((...args: Parameters<SalesforceOrg['update']>) => org.update(...args)),
      upsert: async (...args) => {
        const outcomes = await slowly((...all: Parameters<SalesforceOrg['upsert']>) => org.upsert(...all))(
          ...args,
        );
        if (!isSlow) for (const { externalId } of args[2]) this.#arrived(externalId);
        return outcomes;
      },
      deleteRecords: slowly((...args: Parameters<SalesforceOrg['deleteRecords']>) =>
        org.deleteRecords(...args),
      ),
      bulk: org.bulk,
      dailyCalls: slowly(() => org.dailyCalls()),
      usage: () => org.usage(),
      clockSkewMs: () => org.clockSkewMs(),
    };
  }

  /** The same numbers in each run, by a linear congruential generator. */
  #goodCallMs(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return CALL_MS.least + (this.#random % (CALL_MS.most - CALL_MS.least));
  }

  #arrived(key: string): void {
    this.waits.push(this.time.nowMs() - must(this.#editedAtMs.get(key), 'an edit'));
  }
}
