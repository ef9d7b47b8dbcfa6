import { nowIso } from '../../../contracts/clock.ts';
import type { CsvRow } from '../../../contracts/salesforce.ts';
import { parseId } from '../../../contracts/salesforce-id.ts';
import { isoOf } from '../../../contracts/time.ts';
import { keyFieldOf } from '../../../sync/mapping/identity.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import { asOfRevision } from '../../../sync/reconcile/as-of-revision.ts';
import { needsRemoteLook } from '../../../sync/reconcile/local-changes.ts';
import { settleRefused, settleWritten } from '../../../sync/reconcile/settle.ts';
import type { Conflict, Rejection } from '../../ports/journal.ts';
import type { RunCounts } from '../../ports/mapping-states.ts';
import type { Refusal } from '../../ports/salesforce-org.ts';
import type { Commit } from '../../ports/sync-store.ts';
import { MAX_CONFLICTS_IN_COMMIT } from '../../reconciliation/records/conflicts.ts';
import { mayBeOfParent } from '../../reconciliation/records/parents.ts';
import { alreadyLinked } from '../../reconciliation/records/rejections.ts';
import { tellOfParked } from '../../reconciliation/records/tell-of-parked.ts';
import type { RejectionReason } from '../../reconciliation/records/waiting.ts';
import { wakeChildren } from '../../reconciliation/records/waiting-children.ts';
import { BulkResultUnreadable } from '../errors.ts';
import type { OpenJob } from '../open-job.ts';
import type { BulkPorts } from '../ports.ts';
import { sendKeys } from '../send-keys.ts';

export type ResultSet = 'successful' | 'failed' | 'unprocessed';
type Settle = (ports: BulkPorts, opened: OpenJob, rows: readonly CsvRow[]) => Promise<Partial<RunCounts>>;

/** A row's result, with the link that this job still holds. */
interface Held {
  readonly row: CsvRow;
  readonly link: Link;
}

/** The record is there: the link learns its id and what was written, and the item its id. */
const settleSuccessful: Settle = async (ports, opened, rows) => {
  const { mapping } = opened.open;
  const { held, settledBefore } = await standOf(ports, opened, rows);
  const overflow = held.flatMap((one) => overwrittenBy(ports, opened, one).slice(MAX_CONFLICTS_IN_COMMIT));
  if (overflow.length > 0) await ports.journal.recordConflicts(overflow);
  const { items } = await ports.syncStore.items(
    mapping,
    mapping.localIdField === undefined ? [] : keysOf(held),
  );
  const commits = held.map((one): Commit => {
    const commit = linkCommit(ports, opened, one);
    const read = items.get(one.link.localKey);
    const { sfId } = commit.link;
    if (!read || sfId === undefined || read.sfId === sfId) return commit;
    return { ...commit, item: { kind: 'update', read, values: {}, sfId } };
  });
  const outcomes = await ports.syncStore.commit(commits);
  await settleLosers(
    ports,
    opened,
    held.filter((_, index) => outcomes[index] !== 'committed' && outcomes[index] !== 'sf-id-taken'),
  );
  const taken = held.filter((_, index) => outcomes[index] === 'sf-id-taken');
  await reject(ports, opened, taken, () => alreadyLinked(mapping), 'local-rules');
  const settled = [...held.filter((one) => !taken.includes(one)), ...settledBefore];
  await lookAgain(ports, opened, keysOf(settled));
  await wakeChildren(
    ports,
    mapping,
    settled.map(({ row, link }) => ({ localKey: link.localKey, sfId: parseId(row.sf__Id ?? '') ?? '' })),
  );
  const created = held.filter((one) => !wasThere(one)).length;
  return {
    read: rows.length,
    createdInSalesforce: created,
    updatedInSalesforce: held.length - created,
    rejections: taken.length,
  };
};

/** The record came to exist after it was announced, and what it had in the fields that were written is gone. */
const wasThere = ({ row }: Held): boolean => row.sf__Created === 'false';

