import { setTimeout as sleep } from 'node:timers/promises';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod';
import type { Item } from '../../local/stack/local-items.ts';
import type { OrgRecord } from '../../local/stack/org-admin.ts';
import { deadLetters } from '../../local/stack/queues.ts';
import { operate, until } from '../../local/stack/tenant.ts';
import { must } from '../../shared/sync/assert.ts';
import { stackWith } from './deployment/shared-stack.ts';
import { connectAndLoad, dispatch, itemsOf, type Tenant } from './deployment/tenants.ts';
import { killWorkers } from './deployment/workers.ts';

const stack = stackWith('chaos');
const { admin } = stack;

const CHAOS_MS = 120_000;
/** What a killed worker held stays hidden for two minutes at most; what failed five times waits five minutes. */
const SETTLED_MS = 6 * 60_000;
const LONGEST_MS = 9 * 60_000;
/** Clocks, and whole seconds, of the two sides. */
const CLOCKS_DIFFER_MS = 3_000;

type Side = 'local' | 'salesforce';
const FIELDS = { firstName: 'FirstName', title: 'Title', phone: 'Phone' } as const;
type Field = keyof typeof FIELDS;
const fields = Object.keys(FIELDS) as Field[];

/** Strikes one request each, `times` where given; each passes by itself. */
const FAULTS = [
  { kind: 'drop-before', path: '/composite' },
  { kind: 'drop-after', path: '/composite' },
  { kind: 'drop-after', path: '/query' },
  { kind: 'truncate', path: '/composite' },
  { kind: 'truncate', path: '/query' },
  { kind: 'maintenance' },
  { kind: 'expired-session' },
  { kind: 'delay', delayMs: 6_000 },
  { code: 'UNABLE_TO_LOCK_ROW', times: 2 },
  { code: 'HTTP_502', times: 2 },
];

/** The last value that a side wrote, and when that was done. */
interface Written {
  readonly value: string;
  readonly atMs: number;
}

/** One contact: an item and a record. */
interface Pair {
  readonly key: string;
  readonly id: string;
}

let tenant: Tenant;
let pairs: readonly Pair[];
/** By contact, field and side. */
const written = new Map<string, Written>();
const createdNames: string[] = [];

beforeAll(async () => {
  // A process that dies between the org's new refresh token and its storage takes that token with it, whoever wrote it.
  await admin.settings({ rotateRefreshTokens: false });
  tenant = await connectAndLoad(stack, 'chaos');
  pairs = (await itemsOf(tenant.contacts, tenant)).map(({ contactId, salesforceId }) => ({
    key: String(contactId),
    id: String(salesforceId),
  }));
  const { url } = z
    .object({ url: z.string() })
    .parse(await operate(stack, { action: 'outbound-message-url', connectionId: tenant.connectionId }));
  await admin.sendOutboundMessages('Contact', url, ['Id']);
});

// What a worker had taken when it was killed stays hidden for minutes, and the files that follow wait for an empty queue.
afterAll(() => stack.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: stack.outputs.HintQueueUrl })));

const anyOf = <T>(some: readonly T[]): T =>
  must(some[Math.floor(Math.random() * some.length)], 'one of some');

async function edit(value: string): Promise<void> {
  const { key, id } = anyOf(pairs);
  const [field, side] = [anyOf(fields), anyOf<Side>(['local', 'salesforce'])];
  if (side === 'local') await tenant.contacts.edit(key, { [field]: value });
  else await admin.edit('Contact', id, { [FIELDS[field]]: value });
  written.set(`${key} ${field} ${side}`, { value, atMs: Date.now() });
}

async function create(lastName: string): Promise<void> {
  if (Math.random() < 0.5) await admin.create('Contact', { LastName: lastName });
  else await tenant.contacts.edit(`chaos-${lastName}`, { tenantId: tenant.orgId, lastName });
  createdNames.push(lastName);
}

/** Edits of both sides one after the other, while faults strike, sessions end, and workers die. */
async function chaos(): Promise<{
  readonly edits: number;
  readonly faults: number;
  readonly killed: number;
}> {
  const done = { edits: 0, faults: 0, killed: 0 };
  const endsAt = Date.now() + CHAOS_MS;
  for (let round = 1; Date.now() < endsAt; round += 1) {
    await edit(`v${round}`);
    done.edits += 1;
    if (round % 40 === 0) await create(`Chaos${round}`);
    if (round % 7 === 0) {
      await admin.faults(anyOf(FAULTS));
      done.faults += 1;
    }
    if (round % 50 === 0)
      done.killed += killWorkers(stack, anyOf(['sync-worker', 'sync-worker', 'local-changes']));
    if (round % 60 === 0) await sweepAll();
    await sleep(Math.random() * 300);
  }
  return done;
}

