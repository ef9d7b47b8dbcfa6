import { assert } from '../assert.ts';
import type { Mapping } from '../model/mapping.ts';
import type { LocalItem, RemoteRecord } from '../model/record.ts';
import { isAfter } from '../time.ts';
import { decideByExistence, type Living } from './existence.ts';
import { at, pick, withoutNulls } from './field-values.ts';
import type { Looked } from './looked.ts';
import { merge } from './merge.ts';
import type { Plan } from './plan.ts';

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
  if (remote === 'missing' || remote === 'unseen') return createRemote(mapping, local);
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
  const incoming = mapping.fields.filter(({ direction }) => direction !== 'to-salesforce');
  return {
    kind: 'create-local',
    values: withoutNulls(incoming, remote.values),
    nextBase: pick(incoming, remote.values),
    ...(mapping.localIdField === undefined ? {} : { setLocalSfId: remote.sfId }),
  };
};

const createRemote = (mapping: Mapping, local: LocalItem): Plan => {
  const outgoing = mapping.fields.filter(
    ({ direction, sentAt }) => direction !== 'from-salesforce' && sentAt !== 'update',
  );
  const empty = outgoing.filter(({ localField }) => at(local.values, localField) === null);
  return {
    kind: 'create-remote',
    values: withoutNulls(outgoing, local.values),
    nextBase: pick(outgoing, local.values),
    // A record that does not exist has nothing in any field.
    baseBeforeRemote: pick(empty, local.values),
  };
};
