import { createHash } from 'node:crypto';
import { isoOf } from '../contracts/time.ts';
import { assert } from '../sync/assert.ts';
import { epochMs } from '../sync/time.ts';

/*
 * The items of both tables and their keys. Times in sort keys are ISO 8601 in UTC with milliseconds, so that text
 * order is time order.
 *
 * Connections table
 *
 *   orgId                     sfOrgId            holds
 *   {tenant}                  {sfOrgId}          the connection; `listShard` puts it into the index byShard
 *   connection#{connectionId} -                  where that connection is; written with it and never changed
 *   ticket#{ticketId}         -                  a ticket that was used; expires
 *   state#{stateHash}         -                  a pending authorisation; expires
 *
 * A tenant never contains `#`, so that none can pass for one of the others.
 *
 * Sync-state table
 *
 *   pk                                   sk                listKey                  listSort
 *   links#{mappingId}#{0..15}            {localKey}
 *   records#{mappingId}#{0..15}          {sfId}
 *   parked#{mappingId}#{0..15}           {kind}#{key}      parked#{0..7}            waitUntil, if it has one
 *   awaited#{mappingId}#{0..15}          {kind}#{key}
 *   mappings#{connectionId}              {mappingId}       due#{0..7}               nextRunAt
 *   conflict#{mappingId}#{localKey}      {at}#{v}#{field}  conflicts#{mappingId}    at
 *   open#{mappingId}#{localKey}          {field}           open#{mappingId}         since, of what is held for a person
 *   rejection#{mappingId}#{key}          rejection         rejections#{mappingId}   at
 *   run#{mappingId}#{runId}              run               runs#{mappingId}         startedAt
 *   bulk#{bulkJobId}                     bulk              bulk#open, while open    startedAt
 *   config#digest                        digest
 *   guard#{mappingId}                    deletions
 *   slots#{connectionId}                 slots
 *   fullsweeps#{connectionId}            {mappingId}, or {mappingId}#formulas
 *   found#{mappingId}#{sweepId}          {kind}#{key}
 *   plans#{connectionId}                 {mappingId}
 *   planned#{mappingId}#{planId}         {key}
 *   overlaid#{mappingId}#{0..15}         {localKey}        what a rehearsal would have written; its links have the mapping
 *                                                          id {mappingId}~rehearsal
 *   proof#{mappingId}                    proof
 *   history#{mappingId}#{localKey}       {at}#{version}   history#{mappingId}#{0..7}  at
 *
 * A line of the history is listed under eight keys of its mapping, since a busy mapping leaves more than a thousand in a
 * second.
 *
 * Links, the pointers from Salesforce ids to them, and parked keys lie in sixteen buckets of their mapping, by a hash
 * of their key: so a mapping can be read whole, a bucket at a time and in order, and ten million links are not one hot
 * partition. What is written by all tenants at once is listed under eight keys; what else belongs to one mapping is
 * listed under that mapping's id.
 * Each item has the version of its schema (`v`) and, if it expires, the time of that (`expiresAt`).
 */

/** The key of an item of the sync-state table. */
export interface StateKey {
  readonly pk: string;
  readonly sk: string;
}

/** What puts an item into the list index. */
export interface ListEntry {
  readonly listKey: string;
  readonly listSort: string;
}

/** Enough for some 8,000 writes a second, few enough to read all at each dispatch. */
export const LIST_SHARDS = 8;
/** Connections are few and rarely written. */
export const CONNECTION_SHARDS = 4;

/** Items that one page of a listing looks at: some 50 KB of connections; a scan's page also ends at 1 MB. */
export const PAGE_ITEMS = { connections: 100, localTable: 1000, history: 200 } as const;

/** Spreads texts evenly over `count` buckets, always the same way. */
export const shardOf = (text: string, count: number): number =>
  createHash('sha256').update(text).digest().readUInt32BE(0) % count;

/**
 * For good: with another number every link would be lost sight of. A bucket takes a thousand writes a second, and
 * DynamoDB splits one that is busy.
 */