/** A job writes from what was read when its records were announced. What it overwrote nobody can tell any more. */
function overwrittenBy(ports: BulkPorts, { open }: OpenJob, one: Held): readonly Conflict[] {
  if (!wasThere(one)) return [];
  const { row, link } = one;
  const at = nowIso(ports.clock);
  return Object.entries(link.pending ?? {}).map(([field, local]) => ({
    mappingId: open.mapping.mappingId,
    localKey: link.localKey,
    sfId: row.sf__Id ?? '',
    field,
    base: undefined,
    local,
    remote: null,
    policy: 'bulk-push',
    winner: 'local' as const,
    reason:
      'a bulk push wrote a record that had come to exist meanwhile: what it had in this field is not known here, the field history of the org may tell',
    at,
    linkVersion: link.version,
  }));
}

/** Salesforce refused the record: it is kept for a person, unless the refusal passes with time. */
const settleFailed: Settle = async (ports, opened, rows) => {
  const held = await heldOf(ports, opened, rows);
  const refusalOf = ({ row }: Held): Refusal => opened.open.org.bulk.refusalOf(row.sf__Error ?? null);
  const { mapping } = opened.open;
  // The worker looks whether a parent is still there, and may save a duplicate, which no ingest job may.
  const isLasting = (one: Held): boolean => {
    const { code, retryAfterMs } = refusalOf(one);
    const isForWorker = mayBeOfParent(mapping, code) || mayBeSavedAlone(mapping, code);
    return retryAfterMs === undefined && !isForWorker;
  };
  const lasting = held.filter(isLasting);
  await reject(ports, opened, lasting, refusalOf, 'salesforce');
  await lookAtEdited(ports, opened, lasting);
  await giveBack(
    ports,
    opened,
    held.filter((one) => !isLasting(one)),
  );
  return { read: rows.length, rejections: lasting.length };
};

/** Bulk API 2.0 takes no header for duplicate rules: a rule that only warns refuses its rows. */
const mayBeSavedAlone = ({ allowsDuplicates }: Mapping, code: string): boolean =>
  allowsDuplicates === true && code === 'DUPLICATES_DETECTED';

/** Salesforce never came to these: the worker does. */
const settleUnprocessed: Settle = async (ports, opened, rows) => {
  await giveBack(ports, opened, await heldOf(ports, opened, rows));
  return { read: rows.length };
};

/** What each result set means for its rows. */
export const SETTLE: Readonly<Record<ResultSet, Settle>> = {
  successful: settleSuccessful,
  failed: settleFailed,
  unprocessed: settleUnprocessed,
};

const keysOf = (held: readonly Held[]): string[] => held.map(({ link }) => link.localKey);

/** How far the job is with rows. */
interface Stand {
  /** Their link is still announced by this job. */
  readonly held: readonly Held[];
  /** Settled by a try of this step that did not come to its end. */
  readonly settledBefore: readonly Held[];
}

async function standOf(ports: BulkPorts, { job, open }: OpenJob, rows: readonly CsvRow[]): Promise<Stand> {
  const { mapping } = open;
  const { bulkJobId } = job;
  const rowOf = new Map(rows.map((row) => [column(row, keyFieldOf(mapping), bulkJobId), row]));
  const links = await ports.syncStore.links(mapping.mappingId, [...rowOf.keys()]);
  const known = [...rowOf].flatMap(([key, row]) => {
    const link = links.get(key);
    return link ? [{ row, link }] : [];
  });
  const isHeld = ({ link }: Held): boolean => link.pending !== undefined && link.lease?.owner === bulkJobId;
  return {
    held: known.filter(isHeld),
    settledBefore: known.filter((one) => !isHeld(one) && one.link.run?.runId === bulkJobId),
  };
}

const heldOf = async (ports: BulkPorts, opened: OpenJob, rows: readonly CsvRow[]): Promise<readonly Held[]> =>
  (await standOf(ports, opened, rows)).held;

function linkCommit(ports: BulkPorts, opened: OpenJob, one: Held): Commit {
  const { job, open } = opened;
  const { row, link } = one;
  const sfId = parseId(column(row, 'sf__Id', job.bulkJobId));
  if (sfId === undefined) throw new BulkResultUnreadable(job.bulkJobId, 'sf__Id');
  // The rows were written at some time before this one, so no older row of another reader is taken for newer.
  const readAt = isoOf(ports.clock.nowMs() + open.org.clockSkewMs());
  const written = settleWritten(open.mapping, link, link.pending ?? {}, {
    sfId,
    readAt,
    isCreated: !wasThere(one),
  });
  const run = { by: 'push' as const, runId: job.bulkJobId, at: nowIso(ports.clock) };
  const conflicts = overwrittenBy(ports, opened, one).slice(0, MAX_CONFLICTS_IN_COMMIT);
  return {
    mapping: open.mapping,
    link: { ...written, run },
    expectedVersion: link.version,
    ...(conflicts.length > 0 && { conflicts }),
  };
}

