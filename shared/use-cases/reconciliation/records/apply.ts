import { nowIso } from '../../../contracts/clock.ts';
import type { Code } from '../../../contracts/codes.ts';
import { isoOf } from '../../../contracts/time.ts';
import { must } from '../../../sync/assert.ts';
import { unlinkedParents, withoutMapping } from '../../../sync/mapping/references.ts';
import { type MissingParents, NOTHING, type Plan, REASONS } from '../../../sync/reconcile/plan.ts';
import { reconcile } from '../../../sync/reconcile/reconcile.ts';
import {
  afterLocalCommit,
  afterLocalCreate,
  agree,
  markBothDeleted,
  markItem,
  markLocalDeleted,
  markRemoteDeleted,
  type NextLink,
  type Pair,
} from '../../../sync/reconcile/settle.ts';
import type { RunCounts } from '../../ports/mapping-states.ts';
import type { Commit, ItemWrite } from '../../ports/sync-store.ts';
import { admitClears, withHeldClears } from './admit-clears.ts';
import { admitDeletions } from './admit-deletions.ts';
import {
  type Applied,
  conflictsIn,
  counting,
  countOfWrite,
  itemUpdate,
  itemWriteOf,
  joined,
  lookAgainAt,
  newlyLinked,
  type Planned,
  writesItem,
  writesRecord,
} from './applied.ts';
import { conflictsOf, recordOverflow } from './conflicts.ts';
import { deleteInSalesforce } from './delete-remote.ts';
import { announceHeld, heldChangesOf, openedBy } from './held.ts';
import { tellLocal } from './history.ts';
import { notTaken } from './not-taken.ts';
import { pushToSalesforce } from './push.ts';
import { contested, mappingUnnamed, parentMissing } from './rejections.ts';
import { type Subject, sentValues } from './subject.ts';
import { withoutTooLong } from './too-long.ts';
import { unappliedOf } from './unapplied.ts';
import { withoutUnknownNames } from './unknown-names.ts';
import { ELSEWHERE_WAIT_MS, hasLasted, type Waiting, waitingOf } from './waiting.ts';
import type { Pass } from './work.ts';

/** The stream tells of a change within a second or two, if it does not lag. */
const LOCAL_TIME_WAIT_MS = 10_000;

/** What is decided about one subject, before anything of it is done. */
export interface Decided {
  readonly subject: Subject;
  /** To be carried out; absent where nothing can be. */
  readonly planned?: Planned;
  /** Its row is too old to act upon: it is looked at again. */
  readonly isAged?: true;
  /** What cannot be done of it. */
  readonly waiting: readonly Waiting[];
}

/** Which of what is decided is to be done; all the rest stays as it is. */
export type Admits = (decided: Decided) => boolean;

/** Decides about a subject, by the sides as they were read. */
export function decideOn(pass: Pass, subject: Subject): Decided {
  const one = planFor(pass, subject);
  if (waitsForTime(pass, one)) return { subject, waiting: [untimed(subject)] };
  if (isOldForIt(one)) return { subject, isAged: true, waiting: [] };
  const { mapping } = pass.open;
  const named = withoutUnknownNames(mapping, one);
  const { planned, waiting } = withoutTooLong(mapping, named.planned);
  return { subject, planned, waiting: [...named.waiting, ...waiting] };
}

/** What a plan itself leaves undone, to be looked at again or told to a person. */
export const notDoneOf = (pass: Pass, planned: Planned): readonly Waiting[] => [
  ...orphansIn([planned]).map((one) => orphanWaits(pass, one)),
  ...unappliedOf(pass, planned),
  ...contestedOf(planned),
];

/**
 * Decides about each subject and carries it out: what is local in one round of commits, then what goes to Salesforce.
 *
 * @param admits - without it everything is done
 */
export async function apply(pass: Pass, subjects: readonly Subject[], admits?: Admits): Promise<Applied> {
  const all = subjects.map((subject) => decideOn(pass, subject));
  const decided = admits ? all.filter(admits) : all;
  const wanted = decided.flatMap((one) => one.planned ?? []);
  const cleared = await admitClears(pass, wanted);
  const { planned, waiting: held } = await admitDeletions(pass, cleared.planned);
  await recordOverflow(pass, planned);
  await announceHeld(pass, planned);
  const local = await commitLocally(pass, planned);
  const remote = await pushToSalesforce(pass, planned);
  const deleted = await deleteInSalesforce(pass, planned);
  const applied = joined(joined(local, remote), deleted);
  const orphans = orphansIn(planned);
  const waiting = [
    ...orphans.map((one) => orphanWaits(pass, one)),
    ...decided.flatMap((one) => one.waiting),
    ...held,
    ...cleared.waiting,
    ...planned.flatMap((one) => [...unappliedOf(pass, one), ...contestedOf(one)]),
  ];
  const isDecided = new Set(decided);
  const done = joined(applied, {
    ...counting({ rejections: waiting.filter(({ rejection }) => rejection).length }),
    lookAgain: decided.filter(({ isAged }) => isAged).map(({ subject }) => lookAgainAt(subject)),
    waiting,
    orphans,
    skipped: all.filter((one) => !isDecided.has(one)).map(({ subject }) => subject.localKey),
  });
  return { ...done, waiting: withHeldClears(done.waiting, wanted) };
}

