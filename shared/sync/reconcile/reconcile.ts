import { assert } from '../assert.ts';
import { unknownParentId } from '../mapping/references.ts';
import type { FieldMapping, Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import { isAfter } from '../time.ts';
import { decideByExistence, type Living } from './existence.ts';
import { at, pick, withoutNulls } from './field-values.ts';
import type { Looked } from './looked.ts';
import { merge } from './merge.ts';
import { NOTHING, type Plan } from './plan.ts';

/**
 * Decides what to do about one key. Pure and level-triggered: it looks at states, never at messages, so a duplicate
 * finds nothing to do. Carry its plan out by the transitions of `settle.ts`, in the order that `WritePlan` states.
 */
export const reconcile = (looked: Looked): Plan => {
  const { mapping, link, local } = looked;
  if (isOurCreationDeleted(looked)) return { kind: 'remote-deleted' };
  const remote = alive(looked.remote);
  const decided = decideByExistence(looked, remote);
  if (decided !== undefined) return decided;
  if (local === 'missing') {
    assert(remote !== 'missing' && remote !== 'unseen', 'a key that neither side has reached the merge');
    return createLocal(mapping, remote);
  }
  if (remote === 'missing' || remote === 'unseen') return createRemote(mapping, local, looked.unlinked);
  return merge({ ...looked, link, local, remote });
};

/**
 * The answer to a creation was lost, and a record with the key was deleted since it was announced: it had been made, and
 * somebody decided against it.
 */
const isOurCreationDeleted = ({ link, local, remote }: Looked): boolean =>
  link?.state === 'creating' &&
  local !== 'missing' &&
  typeof remote !== 'string' &&
  remote.isDeleted &&
  isAfter(remote.systemModstamp, link.sfReadAt);

/** A row that says deleted is evidence that there is no record. */
const alive = (remote: Looked['remote']): Living =>
  typeof remote !== 'string' && remote.isDeleted ? 'missing' : remote;

const createLocal = (mapping: Mapping, remote: RemoteRecord): Plan => {
  const all = mapping.fields.filter(({ direction }) => direction !== 'to-salesforce');
  const isUnknown = ({ localField }: FieldMapping): boolean =>
    unknownParentId(at(remote.values, localField)) !== undefined;
  // The item waits for no parent: it is made without, and gets it when there is one.
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
 * A record waits for the parents that its item names, since a lookup may be required. Only where parents lead back to
 * it, it is made without, and gets them when they are there.
 */
const createRemote = (
  mapping: Mapping,
  local: LocalItem,
  unlinked: ReadonlySet<string> = new Set(),
): Plan => {
  const all = mapping.fields.filter(({ direction }) => direction !== 'from-salesforce');
  const without = all.filter(({ localField }) => unlinked.has(localField));
  const missing = { local: without.map(({ localField }) => localField), remote: [] };
  if (without.some(({ reference }) => reference?.isCyclic !== true))
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