export const BUCKETS = 16;
export const pointersPartition = (mappingId: string, bucket: number): string =>
  `records#${mappingId}#${bucket}`;
const bucketOf = (key: string): number => shardOf(key, BUCKETS);

/** The one form in which a time sorts as text. */
export const sortableTime = (at: string): string => isoOf(epochMs(at));

export const linkPartition = (mappingId: string, bucket: number): string => `links#${mappingId}#${bucket}`;
export const linkKey = (mappingId: string, localKey: string): StateKey => ({
  pk: linkPartition(mappingId, bucketOf(localKey)),
  sk: localKey,
});

export const pointerKey = (mappingId: string, sfId: string): StateKey => ({
  pk: pointersPartition(mappingId, bucketOf(sfId)),
  sk: sfId,
});

/** What a rehearsal would have written to a pair. */
export const overlaidPartition = (mappingId: string, bucket: number): string =>
  `overlaid#${mappingId}#${bucket}`;
export const overlaidKey = (mappingId: string, localKey: string): StateKey => ({
  pk: overlaidPartition(mappingId, bucketOf(localKey)),
  sk: localKey,
});

export const PARKED_PREFIX = 'parked#';
export const parkedPartition = (mappingId: string, bucket: number): string =>
  `${PARKED_PREFIX}${mappingId}#${bucket}`;
export const parkedKey = (mappingId: string, kind: string, key: string): StateKey => ({
  pk: parkedPartition(mappingId, bucketOf(key)),
  sk: `${kind}#${key}`,
});
export const parkedList = (shard: number): string => `${PARKED_PREFIX}${shard}`;
export const parkedEntry = (key: StateKey, waitUntil: string): ListEntry => ({
  listKey: parkedList(shardOf(`${key.pk}#${key.sk}`, LIST_SHARDS)),
  listSort: sortableTime(waitUntil),
});

/** Who waits for a parent. */
export const awaitedKey = (mappingId: string, kind: string, key: string): StateKey => ({
  pk: `awaited#${mappingId}#${bucketOf(key)}`,
  sk: `${kind}#${key}`,
});

/** All mappings of a connection share a partition, which is read as one. */
export const mappingsPartition = (connectionId: string): string => `mappings#${connectionId}`;

/** A mapping's id is its connection's id, a dot, and its name, which has no dot. */
export const mappingKey = (mappingId: string): StateKey => {
  const dot = mappingId.lastIndexOf('.');
  assert(dot > 0, 'a mapping id names its connection');
  return { pk: mappingsPartition(mappingId.slice(0, dot)), sk: mappingId };
};

export const dueList = (shard: number): string => `due#${shard}`;
export const dueEntry = (mappingId: string, nextRunAt: string): ListEntry => ({
  listKey: dueList(shardOf(mappingId, LIST_SHARDS)),
  listSort: sortableTime(nextRunAt),
});

export const conflictPartition = (mappingId: string, localKey: string): string =>
  `conflict#${mappingId}#${localKey}`;
export const conflictKey = (
  mappingId: string,
  localKey: string,
  at: string,
  linkVersion: number,
  field: string,
): StateKey => ({
  pk: conflictPartition(mappingId, localKey),
  sk: `${sortableTime(at)}#${linkVersion}#${field}`,
});
export const conflictList = (mappingId: string): string => `conflicts#${mappingId}`;

/** What is held for a person: one item for each field of a pair, listed until it is decided. */
export const openConflictKey = (mappingId: string, localKey: string, field: string): StateKey => ({
  pk: `open#${mappingId}#${localKey}`,
  sk: field,
});
export const openConflictList = (mappingId: string): string => `open#${mappingId}`;

/** A table's own keys may have 2,048 bytes, as many as the partition key that holds them. */
const MAX_KEY_BYTES = 1_536;
const fitting = (key: string, maxBytes = MAX_KEY_BYTES): string =>
  Buffer.byteLength(key) <= maxBytes ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`;

/** An item is rejected for too long a key too, so that a key that does not fit stands as its digest. */
export const rejectionKey = (mappingId: string, key: string): StateKey => ({
  pk: `rejection#${mappingId}#${fitting(key)}`,
  sk: 'rejection',
});
export const rejectionList = (mappingId: string): string => `rejections#${mappingId}`;

