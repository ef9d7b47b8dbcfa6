import { markOf } from '../../contracts/delete-policies.ts';
import { unknownParentId } from '../mapping/references.ts';
import { sameValue, valueIn } from '../mapping/values.ts';
import type { HeldField, Link } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { RemoteRecord } from '../model/record.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';
import { epochMs, isAfter } from '../time.ts';
import { arrivedIn } from './arrived.ts';
import { isAsMade } from './as-made.ts';
import { type Decision, decideField, type FieldView } from './decide.ts';
import { at, hasNone, valuesOf } from './field-values.ts';
import { decideAsPerson, heldOf, holdOn } from './held.ts';
import type { Met } from './looked.ts';
import type { FieldConflict, InStepPlan, MissingParents, Plan } from './plan.ts';

/**
 * The item takes over what Salesforce made of our own writes as long as these, in a row, count no more than this; then
 * somebody else is undoing it. One counts as one, and more where Salesforce puts back what it had (`PUT_BACK_COUNT`).
 */
const MAX_ADOPTIONS = 100;
/** Rounds that are further apart have nothing to do with each other; longer than a sweep looks back. */
const ADOPTIONS_APART_MS = 30 * 60_000;

/**
 * Both sides exist: the three-way merge. One thing cannot be known: when the answer to a write was lost and the record
 * has changed since without having the value written, the write may or may not have come first. That counts as an edit
 * in Salesforce, and as a conflict.
 */
export const merge = (looked: Met): Plan => {
  const { mapping, link, remote } = looked;
  const memory = memoryOf(link, remote);
  const adoptions = nextAdoptions(memory, remote);
  const fields = mapping.fields.map((field) => {
    const view = viewOf(field, memory, looked);
    const held = memory.isOfPair ? heldOf(link, field) : undefined;
    const decided = decideAsPerson(view, held, decideField(view));
    const missing = missingParent(decided, view, looked);
    // Nothing is decided yet of a parent that the other side cannot name.
    const decision: Decision = missing === undefined ? decided : { do: 'leave' };
    const isTakenOver = decision.do === 'take-remote' && view.remoteIsOurs;
    // What was given up over these very values is no news.
    const isAdoption = isTakenOver && !isGivenUp(link, field.localField);
    const isContested = isTakenOver && (!isAdoption || adoptions.count > MAX_ADOPTIONS);
    return {
      view,
      held,
      decision: isContested ? ({ do: 'leave' } satisfies Decision) : decision,
      name: field.localField,
      missing,
      isAdoption,
      isContested,
    };
  });
  const taken = (side: Decision['do']) => fields.filter(({ decision }) => decision.do === side);

  const persons = fields.flatMap(({ name, decision }) =>
    decision.do === 'take-value' ? [[name, decision.value] as const] : [],
  );
  const localWrites = valuesOf([
    ...taken('take-remote').map(({ name, view }) => [name, view.remote] as const),
    ...persons,
  ]);
  const remoteWrites = valuesOf([
    ...taken('take-local').map(({ name, view }) => [name, view.local] as const),
    ...persons,
  ]);
  const nextBase = valuesOf(fields.map(({ name, view, decision }) => [name, baseAfter(view, decision)]));
  const baseBeforeRemote = valuesOf(
    fields.map(({ name, view, decision }) => [
      name,
      decision.do === 'take-local' || decision.do === 'take-value' ? view.remote : baseAfter(view, decision),
    ]),
  );
  const adjusted = valuesOf(
    taken('leave').flatMap(({ name, view }) => (view.remoteIsOurs ? [[name, view.remote] as const] : [])),
  );
  const conflicts = fields.flatMap(({ decision }) =>
    decision.do === 'hold' ? [] : (decision.conflict ?? []),
  ) satisfies FieldConflict[];
  const held = taken('hold').map((one) => holdOn(one.view, one.held, link, remote.readAt));
  const idIsMissing = lacksId(looked, memory);
  const contested = fields.filter(({ isContested }) => isContested).map(({ name }) => name);

  const setKey = owesKey(looked);
  const unmark = markToTakeBack(looked);
  const missing = missingOf(fields);
  if (
    hasNone(localWrites) &&
    hasNone(remoteWrites) &&
    conflicts.length === 0 &&
    contested.every((name) => isGivenUp(link, name)) &&
    isHeldAlready(link, held) &&
    !idIsMissing &&
    !setKey &&
    unmark === undefined
  ) {
    const isKnown = isStored(link, remote) && isSame(mapping, link, nextBase, adjusted);
    const disputed = contested.length > 0 ? { contested } : {};
    return { kind: 'in-step', ...(!isKnown && { nextBase, adjusted, held }), ...missing, ...disputed };
  }
  return {
    kind: 'write',
    localWrites,
    remoteWrites,
    nextBase,
    baseBeforeRemote,
    adjusted,
    held,
    conflicts,
    ...missing,
    ...(idIsMissing ? { setLocalSfId: remote.sfId } : {}),
    ...(setKey ? { setKey: true as const } : {}),
    ...(unmark === undefined ? {} : { unmark }),
    ...(fields.some(({ isAdoption }) => isAdoption) ? { adoptions } : {}),
    ...(contested.length > 0 ? { contested } : {}),
  };
};