/**
 * The item or the link changed meanwhile, or the item takes no Salesforce id: what Salesforce has is true all the
 * same, so the link alone is settled. The worker looks at the item, and says what is wrong with it.
 */
async function settleLosers(ports: BulkPorts, opened: OpenJob, losers: readonly Held[]): Promise<void> {
  const now = await heldOf(
    ports,
    opened,
    losers.map(({ row }) => row),
  );
  await ports.syncStore.commit(now.map((one) => linkCommit(ports, opened, one)));
}

/** Edits made while the job held the record waited for it: whatever differs from what was sent is looked at. */
async function lookAgain(ports: BulkPorts, { job, open }: OpenJob, keys: readonly string[]): Promise<void> {
  const { mapping } = open;
  const [{ found: links, parked }, { items, invalid }] = await Promise.all([
    ports.syncStore.look(mapping.mappingId, keys),
    ports.syncStore.items(mapping, keys),
  ]);
  const isOpen = (key: string): boolean => {
    const link = links.get(key);
    const known = link && asOfRevision(mapping, link);
    return needsRemoteLook(known, items.get(key) ?? 'missing', mapping);
  };
  const changed = keys.filter((key) => invalid.has(key) || parked.has(key) || isOpen(key));
  await sendKeys(ports, mapping.mappingId, changed, job.bulkJobId);
}

/** An edit made since a refused record was sent may have put it right, and has waited for the job. */
async function lookAtEdited(ports: BulkPorts, { job, open }: OpenJob, held: readonly Held[]): Promise<void> {
  const { localIdField: _, ...mapping } = open.mapping;
  const { items, invalid } = await ports.syncStore.items(open.mapping, keysOf(held));
  const edited = held.filter(({ link }) => {
    const { pending, ...known } = asOfRevision(open.mapping, link);
    const asSent: Link = { ...known, state: 'linked', base: { ...known.base, ...pending } };
    const item = items.get(link.localKey) ?? 'missing';
    return invalid.has(link.localKey) || needsRemoteLook(asSent, item, mapping);
  });
  await sendKeys(ports, mapping.mappingId, keysOf(edited), job.bulkJobId);
}

async function release(ports: BulkPorts, { open }: OpenJob, held: readonly Held[]): Promise<void> {
  await ports.syncStore.commit(
    held.map(({ link }) => ({
      mapping: open.mapping,
      link: settleRefused(link),
      expectedVersion: link.version,
    })),
  );
}

/** Before the release: a kill in between leaves the record held, so that the repeated step comes here again. */
async function giveBack(ports: BulkPorts, opened: OpenJob, held: readonly Held[]): Promise<void> {
  await sendKeys(ports, opened.open.mapping.mappingId, keysOf(held), opened.job.bulkJobId);
  await release(ports, opened, held);
}

async function reject(
  ports: BulkPorts,
  opened: OpenJob,
  held: readonly Held[],
  reasonOf: (one: Held) => RejectionReason,
  by: Rejection['by'],
): Promise<void> {
  if (held.length === 0) return;
  const { mappingId } = opened.open.mapping;
  // Who dies in between leaves a key that is looked at again, and not a rejection that nobody takes back.
  await ports.parkedKeys.park(
    held.map((one) => ({
      mappingId,
      kind: 'local' as const,
      side: 'local' as const,
      key: one.link.localKey,
      reason: reasonOf(one).code,
    })),
  );
  const at = nowIso(ports.clock);
  await tellOfParked(
    ports,
    mappingId,
    held.map((one) => {
      const { code, message, fields } = reasonOf(one);
      const key = one.link.localKey;
      return { mappingId, kind: 'local', key, rejection: { mappingId, by, key, at, code, message, fields } };
    }),
  );
  await release(ports, opened, held);
}

/** A column that each row of a result must have. */
function column(row: CsvRow, name: string, bulkJobId: string): string {
  const value = row[name];
  if (value === undefined || value === null || value === '') throw new BulkResultUnreadable(bulkJobId, name);
  return value;
}
