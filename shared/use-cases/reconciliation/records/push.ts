import { LINK_LEASE_MS } from '../../../contracts/lifetimes.ts';
import { SyncError } from '../../../contracts/next.ts';
import { isoOf } from '../../../contracts/time.ts';
import { must } from '../../../sync/assert.ts';
import { decodeRemotes, encodeCreation, encodeRemote, fieldsToRead } from '../../../sync/mapping/decode.ts';
import { keyFieldOf } from '../../../sync/mapping/identity.ts';
import { isLeftToPerson } from '../../../sync/mapping/left-to-person.ts';
import { recordMark } from '../../../sync/mapping/marks.ts';
import type { Mapping } from '../../../sync/model/mapping.ts';
import type { CreateRemotePlan } from '../../../sync/reconcile/plan.ts';
import {
  announce,
  announceCreate,
  type Lease,
  type NextLink,
  settleRefused,
} from '../../../sync/reconcile/settle.ts';
import type { WriteOutcome, WriteRules } from '../../ports/salesforce-org.ts';
import type { ItemWrite } from '../../ports/sync-store.ts';
import type { Announced, PushPlan } from './announced.ts';
import {
  type Applied,
  conflictsIn,
  counting,
  countOfWrite,
  itemUpdate,
  itemWriteOf,
  joined,
  lookAgainAt,
  NOTHING_APPLIED,
  newlyLinked,
  type Planned,
  writesRecord,
} from './applied.ts';
import { conflictsOf } from './conflicts.ts';
import { heldChangesOf, openedBy } from './held.ts';
import { tellLocal } from './history.ts';
import { notTaken } from './not-taken.ts';
import { withParents } from './parents.ts';
import { type Answered, settle } from './settle.ts';
import type { Subject } from './subject.ts';
import type { Pass } from './work.ts';

/**
 * Carries out the remote writes: announces each on its link, together with the plan's local writes, writes all
 * updates in one call and all creates in another, and settles what Salesforce answered.
 *
 * @throws the error of a write that failed, in whole or in part. Links whose write surely did not happen are released
 * before. Links whose outcome nobody knows keep announcement and lease, so that the next look reads before it writes.
 */
export async function pushToSalesforce(pass: Pass, planned: readonly Planned[]): Promise<Applied> {
  const { pushes, later } = bounded(planned.filter(isPush));
  const announced = await announceAll(pass, pushes);
  const changed = announced.list.filter(({ link }) => link.sfId !== undefined);
  const created = announced.list.filter(({ link }) => link.sfId === undefined);
  const updates = await write(pass, changed, update).catch(async (error: unknown) => {
    // Their call never went out.
    await release(pass, created);
    throw error;
  });
  const creates = await write(pass, created, upsert);
  return joined(joined(announced.applied, later), joined(updates, creates));
}

/** Each of these costs a call by itself, and a worker has a minute: the others have their turn in the next round. */
const MAX_GUARDED = 50;

function bounded(pushes: readonly Planned<PushPlan>[]): {
  readonly pushes: readonly Planned<PushPlan>[];
  readonly later: Applied;
} {
  const late = new Set(pushes.filter(isGuarded).slice(MAX_GUARDED));
  return {
    pushes: pushes.filter((one) => !late.has(one)),
    later: { ...NOTHING_APPLIED, lookAgain: [...late].map(({ subject }) => lookAgainAt(subject)) },
  };
}

/**
 * Whether a write carries a field that is left to a person. It is made on the condition that nobody changed the record
 * since it was read: what would be overwritten is what the person is to decide about.
 */
const isGuarded = ({ pair, plan }: Planned<PushPlan>): boolean =>
  plan.kind === 'write' &&
  pair.mapping.fields.some(
    (field) => isLeftToPerson(field) && Object.hasOwn(plan.remoteWrites, field.localField),
  );

function isPush(planned: Planned): planned is Planned<PushPlan> {
  return planned.plan.kind === 'create-remote' || writesRecord(planned.plan);
}

async function announceAll(pass: Pass, pushes: readonly Planned<PushPlan>[]) {
  const { clock, linkLeaseMs = LINK_LEASE_MS } = pass.ports;
  const lease: Lease = { owner: pass.owner, until: clock.nowMs() + linkLeaseMs };
  const sfNow = isoOf(pass.ports.clock.nowMs() + pass.open.org.clockSkewMs());
  const links = pushes.map(
    ({ pair, plan }): NextLink =>
      plan.kind === 'write' ? announce(pair, plan, lease) : announceCreate(pair, plan, lease, sfNow),
  );
  const told = pushes.map((planned, index) =>
    // A record that is announced anew may come with values for its item.
    planned.plan.kind === 'write' || planned.plan.localWrites !== undefined
      ? tellLocal(pass, planned, must(links[index], 'one link a push'))
      : { link: must(links[index], 'one link a push') },
  );
  const outcomes = await pass.ports.syncStore.commit(
    pushes.map((planned, index) => {
      const { subject, pair, plan } = planned;
      const item = plan.kind === 'write' ? itemWriteOf(subject, plan) : itemOfCreation(subject, plan);
      return {
        mapping: pair.mapping,
        ...must(told[index], 'one entry a push'),
        ...heldChangesOf(planned, must(links[index], 'one link a push')),
        expectedVersion: subject.link?.version ?? 0,
        ...(item && { item }),
        ...conflictsOf(pass, planned),
      };
    }),
  );
  const list: Announced[] = [];
  let applied = NOTHING_APPLIED;
  for (const [index, planned] of pushes.entries()) {
    const { subject, plan } = planned;
    const outcome = outcomes[index];
    if (outcome !== 'committed') {
      applied = joined(applied, notTaken(pass, subject, outcome));
      continue;
    }
    const version = (subject.link?.version ?? 0) + 1;
    list.push({ planned, link: { ...must(told[index], 'one entry a push').link, version } });
    if (plan.kind === 'write') {
      const linked = newlyLinked(subject, must(links[index], 'one link a push'));
      applied = joined(applied, { ...counting(countOfWrite(plan, openedBy(planned).length)), ...linked });
    } else applied = joined(applied, counting({ conflicts: conflictsIn(plan).length }));
  }
  return { list, applied };
}