/**
 * Of a pair without an item: what was announced and is there is what the sides last agreed upon; and what was announced
 * of a field that they had never agreed upon, so that another value of the record counts as an edit of it. All else that
 * is known of it stays as it is, and the announcement ends.
 */
export const settleAnnounced = (mapping: Mapping, link: Link, remote: RemoteRecord): InStepPlan => {
  const { base, pending, adjusted = {}, held = [], contested = [] } = link;
  const nextBase = { ...pending, ...base, ...arrivedIn(mapping, link, remote) };
  return { kind: 'in-step', nextBase, adjusted, held, contested };
};

/** Whether the item keeps what it wrote, though Salesforce made something else of it. */
const isGivenUp = (link: Link | undefined, name: string): boolean => link?.contested?.includes(name) === true;

/** Which side names a parent that the decision cannot carry over, if one does. */
const missingParent = (
  decided: Decision,
  { field, remote }: FieldView,
  { unlinked }: Met,
): 'local' | 'remote' | undefined => {
  if (decided.do === 'take-local' && unlinked?.has(field.localField)) return 'local';
  return decided.do === 'take-remote' && unknownParentId(field, remote) !== undefined ? 'remote' : undefined;
};

const missingOf = (
  fields: readonly { readonly name: string; readonly missing: 'local' | 'remote' | undefined }[],
): { readonly missing?: MissingParents } => {
  const of = (side: 'local' | 'remote') =>
    fields.filter(({ missing }) => missing === side).map(({ name }) => name);
  const missing: MissingParents = { local: of('local'), remote: of('remote') };
  return missing.local.length + missing.remote.length > 0 ? { missing } : {};
};

/**
 * Whether the record is to get the item's key: it was found by something else, and its own external id is empty. One
 * that has a key by now keeps it.
 */
const owesKey = ({ mapping, link, remote, isMatched }: Met): boolean =>
  mapping.writesKey === true &&
  mapping.direction !== 'from-salesforce' &&
  remote.externalId === null &&
  (isMatched === true || (link?.owesKey === true && link.sfId === remote.sfId));

/** The side that still says of its partner that it was deleted, though both are there. */
const markToTakeBack = ({ mapping: { deletePolicy }, link, remote }: Met): Link['marked'] => {
  const isOther = link?.sfId !== remote.sfId;
  if (link?.marked === 'item') return markOf(deletePolicy.fromSalesforce) === undefined ? undefined : 'item';
  if (link?.marked !== 'record' || isOther) return undefined;
  return markOf(deletePolicy.toSalesforce) === undefined ? undefined : 'record';
};

/** One more than the last in a row, and the first of a new row after a while. */
const nextAdoptions = ({ adoptions }: Memory, { readAt }: RemoteRecord): NonNullable<Link['adoptions']> => {
  const isInRow = adoptions !== undefined && epochMs(readAt) - epochMs(adoptions.at) < ADOPTIONS_APART_MS;
  return { count: (isInRow ? adoptions.count : 0) + 1, at: readAt };
};

/**
 * Whether the item is to receive the record's id. An id that is neither ours nor that of the record before is somebody
 * else's, such as that of the tenant's other org: whoever replaced it would have it replaced again.
 */
const lacksId = ({ mapping, local, remote }: Met, { sfId }: Memory): boolean =>
  mapping.localIdField !== undefined &&
  local.sfId !== remote.sfId &&
  (local.sfId === null || local.sfId === sfId);

/** Whether the link holds just this. */
const isHeldAlready = (link: Link | undefined, held: readonly HeldField[]): boolean => {
  const before = link?.held ?? [];
  return before.length === held.length && held.every((one) => before.includes(one));
};