const mappingIds = () => [tenant.mappingId('account'), tenant.mappingId('contact')];

async function sweepAll(): Promise<void> {
  await dispatch(stack);
  for (const mappingId of mappingIds()) await operate(stack, { action: 'run-now', mappingId });
}

const someWaiting = z.object({ waiting: z.array(z.looseObject({})) });

async function allWaiting(): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (const mappingId of mappingIds())
    all.push(...someWaiting.parse(await operate(stack, { action: 'waiting', mappingId })).waiting);
  return all;
}

const recordsById = async (): Promise<ReadonlyMap<string, OrgRecord>> => {
  const records = await admin.query('SELECT Id, LastName, FirstName, Title, Phone FROM Contact');
  return new Map(records.map((record) => [record.Id, record]));
};

const isInStep = (item: Item, record: OrgRecord | undefined): boolean =>
  record !== undefined && fields.every((field) => (item[field] ?? null) === (record[FIELDS[field]] ?? null));

/** Sweeps as the schedule would, until both sides are equal and nothing waits. */
async function settled(): Promise<void> {
  let left: unknown;
  const isSettled = async (): Promise<boolean> => {
    await sweepAll();
    await sleep(5_000);
    const items = await itemsOf(tenant.contacts, tenant);
    const records = await recordsById();
    const apart = items.filter((item) => !isInStep(item, records.get(String(item.salesforceId))));
    const waiting = await allWaiting();
    left = {
      items: items.length,
      records: records.size,
      apart: apart.slice(0, 3),
      waiting: waiting.slice(0, 5),
    };
    return apart.length === 0 && items.length === records.size && waiting.length === 0;
  };
  await until('Everything settling', isSettled, { timeoutMs: SETTLED_MS, everyMs: 1_000 }).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}; left are ${JSON.stringify(left)}`);
    },
  );
}

const journal = z.object({
  conflicts: z.array(
    z.looseObject({
      localKey: z.string(),
      field: z.string(),
      winner: z.string(),
      local: z.unknown(),
      remote: z.unknown(),
    }),
  ),
});

/** Values that lost, as the journal has them. */
async function losers(): Promise<ReadonlySet<string>> {
  const mappingId = tenant.mappingId('contact');
  const { conflicts } = journal.parse(await operate(stack, { action: 'conflicts', mappingId, limit: 200 }));
  return new Set(
    conflicts.map(
      ({ localKey, field, winner, local, remote }) =>
        `${localKey} ${field} ${winner === 'local' ? remote : local}`,
    ),
  );
}

/** The values that are neither there, nor listed as a conflict's loser, nor older than what the other side wrote. */
async function lostValues(): Promise<string[]> {
  const lost = await losers();
  const lines: string[] = [];
  for (const item of await itemsOf(tenant.contacts, tenant)) {
    for (const field of fields) {
      for (const side of ['local', 'salesforce'] as const) {
        const key = `${item.contactId} ${field}`;
        const mine = written.get(`${key} ${side}`);
        const theirs = written.get(`${key} ${side === 'local' ? 'salesforce' : 'local'}`);
        if (!mine || item[field] === mine.value || lost.has(`${key} ${mine.value}`)) continue;
        const isReplaced =
          theirs && item[field] === theirs.value && theirs.atMs > mine.atMs - CLOCKS_DIFFER_MS;
        if (!isReplaced) lines.push(`${key}: ${side} wrote ${mine.value}, there is ${item[field]}`);
      }
    }
  }
  return lines;
}

test(
  'Edits on both sides, while faults strike and workers die, all arrive, or are listed as conflicts; nothing is doubled',
  async () => {
    const done = await chaos();
    await fetch(`${admin.adminOrigin}/faults`, { method: 'DELETE' });
    const endedAt = Date.now();

    await settled();
    const settledAfterMs = Date.now() - endedAt;

    process.stdout.write(
      `${done.edits} edits, ${done.faults} faults, ${done.killed} killed processes; settled ${Math.round(settledAfterMs / 1000)} s later\n`,
    );
    expect(await lostValues()).toEqual([]);
    const names = [...(await recordsById()).values()].map(({ LastName }) => String(LastName));
    const itemNames = (await itemsOf(tenant.contacts, tenant)).map(({ lastName }) => String(lastName));
    const ofChaos = (some: readonly string[]) => some.filter((name) => name.startsWith('Chaos')).sort();
    expect(ofChaos(names)).toEqual([...createdNames].sort());
    expect(ofChaos(itemNames)).toEqual([...createdNames].sort());
    expect(await deadLetters(stack)).toBe(0);
    expect(done.killed).toBeGreaterThan(0);
  },
  LONGEST_MS,
);
