import { withoutHeld } from '../../../sync/reconcile/held.ts';
import { isLocallyEdited } from '../../../sync/reconcile/local-changes.ts';
import { NOTHING } from '../../../sync/reconcile/plan.ts';
import { equalsBase } from '../../../sync/reconcile/snapshot.ts';
import type { Planned } from './applied.ts';
import {
  alreadyLinked,
  DELETION_DISPUTED,
  RECORD_DELETED,
  RECORD_NOT_VISIBLE,
  VANISHED,
} from './rejections.ts';
import type { Subject } from './subject.ts';
import { type Waiting, waitingOf } from './waiting.ts';
import type { Pass } from './work.ts';

/**
 * What a plan leaves undone that somebody did: a change of one side whose other side is gone or is another's. It waits,
 * and a person is told; where nothing changed there is nothing to tell.
 */
export function unappliedOf(pass: Pass, { plan, subject }: Planned): Waiting[] {
  const { mapping } = pass.open;
  if (plan.kind === 'remote-deleted') return recordGone(pass, subject);
  if (plan.kind !== 'nothing') return [];
  switch (plan.reason) {
    case NOTHING.otherRecord:
    case NOTHING.otherKey:
      return [waitingOf(subject, { rejection: alreadyLinked(mapping) })];
    case NOTHING.deletionDisputed:
      return [waitingOf(subject, { rejection: DELETION_DISPUTED })];
    case NOTHING.remoteGone:
      return recordGone(pass, subject);
    case NOTHING.recordUnseen:
      // Who shows it again moves no stamp: an edit that was told of meanwhile would be seen by nobody.
      return isEdited(pass, subject) || subject.asked.isRemote || subject.isLocalDeleted
        ? [waitingOf(subject, { rejection: RECORD_NOT_VISIBLE })]
        : [];
    case NOTHING.itemVanished:
      // Word of a deletion that is older than the item's last known change is none.
      return isRemotelyEdited(pass, subject) || subject.asked.isDeleted
        ? [waitingOf(subject, { rejection: VANISHED })]
        : [];
    default:
      return [];
  }
}

const recordGone = (pass: Pass, subject: Subject): Waiting[] =>
  isEdited(pass, subject) ? [waitingOf(subject, { rejection: RECORD_DELETED })] : [];

const isEdited = ({ open }: Pass, { link, local }: Subject): boolean =>
  link !== undefined && local !== 'missing' && isLocallyEdited(withoutHeld(link), local, open.mapping);

const isRemotelyEdited = ({ open }: Pass, { link, remote }: Subject): boolean =>
  link !== undefined &&
  typeof remote !== 'string' &&
  !remote.isDeleted &&
  !equalsBase(withoutHeld(link), remote, open.mapping);
