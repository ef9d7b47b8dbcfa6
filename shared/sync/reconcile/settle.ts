import { assert, must } from '../assert.ts';
import { sameValue, valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { RemoteRecord } from '../model/record.ts';
import type { FieldValues } from '../model/values.ts';
import { latest } from '../time.ts';
import { arrivedIn } from './arrived.ts';
import { sentAfterCreation } from './as-made.ts';
import { hasNone, valuesOf } from './field-values.ts';
import type { CreateLocalPlan, CreateRemotePlan, InStepPlan, WritePlan } from './plan.ts';

/** A link as it shall be stored; the store counts its version. */
export type NextLink = Omit<Link, 'version'>;

export type Lease = NonNullable<Link['lease']>;

/** The pair that a plan was made for, as it was looked at. */
export interface Pair {
  readonly mapping: Mapping;
  readonly localKey: string;
  readonly link: Link | undefined;
  /** The record that was looked at; undefined where there was none. */
  readonly remote?: RemoteRecord | undefined;
  /** When the item changed to what it is, by the stream's clock (ISO 8601), where somebody told. */
  readonly localChangedAt?: string | undefined;
  /**
   * Now (ISO 8601), where the commit writes the item: the stream will tell of that change too, and it is nobody's edit.
   */
  readonly localWrittenAt?: string | undefined;
}

/** Both sides agree: the link learns what they agree upon. Only for a plan that has a `nextBase`. */
export const agree = (pair: Pair, plan: InStepPlan): NextLink =>
  linked(pair, must(plan.nextBase, 'there is nothing to store of a pair in step'), plan.adjusted ?? {}, {
    held: plan.held,
    contested: plan.contested,
  });

/** The link that is committed together with the local writes of a plan that has no remote ones. */
export const afterLocalCommit = (pair: Pair, plan: WritePlan): NextLink => {
  assert(hasNone(plan.remoteWrites), 'remote writes must be announced');
  return linked(pair, plan.nextBase, plan.adjusted, plan);
};

/** The link that is committed together with the new item. */
export const afterLocalCreate = (pair: Pair, plan: CreateLocalPlan): NextLink => ({
  ...linked(pair, plan.nextBase, {}, {}),
  // The next look takes it back.
  ...(pair.link?.marked === 'record' && pair.link.sfId === pair.remote?.sfId && { marked: pair.link.marked }),
});

/** Whether a plan of a pair writes to its record. */
export const writesToRecord = ({ setKey, unmark, remoteWrites }: WritePlan): boolean =>
  setKey === true || unmark === 'record' || !hasNone(remoteWrites);

/**
 * Announces the remote writes of a plan, in one transaction with its local writes. The item's change counts as brought
 * into step when the write is settled, not before.
 */
export const announce = (pair: Pair, plan: WritePlan, lease: Lease): NextLink => {
  assert(writesToRecord(plan), 'there is no remote write to announce');
  const { localChangedAt: _open, ...before } = pair;
  return {
    ...linked(before, plan.baseBeforeRemote, plan.adjusted, plan),
    pending: plan.remoteWrites,
    ...(plan.setKey && { owesKey: plan.setKey }),
    ...(plan.unmark === 'record' && { marked: plan.unmark }),
    lease,
  };
};

/**
 * Announces that the record is about to be made in Salesforce.
 *
 * @param sfNow - Salesforce's time (ISO 8601): no living record had the key before then
 */
export const announceCreate = (
  pair: Pair,
  plan: CreateRemotePlan,
  lease: Lease,
  sfNow: string,
): NextLink => ({
  ...identity(pair),
  state: 'creating',
  sfReadAt: pair.link?.state === 'creating' ? (pair.link.sfReadAt ?? sfNow) : sfNow,
  base: plan.baseBeforeRemote,
  pending: plan.values,
  lease,
});

/** What Salesforce answered to a write that it took. */
export interface Written {
  /** 18 characters. */
  readonly sfId: string;
  /** Salesforce's time of the answer (ISO 8601). */
  readonly readAt: string;
  /** The record as it was read back in the same call. */
  readonly after?: RemoteRecord | undefined;
  /** The write made the record. */
  readonly isCreated?: boolean;
  /** When the item had changed to what was written, by the stream's clock (ISO 8601), where somebody told. */
  readonly localChangedAt?: string | undefined;
}

/**
 * Salesforce made of our write what it had before: with the adoption that follows it counts as twenty. So six of these
 * are a contest, while a person who edits a field that Salesforce normalises has a hundred edits in half an hour.
 */
const PUT_BACK_COUNT = 19;

/**
 * After an announced write (or create) arrived: the base moves for the fields that were written, whatever became of
 * the item meanwhile. Where `after` shows other values than the base, reconcile once more with it.
 *
 * @param link - as it is stored now, announcement included
 * @param written - the fields that were written, which is what `pending` says
 */
export const settleWritten = (
  mapping: Mapping,
  link: Link,
  written: FieldValues,
  { sfId, readAt, after, isCreated = false, localChangedAt }: Written,
): NextLink => {
  assert(link.sfId === undefined || link.sfId === sfId, 'the answer is about another record');
  assert(after === undefined || after.sfId === sfId, 'the row read back is another record');
  const { version, pending, lease, adjusted, owesKey, marked, endsPair, sfModstamp, sfReadAt, ...rest } =
    link;
  const modstamp = latest(sfModstamp, after?.systemModstamp);
  // A record that is just made had nothing in what follows it: a default is what Salesforce made of that.
  const unsent = isCreated ? nothingIn(sentAfterCreation(mapping)) : {};
  const made = after === undefined ? {} : adjustmentsOf(mapping, { ...unsent, ...written }, after);
  const nowAdjusted = { ...withoutFields(adjusted ?? {}, written), ...made };
  return {
    ...rest,
    ...changedAt({ link, localChangedAt }),
    state: 'linked',
    sfId,
    base: { ...unsent, ...link.base, ...written },
    ...(hasNone(nowAdjusted) ? {} : { adjusted: nowAdjusted }),
    ...(link.adoptions !== undefined && isPutBack(mapping, link, made)
      ? { adoptions: { ...link.adoptions, count: link.adoptions.count + PUT_BACK_COUNT } }
      : {}),
    ...(modstamp === undefined ? {} : { sfModstamp: modstamp }),
    sfReadAt: latest(sfReadAt, readAt) ?? readAt,
  };
};

const nothingIn = (fields: readonly FieldMapping[]): FieldValues =>
  valuesOf(fields.map(({ localField }) => [localField, null]));

/** After Salesforce refused an announced write: nothing was agreed, and the next look tries again. */
export const settleRefused = (link: Link): NextLink => {
  const { version, pending, lease, endsPair, ...rest } = link;
  return rest.state === 'deleting' ? { ...rest, state: 'linked' } : rest;
};

/**
 * After Salesforce refused an announced write that brought the key too: the key is given up, since nothing needs it and
 * it may be what was refused.
 */
export const settleRefusedKey = (link: Link): NextLink => {
  const { owesKey, ...rest } = settleRefused(link);
  return rest;
};

/**
 * Announces that the record is about to be deleted, in one transaction that finds no item. Its edits were decided upon,
 * so that its values are base: what differs from them afterwards is another edit.
 */
export const announceDelete = (pair: Pair, lease: Lease): NextLink => {
  const remote = must(pair.remote, 'a record that is deleted was read');
  const { base, ...rest } = withoutOpen(pair);
  return {
    ...rest,
    ...seen({ ...pair, remote }),
    base: valuesOf(Object.keys(base).map((field) => [field, valueIn(remote.values, field) ?? base[field]])),
    state: 'deleting',
    lease,
  };
};

/** Announces that both sides of a pair are about to be deleted, the record first. @param undoId - what they fall to */
export const announcePairDelete = (pair: Pair, lease: Lease, undoId: string): NextLink => {
  const { version, ...rest } = must(pair.link, 'only a link can become a tombstone');
  return { ...rest, endsPair: undoId, lease };
};

/** After the announced deletion arrived. @param readAt - Salesforce's time of the answer (ISO 8601) */
export const settleDeleted = (link: Link, readAt: string): NextLink => {
  const { version, lease, marked, endsPair, ...rest } = link;
  return { ...rest, state: 'both-deleted', sfReadAt: latest(link.sfReadAt, readAt) ?? readAt };
};

/** Announces that the record is about to be marked, as `announceDelete` does. */
export const announceMark = (pair: Pair, lease: Lease): NextLink => ({
  ...announceDelete(pair, lease),
  marked: 'record',
});

/** After the announced mark arrived: the record stays, and its item is not made again. */
export const settleMarked = (link: Link, readAt: string): NextLink => {
  const { version, lease, ...rest } = link;
  return { ...rest, state: 'local-deleted', sfReadAt: latest(link.sfReadAt, readAt) ?? readAt };
};

/** The record was deleted, and its item says so. */
export const markItem = (pair: Pair): NextLink => ({ ...markRemoteDeleted(pair), marked: 'item' });

/** Neither side has it any more. */
export const markBothDeleted = (pair: Pair): NextLink => tombstone(pair, 'both-deleted');

/** The item was deleted, and its record is left alone. */
export const markLocalDeleted = (pair: Pair): NextLink => tombstone(pair, 'local-deleted');

/** The record was deleted, and its item is left alone. */
export const markRemoteDeleted = (pair: Pair): NextLink => tombstone(pair, 'remote-deleted');

const tombstone = (pair: Pair, state: 'local-deleted' | 'remote-deleted' | 'both-deleted'): NextLink => {
  const link = must(pair.link, 'only a link can become a tombstone');
  const { mapping, remote } = pair;
  const isSameRecord = remote !== undefined && (link.sfId === undefined || remote.sfId === link.sfId);
  if (!isSameRecord) return { ...withoutOpen(pair), state };
  // A record that is undeleted has what arrived before, and that is nobody's edit.
  const base = { ...link.base, ...arrivedIn(mapping, link, remote) };
  return { ...withoutOpen(pair), ...seen(pair), base, state };
};

/** The link without what is announced, marked and held, and with the item's newest change. */
const withoutOpen = (pair: Pair): NextLink => {
  const { version, pending, lease, held, marked, endsPair, ...rest } = must(
    pair.link,
    'only a link can become a tombstone',
  );
  return { ...rest, ...changedAt(pair) };
};

/** A living pair without anything open; the lease ends with it. */
const linked = (
  pair: Pair,
  base: FieldValues,
  adjusted: FieldValues,
  {
    held = [],
    contested = [],
    adoptions = pair.link?.adoptions,
  }: { readonly [K in 'held' | 'contested' | 'adoptions']?: Link[K] | undefined },
): NextLink => ({
  ...identity(pair),
  ...changedAt(pair),
  ...seen({ ...pair, remote: must(pair.remote, 'a living pair has a record') }),
  state: 'linked',
  base,
  ...(hasNone(adjusted) ? {} : { adjusted }),
  ...(held.length === 0 ? {} : { held }),
  ...(contested.length === 0 ? {} : { contested }),
  ...(adoptions === undefined ? {} : { adoptions }),
});

/** What a link is about. Its values are decided by this revision of the mapping, and labelled with it. */
const identity = ({
  mapping,
  localKey,
  link,
}: Pair): Pick<Link, 'mappingId' | 'localKey' | 'revision' | 'run'> => {
  assert(link === undefined || link.localKey === localKey, 'the link is of another item');
  assert(link === undefined || link.mappingId === mapping.mappingId, 'the link is of another mapping');
  const { mappingId, fieldsRevision: revision } = mapping;
  return { mappingId, localKey, revision, ...(link?.run && { run: link.run }) };
};

const changedAt = ({
  link,
  localChangedAt,
  localWrittenAt,
}: Pick<Pair, 'link' | 'localChangedAt' | 'localWrittenAt'>): Pick<Link, 'localChangedAt'> => {
  const newest = latest(latest(link?.localChangedAt, localChangedAt), localWrittenAt);
  return newest === undefined ? {} : { localChangedAt: newest };
};

/** What the look taught about the record. Never older than what the link knew of the same record. */
const seen = ({ link, remote }: Pair): Pick<Link, 'sfId' | 'sfModstamp' | 'sfReadAt'> => {
  if (remote === undefined) return {};
  const known = link?.sfId === remote.sfId ? link : undefined;
  return {
    sfId: remote.sfId,
    sfModstamp: latest(known?.sfModstamp, remote.systemModstamp) ?? remote.systemModstamp,
    sfReadAt: latest(known?.sfReadAt, remote.readAt) ?? remote.readAt,
  };
};

const adjustmentsOf = (mapping: Mapping, written: FieldValues, after: RemoteRecord): FieldValues =>
  Object.fromEntries(
    mapping.fields.flatMap(({ localField, type }) => {
      const ours = valueIn(written, localField);
      const theirs = valueIn(after.values, localField) ?? null;
      return ours === undefined || sameValue(type, ours, theirs) ? [] : [[localField, theirs]];
    }),
  );

/** Whether a field that we wrote has the value again that it had before; while a write is open, that is its base. */
const isPutBack = (mapping: Mapping, { base }: Link, made: FieldValues): boolean =>
  mapping.fields.some(({ localField, type }) => {
    const [before, now] = [valueIn(base, localField), valueIn(made, localField)];
    return before !== undefined && now !== undefined && sameValue(type, before, now);
  });

const withoutFields = (values: FieldValues, without: FieldValues): FieldValues =>
  Object.fromEntries(Object.entries(values).filter(([field]) => !Object.hasOwn(without, field)));
