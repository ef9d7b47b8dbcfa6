import { LINK_LEASE_MS } from '../../../contracts/lifetimes.ts';
import { SyncError } from '../../../contracts/next.ts';
import { isoOf } from '../../../contracts/time.ts';
import { type Traced, traceOf } from '../../../contracts/traced.ts';
import { must } from '../../../sync/assert.ts';
import { fieldsToRead } from '../../../sync/mapping/decode.ts';
import { recordMark } from '../../../sync/mapping/marks.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { DeletePlan } from '../../../sync/reconcile/plan.ts';
import {
  announceDelete,
  announceMark,
  announcePairDelete,
  type Lease,
  type NextLink,
  type Pair,
  settleDeleted,
  settleMarked,
} from '../../../sync/reconcile/settle.ts';
import type { RunCounts } from '../../ports/mapping-states.ts';
import type { DeleteOutcome } from '../../ports/salesforce-org.ts';
import type { Commit, ItemWrite } from '../../ports/sync-store.ts';
import { type Applied, counting, itemUpdate, joined, NOTHING_APPLIED, type Planned } from './applied.ts';
import { conflictsOf } from './conflicts.ts';
import { heldChangesOf } from './held.ts';
import { tellDeleted, tellMarked, tellPairDeleted } from './history.ts';
import { notTaken } from './not-taken.ts';
import { release, rulesOf } from './push.ts';
import { settleAllRefused } from './settle.ts';
import type { Subject } from './subject.ts';
import type { Pass } from './work.ts';

/** A deletion, or a mark, that the link announces; `link` is as it is stored now. */
interface AnnouncedDeletion {
  readonly planned: Planned<DeletePlan>;
  readonly link: Link;
}
type AnsweredDeletion = AnnouncedDeletion & { readonly outcome: DeleteOutcome };

/** There is no such record any more, whoever deleted it: what was announced is done. */
const GONE: ReadonlySet<string> = new Set(['ENTITY_IS_DELETED', 'INVALID_CROSS_REFERENCE_KEY']);

/** How the records of one kind of plan follow their items, in one call. */
interface Following {
  readonly kind: DeletePlan['kind'];
  readonly announce: (pair: Pair, lease: Lease, subject: Subject) => NextLink;
  /** As it has to be when that is committed. */
  readonly item: (subject: Subject) => ItemWrite;
  readonly carryOut: (pass: Pass, sfIds: readonly string[]) => Promise<readonly DeleteOutcome[]>;
  /** What is committed once it is done. */
  readonly done: (
    pass: Pass,
    one: AnsweredDeletion,
    readAt: string,
  ) => Pick<Commit, 'link' | 'history' | 'item'>;
  readonly counts: Partial<RunCounts>;
}

/** Somebody may have made the item again since it was looked at. */
const noItem = (): ItemWrite => ({ kind: 'absent' });

/** The request that did it; none where the record was gone before. */
const requestOf = (outcome: DeleteOutcome): Traced => (outcome.kind === 'deleted' ? outcome : {});

const deleteAll: Following['carryOut'] = ({ open }, sfIds) => open.org.deleteRecords(sfIds);

const DELETING: Following = {
  kind: 'delete-remote',
  announce: announceDelete,
  item: noItem,
  carryOut: deleteAll,
  done: (pass, { planned, link, outcome }, readAt) =>
    tellDeleted(pass, planned, settleDeleted(link, readAt), requestOf(outcome)),
  counts: { deletedInSalesforce: 1 },
};

const undoOf = ({ asked: { causes = [] } }: Subject): string =>
  must(causes.find(({ by }) => by === 'undo')?.runId, 'a pair ends by an undo');

/** The record first: one that Salesforce does not delete keeps its item. */
const DELETING_PAIRS: Following = {
  kind: 'delete-pair',
  announce: (pair, lease, subject) => announcePairDelete(pair, lease, undoOf(subject)),
  item: (subject) => must(itemUpdate(subject), 'a pair has an item'),
  carryOut: deleteAll,
  done: (pass, { planned, link, outcome }, readAt) => ({
    ...tellPairDeleted(pass, planned, settleDeleted(link, readAt), requestOf(outcome)),
    item: { kind: 'delete', read: must(itemUpdate(planned.subject), 'a pair has an item').read },
  }),
  counts: { deletedInSalesforce: 1, deletedLocally: 1 },
};

const MARKING: Following = {
  kind: 'mark-remote',
  announce: announceMark,
  item: noItem,
  carryOut: markRecords,
  // One that is gone cannot be marked, and its item is gone too.
  done: (pass, { planned, link, outcome }, readAt) =>
    outcome.kind === 'deleted'
      ? tellMarked(pass, planned, settleMarked(link, readAt), requestOf(outcome))
      : tellDeleted(pass, planned, settleDeleted(link, readAt), requestOf(outcome)),
  counts: { updatedInSalesforce: 1 },
};

/**
 * Deletes, or marks, the records whose items were deleted, by the mapping's policy; and pairs of which both sides are to
 * go.
 */
export async function deleteInSalesforce(pass: Pass, planned: readonly Planned[]): Promise<Applied> {
  let applied = NOTHING_APPLIED;
  for (const how of [DELETING, DELETING_PAIRS, MARKING])
    applied = joined(applied, await follow(pass, how, planned));
  return applied;
}

