import { unknownParentId } from '../mapping/references.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import { at, pick, withoutNulls } from './field-values.ts';
import { type CreateLocalPlan, type CreateRemotePlan, NOTHING, type Plan } from './plan.ts';

/** The item that a record makes. It waits for no parent: it is made without, and gets it when there is one. */
export const createLocal = (mapping: Mapping, remote: RemoteRecord): CreateLocalPlan => {
  const all = mapping.fields.filter(({ direction }) => direction !== 'to-salesforce');
  const isUnknown = (field: FieldMapping): boolean =>
    unknownParentId(field, at(remote.values, field.localField)) !== undefined;
  const incoming = all.filter((field) => !isUnknown(field));
  const missing = all.filter(isUnknown).map(({ localField }) => localField);
  return {
    kind: 'create-local',
    values: withoutNulls(incoming, remote.values),
    nextBase: pick(incoming, remote.values),
    ...(mapping.localIdField === undefined ? {} : { setLocalSfId: remote.sfId }),
    ...(missing.length > 0 && { missing: { local: [], remote: missing } }),
  };
};

/**
 * The record that an item makes. It waits for the parents that its item names, since a lookup may be required. Only
 * where parents lead back to it, it is made without, and gets them when they are there.
 *
 * @param unlinked - as `Looked.unlinked`
 */
export const createRemote = (
  mapping: Mapping,
  local: Pick<LocalItem, 'values'>,
  unlinked: ReadonlySet<string> = new Set(),
): CreateRemotePlan | Extract<Plan, { kind: 'nothing' }> => {
  const all = mapping.fields.filter(
    ({ direction, sentAt }) => direction !== 'from-salesforce' && sentAt !== 'update',
  );
  const without = all.filter(({ localField }) => unlinked.has(localField));
  const missing = { local: without.map(({ localField }) => localField), remote: [] };
  // What is sent with the creation alone has no second step.
  if (without.some(({ reference, sentAt }) => reference?.isCyclic !== true || sentAt === 'create'))
    return { kind: 'nothing', reason: NOTHING.parentMissing, missing };
  const outgoing = all.filter((field) => !without.includes(field));
  const empty = outgoing.filter(({ localField }) => at(local.values, localField) === null);
  return {
    kind: 'create-remote',
    values: withoutNulls(outgoing, local.values),
    nextBase: pick(outgoing, local.values),
    // A record that does not exist has nothing in any field.
    baseBeforeRemote: pick(empty, local.values),
    ...(without.length > 0 && { missing }),
  };
};