const orphansIn = (
  planned: readonly Planned[],
): { readonly subject: Subject; readonly missing: MissingParents }[] =>
  planned.flatMap(({ subject, plan }) =>
    'missing' in plan && plan.missing ? [{ subject, missing: plan.missing }] : [],
  );

const untimed = (subject: Subject): Waiting =>
  waitingOf(
    { ...subject, asked: { ...subject.asked, isRemote: true } },
    { reason: 'LOCAL_TIME_UNKNOWN', waitMs: LOCAL_TIME_WAIT_MS },
  );

function planFor(pass: Pass, subject: Subject): Planned {
  const { mapping, org } = pass.open;
  const { localKey, link, local, remote, localChangedAt, isLocalDeleted, madeWithout, isMatched, parents } =
    subject;
  // What a merge left is another record: its values, and its life, are none that the history tells of.
  const undo = subject.isMerged ? undefined : subject.undo;
  const unlinked = unlinkedParents(mapping, sentValues(subject), parents ?? new Map());
  const localChangedAtSfClock =
    localChangedAt === undefined ? undefined : isoOf(Date.parse(localChangedAt) + org.clockSkewMs());
  const plan = reconcile({
    mapping,
    link,
    local,
    isLocalDeleted,
    madeWithout,
    isRecordDeleted: subject.asked.isRecordDeleted === true,
    remote,
    localChangedAtSfClock,
    hasChangedSince: subject.hasChangedSince,
    unlinked,
    ...(isMatched && { isMatched }),
    undo,
  });
  const pair: Pair = {
    mapping,
    localKey,
    link,
    remote: typeof remote === 'string' ? undefined : remote,
    localChangedAt,
    ...(writesItem(plan) && { localWrittenAt: wholeSecond(pass.ports.clock.nowMs()) }),
  };
  return { subject, pair, plan, localChangedAtSfClock };
}

/** A parent comes within moments, or is nobody knows where. */
const PARENT_WAIT_MS = 60_000;
const PARENT_MISSING = 'PARENT_MISSING' satisfies Code;

/** The sides whose lookups wait for a parent are looked at again by and by; its linking wakes them. */
function orphanWaits(
  { open, ports }: Pass,
  { subject, missing }: { readonly subject: Subject; readonly missing: MissingParents },
): Waiting {
  const { local, remote } = missing;
  const asked = {
    ...subject.asked,
    isLocal: subject.asked.isLocal !== false || local.length > 0,
    isRemote: subject.asked.isRemote === true || remote.length > 0,
  };
  const isLong = hasLasted(subject.parked, PARENT_MISSING, ports.clock);
  const about = { ...subject, asked };
  const unnamed = withoutMapping(open.mapping, local, sentValues(subject));
  if (unnamed.length > 0) {
    const rejected = waitingOf(about, { rejection: mappingUnnamed(unnamed) });
    // What else waits for a parent is looked at again; these only their item can mend.
    return local.length + remote.length > unnamed.length
      ? { ...rejected, waitMs: ELSEWHERE_WAIT_MS }
      : rejected;
  }
  const waits = waitingOf(about, { reason: PARENT_MISSING, waitMs: PARENT_WAIT_MS });
  if (!isLong) return waits;
  const { rejection } = waitingOf(about, { rejection: parentMissing([...local, ...remote]) });
  return { ...waits, ...(rejection && { rejection }) };
}

/** Streams tell whole seconds. */
const wholeSecond = (ms: number): string => isoOf(Math.floor(ms / 1000) * 1000);

/**
 * Time decides, both sides edited what they had agreed upon, and the stream has not told yet when the item changed: it
 * gets a moment. Then Salesforce wins, and the record of the conflict says why.
 */
function waitsForTime({ ports }: Pass, { plan, subject }: Planned): boolean {
  const isOpen = conflictsIn(plan).some(
    ({ reason, base }) =>
      (reason === REASONS.localTimeUnknown && base !== undefined) || reason === REASONS.deletionTimeUnknown,
  );
  const waited = subject.parked.some(
    ({ remote }) =>
      remote?.reason === 'LOCAL_TIME_UNKNOWN' &&
      ports.clock.nowMs() - Date.parse(remote.reasonSince ?? remote.since) >= LOCAL_TIME_WAIT_MS,
  );
  return isOpen && !waited;
}

/** What is decided about a pair that is deleted, or comes back. */
const ABOUT_EXISTENCE: ReadonlySet<Plan['kind']> = new Set([
  'delete-local',
  'delete-remote',
  'delete-pair',
  'mark-local',
  'mark-remote',
  'both-deleted',
  'create-remote',
]);

/** Whoever writes to Salesforce, or deletes, because of a row has to know that it is still so. */
const isOldForIt = ({ plan, subject }: Planned): boolean => {
  if (!subject.isOldRow) return false;
  if (plan.kind === 'write') return writesRecord(plan);
  return ABOUT_EXISTENCE.has(plan.kind) || (plan.kind === 'create-local' && subject.link !== undefined);
};

