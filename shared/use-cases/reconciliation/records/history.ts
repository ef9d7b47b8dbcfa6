import { allCauses, type Cause } from '../../../contracts/causes.ts';
import { nowIso } from '../../../contracts/clock.ts';
import { type Traced, traceOf } from '../../../contracts/traced.ts';
import type { ClearName } from '../../../sync/guard/clears.ts';
import { type Decided, deletedValues, localChanges, remoteChanges } from '../../../sync/history/changes.ts';
import type { FieldChange, HistoryEntry, HistoryEvent } from '../../../sync/history/line.ts';
import type { Link } from '../../../sync/model/link.ts';
import type { NextLink } from '../../../sync/reconcile/settle.ts';
import type { WriteOutcome } from '../../ports/salesforce-org.ts';
import type { Commit } from '../../ports/sync-store.ts';
import { newlyLinked, type Planned } from './applied.ts';
import { openedBy } from './held.ts';
import { heldClearsOf } from './subject.ts';
import type { Pass } from './work.ts';

/** The link as it is to be committed, with what is to be remembered of the change. */
export type Told = Pick<Commit, 'link' | 'history'>;

/** What a commit of a plan's local part leaves in the record's history. */
export const tellLocal = (pass: Pass, one: Planned, link: NextLink): Told =>
  told(pass, one, link, {
    event: localEvent(one, link),
    changes: localChangesOf(one, link),
    held: openedBy(one),
  });

/** What an announced write leaves there, once Salesforce has taken it. @param link - the settled one */
export const tellWritten = (
  pass: Pass,
  one: Planned,
  link: NextLink,
  written: Link['pending'] = {},
  { created, ...request }: Pick<Extract<WriteOutcome, { kind: 'written' }>, 'created'> & Traced,
): Told =>
  told(pass, one, link, {
    event: writtenEvent(one, created),
    changes: remoteChanges(decidedOf(one), written, created),
    ...traceOf(request),
  });

/** What the deletion of a record leaves there; without a request where somebody else deleted it. */
export const tellDeleted = (pass: Pass, one: Planned, link: NextLink, request: Traced): Told =>
  told(pass, one, link, {
    event: 'record-deleted',
    changes: deletedValues(decidedOf(one), 'salesforce'),
    ...traceOf(request),
  });

/** What the deletion of both sides leaves there. */
export const tellPairDeleted = (pass: Pass, one: Planned, link: NextLink, request: Traced): Told =>
  told(pass, one, link, {
    event: 'pair-deleted',
    changes: deletedValues(decidedOf(one), 'local'),
    ...traceOf(request),
  });

/** What a mark on a record leaves there. */
export const tellMarked = (pass: Pass, one: Planned, link: NextLink, request: Traced): Told =>
  told(pass, one, link, { event: 'record-marked', changes: [], ...traceOf(request) });

/** What a bulk job changes is told by its run: the link says which. A commit that changes nothing leaves no line. */
function told(pass: Pass, one: Planned, link: NextLink, about: Omit<HistoryEntry, 'at' | 'causes'>): Told {
  const { held = [], ...rest } = about;
  if (about.event === 'edit' && about.changes.length + held.length === 0) return { link };
  const at = nowIso(pass.ports.clock);
  if (pass.bulkRun) return { link: { ...link, run: { ...pass.bulkRun, at } } };
  const causes = causesOf(one);
  return { link, history: { at, causes, ...rest, ...(held.length > 0 && { held }) } };
}

/** What an undo had announced is its doing, whoever finds the record gone. */
const causesOf = ({ subject: { asked, link }, plan }: Planned): readonly Cause[] => {
  const runId = plan.kind === 'delete-local' ? link?.endsPair : undefined;
  return allCauses(runId === undefined ? [] : [{ by: 'undo', runId }], asked.causes);
};

const decidedOf = ({ subject, pair, plan }: Planned): Decided => ({
  mapping: pair.mapping,
  link: subject.link,
  local: subject.local === 'missing' ? undefined : subject.local,
  remote: typeof subject.remote === 'string' ? undefined : subject.remote,
  plan,
  heldClears: new Set(Object.keys(heldClearsOf(subject)) as ClearName[]),
});

const localChangesOf = (one: Planned, link: NextLink): readonly FieldChange[] => {
  if (one.plan.kind === 'delete-local') return deletedValues(decidedOf(one), 'local');
  return LIVING.has(one.plan.kind) ? localChanges(decidedOf(one), link.base) : [];
};

const LIVING: ReadonlySet<Planned['plan']['kind']> = new Set([
  'in-step',
  'write',
  'create-local',
  'create-remote',
]);

const GONE: Partial<Record<Planned['plan']['kind'], HistoryEvent>> = {
  'delete-local': 'item-deleted',
  'mark-local': 'item-marked',
  'both-deleted': 'both-gone',
  'local-deleted': 'item-gone',
  'remote-deleted': 'record-gone',
};

function localEvent({ subject, plan }: Planned, link: NextLink): HistoryEvent {
  const known = GONE[plan.kind];
  if (known) return known;
  if (plan.kind === 'create-local') return isPairKnown(subject) ? 'item-restored' : 'item-created';
  if (plan.kind === 'create-remote' && plan.restores) return 'pair-restored';
  if (subject.isMerged) return 'merged';
  if (newlyLinked(subject, link).linked.length === 0) return 'edit';
  if (subject.link?.state === 'creating') return 'record-created';
  return subject.isMatched ? 'matched' : 'linked';
}

const writtenEvent = ({ subject, plan }: Planned, created: boolean): HistoryEvent => {
  if (plan.kind !== 'create-remote') return 'edit';
  if (!created) return 'linked';
  return isPairKnown(subject) ? 'record-restored' : 'record-created';
};

/** There was a pair before: what is made now comes back. */
const isPairKnown = ({ link }: Planned['subject']): boolean =>
  link !== undefined && link.state !== 'creating';
