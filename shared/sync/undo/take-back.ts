import { sameValue, valueIn } from '../mapping/values.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import type { FieldValue, FieldValues } from '../model/values.ts';
import { createRemote } from '../reconcile/creation.ts';
import { isItemChanged, isRecordChanged } from '../reconcile/deletion.ts';
import { at, valuesOf, withoutNulls } from '../reconcile/field-values.ts';
import type { Looked } from '../reconcile/looked.ts';
import type { CreateRemotePlan, InStepPlan, Plan, WritePlan } from '../reconcile/plan.ts';
import { isAfter } from '../time.ts';
import { type Undo, valuesAfter } from './undo.ts';

/**
 * The plan of a look that is to take changes back. Only what is in step is taken back: where a side was edited, and
 * nobody has looked at that yet, the ordinary plan stands as it is, and so does all that the history does not speak of.
 *
 * @param ordinary - what would be done without the undo
 */
export const takeBack = (looked: Looked, undo: Undo, ordinary: Plan): Plan => {
  if (undo.pair === 'restore') return restore(looked, undo) ?? ordinary;
  if (undo.pair === 'delete') return deletePair(looked, undo, ordinary) ?? ordinary;
  const { local, remote, link } = looked;
  if (ordinary.kind !== 'in-step' || local === 'missing' || typeof remote === 'string') return ordinary;
  if (link?.pending !== undefined) return ordinary;
  return setBack(looked, { local, remote }, undo, ordinary);
};

/**
 * Whether these fields are set back already, as far as it takes nothing but a look to bring Salesforce what was announced
 * to it.
 */
export const isSetBack = (
  { mapping, link, local, remote, undo }: Looked,
  fields: readonly string[],
): boolean => {
  if (local === 'missing' || typeof remote === 'string' || fields.length === 0) return false;
  const wanted = mapping.fields.filter(({ localField }) => fields.includes(localField));
  return wanted.every(({ localField: name, type }) => {
    const to = undo?.fields.get(name)?.to;
    const has = (value: FieldValue | undefined): boolean =>
      to !== undefined && value !== undefined && sameValue(type, value, to);
    return has(at(local.values, name)) && (has(at(remote.values, name)) || has(valueIn(link?.pending, name)));
  });
};

/** Both sides get what they had, in each field in which both still have what is taken back. */
function setBack(
  { mapping, link }: Looked,
  { local, remote }: { readonly local: LocalItem; readonly remote: RemoteRecord },
  { fields }: Undo,
  ordinary: InStepPlan,
): Plan {
  const wanted = mapping.fields.flatMap(({ localField: name, type }) => {
    const one = fields.get(name);
    const isSame = (side: FieldValues): boolean =>
      one !== undefined && sameValue(type, at(side, name), one.from);
    return one && isSame(local.values) && isSame(remote.values) ? [[name, one] as const] : [];
  });
  if (wanted.length === 0) return ordinary;
  const values = valuesOf(wanted.map(([name, { to }]) => [name, to]));
  const before = valuesOf(wanted.map(([name]) => [name, at(remote.values, name)]));
  const base = ordinary.nextBase ?? link?.base ?? {};
  const { missing } = ordinary;
  return {
    kind: 'write',
    localWrites: values,
    remoteWrites: values,
    nextBase: { ...base, ...values },
    baseBeforeRemote: { ...base, ...before },
    adjusted: without(ordinary.adjusted ?? link?.adjusted ?? {}, values),
    held: ordinary.held ?? link?.held ?? [],
    conflicts: [],
    ...(missing && { missing }),
    ...(link?.contested && { contested: link.contested }),
    undone: wanted.map(([name]) => name),
  } satisfies WritePlan;
}

const without = (values: FieldValues, names: FieldValues): FieldValues =>
  valuesOf(Object.entries(values).filter(([name]) => !Object.hasOwn(names, name)));

/** Whatever is left of the pair goes; a side that was edited since, and has not been looked at, keeps it. */
function deletePair(
  { mapping, link, local, remote }: Looked,
  { toldSince, asOf }: Undo,
  ordinary: Plan,
): Plan | undefined {
  if (link === undefined || typeof remote === 'string') return undefined;
  // Others have committed something since the history was read: that a side was gone, and is back, perhaps.
  if (asOf !== undefined && link.version !== asOf && link.endsPair === undefined) return undefined;
  // What a job has written since, no line tells.
  if (link.run && toldSince !== undefined && isAfter(link.run.at, toldSince)) return undefined;
  if (remote.isDeleted) {
    const isLeft = local !== 'missing' && !isItemChanged(mapping, link, local);
    return isLeft ? { kind: 'delete-local', conflicts: [] } : undefined;
  }
  if (link.sfId !== remote.sfId) return undefined;
  if (local === 'missing')
    return isRecordChanged(mapping, link, remote) ? undefined : { kind: 'delete-remote', conflicts: [] };
  const isQuiet = link.pending === undefined && link.held === undefined;
  return ordinary.kind === 'in-step' && isQuiet ? { kind: 'delete-pair', conflicts: [] } : undefined;
}

/** The item is made again, and its record announced with it. One that lies in the recycle bin stays there. */
function restore({ mapping, link, local, remote, unlinked }: Looked, undo: Undo): Plan | undefined {
  const isThere = local !== 'missing' || (typeof remote !== 'string' && !remote.isDeleted);
  if (isThere || link?.state !== 'both-deleted') return undefined;
  const values = withoutNulls(mapping.fields, valuesAfter(undo));
  const made = createRemote(mapping, { values }, unlinked);
  if (made.kind === 'nothing') return undefined;
  return { ...made, restores: true, localWrites: values } satisfies CreateRemotePlan;
}
