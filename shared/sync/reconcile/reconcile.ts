import { assert } from '../assert.ts';
import type { Link } from '../model/link.ts';
import { isAfter } from '../time.ts';
import { takeBack } from '../undo/take-back.ts';
import { createLocal, createRemote } from './creation.ts';
import { decideByExistence, isRecord, type Living, recordDeleted } from './existence.ts';
import type { Looked } from './looked.ts';
import { merge } from './merge.ts';
import type { Plan } from './plan.ts';

/**
 * Decides what to do about one key. Pure and level-triggered: it looks at states, never at messages, so a duplicate
 * finds nothing to do. Carry its plan out by the transitions of `settle.ts`, in the order that `WritePlan` states.
 */
export const reconcile = (looked: Looked): Plan => {
  const plan = decide(looked);
  return looked.undo ? takeBack(looked, looked.undo, plan) : plan;
};

const decide = (looked: Looked): Plan => {
  const { mapping, link, local } = looked;
  if (link && local !== 'missing' && isOurCreationDeleted(link, looked.remote))
    return recordDeleted(looked, link, local);
  const remote = alive(looked);
  const decided = decideByExistence(looked, remote);
  if (decided !== undefined) return decided;
  if (local === 'missing') {
    assert(isRecord(remote), 'a key that neither side has reached the merge');
    return createLocal(mapping, remote);
  }
  if (!isRecord(remote)) return createRemote(mapping, local, looked.unlinked);
  return merge({ ...looked, link, local, remote });
};

/**
 * The answer to a creation was lost, and a record with the key was deleted since it was announced: it had been made, and
 * somebody decided against it.
 */
const isOurCreationDeleted = (link: Link, remote: Looked['remote']): boolean =>
  link.state === 'creating' &&
  isRecord(remote) &&
  remote.isDeleted &&
  isAfter(remote.systemModstamp, link.sfReadAt);

/**
 * A row that says deleted is evidence that there is no record, and so is a person's word of one that Salesforce does not
 * give.
 */
const alive = ({ remote, isRecordDeleted }: Looked): Living => {
  if (remote === 'unseen') return isRecordDeleted ? 'missing' : remote;
  return isRecord(remote) && remote.isDeleted ? 'missing' : remote;
};
