import { isoOf } from '../../../contracts/time.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import type { FieldValue } from '../../../sync/model/values.ts';
import { type FieldConflict, NOTHING, type Plan } from '../../../sync/reconcile/plan.ts';
import { reconcile } from '../../../sync/reconcile/reconcile.ts';
import {
  afterLocalCommit,
  afterLocalCreate,
  agree,
  markLocalDeleted,
  markRemoteDeleted,
  type Pair,
} from '../../../sync/reconcile/settle.ts';
import { isAfter, latest } from '../../../sync/time.ts';
import { addCounts, NO_COUNTS } from '../../ports/counts.ts';
import type { Conflict } from '../../ports/journal.ts';
import type { RunCounts } from '../../ports/mapping-states.ts';
import type { Commit, ItemWrite } from '../../ports/sync-store.ts';
import {
  type Applied,
  countOfWrite,
  type HeldKey,
  itemUpdate,
  joined,
  keyOf,
  NOTHING_APPLIED,
  type Planned,
} from './applied.ts';
import { pushToSalesforce } from './push.ts';
import { rejectCommit, rejectTaken } from './rejections.ts';
import type { Subject } from './subject.ts';
import type { LocalKey, Pass } from './work.ts';

/** Decides about each subject and carries it out: what is local in one round of commits, then what goes to Salesforce. */
export async function apply(pass: Pass, subjects: readonly Subject[]): Promise<Applied> {
  const { free, held } = byLease(pass, subjects);
  const planned = await withParkedTimes(
    pass,
    free.map((subject) => planFor(pass, subject)),
  );
  await recordConflicts(pass, planned);
  const mismatches = await rejectMismatches(pass, planned);
  const local = await commitLocally(pass, planned);
  const remote = await pushToSalesforce(pass, planned);
  const counts = addCounts(local.counts, { rejections: mismatches });
  return joined({ ...local, counts, held }, remote);
}

/**
 * A link under another worker's live lease is left alone altogether: its write is in flight, and a commit of ours
 * would forget that it was announced.
 */
function byLease({ ports, owner }: Pass, subjects: readonly Subject[]) {
  const now = ports.clock.nowMs();
  const held: HeldKey[] = [];
  const free = subjects.filter((subject) => {
    const lease = subject.link?.lease;
    if (!lease || lease.until <= now || lease.owner === owner) return true;
    held.push({ ...keyOf(subject), leftMs: lease.until - now });
    return false;
  });
  return { free, held };
}

/**
 * Decides conflicts again that time decides, where the local edit is one that waits outside the queue: whoever came
 * upon the pair first, such as a sweep after a pause, does not know when it was made.
 */
async function withParkedTimes(pass: Pass, planned: readonly Planned[]): Promise<readonly Planned[]> {
  const timed = planned.filter(({ plan }) => plan.kind === 'write' && plan.conflicts.some(isDecidedByTime));
  if (timed.length === 0) return planned;
  const parked = await pass.ports.dirtyKeys.changedAt(
    pass.open.mapping.mappingId,
    timed.map(({ subject }) => subject.localKey),
  );
  return planned.map((one) => {
    const changedAt = parked.get(one.subject.localKey);
    if (changedAt === undefined) return one;
    return planFor(pass, { ...one.subject, localChangedAt: latest(one.subject.localChangedAt, changedAt) });
  });
}

const isDecidedByTime = ({ policy }: FieldConflict): boolean => policy === 'last-write-wins';

function planFor(pass: Pass, subject: Subject): Planned {
  const { mapping, org } = pass.open;
  const { localKey, link, local, remote, localChangedAt } = subject;
  const localChangedAtSfClock =
    localChangedAt === undefined ? undefined : isoOf(Date.parse(localChangedAt) + org.clockSkewMs());
  const plan = reconcile({ mapping, link, local, remote, localChangedAtSfClock });
  const pair: Pair = {
    mapping,
    localKey,
    link,
    remote: remote === 'missing' ? undefined : remote,
    localChangedAt,
  };
  return { subject, pair, plan, localChangedAtSfClock };
}

/** Everything that needs no write to Salesforce. */
async function commitLocally(pass: Pass, planned: readonly Planned[]): Promise<Applied> {
  const commits: Commit[] = [];
  const ours: Planned[] = [];
  for (const one of planned) {
    const commit = localCommit(one);
    if (!commit) continue;
    commits.push(commit);
    ours.push(one);
  }
  const outcomes = await pass.ports.syncStore.commit(commits);
  let counts = addCounts(NO_COUNTS, { unchanged: planned.filter(({ plan }) => isNoWork(plan)).length });
  const written: string[] = [];
  const lostRaces: LocalKey[] = [];
  for (const [index, one] of ours.entries()) {
    const outcome = outcomes[index];
    if (outcome === 'committed') {
      counts = addCounts(counts, countOf(one));
      if (commits[index]?.item) written.push(one.subject.localKey);
    } else if (outcome === undefined || outcome === 'lost-race') lostRaces.push(keyOf(one.subject));
    else counts = addCounts(counts, await rejectCommit(pass, one.subject.localKey, outcome));
  }
  // Whatever the store or a person's value stood in the way of before.
  if (written.length > 0) await pass.ports.journal.clearRejections(pass.open.mapping.mappingId, written);
  return { ...NOTHING_APPLIED, counts, lostRaces };
}

