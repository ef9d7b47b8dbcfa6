import { isLeftToPerson } from '../mapping/left-to-person.ts';
import { sameValue, valueIn } from '../mapping/values.ts';
import type { HeldField, Link, Resolution } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { Decision, FieldView } from './decide.ts';
import { at } from './field-values.ts';
import type { Looked } from './looked.ts';
import { type FieldConflict, REASONS } from './plan.ts';

/**
 * What the link holds of the field, as far as it is still this field, and still left to a person. As with a base, what
 * was held of another Salesforce field or type says nothing of this one.
 */
export const heldOf = (link: Link | undefined, field: FieldMapping): HeldField | undefined =>
  link !== undefined && isLeftToPerson(field) && field.since <= link.revision
    ? link.held?.find(({ field: name }) => name === field.localField)
    : undefined;

/**
 * Whether what the link holds calls for a look by itself: a person has decided, or the mapping does not leave the field
 * to a person any more. All else that is held has nothing new to say until one of its values changes.
 */
export const callsForLook = (link: Link, { fields }: Mapping): boolean =>
  link.held?.some(({ field: name, resolution }) => {
    const field = fields.find(({ localField }) => localField === name);
    return resolution !== undefined || field === undefined || heldOf(link, field) === undefined;
  }) === true;

/** The link as if nothing of it were held: every difference from the base counts. */
export const withoutHeld = ({ held: _, ...link }: Link): Omit<Link, 'held'> => link;

/** Whether both sides still have the values that are held. */
const isUnchanged = (held: HeldField, { field, local, remote }: FieldView): boolean =>
  sameValue(field.type, held.local, local) && sameValue(field.type, held.remote, remote);

/**
 * A field's decision once a person has had a say. A resolution is carried out only against the very values that the
 * person saw; where the sides have moved on it is dropped, which the journal, or what is still held, tells.
 */
export const decideAsPerson = (
  view: FieldView,
  held: HeldField | undefined,
  decision: Decision,
): Decision => {
  if (held?.resolution === undefined) return decision;
  if (decision.do === 'hold') {
    return isUnchanged(held, view) ? carryOut(view, held.resolution, decision.conflict) : decision;
  }
  return decision.conflict === undefined ? { ...decision, conflict: overtaken(view, decision) } : decision;
};

const carryOut = (view: FieldView, { take, value = null }: Resolution, conflict: FieldConflict): Decision => {
  const { field, local, remote } = view;
  if (take === 'local') return { do: 'take-local', conflict: decidedBy('local', conflict) };
  if (take === 'salesforce') return { do: 'take-remote', conflict: decidedBy('salesforce', conflict) };
  if (sameValue(field.type, value, local))
    return { do: 'take-local', conflict: decidedBy('local', conflict) };
  if (sameValue(field.type, value, remote)) {
    return { do: 'take-remote', conflict: decidedBy('salesforce', conflict) };
  }
  return { do: 'take-value', value, conflict: decidedBy('nobody', conflict) };
};

const decidedBy = (winner: FieldConflict['winner'], conflict: FieldConflict): FieldConflict => ({
  ...conflict,
  winner,
  reason: winner === 'nobody' ? REASONS.personsValue : REASONS.personsSide,
});

const overtaken = ({ field, base, local, remote }: FieldView, { do: does }: Decision): FieldConflict => ({
  field: field.localField,
  base,
  local,
  remote,
  policy: field.conflictPolicy,
  winner: WINNERS[does] ?? 'nobody',
  reason: REASONS.personOvertaken,
});

const WINNERS: Partial<Record<Decision['do'], FieldConflict['winner']>> = {
  'take-local': 'local',
  'take-remote': 'salesforce',
};

/** A person's decisions that wait for a look, as those of a pair that is no more. */
export const droppedWithPair = (
  { mapping, link, local, remote }: Pick<Looked, 'mapping' | 'link' | 'local' | 'remote'>,
  deleted: 'local' | 'salesforce',
): readonly FieldConflict[] =>
  mapping.fields.flatMap((field) => {
    if (heldOf(link, field)?.resolution === undefined) return [];
    const isLiving = typeof remote !== 'string' && !remote.isDeleted;
    return {
      field: field.localField,
      base: valueIn(link?.base, field.localField),
      local: local === 'missing' ? null : at(local.values, field.localField),
      remote: isLiving ? at(remote.values, field.localField) : null,
      policy: field.conflictPolicy,
      winner: 'nobody' as const,
      reason: REASONS.personWithoutPair,
      deleted,
    };
  });

/**
 * What the link holds of a field after a look that holds it: the same where nothing changed, which then writes nothing.
 *
 * @param link - as it was read; what is stored anew gets the version that the commit gives the link
 * @param readAt - Salesforce's time of the row (ISO 8601)
 */
export const holdOn = (
  view: FieldView,
  held: HeldField | undefined,
  link: Link | undefined,
  readAt: string,
): HeldField => {
  if (held !== undefined && isUnchanged(held, view)) return held;
  const dropped = held?.resolution ?? held?.dropped;
  return {
    field: view.field.localField,
    local: view.local,
    remote: view.remote,
    since: held?.since ?? readAt,
    version: (link?.version ?? 0) + 1,
    ...(dropped && { dropped }),
  };
};

/** Why a resolution is not taken. */
export type ResolutionRefusal = 'not-held' | 'seen-other-values';

/**
 * The link with a person's resolution, to be stored on the condition that it is still as it was read.
 *
 * @param seen - the version of the held values that the person saw
 */
export const resolve = (
  link: Link,
  field: string,
  seen: number,
  resolution: Resolution,
): Omit<Link, 'version'> | ResolutionRefusal => {
  const held = link.held?.find((one) => one.field === field);
  if (!held) return 'not-held';
  if (held.version !== seen) return 'seen-other-values';
  const { version: _, ...rest } = link;
  const { dropped: _dropped, ...kept } = held;
  return { ...rest, held: (link.held ?? []).map((one) => (one === held ? { ...kept, resolution } : one)) };
};
