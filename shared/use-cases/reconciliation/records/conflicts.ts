import { nowIso } from '../../../contracts/clock.ts';
import type { RemoteRecord } from '../../../sync/model/record.ts';
import type { FieldValue } from '../../../sync/model/values.ts';
import { isAfter } from '../../../sync/time.ts';
import type { Conflict } from '../../ports/journal.ts';
import { conflictsIn, type Planned } from './applied.ts';
import type { Pass } from './work.ts';

/** A person compares by less; three of the longest texts that Salesforce holds would not fit into one stored item. */
const MAX_SHOWN_CHARS = 10_000;
/** A transaction takes 100 items and 4 MB; beside so many of the longest conflicts the record itself has room. */
export const MAX_CONFLICTS_IN_COMMIT = 30;

/** A conflict's value as it is recorded: a long text by its beginning and its length. */
export function shown<T extends FieldValue | undefined>(value: T): T | string {
  if (typeof value !== 'string' || value.length <= MAX_SHOWN_CHARS) return value;
  return `${value.slice(0, MAX_SHOWN_CHARS).toWellFormed()} … (${value.length} characters)`;
}

/**
 * The conflicts that a plan decides, for its commit: a plan that loses its race was made from sides of different times,
 * and may show conflicts that never were.
 */
export function conflictsOf(pass: Pass, planned: Planned): { readonly conflicts?: readonly Conflict[] } {
  const conflicts = allConflictsOf(pass, planned).slice(0, MAX_CONFLICTS_IN_COMMIT);
  return conflicts.length > 0 ? { conflicts } : {};
}

/** What does not fit into the commits: recorded before them, so that no decision goes without its record. */
export async function recordOverflow(pass: Pass, planned: readonly Planned[]): Promise<void> {
  const overflow = planned.flatMap((one) => allConflictsOf(pass, one).slice(MAX_CONFLICTS_IN_COMMIT));
  if (overflow.length > 0) await pass.ports.journal.recordConflicts(overflow);
}

function allConflictsOf({ open, ports }: Pass, planned: Planned): readonly Conflict[] {
  const { subject, plan } = planned;
  const { localKey, remote, link } = subject;
  // A record that only a person says was deleted: the link knows which one that was.
  const sfId = typeof remote === 'string' ? link?.sfId : remote.sfId;
  if (sfId === undefined) return [];
  const about = {
    mappingId: open.mapping.mappingId,
    localKey,
    sfId,
    at: typeof remote === 'string' ? localEdit(planned, ports) : laterEdit(planned, remote),
    linkVersion: link?.version ?? 0,
  };
  return conflictsIn(plan).map((conflict) => ({
    ...conflict,
    base: shown(conflict.base),
    local: shown(conflict.local),
    remote: shown(conflict.remote),
    ...about,
  }));
}

/** The item's edit, as far as its time is known; nobody knows that of the deletion. */
const localEdit = ({ subject: { localChangedAt, link } }: Planned, { clock }: Pass['ports']): string =>
  localChangedAt ?? link?.localChangedAt ?? nowIso(clock);

/**
 * The stamp of the later edit. The two are compared on Salesforce's clock; the stamp is that of the side's own clock,
 * since each worker measures the skew between the two itself, and a stamp corrected by it would never come out twice.
 */
function laterEdit({ subject, localChangedAtSfClock }: Planned, remote: RemoteRecord): string {
  // A deletion moves the modstamp alone.
  const changedAt = remote.isDeleted ? remote.systemModstamp : remote.lastModifiedDate;
  const isLocalLater = localChangedAtSfClock !== undefined && isAfter(localChangedAtSfClock, changedAt);
  return isLocalLater ? (subject.localChangedAt ?? changedAt) : changedAt;
}