function localCommit({ subject, pair, plan }: Planned): Commit | undefined {
  const base = { mapping: pair.mapping, expectedVersion: subject.link?.version ?? 0 };
  switch (plan.kind) {
    case 'in-step':
      return plan.nextBase ? { ...base, link: agree(pair, plan) } : undefined;
    case 'write': {
      if (Object.keys(plan.remoteWrites).length > 0) return undefined;
      const item = itemUpdate(subject, plan.localWrites, plan.setLocalSfId);
      return { ...base, link: afterLocalCommit(pair, plan), ...(item && { item }) };
    }
    case 'create-local': {
      const item: ItemWrite = { kind: 'create', values: plan.values, sfId: plan.setLocalSfId ?? null };
      return { ...base, link: afterLocalCreate(pair, plan), item };
    }
    case 'local-deleted':
      return { ...base, link: markLocalDeleted(pair) };
    case 'remote-deleted':
      return { ...base, link: markRemoteDeleted(pair) };
    case 'create-remote':
    case 'nothing':
      return undefined;
  }
}

const isNoWork = (plan: Plan): boolean =>
  (plan.kind === 'nothing' && !isMismatch(plan)) || (plan.kind === 'in-step' && plan.nextBase === undefined);

const isMismatch = (plan: Plan): boolean =>
  plan.kind === 'nothing' && (plan.reason === NOTHING.otherRecord || plan.reason === NOTHING.otherKey);

const countOf = ({ plan }: Planned): Partial<RunCounts> => {
  if (plan.kind === 'create-local') return { createdLocally: 1 };
  if (plan.kind === 'write') return countOfWrite(plan);
  return {};
};

/** A person compares by less; three of the longest texts that Salesforce holds would not fit into one stored item. */
const MAX_SHOWN_CHARS = 10_000;

/** A conflict's value as it is recorded: a long text by its beginning and its length. */
function shown<T extends FieldValue | undefined>(value: T): T | string {
  if (typeof value !== 'string' || value.length <= MAX_SHOWN_CHARS) return value;
  return `${value.slice(0, MAX_SHOWN_CHARS).toWellFormed()} … (${value.length} characters)`;
}

/**
 * Before the writes, so that a crash loses no record of a decision. A conflict is kept by its time, which is the later
 * edit's own stamp: deciding the same conflict again records the same thing in the same place.
 */
async function recordConflicts(pass: Pass, planned: readonly Planned[]): Promise<void> {
  const conflicts: Conflict[] = [];
  for (const one of planned) {
    const { subject, plan } = one;
    if (plan.kind !== 'write' || subject.remote === 'missing') continue;
    const { localKey, remote } = subject;
    const at = laterEdit(one, remote);
    const { mappingId } = pass.open.mapping;
    conflicts.push(
      ...plan.conflicts.map((conflict) => ({
        ...conflict,
        base: shown(conflict.base),
        local: shown(conflict.local),
        remote: shown(conflict.remote),
        mappingId,
        localKey,
        sfId: remote.sfId,
        at,
      })),
    );
  }
  if (conflicts.length > 0) await pass.ports.journal.recordConflicts(conflicts);
}

/**
 * The stamp of the later edit. The two are compared on Salesforce's clock; the stamp is that of the side's own clock,
 * since each worker measures the skew between the two itself, and a stamp corrected by it would never come out twice.
 */
function laterEdit({ subject, localChangedAtSfClock }: Planned, { lastModifiedDate }: RemoteRecord): string {
  const isLocalLater =
    localChangedAtSfClock !== undefined && isAfter(localChangedAtSfClock, lastModifiedDate);
  return isLocalLater ? (subject.localChangedAt ?? lastModifiedDate) : lastModifiedDate;
}

/** Pairs that cannot be: a person has to say which record belongs to which item. Returns how many. */
async function rejectMismatches(pass: Pass, planned: readonly Planned[]): Promise<number> {
  const wrong = planned.filter(({ plan }) => isMismatch(plan));
  for (const one of wrong) await rejectTaken(pass, one.subject.localKey);
  return wrong.length;
}
