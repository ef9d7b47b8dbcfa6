import { type Clear, type ClearName, clearName } from '../guard/clears.ts';
import { sameValue, valueIn } from '../mapping/values.ts';
import type { Link } from '../model/link.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';
import { at } from '../reconcile/field-values.ts';
import { isOfPair } from '../reconcile/merge.ts';
import type { FieldConflict, Plan } from '../reconcile/plan.ts';
import { type FieldChange, type HistoryRule, ruleOfReason } from './line.ts';

/** A pair as it was looked at, with what was decided. */
export interface Decided {
  readonly mapping: Mapping;
  readonly link: Link | undefined;
  readonly local: LocalItem | undefined;
  readonly remote: RemoteRecord | undefined;
  readonly plan: Plan;
  /** What is held of the pair because it would be cleared, where a person has perhaps refused that. */
  readonly heldClears?: ReadonlySet<ClearName>;
}

/**
 * What the fields become with the commit of the local part of a plan: what the item gets, and what both sides are found
 * to have. What is announced to Salesforce is no change before it has arrived.
 *
 * @param base - that of the link which is committed
 */
export const localChanges = (decided: Decided, base: FieldValues): readonly FieldChange[] => {
  const { mapping, plan } = decided;
  const written = plan.kind === 'create-local' ? plan.values : writtenBy(plan);
  const announced = plan.kind === 'write' ? plan.remoteWrites : {};
  return mapping.fields.flatMap((field): FieldChange[] => {
    const name = field.localField;
    const after = valueIn(written, name);
    if (after !== undefined) {
      const before = decided.local && at(decided.local.values, name);
      const rule = ruleOf(decided, field, 'local');
      return [{ field: name, side: 'local', rule, before, after, ...meeting(decided, field) }];
    }
    return valueIn(announced, name) === undefined ? agreedOn(decided, field, valueIn(base, name)) : [];
  });
};

/** What a plan writes to the item. */
const writtenBy = (plan: Plan): FieldValues => {
  if (plan.kind === 'write') return plan.localWrites;
  return (plan.kind === 'create-remote' && plan.localWrites) || {};
};

/** A field whose base moves although nothing of it is written: both sides have the value already. */
const agreedOn = (decided: Decided, field: FieldMapping, after: FieldValue | undefined): FieldChange[] => {
  if (after === undefined) return [];
  const name = field.localField;
  const before = valueIn(knownBase(decided), name);
  // Empty on both sides from the first is nothing to tell.
  const isSame = before === undefined ? after === null : sameValue(field.type, before, after);
  if (isSame) return [];
  const pending = knownOf(decided, decided.link?.pending);
  const ours = valueIn(pending, name);
  const isArrived = ours !== undefined && sameValue(field.type, ours, after);
  return [
    isArrived
      ? { field: name, side: 'salesforce', rule: 'arrived', before, after }
      : { field: name, side: 'neither', rule: unwrittenRule(decided, field, after), before, after },
  ];
};

/** Why the base of a field moves of which neither side is written. */
const unwrittenRule = (decided: Decided, field: FieldMapping, after: FieldValue): HistoryRule => {
  const decidedBy = conflictRule(decided, field);
  if (decidedBy) return decidedBy;
  const has = (side: LocalItem | RemoteRecord | undefined): boolean =>
    side !== undefined && sameValue(field.type, at(side.values, field.localField), after);
  if (has(decided.local) && has(decided.remote)) return 'alike';
  const isHeld = isHeldClear(decided, field, 'local') || isHeldClear(decided, field, 'salesforce');
  return isHeld ? 'clearRefused' : 'parted';
};

const isHeldClear = ({ heldClears }: Decided, { localField }: FieldMapping, side: Clear['side']): boolean =>
  heldClears?.has(clearName({ side, field: localField })) === true;

/** What an announced write made of the record, once Salesforce has taken it. @param written - what `pending` said */
export const remoteChanges = (
  decided: Decided,
  written: FieldValues,
  created: boolean,
): readonly FieldChange[] =>
  decided.mapping.fields.flatMap((field): FieldChange[] => {
    const name = field.localField;
    const after = valueIn(written, name);
    if (after === undefined) return created ? leftBehind(decided, field) : [];
    const before = decided.remote && at(decided.remote.values, name);
    const rule = created ? 'created' : ruleOf(decided, field, 'salesforce');
    const known = created ? undefined : before;
    return [{ field: name, side: 'salesforce', rule, before: known, after, ...meeting(decided, field) }];
  });

/** What a pair had and its new record comes without, since the item has it no more. Nothing is sent for it. */
const leftBehind = (decided: Decided, field: FieldMapping): FieldChange[] => {
  const name = field.localField;
  const before = valueIn(decided.link?.base, name) ?? null;
  const isEmpty = decided.local !== undefined && at(decided.local.values, name) === null;
  if (before === null || !isEmpty) return [];
  const rule = conflictRule(decided, field) ?? 'created';
  return [{ field: name, side: 'neither', rule, before, after: null }];
};

/** All that a side had, which is gone with it. */
export const deletedValues = (
  { mapping, local, remote }: Decided,
  side: 'local' | 'salesforce',
): readonly FieldChange[] => {
  const values = (side === 'local' ? local : remote)?.values ?? {};
  return mapping.fields.flatMap(({ localField: field }): FieldChange[] => {
    const before = at(values, field);
    return before === null ? [] : [{ field, side, rule: 'deleted', before, after: null }];
  });
};

const ruleOf = (decided: Decided, field: FieldMapping, side: 'local' | 'salesforce'): HistoryRule => {
  const { plan } = decided;
  if (plan.kind === 'create-local') return 'created';
  if (isUndone(plan, field.localField)) return 'undone';
  const decidedBy = conflictRule(decided, field);
  if (decidedBy) return decidedBy;
  const name = field.localField;
  const base = valueIn(knownBase(decided), name);
  if (base === undefined) return 'filledIn';
  // The refusal has moved the base to the side that was cleared, which now gets back what the other has.
  if (base === null && isHeldClear(decided, field, side === 'local' ? 'salesforce' : 'local'))
    return 'clearRefused';
  if (side === 'salesforce') return 'localEdit';
  const adjusted = valueIn(knownOf(decided, decided.link?.adjusted), name);
  const remote = decided.remote && at(decided.remote.values, name);
  const isOurs = adjusted !== undefined && remote !== undefined && sameValue(field.type, adjusted, remote);
  return isOurs ? 'adjusted' : 'salesforceEdit';
};

/** Whether a conflict was decided on a field whose sides had never agreed. */
const meeting = (decided: Decided, field: FieldMapping): Pick<FieldChange, 'isMeeting'> => {
  const isNew = valueIn(knownBase(decided), field.localField) === undefined;
  return isNew && conflictRule(decided, field) ? { isMeeting: true } : {};
};

const isUndone = (plan: Plan, name: string): boolean =>
  (plan.kind === 'write' && plan.undone?.includes(name) === true) ||
  (plan.kind === 'create-remote' && plan.restores === true);

const conflictRule = ({ plan }: Decided, { localField }: FieldMapping): HistoryRule | undefined => {
  const conflicts: readonly FieldConflict[] = 'conflicts' in plan ? (plan.conflicts ?? []) : [];
  const found = conflicts.find(({ field }) => field === localField);
  return found && ruleOfReason(found.reason);
};

const knownBase = (decided: Decided): FieldValues => knownOf(decided, decided.link?.base);

/** What the link remembers, as far as it is of this pair. */
const knownOf = ({ link, remote }: Decided, values: FieldValues | undefined): FieldValues =>
  isOfPair(link, remote) ? (values ?? {}) : {};
