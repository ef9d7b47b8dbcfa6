import { unreachable } from '../assert.ts';
import { sameValue, valueIn } from '../mapping/values.ts';
import type { HeldField, Link } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';
import { epochMs } from '../time.ts';
import { isAsMade } from './as-made.ts';
import { at, valuesOf } from './field-values.ts';
import { heldOf } from './held.ts';
import { type ConflictReason, type FieldConflict, REASONS } from './plan.ts';

/** What a deletion on one side means for a pair whose other side may have been edited since they last agreed. */
export type DeletionVerdict =
  /** The other side follows; its edits, if it has any, lose. */
  | { readonly kind: 'deletion'; readonly conflicts: readonly FieldConflict[] }
  /** An edit outlives the deletion: the side that was deleted is made again. `values`: what a person wants both to have. */
  | { readonly kind: 'edit'; readonly conflicts: readonly FieldConflict[]; readonly values: FieldValues }
  /** A field that was edited has the policy `manual`, and no person has decided. */
  | { readonly kind: 'nobody' };

/** When both sides did what they did, by Salesforce's clock (ISO 8601); undefined where nobody told. */
interface Times {
  readonly deletedAt: string | undefined;
  readonly editedAt: string | undefined;
  /** There was an edit after that, nobody knows when. */
  readonly hasChangedSince?: boolean | undefined;
}

/** The item was deleted: whether the record follows. @param deletedAt - by Salesforce's clock */
export const itemDeletedAgainst = (
  mapping: Mapping,
  link: Link,
  remote: RemoteRecord,
  deletedAt: string | undefined,
): DeletionVerdict =>
  judgeAll(
    'local',
    mapping.fields
      .filter((field) => comesIn(field) && isRecordEdited(field, mapping, link, remote))
      .map((field) => edited(field, link, { local: null, remote: at(remote.values, field.localField) })),
    { deletedAt, editedAt: remote.lastModifiedDate },
  );

/**
 * The record was deleted: whether the item follows.
 *
 * @param deleted - undefined where only a person says so: then nobody knows when, or with which values
 * @param edit - when the item last changed, as far as is known
 */
export const recordDeletedAgainst = (
  mapping: Mapping,
  link: Link,
  local: LocalItem,
  deleted: RemoteRecord | undefined,
  edit: Pick<Times, 'editedAt' | 'hasChangedSince'>,
): DeletionVerdict =>
  judgeAll(
    'salesforce',
    mapping.fields
      .filter((field) => goesOut(field) && isItemEdited(field, link, local, deleted))
      .map((field) => edited(field, link, { local: at(local.values, field.localField), remote: null })),
    // A deletion moves the modstamp, and no other stamp.
    { deletedAt: deleted?.systemModstamp, ...edit },
  );

/** Whether the record has an edit that nobody has decided upon yet. */
export const isRecordChanged = (mapping: Mapping, link: Link, remote: RemoteRecord): boolean =>
  mapping.fields.some((field) => comesIn(field) && isRecordEdited(field, mapping, link, remote));

/** Whether the item has an edit that nobody has decided upon yet. */
export const isItemChanged = (mapping: Mapping, link: Link, local: LocalItem): boolean =>
  mapping.fields.some((field) => goesOut(field) && isItemEdited(field, link, local, undefined));

/**
 * What is sent with a creation alone may differ on the two sides for ever, and is no edit of either; nor is a value that
 * Salesforce makes of others.
 */
const comesIn = ({ direction, sentAt, isComputed }: FieldMapping): boolean =>
  direction !== 'to-salesforce' && sentAt !== 'create' && isComputed !== true;

const goesOut = ({ direction, sentAt }: FieldMapping): boolean =>
  direction !== 'from-salesforce' && sentAt !== 'create';

/**
 * A value that nobody agreed upon yet is no edit, unless it waits for a person; nor is our own write, or what Salesforce
 * made of it.
 */
const isRecordEdited = (field: FieldMapping, mapping: Mapping, link: Link, remote: RemoteRecord): boolean => {
  const { localField, type } = field;
  if (heldOf(link, field)) return true;
  if (isAsMade(field, mapping, link, remote)) return false;
  const value = at(remote.values, localField);
  const known = [link.base, link.pending, link.adjusted]
    .map((values) => valueIn(values, localField))
    .filter((one) => one !== undefined);
  return known.length > 0 && !known.some((one) => sameValue(type, one, value));
};

/** What the record had when it was deleted had arrived, whatever became of the answer to its write. */
const isItemEdited = (
  field: FieldMapping,
  link: Link,
  local: LocalItem,
  deleted: RemoteRecord | undefined,
): boolean => {
  const { localField, type } = field;
  if (heldOf(link, field)) return true;
  const value = at(local.values, localField);
  const announced = link.state === 'creating' ? valueIn(link.pending, localField) : undefined;
  const agreed = announced ?? valueIn(link.base, localField);
  if (agreed === undefined || sameValue(type, value, agreed)) return false;
  return deleted === undefined || !sameValue(type, value, at(deleted.values, localField));
};

