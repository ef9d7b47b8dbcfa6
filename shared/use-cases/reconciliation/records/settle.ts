import type { Link } from '../../../sync/model/link.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import { sentAfterCreation } from '../../../sync/reconcile/as-made.ts';
import {
  type NextLink,
  settleRefused,
  settleRefusedKey,
  settleWritten,
  type Written,
} from '../../../sync/reconcile/settle.ts';
import { judgeSnapshot } from '../../../sync/reconcile/snapshot.ts';
import type { WriteOutcome } from '../../ports/salesforce-org.ts';
import type { Commit, ItemWrite } from '../../ports/sync-store.ts';
import type { Announced } from './announced.ts';
import {
  type Applied,
  counting,
  type FollowUp,
  itemUpdate,
  joined,
  lookAgainAt,
  NOTHING_APPLIED,
  newlyLinked,
  type Planned,
  waitingRecord,
} from './applied.ts';
import { type Told, tellWritten } from './history.ts';
import { notTaken } from './not-taken.ts';
import { mayBeOfParent } from './parents.ts';
import { refusedBySalesforce } from './rejections.ts';
import { ELSEWHERE_WAIT_MS, hasLasted, type Waiting, WORTH_TELLING_MS, waitingOf } from './waiting.ts';
import type { Pass } from './work.ts';

/** An announced write with Salesforce's answer. */
export interface Answered extends Announced {
  readonly outcome: WriteOutcome;
  readonly after?: RemoteRecord;
}

type TakenWrite = Answered & { readonly outcome: Extract<WriteOutcome, { kind: 'written' }> };
/** A write or a deletion that Salesforce refused, and what it was to be. */
export interface RefusedWrite {
  readonly planned: Pick<Planned, 'subject'>;
  readonly link: Link;
  readonly outcome: Extract<WriteOutcome, { kind: 'refused' }>;
}
type RefusedAnswer = Answered & { readonly outcome: Extract<WriteOutcome, { kind: 'refused' }> };

/** Pulls commit without a lease, so a settled link may have moved on a few times before its turn. */
const MAX_TRIES = 5;
/** Passes when other records go: with a person's help, if not by itself. */
const DEPENDED_ON = 'DELETE_FAILED';

/** Brings the links to what Salesforce answered; refused records become rejections, or wait if they may pass later. */
export async function settle(pass: Pass, answered: readonly Answered[]): Promise<Applied> {
  const taken = answered.filter((one): one is TakenWrite => one.outcome.kind === 'written');
  const refused = answered.filter((one): one is RefusedAnswer => one.outcome.kind === 'refused');
  const modified = answered.filter(({ outcome }) => outcome.kind === 'modified');
  const applied = joined(await settleTaken(pass, taken), await settleAllRefused(pass, refused));
  return joined(applied, await lookAtModified(pass, modified));
}

/**
 * Somebody changed these records between our read and our write, which was not made. What a person had decided about
 * them stays decided where that field is still as it was: the base has moved to what Salesforce had then.
 */
async function lookAtModified(pass: Pass, modified: readonly Answered[]): Promise<Applied> {
  if (modified.length === 0) return NOTHING_APPLIED;
  const { mapping } = pass.open;
  await pass.ports.syncStore.commit(
    modified.map(({ link }) => ({ mapping, link: settleRefused(link), expectedVersion: link.version })),
  );
  return { ...NOTHING_APPLIED, lookAgain: modified.map(({ planned }) => lookAgainAt(planned.subject)) };
}

async function settleTaken(pass: Pass, taken: readonly TakenWrite[]): Promise<Applied> {
  if (taken.length === 0) return NOTHING_APPLIED;
  const { syncStore } = pass.ports;
  const commits = taken.map((one) => commitOf(pass, one, settled(pass, one, one.link)));
  const outcomes = await syncStore.commit(commits);

  const followUps: FollowUp[] = [];
  let applied = NOTHING_APPLIED;
  for (const [index, one] of taken.entries()) {
    const { localKey } = one.link;
    const { subject } = one.planned;
    applied = joined(
      applied,
      counting(one.outcome.created ? { createdInSalesforce: 1 } : { updatedInSalesforce: 1 }),
    );
    const outcome = outcomes[index];
    if (outcome !== 'committed') {
      await (outcome === 'sf-id-taken' ? letGo(pass, one) : settleLink(pass, one));
      applied = joined(applied, notTaken(pass, subject, outcome));
      continue;
    }
    const link: Link = { ...(commits[index] as Commit).link, version: one.link.version + 1 };
    applied = joined(applied, { ...NOTHING_APPLIED, ...newlyLinked(one, link) });
    if (one.after && (isOpen(pass, one) || isChangedByOthers(pass, link, one.after))) {
      const record = waitingRecord(subject);
      const { causes } = subject.asked;
      followUps.push({ localKey, after: one.after, linkVersion: link.version, record, causes });
    }
  }
  return { ...applied, followUps };
}