/** Everything that needs no write to Salesforce. */
async function commitLocally(pass: Pass, planned: readonly Planned[]): Promise<Applied> {
  const commits: Commit[] = [];
  const ours: Planned[] = [];
  for (const one of planned) {
    const commit = localCommit(pass, one);
    if (!commit) continue;
    commits.push(commit);
    ours.push(one);
  }
  const outcomes = await pass.ports.syncStore.commit(commits);
  const unchanged = planned.filter(({ plan }) => isNoWork(plan)).length;
  return ours
    .map((one, index): Applied => {
      const outcome = outcomes[index];
      if (outcome !== 'committed') return notTaken(pass, one.subject, outcome);
      return {
        ...counting(countOf(one)),
        ...newlyLinked(one.subject, must(commits[index], 'one a plan').link),
        // What was announced is settled; what else the record has to say has no item to go to.
        ...((one.isTakenBack || (one.plan.kind === 'in-step' && one.subject.local === 'missing')) && {
          lookAgain: [lookAgainAt(one.subject)],
        }),
      };
    })
    .reduce(joined, counting({ unchanged }));
}

function localCommit(pass: Pass, one: Planned): Commit | undefined {
  const { subject, pair, plan } = one;
  const base = { mapping: pair.mapping, expectedVersion: subject.link?.version ?? 0 };
  switch (plan.kind) {
    case 'in-step': {
      const item = itemUpdate(subject);
      return plan.nextBase
        ? { ...base, ...linking(pass, one, agree(pair, plan)), ...(item && { item }) }
        : undefined;
    }
    case 'write': {
      if (writesRecord(plan)) return undefined;
      const item = itemWriteOf(subject, plan);
      return {
        ...base,
        ...linking(pass, one, afterLocalCommit(pair, plan)),
        ...(item && { item }),
        ...conflictsOf(pass, one),
      };
    }
    case 'create-local': {
      const item: ItemWrite = { kind: 'create', values: plan.values, sfId: plan.setLocalSfId ?? null };
      return {
        ...base,
        ...linking(pass, one, afterLocalCreate(pair, plan)),
        item,
        ...conflictsOf(pass, one),
      };
    }
    case 'delete-local': {
      const read = must(subject.local === 'missing' ? undefined : subject.local, 'an item that is deleted');
      const item: ItemWrite = { kind: 'delete', read };
      return { ...base, ...linking(pass, one, markBothDeleted(pair)), item, ...conflictsOf(pass, one) };
    }
    case 'mark-local': {
      // Of a record that nobody sees any more, nobody knows since when.
      const mark = pair.remote?.systemModstamp ?? nowIso(pass.ports.clock);
      const item = { ...must(itemUpdate(subject), 'an item that is marked'), mark };
      return { ...base, ...linking(pass, one, markItem(pair)), item, ...conflictsOf(pass, one) };
    }
    case 'both-deleted':
      return {
        ...base,
        ...linking(pass, one, markBothDeleted(pair)),
        item: { kind: 'absent' },
        ...conflictsOf(pass, one),
      };
    case 'local-deleted':
      // Somebody may have made the item again since it was looked at.
      return {
        ...base,
        ...linking(pass, one, markLocalDeleted(pair)),
        item: { kind: 'absent' },
        ...conflictsOf(pass, one),
      };
    case 'remote-deleted':
      return { ...base, ...linking(pass, one, markRemoteDeleted(pair)), ...conflictsOf(pass, one) };
    case 'create-remote':
    case 'delete-remote':
    case 'delete-pair':
    case 'mark-remote':
    case 'nothing':
      return undefined;
  }
}

/** The link, the open conflicts as it holds them, and what the record's history keeps of it. */
const linking = (
  pass: Pass,
  one: Planned,
  link: NextLink,
): Pick<Commit, 'link' | 'openConflicts' | 'history'> => ({
  ...tellLocal(pass, one, link),
  ...heldChangesOf(one, link),
});

/** Reasons that a person is told of. */
const TOLD: ReadonlySet<string> = new Set([
  NOTHING.otherRecord,
  NOTHING.otherKey,
  NOTHING.deletionDisputed,
  NOTHING.parentMissing,
]);

const isNoWork = (plan: Plan): boolean =>
  (plan.kind === 'nothing' && !TOLD.has(plan.reason)) ||
  (plan.kind === 'in-step' && plan.nextBase === undefined);

const countOf = (one: Planned): Partial<RunCounts> => {
  const { plan } = one;
  const conflicts = conflictsIn(plan).length;
  if (plan.kind === 'create-local') return { createdLocally: 1, conflicts };
  if (plan.kind === 'delete-local') return { deletedLocally: 1, conflicts };
  if (plan.kind === 'mark-local') return { updatedLocally: 1, conflicts };
  if (plan.kind === 'write') return countOfWrite(plan, openedBy(one).length);
  return {};
};

const contestedOf = ({ subject, plan }: Planned): Waiting[] => {
  const fields = 'contested' in plan ? (plan.contested ?? []) : [];
  return fields.length > 0 ? [waitingOf(subject, { rejection: contested(fields) })] : [];
};