interface Edited extends Pick<FieldConflict, 'base' | 'local' | 'remote'> {
  readonly field: FieldMapping;
  /** As it waits for a person, or for the look that carries out what one decided. */
  readonly held: HeldField | undefined;
}

const edited = (
  field: FieldMapping,
  link: Link,
  values: { readonly local: FieldValue; readonly remote: FieldValue },
): Edited => ({
  field,
  held: heldOf(link, field),
  base: valueIn(link.base, field.localField),
  ...values,
});

/** A record is there or not, so that its fields are decided together: one edit that outlives the deletion keeps all. */
const judgeAll = (
  deleted: 'local' | 'salesforce',
  fields: readonly Edited[],
  times: Times,
): DeletionVerdict => {
  const judged = fields.map((one) => ({
    ...one,
    ...(asPerson(one, deleted) ?? judge(one.field, deleted, times)),
  }));
  if (judged.some(({ wins }) => wins === 'nobody')) return { kind: 'nobody' };
  const isKept = judged.some(({ wins }) => wins === 'edit');
  const conflicts = judged.map(
    (one): FieldConflict => ({
      field: one.field.localField,
      base: one.base,
      local: one.local,
      remote: one.remote,
      policy: one.field.conflictPolicy,
      ...outcomeOf(one, isKept, deleted),
      deleted,
    }),
  );
  if (!isKept) return { kind: 'deletion', conflicts };
  const values = valuesOf(judged.map(({ field, value }) => [field.localField, value]));
  return { kind: 'edit', conflicts, values };
};

/** Who won a field, and why, once it is decided whether its record stays. */
const outcomeOf = (
  { wins, reason, value }: Verdict,
  isKept: boolean,
  deleted: 'local' | 'salesforce',
): Pick<FieldConflict, 'winner' | 'reason'> => {
  if (!isKept) return { winner: deleted, reason };
  if (value !== undefined) return { winner: wins === 'deletion' ? deleted : 'nobody', reason };
  const winner = deleted === 'local' ? 'salesforce' : 'local';
  return { winner, reason: wins === 'deletion' ? REASONS.otherFieldKeeps : reason };
};

interface Verdict {
  readonly wins: 'deletion' | 'edit' | 'nobody';
  readonly reason: ConflictReason;
  /** What a person wants both sides to have, if the record stays. */
  readonly value?: FieldValue;
}

/**
 * A person decided between two values, and one side is gone by now. Who took that side has the deletion stand, and who
 * took the other one, or a value, the pair. Of a value that the person did not see nothing was decided: it stands.
 */
const asPerson = (
  { field, held, local, remote }: Edited,
  deleted: 'local' | 'salesforce',
): Verdict | undefined => {
  if (held?.resolution === undefined) return undefined;
  const { take, value = null } = held.resolution;
  const [seen, left, gone] =
    deleted === 'local' ? [held.remote, remote, held.local] : [held.local, local, held.remote];
  if (!sameValue(field.type, seen, left)) return { wins: 'edit', reason: REASONS.personOutlived };
  if (take === 'value') return { wins: 'edit', reason: REASONS.personsValue, value };
  if (take === deleted) return { wins: 'deletion', reason: REASONS.personsSide, value: gone };
  return { wins: 'edit', reason: REASONS.personsSide };
};

const judge = ({ conflictPolicy }: FieldMapping, deleted: 'local' | 'salesforce', times: Times): Verdict => {
  switch (conflictPolicy) {
    case 'salesforce-wins':
      return { wins: deleted === 'salesforce' ? 'deletion' : 'edit', reason: REASONS.salesforceWins };
    case 'local-wins':
      return { wins: deleted === 'local' ? 'deletion' : 'edit', reason: REASONS.localWins };
    case 'manual':
      return { wins: 'nobody', reason: REASONS.manual };
    case 'last-write-wins':
      return later(times);
    default:
      return unreachable(conflictPolicy, 'unknown conflict policy');
  }
};

/** What is deleted can be deleted once more, and what was edited cannot be edited once more: in doubt the edit stands. */
const later = ({ deletedAt, editedAt, hasChangedSince }: Times): Verdict => {
  const unknown: Verdict = { wins: 'edit', reason: REASONS.deletionTimeUnknown };
  if (deletedAt === undefined || editedAt === undefined) return unknown;
  const seconds = (iso: string): number => Math.floor(epochMs(iso) / 1000);
  const [deletion, edit] = [seconds(deletedAt), seconds(editedAt)];
  if (deletion >= edit && hasChangedSince) return unknown;
  if (deletion === edit) return { wins: 'edit', reason: REASONS.deletionTie };
  return deletion > edit
    ? { wins: 'deletion', reason: REASONS.deletionLater }
    : { wins: 'edit', reason: REASONS.editLater };
};