function settled(pass: Pass, one: TakenWrite, link: Link): NextLink {
  const { sfId, answeredAt: readAt, created: isCreated } = one.outcome;
  const { localChangedAt } = one.planned.subject;
  const written: Written = { sfId, readAt, after: one.after, isCreated, localChangedAt };
  return settleWritten(pass.open.mapping, link, one.link.pending ?? {}, written);
}

const tellTaken = (pass: Pass, { planned, link: { pending }, outcome }: TakenWrite, link: NextLink): Told =>
  tellWritten(pass, planned, link, pending, outcome);

/** The link, and with a new record the item's Salesforce id. */
function commitOf(pass: Pass, one: TakenWrite, link: NextLink): Commit {
  const { mapping } = pass.open;
  const isNew = one.link.sfId === undefined && mapping.localIdField !== undefined;
  const item: ItemWrite | undefined = isNew
    ? itemUpdate(one.planned.subject, {}, one.outcome.sfId)
    : undefined;
  return { mapping, ...tellTaken(pass, one, link), expectedVersion: one.link.version, ...(item && { item }) };
}

/** The base moves for what was written, whatever became of the item or of the link's other parts meanwhile. */
async function settleLink(pass: Pass, one: TakenWrite): Promise<void> {
  const { mapping } = pass.open;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const links = await pass.ports.syncStore.links(mapping.mappingId, [one.link.localKey]);
    const link = links.get(one.link.localKey);
    if (!link || link.lease?.owner !== pass.owner) return;
    const [outcome] = await pass.ports.syncStore.commit([
      { mapping, ...tellTaken(pass, one, settled(pass, one, link)), expectedVersion: link.version },
    ]);
    if (outcome !== 'lost-race') return;
  }
}

/** The record was made without fields that are sent after its creation. */
const isOpen = ({ open: { mapping } }: Pass, { outcome: { created } }: TakenWrite): boolean =>
  created && sentAfterCreation(mapping).length > 0;

/** Triggers, flows or an edit in between made more of our write than we wrote. */
const isChangedByOthers = (pass: Pass, link: Link, after: RemoteRecord): boolean =>
  judgeSnapshot(link, after, pass.open.mapping) !== 'in-step';

/** Salesforce compared the key without case, or the record was linked by another name: the link lets go of it. */
async function letGo(pass: Pass, one: TakenWrite): Promise<void> {
  await pass.ports.syncStore.commit([
    { mapping: pass.open.mapping, link: settleRefused(one.link), expectedVersion: one.link.version },
  ]);
}

/** The links are let go of; what was refused is told to a person, or waits where it may pass. */
export async function settleAllRefused(pass: Pass, refused: readonly RefusedWrite[]): Promise<Applied> {
  if (refused.length === 0) return NOTHING_APPLIED;
  const { mapping } = pass.open;
  const isKeyRefused = ({ link, outcome }: RefusedWrite): boolean =>
    link.owesKey === true && outcome.retryAfterMs === undefined;
  await pass.ports.syncStore.commit(
    refused.map((one) => ({
      mapping,
      link: isKeyRefused(one) ? settleRefusedKey(one.link) : settleRefused(one.link),
      expectedVersion: one.link.version,
    })),
  );
  // Without the key the rest may be taken.
  const lookAgain = refused.filter(isKeyRefused).map(({ planned }) => lookAgainAt(planned.subject));
  const lasting = refused.filter((one) => !isKeyRefused(one));
  const waiting = lasting.map(({ outcome, planned }): Waiting => {
    const { code, retryAfterMs } = outcome;
    const rejected = waitingOf(planned.subject, { rejection: refusedBySalesforce(outcome) });
    if (retryAfterMs === undefined)
      return mayBeOfParent(mapping, code) ? { ...rejected, waitMs: ELSEWHERE_WAIT_MS } : rejected;
    const passing = { reason: code, waitMs: retryAfterMs };
    const isTold =
      retryAfterMs >= WORTH_TELLING_MS ||
      (code === DEPENDED_ON && hasLasted(planned.subject.parked, code, pass.ports.clock));
    // What is over in a moment is nothing to tell a person.
    return isTold ? { ...rejected, ...passing } : waitingOf(planned.subject, passing);
  });
  const rejections = waiting.filter(({ rejection }) => rejection).length;
  return { ...counting({ rejections }), waiting, lookAgain };
}