async function markRecords({ open }: Pass, sfIds: readonly string[]): Promise<readonly DeleteOutcome[]> {
  const { mapping, org } = open;
  const outcomes = await org.update(
    mapping.sfObject,
    sfIds.map((sfId) => ({ sfId, values: recordMark(mapping, true) })),
    fieldsToRead(mapping),
    rulesOf(mapping),
  );
  return outcomes.map((outcome) =>
    outcome.kind === 'written' ? { kind: 'deleted', ...traceOf(outcome) } : outcome,
  );
}

/**
 * Announces each on its link, in a transaction that finds the item as it was looked at, carries all out in one call, and settles what
 * Salesforce answered.
 *
 * @throws the error of a call that failed. Links whose deletion surely did not happen are released before; where nobody
 * knows, announcement and lease stay, so that the next look reads before it deletes.
 */
async function follow(pass: Pass, how: Following, planned: readonly Planned[]): Promise<Applied> {
  const { list, applied } = await announceAll(pass, how, planned.filter(isOfKind(how)));
  if (list.length === 0) return applied;
  let outcomes: readonly DeleteOutcome[];
  try {
    outcomes = await how.carryOut(
      pass,
      list.map(({ link }) => must(link.sfId, 'a record that is deleted has an id')),
    );
  } catch (error) {
    // An error that nobody expected may have come after the deletion.
    if (error instanceof SyncError && error.next.do !== 'reread') await release(pass, list);
    throw error;
  }
  const answered = list.map(
    (one, index): AnsweredDeletion => ({
      ...one,
      outcome: must(outcomes[index], 'one outcome a record'),
    }),
  );
  return joined(applied, await settleAnswered(pass, how, answered));
}

const isOfKind =
  ({ kind }: Following) =>
  (planned: Planned): planned is Planned<DeletePlan> =>
    planned.plan.kind === kind;

async function announceAll(pass: Pass, how: Following, planned: readonly Planned<DeletePlan>[]) {
  const { clock, linkLeaseMs = LINK_LEASE_MS, syncStore } = pass.ports;
  const lease: Lease = { owner: pass.owner, until: clock.nowMs() + linkLeaseMs };
  const links = planned.map(({ pair, subject }) => how.announce(pair, lease, subject));
  const outcomes = await syncStore.commit(
    planned.map((one, index) => ({
      mapping: pass.open.mapping,
      link: must(links[index], 'one link a deletion'),
      ...heldChangesOf(one, must(links[index], 'one link a deletion')),
      expectedVersion: one.subject.link?.version ?? 0,
      item: how.item(one.subject),
      ...conflictsOf(pass, one),
    })),
  );
  const list: AnnouncedDeletion[] = [];
  let applied = NOTHING_APPLIED;
  for (const [index, one] of planned.entries()) {
    const outcome = outcomes[index];
    if (outcome !== 'committed') {
      applied = joined(applied, notTaken(pass, one.subject, outcome));
      continue;
    }
    const version = (one.subject.link?.version ?? 0) + 1;
    list.push({ planned: one, link: { ...must(links[index], 'one link a deletion'), version } });
    applied = joined(applied, counting({ conflicts: one.plan.conflicts.length }));
  }
  return { list, applied };
}

async function settleAnswered(
  pass: Pass,
  how: Following,
  answered: readonly AnsweredDeletion[],
): Promise<Applied> {
  const gone = answered.filter(({ outcome }) => isGone(outcome));
  const refused = answered.flatMap((one) =>
    one.outcome.kind === 'refused' && !isGone(one.outcome) ? [{ ...one, outcome: one.outcome }] : [],
  );
  const broken = answered.flatMap((one) =>
    one.outcome.kind === 'failed' || one.outcome.kind === 'unsent'
      ? [{ ...one, error: one.outcome.error, isUnsent: one.outcome.kind === 'unsent' }]
      : [],
  );
  try {
    const settled = joined(await settleDone(pass, how, gone), await settleAllRefused(pass, refused));
    // What was answered is settled; the rest comes back with the error that kept it.
    if (broken[0]) throw broken[0].error;
    return settled;
  } catch (error) {
    await release(
      pass,
      broken.filter((one) => one.isUnsent || one.error.next.do !== 'reread'),
    );
    throw error;
  }
}

const isGone = (outcome: DeleteOutcome): boolean =>
  outcome.kind === 'deleted' || (outcome.kind === 'refused' && GONE.has(outcome.code));

async function settleDone(pass: Pass, how: Following, done: readonly AnsweredDeletion[]): Promise<Applied> {
  if (done.length === 0) return NOTHING_APPLIED;
  // The records went at some time before this one, so no older row of another reader is taken for newer.
  const readAt = isoOf(pass.ports.clock.nowMs() + pass.open.org.clockSkewMs());
  const outcomes = await pass.ports.syncStore.commit(
    done.map((one) => ({
      mapping: pass.open.mapping,
      ...how.done(pass, one, readAt),
      expectedVersion: one.link.version,
    })),
  );
  return done
    .map(({ planned }, index): Applied => {
      const outcome = outcomes[index];
      const counted = counting(how.counts);
      return outcome === 'committed' ? counted : joined(counted, notTaken(pass, planned.subject, outcome));
    })
    .reduce(joined, NOTHING_APPLIED);
}