/** What the link remembers of the pair, as far as it is about this pair. */
interface Memory {
  readonly isOfPair: boolean;
  readonly base: FieldValues;
  readonly pending: FieldValues;
  readonly adjusted: FieldValues;
  readonly adoptions?: Link['adoptions'];
  /** The Salesforce id that the link has, whichever record it is. */
  readonly sfId?: string | undefined;
  readonly sfModstamp?: string | undefined;
}

/** The item was deleted, so that one that is there is another. */
const ENDED: ReadonlySet<Link['state']> = new Set(['local-deleted', 'deleting', 'both-deleted']);

/** Whether what the link remembers is about the pair that is there now. */
export const isOfPair = (link: Link | undefined, remote: RemoteRecord | undefined): boolean => {
  const isOther = link?.sfId !== undefined && remote !== undefined && link.sfId !== remote.sfId;
  return link !== undefined && !isOther && !ENDED.has(link.state);
};

/** An item made again, or another record, does not come from the old base: that is a first meeting. */
const memoryOf = (link: Link | undefined, remote: RemoteRecord): Memory => {
  if (link === undefined || !isOfPair(link, remote)) {
    return { isOfPair: false, base: {}, pending: {}, adjusted: {}, sfId: link?.sfId };
  }
  const { base, pending = {}, adjusted = {}, adoptions, sfId, sfModstamp } = link;
  return { isOfPair: true, base, pending, adjusted, adoptions, sfId, sfModstamp };
};

const viewOf = (field: FieldMapping, memory: Memory, looked: Met): FieldView => {
  const local = at(looked.local.values, field.localField);
  const remote = at(looked.remote.values, field.localField);
  const isRemote = (value: FieldValue | undefined) =>
    value !== undefined && sameValue(field.type, value, remote);
  const pending = valueIn(memory.pending, field.localField);
  // Our announced write arrived: its value is what the sides last agreed upon.
  const agreed = isRemote(pending) ? pending : valueIn(memory.base, field.localField);
  // What an item was made without, it never had: nobody cleared it. But what its record was announced with it had by then.
  const wasAnnounced = looked.link?.state === 'creating' && (pending ?? null) !== null;
  const isMadeWithout = looked.madeWithout?.includes(field.localField) === true;
  const wasNeverFilled = local === null && isMadeWithout && !wasAnnounced;
  const isDefault =
    looked.link !== undefined &&
    memory.isOfPair &&
    isAsMade(field, looked.mapping, looked.link, looked.remote);
  const base = isDefault ? (agreed ?? null) : agreed;
  return {
    field,
    base: wasNeverFilled ? undefined : base,
    local,
    remote,
    remoteIsOurs: !isRemote(pending) && (isDefault || isRemote(valueIn(memory.adjusted, field.localField))),
    isOutcomeUnknown:
      pending !== undefined && !isRemote(pending) && isAfter(looked.remote.systemModstamp, memory.sfModstamp),
    localChangedAtSfClock: looked.localChangedAtSfClock,
    hasChangedSince: looked.hasChangedSince === true,
    remoteChangedAt: looked.remote.lastModifiedDate,
  };
};

const baseAfter = (view: FieldView, decision: Decision): FieldValue | undefined => {
  switch (decision.do) {
    case 'agree':
    case 'part':
    case 'take-remote':
      return view.remote;
    case 'take-local':
      return view.local;
    case 'take-value':
      return decision.value;
    default:
      return view.base;
  }
};

/**
 * Whether the link stands as it would after a write: nothing open, and about this very record as it is now. A newer
 * stamp is stored though no value differs: whoever still has the record of before, and is about to commit that, has to
 * lose the race.
 */
const isStored = (link: Link | undefined, remote: RemoteRecord): boolean =>
  link?.state === 'linked' &&
  link.pending === undefined &&
  link.endsPair === undefined &&
  link.sfId === remote.sfId &&
  !isAfter(remote.systemModstamp, link.sfModstamp);

const isSame = (
  mapping: Mapping,
  link: Link | undefined,
  nextBase: FieldValues,
  adjusted: FieldValues,
): boolean =>
  mapping.fields.every(({ localField, type }) => {
    const [before, after] = [valueIn(link?.base, localField), valueIn(nextBase, localField)];
    const isBaseSame =
      before === undefined || after === undefined ? before === after : sameValue(type, before, after);
    return isBaseSame && valueIn(link?.adjusted, localField) === valueIn(adjusted, localField);
  });