export const runKey = (mappingId: string, runId: string): StateKey => ({
  pk: `run#${mappingId}#${runId}`,
  sk: 'run',
});
export const runList = (mappingId: string): string => `runs#${mappingId}`;

export const bulkJobKey = (bulkJobId: string): StateKey => ({ pk: `bulk#${bulkJobId}`, sk: 'bulk' });
/** Open jobs are few: one at a time for each mapping. */
export const OPEN_BULK_JOBS = 'bulk#open';

/** The one item that stands for the whole deployment: how far the enrolment of its sync config has come. */
export const CONFIG_DIGEST_KEY: StateKey = { pk: 'config#digest', sk: 'digest' };

/** How much a mapping has done of what a person is asked about. */
export const guardKey = (mappingId: string, what: string): StateKey => ({
  pk: `guard#${mappingId}`,
  sk: what,
});

/** Who may call a connection's org now. */
export const orgSlotsKey = (connectionId: string): StateKey => ({ pk: `slots#${connectionId}`, sk: 'slots' });

/** The full sweeps of a connection's mappings, the last of each, share a partition: one at a time is at work. */
export const fullSweepsPartition = (connectionId: string): string => `fullsweeps#${connectionId}`;
export const fullSweepKey = (mappingId: string, scope: 'all' | 'formulas' = 'all'): StateKey => ({
  pk: fullSweepsPartition(mappingId.slice(0, mappingId.lastIndexOf('.'))),
  sk: scope === 'all' ? mappingId : `${mappingId}#${scope}`,
});

export const findingsPartition = (mappingId: string, sweepId: string): string =>
  `found#${mappingId}#${sweepId}`;
/** Room for the kind within a sort key. */
const MAX_FOUND_KEY_BYTES = 960;
export const findingKey = (mappingId: string, sweepId: string, kind: string, key: string): StateKey => ({
  pk: findingsPartition(mappingId, sweepId),
  sk: `${kind}#${fitting(key, MAX_FOUND_KEY_BYTES)}`,
});

/** The plans of a connection's mappings, the last of each. */
export const planKey = (mappingId: string): StateKey => ({
  pk: `plans#${mappingId.slice(0, mappingId.lastIndexOf('.'))}`,
  sk: mappingId,
});
/** A key that is in a plan. */
export const plannedKey = (mappingId: string, planId: string, key: string): StateKey => ({
  pk: `planned#${mappingId}#${planId}`,
  sk: fitting(key, MAX_FOUND_KEY_BYTES),
});
export const proofKey = (mappingId: string): StateKey => ({ pk: `proof#${mappingId}`, sk: 'proof' });
/** Where the history of a record lies. */
export const historyPartition = (mappingId: string, localKey: string): string =>
  `history#${mappingId}#${fitting(localKey)}`;
/** Digits of a version, so that text order is the order of versions. */
const VERSION_DIGITS = 10;
export const historyKey = (mappingId: string, localKey: string, at: string, version: number): StateKey => ({
  pk: historyPartition(mappingId, localKey),
  sk: `${sortableTime(at)}#${String(version).padStart(VERSION_DIGITS, '0')}`,
});
export const historyList = (mappingId: string, shard: number): string => `history#${mappingId}#${shard}`;
export const historyEntry = (mappingId: string, localKey: string, at: string): ListEntry => ({
  listKey: historyList(mappingId, shardOf(localKey, LIST_SHARDS)),
  listSort: sortableTime(at),
});

const DAY_MS = 24 * 3_600_000;
/** Days that something is kept for people to read after it is over. */
export const KEPT_DAYS = {
  awaited: 7,
  run: 30,
  decidedConflict: 90,
  endedBulkJob: 30,
  finding: 30,
  plannedKey: 7,
} as const;

/** This many days after a time, in epoch seconds as DynamoDB's time to live takes them. */
export const expiryAfter = (at: string, days: number): number =>
  Math.ceil((epochMs(at) + days * DAY_MS) / 1000);