/** The item stays as it is, takes what comes with the announcement, or is made again with it. */
const itemOfCreation = (
  subject: Subject,
  { restores, localWrites }: CreateRemotePlan,
): ItemWrite | undefined =>
  restores
    ? { kind: 'create', values: must(localWrites, 'an item that is made again has values'), sfId: null }
    : itemUpdate(subject, localWrites);

type Call = (pass: Pass, announced: readonly Announced[]) => Promise<readonly WriteOutcome[]>;

async function write(pass: Pass, announced: readonly Announced[], call: Call): Promise<Applied> {
  if (announced.length === 0) return NOTHING_APPLIED;
  let outcomes: readonly WriteOutcome[];
  try {
    outcomes = await call(pass, announced);
  } catch (error) {
    // An error that nobody expected may have come after the write.
    if (error instanceof SyncError && error.next.do !== 'reread') await release(pass, announced);
    throw error;
  }
  const results = announced.map((one, index) => ({
    ...one,
    outcome: must(outcomes[index], 'one outcome a record'),
  }));
  const broken = results.filter(isBroken);
  try {
    const applied = await settle(pass, await allAnswered(pass, results));
    // What was answered is settled; the rest comes back with the error that kept it.
    if (broken[0]) throw broken[0].outcome.error;
    return applied;
  } catch (error) {
    await release(pass, broken.filter(isSurelyUnwritten));
    throw error;
  }
}

/** With the records as they were read back. */
async function allAnswered({ open, ports }: Pass, results: readonly Answered[]): Promise<Answered[]> {
  const read = results.map(({ outcome }) => {
    if (outcome.kind !== 'written' || !outcome.after) return undefined;
    // What cannot be read is left out, as if it had not been read back: the next look meets it.
    return decodeRemotes(open.mapping, [outcome.after], outcome.answeredAt).records[0];
  });
  const records = await withParents(
    ports.syncStore,
    open.mapping,
    read.filter((record) => record !== undefined),
  );
  const byId = new Map(records.map((record) => [record.sfId, record]));
  return results.map((one, index) => {
    const after = byId.get(read[index]?.sfId ?? '');
    return after ? { ...one, after } : one;
  });
}

type Broken = Answered & { readonly outcome: Extract<WriteOutcome, { kind: 'failed' | 'unsent' }> };

const isBroken = (one: Answered): one is Broken =>
  one.outcome.kind === 'failed' || one.outcome.kind === 'unsent';

const isSurelyUnwritten = ({ outcome }: Broken): boolean =>
  outcome.kind === 'unsent' || outcome.error.next.do !== 'reread';

const update: Call = ({ open }, announced) =>
  open.org.update(
    open.mapping.sfObject,
    announced.map(({ link, planned }) => ({
      sfId: must(link.sfId, 'an update has an id'),
      values: {
        ...encodeRemote(open.mapping, link.pending ?? {}, planned.subject.parents),
        ...(link.owesKey && { [keyFieldOf(open.mapping)]: link.localKey }),
        ...(link.marked === 'record' && recordMark(open.mapping, false)),
      },
      ...(isGuarded(planned) && {
        unmodifiedSince: must(planned.pair.remote, 'an update has a record').lastModifiedDate,
      }),
    })),
    fieldsToRead(open.mapping),
    rulesOf(open.mapping),
  );

const upsert: Call = ({ open }, announced) =>
  open.org.upsert(
    open.mapping.sfObject,
    keyFieldOf(open.mapping),
    announced.map(({ link, planned }) => ({
      externalId: link.localKey,
      values: encodeCreation(open.mapping, link.pending ?? {}, planned.subject.parents),
    })),
    fieldsToRead(open.mapping),
    rulesOf(open.mapping),
  );

/** What every write of the mapping says of the org's duplicate rules. */
export const rulesOf = ({ allowsDuplicates }: Mapping): WriteRules => ({
  allowDuplicates: allowsDuplicates === true,
});

/**
 * After an error: these writes surely did not happen, so their leases end. A link that changed meanwhile keeps its own
 * course. The error that came first is the one that counts; a lease that stays ends by itself.
 */
export async function release(pass: Pass, announced: readonly Pick<Announced, 'link'>[]): Promise<void> {
  if (announced.length === 0) return;
  try {
    await pass.ports.syncStore.commit(
      announced.map(({ link }) => ({
        mapping: pass.open.mapping,
        link: settleRefused(link),
        expectedVersion: link.version,
      })),
    );
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
  }
}
